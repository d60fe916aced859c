"""Makes one value that satisfies a schema: chooses the branches, then makes what the type asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, Final, TypeAlias

from sandbox.api import plausible, scalars
from sandbox.api.facts import (
    PREFERRED,
    Contradiction,
    Facts,
    Gathering,
    Heights,
    first_refs,
    is_null,
    maps_in,
    nested_refs,
    same,
)
from sandbox.spec import Shape

SchemaList: TypeAlias = tuple[Any, ...]

MISSING: Final = object()
_MOST_BRANCHES: Final = 24
_MOST_STEPS: Final = 4000
_MOST_ITEMS: Final = 30  # made one by one; a schema that wants more gets them again
_LONGEST_EXAMPLE: Final = 20_000
_TYPE_ORDER: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_NUMERIC: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True, slots=True)
class Care:
    """How carefully, and how richly, a value is made."""

    attempt: int
    checks_choices: bool
    optional_depth: int  # optional properties are given down to this depth
    budget: int  # values in all
    forgiving: bool = False  # of a schema that contradicts itself something readable is better than nothing


CARES: Final = (
    Care(0, checks_choices=False, optional_depth=4, budget=400),
    Care(1, checks_choices=True, optional_depth=4, budget=400),
    Care(2, checks_choices=True, optional_depth=2, budget=150),
    Care(3, checks_choices=True, optional_depth=0, budget=60),
    Care(4, checks_choices=True, optional_depth=1, budget=60),
    Care(5, checks_choices=True, optional_depth=8, budget=800),
    Care(6, checks_choices=False, optional_depth=2, budget=100, forgiving=True),
)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the answer a value stands."""

    path: str
    name: str  # of the nearest property
    depth: int
    refs: tuple[str, ...]  # the definitions one is inside of

    def below(self, step: str, name: str, refs: Iterable[str]) -> _Spot:
        return _Spot(f"{self.path}.{step}", name, self.depth + 1, (*self.refs, *refs))


def repeating(shape: Shape, value: Any, known: Mapping[str, Any]) -> Any:
    """The value with what is known of its request put in wherever it has such a property and stays valid."""
    if isinstance(value, dict):
        for name, wanted in known.items():
            if name in value and not isinstance(value[name], dict | list):
                changed = {**value, name: wanted}
                if shape.is_valid(changed):
                    value = changed
    return value


