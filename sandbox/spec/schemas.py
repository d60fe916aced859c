"""Schemas of a document as JSON Schema 2020-12, and validators compiled from them when first needed.

Both dialects of OpenAPI become one: 3.0's `nullable`, boolean `exclusiveMaximum` and ignored siblings of
`$ref` disappear here. A schema is translated for one direction: in a request a required `readOnly` may be
missing, an answer never holds a `writeOnly` one. What no validator could compile is left out and said aloud.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import jsonschema_rs

from sandbox.spec.compiling import compiled, compiles, is_pattern
from sandbox.spec.document import Document
from sandbox.spec.sources import BrokenReference

Direction: TypeAlias = Literal["request", "answer"]
Schema: TypeAlias = dict[str, Any] | bool

TYPES: Final = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_COUNTS: Final = (
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("minContains", "maxContains"),
)
_LIMITS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_ONE: Final = (
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
)
_SEVERAL: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED: Final = ("properties", "patternProperties", "dependentSchemas")
_NOTES: Final = ("example", "examples", "default", "contentEncoding", "contentMediaType", "x-faker")
_INTEGER_RANGES: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_MOST_KEPT: Final = 6000  # definitions in the validators kept for a mocked document; one may know a thousand
_SMALL: Final = 40
_MOST_PARTS: Final = 200


class _Translated:
    __slots__ = ("refers", "schema")

    def __init__(self, schema: Schema, refers: set[str]) -> None:
        self.schema = schema
        self.refers = refers


class Shape:
    """One schema ready for use: its translation with every definition it reaches, and its validator."""

    __slots__ = ("_parts", "_validator", "schema")

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self._parts: dict[tuple[int | str, ...], Shape] = {}
        self._validator: jsonschema_rs.Draft202012Validator | None = None

    @property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
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
            if len(reached) <= _SMALL:  # a large one costs more to keep than to make again
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


class Schemas:
    """Translates and compiles the schemas of one document, each when it is first asked for."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sources = document.sources
        self._names: dict[str, str] = {}  # address -> name under $defs
        self._taken: set[str] = set()
        self._definitions: dict[tuple[str, Direction], _Translated] = {}
        self._shapes: OrderedDict[tuple[int | str, Direction], tuple[Any, Shape]] = OrderedDict()
        self._patterns: dict[str, bool] = {}
        self._kept = 0
        self._where = ""

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
        self._where = where or self.document.name
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
        self._trouble(f"a schema cannot be compiled as written ({_first_line(reason)}); checked in part")
        kept: dict[str, Any] = {"$defs": {}}
        for name, definition in shape.definitions.items():
            kept["$defs"][name] = definition if compiles({**_without_refs(definition)}) else True
        for keyword, value in shape.schema.items():
            if keyword != "$defs" and compiles({**kept, keyword: value}):
                kept[keyword] = value
        return Shape(kept)

    def _self_contained(self, schema: Any, direction: Direction) -> dict[str, Any]:
        root = self._translated(schema, direction)
        wanted, definitions = list(root.refers), {}
        while wanted:
            address = wanted.pop()
            name = self._name(address)
            if name in definitions:
                continue
            definition = self._definition(address, direction)
            definitions[name] = definition.schema
            wanted += definition.refers
        result = dict(root.schema) if isinstance(root.schema, dict) else {} if root.schema else {"not": {}}
        if definitions:
            result["$defs"] = definitions
        return result

    def _definition(self, address: str, direction: Direction) -> _Translated:
        key = (address, direction)
        if key not in self._definitions:
            try:
                self._definitions[key] = self._translated(self.sources.at(address), direction)
            except BrokenReference as error:
                self._trouble(f"{error}; any value is taken there")
                self._definitions[key] = _Translated(True, set())
        return self._definitions[key]

    def _name(self, address: str) -> str:
        """A short name for a definition: the last part of its address, numbered where two would share it."""
        if address not in self._names:
            name = plain = re.sub(r"[^A-Za-z0-9_.-]", "_", address.rsplit("/", 1)[-1]) or "root"
            number = 1
            while name in self._taken:
                number += 1
                name = f"{plain}.{number}"
            self._taken.add(name)
            self._names[address] = name
        return self._names[address]

    def address_of(self, reference: str) -> str:
        """The address behind a translated `$ref`."""
        name = reference.removeprefix("#/$defs/")
        return next(address for address, known in self._names.items() if known == name)

    def _translated(self, schema: Any, direction: Direction) -> _Translated:
        refers: set[str] = set()
        return _Translated(_Translation(self, direction, refers).schema(schema), refers)

    def patterncompiles(self, pattern: str) -> bool:
        if pattern not in self._patterns:
            self._patterns[pattern] = is_pattern(pattern)
        return self._patterns[pattern]

    def _trouble(self, message: str) -> None:
        self.document.trouble(self._where, message)


