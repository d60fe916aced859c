"""In a world that others share somebody may be faster; that is not the implementation's fault."""

from collections.abc import Iterator
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
def where_others_are_faster(times: int) -> Iterator[str]:
    """A sandbox in which the first `times` spa sessions go to somebody else."""
    sandbox = app.build(Settings())
    respond, ids, left = sandbox.gateway.respond, RequestIds(), [times]

    def respond_to_the_faster_first(request: Request) -> Answer:
        if request.path.endswith("/bookings/spa") and left[0]:
            left[0] -= 1
            return saying_no.refused(ids.next(), Refusal("slot_unavailable", "It was free a moment ago.", ""))
        return respond(request)

    sandbox.gateway.respond = respond_to_the_faster_first
    yield serve(Line(sandbox)) + BASE
    sandbox.close()


@pytest.mark.parametrize(("faster", "code"), [(0, 0), (2, 0), (10_000, 1)])
def test_a_test_that_was_overtaken_begins_anew_but_not_for_ever(faster: int, code: int) -> None:
    with where_others_are_faster(faster) as target:
        alone = ("--profile", str(WITHOUT_CONTROL), "--only", "BOOK-4.7", "--level", "full")
        done = judge(target, *alone, key=KEY)
    assert done.returncode == code, done.stdout + done.stderr
