"""Prism stands between the contract suite and the sandbox, and finds every answer as openapi.yaml has it.

Prism reads the document and checks answers with code of its own, so it would notice where our reading of the
document and our answers are wrong in the same way. Requests go unchecked, as the suite sends wrong ones on
purpose. Prism takes up to a tenth of a second for each; so a few rules of every part of the API go through
it in every run, some four hundred requests, and with BARDGE_TESTS_LONG=1 all of them, over two thousand.
"""

import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from benchmarks.peers import CannotBeHad, from_npm
from tests.conftest import LONG, StartSandbox, missing
from tests.contract import fakes
from tests.running import BASE

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
A_FEW_RULES = ("PASS-1", "BOOK-3", "BOOK-22", "CODE-1", "COPAY-2", "CRED-3", "LOOK-2", "IDEM-1")
RULES = [] if LONG else [word for rule in A_FEW_RULES for word in ("--only", rule)]
AT_LEAST = 1500 if LONG else 150  # answers that Prism has to have seen
PATIENCE = 1100 if LONG else 100


class Prism:
    def __init__(self, url: str, said: list[str]) -> None:
        self.url, self._said = url, said

    def answers_seen(self) -> int:
        return sum("has returned" in line for line in self._said)

    def violations(self) -> list[str]:
        """What it had to say about answers; wrong requests are the suite's business."""
        return [
            line.strip() for line in self._said if re.search(r"violation: (?!request)", line, re.IGNORECASE)
        ]


@pytest.fixture(scope="module")
def program() -> Path:
    try:
        return from_npm("@stoplight/prism-cli", "5.16.0", "prism")()
    except CannotBeHad as reason:
        missing(f"Prism ({reason})")
        raise


@contextmanager
def standing_before(program: Path, upstream: str) -> Iterator[Prism]:
    port = free_port()
    command = [str(program), "proxy", str(ROOT / "openapi.yaml"), upstream, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--validate-request", "false"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    listening = threading.Event()
    listener = threading.Thread(target=listen, args=(process.stdout, said, listening), daemon=True)
    listener.start()
    try:
        assert listening.wait(START_SECONDS), "Prism did not start:\n" + "".join(said)
        yield Prism(f"http://127.0.0.1:{port}", said)
    finally:
        process.terminate()
        process.wait(20)
        listener.join(20)
        process.stdout.close()


def listen(output: IO[str], said: list[str], listening: threading.Event) -> None:
    for line in output:
        said.append(line)
        if "Prism is listening" in line:
            listening.set()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def run_suite(target: str, control: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "contract_tests",
        "run",
        "--quick",
        "--level",
        "full",
        "--target",
        target,
    ]
    command += ["--key", "sk_sandbox_demo", "--control", control, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_prism_notices_an_answer_that_is_wrong(program: Path) -> None:
    """The witness has eyes: an empty object where a list was promised."""
    with fakes.served(fakes.always_ok) as wrong, standing_before(program, wrong) as prism:
        asked = urllib.request.Request(f"{prism.url}/passes", headers={"Authorization": "Bearer sk"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert "response" in answer.headers["sl-violations"]
        wait_until_said(prism)


def wait_until_said(prism: Prism) -> None:
    deadline = time.monotonic() + 10
    while not prism.violations():
        assert time.monotonic() < deadline, "Prism says nothing about a wrong answer"
        time.sleep(0.05)


@pytest.mark.timeout(PATIENCE + 20)
def test_prism_finds_nothing_while_rules_run_through_it(program: Path, running_sandbox: StartSandbox) -> None:
    url = running_sandbox().url
    with standing_before(program, url + BASE) as prism:
        done = run_suite(prism.url, url + "/_sandbox", *RULES)
    assert prism.answers_seen() >= AT_LEAST, done.stdout + done.stderr
    assert not prism.violations()
    # some wrong requests Prism refuses in its own words (no key, an unknown path), and no rule forgives that
    assert LONG or done.returncode == 0, done.stdout + done.stderr
