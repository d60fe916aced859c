"""`python -m tests.miniatures`: the contract suite against every miniature, and the kill matrix.

Each miniature lives in a process of its own, forked from one that has everything loaded: a sandbox with one sin
committed, and the suite as it is, at level full, whose requests are handed to the gateway without a socket between
them. A miniature is killed when the run fails *and* names the requirement it breaks; the run ends there. One that
survives has seen the whole suite.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import click

import contract_tests.__main__
import contract_tests.rules
import pytest
from contract_tests.__main__ import main as suite
from contract_tests.conftest import RUN, ids_of
from contract_tests.requirement import read_requirements
from contract_tests.target import Received, Unreachable, Wire
from sandbox import app
from sandbox.settings import Settings
from sandbox.web.doors import body_limit
from sandbox.wire import Delayed, Request, Response
from tests.miniatures import BANK, Miniature
from tests.miniatures.craft import read_sources
from tests.miniatures.matrix import Fate, page, uncovered

MATRIX = Path(__file__).resolve().parents[2] / "docs" / "kill-matrix.md"
KEY = "sk_sandbox_demo"
ORIGIN = "http://sandbox.in.process"
SUITE_BROKE = 2
# loaded once, for all children
RULES = [
    f"contract_tests.rules.{file.stem}" for file in Path(contract_tests.rules.__path__[0]).glob("test_*.py")
]
PRELOADED = ("rich.table", *RULES)


@dataclass(slots=True)
class Trial:
    """One miniature on its way, in a child of ours."""

    miniature: Miniature
    folder: Path
    began: float = field(default_factory=time.monotonic)

    def fate(self, exit_code: int) -> Fate:
        report = self.folder / "report.json"
        verdicts = json.loads(report.read_text("utf-8"))["requirements"] if report.exists() else []
        failed = tuple(entry["id"] for entry in verdicts if entry["verdict"] == "failed")
        log = (self.folder / "suite.log").read_text("utf-8", "replace")
        trouble = "" if exit_code != SUITE_BROKE else log[-600:]
        return Fate(self.miniature, exit_code, failed, time.monotonic() - self.began, trouble)


class Line:
    """From the suite's wire to the gateway, as a server would carry it: one request at a time."""

    def __init__(self, sandbox: app.Sandbox) -> None:
        self.sandbox = sandbox
        self.loop = threading.Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Received:
        started = time.perf_counter()
        request = self._request(method, url, headers, body or b"")
        of_control = request.path.startswith("/_sandbox/")
        with self.loop:
            answer = (self.sandbox.control if of_control else self.sandbox.gateway).respond(request)
        while isinstance(answer, Delayed):
            time.sleep(answer.seconds)
            with self.loop:
                answer = answer.then()
        if answer.drop is not None:
            raise Unreachable("the connection was cut")
        return _received(answer, method, (time.perf_counter() - started) * 1000)

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request:
        parts = urlsplit(url)
        told = {"host": "127.0.0.1"} | {name.lower(): value for name, value in headers.items()}
        too_large = len(body) > body_limit(parts.path)
        return Request(method, parts.path, parts.query, told, b"" if too_large else body, too_large)


def _received(answer: Response, method: str, milliseconds: float) -> Received:
    body = b"" if method == "HEAD" else answer.body
    return Received(answer.status, dict(answer.headers), body, milliseconds)


