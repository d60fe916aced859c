"""`scenarios`: listed, shown, checked, played, loaded, recorded."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.commands.connection import CONTROL, Connection, NotUsable, show, talks
from sandbox.commands.files import file_text, is_file, scenario_given

if TYPE_CHECKING:
    from sandbox.control.scenario_files import Scenario, ScenarioShelf
    from sandbox.control.scenario_run import Outcome, Stage


@click.group()
def scenarios() -> None:
    """Situations to load, and stories to play."""


@scenarios.command("list")
def list_scenarios() -> None:
    """The scenarios that come with the sandbox."""
    every = [{"name": one.name, "title": one.title, "steps": len(one.steps)} for one in _shelf().every()]
    columns = {"scenario": "name", "steps": "steps", "title": "title"}
    show(Connection("", None, ""), {"data": every, "total": len(every)}, columns)


@scenarios.command("show")
@click.argument("name")
def show_scenario(name: str) -> None:
    """A scenario as it is written."""
    click.echo(_read(_shelf(), name).text, nl=False)


@scenarios.command()
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Check scenarios (all, if none is named): file, line and field of every mistake."""
    from sandbox.domain.refusals import Refusal
    from sandbox.world.sheets import FixtureError

    shelf, wrong = _shelf(), 0
    for name in names or shelf.names():
        try:
            _placed(shelf, _read(shelf, name, whole=True))
        except (FixtureError, Refusal) as reason:
            wrong += 1
            click.echo(str(reason), err=True)
        else:
            click.echo(f"{name}: all is well")
    if wrong:
        raise SystemExit(1)


@scenarios.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every scenario that has steps.")
@click.option("--target", help="The base URL of an API, with its path; this sandbox's if left out.")
@click.option("--key", help="The API key of the account 'demo' there.")
@click.option("--partner-key", help="The API key of the account 'partner' there.")
@click.option("--disabled-key", help="The API key of the account 'disabled' there.")
@click.option("--control", "control_url", help="The control API's URL, e.g. http://127.0.0.1:4010/_sandbox.")
@talks
def run(sandbox: Connection, names: tuple[str, ...], every: bool, **where: str | None) -> None:
    """Play the steps of scenarios, each in a world of its own, which is dropped afterwards."""
    from sandbox.control.exchanges import Unreachable
    from sandbox.control.scenario_run import CannotBePlayed, play

    shelf = _shelf()
    chosen = [one for one in shelf.every() if one.steps] if every else [_read(shelf, name) for name in names]
    if not chosen:
        raise NotUsable("Name a scenario, or say --all. `bardge-sandbox scenarios list` lists them.")
    failed = 0
    for scenario in chosen:
        click.echo(f"{scenario.name or scenario.title}: {scenario.title}")
        try:
            with _stage(sandbox, scenario, where) as stage:
                failed += not play(scenario, stage, _tell).passed
        except (CannotBePlayed, Unreachable) as reason:
            raise NotUsable(str(reason)) from None
    if len(chosen) > 1:
        click.echo(f"{len(chosen) - failed} of {len(chosen)} passed.")
    if failed:
        raise SystemExit(1)


@scenarios.command()
@click.argument("name")
@talks
def load(sandbox: Connection, name: str) -> None:
    """Put the world into a scenario's situation: a name, or a file."""
    world = sandbox.of_world("POST", "/scenarios/load", {"scenario": scenario_given(name)})
    click.echo(f"The world '{world['id']}' is in the situation '{name}'; it is {world['now']} there.")


@scenarios.command()
@click.option("--last", type=int, help="The newest so many requests.")
@click.option("--since", help="From this moment of real time on, in RFC 3339.")
@click.option("--until", help="Up to this moment of real time, in RFC 3339.")
@click.option("--operation", help="Only this operationId.")
@click.option("--client", "client_id", help="Only what concerns this client.")
@click.option("--title", help="Its title.")
@click.option("--why", help="Why somebody would want to be in it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write it to.")
@talks
def record(sandbox: Connection, out: Path | None, **given: object) -> None:
    """Make a scenario with steps of what is in the journal."""
    wishes = {name: value for name, value in given.items() if value is not None}
    recorded = sandbox.of_world("POST", "/scenarios/record", wishes)
    if out is None:
        click.echo(recorded["text"], nl=False)
    else:
        out.write_text(recorded["text"], "utf-8")
        click.echo(f"{recorded['steps']} steps written to {out}.")


def _shelf() -> "ScenarioShelf":
    from sandbox import places
    from sandbox.control.gateway import DOCUMENT
    from sandbox.control.scenario_files import ScenarioShelf
    from sandbox.spec import Document

    own = Document.load(DOCUMENT)
    return ScenarioShelf(places.SCENARIOS, Document.load(places.DOCUMENT), own)


def _read(shelf: "ScenarioShelf", name: str, *, whole: bool = False) -> "Scenario":
    from sandbox.domain.refusals import Refusal
    from sandbox.world.sheets import FixtureError

    try:
        return shelf.read(file_text(name), name, None) if is_file(name) else shelf.find(name)
    except (Refusal, FixtureError) as reason:
        if whole:
            raise
        raise NotUsable(str(reason)) from None


def _placed(shelf: "ScenarioShelf", scenario: "Scenario") -> None:
    """Lay its records over the cast, as a world would."""
    from sandbox import places
    from sandbox.control.situations import try_out
    from sandbox.world.fixtures import read_cast

    try_out(shelf, scenario, read_cast(places.FIXTURES))


@contextmanager
def _stage(sandbox: Connection, scenario: "Scenario", where: Mapping[str, str | None]) -> Iterator["Stage"]:
    """In a world made for it, where there is a control API; else at the target as it is."""
    from sandbox import places
    from sandbox.control.exchanges import OverHttp
    from sandbox.control.gateway import DOCUMENT
    from sandbox.control.scenario_run import Stage
    from sandbox.spec import Document

    document = Document.load(places.DOCUMENT)
    target, control_url = where["target"], where["control_url"]
    if target is not None and control_url is None:
        given = {"demo": where["key"], "partner": where["partner_key"], "disabled": where["disabled_key"]}
        yield Stage(OverHttp(target), {name: key for name, key in given.items() if key}, document)
        return
    control_url = control_url or sandbox.url + CONTROL
    home = Connection(control_url.rstrip("/").removesuffix(CONTROL), sandbox.token, "")
    made = home.ask("POST", "/worlds", {"scenario": _sent(scenario)})
    try:
        yield Stage(
            api=OverHttp(target or home.url + document.base_paths[0]),
            keys={account["name"]: account["api_key"] for account in made["accounts"]},
            document=document,
            control=OverHttp(control_url, home.headers),
            control_document=Document.load(DOCUMENT),
            world=made["id"],
        )
    finally:
        home.ask("DELETE", f"/worlds/{made['id']}")


def _sent(scenario: "Scenario") -> Any:
    """Its text, so that what is played is what lies here, whatever the server has."""
    return scenario.text


def _tell(outcome: "Outcome") -> None:
    click.echo(f"  {'✓' if outcome.passed else '✗'} {outcome.step}. {outcome.title}")
    for problem in outcome.problems:
        click.echo(f"      {problem}")
