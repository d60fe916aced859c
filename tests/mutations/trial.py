"""A mutant on trial: a process that is the sandbox with one thing wrong, and the whole suite before it.

The suite is collected once. Every trial is a fork of that, from just before the first request: it forgets the
sandbox it knows, imports it afresh with the mutant in it, and runs until something fails. The first fork is
the rehearsal: it changes nothing, must come through, and notes which test executes which lines. The others
begin with the tests that execute theirs; none is left out, so what survives has seen the whole suite. The
order may be at fault too: what fails elsewhere is tried again in the suite's own order, and what is only
blocked, for want of an unused class, say, is asked for once more with nothing before it.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import coverage
import pytest

import contract_tests.__main__
from contract_tests.__main__ import main as suite
from contract_tests.conftest import LAYERS, RUN, ids_of
from contract_tests.run import Run
from contract_tests.verdict import COULD_NOT_JUDGE
from tests import in_process
from tests.mutations.mutant import DOMAIN, Mutant

Verdict: TypeAlias = Literal["caught", "hung", "stillborn", "unjudged", "survived"]

BASE = in_process.ORIGIN + "/v3/api/business/reseller"
IN_CIRCLES = 2  # times what the rehearsal took: who needs more processor time runs in circles
STILLBORN, FAILED_ELSEWHERE, BLOCKED = 70, 71, 72  # exit codes of trials, beside the suite's own
FORGOTTEN = ("sandbox", "tests.in_process")


class Unrehearsed(Exception):
    """The suite does not pass on the sandbox as it is, so nothing can be said of mutants."""


@dataclass(frozen=True, slots=True)
class Fate:
    mutant: Mutant
    verdict: Verdict
    by: str = ""  # the requirements that were named
    reached: bool = True  # some test executes its lines
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Note:
    """What the rehearsal saw of one test."""

    seconds: float
    lines: frozenset[tuple[str, int]]  # of the domain, as ("visits.py", 42)


@dataclass(frozen=True, slots=True)
class Trial:
    mutant: Mutant
    touching: frozenset[str]
    order: Literal["touching first", "the suite's own", "the blocked alone"] = "touching first"
    blocked: frozenset[str] = frozenset()  # requirements
    began: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Notes:
    of_tests: dict[str, Note] = field(default_factory=dict)

    def touching(self, mutant: Mutant) -> set[str]:
        """The tests that execute its lines."""
        wanted = {(mutant.file, line) for line in mutant.lines}
        return {test for test, note in self.of_tests.items() if note.lines & wanted}

    def chosen(self, items: Sequence[pytest.Item], trial: Trial) -> list[pytest.Item]:
        if trial.order == "the blocked alone":
            return [item for item in items if trial.blocked & set(ids_of(item))]
        return (
            sorted(items, key=partial(self._rank, trial)) if trial.order == "touching first" else list(items)
        )

    def _rank(self, trial: Trial, item: pytest.Item) -> tuple[bool, int, float]:
        """Those that execute the mutant first, and of them the rules, the quickest first."""
        layer = LAYERS.index(item.path.parent.name)
        return item.nodeid not in trial.touching, layer, self.of_tests[item.nodeid].seconds


@dataclass(slots=True)
class Ward:
    """Where mutants are made and waited for, so many at a time."""

    waiting: list[Mutant]
    jobs: int
    folder: Path
    tell: Callable[[Fate], None]
    notes: Notes = field(default_factory=Notes)
    cpu_seconds: int = 0  # that a trial may take
    running: dict[int, Trial] = field(default_factory=dict)

    def deliver(self) -> Trial | None:
        """In a child, what it is: of the rehearsal nothing. The parent ends here, when all have ended."""
        pid = os.fork()
        if pid == 0:
            return None
        _, status = os.waitpid(pid, 0)
        if status:
            os._exit(1)
        self.notes = read_notes(self.folder)
        self.cpu_seconds = 10 + round(IN_CIRCLES * resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)
        doubtful: list[Trial] = []
        while self.waiting or doubtful or self.running:
            while (self.waiting or doubtful) and len(self.running) < self.jobs:
                trial = doubtful.pop() if doubtful else self._trial(self.waiting.pop(0))
                pid = os.fork()
                if pid == 0:
                    return trial
                self.running[pid] = trial
            doubtful += self._ended()
        os._exit(0)

    def _trial(self, mutant: Mutant) -> Trial:
        return Trial(mutant, frozenset(self.notes.touching(mutant)))

    def _ended(self) -> list[Trial]:
        """Waits for one, and tells what became of it, or gives it back to be tried again."""
        pid, status = os.wait()
        trial, exit_code = self.running.pop(pid), os.waitstatus_to_exitcode(status)
        told = self.folder / f"{trial.mutant.name}.named"
        by = told.read_text("utf-8") if told.exists() else ""
        if exit_code == FAILED_ELSEWHERE:
            return [replace(trial, order="the suite's own")]
        if exit_code == BLOCKED:
            return [replace(trial, order="the blocked alone", blocked=frozenset(by.split()))]
        spent = time.monotonic() - trial.began
        self.tell(Fate(trial.mutant, verdict_of(exit_code), by, bool(trial.touching), spent))
        return []


def verdict_of(exit_code: int) -> Verdict:
    if exit_code == -signal.SIGXCPU:
        return "hung"
    known: dict[int, Verdict] = {0: "survived", 1: "caught", STILLBORN: "stillborn"}
    return known.get(exit_code, "unjudged")


class Bench(contract_tests.__main__.Bar):
    """The suite, collected once. What comes out of `pytest_collection_finish` is one fork for each trial."""

    ward: ClassVar[Ward]
    trial: Trial | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.trial = self.ward.deliver()
        if self.trial is None:
            rehearsal = Rehearsal()
            session.config.pluginmanager.register(rehearsal)
            rehearsal.begin(self.ward.folder)
        else:
            session.items[:] = self.ward.notes.chosen(session.items, self.trial)
            resource.setrlimit(resource.RLIMIT_CPU, (self.ward.cpu_seconds, self.ward.cpu_seconds + 1))
        with born():
            become(self.trial.mutant if self.trial else None)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        named = failed(item.config.stash[RUN])
        if named and self.trial is not None:
            plain = self.trial.order != "touching first" or item.nodeid in self.trial.touching
            said = item.config.stash[RUN].ledger.failures[named[0]][0].sentence
            self._end(
                self.trial, f"{' '.join(named)} in {item.name}: {said}", 1 if plain else FAILED_ELSEWHERE
            )

    def pytest_contract_judged(self, sentences: list[tuple[str, str]], headline: str) -> None:
        super().pytest_contract_judged(sentences, headline)
        trial, blocked = self.trial, [name for name, _ in sentences]
        if trial is None or not blocked:
            return
        if trial.order == "touching first":
            self._end(trial, " ".join(blocked), BLOCKED)
        still = [name for name in blocked if name in trial.blocked or not trial.blocked]
        self._end(trial, " ".join(still), 1 if still else 0)

    def _end(self, trial: Trial, named: str, exit_code: int) -> None:
        """Nothing is left to learn."""
        (self.ward.folder / f"{trial.mutant.name}.named").write_text(named, "utf-8")
        os._exit(exit_code)


def failed(run: Run) -> list[str]:
    return [
        name
        for name, findings in run.ledger.failures.items()
        if findings and run.requirements[name].binds(run.options.level)
    ]


class Rehearsal:
    """Notes who executes what, while the suite meets the sandbox as it is."""

    def begin(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[str, float] = {}
        self.coverage = coverage.Coverage(data_file=None, include=[f"{DOMAIN}/*"], config_file=False)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        began = time.monotonic()
        result = yield
        self.seconds[item.nodeid] = time.monotonic() - began
        return result

    def pytest_contract_judged(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        lines: dict[str, list[tuple[str, int]]] = {test: [] for test in self.seconds}
        for file in data.measured_files():
            for line, tests in data.contexts_by_lineno(file).items():
                for test in filter(None, tests):
                    lines[test].append((Path(file).name, line))
        told = {test: [self.seconds[test], lines[test]] for test in self.seconds}
        (self.folder / "notes.json").write_text(json.dumps(told), "utf-8")


def read_notes(folder: Path) -> Notes:
    told: dict[str, Any] = json.loads((folder / "notes.json").read_text("utf-8"))
    return Notes(
        {
            test: Note(seconds, frozenset((file, line) for file, line in lines))
            for test, (seconds, lines) in told.items()
        }
    )


# --- becoming -------------------------------------------------------------------------------


@contextmanager
def born() -> Iterator[None]:
    alive = False
    try:
        yield
        alive = True
    finally:
        if not alive:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(STILLBORN)


def become(mutant: Mutant | None) -> None:
    """This process forgets the sandbox it knows and is another one from here on."""
    for name in [name for name in sys.modules if name.startswith(FORGOTTEN)]:
        del sys.modules[name]
    if mutant is not None:
        sys.meta_path.insert(0, Misprint(mutant))
    fresh = importlib.import_module("tests.in_process")
    settings = importlib.import_module("sandbox.settings").Settings(journal=50)
    fresh.carry(fresh.Line(fresh.app.build(settings)))


@dataclass(frozen=True)
class Misprint(MetaPathFinder, InspectLoader):
    """Finds one module, the mutant's, and reads it as the mutant has it."""

    mutant: Mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname == self.mutant.module else None

    def get_source(self, fullname: str) -> str:
        return self.mutant.source


