"""What a target does not sell is not its fault: only what cannot be tried without it stays untested."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sandbox import app
from sandbox.settings import Settings
from sandbox.wire import Answer, Request, Response
from tests.contract.test_never_green_by_accident import judge
from tests.contract.test_right_sandbox import WITHOUT_CONTROL
from tests.in_process import KEY, Line, serve
from tests.running import BASE

NO_LIMIT, A_LIMIT = b'"visits_allowed":null', b'"visits_allowed":30'


@pytest.fixture
def without_unlimited_passes() -> Iterator[str]:
    """A sandbox that tells a limit, though no test comes near it, for every package it has."""
    sandbox = app.build(Settings())
    respond = sandbox.gateway.respond

    def respond_with_limits(request: Request) -> Answer:
        answer = respond(request)
        if isinstance(answer, Response) and request.path == f"{BASE}/passes":
            return msgspec.structs.replace(answer, body=answer.body.replace(NO_LIMIT, A_LIMIT))
        return answer

    sandbox.gateway.respond = respond_with_limits
    yield serve(Line(sandbox)) + BASE
    sandbox.close()


def test_where_every_pass_counts_its_visits_the_rest_is_judged_all_the_same(
    without_unlimited_passes: str, tmp_path: Path
) -> None:
    alone = ("--profile", str(WITHOUT_CONTROL), "--level", "full", "--report", str(tmp_path))
    done = judge(without_unlimited_passes, *alone, key=KEY)
    report = json.loads((tmp_path / "report.json").read_text())
    verdicts = {one["id"]: one["verdict"] for one in report["requirements"]}
    assert [id_ for id_, verdict in verdicts.items() if verdict in ("failed", "error")] == [], done.stdout
    for_want_of_one = {
        one["id"] for one in report["requirements"] if "unlimited" in json.dumps(one["reasons"])
    }
    assert for_want_of_one == {"PASS-6.2", "PASS-10.1"}  # what only a pass without limit can keep