def serve(line: Line) -> str:
    """The same line behind a socket; the origin. It ends with this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = line.send(self.command, self.path, dict(self.headers), body)
            self.send_response(got.status)
            for name, value in got.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(got.body)))
            self.end_headers()
            self.wfile.write(got.body)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class Hurried(contract_tests.__main__.Bar):
    """Runs the tests of what is broken first, and ends the run when all of it is named: a kill is a kill."""

    broken: tuple[str, ...] = ()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: not set(ids_of(item)) & set(self.broken))

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        failures = item.config.stash[RUN].ledger.failures
        if all(failures.get(name) for name in self.broken):
            item.session.shouldfail = "everything that is broken was named"


def put_on_trial(miniature: Miniature, sandbox: app.Sandbox, folder: Path) -> int:
    """The pid of a process that commits the sin, judges it and ends with it."""
    return _child(folder / "suite.log", lambda: _judge(miniature, sandbox, folder))


def _child(log: Path, act: Callable[[], int]) -> int:
    """Nothing of ours that lies above is unwound in the child."""
    pid = os.fork()
    if pid:
        return pid
    code = SUITE_BROKE
    try:
        paper = os.open(log, os.O_WRONLY | os.O_CREAT)
        os.dup2(paper, 1)
        os.dup2(paper, 2)
        code = act()
    except SystemExit as done:
        code = int(done.code or 0)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


def _judge(miniature: Miniature, sandbox: app.Sandbox, folder: Path) -> int:
    miniature.sin()
    Hurried.broken = miniature.breaks
    contract_tests.__main__.Bar = Hurried  # type: ignore[misc]
    line = Line(sandbox)
    if miniature.whole:  # generated cases bring a client of their own
        origin = serve(line)
    else:
        origin = ORIGIN
        Wire._send_once = lambda self, *asked: line.send(*asked)  # type: ignore[method-assign]
    arguments = ["run", "--target", origin + miniature.base, "--control", f"{origin}/_sandbox", "--key", KEY]
    arguments += ["--level", "full", "--report", str(folder), "--format", "json"] + (
        [] if miniature.whole else ["--quick"]
    )
    suite(arguments, standalone_mode=False)
    return SUITE_BROKE


def try_all(miniatures: Sequence[Miniature], jobs: int) -> list[Fate]:
    read_sources()
    sandbox = app.build(Settings(journal=50))
    waiting, fates = list(miniatures), []
    running: dict[int, Trial] = {}
    with tempfile.TemporaryDirectory() as root:
        while waiting or running:
            while waiting and len(running) < jobs:
                miniature = waiting.pop(0)
                folder = Path(root) / miniature.name
                folder.mkdir()
                running[put_on_trial(miniature, sandbox, folder)] = Trial(miniature, folder)
            pid, status = os.wait()
            fates.append(running.pop(pid).fate(os.waitstatus_to_exitcode(status)))
            _tell(fates[-1], len(fates), len(miniatures))
    return fates


def _tell(fate: Fate, done: int, of: int) -> None:
    mark = "killed  " if fate.killed else "SURVIVED"
    unnamed = (
        "" if fate.killed else f" exit {fate.exit_code}, not named: {', '.join(fate.unnamed)} {fate.trouble}"
    )
    click.echo(f"{done:4}/{of} {mark} {fate.miniature.name} ({fate.seconds:.0f} s){unnamed}")


PRELOADED = ("sandbox.app", "pytest", "urllib3", "jsonschema_rs", "uvloop")  # once, for all children


@click.command()
@click.option("--only", multiple=True, help="A miniature's name, or a requirement or rule it breaks.")
@click.option("--jobs", type=int, default=os.cpu_count() or 1, show_default=True)
@click.option("--write/--no-write", default=True, help="Publish docs/kill-matrix.md after a whole run.")
def main(only: tuple[str, ...], jobs: int, write: bool) -> None:
    """Run the contract suite against every miniature."""
    for name in PRELOADED:
        importlib.import_module(name)
    bank = sorted(BANK, key=lambda miniature: miniature.whole)  # the slow ones last
    chosen = [m for m in bank if not only or {m.name, *m.breaks} & set(only)]
    fates = try_all(chosen, jobs)
    survivors = [fate for fate in fates if not fate.killed]
    missing = uncovered(BANK, read_requirements())
    click.echo(f"{len(fates) - len(survivors)} of {len(fates)} miniatures killed")
    for fate in survivors:
        click.echo(f"  survived: {fate.miniature.name}: {', '.join(fate.unnamed)}")
    if missing:
        click.echo(f"  no miniature breaks: {', '.join(missing)}")
    if write and not only:
        MATRIX.write_text(page(sorted(fates, key=lambda f: f.miniature.name), read_requirements()), "utf-8")
    sys.exit(1 if survivors or missing else 0)


if __name__ == "__main__":
    main()
