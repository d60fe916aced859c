"""pytest and the contract: options, fixtures, and how an outcome becomes a verdict on a requirement."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract_tests.answered import parsed
from contract_tests.api import Api
from contract_tests.control import World
from contract_tests.exchange import without
from contract_tests.given import Given
from contract_tests.profile import Profile, UnreadableProfile, read_profile
from contract_tests.promise import NoDocument, read_promise
from contract_tests.report import FORMATS, write_reports
from contract_tests.report.headline import headline
from contract_tests.requirement import UnknownRequirement, read_requirements
from contract_tests.run import Desk, Lab, Options, Run
from contract_tests.verdict import (
    COULD_NOT_JUDGE,
    Blocked,
    Broken,
    Judgement,
    Verdict,
    counts_against,
    exit_code,
)

RUN = pytest.StashKey[Run]()
# what `judging` said in this test: requirement → what was wrong, if anything
JUDGED = pytest.StashKey[dict[str, BaseException | None]]()
# while a test may still begin anew, somebody else having been faster
MAY_BEGIN_ANEW = pytest.StashKey[bool]()
BEGINS_ANEW = 4
TAKEN = ("slot_unavailable", "class_full")
FOLDER = Path(__file__).parent
# what Python says when an answer is not what a test took it for
MISREAD = (TypeError, ValueError, LookupError, AttributeError, NameError)
# the layers, in the order in which they run
LAYERS = ("rules", "scenarios", "generated", "walk")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bardge contract")
    group.addoption("--target", help="the API's base URL with its path")
    group.addoption("--key", dest="target_key", help="an API key of the target")
    group.addoption("--partner-key", help="a key of a second reseller")
    group.addoption("--disabled-key", help="a key of a disabled account")
    group.addoption("--control", help="the control API's URL: worlds and clocks of our own")
    group.addoption("--control-token", help="the control API's token, if it wants one")
    group.addoption("--profile", type=Path, help="what the target declares, and its known gaps")
    group.addoption(
        "--level", choices=("core", "full"), default="core", help="core judges D and S, full also M and C"
    )
    group.addoption(
        "--only", action="append", default=[], help="a requirement, a rule or a family; may be repeated"
    )
    group.addoption("--quick", action="store_true", help="rule tests only")
    group.addoption("--rate", type=float, help="at most so many requests a second")
    group.addoption(
        "--seed", type=int, default=1, help="of generated cases and of what is picked from the inventory"
    )
    group.addoption("--request-timeout", type=float, default=30.0, help="seconds to wait for an answer")
    group.addoption(
        "--report", type=Path, help="folder for junit.xml, report.json, report.html and badge.svg"
    )
    group.addoption(
        "--format", action="append", dest="report_formats", choices=FORMATS, help="only these reports"
    )
    group.addoption("--reference", help="URL of the API reference that the report links into")
    group.addoption(
        "--openapi", type=Path, help="another openapi.yaml than the one that comes with the suite"
    )


class Hooks:
    """What the suite tells other plugins of the same run."""

    @pytest.hookspec
    def pytest_contract_judged(self, sentences: list[tuple[str, str]], headline: str) -> None:
        """The run is over: what counts against the target, and the last line."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(Hooks)


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("terminal"):
        config.option.tbstyle = "value"  # nobody reads a traceback then, and making one is slow
    config.addinivalue_line("markers", "requirement(*ids): the requirements this test judges")
    if config.option.collectonly and not config.option.target:
        return
    if not config.option.target or not config.option.target_key:
        raise pytest.UsageError("the contract suite needs --target URL and --key KEY")
    try:
        run = _run(config)
    except (NoDocument, UnreadableProfile, UnknownRequirement) as problem:
        raise pytest.UsageError(str(problem)) from problem
    config.stash[RUN] = Run.current = run


def _run(config: pytest.Config) -> Run:
    option = config.option
    requirements = read_requirements()
    for name in option.only:
        requirements.named(name)
    profile = read_profile(option.profile, requirements) if option.profile else Profile()
    options = Options(
        target=option.target,
        key=option.target_key,
        partner_key=option.partner_key,
        disabled_key=option.disabled_key,
        control=option.control or profile.control,
        control_token=option.control_token,
        level=option.level,
        only=tuple(option.only),
        quick=option.quick,
        rate=option.rate,
        seed=option.seed,
        timeout=option.request_timeout,
        report=option.report,
        formats=tuple(option.report_formats or FORMATS),
        reference=option.reference,
    )
    return Run(
        options, requirements, read_promise(option.openapi) if option.openapi else read_promise(), profile
    )


