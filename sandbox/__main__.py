"""`bardge-sandbox`: serve, and everything a tester says to a sandbox that runs."""

import os
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from sandbox.settings import ENVIRONMENT_PREFIX, BadSetting, Settings, from_environment

UNUSABLE = 2  # the exit code for what cannot be started


class _Commands(click.Group):
    """The tester's commands are loaded when they are asked for: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        from sandbox.commands import COMMANDS

        return ["serve", *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name == "serve":
            return serve
        from sandbox.commands import COMMANDS

        return COMMANDS.get(cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bardge-sandbox")
def main() -> None:
    """A sandbox of the Bardge reseller API: start it, then book a yoga class."""


def _settings_as_options(command: Callable[..., None]) -> Callable[..., None]:
    for one in reversed(fields(Settings)):
        flag = "--" + one.name.replace("_", "-")
        kind: dict[str, Any] = (
            {"is_flag": True} if isinstance(one.default, bool) else {"type": type(one.default)}
        )
        if one.default is None:
            kind = {"type": str}
        shown = "" if one.default in (None, False) else f" Default: {one.default}."
        text = f"{one.metadata['help']}{shown} [{ENVIRONMENT_PREFIX}{one.name.upper()}]"
        command = click.option(flag, one.name, default=None, help=text, **kind)(command)
    return command


@click.command(name="serve")
@_settings_as_options
def serve(**given: Any) -> None:
    """Start the sandbox: real state, real rules, made-up world. Stop it with Ctrl-C."""
    try:
        said = {name: value for name, value in given.items() if value is not None and value is not False}
        settings = from_environment(os.environ, said)
        from sandbox import serving

        serving.serve(settings)
    except BadSetting as reason:
        raise SystemExit(_complain(reason)) from None


def _complain(reason: Exception) -> int:
    click.echo(f"bardge-sandbox: {reason}", err=True)
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
