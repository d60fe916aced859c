"""In a world that others share somebody may be faster; that is not the implementation's fault."""

import itertools
from collections.abc import Container, Iterator
from contextlib import contextmanager

import pytest

from sandbox import app
from sandbox.api import saying_no
from sandbox.api.notes import RequestIds
from sandbox.domain.refusals import Refusal
from sandbox.settings import Settings
from sandbox.wire import Answer, Request
from tests.contract.test_never_green_by_accident import judge
from tests.contract.test_right_sandbox import WITHOUT_CONTROL
from tests.in_process import KEY, Line, serve
from tests.running import BASE


@contextmanager
def where_others_are_faster(kind: str, lost: Container[int]) -> Iterator[str]:
    """A sandbox in which some of the bookings of a kind, counted from 0, go to somebody else."""
    sandbox = app.build(Settings())
    respond, ids, asked = sandbox.gateway.respond, RequestIds(), itertools.count()
    code = {"spa": "slot_unavailable", "class": "class_full"}[kind]

    def respond_to_the_faster_first(request: Request) -> Answer:
        if request.path.endswith(f"/bookings/{kind}") and next(asked) in lost:
            return saying_no.refused(ids.next(), Refusal(code, "It was free a moment ago.", ""))
        return respond(request)

    sandbox.gateway.respond = respond_to_the_faster_first
    yield serve(Line(sandbox)) + BASE
    sandbox.close()


@pytest.mark.parametrize(
    ("rule", "kind", "lost", "code"),
    [
        ("BOOK-4.7", "spa", range(0), 0),
        ("BOOK-4.7", "spa", range(4), 0),
        ("BOOK-4.7", "spa", range(10_000), 1),
        # one of many seats, and what is judged comes later
        ("PASS-6.2", "class", [3], 0),
        ("PASS-6.2", "class", range(3, 10_000, 5), 1),
    ],
)
def test_a_test_that_was_overtaken_begins_anew_but_not_for_ever(
    rule: str, kind: str, lost: Container[int], code: int
) -> None:
    with where_others_are_faster(kind, lost) as target:
        alone = ("--profile", str(WITHOUT_CONTROL), "--only", rule, "--level", "full")
        done = judge(target, *alone, key=KEY)
    assert done.returncode == code, done.stdout + done.stderr
