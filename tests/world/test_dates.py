"""A fixture says when in words that stay true whatever day it is."""

from datetime import UTC, datetime

import pytest

from sandbox.domain.moments import DAY, HOUR, MINUTE, SECOND, from_datetime, rfc3339
from sandbox.world.dates import moment

START = 1_790_000_000_000  # 2026-09-21T15:13:20+01:00 in Lagos


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("+3d 18:00", "2026-09-24T17:00:00.000Z"),
        ("-40d 09:30", "2026-08-12T08:30:00.000Z"),
        ("+0d", "2026-09-20T23:00:00.000Z"),
        ("+0d 23:59", "2026-09-21T22:59:00.000Z"),
        ("2026-05-19T18:00:00+01:00", "2026-05-19T17:00:00.000Z"),
        ("2026-05-19T17:00:00.250Z", "2026-05-19T17:00:00.250Z"),
        (1_790_000_000_001, "2026-09-21T14:13:20.001Z"),
    ],
)
def test_days_are_counted_from_the_first_business_day(written: str | int, means: str) -> None:
    assert rfc3339(moment(written, START)) == means


@pytest.mark.parametrize(
    ("written", "later"),
    [
        ("now", 0),
        ("now+15m", 15 * MINUTE),
        ("now - 2h", -2 * HOUR),
        ("now+3d", 3 * DAY),
        ("now-90s", -90 * SECOND),
    ],
)
def test_now_is_the_moment_the_world_starts(written: str, later: int) -> None:
    assert moment(written, START) == START + later


def test_the_hour_the_world_starts_at_does_not_move_a_day() -> None:
    midnight = moment("+0d", START)
    assert (
        moment("+3d 18:00", midnight) == moment("+3d 18:00", midnight + DAY - 1) == moment("+3d 18:00", START)
    )


@pytest.mark.parametrize(
    "written",
    [
        "tomorrow",
        "+3d 25:00",
        "3d 18:00",
        "2026-05-19",
        "2026-05-19T18:00:00",
        1_790_000_000,
        1.5,
        True,
        None,
        "+3d 9:00",
    ],
)
def test_what_is_no_moment_is_refused_with_examples(written: object) -> None:
    with pytest.raises(ValueError, match=r"is no moment\. Write '\+3d 18:00'"):
        moment(written, START)  # type: ignore[arg-type]


def test_written_and_read_back_a_moment_is_the_same() -> None:
    when = from_datetime(datetime(2031, 2, 3, 4, 5, 6, 789_000, UTC))
    assert moment(rfc3339(when), START) == when
