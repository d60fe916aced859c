"""From what a validator found to sentences that teach: what came, what was expected, what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

import jsonschema_rs

from sandbox.spec.describing import ARTICLES, described, dotted, expected, options_in_words, quoted, shortened
from sandbox.spec.faults import Fault
from sandbox.spec.parameters import kinds
from sandbox.spec.shapes import Shape

Error: TypeAlias = jsonschema_rs.ValidationError
Kind: TypeAlias = jsonschema_rs.ValidationErrorKind

MOST_FAULTS: Final = 50
_SECONDS: Final = range(10**9, 10**10)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class _Part:
    """A value, or what was found wrong inside one: the schema it is held against, and what it is called."""

    shape: Shape
    schema: dict[str, Any]
    value: Any
    where: str

    @property
    def expected(self) -> str:
        return expected(self.shape, self.schema)

    def inside(self, error: Error) -> _Part:
        """The part that an error is about."""
        schema = self.shape.followed(_schema_at(self.shape, error.evaluation_path[:-1]))
        value = _reached(self.value, error.instance_path)
        return _Part(self.shape, schema, value, self.where + dotted(error.instance_path))


def faults_of(shape: Shape, value: Any, where: str) -> tuple[Fault, ...]:
    """Everything a shape finds wrong with a value, in words; `where` names the value itself."""
    try:
        errors = shape.validator.iter_errors(value)
        found = dict.fromkeys(_worded_all(errors, _Part(shape, shape.schema, value, where)))
    except UnicodeEncodeError:
        return (Fault(where, "holds a lone surrogate, which is no character. Send the whole character."),)
    except ValueError as error:
        return (Fault(where, f"cannot be read: {str(error)[:100]}. Send plain JSON values."),)
    return tuple(found)


def _worded_all(errors: Iterable[Error], whole: _Part) -> Iterator[Fault]:
    return islice((fault for error in errors for fault in _worded(error, whole)), MOST_FAULTS)


def _worded(error: Error, whole: _Part) -> Iterator[Fault]:
    kind, part = error.kind, whole.inside(error)
    if isinstance(kind, Kind.Required):
        yield Fault(f"{part.where}.{kind.property}", _missing(kind.property, part))
    elif isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
        for name in kind.unexpected[:MOST_FAULTS]:
            yield Fault(f"{part.where}.{shortened(name)}", _unknown(name, part))
    elif isinstance(kind, Kind.OneOfNotValid | Kind.AnyOf):
        yield from _nearest(kind, part, whole)
    elif isinstance(kind, Kind.FalseSchema):
        yield Fault(part.where, "does not belong here. Leave it out.")
    elif isinstance(kind, Kind.PropertyNames):
        yield Fault(part.where, f"has a name that is not allowed: {kind.error.message[:120]}. Rename it.")
    else:
        yield Fault(part.where, _sentence(kind, part))


def _sentence(kind: Kind, part: _Part) -> str:
    came = described(part.value)
    if isinstance(kind, Kind.Type):
        return _wrong_type(kind.types, part)
    if isinstance(kind, Kind.Enum | Kind.Constant):
        options = kind.options if isinstance(kind, Kind.Enum) else [kind.expected_value]
        return _not_among(part.value, options if isinstance(options, list) else [options])
    if isinstance(kind, Kind.Minimum | Kind.ExclusiveMinimum | Kind.Maximum | Kind.ExclusiveMaximum):
        return _out_of_bounds(part)
    if isinstance(kind, Kind.MinLength | Kind.MaxLength | Kind.Pattern | Kind.Format):
        return _wrong_text(kind, part)
    if isinstance(kind, Kind.MinItems | Kind.MaxItems):
        return _wrong_count(part.value, kind)
    if isinstance(kind, Kind.UniqueItems):
        return f"names something twice. {_repeated(part.value)}Send each only once."
    if isinstance(kind, Kind.MinProperties):
        return _too_few_fields(kind.limit, part)
    if isinstance(kind, Kind.MultipleOf):
        return f"is {came}, which is no multiple of {kind.multiple_of}. Send one."
    if isinstance(kind, Kind.OneOfMultipleValid):
        return "fits several of the shapes taken here. Send the fields of one of them only."
    if isinstance(kind, Kind.Not):
        return _excluded(part)
    if isinstance(kind, Kind.Contains):
        return _miscounted(part)
    if isinstance(kind, Kind.MaxProperties):
        return f"has {len(part.value)} fields; at most {kind.limit} are taken. Send fewer."
    return f"is {came}, which does not fit: {kind.name}. Send {part.expected}."


def _miscounted(part: _Part) -> str:
    """Too few, or too many, of what a list has to contain."""
    least, most = part.schema.get("minContains", 1), part.schema.get("maxContains")
    bounds = f"at least {least}" if most is None else f"{least} to {most}"
    item = expected(part.shape, part.shape.followed(part.schema["contains"]))
    return f"is {described(part.value)}, of which {bounds} must each be {item}. Send as many."


def _missing(name: str, part: _Part) -> str:
    wanted = expected(part.shape, _declared(name, part))
    if isinstance(part.value, dict):
        known = _names(part)
        near = similar_name(name, [key for key in part.value if key not in known])
        if near:
            return f"is missing; `{shortened(near)}` came instead. Name it `{name}`: {wanted}."
    return f"is missing. Send {wanted}."


def _unknown(name: str, part: _Part) -> str:
    names = _names(part)
    near = similar_name(name, names)
    if near:
        return f"is an unknown field: did you mean `{near}`? Rename it or leave it out."
    absent = [one for one in names if not isinstance(part.value, dict) or one not in part.value]
    if not names:
        return "is an unknown field: none is taken here. Leave it out."
    known = ", ".join(f"`{one}`" for one in (absent or names)[:8])
    return f"is an unknown field. Leave it out; this takes {'also ' if absent != names else ''}{known}."


def _wrong_type(types: Sequence[str], part: _Part) -> str:
    wanted = " or ".join(ARTICLES.get(kind, kind) for kind in types)
    value, came = part.value, described(part.value)
    if value is None:
        instead = "Send" if part.where == "body" else "Leave the field out instead of null, or send"
        return f"is null, where {wanted} is wanted. {instead} {wanted}."
    if isinstance(value, str) and not {"object", "array"} & set(types):
        text = value.strip()
        if {"integer", "number"} & set(types) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
            return f"is the string {came} where {wanted} is wanted: drop the quotes."
        if "boolean" in types and text.lower() in ("true", "false"):
            return f"is the string {came} where {wanted} is wanted: drop the quotes."
    if isinstance(value, bool) and {"integer", "number"} & set(types):
        return f"is {came} where {wanted} is wanted; true and false are no numbers. Send a number."
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "string" in types:
            return f"is the number {came} where {wanted} is wanted: put it in double quotes."
        if "integer" in types:
            return f"is {came}, where {wanted} is wanted: no fraction. Send {part.expected}."
    if "array" in types and not isinstance(value, list):
        return f"is {came} where {wanted} is wanted: put it in square brackets."
    return f"is {came} where {wanted} is wanted. Send {part.expected}."


def _not_among(value: Any, options: list[Any]) -> str:
    came, shown = described(value), options_in_words(options)
    if value is None:
        return f"is null. Leave the field out instead of null, or send {shown}."
    if isinstance(value, str):
        texts = [option for option in options if isinstance(option, str)]
        for option in texts:
            if value != option and value.strip() == option:
                return f"is {came} with spaces around it. Send {quoted(option)} without them."
            if value.strip().casefold() == option.casefold():
                return f"is {came}; letter case counts. Send {quoted(option)}."
        near = similar_name(value, texts)
        if near:
            return f"is {came}: did you mean {quoted(near)}? Taken are {shown}."
    return f"is {came}. Send {shown}."


def _out_of_bounds(part: _Part) -> str:
    value, schema = part.value, part.schema
    came, wanted = described(value), part.expected
    minimum = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    if isinstance(value, int) and schema.get("format") == "epoch-ms" and value in _SECONDS:
        return f"is {came}, which looks like seconds; multiply by 1000. Send {wanted}."
    if isinstance(value, int) and value in _SECONDS and minimum >= 10**11:
        return f"is {came}, which looks like seconds; multiply by 1000. Send {wanted}."
    if isinstance(value, int) and schema.get("format") == "epoch-s" and value >= 10**11:
        return f"is {came}, which looks like milliseconds; divide by 1000. Send {wanted}."
    return f"is {came}, which is out of range. Send {wanted}."


def _wrong_text(kind: Kind, part: _Part) -> str:
    value, came, wanted = part.value, described(part.value), part.expected
    if not isinstance(value, str):
        return f"is {came}. Send {wanted}."
    if value == "":
        return f"is empty. Send {wanted}, or leave it out where it is optional."
    if not value.strip():
        return f"is blank. Send {wanted}, or leave it out where it is optional."
    if isinstance(kind, Kind.MaxLength):
        return f"has {len(value)} characters; at most {kind.limit} are taken. Shorten it."
    control = _CONTROL.search(value)
    if control and not isinstance(kind, Kind.MinLength):
        return f"has the control character U+{ord(control[0]):04X} at position {control.start()}. Remove it."
    if isinstance(kind, Kind.MinLength):
        return f"is {came}: {len(value)} characters, where at least {kind.limit} are wanted. Send more."
    if value != value.strip():
        trimmed = value.strip()
        if not faulty(part.shape, part.schema, trimmed):
            return f"is {came} with spaces around it. Send {quoted(trimmed)} without them."
    return f"is {came}. Send {wanted}."


def _wrong_count(value: Any, kind: Any) -> str:
    count, items = len(value), "item" if kind.limit == 1 else "items"
    if isinstance(kind, Kind.MaxItems):
        return (
            f"has {count} items; at most {kind.limit} {'is' if kind.limit == 1 else 'are'} taken. Send fewer."
        )
    if count == 0:
        return f"is an empty list. Send at least {kind.limit} {items}."
    return f"has {count} items; at least {kind.limit} are wanted. Send more."


def _too_few_fields(limit: int, part: _Part) -> str:
    names = ", ".join(f"`{name}`" for name in list(part.schema.get("properties", {}))[:12])
    least = "at least one field" if limit == 1 else f"at least {limit} fields"
    return (
        f"is {described(part.value)}; {least} is wanted"
        + (f": any of {names}." if names else ".")
        + " Send it."
    )


def _repeated(value: Any) -> str:
    seen: list[Any] = []
    for item in value if isinstance(value, list) else []:
        if item in seen:
            return f"It is {described(item)}. "
        seen.append(item)
    return ""


def _excluded(part: _Part) -> str:
    inner = part.shape.followed(part.schema.get("not", {}))
    names = inner.get("required")
    if names and set(inner) <= {"required", "properties"}:
        listed = " and ".join(f"`{name}`" for name in names)
        reason = "may not stand together" if len(names) > 1 else "is not taken"
        return f"has {listed}, which {reason}. Leave one out."
    return f"is {expected(part.shape, inner)}, which is just what is not taken here. Send something else."


def _nearest(kind: Kind.OneOfNotValid | Kind.AnyOf, part: _Part, whole: _Part) -> Iterator[Fault]:
    """Of several shapes the one that lacks least is explained; the others are only named."""
    shape, value, place = part.shape, part.value, part.where
    branches = part.schema.get("anyOf" if isinstance(kind, Kind.AnyOf) else "oneOf", [])
    if value is None or not kind.context:
        came = described(value)
        yield Fault(place, f"is {came}, which is none of the shapes taken here. Leave it out or change it.")
        return
    options = zip(kind.context, branches or [{}] * len(kind.context), strict=False)
    fitting = [(errors, branch) for errors, branch in options if _same_type(shape, branch, value)]
    if not fitting:
        yield Fault(place, _wrong_type(sorted(kinds(shape, {"anyOf": branches})), part))
        return
    errors, nearest = min(fitting, key=lambda option: _distance(option[0], option[1], part))
    faults = dict.fromkeys(fault for error in errors for fault in _worded(error, whole))
    if len(fitting) > 1 and isinstance(value, dict):
        shown = "; or ".join(_branch_name(shape, branch) for _, branch in fitting)
        listed = ", ".join(sorted({fault.where.removeprefix(place + ".") for fault in faults}))
        yield Fault(
            place,
            f"is none of the shapes taken here: {shown}. Nearest is {_branch_name(shape, nearest)}; "
            f"to be it, correct: {listed}.",
        )
    yield from faults


def _same_type(shape: Shape, branch: Any, value: Any) -> bool:
    wanted, came = kinds(shape, branch), _type_name(value)
    return not wanted or came in wanted or (came == "integer" and "number" in wanted)


def _distance(errors: list[Error], branch: Any, part: _Part) -> int:
    """How much a value lacks of being this branch."""
    value, known = part.value, part.shape.followed(branch).get("properties", {})
    distance = 0
    for error in errors:
        kind = error.kind
        if isinstance(kind, Kind.Required):
            distance += 2
        elif isinstance(kind, Kind.AdditionalProperties):
            slips = sum(similar_name(name, known) is not None for name in kind.unexpected[:MOST_FAULTS])
            distance += 2 * len(kind.unexpected) - 2 * slips
        elif isinstance(kind, Kind.Constant | Kind.Enum):
            distance += 3
        else:
            distance += 1 + (len(error.instance_path) == 0) * 5
    return distance * 10 - sum(name in known for name in value) if isinstance(value, dict) else distance


def _branch_name(shape: Shape, branch: Any) -> str:
    followed = shape.followed(branch)
    required = followed.get("required")
    reference = branch.get("$ref", "") if isinstance(branch, dict) else ""
    name = reference.rpartition("/")[2]
    fields = "{" + ", ".join(required[:6]) + "}" if required else expected(shape, branch)
    return f"{name} {fields}" if name else fields


def faulty(shape: Shape, schema: Any, value: Any) -> bool:
    """Whether a value fails one part of a shape; only ever asked once something is wrong already."""
    part = {**shape.followed(schema), "$defs": shape.definitions}
    return not Shape(part).is_valid(value)


def _names(part: _Part) -> list[str]:
    names = dict.fromkeys(part.schema.get("properties", {}))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in part.schema.get(keyword, ()):
            names.update(dict.fromkeys(part.shape.followed(branch).get("properties", {})))
    return list(names)


def _declared(name: str, part: _Part) -> Any:
    """What the schema says of one of its fields."""
    for candidate in (part.schema, *map(part.shape.followed, part.schema.get("allOf", ()))):
        if name in candidate.get("properties", {}):
            return candidate["properties"][name]
    return {}


def similar_name(name: str, names: Iterable[str]) -> str | None:
    """A known name that was probably meant: its letters in another case or style, or a slip."""
    if len(name) > 100:
        return None
    bare = {re.sub(r"[^a-z0-9]", "", known.lower()): known for known in names}
    wanted = re.sub(r"[^a-z0-9]", "", name.lower())
    if wanted in bare:
        return bare[wanted]
    close = difflib.get_close_matches(wanted, list(bare), n=1, cutoff=0.75)
    return bare[close[0]] if close else None


def _schema_at(shape: Shape, path: Sequence[str | int]) -> Any:
    """Follows an evaluation path, whose `$ref` steps mean the definition referred to."""
    node: Any = shape.schema
    for step in path:
        if step == "$ref":
            node = shape.definitions.get(str(node.get("$ref", "")).removeprefix("#/$defs/"), {})
        elif isinstance(node, dict) and str(step) in node:
            node = node[str(step)]
        elif isinstance(node, list) and str(step).isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            return {}
    return node


def _reached(root: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        if isinstance(root, list):
            root = root[int(step)]
        elif isinstance(root, dict):
            root = root.get(str(step))
    return root


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
