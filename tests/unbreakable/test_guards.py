"""The control API attacked as a web page in the tester's own browser would: nothing is done or told."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.conftest import StartSandbox
from tests.running import RunningSandbox

MAKE_WORLD = b'{"id":"stolen"}'


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


def send(
    sandbox: RunningSandbox, method: str, path: str, *headers: str, body: bytes = b""
) -> tuple[int, bytes]:
    """Exactly these bytes, whatever a library would have tidied up. `{port}` is the sandbox's."""
    host, port = sandbox.url.removeprefix("http://").split(":")
    lines = [line.replace("{port}", port) for line in headers]
    head = [f"{method} {path} HTTP/1.1", *lines, f"Content-Length: {len(body)}", "Connection: close"]
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head_of_answer, _, rest = answer.partition(b"\r\n\r\n")
    return int(head_of_answer.split(b" ")[1]), rest


def worlds_of(sandbox: RunningSandbox) -> list[str]:
    line = sandbox.line()
    names = [one["id"] for one in line.ask("GET", "/_sandbox/worlds").body["data"]]
    line.close()
    return names


OWN = "Host: 127.0.0.1:{port}"
JSON = "Content-Type: application/json"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((OWN, JSON, "Origin: http://evil.example"), id="another site's script"),
        pytest.param((OWN, JSON, "Origin: null"), id="a sandboxed frame"),
        pytest.param((OWN, JSON, "Origin: http://127.0.0.1:1"), id="another server of this machine"),
        pytest.param(
            (OWN, JSON, "Origin: http://127.0.0.1.evil.example:{port}"), id="a name that looks like it"
        ),
        pytest.param((OWN, JSON, "Sec-Fetch-Site: cross-site"), id="no origin, but the browser says whence"),
        pytest.param((OWN, JSON, "Sec-Fetch-Site: same-site"), id="a sister site"),
        pytest.param(("Host: evil.example", JSON), id="DNS rebinding"),
        pytest.param(("Host: evil.example:{port}", JSON), id="DNS rebinding with the port"),
        pytest.param(("Host: 127.0.0.1:{port}@evil.example", JSON), id="a tricky host"),
        pytest.param(("Host: 127.0.0.1:{port}", "Host: evil.example", JSON), id="two hosts"),
        pytest.param(("Host: localhost.evil.example:{port}", JSON), id="localhost of somebody else"),
        pytest.param((JSON,), id="no host"),
        pytest.param((OWN, "Content-Type: application/x-www-form-urlencoded"), id="a form"),
        pytest.param((OWN, "Content-Type: text/plain"), id="a form as text"),
        pytest.param((OWN, "Content-Type: multipart/form-data; boundary=x"), id="a form in parts"),
        pytest.param((OWN,), id="no content type"),
    ],
)
def test_a_web_page_cannot_make_a_world(sandbox: RunningSandbox, headers: tuple[str, ...]) -> None:
    status, told = send(sandbox, "POST", "/_sandbox/worlds", *headers, body=MAKE_WORLD)
    assert 400 <= status < 500, told
    assert worlds_of(sandbox) == ["default"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:{port}@evil.example", ""])
@pytest.mark.parametrize("path", ["/_sandbox/worlds", "/_sandbox/worlds/default/accounts"])
def test_a_rebound_name_reads_no_keys(sandbox: RunningSandbox, path: str, host: str) -> None:
    status, told = send(sandbox, "GET", path, f"Host: {host}")
    assert 400 <= status < 500
    assert b"sk_sandbox" not in told


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "OPTIONS", "TRACE", "HEAD"])
def test_no_method_slips_past_the_guard(sandbox: RunningSandbox, method: str) -> None:
    origin = "Origin: http://evil.example"
    status, told = send(sandbox, method, "/_sandbox/worlds/default", OWN, JSON, origin, body=b"{}")
    assert 400 <= status < 500
    assert b"sk_sandbox" not in told
    assert worlds_of(sandbox) == ["default"]


@pytest.mark.parametrize(
    "path", ["/_sandbox/../_sandbox/worlds", "/%5fsandbox/worlds", "//_sandbox/worlds", "/_Sandbox/worlds"]
)
def test_no_spelling_of_the_path_slips_past_the_guard(sandbox: RunningSandbox, path: str) -> None:
    status, _ = send(sandbox, "POST", path, OWN, JSON, "Origin: http://evil.example", body=MAKE_WORLD)
    assert 400 <= status < 500
    assert worlds_of(sandbox) == ["default"]


def test_no_page_of_another_site_may_read_an_answer(sandbox: RunningSandbox) -> None:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"GET /_sandbox/worlds HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: http://evil.example\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).lower()
    assert b"access-control-allow-origin" not in answer


def test_a_token_is_asked_for_and_never_told(running_sandbox: StartSandbox) -> None:
    guarded = running_sandbox("sqlite://", 1, "--control-token", "tester-only")
    assert send(guarded, "GET", "/_sandbox/worlds", OWN)[0] == 401
    assert send(guarded, "GET", "/_sandbox/worlds", OWN, "Authorization: Bearer wrong")[0] == 401
    status, told = send(guarded, "GET", "/_sandbox/worlds", OWN, "Authorization: Bearer tester-only")
    assert status == 200
    assert json.loads(told)["data"]
    assert b"tester-only" not in told
    assert "tester-only" not in "".join(guarded.said)
