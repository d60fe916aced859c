"""A target may quote the key it was sent; nobody reads it in what a run leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sandbox import app
from sandbox.settings import Settings
from sandbox.wire import Answer, Request, Response
from tests.contract.test_never_green_by_accident import judge
from tests.in_process import KEY, Line, serve
from tests.running import BASE


@pytest.fixture
def a_target_that_quotes_keys() -> Iterator[str]:
    sandbox = app.build(Settings())
    respond = sandbox.gateway.respond

    def respond_with_the_key(request: Request) -> Answer:
        answer = respond(request)
        if not isinstance(answer, Response):
            return answer
        key = (request.header("authorization") or "").encode()
        said = b'"message":"You sent %s with lkpt_abcdef0123456789. ' % key
        return msgspec.structs.replace(answer, body=answer.body.replace(b'"message":"', said))

    sandbox.gateway.respond = respond_with_the_key
    yield serve(Line(sandbox)) + BASE
    sandbox.close()


@pytest.mark.parametrize("key", [KEY, "sk_live_of_nobody"])
def test_a_key_that_the_target_quotes_is_in_no_report_and_on_no_terminal(
    a_target_that_quotes_keys: str, tmp_path: Path, key: str
) -> None:
    partner = ("--partner-key", "sk_sandbox_partner")
    done = judge(a_target_that_quotes_keys, *partner, "--only", "ERR", "--report", str(tmp_path), key=key)
    left_behind = [done.stdout, done.stderr, *(one.read_text() for one in tmp_path.iterdir())]
    assert any("You sent Bearer ***" in text for text in left_behind)
    for secret in (key, "sk_sandbox_partner", "lkpt_abcdef"):
        assert [text[:80] for text in left_behind if secret in text] == []