# which tests run


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Under --quick the other layers are not even imported."""
    if config.option.quick and collection_path.parent == FOLDER and collection_path.name in LAYERS[1:]:
        return True
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    run = config.stash.get(RUN, None)
    if run is None:
        return
    ours = [item for item in items if FOLDER in item.path.parents]
    unmarked = [item.nodeid for item in ours if not ids_of(item)]
    unknown = {name for item in ours for name in ids_of(item)} - set(run.requirements)
    if unmarked or unknown:
        raise pytest.UsageError(
            f"tests without a requirement: {unmarked}; unknown requirements: {sorted(unknown)}"
        )
    wanted = _wanted(run)
    kept = [item for item in items if item not in ours or wanted & set(ids_of(item))]
    dropped = [item for item in items if item not in kept]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    items[:] = sorted(kept, key=_layer)


def _wanted(run: Run) -> set[str]:
    """Requirements whose tests run. A standing promise is judged on all traffic, so it wants them all."""
    selected = {n for n in run.selected() if not run.profile.leaves_out(run.requirements[n])}
    if any(by.startswith("standing") for n in selected for by in run.requirements[n].tested_by):
        return {n for n in run.requirements if not run.profile.leaves_out(run.requirements[n])}
    return selected


def _layer(item: pytest.Item) -> int:
    names = item.path.relative_to(FOLDER).parts if FOLDER in item.path.parents else ()
    return LAYERS.index(names[0]) if names and names[0] in LAYERS else len(LAYERS)


def ids_of(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("requirement") for name in mark.args]


# among strangers


class Overtaken(Exception):
    """What stood free was booked by somebody else before the test could: nothing is known, it begins anew."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """In a world that others share, the seat or the time a test has chosen may be gone when it books it.

    Or the seats of a class are other than it left them. Then it begins anew and chooses another; the last
    time around what it meets is what it says, so what is wrong every time is found all the same.
    """
    run = pyfuncitem.config.stash.get(RUN, None)
    if run is None or run.home is not None or FOLDER not in pyfuncitem.path.parents:
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    for _ in range(BEGINS_ANEW):
        pyfuncitem.stash[MAY_BEGIN_ANEW] = True
        try:
            pyfuncitem.obj(**arguments)
        except (Broken, Blocked, Overtaken) as problem:
            if not isinstance(problem, Overtaken) and not overtaken(run):
                raise
            run.ledger.begin(run.ledger.test)
            pyfuncitem.stash[JUDGED] = {}
        else:
            return True
    pyfuncitem.stash[MAY_BEGIN_ANEW] = False
    return None  # the last time is pytest's own


def overtaken(run: Run) -> bool:
    """Does what this test was told leave open that somebody else was faster?"""
    if run.ledger.contested or not run.ledger.current:
        return run.ledger.contested
    last = run.ledger.current[-1]
    told = parsed(last.answered) if last.status == 409 else None
    error = told.get("error") if isinstance(told, dict) else None
    return isinstance(error, dict) and error.get("code") in TAKEN


# from outcomes to verdicts


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    run = session.config.stash.get(RUN, None)
    if run is None or session.config.option.collectonly or not session.items:
        return
    run.begin()
    if run.stopped is not None:
        session.items.clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    run = item.config.stash.get(RUN, None)
    if run is not None:
        item.stash[JUDGED] = {}
        run.ledger.begin(f"{item.path.stem}::{item.name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    run = item.config.stash.get(RUN, None)
    if run is None or FOLDER not in item.path.parents or call.when == "teardown":
        return report
    problem = call.excinfo.value if call.excinfo else None
    judged = item.stash.get(JUDGED, {})
    for name in ids_of(item):
        if name not in judged and (problem is not None or call.when == "call"):
            judged[name] = problem
            _record(run, name, problem)
    if any(judged.values()):
        _show_in_pytest(report, run, {name: said for name, said in judged.items() if said is not None})
    return report


def _show_in_pytest(report: pytest.TestReport, run: Run, problems: dict[str, BaseException]) -> None:
    """A test is red where it counts, and says why in one sentence; the rest is shown as skipped."""
    counts = [n for n, said in problems.items() if run.requirements[n].binds(run.options.level)]
    broke = any(not isinstance(said, Broken | Blocked) for said in problems.values())
    if broke:
        return
    sentences = "\n".join(f"{name}: {said}" for name, said in problems.items())
    if counts:
        report.outcome, report.longrepr = "failed", sentences
    else:
        report.outcome, report.longrepr = "skipped", (report.location[0], report.location[1] or 0, sentences)


def _stood(run: Run, requirement: str) -> None:
    run.ledger.kept(requirement)
    run.ledger.show(requirement, run.ledger.current[-4:])


def _record(run: Run, requirement: str, problem: BaseException | None) -> None:
    if problem is None:
        _stood(run, requirement)
    elif isinstance(problem, Blocked):
        run.ledger.block(requirement, str(problem))
    elif isinstance(problem, Broken):
        run.ledger.broke(requirement, str(problem), problem.exchange)
        run.ledger.show(requirement, run.ledger.current[-6:])
    elif run.ledger.off and isinstance(problem, MISREAD):
        told = f"{type(problem).__name__}: {str(problem)[:200]}"
        run.ledger.block(
            requirement, f"an answer was not as promised (see {run.ledger.off}), so it read as {told}"
        )
    else:
        run.ledger.err(requirement, f"{type(problem).__name__}: {str(problem)[:400]}")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    result = yield
    run = session.config.stash.get(RUN, None)
    if run is None or session.config.option.collectonly:
        return result
    run.end()
    judgements = run.judgements()
    code = exit_code(judgements, run.options.level)
    if run.stopped is not None:
        code = run.stopped.code
    elif session.testscollected == 0 or session.exitstatus in (2, 3, 4):
        code = COULD_NOT_JUDGE
    session.exitstatus = code
    write_reports(run, judgements, code)
    against = [(j.requirement.id, j.reasons[0].sentence) for j in judgements if j.reasons and _tells(j, run)]
    told = [(name, without(run.not_to_be_told, sentence)) for name, sentence in against]
    session.config.hook.pytest_contract_judged(sentences=told, headline=headline(run, judgements))
    return result


def _tells(judgement: Judgement, run: Run) -> bool:
    """Is it worth a line on the screen?"""
    if run.stopped is not None:
        return False
    return counts_against(judgement, run.options.level) or judgement.verdict == Verdict.ERROR


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is not None and not config.option.collectonly:
        terminalreporter.write_line(headline(run, run.judgements()))


# what tests are written with


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    return request.config.stash[RUN]


@pytest.fixture
def judging(request: pytest.FixtureRequest, run: Run) -> Any:
    """`with judging("PAGE-3.1"):` judges one requirement by itself; the test goes on whatever comes of it."""
    item = request.node

    @contextmanager
    def judge(requirement: str) -> Iterator[None]:
        if requirement not in ids_of(item):
            raise LookupError(f"{item.name} judges {requirement} without being marked with it")
        try:
            yield
        except (Broken, Blocked, *MISREAD) as problem:
            if item.stash.get(MAY_BEGIN_ANEW, False) and overtaken(run):
                raise Overtaken from None
            _record(run, requirement, problem)
            item.stash[JUDGED][requirement] = problem
        else:
            _record(run, requirement, None)
            item.stash[JUDGED].setdefault(requirement, None)

    return judge


@pytest.fixture
def desk(run: Run) -> Desk:
    return run.desk()


@pytest.fixture
def api(desk: Desk) -> Api:
    return desk.api


@pytest.fixture
def given(desk: Desk) -> Given:
    return desk.given


@pytest.fixture
def partner(run: Run) -> Api:
    return run.desk("partner").api


@pytest.fixture
def partner_given(run: Run) -> Given:
    return run.desk("partner").given


@pytest.fixture
def world(run: Run) -> World:
    """The control of the world this run lives in: its people, not its clock."""
    if run.home is None:
        raise Blocked("this needs a scanner, messages or a back office: run with --control URL")
    return run.home


@pytest.fixture
def lab(run: Run) -> Iterator[Lab]:
    """A world of this test's own, with a clock that stands still until the test moves it."""
    made = run.lab()
    yield made
    made.world.drop()
