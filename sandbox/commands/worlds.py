"""`worlds`, `snapshots`, `export`."""

from pathlib import Path

import click

from sandbox.commands.connection import Connection, show, talks
from sandbox.commands.files import scenario_given

WORLDS = {"world": "id", "seed": "seed", "now": "now", "runs": "running", "scenario": "scenario"}
KEYS = {"account": "name", "key": "api_key", "enabled": "enabled", "balance": "balance"}


@click.group()
def worlds() -> None:
    """Worlds: made, listed, reset, dropped."""


@worlds.command("list")
@talks
def list_worlds(sandbox: Connection) -> None:
    """All worlds, the oldest first."""
    show(sandbox, sandbox.ask("GET", "/worlds"), WORLDS)


@worlds.command()
@click.option("--id", "world_id", help="Its id; chosen for you if left out.")
@click.option("--scenario", help="A scenario's name, or a file.")
@click.option("--from-snapshot", help="A snapshot: NAME, or WORLD@NAME.")
@click.option("--seed", type=int, help="Another seed, another crowd.")
@click.option("--now", help="Where its clock starts, in RFC 3339.")
@click.option("--frozen", is_flag=True, help="Its clock stands still.")
@click.option("--ttl", "ttl_seconds", type=int, help="Drop it after so many idle seconds.")
@talks
def create(sandbox: Connection, world_id: str | None, scenario: str | None, **given: object) -> None:
    """A world of your own, with keys of its own."""
    wishes = {"id": world_id, "scenario": scenario and scenario_given(scenario), **given}
    made = sandbox.ask("POST", "/worlds", {name: value for name, value in wishes.items() if value})
    if not sandbox.as_json:
        click.echo(f"world {made['id']}, now {made['now']}")
        show(sandbox, {"data": made["accounts"], "total": 0}, KEYS)
    else:
        show(sandbox, made)


@worlds.command("show")
@talks
def show_world(sandbox: Connection) -> None:
    """A world's time, scenario and keys."""
    world = sandbox.of_world("GET", "")
    if not sandbox.as_json:
        show(sandbox, {"data": world["accounts"], "total": 0}, KEYS)
    show(sandbox, {**world, "accounts": [account["name"] for account in world["accounts"]]})


@worlds.command()
@click.option("--scenario", help="Into this scenario: a name, or a file. `none` for none.")
@talks
def reset(sandbox: Connection, scenario: str | None) -> None:
    """Back to the beginning: cast and crowd as they were, nothing that happened."""
    body = {} if scenario is None else {"scenario": None if scenario == "none" else scenario_given(scenario)}
    world = sandbox.of_world("POST", "/reset", body)
    click.echo(f"The world '{world['id']}' is new again; it is {world['now']} there.")


@worlds.command()
@click.argument("world_id")
@talks
def delete(sandbox: Connection, world_id: str) -> None:
    """Drop a world and everything in it."""
    sandbox.ask("DELETE", f"/worlds/{world_id}")
    click.echo(f"The world '{world_id}' is gone.")


@click.group()
def snapshots() -> None:
    """Moments of a world to come back to."""


@snapshots.command("list")
@talks
def list_snapshots(sandbox: Connection) -> None:
    """The snapshots of the world."""
    columns = {"snapshot": "name", "its time": "now", "taken at": "taken_at"}
    show(sandbox, sandbox.of_world("GET", "/snapshots"), columns)


@snapshots.command()
@click.argument("name")
@talks
def take(sandbox: Connection, name: str) -> None:
    """Remember this moment."""
    taken = sandbox.of_world("POST", "/snapshots", {"name": name})
    click.echo(f"Taken: '{name}' of the world '{taken['world']}', at {taken['now']} of its time.")


@snapshots.command()
@click.argument("name")
@talks
def restore(sandbox: Connection, name: str) -> None:
    """Go back to a snapshot."""
    world = sandbox.of_world("POST", f"/snapshots/{name}/restore")
    click.echo(f"The world '{world['id']}' is as it was; it is {world['now']} there.")


@snapshots.command("delete")
@click.argument("name")
@talks
def forget(sandbox: Connection, name: str) -> None:
    """Forget a snapshot."""
    sandbox.of_world("DELETE", f"/snapshots/{name}")
    click.echo(f"The snapshot '{name}' is gone.")


@click.command()
@click.option("--title", help="The title of the scenario.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write it to.")
@talks
def export(sandbox: Connection, title: str | None, out: Path | None) -> None:
    """The world as a scenario file that loads again: the state that broke it, for a bug report."""
    text = sandbox.of_world("GET", "/export", query={"title": title})
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
        click.echo(f"Written to {out}. `bardge-sandbox worlds create --scenario {out}` loads it.")
