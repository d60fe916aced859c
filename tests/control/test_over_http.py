"""The control API through the server's own door, and with several processes behind it."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.conftest import StartSandbox
from tests.running import RunningSandbox

BOOK = "/bookings/class"
ADA = {
    "class_instance_id": "ci_yoga_open",
    "client_id": "client_ada",
    "first_name": "A",
    "last_name": "O",
    "user_pass_id": "brgpass_ada",
}


@pytest.fixture(scope="module")
def running():  # type: ignore[no-untyped-def]
    with RunningSandbox() as sandbox:
        yield sandbox


def raw(url: str, head: str, body: bytes = b"") -> tuple[int, dict[str, str]]:
    """What the server answers to exactly these bytes."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body)
        line.settimeout(10)
        received = b""
        while True:
            piece = line.recv(65536)
            received += piece
            if not piece:
                break
    top, _, rest = received.partition(b"\r\n\r\n")
    try:
        told = json.loads(rest).get("error", {})
    except ValueError:
        told = {}
    return int(top.split(b" ")[1]), told


RESET = "POST /_sandbox/worlds/default/reset HTTP/1.1\nConnection: close\nContent-Length: 0\n"


@pytest.mark.parametrize(
    "attack",
    [
        "Host: evil.example\n",
        "Host: 127.0.0.1:4010@evil.example\n",
        "Host: 127.0.0.1\nHost: evil.example\n",
        "Host: evil.example\nHost: 127.0.0.1\n",
        "Host:\n",
        "",
        "Host: 127.0.0.1\nOrigin: null\n",
        "Host: 127.0.0.1\nOrigin: http://evil.example\n",
        "Host: 127.0.0.1\nSec-Fetch-Site: cross-site\n",
        "Host: 127.0.0.1\nContent-Type: application/x-www-form-urlencoded\n",
        "Host: 127.0.0.1\nContent-Type: text/plain\n",
    ],
)
def test_a_web_page_cannot_reset_a_sandbox(running: RunningSandbox, attack: str) -> None:
    line = running.line()
    made = line.post("/_sandbox/worlds/default/snapshots", {"name": f"s{time.monotonic_ns()}"})
    assert made.status == 201
    line.get("/passes")
    asked = line.get("/_sandbox/worlds/default/requests").body["total"]
    status, _ = raw(running.url, RESET + attack)
    assert status in (400, 403, 415)
    assert line.get("/_sandbox/worlds/default/requests").body["total"] == asked
    line.close()


def test_the_absolute_form_does_not_fool_the_guard(running: RunningSandbox) -> None:
    head = "GET http://evil.example/_sandbox/worlds HTTP/1.1\nConnection: close\nHost: evil.example\n"
    assert raw(running.url, head)[0] == 403


def test_a_body_over_eight_megabytes_is_refused_before_it_is_read(running: RunningSandbox) -> None:
    head = (
        "POST /_sandbox/worlds HTTP/1.1\nHost: 127.0.0.1\nConnection: close\nContent-Type: application/json\n"
    )
    status, told = raw(running.url, head + "Content-Length: 900000000\n", b"{")
    assert (status, told["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    "path",
    ["/a%0Ab", "/worlds/a%2Fb/clock", "//worlds", "/worlds/", "/worlds/%C3%28", "/worlds/..%2f..", "/%00"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "TRACE", "BREW"])
def test_whatever_the_path_the_refusal_is_in_the_envelope(
    running: RunningSandbox, path: str, method: str
) -> None:
    head = f"{method} /_sandbox{path} HTTP/1.1\nHost: 127.0.0.1\nConnection: close\nContent-Length: 0\n"
    status, told = raw(running.url, head)
    assert status in (400, 404, 405)
    assert told["request_id"].startswith("req_")


def test_health_answers_whoever_asks(running: RunningSandbox) -> None:
    assert (
        raw(running.url, "GET /_sandbox/health HTTP/1.1\nConnection: close\nHost: whatever.example\n")[0]
        == 200
    )


def test_fail_twice_then_succeed_is_exact_over_http(running: RunningSandbox) -> None:
    line = running.line()
    world = line.post("/_sandbox/worlds", {}).body
    key = world["accounts"][0]["api_key"]
    line.post(
        f"/_sandbox/worlds/{world['id']}/faults",
        {"operation": "list_passes", "when": "before", "status": 503, "times": 2},
    )

    def ask(_: int) -> int:
        own = running.line(key)
        try:
            return own.get("/passes").status
        finally:
            own.close()

    with ThreadPoolExecutor(8) as threads:
        came = list(threads.map(ask, range(24)))
    assert sorted(came) == [200] * 22 + [503] * 2
    line.close()


def test_several_processes_share_worlds_clock_faults_and_journal(
    running_sandbox: StartSandbox, shared_database: str
) -> None:
    sandbox = running_sandbox(shared_database, 2)
    lines = [sandbox.line() for _ in range(6)]
    world = lines[0].post("/_sandbox/worlds", {"id": "shared"}).body
    key = world["accounts"][0]["api_key"]
    lines[1].post(
        "/_sandbox/worlds/shared/faults",
        {"operation": "list_passes", "when": "before", "status": 503, "times": 3},
    )
    callers = [sandbox.line(key) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        came = list(threads.map(lambda one: one.get("/passes").status, callers))
    assert sorted(came) == [200] * 5 + [503] * 3
    assert callers[0].post(BOOK, ADA).status == 201
    for line in lines:
        assert (
            line.get("/_sandbox/worlds/shared/clients/client_ada").body["bookings"][0]["status"] == "PENDING"
        )
    lines[2].post("/_sandbox/worlds/shared/clock", {"advance": "P9D"})
    for caller in callers:
        booked = caller.get("/clients/client_ada/bookings").body["data"]
        assert [one["status"] for one in booked] == ["COMPLETED"]
    time.sleep(0.25)  # what several processes were asked is in the journal by then
    asked = 8 + 1 + 8
    for line in lines:
        assert line.get("/_sandbox/worlds/shared/requests").body["total"] == asked
    lines[3].post("/_sandbox/worlds/shared/reset")
    assert callers[5].get("/clients/client_ada/bookings").body["data"] == []
    for line in (*lines, *callers):
        line.close()
