"""From what a validator found to sentences that teach: what came, what was expected, what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
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


def faults_of(shape: Shape, value: Any, where: str) -> tuple[Fault, ...]:
    """Everything a shape finds wrong with a value, in words; `where` names the value itself."""
    try:
        errors = shape.validator.iter_errors(value)
        found = dict.fromkeys(_worded_all(errors, shape, value, where))
    except UnicodeEncodeError:
        return (Fault(where, "holds a lone surrogate, which is no character. Send the whole character."),)
    except ValueError as error:
        return (Fault(where, f"cannot be read: {str(error)[:100]}. Send plain JSON values."),)
    return tuple(found)


def _worded_all(errors: Iterable[Error], shape: Shape, value: Any, where: str) -> Iterator[Fault]:
    count = 0
    for error in errors:
        for fault in _worded(error, shape, value, where):
            yield fault
            count += 1
            if count >= MOST_FAULTS:
                return


def _worded(error: Error, shape: Shape, root: Any, where: str) -> Iterator[Fault]:
    kind, place = error.kind, where + dotted(error.instance_path)
    value = _reached(root, error.instance_path)
    schema = shape.followed(_schema_at(shape, error.evaluation_path[:-1]))
    if isinstance(kind, Kind.Required):
        field = _part(shape, schema, kind.property)
        yield Fault(f"{place}.{kind.property}", _missing(kind.property, value, shape, schema, field))
    elif isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
        for name in kind.unexpected[:MOST_FAULTS]:
            yield Fault(f"{place}.{shortened(name)}", _unknown(name, value, shape, schema))
    elif isinstance(kind, Kind.OneOfNotValid | Kind.AnyOf):
        yield from _nearest(kind.context, shape, schema, root, value, where, place)
    elif isinstance(kind, Kind.FalseSchema):
        yield Fault(place, "does not belong here. Leave it out.")
    elif isinstance(kind, Kind.PropertyNames):
        yield Fault(place, f"has a name that is not allowed: {kind.error.message[:120]}. Rename it.")
    else:
        yield Fault(place, _sentence(kind, value, shape, schema))


def _sentence(kind: Kind, value: Any, shape: Shape, schema: dict[str, Any]) -> str:
    came = described(value)
    if isinstance(kind, Kind.Type):
        return _wrong_type(value, kind.types, shape, schema)
    if isinstance(kind, Kind.Enum | Kind.Constant):
        options = kind.options if isinstance(kind, Kind.Enum) else [kind.expected_value]
        return _not_among(value, options if isinstance(options, list) else [options])
    if isinstance(kind, Kind.Minimum | Kind.ExclusiveMinimum | Kind.Maximum | Kind.ExclusiveMaximum):
        return _out_of_bounds(value, shape, schema)
    if isinstance(kind, Kind.MinLength | Kind.MaxLength | Kind.Pattern | Kind.Format):
        return _wrong_text(value, kind, shape, schema)
    if isinstance(kind, Kind.MinItems | Kind.MaxItems):
        return _wrong_count(value, kind)
    if isinstance(kind, Kind.UniqueItems):
        return f"names something twice. {_repeated(value)}Send each only once."
    if isinstance(kind, Kind.MinProperties):
        names = ", ".join(f"`{name}`" for name in list(schema.get("properties", {}))[:12])
        least = "at least one field" if kind.limit == 1 else f"at least {kind.limit} fields"
        return f"is {came}; {least} is wanted" + (f": any of {names}." if names else ".") + " Send it."
    if isinstance(kind, Kind.MultipleOf):
        return f"is {came}, which is no multiple of {kind.multiple_of}. Send one."
    if isinstance(kind, Kind.OneOfMultipleValid):
        return "fits several of the shapes taken here. Send the fields of one of them only."
    if isinstance(kind, Kind.Not):
        return _excluded(shape, schema)
    if isinstance(kind, Kind.MaxProperties):
        return f"has {len(value)} fields; at most {kind.limit} are taken. Send fewer."
    return f"is {came}, which does not fit: {kind.name}. Send {expected(shape, schema)}."


def _missing(name: str, value: Any, shape: Shape, schema: dict[str, Any], field: Any) -> str:
    message = f"is missing. Send {expected(shape, field)}."
    if isinstance(value, dict):
        unknown = [key for key in value if key not in _names(shape, schema)]
        near = _similar(name, unknown)
        if near:
            message = (
                f"is missing; `{shortened(near)}` came instead. Name it `{name}`: {expected(shape, field)}."
            )
    return message


def _unknown(name: str, value: Any, shape: Shape, schema: dict[str, Any]) -> str:
    names = _names(shape, schema)
    near = _similar(name, names)
    if near:
        return f"is an unknown field: did you mean `{near}`? Rename it or leave it out."
    absent = [one for one in names if not isinstance(value, dict) or one not in value]
    if not names:
        return "is an unknown field: none is taken here. Leave it out."
    known = ", ".join(f"`{one}`" for one in (absent or names)[:8])
    return f"is an unknown field. Leave it out; this takes {'also ' if absent != names else ''}{known}."


def _wrong_type(value: Any, types: Sequence[str], shape: Shape, schema: dict[str, Any]) -> str:
    wanted = " or ".join(ARTICLES.get(kind, kind) for kind in types)
    came = described(value)
    if value is None:
        return f"is null, where {wanted} is wanted. Leave the field out instead of null, or send {wanted}."
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
            return f"is {came}, where {wanted} is wanted: no fraction. Send {expected(shape, schema)}."
    if "array" in types and not isinstance(value, list):
        return f"is {came} where {wanted} is wanted: put it in square brackets."
    return f"is {came} where {wanted} is wanted. Send {expected(shape, schema)}."


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
        near = _similar(value, texts)
        if near:
            return f"is {came}: did you mean {quoted(near)}? Taken are {shown}."
    return f"is {came}. Send {shown}."


def _out_of_bounds(value: Any, shape: Shape, schema: dict[str, Any]) -> str:
    came, wanted = described(value), expected(shape, schema)
    minimum = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    if isinstance(value, int) and schema.get("format") == "epoch-ms" and value in _SECONDS:
        return f"is {came}, which looks like seconds; multiply by 1000. Send {wanted}."
    if isinstance(value, int) and value in _SECONDS and minimum >= 10**11:
        return f"is {came}, which looks like seconds; multiply by 1000. Send {wanted}."
    if isinstance(value, int) and schema.get("format") == "epoch-s" and value >= 10**11:
        return f"is {came}, which looks like milliseconds; divide by 1000. Send {wanted}."
    return f"is {came}, which is out of range. Send {wanted}."


def _wrong_text(value: Any, kind: Kind, shape: Shape, schema: dict[str, Any]) -> str:
    came, wanted = described(value), expected(shape, schema)
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
        if not faulty(shape, schema, trimmed):
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


def _repeated(value: Any) -> str:
    seen: list[Any] = []
    for item in value if isinstance(value, list) else []:
        if item in seen:
            return f"It is {described(item)}. "
        seen.append(item)
    return ""


def _excluded(shape: Shape, schema: dict[str, Any]) -> str:
    inner = shape.followed(schema.get("not", {}))
    names = inner.get("required")
    if names and set(inner) <= {"required", "properties"}:
        listed = " and ".join(f"`{name}`" for name in names)
        reason = "may not stand together" if len(names) > 1 else "is not taken"
        return f"has {listed}, which {reason}. Leave one out."
    return f"is {expected(shape, inner)}, which is just what is not taken here. Send something else."


def _nearest(
    context: list[list[Error]],
    shape: Shape,
    schema: dict[str, Any],
    root: Any,
    value: Any,
    where: str,
    place: str,
) -> Iterator[Fault]:
    """Of several shapes the one that lacks least is explained; the others are only named."""
    branches = schema.get("oneOf") or schema.get("anyOf") or []
    if value is None or not context:
        yield Fault(
            place,
            f"is {described(value)}, which is none of the shapes taken here. Leave it out or change it.",
        )
        return
    fitting = [index for index in range(len(context)) if _same_type(shape, branches, index, value)]
    if not fitting:
        yield Fault(place, _wrong_type(value, sorted(kinds(shape, {"anyOf": branches})), shape, schema))
        return
    scored = sorted(
        fitting, key=lambda index: (_distance(context[index], value, shape, branches, index), index)
    )
    best = scored[0]
    faults = dict.fromkeys(fault for error in context[best] for fault in _worded(error, shape, root, where))
    if len(fitting) > 1 and isinstance(value, dict):
        shown = "; or ".join(_branch_name(shape, branches[index]) for index in fitting)
        listed = ", ".join(sorted({fault.where.removeprefix(place + ".") for fault in faults}))
        yield Fault(
            place,
            f"is none of the shapes taken here: {shown}. Nearest is {_branch_name(shape, branches[best])}; "
            f"to be it, correct: {listed}.",
        )
    yield from faults


def _same_type(shape: Shape, branches: list[Any], index: int, value: Any) -> bool:
    wanted = kinds(shape, branches[index]) if index < len(branches) else frozenset()
    return (
        not wanted or _type_name(value) in wanted or (_type_name(value) == "integer" and "number" in wanted)
    )


def _distance(errors: list[Error], value: Any, shape: Shape, branches: list[Any], index: int) -> int:
    known = shape.followed(branches[index]).get("properties", {}) if index < len(branches) else {}
    distance = 0
    for error in errors:
        kind = error.kind
        if isinstance(kind, Kind.Required):
            distance += 2
        elif isinstance(kind, Kind.AdditionalProperties):
            slips = sum(_similar(name, known) is not None for name in kind.unexpected[:MOST_FAULTS])
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


def _names(shape: Shape, schema: dict[str, Any]) -> list[str]:
    names = dict.fromkeys(schema.get("properties", {}))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            names.update(dict.fromkeys(shape.followed(part).get("properties", {})))
    return list(names)


def _part(shape: Shape, schema: dict[str, Any], name: str) -> Any:
    for candidate in (schema, *map(shape.followed, schema.get("allOf", ()))):
        if name in candidate.get("properties", {}):
            return candidate["properties"][name]
    return {}


def similar_name(name: str, names: Iterable[str]) -> str | None:
    return _similar(name, names)


def _similar(name: str, names: Iterable[str]) -> str | None:
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
