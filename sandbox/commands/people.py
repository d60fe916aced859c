"""`messages`, `check-in`, `accounts`, `clients`, `upcoming`: the people of a world, and what awaits them."""

import click

from sandbox.commands.connection import Connection, show, talks


@click.command()
@click.argument("client_id", required=False)
@talks
def messages(sandbox: Connection, client_id: str | None) -> None:
    """What was sent to clients' phones, or to one client's: lookup codes."""
    columns = {"at": "at", "client": "client_id", "code": "code", "text": "text"}
    show(sandbox, sandbox.of_world("GET", "/messages", query={"client_id": client_id}), columns)


@click.command("check-in")
@click.argument("access_code")
@click.argument("provider_id")
@talks
def check_in(sandbox: Connection, access_code: str, provider_id: str) -> None:
    """Hold an access code to the scanner of a provider."""
    body = {"access_code": access_code, "provider_id": provider_id}
    show(sandbox, sandbox.of_world("POST", "/check-ins", body))


@click.group()
def accounts() -> None:
    """The resellers' accounts: keys, balances, switched on or off."""


@accounts.command("list")
@talks
def list_accounts(sandbox: Connection) -> None:
    """All accounts with their keys."""
    columns = {"account": "name", "key": "api_key", "enabled": "enabled", "lookup": "lookup_enabled"}
    show(sandbox, sandbox.of_world("GET", "/accounts"), columns | {"balance": "balance"})


@accounts.command()
@click.argument("account")
@click.option("--enable/--disable", "enabled", default=None, help="Switch the account on or off.")
@click.option("--lookup/--no-lookup", "lookup_enabled", default=None, help="Let others look its clients up.")
@click.option("--balance", type=int, help="In kobo.")
@click.option("--why", help="For the log.")
@talks
def change(sandbox: Connection, account: str, **given: object) -> None:
    """Change an account, by name or id."""
    body = {name: value for name, value in given.items() if value is not None}
    show(sandbox, sandbox.of_world("PATCH", f"/accounts/{account}", body))


@accounts.command("rotate-key")
@click.argument("account")
@talks
def rotate_key(sandbox: Connection, account: str) -> None:
    """Give an account a new key; the old one is refused at once."""
    show(sandbox, sandbox.of_world("POST", f"/accounts/{account}/rotate-key"))


@click.group()
def clients() -> None:
    """The clients of a world."""


@clients.command("list")
@click.argument("search", required=False)
@click.option("--limit", type=int, default=20, help="How many to show.")
@talks
def list_clients(sandbox: Connection, search: str | None, limit: int) -> None:
    """Clients, or those whose id, name, email or phone holds SEARCH."""
    columns = {"client": "id", "first name": "first_name", "last name": "last_name", "account": "account"}
    query = {"search": search, "limit": limit}
    show(sandbox, sandbox.of_world("GET", "/clients", query=query), columns | {"credits": "balance"})


@clients.command("show")
@click.argument("client_id")
@talks
def show_client(sandbox: Connection, client_id: str) -> None:
    """All that is known of a client, as JSON."""
    from sandbox.commands.connection import as_json

    click.echo(as_json(sandbox.of_world("GET", f"/clients/{client_id}")))


@click.command()
@click.option("--limit", type=int, default=20, help="How many to show.")
@talks
def upcoming(sandbox: Connection, limit: int) -> None:
    """What the clock will do by itself, soonest first."""
    columns = {"at": "at", "what": "what", "kind": "kind", "subject": "subject", "client": "client_id"}
    show(sandbox, sandbox.of_world("GET", "/upcoming", query={"limit": limit}), columns)
