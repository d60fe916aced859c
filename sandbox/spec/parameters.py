"""From the text of a path, a query, a header or a cookie to a value of the schema's type, in every style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

import msgspec

from sandbox.spec.document import Parameter
from sandbox.spec.shapes import Shape

Pairs = list[tuple[str, str]]  # of a raw query or form, still percent-encoded

MISSING: Final = object()
_INTEGER: Final = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_LITERALS: Final = {"true": True, "false": False}
_SCALARS: Final = ("integer", "number", "boolean", "null", "string")
_BRACKET: Final = re.compile(r"\[([^\[\]]*)\]")
_DELIMITERS: Final = {"spaceDelimited": r"%20|\+| ", "pipeDelimited": r"\||%7[cC]"}
_DEEPEST_BRACKETS: Final = 16


def pairs_of(query: str) -> Pairs:
    """The raw names and values of a query or a form, in order."""
    found: Pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            found.append((name, value))
    return found


def plain(text: str) -> str:
    """Percent-decoded; bytes that are no UTF-8 become lone surrogates, which no schema accepts."""
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text


def kinds(shape: Shape, schema: Any, depth: int = 0) -> frozenset[str]:
    """The JSON types a schema may take, as far as it says; empty where it does not say."""
    followed = shape.followed(schema)
    declared = followed.get("type")
    if declared is not None:
        return frozenset([declared] if isinstance(declared, str) else declared)
    if "const" in followed or "enum" in followed:
        return frozenset(_type_of(value) for value in followed.get("enum", [followed.get("const")]))
    found: frozenset[str] = frozenset()
    if depth < 8:
        for keyword in ("oneOf", "anyOf", "allOf"):
            for part in followed.get(keyword, ()):
                found |= kinds(shape, part, depth + 1)
    if not found and "properties" in followed:
        return frozenset({"object"})
    if not found and "items" in followed:
        return frozenset({"array"})
    return found


def typed(text: str, shape: Shape, schema: Any) -> Any:
    """A single text as the first type of the schema it can stand for; the text itself where it fits none."""
    wanted = kinds(shape, schema)
    if not wanted or wanted == {"string"}:
        return text
    for kind in _SCALARS:
        if kind in wanted:
            value = _as(kind, text)
            if value is not MISSING:
                return value
    if wanted & {"object", "array"} and text[:1] in ("{", "["):
        return _json(text)
    return text


def _as(kind: str, text: str) -> Any:
    if kind == "integer":
        return int(text) if _INTEGER.fullmatch(text) else MISSING
    if kind == "number":
        return _decimal(text)
    if kind == "boolean":
        return _LITERALS.get(text, MISSING)
    if kind == "null":
        return None if text in ("", "null") else MISSING
    return text


def _decimal(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return int(text) if _INTEGER.fullmatch(text) else MISSING
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return MISSING
    return int(text) if _INTEGER.fullmatch(text) else number


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError, UnicodeDecodeError):
        return text


class ParameterReader:
    """Reads one parameter out of what came; MISSING where it did not come."""

    __slots__ = ("delimiter", "item", "key", "kinds", "parameter", "properties", "shape", "simple")

    def __init__(self, parameter: Parameter, shape: Shape) -> None:
        self.parameter = parameter
        self.shape = shape
        self.kinds = kinds(shape, shape.schema)
        self.key = parameter.name.lower() if parameter.place == "header" else parameter.name
        schema = whole(shape, shape.schema)
        self.item: Any = schema.get("items", True)
        self.properties: Mapping[str, Any] = schema.get("properties", {})
        self.simple = not parameter.media_type and not self.kinds & {"array", "object"}
        self.delimiter = "," if parameter.explode else _DELIMITERS.get(parameter.style, ",")

    def from_path(self, text: str) -> Any:
        name, style = self.parameter.name, self.parameter.style
        if self.parameter.media_type:
            return _json(text)
        if style == "label" and text.startswith("."):
            return self._delimited(text[1:], "." if self.parameter.explode or "," not in text else ",")
        if style == "matrix" and text.startswith(";"):
            return self._matrix(text[1:], name)
        return self._delimited(text, ",")

    def from_header(self, text: str) -> Any:
        if self.parameter.media_type:
            return _json(text)
        return text.strip() if self._is_text() else self._delimited(text, ",", strip=True)

    def from_cookies(self, cookies: Mapping[str, str]) -> Any:
        if self.parameter.name not in cookies:
            return MISSING
        text = unquote(cookies[self.parameter.name], errors="surrogateescape")
        return _json(text) if self.parameter.media_type else self._delimited(text, ",")

    def from_query(self, pairs: Pairs, taken: set[str]) -> Any:
        """Reads its value from the pairs and marks the (decoded) names it used as taken."""
        name = self.parameter.name
        values = [value for key, value in pairs if plain(key) == name]
        if values:
            taken.add(name)
        if self.parameter.media_type:
            return _json(plain(values[-1])) if values else MISSING
        if self.simple:
            return typed(plain(values[-1]), self.shape, self.shape.schema) if values else MISSING
        if self.parameter.style == "deepObject":
            return self._deep(pairs, taken)
        if "object" in self.kinds and not (self.kinds & {"array", "string"} and values):
            return self._form_object(pairs, values, taken)
        if not values:
            return MISSING
        return self._form_array(values)

    def _is_text(self) -> bool:
        return self.kinds == {"string"} or not self.kinds

    def _form_array(self, values: list[str]) -> Any:
        if "array" not in self.kinds:
            return typed(plain(values[-1]), self.shape, self.shape.schema)
        if self.parameter.explode or len(values) > 1:
            texts = [plain(value) for value in values]
        else:
            texts = self._split(values[0]) if values[0] else []
        value = [typed(text, self.shape, self.item) for text in texts]
        if len(values) == 1 and self.kinds - {"array", "null"} and not self.shape.is_valid(value):
            return typed(plain(values[0]), self.shape, self.shape.schema)  # a list or one value: the latter
        return value

    def _split(self, text: str) -> list[str]:
        """Most clients encode every comma they send: where none is bare, the encoded ones separate."""
        delimiter = "%2[cC]" if self.delimiter == "," and "," not in text else self.delimiter
        return [plain(part) for part in re.split(delimiter, text)]

    def _form_object(self, pairs: Pairs, values: list[str], taken: set[str]) -> Any:
        if values and not self.parameter.explode:
            parts = self._split(values[-1])
            return self._object(zip(parts[::2], parts[1::2], strict=False))
        if values and plain(values[-1])[:1] == "{":
            return _json(plain(values[-1]))
        named = [(plain(key), plain(value)) for key, value in pairs if plain(key) in self.properties]
        taken.update(key for key, _ in named)
        return self._object(named) if named else MISSING

    def _deep(self, pairs: Pairs, taken: set[str]) -> Any:
        name, found = self.parameter.name, Deep()
        for key, value in pairs:
            text = plain(key)
            if text.startswith(name + "[") or text == name:
                taken.add(text)
                found.put(_BRACKET.findall(text[len(name) :]), plain(value))
        if found.is_empty:
            return MISSING
        return found.value(self.shape, self.shape.schema)

    def _delimited(self, text: str, delimiter: str, *, strip: bool = False) -> Any:
        if self.simple:
            return typed(text, self.shape, self.shape.schema)
        parts = text.split(delimiter) if text else []
        if strip:
            parts = [part.strip() for part in parts]
        if "array" in self.kinds:
            return [typed(part, self.shape, self.item) for part in parts]
        if self.parameter.explode:
            return self._object(part.partition("=")[::2] for part in parts)
        return self._object(zip(parts[::2], parts[1::2], strict=False))

    def _matrix(self, text: str, name: str) -> Any:
        if not self.parameter.explode or self.simple:
            return self._delimited(text.removeprefix(name).removeprefix("="), ",")
        pieces = [piece.partition("=")[::2] for piece in text.split(";")]
        if "array" in self.kinds:
            return [typed(value, self.shape, self.item) for key, value in pieces if key == name]
        return self._object(pieces)

    def _object(self, pieces: Iterable[tuple[str, str]]) -> dict[str, Any]:
        return {name: typed(text, self.shape, self.properties.get(name, True)) for name, text in pieces}


class Deep:
    """`a[b][c]=1`, `a[]=1`, `a[0]=1`: bracketed names gathered into one value."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.parts: dict[str, Deep] = {}

    @property
    def is_empty(self) -> bool:
        return not self.texts and not self.parts

    def put(self, steps: list[str], text: str) -> None:
        node = self
        for step in steps[:_DEEPEST_BRACKETS]:
            node = node.parts.setdefault(step, Deep())
        node.texts.append(text)

    def value(self, shape: Shape, schema: Any) -> Any:
        known, wanted = whole(shape, schema), kinds(shape, schema)
        if self.parts and ("array" in wanted and all(name == "" or name.isdecimal() for name in self.parts)):
            items = known.get("items", True)
            return [value for part in self.parts.values() for value in part.several(shape, items)]
        if self.parts:
            properties = known.get("properties", {})
            extra = known.get("additionalProperties", True)
            return {name: part.value(shape, properties.get(name, extra)) for name, part in self.parts.items()}
        if "array" in wanted and (len(self.texts) > 1 or "string" not in wanted) and self.texts != [""]:
            return [typed(text, shape, known.get("items", True)) for text in self.texts]
        return typed(self.texts[-1], shape, schema)

    def several(self, shape: Shape, items: Any) -> list[Any]:
        """What stands under one index: one value, or several where `a[]=1&a[]=2` repeats it."""
        if self.parts:
            return [self.value(shape, items)]
        return [typed(text, shape, items) for text in self.texts]


def whole(shape: Shape, schema: Any, depth: int = 0) -> dict[str, Any]:
    """A schema with the properties and items of its alternatives gathered, enough to know their types."""
    followed = shape.followed(schema)
    gathered: dict[str, Any] = dict(followed)
    properties: dict[str, Any] = dict(followed.get("properties", {}))
    if depth < 6:
        for keyword in ("allOf", "oneOf", "anyOf"):
            for part in followed.get(keyword, ()):
                inner = whole(shape, part, depth + 1)
                properties = {**inner.get("properties", {}), **properties}
                if "items" in inner:
                    gathered.setdefault("items", inner["items"])
    if properties:
        gathered["properties"] = properties
    return gathered


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    for kind, python in (
        ("boolean", bool),
        ("integer", int),
        ("number", float),
        ("string", str),
        ("array", list),
    ):
        if isinstance(value, python):
            return kind
    return "object"
