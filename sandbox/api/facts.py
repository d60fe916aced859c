"""What a schema says of one place, gathered from its keywords, its `$ref`s and its `allOf`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

PREFERRED: Final = "x-preferred"  # a value wished for by a discriminator; taken where it is valid
_INFINITE: Final = 10**6
_DATA: Final = frozenset({"example", "examples", "default", "enum", "const"})


class Contradiction(Exception):
    """No value can satisfy these keywords together, or none that ends."""


@dataclass(slots=True)
class Facts:
    """All keywords that hold at one place, gathered from a schema, its `$ref`s and its `allOf`."""

    types: frozenset[str] | None = None
    options: list[Any] | None = None
    formats: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    bounds: dict[str, Any] = field(default_factory=dict)
    multiples: list[int | float] = field(default_factory=list)
    unique: bool = False
    properties: dict[str, list[Any]] = field(default_factory=dict)
    pattern_properties: list[tuple[str, Any]] = field(default_factory=list)
    additional: list[tuple[frozenset[str], tuple[str, ...], Any]] = field(default_factory=list)
    required: dict[str, None] = field(default_factory=dict)
    dependent_required: list[Mapping[str, Any]] = field(default_factory=list)
    dependent_schemas: list[Mapping[str, Any]] = field(default_factory=list)
    property_names: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)
    prefix: list[list[Any]] = field(default_factory=list)
    contains: list[tuple[Any, int]] = field(default_factory=list)
    groups: list[tuple[int, str, list[Any]]] = field(default_factory=list)
    conditions: list[tuple[Any, Any, Any]] = field(default_factory=list)  # if, then, else
    refused: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    fakers: list[str] = field(default_factory=list)
    preferred: list[Any] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    closed: bool = False  # unevaluatedProperties: false

    def limit(self, keyword: str) -> Any:
        return self.bounds.get(keyword)


_LOWER_BOUNDS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


class Gathering:
    """Reads schemas into Facts."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions

    def facts(self, schemas: Iterable[Any]) -> Facts:
        facts = Facts()
        for schema in schemas:
            self.absorb(facts, schema, ())
        return facts

    def absorb(self, facts: Facts, schema: Any, through: tuple[str, ...], *, outermost: bool = True) -> None:
        if schema is True:
            return
        if schema is False or not isinstance(schema, dict):
            raise Contradiction("nothing is allowed here")
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            if name not in through:
                facts.refs.append(name)
                self.absorb_notes(facts, schema, outermost=outermost)
                self.absorb(facts, self.definitions.get(name, True), (*through, name), outermost=outermost)
            if len(schema) == 1:
                return
        else:
            self.absorb_notes(facts, schema, outermost=outermost)
        self.absorb_own(facts, schema)
        self.absorb_discriminator(facts, schema, through)
        for part in schema.get("allOf", ()):
            self.absorb(facts, part, through, outermost=outermost and len(schema["allOf"]) == 1)
        self.absorb_choices(facts, schema)

    def absorb_notes(self, facts: Facts, schema: Mapping[str, Any], *, outermost: bool) -> None:
        if PREFERRED in schema:
            facts.preferred.append(schema[PREFERRED])
        if not outermost:
            return  # the example of one part of an allOf is no example of the whole
        if "example" in schema:
            facts.notes.append(schema["example"])
        examples = schema.get("examples")
        if isinstance(examples, list):
            facts.notes += examples
        elif isinstance(examples, dict):
            facts.notes += [
                entry["value"] if isinstance(entry, dict) and "value" in entry else entry
                for entry in examples.values()
            ]
        if "default" in schema:
            facts.notes.append(schema["default"])

    def absorb_own(self, facts: Facts, schema: Mapping[str, Any]) -> None:
        declared = schema.get("type")
        if declared is not None:
            types = frozenset([declared] if isinstance(declared, str) else declared)
            facts.types = types if facts.types is None else _common_types(facts.types, types)
            if not facts.types:
                raise Contradiction("no type is left")
        if "const" in schema:
            self.absorb_options(facts, [schema["const"]])
        if "enum" in schema:
            self.absorb_options(facts, schema["enum"])
        if "format" in schema:
            facts.formats.append(schema["format"])
        if "pattern" in schema:
            facts.patterns.append(schema["pattern"])
        for keyword in _LOWER_BOUNDS:
            if keyword in schema:
                facts.bounds[keyword] = max(schema[keyword], facts.bounds.get(keyword, schema[keyword]))
        for keyword in _UPPER_BOUNDS:
            if keyword in schema:
                facts.bounds[keyword] = min(schema[keyword], facts.bounds.get(keyword, schema[keyword]))
        if "multipleOf" in schema:
            facts.multiples.append(schema["multipleOf"])
        facts.unique = facts.unique or schema.get("uniqueItems") is True
        self.absorb_object(facts, schema)
        self.absorb_array(facts, schema)
        if "not" in schema:
            facts.refused.append(schema["not"])

    def absorb_options(self, facts: Facts, options: list[Any]) -> None:
        if facts.options is not None:
            options = [option for option in facts.options if any(same(option, other) for other in options)]
            if not options:
                raise Contradiction("no option is left")
        facts.options = list(options)

    def absorb_object(self, facts: Facts, schema: Mapping[str, Any]) -> None:
        for name, part in schema.get("properties", {}).items():
            facts.properties.setdefault(name, []).append(part)
        patterned = schema.get("patternProperties", {})
        facts.pattern_properties += patterned.items()
        if "additionalProperties" in schema and schema["additionalProperties"] is not True:
            covered = frozenset(schema.get("properties", {}))
            facts.additional.append((covered, tuple(patterned), schema["additionalProperties"]))
        if schema.get("unevaluatedProperties") is False:
            facts.closed = True
        facts.required.update(dict.fromkeys(schema.get("required", ())))
        if "dependentRequired" in schema:
            facts.dependent_required.append(schema["dependentRequired"])
        if "dependentSchemas" in schema:
            facts.dependent_schemas.append(schema["dependentSchemas"])
        if "propertyNames" in schema:
            facts.property_names.append(schema["propertyNames"])

    def absorb_array(self, facts: Facts, schema: Mapping[str, Any]) -> None:
        if "items" in schema:
            facts.items.append(schema["items"])
        if "prefixItems" in schema:
            facts.prefix.append(schema["prefixItems"])
        if "contains" in schema:
            facts.contains.append((schema["contains"], schema.get("minContains", 1)))

    def absorb_choices(self, facts: Facts, schema: Mapping[str, Any]) -> None:
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                facts.groups.append((id(schema[keyword]), keyword, schema[keyword]))
        if "if" in schema and ("then" in schema or "else" in schema):
            facts.conditions.append((schema["if"], schema.get("then", True), schema.get("else", True)))

    def absorb_discriminator(self, facts: Facts, schema: Mapping[str, Any], through: tuple[str, ...]) -> None:
        """The discriminating property names what is being made, by its mapping or by its own name."""
        note = schema.get("discriminator")
        if not note or "oneOf" in schema or "anyOf" in schema:
            return
        by_target = {target.removeprefix("#/$defs/"): value for value, target in note["mapping"].items()}
        for name in facts.refs:
            if name in by_target or (name in through and len(facts.refs) > 1):
                wish = {PREFERRED: by_target.get(name, name)}
                facts.properties.setdefault(note["propertyName"], []).append(wish)
                return


