"""Writes docs/control-api.md from the control API's document: `python -m tests.control.reference`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.control.gateway import DOCUMENT
from sandbox.spec import Document, Operation

PAGE = Path(__file__).parents[2] / "docs" / "control-api.md"
MOST_SHOWN = 3  # examples of a body


def page(document: Document) -> str:
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    info = document.raw["info"]
    yield "# The control API"
    yield ""
    yield "<!-- From sandbox/control/openapi.yaml by python -m tests.control.reference; a test compares. -->"
    yield ""
    yield (
        info["summary"] + " Paths are below `/_sandbox`; the document is served at `/_sandbox/openapi.yaml`."
    )
    yield "`bardge-sandbox --help` has the same as commands, the [pytest plugin](pytest-plugin.md) too."
    yield ""
    yield info["description"].strip()
    for tag in document.raw["tags"]:
        yield ""
        yield f"## {tag['name']}"
        yield ""
        yield tag["description"]
        for operation in document.operations:
            if tag["name"] in operation.tags:
                yield from _operation(document, operation)


def _operation(document: Document, operation: Operation) -> Iterator[str]:
    raw = operation.raw
    yield ""
    yield f"### `{operation.method} {operation.path}`"
    yield ""
    yield f"**{raw['summary']}** (`{operation.id}`)"
    yield ""
    yield " ".join(raw["description"].split())
    parameters = [one for one in operation.parameters if one.place != "path"]
    if parameters:
        yield ""
        yield "| parameter | |"
        yield "|---|---|"
        for one in parameters:
            where = "header " if one.place == "header" else ""
            yield f"| {where}`{one.name}` | {one.raw['description']} |"
    fields = _fields(document, operation)
    if fields:
        yield ""
        yield "| body | |"
        yield "|---|---|"
        yield from fields
    examples = _examples(operation)
    if examples:
        yield ""
        yield "```json"
        yield from examples
        yield "```"
    yield ""
    yield "Answers " + "; ".join(_answers(operation)) + "."


def _fields(document: Document, operation: Operation) -> list[str]:
    schema = _followed(document, operation.content.get("application/json", {}).get("schema", {}))
    required = set(schema.get("required", ()))
    lines = []
    for name, raw in schema.get("properties", {}).items():
        field = _followed(document, raw)
        text = " ".join(
            filter(None, [raw.get("description") or field.get("description", ""), _allowed(field)])
        )
        lines.append(f"| `{name}`{' (required)' if name in required else ''} | {text} |")
    return lines


def _allowed(field: dict[str, Any]) -> str:
    if "enum" in field:
        return "One of " + ", ".join(f"`{value}`" for value in field["enum"]) + "."
    if "const" in field:
        return f"`{json.dumps(field['const'])}`."
    kinds = field.get("type", "")
    named = kinds if isinstance(kinds, str) else " or ".join(kinds)
    bounds = [
        f"{word} {field[key]}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in field
    ]
    return f"{named}{', ' + ' '.join(bounds) if bounds else ''}." if named else ""


def _examples(operation: Operation) -> list[str]:
    media = operation.content.get("application/json", {})
    if "example" in media:
        return [json.dumps(media["example"])]
    every = media.get("examples", {})
    return [json.dumps(one["value"]) for one in list(every.values())[:MOST_SHOWN]]


def _answers(operation: Operation) -> Iterator[str]:
    for status, response in operation.responses.items():
        if status != "default":
            codes = ", ".join(
                f"`{name}`" for media in response["content"].values() for name in media.get("examples", ())
            )
            yield f"{status}: {response['description'].strip().rstrip('.')}" + (
                f" ({codes})" if codes else ""
            )


def _followed(document: Document, schema: Any) -> dict[str, Any]:
    followed: dict[str, Any] = document.sources.followed(schema)
    return followed


if __name__ == "__main__":
    PAGE.write_text(page(Document.load(DOCUMENT)), "utf-8")
