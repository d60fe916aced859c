"""The way from a command to the control API of a sandbox that runs, and the options all commands share."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import click

DEFAULT_URL = "http://127.0.0.1:4010"
CONTROL = "/_sandbox"


class NotUsable(click.ClickException):
    """It cannot be done at all: nobody answers, or what was given cannot be read."""

    exit_code = 2


class Refused(click.ClickException):
    """The control API says no."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A sandbox, a world in it, and how answers are to be shown."""

    url: str
    token: str | None
    world: str
    as_json: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def ask(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON, or its text. A refusal ends the command with its message."""
        from sandbox.control.exchanges import Asked, OverHttp, Unreachable

        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = CONTROL + path + (f"?{urlencode(given)}" if given else "")
        try:
            answer = OverHttp(self.url, self.headers).ask(Asked(method, target, {}, body))
        except Unreachable as reason:
            raise NotUsable(str(reason)) from None
        if answer is None:
            raise NotUsable(f"{self.url} closed the connection without an answer.")
        if answer.status >= 400:
            raise Refused(answer.message or f"{method} {target} was answered {answer.status}.")
        return answer.body

    def of_world(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        return self.ask(method, f"/worlds/{quote(self.world, safe='')}{path}", body, query)


def talks(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command `--url`, `--token`, `--world` and `--json`, and a connection as its first argument."""

    @click.option("--url", envvar="BARDGE_SANDBOX_URL", default=DEFAULT_URL, help="Where the sandbox runs.")
    @click.option("--token", envvar="BARDGE_SANDBOX_CONTROL_TOKEN", help="The control token, if it has one.")
    @click.option("--world", envvar="BARDGE_SANDBOX_WORLD", default="default", help="Which world is meant.")
    @click.option("--json", "as_json", is_flag=True, help="Show the answer as JSON.")
    @functools.wraps(command)
    def connected(url: str, token: str | None, world: str, as_json: bool, **given: Any) -> None:
        command(Connection(url.rstrip("/"), token, world, as_json), **given)

    return connected


def show(sandbox: Connection, answer: Any, columns: Mapping[str, str] | None = None) -> None:
    """A list as a table of the columns named (heading: path), anything else line by line, or all as JSON."""
    if sandbox.as_json or isinstance(answer, str):
        click.echo(answer if isinstance(answer, str) else as_json(answer), nl=not isinstance(answer, str))
    elif columns is not None:
        _table(answer["data"], columns)
        hidden = answer.get("total", 0) - len(answer["data"])
        if hidden > 0:
            click.echo(f"and {hidden} more")
    else:
        for name, value in answer.items():
            click.echo(f"{name:<16}{_cell(value)}")


def as_json(answer: Any) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def _table(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=240)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(name))) for name in columns.values()))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    if isinstance(value, dict):
        return _cell(value.get("name", value.get("id")))
    return str(value)