class Heights:
    """How deep a value of each definition is at least, so that recursion is left by the shortest way."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions
        self.known: dict[str, int] = dict.fromkeys(definitions, _INFINITE)
        changed = True
        while changed:
            changed = False
            for name, schema in definitions.items():
                height = self.of(schema)
                if height < self.known[name]:
                    self.known[name] = height
                    changed = True

    def of(self, schema: Any) -> int:
        if not isinstance(schema, dict):
            return 0 if schema is True else _INFINITE
        if "const" in schema or "enum" in schema:
            return 0
        heights = [0]
        if "$ref" in schema:
            heights.append(self.known.get(schema["$ref"].removeprefix("#/$defs/"), 0))
        heights += [self.of(part) for part in schema.get("allOf", ())]
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                heights.append(min(map(self.of, schema[keyword]), default=0))
        types = schema.get("type")
        if isinstance(types, list) and not set(types) <= {"object", "array"}:
            return max(heights)
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            heights.append(1 + self.of(properties.get(name, True)))
        if schema.get("minItems", 0) > 0 and "items" in schema:
            heights.append(1 + self.of(schema["items"]))
        return min(max(heights), _INFINITE)


def maps_in(roots: list[Any]) -> Iterator[dict[str, Any]]:
    todo = list(roots)
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            yield node
            todo += [
                child for key, child in node.items() if key not in _DATA and isinstance(child, dict | list)
            ]
        elif isinstance(node, list):
            todo += [child for child in node if isinstance(child, dict | list)]


def first_refs(schema: Any) -> Iterator[str]:
    """The references a schema is made of at its own place."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix("#/$defs/")
        for part in schema.get("allOf", ()):
            yield from first_refs(part)


def nested_refs(schema: Any, definitions: Mapping[str, Any]) -> Iterator[str]:
    """The references one would be inside of at once; not those of a choice that has another way out."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield name
        target = definitions.get(name)
        if isinstance(target, dict) and "$ref" in target:
            yield from nested_refs({"$ref": target["$ref"]}, {})
    for part in schema.get("allOf", ()):
        yield from nested_refs(part, definitions)
    for keyword in ("oneOf", "anyOf"):
        branches = [branch for branch in schema.get(keyword, ()) if not is_null(branch)]
        if len(branches) == 1:
            yield from nested_refs(branches[0], definitions)


def is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null" or schema.get("enum") == [None] or schema.get("const", 0) is None
    )


def _common_types(first: frozenset[str], second: frozenset[str]) -> frozenset[str]:
    common = set(first & second)
    if ("integer" in first and "number" in second) or ("number" in first and "integer" in second):
        common.add("integer")
    return frozenset(common)


def same(first: Any, second: Any) -> bool:
    """Equal as JSON: 1 and true differ, 1 and 1.0 don't."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict | list) and type(first) is type(second):
        return msgspec.json.encode(first, order="sorted") == msgspec.json.encode(second, order="sorted")
    return bool(first == second) and isinstance(first, str) == isinstance(second, str)
