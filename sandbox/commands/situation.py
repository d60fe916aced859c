"""`clock` and `faults`."""

import click

from sandbox.commands.connection import Connection, show, talks


@click.group()
def clock() -> None:
    """The world's clock: everything in it obeys."""


@clock.command("show")
@talks
def show_clock(sandbox: Connection) -> None:
    """What time it is there."""
    _tell(sandbox, sandbox.of_world("GET", "/clock"))


@clock.command("set")
@click.argument("moment")
@talks
def set_clock(sandbox: Connection, moment: str) -> None:
    """To a moment in RFC 3339: 2026-05-31T23:59:00+01:00."""
    _tell(sandbox, sandbox.of_world("POST", "/clock", {"set": moment}))


@clock.command(context_settings={"ignore_unknown_options": True})
@click.argument("span")
@talks
def advance(sandbox: Connection, span: str) -> None:
    """By an ISO 8601 duration: PT15M, P1D, P1M, -PT1H."""
    _tell(sandbox, sandbox.of_world("POST", "/clock", {"advance": span}))


@clock.command()
@talks
def freeze(sandbox: Connection) -> None:
    """Stand still."""
    _tell(sandbox, sandbox.of_world("POST", "/clock", {"freeze": True}))


@clock.command()
@talks
def run(sandbox: Connection) -> None:
    """Run on from where it stands."""
    _tell(sandbox, sandbox.of_world("POST", "/clock", {"run": True}))


def _tell(sandbox: Connection, told: dict[str, object]) -> None:
    if sandbox.as_json:
        show(sandbox, told)
    else:
        click.echo(f"{told['now']} {'running' if told['running'] else 'standing still'}")


@click.group()
def faults() -> None:
    """What goes wrong on purpose."""


@faults.command("list")
@talks
def list_faults(sandbox: Connection) -> None:
    """The faults that are set, and how often each struck."""
    columns = {"fault": "id", "operation": "operation", "when": "when", "status": "status", "code": "code"}
    columns |= {"delay ms": "delay_ms", "drop": "drop", "times": "times", "struck": "struck"}
    show(sandbox, sandbox.of_world("GET", "/faults"), columns)


@faults.command()
@click.argument("operation")
@click.option("--after/--before", "after", default=False, help="After the work is done, or instead of it.")
@click.option("--status", type=int, help="Answer this status.")
@click.option("--code", help="Answer this code, e.g. rate_limited.")
@click.option("--delay", "delay_ms", type=int, help="Answer so many milliseconds later.")
@click.option("--drop", type=click.Choice(["connection", "half_body"]), help="Cut the connection.")
@click.option("--times", type=int, help="So often, then no more.")
@click.option("--skip", type=int, help="Let so many pass first.")
@click.option("--probability", type=float, help="By chance, drawn from the world's seed.")
@click.option("--match", "matches", multiple=True, metavar="NAME=VALUE", help="Only requests that say so.")
@talks
def add(sandbox: Connection, operation: str, after: bool, matches: tuple[str, ...], **given: object) -> None:
    """Let something go wrong with OPERATION; '*' is every one."""
    body = {name: value for name, value in given.items() if value is not None}
    body |= {"operation": operation, "when": "after" if after else "before"}
    if matches:
        body["match"] = dict(_pair(text) for text in matches)
    made = sandbox.of_world("POST", "/faults", body)
    if sandbox.as_json:
        show(sandbox, made)
    else:
        click.echo(f"Set: {made['id']}.")


@faults.command()
@click.argument("fault_id", required=False)
@talks
def clear(sandbox: Connection, fault_id: str | None) -> None:
    """Remove all faults, or the one named."""
    removed = sandbox.of_world("DELETE", f"/faults/{fault_id}" if fault_id else "/faults")["removed"]
    click.echo(f"{removed} removed.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"'{text}' is no NAME=VALUE.", param_hint="--match")
    return name, value