class _Translation:
    """One schema's way from its dialect to JSON Schema 2020-12."""

    def __init__(self, schemas: Schemas, direction: Direction, refers: set[str]) -> None:
        self.schemas = schemas
        self.direction = direction
        self.refers = refers
        self.is_3_0 = schemas.document.is_3_0

    def schema(self, raw: Any, exempt: frozenset[str] = frozenset()) -> Schema:
        if isinstance(raw, bool):
            return raw
        if not isinstance(raw, dict):
            if raw is not None:
                self.trouble(f"a schema is a map, not {str(raw)[:40]!r}; any value is taken there")
            return True
        reference = raw.get("$ref") or raw.get("$dynamicRef") or raw.get("$recursiveRef")
        if isinstance(reference, str):
            return self.reference(reference, raw, exempt)
        result: dict[str, Any] = {}
        self.types(raw, result)
        self.values(raw, result)
        self.limits(raw, result)
        self.parts(raw, result, exempt)
        self.objects(raw, result, exempt)
        self.discriminator(raw, result)
        for note in _NOTES:
            if note in raw:
                result[note] = raw[note]
        return self.nullable(raw, result)

    def reference(self, reference: str, raw: dict[str, Any], exempt: frozenset[str]) -> Schema:
        self.refers.add(reference)
        target = {"$ref": "#/$defs/" + self.schemas._name(reference)}
        siblings = {key: value for key, value in raw.items() if not key.startswith("$")}
        if self.is_3_0:  # there siblings of $ref say nothing, but an example beside it is still a good one
            return {**target, **{note: siblings[note] for note in _NOTES if note in siblings}}
        beside = self.schema(siblings, exempt) if siblings else True
        return {**beside, **target} if isinstance(beside, dict) else target

    def types(self, raw: dict[str, Any], result: dict[str, Any]) -> None:
        declared = raw.get("type")
        if declared is None:
            return
        names = [name for name in (declared if isinstance(declared, list) else [declared]) if name in TYPES]
        if declared == "file":
            names = ["string"]
        if not names:
            self.trouble(f"`type: {declared}` is no type; any value is taken there")
            return
        result["type"] = names[0] if len(names) == 1 else list(dict.fromkeys(names))

    def values(self, raw: dict[str, Any], result: dict[str, Any]) -> None:
        if isinstance(raw.get("enum"), list) and raw["enum"]:
            result["enum"] = raw["enum"]
        if "const" in raw:
            result["const"] = raw["const"]
        if isinstance(raw.get("format"), str):
            result["format"] = raw["format"]
        pattern = raw.get("pattern")
        if isinstance(pattern, str):
            written = self.pattern(pattern)
            if written is not None:
                result["pattern"] = written

    def pattern(self, pattern: str) -> str | None:
        if self.schemas.patterncompiles(pattern):
            return pattern
        for rewritten in _rewritten(pattern):
            if self.schemas.patterncompiles(rewritten):
                return rewritten
        self.trouble(f"the pattern {pattern[:60]!r} is no regular expression of ECMA-262; not checked")
        return None

    def limits(self, raw: dict[str, Any], result: dict[str, Any]) -> None:
        for keyword in _COUNTS:
            value = _number(raw.get(keyword))
            if value is not None and value >= 0 and value == int(value):
                result[keyword] = int(value)
            elif keyword in raw:
                self.trouble(f"`{keyword}: {raw[keyword]}` is no count; not checked")
        for keyword in _LIMITS:
            value = _number(raw.get(keyword))
            if value is not None:
                result[keyword] = value
        for flag, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if raw.get(flag) is True and limit in result:
                result[flag] = result.pop(limit)
        multiple = _number(raw.get("multipleOf"))
        if multiple is not None and multiple > 0:
            result["multipleOf"] = multiple
        if raw.get("uniqueItems") is True:
            result["uniqueItems"] = True
        if (
            self.direction == "request"
            and raw.get("type") == "integer"
            and raw.get("format") in _INTEGER_RANGES
        ):
            low, high = _INTEGER_RANGES[raw["format"]]
            if not {"minimum", "exclusiveMinimum"} & result.keys():
                result["minimum"] = low
            if not {"maximum", "exclusiveMaximum"} & result.keys():
                result["maximum"] = high

    def parts(self, raw: dict[str, Any], result: dict[str, Any], exempt: frozenset[str]) -> None:
        hidden = exempt | self.hidden_names(raw)
        for keyword in _SEVERAL:
            if isinstance(raw.get(keyword), list) and raw[keyword]:
                result[keyword] = [self.schema(part, hidden) for part in raw[keyword]]
        for keyword in _ONE:
            if isinstance(raw.get(keyword), dict | bool):
                result[keyword] = self.schema(
                    raw[keyword], hidden if keyword in ("then", "else") else frozenset()
                )
        items = raw.get("items")
        if isinstance(items, dict | bool):
            result["items"] = self.schema(items)
        elif isinstance(items, list) and items:  # a tuple, as JSON Schema wrote it before 2020
            result["prefixItems"] = [self.schema(part) for part in items]

    def objects(self, raw: dict[str, Any], result: dict[str, Any], exempt: frozenset[str]) -> None:
        for keyword in _NAMED:
            if isinstance(raw.get(keyword), dict):
                result[keyword] = {name: self.property(part) for name, part in raw[keyword].items()}
        for pattern in list(result.get("patternProperties", ())):
            written = self.pattern(pattern)
            part = result["patternProperties"].pop(pattern)
            if written is not None:
                result["patternProperties"][written] = part
        additional = raw.get("additionalProperties")
        if isinstance(additional, dict | bool):
            result["additionalProperties"] = self.schema(additional)
        required = raw.get("required")
        if isinstance(required, list):
            hidden = exempt | self.hidden_names(raw)
            names = [name for name in required if isinstance(name, str) and name not in hidden]
            if names:
                result["required"] = list(dict.fromkeys(names))
        elif isinstance(required, bool) is False and required is not None:
            self.trouble("`required` is a list of names; not checked")
        dependent = raw.get("dependentRequired")
        if isinstance(dependent, dict):
            result["dependentRequired"] = {
                name: list(map(str, _list(names))) for name, names in dependent.items()
            }

    def property(self, raw: Any) -> Schema:
        if self.direction == "answer" and self.marked(raw, "writeOnly"):
            return False
        return self.schema(raw)

    def hidden_names(self, raw: dict[str, Any], depth: int = 0) -> frozenset[str]:
        """Names that this direction does not carry, whatever `required` says; found through allOf as well."""
        mark = "readOnly" if self.direction == "request" else "writeOnly"
        names = {name for name, part in _map(raw.get("properties")).items() if self.marked(part, mark)}
        if depth < 6:
            for part in _list(raw.get("allOf")):
                followed = self.resolved(part)
                if isinstance(followed, dict):
                    names |= self.hidden_names(followed, depth + 1)
        return frozenset(names)

    def marked(self, raw: Any, mark: str) -> bool:
        if not isinstance(raw, dict):
            return False
        if raw.get(mark) is True:
            return True
        followed = self.resolved(raw)
        return isinstance(followed, dict) and followed.get(mark) is True

    def resolved(self, raw: Any) -> Any:
        try:
            return self.schemas.sources.followed(raw)
        except BrokenReference:
            return None

    def nullable(self, raw: dict[str, Any], result: dict[str, Any]) -> Schema:
        if not self.is_3_0 or raw.get("nullable") is not True:
            return result
        if "type" in result:
            names = result["type"] if isinstance(result["type"], list) else [result["type"]]
            result["type"] = [*names, "null"] if "null" not in names else names
            if "enum" in result and None not in result["enum"] and self.direction == "request":
                result["enum"] = [*result["enum"], None]
            return result
        if self.direction == "request" and result:
            return {"anyOf": [{"type": "null"}, result]}
        return result

    def discriminator(self, raw: dict[str, Any], result: dict[str, Any]) -> None:
        """Kept as a note for generation; in requests the named property decides which alternative applies."""
        declared = raw.get("discriminator")
        if not isinstance(declared, dict) or not isinstance(declared.get("propertyName"), str):
            return
        mapping = self.mapping(raw, declared["propertyName"], _map(declared.get("mapping")))
        result["discriminator"] = {"propertyName": declared["propertyName"], "mapping": mapping}
        keyword = "oneOf" if "oneOf" in result else "anyOf" if "anyOf" in result else ""
        if self.direction == "request" and keyword and mapping:
            self.decide(declared["propertyName"], mapping, keyword, result)

    def mapping(self, raw: dict[str, Any], name: str, declared: Mapping[str, Any]) -> dict[str, str]:
        """Every value the property may have, with the `$ref` it stands for."""
        branches = [
            part["$ref"]
            for keyword in ("oneOf", "anyOf")
            for part in _list(raw.get(keyword))
            if isinstance(part, dict) and isinstance(part.get("$ref"), str)
        ]
        named: dict[str, str] = {}
        for value, target in declared.items():
            if isinstance(target, str):
                named[str(value)] = (
                    target if "#" in target or "/" in target else f"#/components/schemas/{target}"
                )
        for address in branches:
            if address not in named.values():
                own = self.own_values({"$ref": address}, name)
                for value in own if own is not None else [address.rsplit("/", 1)[-1]]:
                    named.setdefault(str(value), address)
        found: dict[str, str] = {}
        for value, address in named.items():
            try:
                self.schemas.sources.at(address)
            except BrokenReference as error:
                self.trouble(f"the discriminator's `{value}`: {error}")
                continue
            if not branches or address in branches:
                self.refers.add(address)
                found[value] = "#/$defs/" + self.schemas._name(address)
        return found

    def own_values(self, raw: Any, name: str, depth: int = 0) -> list[Any] | None:
        """The values a branch itself allows its discriminating property; None where it does not say."""
        schema = self.resolved(raw)
        if not isinstance(schema, dict) or depth > 6:
            return None
        part = self.resolved(_map(schema.get("properties")).get(name))
        if isinstance(part, dict) and ("const" in part or isinstance(part.get("enum"), list)):
            return [part["const"]] if "const" in part else part["enum"]
        for one in _list(schema.get("allOf")):
            found = self.own_values(one, name, depth + 1)
            if found is not None:
                return found
        return None

    def decide(self, name: str, mapping: dict[str, str], keyword: str, result: dict[str, Any]) -> None:
        references = [part.get("$ref") for part in result[keyword] if isinstance(part, dict)]
        if len(references) != len(result[keyword]) or not set(references) <= set(mapping.values()):
            return
        by_target: dict[str, list[str]] = {}
        for value, target in mapping.items():
            by_target.setdefault(target, []).append(value)
        if any(not self.agrees(part, name, by_target[part["$ref"]]) for part in result[keyword]):
            return  # a mapping that contradicts its own schemas decides nothing
        del result[keyword]
        choice = {
            "type": "object",
            "required": [name],
            "properties": {name: {"enum": list(mapping)}},
            "allOf": [
                {"if": {"required": [name], "properties": {name: {"enum": values}}}, "then": {"$ref": target}}
                for target, values in by_target.items()
            ],
        }
        result["allOf"] = [*result.get("allOf", []), choice]

    def agrees(self, branch: dict[str, Any], name: str, values: list[str]) -> bool:
        own = self.own_values({"$ref": self.schemas.address_of(branch["$ref"])}, name)
        return own is None or all(value in own for value in values)

    def trouble(self, message: str) -> None:
        self.schemas._trouble(message)


def _rewritten(pattern: str) -> Iterable[str]:
    """Guesses at what an author of another regular expression dialect meant."""
    if len(pattern) > 2 and pattern[0] == "/" and re.fullmatch(r"/.*/[a-z]*", pattern, re.DOTALL):
        pattern = pattern[1 : pattern.rindex("/")]
        yield pattern
    plain = pattern.replace(r"\Z", "$").replace(r"\z", "$").replace(r"\A", "^").replace("[^]", r"[\s\S]")
    plain = re.sub(r"\{,(\d+)\}", r"{0,\1}", plain)
    plain = re.sub(r"([*+?}])\+", r"\1", plain).replace("(?<!^)", "").replace("(?P<", "(?<")
    yield plain
    escaped = re.sub(r"(\\[wdsWDS])-(?=[^\]])", r"\1\\-", plain)
    yield escaped
    yield re.sub(r"(?<=[^\\\[])-(\\[wdsWDS])", r"\\-\1", escaped)


def _without_refs(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_refs(value) for key, value in schema.items() if key != "$ref"}
    if isinstance(schema, list):
        return [_without_refs(part) for part in schema]
    return schema if not isinstance(schema, bool) else {}


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first_line(text: str) -> str:
    return text.splitlines()[0][:160] if text else ""
