"""The schemas of a document, each translated and compiled when it is first asked for."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import jsonschema_rs

from sandbox.spec.compiling import compiles
from sandbox.spec.dialect import Dialect, Direction, Translated
from sandbox.spec.document import Document
from sandbox.spec.shapes import Shape
from sandbox.spec.sources import BrokenReference

_MOST_KEPT: Final = 6000  # definitions in the validators kept for a mocked document; one may know a thousand


class Schemas:
    """Translates and compiles the schemas of one document, each when it is first asked for."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.dialect = Dialect(document)
        self._definitions: dict[tuple[str, Direction], Translated] = {}
        self._shapes: OrderedDict[tuple[int | str, Direction], tuple[Any, Shape]] = OrderedDict()
        self._kept = 0

    def shape(self, schema: Any, direction: Direction, where: str = "") -> Shape:
        """The shape of a schema as it stands in the document; `where` names it in troubles."""
        named = isinstance(schema, dict) and len(schema) == 1 and isinstance(schema.get("$ref"), str)
        key = (
            schema["$ref"] if named else id(schema),
            direction,
        )  # a thousand answers may be the same `$ref`
        known = self._shapes.get(key)
        if known is not None:
            self._shapes.move_to_end(key)
            return known[1]
        self.dialect.where = where or self.document.name
        shape = Shape(self._self_contained(schema, direction))
        try:
            _ = shape.validator
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            shape = self._salvaged(shape, str(error))
        self._shapes[key] = (schema, shape)  # the schema is kept so that its id stays its own
        self._kept += 1 + len(shape.definitions)
        while not self.document.strict and self._kept > _MOST_KEPT and len(self._shapes) > 1:
            _, (_, oldest) = self._shapes.popitem(last=False)
            self._kept -= 1 + len(oldest.definitions)
        return shape

    def _salvaged(self, shape: Shape, reason: str) -> Shape:
        """Keeps what compiles of a schema: each top-level keyword and definition is tried on its own."""
        self.dialect.trouble(
            f"a schema cannot be compiled as written ({_first_line(reason)}); checked in part"
        )
        kept: dict[str, Any] = {"$defs": {}}
        for name, definition in shape.definitions.items():
            kept["$defs"][name] = definition if compiles({**_without_refs(definition)}) else True
        for keyword, value in shape.schema.items():
            if keyword != "$defs" and compiles({**kept, keyword: value}):
                kept[keyword] = value
        return Shape(kept)

    def _self_contained(self, schema: Any, direction: Direction) -> dict[str, Any]:
        root = self.dialect.translated(schema, direction)
        wanted, definitions = list(root.refers), {}
        while wanted:
            address = wanted.pop()
            name = self.dialect.name(address)
            if name in definitions:
                continue
            definition = self._definition(address, direction)
            definitions[name] = definition.schema
            wanted += definition.refers
        result = dict(root.schema) if isinstance(root.schema, dict) else {} if root.schema else {"not": {}}
        if definitions:
            result["$defs"] = definitions
        return result

    def _definition(self, address: str, direction: Direction) -> Translated:
        key = (address, direction)
        if key not in self._definitions:
            try:
                self._definitions[key] = self.dialect.translated(self.document.sources.at(address), direction)
            except BrokenReference as error:
                self.dialect.trouble(f"{error}; any value is taken there")
                self._definitions[key] = Translated(True, set())
        return self._definitions[key]


def _without_refs(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_refs(value) for key, value in schema.items() if key != "$ref"}
    if isinstance(schema, list):
        return [_without_refs(part) for part in schema]
    return schema if not isinstance(schema, bool) else {}


def _first_line(text: str) -> str:
    return text.splitlines()[0][:160] if text else ""