class Maker:
    """Makes one whole value. `care` says how; the key and the place decide every choice."""

    def __init__(self, shape: Shape, key: str, care: Care, *, from_examples: bool = True) -> None:
        self.shape = shape
        self.key = key if care.attempt < 4 else f"{key}\x1f{care.attempt}"
        self.care = care
        self.from_examples = from_examples
        self.gathering = Gathering(shape.definitions)
        self.left = care.budget
        self.steps = 0

    def whole(self, known: Mapping[str, Any], hint: Any) -> Any:
        value = self.value((self.shape.schema,), _Spot("$", "", 0, ()), hint)
        return repeating(self.shape, value, known)

    # — one place —

    def value(
        self, schemas: SchemaList, spot: _Spot, hint: Any = MISSING, decided: frozenset[int] = frozenset()
    ) -> Any:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise Contradiction("it takes too long")
        facts = self.gathering.facts(schemas)
        if not decided:
            self.left -= 1
            noted = self.noted(facts, schemas, hint)
            if noted is not MISSING:
                return noted
        for identity, keyword, branches in facts.groups:
            if identity not in decided:
                return self.chosen(schemas, spot, hint, decided | {identity}, (keyword, branches))
        value = self.made(facts, schemas, spot, hint)
        for condition in facts.conditions:
            consequence = self.consequence(condition, value)
            if consequence not in (True, *schemas) and not self.shape.part((consequence,)).is_valid(value):
                return self.value((*schemas, consequence), spot, hint, decided)
        return value

    def consequence(self, condition: tuple[Any, Any, Any], value: Any) -> Any:
        """What `if`, `then` and `else` demand of a value that was made without regard to them."""
        premise, then, otherwise = condition
        return then if self.shape.part((premise,)).is_valid(value) else otherwise

    def noted(self, facts: Facts, schemas: SchemaList, hint: Any) -> Any:
        """A value somebody wrote for this place, if it is valid here."""
        notes = facts.preferred + (facts.notes if self.from_examples else [])
        if hint is not MISSING:
            notes = [hint, *notes]
        for note in notes:
            if note is None and facts.types != frozenset({"null"}):
                continue  # an example of null says that the author had none
            if isinstance(note, str) and len(note) > _LONGEST_EXAMPLE:
                continue
            if self.fits(facts, schemas, note):
                return note
        return MISSING

    def fits(self, facts: Facts, schemas: SchemaList, value: Any) -> bool:
        """Whether a value is valid here; a scalar is held against the scalar keywords only: cheap."""
        if not isinstance(value, dict | list) and not facts.groups and not facts.refused:
            return scalars.shape_of(facts).is_valid(value)
        if len(schemas) == 1 and schemas[0] is self.shape.schema:
            return self.shape.is_valid(value)
        return self.shape.part(schemas).is_valid(value)

    def chosen(
        self,
        schemas: SchemaList,
        spot: _Spot,
        hint: Any,
        decided: frozenset[int],
        group: tuple[str, list[Any]],
    ) -> Any:
        """The value of the first branch that works out, the easiest to finish first when deep inside."""
        keyword, branches = group
        fallback: Any = MISSING
        reason: Contradiction | None = None
        for branch in self.ordered(branches, spot)[:_MOST_BRANCHES]:
            left = self.left
            try:
                value = self.value((*schemas, branch), spot, hint, decided)
            except Contradiction as contradiction:
                reason = contradiction
                continue
            if not self.care.checks_choices or self.shape.choice(keyword, branches).is_valid(value):
                return value
            if fallback is MISSING:
                fallback = value
            self.left = left
        if fallback is MISSING:
            raise reason or Contradiction("no branch is left")
        return fallback

    def ordered(self, branches: list[Any], spot: _Spot) -> list[Any]:
        def rank(numbered: tuple[int, Any]) -> tuple[int, int]:
            index, branch = numbered
            again = self.is_inside(branch, spot)
            height = self.heights.of(branch) if again or self.is_tight(spot) else 0
            return (height + 8 * again + 4 * is_null(branch), index)

        ranked = [branch for _, branch in sorted(enumerate(branches), key=rank)]
        if self.care.attempt == 4:
            Random(plausible.seed_of(self.key, spot.path)).shuffle(ranked)
        return [self.with_name(branch, branches) for branch in ranked]

    def with_name(self, branch: Any, branches: list[Any]) -> Any:
        """Under a discriminator the branch carries the value that names it."""
        if not isinstance(branch, dict) or "$ref" not in branch:
            return branch
        name, value = self.names.get((id(branches), branch["$ref"]), ("", ""))
        return {"allOf": [branch, {"properties": {name: {PREFERRED: value}}}]} if name else branch

    @cached_property
    def names(self) -> dict[tuple[int, str], tuple[str, str]]:
        """(branches, reference) -> the discriminating property and the value that means this reference."""
        found: dict[tuple[int, str], tuple[str, str]] = {}
        for node in maps_in([self.shape.schema]):
            note = node.get("discriminator")
            branches = node.get("oneOf") or node.get("anyOf")
            if isinstance(note, dict) and isinstance(branches, list) and "mapping" in note:
                for value, target in note["mapping"].items():
                    found.setdefault((id(branches), target), (note["propertyName"], value))
        return found

    @cached_property
    def heights(self) -> Heights:
        return Heights(self.shape.definitions)

    def is_inside(self, schema: Any, spot: _Spot) -> bool:
        return any(name in spot.refs for name in first_refs(schema))

    def is_tight(self, spot: _Spot) -> bool:
        return self.left <= 0 or spot.depth > 10 or len(spot.refs) > len(set(spot.refs)) + 1

    def seed(self, spot: _Spot) -> int:
        return plausible.seed_of(self.key, spot.path)

    # — by type —

    def made(self, facts: Facts, schemas: SchemaList, spot: _Spot, hint: Any) -> Any:
        if spot.depth > 60:
            raise Contradiction("it does not end")
        if facts.options is not None:
            return self.option(facts, schemas, spot)
        kind = self.kind(facts, spot)
        if kind == "object":
            return self.object(facts, spot, hint)
        if kind == "array":
            return self.array(facts, spot, hint)
        if kind == "string":
            return self.text(facts, schemas, spot)
        if kind in ("integer", "number"):
            return self.number(facts, schemas, spot, kind)
        if kind == "boolean":
            return self.first_fitting(facts, schemas, [bool(self.seed(spot) % 2), True, False])
        return None

    def kind(self, facts: Facts, spot: _Spot) -> str:
        if facts.types is not None:
            types = [kind for kind in _TYPE_ORDER if kind in facts.types]
            return types[0]
        if facts.properties or facts.required or facts.additional or facts.pattern_properties or facts.closed:
            return "object"
        if facts.items or facts.prefix or facts.contains or {"minItems", "maxItems"} & facts.bounds.keys():
            return "array"
        if facts.multiples or set(_NUMERIC) & facts.bounds.keys():
            return "number"
        if {"minProperties", "maxProperties"} & facts.bounds.keys() or facts.property_names:
            return "object"
        if not spot.name and not facts.patterns and not facts.formats:
            return "object"
        return "string"

    def option(self, facts: Facts, schemas: SchemaList, spot: _Spot) -> Any:
        assert facts.options is not None
        allowed = [option for option in facts.options if facts.types is None or _is_of(option, facts.types)]
        plain = [option for option in allowed if option is not None] or allowed
        if not plain:
            raise Contradiction("no option has the type")
        start = self.seed(spot) % len(plain)
        if not facts.patterns and not facts.refused and not facts.bounds:
            return plain[start]
        return self.first_fitting(facts, schemas, plain[start:] + plain[:start])

    def first_fitting(self, facts: Facts, schemas: SchemaList, candidates: list[Any]) -> Any:
        for candidate in candidates:
            if self.fits(facts, schemas, candidate):
                return candidate
        return candidates[0]

    # — scalars —

    def text(self, facts: Facts, schemas: SchemaList, spot: _Spot) -> str:
        for candidate in scalars.texts(facts, spot.name, self.seed(spot)):
            if scalars.is_free(facts) or self.fits(facts, schemas, candidate):
                return candidate
        least, most = facts.limit("minLength") or 0, facts.limit("maxLength")
        return "x" * max(least, 1) if most != 0 else ""

    def number(self, facts: Facts, schemas: SchemaList, spot: _Spot, kind: str) -> int | float:
        whole = kind == "integer" or (facts.types is not None and "number" not in facts.types)
        candidates = scalars.numbers(facts, spot.name, self.seed(spot), whole=whole)
        if not facts.refused and not facts.multiples and not facts.bounds:
            return candidates[0]
        number: int | float = self.first_fitting(facts, schemas, list(candidates))
        return number

    # — arrays —

    def array(self, facts: Facts, spot: _Spot, hint: Any) -> list[Any]:
        least, most = facts.limit("minItems") or 0, facts.limit("maxItems")
        if most is not None and most < least:
            raise Contradiction("the fewest are more than the most")
        items = tuple(facts.items)
        slots = self.slots(facts, items)
        wanted = max(least, len(slots), self.usual_count(facts, items, spot))
        if most is not None:
            wanted = min(wanted, most)
        if any(item is False for item in items):
            wanted = min(wanted, len(slots))
        hints = hint if isinstance(hint, list) else []
        found: list[Any] = []
        for index in range(wanted):
            if index >= _MOST_ITEMS and index >= len(slots) and not facts.unique:
                return found + [found[number % _MOST_ITEMS] for number in range(wanted - index)]
            schemas = slots[index] if index < len(slots) else items
            try:
                item_hint = hints[index] if index < len(hints) else MISSING
                found.append(self.item(schemas, spot, index, found if facts.unique else [], facts, item_hint))
            except Contradiction:
                if len(found) >= max(least, min(len(slots), 1) and len(slots)):
                    break
                raise
        return found

    def slots(self, facts: Facts, items: SchemaList) -> list[SchemaList]:
        """The schemas of the first items, where each has its own."""
        count = max(map(len, facts.prefix), default=0)
        slots = [tuple(part[index] for part in facts.prefix if index < len(part)) for index in range(count)]
        for schema, times in facts.contains:
            slots += [(schema, *items)] * times
        return slots

    def usual_count(self, facts: Facts, items: SchemaList, spot: _Spot) -> int:
        if self.is_tight(spot) or spot.depth > self.care.optional_depth + 2:
            return 0
        if any(self.is_inside(item, spot) for item in items) or any(name in spot.refs for name in facts.refs):
            return 0
        if facts.types is None and not items and not facts.prefix:
            return 0
        return 2 if spot.depth <= 2 else 1

    def item(
        self, schemas: SchemaList, spot: _Spot, index: int, taken: list[Any], facts: Facts, hint: Any
    ) -> Any:
        for again in range(12):
            step = f"{index}" if not again else f"{index}~{again}"
            below = spot.below(step, _singular(spot.name), facts.refs)
            value = self.value(schemas or (True,), below, hint if not again else MISSING)
            if not any(same(value, other) for other in taken):
                return value
            if again == 0:
                self.from_examples, kept = False, self.from_examples
                try:
                    value = self.value(schemas or (True,), below)
                finally:
                    self.from_examples = kept
                if not any(same(value, other) for other in taken):
                    return value
            other = self.other_option(schemas, taken)
            if other is not MISSING:
                return other
        raise Contradiction("no further distinct item was found")

    def other_option(self, schemas: SchemaList, taken: list[Any]) -> Any:
        facts = self.gathering.facts(schemas)
        for option in facts.options or ():
            if not any(same(option, other) for other in taken) and self.fits(facts, schemas, option):
                return option
        if facts.options is not None:
            raise Contradiction("the options are used up")
        return MISSING

    # — objects —

    def object(self, facts: Facts, spot: _Spot, hint: Any) -> dict[str, Any]:
        hints = hint if isinstance(hint, dict) else {}
        banned = _banned_names(facts.refused)
        wanted = dict.fromkeys(facts.required)
        for name in facts.properties:
            if name not in wanted and name not in banned and self.is_wanted(name, facts, spot, hints):
                wanted[name] = None
        wanted = dict.fromkeys(self.in_order(facts, wanted))
        most = facts.limit("maxProperties")
        if most is not None and len(wanted) > most:
            optional = [name for name in wanted if name not in facts.required]
            for name in optional[most - len(facts.required) :] if most >= len(facts.required) else optional:
                del wanted[name]
        result: dict[str, Any] = {}
        for name in wanted:
            self.add(result, name, facts, spot, hints)
        self.add_dependents(result, facts, spot, hints)
        self.add_more(result, facts, spot, hints)
        return result

    def in_order(self, facts: Facts, wanted: dict[str, None]) -> list[str]:
        """As the document lists them, then what only `required` or a hint names."""
        listed = [name for name in facts.properties if name in wanted]
        return [*listed, *(name for name in wanted if name not in facts.properties)]

    def is_wanted(self, name: str, facts: Facts, spot: _Spot, hints: Mapping[str, Any]) -> bool:
        if name in hints:
            return True
        schemas = facts.properties[name]
        if any(schema is False for schema in schemas) or self.left <= 0:
            return False
        if spot.depth >= self.care.optional_depth:
            return False
        refs = (*spot.refs, *facts.refs)
        return not any(
            ref in refs for schema in schemas for ref in nested_refs(schema, self.shape.definitions)
        )

    def add(
        self, result: dict[str, Any], name: str, facts: Facts, spot: _Spot, hints: Mapping[str, Any]
    ) -> None:
        if name in result:
            return
        below = spot.below(name, name, facts.refs)
        left = self.left
        try:
            result[name] = self.value(self.schemas_of(name, facts), below, hints.get(name, MISSING))
        except Contradiction:
            self.left = left
            if name in facts.required:
                raise

    def schemas_of(self, name: str, facts: Facts) -> SchemaList:
        """Every schema a property of this name must satisfy, listed, patterned or additional."""
        found = list(facts.properties.get(name, ()))
        for pattern, schema in facts.pattern_properties:
            if scalars.matches(pattern, name):
                found.append(schema)
        for covered, patterns, schema in facts.additional:
            if name in covered or any(scalars.matches(p, name) for p in patterns):
                continue
            if schema is not False or not self.care.forgiving:
                found.append(schema)
        return tuple(found) or (True,)

    def add_dependents(
        self, result: dict[str, Any], facts: Facts, spot: _Spot, hints: Mapping[str, Any]
    ) -> None:
        for dependent in facts.dependent_required:
            for name, others in dependent.items():
                for other in others if name in result else ():
                    self.add(result, other, facts, spot, hints)
        for schemas in facts.dependent_schemas:
            for name, schema in schemas.items():
                if name in result and schema is not True:
                    more = self.value((schema,), spot, result)
                    result.update({key: value for key, value in more.items() if key not in result})

    def add_more(self, result: dict[str, Any], facts: Facts, spot: _Spot, hints: Mapping[str, Any]) -> None:
        """Properties nobody listed: as many as `minProperties` wants, two for a map from anything."""
        least, most = facts.limit("minProperties") or 0, facts.limit("maxProperties")
        for name in facts.properties:
            if len(result) >= least:
                break
            if not any(schema is False for schema in facts.properties[name]):
                self.add(result, name, facts, spot, hints)
        for name in hints:
            if name not in result and not facts.closed and (most is None or len(result) < most):
                self.add_additional(result, name, facts, spot, hints)
        wanted = least
        is_map = (
            any(isinstance(schema, dict) for _, _, schema in facts.additional) or facts.pattern_properties
        )
        if (
            is_map
            and not facts.properties
            and not self.is_tight(spot)
            and spot.depth < self.care.optional_depth
        ):
            wanted = max(least, 2)
            if self.maps_to_itself(facts, spot):
                wanted = least
        if most is not None:
            wanted = min(wanted, most)
        for name in self.names_for(facts, spot):
            if len(result) >= wanted:
                return
            if name not in result:
                self.add_additional(result, name, facts, spot, {})
        if len(result) < least:
            raise Contradiction("too few names are allowed")

    def maps_to_itself(self, facts: Facts, spot: _Spot) -> bool:
        schemas = [schema for _, _, schema in facts.additional] + [
            part for _, part in facts.pattern_properties
        ]
        refs = (*spot.refs, *facts.refs)
        return any(ref in refs for schema in schemas for ref in nested_refs(schema, self.shape.definitions))

    def add_additional(
        self, result: dict[str, Any], name: str, facts: Facts, spot: _Spot, hints: Mapping[str, Any]
    ) -> None:
        schemas = self.schemas_of(name, facts)
        if any(schema is False for schema in schemas):
            return
        if any(not self.shape.part((schema,)).is_valid(name) for schema in facts.property_names):
            return
        self.add(result, name, facts, spot, hints)

    def names_for(self, facts: Facts, spot: _Spot) -> Iterator[str]:
        """Names for additional properties, the ones that a pattern or `propertyNames` asks for first."""
        seed = self.seed(spot)
        for number in range(8):
            for pattern, _ in facts.pattern_properties:
                yield from scalars.patterned(pattern, seed + number, 0, 40)
        for schema in facts.property_names:
            for number in range(8):
                try:
                    name = self.value((schema, {"type": "string"}), spot.below(f"name{number}", "key", ()))
                except Contradiction:
                    break
                if isinstance(name, str):
                    yield name
            yield from self.gathering.facts((schema,)).options or ()
        if any(schema is False for _, _, schema in facts.additional) or facts.closed:
            return
        for number in range(40):
            word = plausible.fake(seed + number).word()
            yield word if number < 20 else f"{word}_{number}"

    # — completing —

    def completed(self, schemas: SchemaList, body: Any, path: str) -> Any:
        """What is there stays; what is required and missing is made, in the first shape that then fits."""
        try:
            facts = self.gathering.facts(schemas)
        except Contradiction:
            return body
        spot = _Spot(path, path.rpartition(".")[2], 0, ())
        if isinstance(body, list):
            items = tuple(facts.items)
            return [self.completed(items, item, f"{path}.{index}") for index, item in enumerate(body)]
        if not isinstance(body, dict):
            return body
        for _, keyword, branches in facts.groups:
            body = self.completed_branch(keyword, branches, body, path)
        result = {
            name: self.completed(self.schemas_of(name, facts), value, f"{path}.{name}")
            for name, value in body.items()
        }
        for name in facts.required:
            if name not in result:
                try:
                    result[name] = self.value(
                        self.schemas_of(name, facts), spot.below(name, name, facts.refs)
                    )
                except Contradiction:
                    continue
        return result

    def completed_branch(self, keyword: str, branches: list[Any], body: dict[str, Any], path: str) -> Any:
        whole = self.shape.choice(keyword, branches)
        if whole.is_valid(body):
            return body
        for branch in branches:
            candidate = self.completed((branch,), body, path)
            if whole.is_valid(candidate):
                return candidate
        return body


def _banned_names(refused: list[Any]) -> frozenset[str]:
    """`not: {required: [x]}` forbids x; of `anyOf` of such, all of them."""
    found: set[str] = set()
    for schema in refused:
        if isinstance(schema, dict):
            if len(schema.get("required", ())) >= 1:
                found.add(schema["required"][-1])
            found |= _banned_names(schema.get("anyOf", []))
    return frozenset(found)


def _is_of(value: Any, types: frozenset[str]) -> bool:
    if value is None:
        return "null" in types
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, int | float):
        return "number" in types or ("integer" in types and float(value).is_integer())
    if isinstance(value, str):
        return "string" in types
    return ("array" if isinstance(value, list) else "object") in types


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
