"""The document as the reference shows it: where every operation and every field is from, written out.

The document marks a property only where it differs from its object. A renderer knows nothing of
that, so here each one gets the mark that holds for it.
"""

from typing import Any

import msgspec

from sandbox import errors
from sandbox.spec import Document

MARK = "x-provenance"
KINDS = {
    "documented": "stated in the vendor's prose",
    "sampled": "seen in a sample of the vendor's",
    "menu": "named by the vendor, and nothing more is known",
    "chosen": "our decision where the vendor is silent; another implementation may differ and be right",
}
_INSIDE = ("properties", "patternProperties")
_PARTS = ("allOf", "oneOf", "anyOf")


def marked_json(document: Document) -> bytes:
    return msgspec.json.encode(marked(document.raw))


def marked(raw: Any) -> Any:
    """A copy, in which every operation, parameter, response, schema and property carries its own mark."""
    copy = msgspec.json.decode(msgspec.json.encode(raw))
    for schema in copy.get("components", {}).get("schemas", {}).values():
        _mark_schema(schema, schema.get(MARK, "chosen"))
    for kind in ("parameters", "responses"):
        for one in copy.get("components", {}).get(kind, {}).values():
            one.setdefault(MARK, _known_by_schema(one, copy))
    for path in copy.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                _mark_operation(operation)
    return copy


def _mark_operation(operation: dict[str, Any]) -> None:
    mark = operation.setdefault(MARK, "chosen")
    for response in operation["responses"].values():
        if "$ref" not in response:
            response.setdefault(MARK, mark)


def _known_by_schema(parameter: dict[str, Any], document: Any) -> str:
    """A shared parameter that says nothing of itself is known as its schema is."""
    schema = parameter.get("schema", {})
    named = schema.get("$ref", "").rpartition("/")[2]
    return str(schema.get(MARK) or document["components"]["schemas"].get(named, {}).get(MARK, "chosen"))


def _mark_schema(schema: Any, inherited: str) -> None:
    if not isinstance(schema, dict):
        return
    mark = schema.setdefault(MARK, inherited)
    for inside in _INSIDE:
        for part in schema.get(inside, {}).values():
            _mark_schema(part, mark)
    if "items" in schema:
        _mark_schema(schema["items"], mark)
    for parts in _PARTS:
        for part in schema.get(parts, ()):
            _mark_schema(part, mark)


def around(document: Document) -> dict[str, Any]:
    """What stands around the renderer: how much is known from where, and every error with its cure."""
    counts = dict.fromkeys(KINDS, 0)
    for operation in document.operations:
        counts[str(operation.raw.get(MARK, "chosen"))] += 1
    kinds = [{"name": name, "means": means, "operations": counts[name]} for name, means in KINDS.items()]
    return {"kinds": kinds, "codes": list(errors.CATALOGUE.values()), "title": document.raw["info"]["title"]}
