"""A schema ready for use, and parts of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sandbox.spec.compiling import Validator, compiled

_SMALL: Final = 40  # definitions; a larger part costs more to keep than to make again
_MOST_PARTS: Final = 200
_NOTES: Final = frozenset({"example", "examples", "default", "const", "enum"})


class Shape:
    """One schema ready for use: its translation with every definition it reaches, and its validator."""

    __slots__ = ("_parts", "_validator", "schema")

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self._parts: dict[tuple[int | str, ...], Shape] = {}
        self._validator: Validator | None = None

    @property
    def validator(self) -> Validator:
        if self._validator is None:
            self._validator = compiled(self.schema)
        return self._validator

    @property
    def definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = self.schema.get("$defs", {})
        return definitions

    def is_valid(self, value: Any) -> bool:
        try:
            return self.validator.is_valid(value)
        except (UnicodeEncodeError, ValueError):
            return False

    def part(self, schemas: tuple[Any, ...]) -> Shape:
        """The shape of what several parts of this one demand together, with the definitions they reach."""
        return self._part(tuple(map(id, schemas)), {"allOf": list(schemas)})

    def choice(self, keyword: str, branches: list[Any]) -> Shape:
        """The shape of one `oneOf` or `anyOf` of this one."""
        return self._part((keyword, id(branches)), {keyword: branches})

    def _part(self, key: tuple[int | str, ...], schema: dict[str, Any]) -> Shape:
        known = self._parts.get(key)
        if known is None:
            reached = _reachable(schema, self.definitions)
            known = Shape({**schema, "$defs": reached} if reached else schema)
            if len(self._parts) >= _MOST_PARTS:
                self._parts.clear()
            if len(reached) <= _SMALL:
                self._parts[key] = known
        return known

    def followed(self, schema: Any) -> dict[str, Any]:
        """A part of this schema with its `$ref`s resolved; siblings join what it names."""
        seen: set[str] = set()
        while isinstance(schema, dict) and "$ref" in schema and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            siblings = {key: value for key, value in schema.items() if key != "$ref"}
            target = self.definitions.get(schema["$ref"].removeprefix("#/$defs/"), {})
            schema = {**target, **siblings} if siblings and isinstance(target, dict) else target
        return schema if isinstance(schema, dict) else {}


def _reachable(schema: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions a schema refers to, directly or through others."""
    found: dict[str, Any] = {}
    todo = [schema]
    while todo:
        for name in _names_in(todo.pop()):
            if name not in found and name in definitions:
                found[name] = definitions[name]
                todo.append(definitions[name])
    return found


def _names_in(schema: Any) -> Iterator[str]:
    todo = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"].removeprefix("#/$defs/")
            todo += [
                child for key, child in node.items() if key not in _NOTES and isinstance(child, dict | list)
            ]
        elif isinstance(node, list):
            todo += [child for child in node if isinstance(child, dict | list)]
