"""The two dialects of OpenAPI's schemas as one: JSON Schema 2020-12.

3.0's `nullable`, boolean `exclusiveMaximum` and ignored siblings of `$ref` disappear here. A schema is
translated for one direction: in a request a required `readOnly` may be missing, an answer never holds a
`writeOnly` one. What no validator could compile is left out and said aloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias

from sandbox.spec.compiling import Schema, is_pattern
from sandbox.spec.document import Document
from sandbox.spec.sources import BrokenReference

Direction: TypeAlias = Literal["request", "answer"]

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


class Translated:
    """A schema in 2020-12 and the addresses of the definitions it refers to."""

    __slots__ = ("refers", "schema")

    def __init__(self, schema: Schema, refers: set[str]) -> None:
        self.schema = schema
        self.refers = refers


class Dialect:
    """Translates the schemas of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sources = document.sources
        self.where = document.name  # what is being translated, for troubles
        self._names: dict[str, str] = {}  # address -> name under $defs
        self._addresses: dict[str, str] = {}
        self._patterns: dict[str, bool] = {}

    def translated(self, schema: Any, direction: Direction) -> Translated:
        refers: set[str] = set()
        return Translated(_Translation(self, direction, refers).schema(schema), refers)

    def name(self, address: str) -> str:
        """A short name for a definition: the last part of its address, numbered where two would share it."""
        if address not in self._names:
            name = plain = re.sub(r"[^A-Za-z0-9_.-]", "_", address.rsplit("/", 1)[-1]) or "root"
            number = 1
            while name in self._addresses:
                number += 1
                name = f"{plain}.{number}"
            self._addresses[name] = address
            self._names[address] = name
        return self._names[address]

    def address_of(self, reference: str) -> str:
        """The address behind a translated `$ref`."""
        return self._addresses[reference.removeprefix("#/$defs/")]

    def pattern_compiles(self, pattern: str) -> bool:
        if pattern not in self._patterns:
            self._patterns[pattern] = is_pattern(pattern)
        return self._patterns[pattern]

    def trouble(self, message: str) -> None:
        self.document.trouble(self.where, message)


class _Translation:
    """One schema's way from its dialect to JSON Schema 2020-12."""

    def __init__(self, dialect: Dialect, direction: Direction, refers: set[str]) -> None:
        self.dialect = dialect
        self.direction = direction
        self.refers = refers
        self.is_3_0 = dialect.document.is_3_0

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
        target = {"$ref": "#/$defs/" + self.dialect.name(reference)}
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
        if self.dialect.pattern_compiles(pattern):
            return pattern
        for rewritten in _rewritten(pattern):
            if self.dialect.pattern_compiles(rewritten):
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
            return self.dialect.sources.followed(raw)
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
                self.dialect.sources.at(address)
            except BrokenReference as error:
                self.trouble(f"the discriminator's `{value}`: {error}")
                continue
            if not branches or address in branches:
                self.refers.add(address)
                found[value] = "#/$defs/" + self.dialect.name(address)
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
        own = self.own_values({"$ref": self.dialect.address_of(branch["$ref"])}, name)
        return own is None or all(value in own for value in values)

    def trouble(self, message: str) -> None:
        self.dialect.trouble(message)


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


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
