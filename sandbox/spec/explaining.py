"""Why a value or a schema is not valid, told by `jsonschema`, which picks the error that matters most.

It is slow to import and a hundred times slower to run than jsonschema-rs, so it speaks only where something
is wrong already. Where the two differ the Rust one decides: `$` ends a text, not a line; a leap second is a
moment; this module borrows both. See docs/decisions/0121-two-validators.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from sandbox.spec.compiling import compiled

_FORMATS = (
    *(
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
    ),
    *("uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer"),
    *("relative-json-pointer", "regex"),
)


@lru_cache(maxsize=1024)
def _rust(keyword: str, argument: str) -> Any:
    return compiled({keyword: argument})


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, str) and not _rust("pattern", pattern).is_valid(instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def _format(_: Any, name: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, str) and name in _FORMATS and not _rust("format", name).is_valid(instance):
        yield jsonschema.ValidationError(f"{instance!r} is not a {name!r}")


Explainer = jsonschema.validators.create(
    Draft202012Validator.META_SCHEMA,
    {**Draft202012Validator.VALIDATORS, "pattern": _pattern, "format": _format},
    type_checker=Draft202012Validator.TYPE_CHECKER,
)


def why_not(schema: Any, value: Any) -> tuple[tuple[str | int, ...], str] | None:
    """Where in a value the error is that matters most, and what it is; None where the value is valid."""
    error = best_match(Explainer(schema).iter_errors(value))
    if error is None:
        return None
    return tuple(error.absolute_path), _short(error.message)


def why_no_schema(schema: Any) -> tuple[tuple[str | int, ...], str]:
    """The same of a schema against the meta-schema."""
    found = why_not(Draft202012Validator.META_SCHEMA, schema)
    return found or ((), "it holds a pattern that is no regular expression of ECMA-262")


def _short(message: str) -> str:
    return message if len(message) <= 200 else message[:200] + "…"