# --- all of them ----------------------------------------------------------------------------


def try_all(
    mutants: Sequence[Mutant], jobs: int, folder: Path, options: Sequence[str] = ()
) -> Iterator[Fate]:
    """Fates as they are known. `options` are the suite's own, to be quick about it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _judge_all(mutants, jobs, folder, (writing, options))
    os.close(writing)
    known = {mutant.name: mutant for mutant in mutants}
    with os.fdopen(reading, encoding="utf-8") as lines:
        for line in lines:
            name, *rest = json.loads(line)
            yield Fate(known[name], *rest)
    _, status = os.waitpid(pid, 0)
    if status:
        raise Unrehearsed((folder / "suite.log").read_text("utf-8", "replace")[-2000:])


def _judge_all(mutants: Sequence[Mutant], jobs: int, folder: Path, rest: tuple[int, Sequence[str]]) -> None:
    """In a child of ours, which ends here: collects the suite, and `Bench` forks it."""
    writing, options = rest
    paper = os.open(folder / "suite.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(paper, 1)
    os.dup2(paper, 2)

    def tell(fate: Fate) -> None:
        line = json.dumps([fate.mutant.name, fate.verdict, fate.by, fate.reached, fate.seconds])
        os.write(writing, f"{line}\n".encode())

    Bench.ward = Ward(list(mutants), jobs, folder, tell)
    contract_tests.__main__.Bar = Bench  # type: ignore[misc]  # the suite makes one of these for a run
    where = ["--target", BASE, "--control", f"{in_process.ORIGIN}/_sandbox", "--key", in_process.KEY]

    def run() -> int:
        suite(["run", *where, "--level", "full", *options], standalone_mode=False)
        return COULD_NOT_JUDGE  # a run ends by exiting

    in_process.last_act(run, COULD_NOT_JUDGE)
