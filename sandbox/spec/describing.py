"""Values and schemas in words short enough for a sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sandbox.spec.parameters import kinds
from sandbox.spec.shapes import Shape

LONGEST_VALUE: Final = 60
ARTICLES: Final = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def expected(shape: Shape, schema: Any) -> str:
    """A schema in words short enough for a sentence: "a string of 1 to 100 characters, such as "Ada"."""
    followed = shape.followed(schema)
    if "const" in followed:
        return described(followed["const"])
    if "enum" in followed:
        return options_in_words(followed["enum"])
    wanted = kinds(shape, schema) - {"null"}
    phrase = " or ".join(ARTICLES[kind] for kind in sorted(wanted)) or "a value"
    if wanted == {"string"}:
        phrase = _text_phrase(followed)
    elif wanted and wanted <= {"integer", "number"}:
        phrase = _number_phrase(followed, phrase)
    elif wanted == {"array"}:
        phrase += _range(followed, "Items", " of", "item")
    return phrase + _example(followed)


def _text_phrase(schema: dict[str, Any]) -> str:
    shape = schema.get("format")
    phrase = {
        "date": "a date as YYYY-MM-DD",
        "date-time": "a moment as 2030-01-31T09:30:00Z",
        "email": "an email address",
        "uuid": "a UUID",
        "uri": "a URI",
        "binary": "a file",
    }.get(str(shape), "a string")
    if shape and phrase == "a string" and shape not in ("password", "byte"):
        phrase = f"a string ({shape})"
    phrase += _range(schema, "Length", " of", "character")
    if "pattern" in schema and len(schema["pattern"]) <= 80 and not shape:
        phrase += f" matching `{schema['pattern']}`"
    return phrase


def _number_phrase(schema: dict[str, Any], phrase: str) -> str:
    unit = {"epoch-ms": " of epoch milliseconds", "epoch-s": " of epoch seconds"}.get(
        str(schema.get("format")), ""
    )
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    start = f"from {low}" if low is not None else f"above {above}" if above is not None else ""
    end = f"to {high}" if high is not None else f"below {below}" if below is not None else ""
    if end.startswith("to ") and not start:
        end = f"up to {high}"
    return " ".join(filter(None, (phrase + unit, start, end)))


def _range(schema: dict[str, Any], what: str, word: str, unit: str) -> str:
    low, high = schema.get("min" + what), schema.get("max" + what)
    if low is None and high is None:
        return ""
    if high is None:
        return f"{word} at least {low} {unit}{'' if low == 1 else 's'}"
    if not low:
        return f"{word} at most {high} {unit}{'' if high == 1 else 's'}"
    return f"{word} {low} {unit}s" if low == high else f"{word} {low} to {high} {unit}s"


def _example(schema: dict[str, Any]) -> str:
    examples = schema.get("examples")
    candidates = [schema.get("example"), *(examples if isinstance(examples, list) else [])]
    for example in candidates:
        if isinstance(example, str | int | float) and len(str(example)) <= 40:
            return f", such as {described(example)}"
    return ""


def options_in_words(options: list[Any]) -> str:
    shown = [described(option) for option in options[:20] if option is not None]
    more = f" or another of {len(options)}" if len(options) > 20 else ""
    if len(shown) == 1:
        return shown[0]
    return "one of " + ", ".join(shown) + more


def described(value: Any) -> str:
    """What came, as it was written, but never more than a glance of it."""
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return shortened(str(value))


def quoted(text: str) -> str:
    return json.dumps(
        shortened(text), ensure_ascii=any("\ud800" <= character <= "\udfff" for character in text)
    )


def shortened(text: str) -> str:
    """No secret fits in what is left of a long value."""
    text = text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE // 3]}… ({len(text)} characters)"
    return text.encode("utf-8", "backslashreplace").decode()


def dotted(path: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{shortened(step)}" for step in path)
