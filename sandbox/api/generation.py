"""Answers made from a schema: valid under it, plausible to read, and the same for the same key.

A value is made in three steps: the schema's keywords (through `$ref` and `allOf`) are gathered into `Facts`,
one branch of each `oneOf` and `anyOf` is chosen, and a value of the type is made. The whole is then checked
by the compiled validator; only what fails is made again, more carefully each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.api.facts import Contradiction
from sandbox.api.making import CARES, MISSING, Maker, repeating
from sandbox.spec import Direction, Document, Operation, Schemas, is_json


class Generator:
    """Makes answers for the operations of one document. The same key gives the same bytes, always."""

    def __init__(self, document: Document, schemas: Schemas | None = None) -> None:
        self.document = document
        self.schemas = schemas or Schemas(document)

    def answer(
        self, operation: Operation, status: int, key: str, known: Mapping[str, Any] | None = None
    ) -> Any:
        """A JSON answer of this status; MISSING where the document gives it no content.

        `known` are values the answer should repeat where it has such a property: ids of the path, say."""
        media = json_media(operation, status)
        if media is None:
            return MISSING
        where = f"{operation.id} {status}"
        shape = self.schemas.shape(media.get("schema", True), "answer", where)
        for example in examples_of(media):
            if shape.is_valid(example):
                return repeating(shape, example, known or {})
        return self.value(media.get("schema", True), f"{key}\x1f{operation.id}", where, known=known)

    def value(
        self,
        schema: Any,
        key: str,
        where: str = "",
        *,
        known: Mapping[str, Any] | None = None,
        from_examples: bool = True,
        hint: Any = MISSING,
        direction: Direction = "answer",
    ) -> Any:
        """A value valid under a schema as it stands in the document."""
        shape = self.schemas.shape(schema, direction, where)
        best: Any = {}
        for care in CARES:
            maker = Maker(shape, key, care, from_examples=from_examples)
            try:
                best = maker.whole(known or {}, hint)
            except Contradiction:
                continue
            if shape.is_valid(best):
                return best
        self.document.trouble(where or "a schema", "no value valid under its own schema was found")
        return best

    def valid(self, schema: Any, value: Any, where: str = "") -> bool:
        return self.schemas.shape(schema, "answer", where).is_valid(value)

    def fill(self, schema: Any, body: Any, key: str) -> Any:
        """The body with every required property it lacks; what is there already stays as it is."""
        shape = self.schemas.shape(schema, "answer")
        if shape.is_valid(body):
            return body
        return Maker(shape, key, CARES[1]).completed((shape.schema,), body, "$")

    def completed(self, operation: Operation, status: int, body: Any, key: str) -> Any:
        """`fill` for the answer of an operation."""
        media = json_media(operation, status)
        return (
            body if media is None else self.fill(media.get("schema", True), body, f"{key}\x1f{operation.id}")
        )


def json_media(operation: Operation, status: int) -> Mapping[str, Any] | None:
    """The JSON media type object of an answer."""
    content = (operation.response(status) or {}).get("content", {})
    for name, media in content.items():
        if is_json(name) or name.partition(";")[0].strip() == "*/*":
            return media if isinstance(media, dict) else {}
    return None


def examples_of(media: Mapping[str, Any]) -> Iterator[Any]:
    """The examples an author wrote beside a schema."""
    if "example" in media:
        yield media["example"]
    named = media.get("examples")
    for entry in named.values() if isinstance(named, dict) else ():
        if isinstance(entry, dict) and "value" in entry:
            yield entry["value"]
