"""`control`: any operation of the control API, by its operationId."""

from typing import Any
from urllib.parse import quote

import click

from sandbox.commands.connection import Connection, NotUsable, as_json, talks


@click.command()
@click.argument("operation")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@talks
def control(sandbox: Connection, operation: str, values: tuple[str, ...]) -> None:
    """Ask any OPERATION of the control API, by its operationId.

    \b
    control adjust_client_credits client=client_ada amount=5 reason="The shower was cold"

    The document at /_sandbox/openapi.yaml lists them. A value is read as JSON if it is JSON.
    """
    from sandbox.control.gateway import DOCUMENT
    from sandbox.spec import Document

    document = Document.load(DOCUMENT)
    try:
        known = document.operation(operation)
    except KeyError:
        names = ", ".join(one.id for one in document.operations)
        raise NotUsable(f"'{operation}' is no operation of the control API. It has: {names}.") from None
    given = {"world": sandbox.world, **dict(_pair(text) for text in values)}
    path, query = known.path, {}
    for parameter in known.parameters:
        if parameter.place == "path":
            if parameter.name not in given:
                raise NotUsable(f"{operation} needs {parameter.name}=….")
            path = path.replace(f"{{{parameter.name}}}", quote(str(given.pop(parameter.name)), safe=""))
        elif parameter.place == "query" and parameter.name in given:
            query[parameter.name] = given.pop(parameter.name)
    given.pop("world", None)
    if given and not known.has_body:
        raise NotUsable(f"{operation} takes no {', '.join(given)}.")
    answer = sandbox.ask(known.method, path, given if known.has_body else None, query)
    click.echo(answer if isinstance(answer, str) else as_json(answer))


def _pair(text: str) -> tuple[str, Any]:
    import msgspec

    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"'{text}' is no NAME=VALUE.")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value
