"""bardge-contract: does this implementation keep the promises of the Bardge reseller API?"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from contract_tests.profile import Profile, UnreadableProfile, read_profile
from contract_tests.report import FORMATS
from contract_tests.report.matrix import NotAReport, matrix
from contract_tests.requirement import PROVENANCE, UnknownRequirement, read_requirements
from contract_tests.verdict import CONFORMANT, COULD_NOT_JUDGE, NOT_CONFORMANT

if TYPE_CHECKING:
    import pytest

FOLDER = Path(__file__).parent
# what a run asks of a target, told before it begins: measured against the sandbox, and a test measures again
REQUESTS = {"whole": 8_000, "whole with control": 12_200, "quick": 2_100, "quick with control": 6_200}
EXIT_CODES = (CONFORMANT, NOT_CONFORMANT, COULD_NOT_JUDGE)  # pytest has some of its own
FEW = 5  # requirements of which the same is said, a line each
# what the extra `contract` brings; whoever reads requirements or compares reports can do without
NEEDED = ("pytest", "hypothesis", "requests", "schemathesis", "urllib3")
GENERATING_PLUGINS = ("_hypothesis_pytestplugin", "schemathesis.pytest.plugin")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bardge-sandbox", prog_name="bardge-contract")
def main() -> None:
    """Verify an implementation of the Bardge reseller API, any implementation.

    Exit code 0: conformant. 1: not conformant. 2: could not judge.
    """


@main.command()
@click.option("--target", help="The API's base URL with its path.", metavar="URL")
@click.option("--key", help="An API key of the target.", envvar="BARDGE_CONTRACT_KEY", metavar="KEY")
@click.option(
    "--partner-key", help="A key of a second reseller.", envvar="BARDGE_CONTRACT_PARTNER_KEY", metavar="KEY"
)
@click.option(
    "--disabled-key",
    help="A key of a disabled account.",
    envvar="BARDGE_CONTRACT_DISABLED_KEY",
    metavar="KEY",
)
@click.option(
    "--control", help="The control API's URL: a world, a clock, messages of our own.", metavar="URL"
)
@click.option(
    "--control-token",
    help="The control API's token.",
    envvar="BARDGE_CONTRACT_CONTROL_TOKEN",
    metavar="TOKEN",
)
@click.option(
    "--profile",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What the target declares.",
)
@click.option("--level", type=click.Choice(["core", "full"]), default="core", show_default=True)
@click.option(
    "--only", multiple=True, help="A requirement, rule or family; may be repeated.", metavar="PAGE-3"
)
@click.option("--quick", is_flag=True, help="Rule tests only.")
@click.option(
    "--rate", type=click.FloatRange(min=0.1), help="At most so many requests a second.", metavar="N"
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds per answer."
)
@click.option(
    "--report", type=click.Path(path_type=Path, file_okay=False), help="Folder for the four reports."
)
@click.option("--format", "format", multiple=True, type=click.Choice(FORMATS), help="Only these reports.")
@click.option("--reference", help="URL of the API reference the report links into.", metavar="URL")
@click.option(
    "--openapi", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Another openapi.yaml."
)
@click.option("--verbose", "-v", is_flag=True, help="Every failure as pytest tells it.")
def run(verbose: bool, **asked: Any) -> None:
    """Judge a target by every requirement."""
    _require_what_is_needed()
    import pytest

    console = Console(stderr=True)
    target, key = _target(asked), asked["key"]
    if not target or not key:
        raise click.UsageError("the suite needs a target (--target URL or a profile's) and --key KEY")
    if not asked["only"]:
        count = REQUESTS[_extent(asked)]
        told = f"About {count:,} requests to {target}; --rate N slows them down."
        console.print(told, highlight=False, soft_wrap=True)
    bar = Bar(console)
    arguments = [*_pytest_arguments(asked, verbose), "--target", target, "--key", key]
    with bar.shown():
        code = pytest.main(arguments, plugins=[bar])
    sys.stdout.flush()
    console.print(bar.failures(), highlight=False, markup=False, soft_wrap=True) if bar.sentences else None
    click.echo(bar.headline or "COULD NOT JUDGE: the suite did not come to an end")
    sys.exit(code if bar.headline and code in EXIT_CODES else COULD_NOT_JUDGE)


def _require_what_is_needed() -> None:
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        click.echo(
            f"COULD NOT JUDGE: {', '.join(lacking)} not installed. "
            "A run needs the extra `contract`: pip install 'bardge-sandbox[contract]'"
        )
        sys.exit(COULD_NOT_JUDGE)


def _target(asked: dict[str, Any]) -> str | None:
    return cast("str | None", asked["target"]) or _profile(asked).target


def _extent(asked: dict[str, Any]) -> str:
    """How much this run will ask for, in the words of `REQUESTS`."""
    control = asked["control"] or _profile(asked).control
    return ("quick" if asked["quick"] else "whole") + (" with control" if control else "")


def _profile(asked: dict[str, Any]) -> Profile:
    if asked["profile"] is None:
        return Profile()
    try:
        return read_profile(asked["profile"], read_requirements())
    except UnreadableProfile as problem:
        raise click.UsageError(str(problem)) from problem


def _pytest_arguments(asked: dict[str, Any], verbose: bool) -> list[str]:
    # pytest's own plugins and those this run needs, whatever else is installed here
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = [str(FOLDER), f"--rootdir={FOLDER.parent}", "-c", str(FOLDER / "pytest.ini")]
    arguments += ["-p", "no:cacheprovider", "-p", "no:faulthandler"]
    if not asked["quick"]:
        arguments += [word for name in GENERATING_PLUGINS for word in ("-p", name)]
    arguments += ["--tb=short"] if verbose else ["-p", "no:terminal"]
    names = {"timeout": "request-timeout"}
    for name, value in asked.items():
        option = f"--{names.get(name, name.replace('_', '-'))}"
        if name in ("target", "key") or value is None or value is False or value == ():
            continue
        for each in value if isinstance(value, tuple) else (value,):
            arguments += [option] if each is True else [option, str(each)]
    return arguments


class Bar:
    """A progress bar while pytest runs, and what has to be said at the end."""

    def __init__(self, console: Console) -> None:
        self.headline = ""
        self.sentences: list[tuple[str, str]] = []
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("preflight", total=None)

    @contextmanager
    def shown(self) -> Iterator[None]:
        with self._progress:
            yield

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._progress.update(self._task, total=len(session.items))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._progress.update(self._task, description=nodeid.rpartition("::")[2][:50].ljust(50))

    def pytest_runtest_logfinish(self) -> None:
        self._progress.advance(self._task)

    def pytest_contract_judged(self, sentences: list[tuple[str, str]], headline: str) -> None:
        self.sentences, self.headline = sentences, headline

    def failures(self) -> str:
        """A line for each requirement; where many have the same said of them, one for all of these."""
        alike: dict[str, list[str]] = defaultdict(list)
        for name, sentence in self.sentences:
            alike[sentence].append(name)
        return "\n".join(
            f"{name:12} {sentence}"
            for sentence, names in alike.items()
            for name in (names if len(names) <= FEW else [f"{names[0]} and {len(names) - 1} more"])
        )


@main.command()
@click.argument("names", nargs=-1)
def requirements(names: tuple[str, ...]) -> None:
    """List the requirements, all or those of some rules."""
    known = _requirements()
    try:
        chosen = [r for name in names for r in known.named(name)] if names else list(known.values())
    except UnknownRequirement as problem:
        raise click.UsageError(str(problem)) from problem
    table = Table(header_style="bold", show_edge=False)
    for column in ("id", "level", "must", "provenance", "says", "tested by"):
        table.add_column(column, no_wrap=column in ("id", "level", "must"), overflow="fold")
    for r in chosen:
        tested = (
            f"not tested: {r.excluded}"
            if r.excluded
            else ", ".join(by.rpartition("::")[2] for by in r.tested_by)
        )
        table.add_row(r.id, r.level, r.must, PROVENANCE[r.provenance], r.says, tested)
    Console().print(table)


@main.command()
@click.argument("name", metavar="PAGE-3")
def explain(name: str) -> None:
    """Tell a rule: what it says, why it matters, what breaks when it is broken."""
    try:
        told = _requirements().named(name)
    except UnknownRequirement as problem:
        raise click.UsageError(str(problem)) from problem
    console = Console(highlight=False)
    rule = None
    for r in told:
        if r.rule != rule:
            rule = r.rule
            console.print(f"\n[bold]{r.rule}[/] · {r.section}", f"  Why it matters: {r.why}", sep="\n")
            console.print(f"  What breaks:    {r.breaks}")
        console.print(
            f"\n  [bold]{r.id}[/] {r.must}, level {r.level}, {PROVENANCE[r.provenance]} ({r.source})"
        )
        console.print(f"    {r.says}")
        if r.operations:
            console.print(f"    operations: {', '.join(r.operations)}")
        if r.needs:
            console.print(f"    needs: {', '.join(r.needs)}")
        told_by = f"not tested: {r.excluded}" if r.excluded else "tested by: " + ", ".join(r.tested_by)
        console.print(f"    {told_by}")


def _requirements() -> Any:
    return read_requirements()


@main.command("matrix")
@click.argument(
    "reports", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--all", "everything", is_flag=True, help="Also what all of them keep.")
def show_matrix(reports: tuple[Path, ...], everything: bool) -> None:
    """Put the report.json of several targets side by side."""
    try:
        Console().print(matrix(reports, everything=everything))
    except NotAReport as problem:
        raise click.UsageError(str(problem)) from problem


if __name__ == "__main__":
    main()
