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
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

import contract_tests.__main__
import contract_tests.rules
from contract_tests.__main__ import main as suite
from contract_tests.conftest import RUN, ids_of
from contract_tests.requirement import read_requirements
from contract_tests.target import Received, Unreachable, Wire
from sandbox import app
from sandbox.settings import Settings
from sandbox.web.doors import body_limit
from sandbox.wire import Delayed, Request, Response
from tests.miniatures import BANK, Miniature
from tests.miniatures.craft import BASE, read_sources
from tests.miniatures.matrix import Fate, page, uncovered

MATRIX = Path(__file__).resolve().parents[2] / "docs" / "kill-matrix.md"
KEY = "sk_sandbox_demo"
ORIGIN = "http://sandbox.in.process"
SUITE_BROKE = 2
TERMINAL = os.dup(1)  # children write elsewhere; what became of them is told here
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

    def order(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: not set(ids_of(item)) & set(self.broken))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.order(items)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        failures = item.config.stash[RUN].ledger.failures
        if all(failures.get(name) for name in self.broken):
            item.session.shouldfail = "everything that is broken was named"


class Nursery(Hurried):
    """The suite, collected once. Each miniature is a fork of it, from just before the first request."""

    ward: Ward

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        born = self.ward.deliver()
        if born is None:
            os._exit(0)  # the parent of all: its work is done in `deliver`
        miniature, folder = born
        self.broken = miniature.breaks
        self.order(session.items)
        run = session.config.stash[RUN]
        run.options = replace(run.options, target=ORIGIN + miniature.base, report=folder)


@dataclass(slots=True)
class Ward:
    """Where miniatures are made and waited for, so many at a time."""

    waiting: list[Miniature]
    jobs: int
    root: Path
    sandbox: app.Sandbox
    tell: Callable[[Fate], None]
    running: dict[int, Trial] = field(default_factory=dict)

    def deliver(self) -> tuple[Miniature, Path] | None:
        """In a child, what it is; in the parent nothing, when all have ended."""
        while self.waiting or self.running:
            while self.waiting and len(self.running) < self.jobs:
                miniature = self.waiting.pop(0)
                folder = self._folder(miniature)
                pid = os.fork()
                if pid == 0:
                    _write_to(folder / "suite.log")
                    miniature.sin()
                    return miniature, folder
                self.running[pid] = Trial(miniature, folder)
            self.wait()
        return None

    def wait(self) -> None:
        pid, status = os.wait()
        self.tell(self.running.pop(pid).fate(os.waitstatus_to_exitcode(status)))

    def _folder(self, miniature: Miniature) -> Path:
        folder = self.root / miniature.name
        folder.mkdir()
        return folder

    def deliver_whole(self) -> None:
        """Those that the whole suite is needed for: one by one, each collecting for itself."""
        while self.waiting or self.running:
            while self.waiting and len(self.running) < self.jobs:
                miniature = self.waiting.pop(0)
                folder = self._folder(miniature)
                pid = _child(folder / "suite.log", partial(_judge_whole, miniature, self.sandbox, folder))
                self.running[pid] = Trial(miniature, folder)
            self.wait()


def _child(log: Path, act: Callable[[], int]) -> int:
    """Nothing of ours that lies above is unwound in the child."""
    pid = os.fork()
    if pid:
        return pid
    code = SUITE_BROKE
    try:
        _write_to(log)
        code = act()
    except SystemExit as done:
        code = int(done.code or 0)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


def _write_to(log: Path) -> None:
    paper = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(paper, 1)
    os.dup2(paper, 2)


def _arguments(origin: str, folder: Path) -> list[str]:
    where = ["--target", origin, "--control", f"{urlsplit(origin)._replace(path='').geturl()}/_sandbox"]
    return ["run", *where, "--key", KEY, "--level", "full", "--report", str(folder), "--format", "json"]


def _judge_whole(miniature: Miniature, sandbox: app.Sandbox, folder: Path) -> int:
    miniature.sin()
    Hurried.broken = miniature.breaks
    contract_tests.__main__.Bar = Hurried  # type: ignore[misc]
    suite(_arguments(serve(Line(sandbox)) + miniature.base, folder), standalone_mode=False)
    return SUITE_BROKE


def _judge_all(ward: Ward) -> int:
    """Collects the suite; `Nursery` forks it."""
    line = Line(ward.sandbox)
    Wire._send_once = lambda self, *asked: line.send(*asked)  # type: ignore[method-assign]
    Nursery.ward = ward
    contract_tests.__main__.Bar = Nursery  # type: ignore[misc]
    suite([*_arguments(ORIGIN + BASE, ward.root), "--quick"], standalone_mode=False)
    return SUITE_BROKE


def try_all(miniatures: Sequence[Miniature], jobs: int) -> list[Fate]:
    read_sources()
    sandbox = app.build(Settings(journal=50))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        book = root / "fates.jsonl"

        def tell(fate: Fate) -> None:
            with book.open("a", encoding="utf-8") as lines:
                lines.write(
                    json.dumps([fate.miniature.name, fate.exit_code, fate.failed, fate.trouble]) + "\n"
                )
            os.write(TERMINAL, _line(fate).encode())

        quick = [m for m in miniatures if not m.whole]
        if quick:
            ward = Ward(quick, jobs, root, sandbox, tell)
            os.waitpid(_child(root / "nursery.log", partial(_judge_all, ward)), 0)
        Ward([m for m in miniatures if m.whole], jobs, root, sandbox, tell).deliver_whole()
        return _fates(book, root / "nursery.log")


def _fates(book: Path, log: Path) -> list[Fate]:
    if not book.exists():
        raise click.ClickException(f"no miniature was tried: {log.read_text('utf-8')[-800:]}")
    known = {miniature.name: miniature for miniature in BANK}
    rows = [json.loads(line) for line in book.read_text("utf-8").splitlines()]
    return [Fate(known[name], code, tuple(failed), 0.0, trouble) for name, code, failed, trouble in rows]


def _line(fate: Fate) -> str:
    mark = "killed  " if fate.killed else "SURVIVED"
    unnamed = (
        "" if fate.killed else f" exit {fate.exit_code}, not named: {', '.join(fate.unnamed)} {fate.trouble}"
    )
    return f"{mark} {fate.miniature.name} ({fate.seconds:.0f} s){unnamed}\n"


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
