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
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

import contract_tests.__main__
import contract_tests.rules
from contract_tests.__main__ import main as suite
from contract_tests.conftest import RUN, ids_of
from contract_tests.requirement import read_requirements
from sandbox import app
from sandbox.settings import Settings
from tests.in_process import KEY, ORIGIN, Line, carry, last_act, serve
from tests.miniatures import BANK, Miniature
from tests.miniatures.craft import BASE, read_sources
from tests.miniatures.matrix import Fate, page, uncovered

MATRIX = Path(__file__).resolve().parents[2] / "docs" / "kill-matrix.md"
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

    def logged() -> int:
        _write_to(log)
        return act()

    pid = os.fork()
    if not pid:
        last_act(logged, SUITE_BROKE)
    return pid


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
    carry(Line(ward.sandbox))
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
@click.option("--only", multiple=True, help="A miniature's name, or a requirement it breaks.")
@click.option("--jobs", type=int, default=os.cpu_count() or 1, show_default=True)
@click.option("--write/--no-write", default=True, help="Publish docs/kill-matrix.md after a whole run.")
def main(only: tuple[str, ...], jobs: int, write: bool) -> None:
    """Run the contract suite against every miniature."""
    for name in PRELOADED:
        importlib.import_module(name)
    bank = sorted(BANK, key=lambda miniature: miniature.whole)  # the slow ones last
    chosen = [m for m in bank if not only or {m.name, *m.breaks} & set(only)]
    if not chosen:
        raise click.UsageError(f"No miniature is called or breaks {', '.join(only)}. Name one, or PAGE-3.2.")
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
