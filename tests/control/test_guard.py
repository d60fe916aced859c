"""Nobody but the tester: pages of other sites, bent names, forms, and callers from beyond this machine."""

import pytest

from sandbox.control.guard import Guard
from sandbox.domain.refusals import Refusal
from sandbox.settings import Settings
from sandbox.wire import Request
from tests.control.tester import HOST, Tester

JSON = {"content-type": "application/json"}


def admitted(guard: Guard, method: str = "POST", body: bytes = b"{}", **headers: str) -> str:
    """`yes`, or the code of the refusal."""
    told = {"host": HOST, **JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        guard.admit(Request(method, "/_sandbox/worlds", "", {k: v for k, v in told.items() if v}, body))
    except Refusal as refusal:
        return refusal.code
    return "yes"


HERE = Guard.of(Settings())
BEYOND = Guard.of(Settings(host="0.0.0.0"))
WITH_TOKEN = Guard.of(Settings(host="0.0.0.0", control_token="let-me-in"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4010", "localhost:4010", "localhost", "[::1]:4010", "127.0.0.2:80"]
)
def test_a_caller_on_this_machine_needs_nothing(host: str) -> None:
    assert admitted(HERE, host=host) == "yes"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:4010",
        "127.0.0.1:4010@evil.example",
        "127.0.0.1:4010, evil.example",
        "evil.example#127.0.0.1",
        "127.0.0.1.evil.example",
        "localhost.evil.example:4010",
        "2130706433:4010",
        "0x7f000001",
        "127.0.0.1:99999",
        "127.0.0.1:",
        "[::1",
        "127.0.0.1\tevil.example",
        "localhost.",
        "169.254.169.254",
    ],
)
def test_a_name_that_was_bent_to_this_machine_is_refused(host: str) -> None:
    assert admitted(HERE, host=host) == "foreign_host"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://127.0.0.1:3000",
        "http://localhost:4010",
        "http://127.0.0.1:4010.evil.example",
        "http://127.0.0.1:4010/",
        "file://",
        "",
    ],
)
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    request = Request("POST", "/_sandbox/worlds", "", {"host": HOST, "origin": origin, **JSON}, b"{}")
    with pytest.raises(Refusal) as refused:
        HERE.admit(request)
    assert refused.value.code == "foreign_origin"


def test_the_console_of_this_server_is_let_in() -> None:
    assert admitted(HERE, origin=f"http://{HOST}", sec_fetch_site="same-origin") == "yes"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "whatever"])
def test_a_browser_that_tells_of_another_site_is_refused_even_without_an_origin(site: str) -> None:
    assert admitted(HERE, "GET", b"", sec_fetch_site=site) == "foreign_origin"


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "nonsense"]
)
@pytest.mark.parametrize("body", [b"{}", b"", b'{"advance":"P1D"}'])
def test_what_a_form_could_post_is_refused(kind: str, body: bytes) -> None:
    assert admitted(HERE, body=body, content_type=kind) == "unsupported_media_type"


def test_more_than_eight_megabytes_are_refused() -> None:
    assert admitted(HERE, body=b" " * (8 * 2**20 + 1)) == "payload_too_large"
    assert admitted(HERE, body=b" " * (8 * 2**20)) == "yes"


def test_beyond_this_machine_it_is_off_without_a_token_even_for_callers_on_it() -> None:
    assert admitted(BEYOND) == "control_off"
    assert admitted(BEYOND, authorization="Bearer guess") == "control_off"


@pytest.mark.parametrize(
    "sent", ["", "Bearer wrong", "let-me-in", "Basic let-me-in", "Bearer let-me-in x", "Bearer "]
)
def test_a_wrong_token_is_refused(sent: str) -> None:
    assert admitted(WITH_TOKEN, authorization=sent) == "invalid_control_token"


def test_the_token_opens_under_whatever_name_the_server_goes() -> None:
    assert admitted(WITH_TOKEN, host="sandbox:4010", authorization="Bearer let-me-in") == "yes"
    assert admitted(WITH_TOKEN, host="a@b", authorization="Bearer let-me-in") == "foreign_host"


def test_a_token_on_loopback_is_asked_for_too() -> None:
    assert admitted(Guard.of(Settings(control_token="let-me-in"))) == "invalid_control_token"


def test_a_further_name_can_be_allowed() -> None:
    assert (
        admitted(Guard.of(Settings(allow_host="sandbox.team.example")), host="sandbox.team.example") == "yes"
    )


def test_health_answers_always() -> None:
    beyond = Tester(host="0.0.0.0")
    try:
        health = beyond.ask("GET", "/health", host="whatever.example", origin="null")
        assert (health.status, health.body["status"]) == (200, "ok")
        assert beyond.ask("GET", "/worlds").code == "control_off"
        assert beyond.ask("POST", "/health", {}).code == "control_off"
    finally:
        beyond.close()


def test_every_refusal_has_the_envelope_and_a_request_id_of_its_own(tester: Tester) -> None:
    refusals = [
        tester.ask("GET", "/worlds", host="evil.example"),
        tester.ask("GET", "/nope"),
        tester.ask("PUT", "/worlds", {}),
        tester.ask("GET", "/worlds/nobody"),
        tester.ask("POST", "/worlds", b"{"),
        tester.ask("POST", "/worlds", {"unknown": 1}),
        tester.ask("POST", "/worlds", {}, origin="null"),
        tester.ask("GET", "/worlds/a%2Fb"),
    ]
    ids = set()
    for refusal in refusals:
        assert refusal.body["error"].keys() == {"type", "code", "message", "request_id"}
        assert refusal.response.header("Bardge-Request-Id") == refusal.body["error"]["request_id"]
        ids.add(refusal.body["error"]["request_id"])
    assert len(ids) == len(refusals)
    assert [refusal.status for refusal in refusals] == [403, 404, 405, 404, 400, 400, 403, 404]


def test_what_is_refused_changes_nothing(tester: Tester) -> None:
    before = tester.ask("GET", "/worlds").body["total"]
    for headers in ({"origin": "null"}, {"host": "evil.example"}, {"content_type": "text/plain"}):
        assert tester.ask("POST", "/worlds", {}, **headers).status in (403, 415)
    assert tester.ask("GET", "/worlds").body["total"] == before


def test_a_preflight_of_a_browser_is_not_encouraged(tester: Tester) -> None:
    answer = tester.ask("OPTIONS", "/worlds")
    assert answer.status == 405
    assert answer.response.header("Access-Control-Allow-Origin") is None
