"""`bardge-sandbox serve`, as a person meets it: what it prints, what it refuses, how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "sandbox", "serve"]


def run(*flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """For what is refused at the start: it ends by itself."""
    env = {**os.environ, **environment}
    return subprocess.run([*COMMAND, *flags], capture_output=True, text=True, timeout=30, env=env)


class Started:
    """A sandbox process, its greeting read, stopped by pid."""

    def __init__(self, *flags: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--port", "0", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.greeting = ""
        while "http://" not in self.greeting:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            self.greeting += line
        self.url = re.search(r"http://[\d.:]+", self.greeting)[0]

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=20)

    def get(self, path: str) -> int:
        request = urllib.request.Request(self.url + path, headers={"Authorization": "Bearer sk_sandbox_demo"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code

    def read(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read()


def assert_one_clear_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("bardge-sandbox: ")
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_it_greets_with_url_keys_console_and_a_curl_line_that_works():
    with Started() as sandbox:
        while "brgpass_ada" not in sandbox.greeting:
            sandbox.greeting += sandbox.process.stdout.readline()
        for word in ("sk_sandbox_demo", "sk_sandbox_partner", "sk_sandbox_disabled", "/_sandbox/console"):
            assert word in sandbox.greeting
        curl = sandbox.greeting[sandbox.greeting.index("curl -s") :]
        done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=10)
        assert '"status":"PENDING"' in done.stdout
        assert sandbox.get("/v3/api/business/reseller/passes") == 200


def test_a_port_in_use_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_one_clear_line(run("--port", str(port)), str(port), "in use", "--port 0")


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--database", "mysql://here"], "postgresql://"),
        (["--database", "sqlite:////no/such/folder/x.db"], "folder"),
        (["--database", "postgresql://nobody@127.0.0.1:1/none"], "PostgreSQL"),
        (["--spec", "no-such-file.yaml"], "no-such-file.yaml"),
        (["--scenario", "no_such_scenario"], "no_such_scenario"),
        (["--now", "yesterday"], "RFC 3339"),
        (["--workers", "2"], "sqlite:///"),
        (["--workers", "0"], "at least 1"),
        (["--port", "70000"], "65535"),
        (["--host", ""], "--host is empty"),
        (["--control-token", ""], "--control-token is empty"),
        (["--control-token", "let me in"], "visible ASCII"),
        (["--seed", "-1"], "between 0 and"),
        (["--seed", "9007199254740992"], "between 0 and"),
        (["--journal", "-1"], "0 requests or more"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_cannot_start_says_why_in_one_line(flags, word):
    assert_one_clear_line(run("--port", "0", *flags), word)


def test_a_setting_from_the_environment_is_checked_like_a_flag():
    assert_one_clear_line(run(BARDGE_SANDBOX_PORT="many"), "BARDGE_SANDBOX_PORT", "whole number")


def test_a_variable_that_is_neither_yes_nor_no_is_not_taken_for_no():
    assert_one_clear_line(run(BARDGE_SANDBOX_ONLY_TLS="of course"), "BARDGE_SANDBOX_ONLY_TLS", "1 or 0")


def test_an_empty_variable_is_one_that_was_never_set():
    with Started(BARDGE_SANDBOX_HOST="", BARDGE_SANDBOX_CONTROL_TOKEN="", BARDGE_SANDBOX_SEED="") as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox.get("/_sandbox/worlds") == 200


def test_settings_come_from_the_environment():
    with Started(BARDGE_SANDBOX_NOW="2027-02-03T04:05:06Z") as sandbox:
        assert b"2027-02-03T04:05" in sandbox.read("/_sandbox/worlds/default/clock")


def test_an_invalid_document_is_refused_with_its_line(tmp_path: Path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.1.0\ninfo: [\n")
    assert_one_clear_line(run("--port", "0", "--spec", str(broken)), "broken.yaml:")


@pytest.mark.parametrize(
    ("flags", "off"), [([], False), (["--control-token", "let-me-in"], False), (["--host", "0.0.0.0"], True)]
)
def test_the_greeting_says_if_nobody_may_use_the_console(flags: list[str], off: bool):
    with Started(*flags) as sandbox:
        console = next(line for line in sandbox.process.stdout if "Console" in line)
        assert ("--control-token" in console) == off
        assert (sandbox.get("/_sandbox/worlds") == 403) == off


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_finishes_what_is_running_and_exits_0(tmp_path: Path, workers: str):
    with Started("--database", f"sqlite:///{tmp_path}/s.db", "--workers", workers) as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as slow:
            slow.sendall(
                b"GET /v3/api/business/reseller/passes HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                b"Authorization: Bearer sk_sandbox_demo\r\nSandbox-Fault: before; delay_ms=600\r\n\r\n"
            )
            time.sleep(0.3)
            sandbox.process.send_signal(signal.SIGTERM)
            answer = b""
            while piece := slow.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert sandbox.process.wait(15) == 0


def test_it_stops_when_it_is_told_to_while_its_workers_are_being_hired(tmp_path: Path):
    starting = subprocess.Popen(
        [*COMMAND, "--port", "0", "--workers", "4", "--database", f"sqlite:///{tmp_path}/s.db"],
        stdout=subprocess.PIPE,
        text=True,
    )
    family = Path(f"/proc/{starting.pid}/task/{starting.pid}/children")
    try:
        while not family.read_text().split():
            time.sleep(0.01)
        starting.send_signal(signal.SIGTERM)
        greeting, _ = starting.communicate(timeout=20)
    finally:
        starting.kill()  # its workers end with it
    assert (starting.returncode, greeting) == (0, "")


def test_a_database_file_is_found_again_as_it_was_left(tmp_path: Path):
    database = f"sqlite:///{tmp_path}/kept.db"
    clock = "/_sandbox/worlds/default/clock"
    with Started("--database", database, "--now", "2027-02-03T04:05:06Z") as sandbox:
        assert sandbox.get(clock) == 200
    with Started("--database", database, "--now", "2001-01-01T00:00:00Z") as sandbox:
        assert b"2027-02-03" in sandbox.read(clock)


def test_help_lists_every_setting_with_its_environment_variable():
    done = run("--help")
    assert done.returncode == 0
    for name in ("HOST", "PORT", "DATABASE", "SPEC", "SCENARIO", "SEED", "NOW", "WORKERS", "CONTROL_TOKEN"):
        assert f"BARDGE_SANDBOX_{name}" in done.stdout.replace("\n", "").replace(" ", "")


def test_any_document_can_be_mocked(tmp_path: Path):
    document = tmp_path / "pets.yaml"
    document.write_text(
        "openapi: 3.0.3\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      responses:\n"
        "        '200': {description: Pets, content: {application/json: {schema: {type: array}}}}\n"
    )
    with Started("--spec", str(document)) as sandbox:
        assert sandbox.get("/pets") == 200
        assert sandbox.get("/_sandbox/health") == 200
        assert sandbox.get("/cats") == 404
