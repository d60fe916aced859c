"""What a tester says to a sandbox that runs, as commands. They talk to the control API over HTTP."""

import click

from sandbox.commands.anything import control
from sandbox.commands.journal import requests
from sandbox.commands.people import accounts, check_in, clients, messages, upcoming
from sandbox.commands.scenarios import scenarios
from sandbox.commands.situation import clock, faults
from sandbox.commands.worlds import export, snapshots, worlds

COMMANDS: dict[str, click.Command] = {
    "worlds": worlds,
    "snapshots": snapshots,
    "export": export,
    "clock": clock,
    "faults": faults,
    "requests": requests,
    "messages": messages,
    "check-in": check_in,
    "accounts": accounts,
    "clients": clients,
    "upcoming": upcoming,
    "scenarios": scenarios,
    "control": control,
}
