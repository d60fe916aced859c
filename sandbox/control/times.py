"""Moments and spans as the control API writes them: RFC 3339 and ISO 8601."""

import re
from datetime import datetime

from sandbox.control.refusals import unfit
from sandbox.domain.moments import DAY, HOUR, MINUTE, SECOND, Millis, from_datetime, plus_months, rfc3339
from sandbox.world.clock import EARLIEST, LATEST, OutOfReach

_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_SPAN = re.compile(
    r"(-?)P(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?"
    rf"(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
EXAMPLES = "P1DT2H, PT15M, P1M (a calendar month) or -PT1H"


def moment_of(text: str, where: str) -> Millis:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        message = f"{where}: '{text}' is no moment. Write RFC 3339, e.g. 2026-05-19T18:00:00+01:00."
        raise unfit(message)
    return from_datetime(read)


def reachable(moment: int) -> Millis:
    """A moment that a clock can stand at."""
    if not EARLIEST <= moment <= LATEST:
        raise OutOfReach
    return Millis(moment)


def advanced(start: int, span: str, where: str) -> int:
    """The moment a span after `start`; months and years are the calendar's, the rest is exact."""
    found = _SPAN.fullmatch(span)
    if found is None or span.endswith(("P", "T")):
        raise unfit(f"{where}: '{span}' is no span of time. Write an ISO 8601 duration: {EXAMPLES}.")
    sign = -1 if found[1] else 1
    years, months, weeks = (int(part or 0) for part in found.groups()[1:4])
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[4:])
    exact = weeks * 7 * DAY + round(days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND)
    calendar = sign * (years * 12 + months)
    if abs(calendar) > 12 * 8_000:
        raise unfit(f"{where}: '{span}' is further than any clock goes.")
    try:
        shifted = plus_months(start, calendar) if calendar else start
    except (ValueError, OverflowError):
        raise unfit(f"{where}: '{span}' is further than any clock goes.") from None
    return shifted + sign * exact


def span(milliseconds: int) -> str:
    """As an ISO 8601 duration, to the second."""
    rest, parts = abs(milliseconds) // SECOND, []
    for letter, size in (("D", DAY // SECOND), ("H", HOUR // SECOND), ("M", MINUTE // SECOND), ("S", 1)):
        count, rest = divmod(rest, size)
        parts.append(f"{count}{letter}" if count else "")
    day, time = parts[0], "".join(parts[1:])
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}P{day}{f'T{time}' if time or not day else ''}" if day or time else "PT0S"


def told(moment: int | None) -> str | None:
    return None if moment is None else rfc3339(moment)
