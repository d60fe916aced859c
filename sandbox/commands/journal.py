"""`requests`: what was asked of the API."""

import click

from sandbox.commands.connection import Connection, show, talks

COLUMNS = {"at": "at", "request": "id", "method": "method", "path": "path", "operation": "operation"} | {
    "status": "status",
    "ms": "duration_ms",
    "caller": "caller",
    "rule": "rule",
    "fault": "fault",
}


@click.group()
def requests() -> None:
    """The journal: what was asked, answered and changed."""


@requests.command("list")
@click.option("--operation", help="Only this operationId.")
@click.option("--status", help="409, or 4xx.")
@click.option("--client", "client_id", help="Only what concerns this client.")
@click.option("--since", help="From this moment on, in RFC 3339.")
@click.option("--limit", type=int, default=20, help="How many to show.")
@talks
def list_requests(sandbox: Connection, **filters: object) -> None:
    """The newest requests first."""
    show(sandbox, sandbox.of_world("GET", "/requests", query=filters), COLUMNS)


@requests.command("show")
@click.argument("request_id")
@talks
def show_request(sandbox: Connection, request_id: str) -> None:
    """One request, its answer, and what it changed, as JSON."""
    from sandbox.commands.connection import as_json

    click.echo(as_json(sandbox.of_world("GET", f"/requests/{request_id}")))


@requests.command()
@click.argument("request_id")
@talks
def curl(sandbox: Connection, request_id: str) -> None:
    """A curl command that asks the same; put the key into BARDGE_KEY."""
    click.echo(sandbox.of_world("GET", f"/requests/{request_id}/curl"), nl=False)


@requests.command()
@click.argument("request_id")
@talks
def repeat(sandbox: Connection, request_id: str) -> None:
    """Ask the same again."""
    show(sandbox, sandbox.of_world("POST", f"/requests/{request_id}/repeat"))


@requests.command()
@talks
def har(sandbox: Connection) -> None:
    """The journal as an HTTP Archive."""
    from sandbox.commands.connection import as_json

    click.echo(as_json(sandbox.of_world("GET", "/requests.har", query={"limit": 1000})))


@requests.command()
@talks
def clear(sandbox: Connection) -> None:
    """Empty the journal."""
    click.echo(f"{sandbox.of_world('DELETE', '/requests')['removed']} forgotten.")
