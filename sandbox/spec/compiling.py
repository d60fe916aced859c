"""Validators of JSON Schema 2020-12: the one way all of them are compiled."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import jsonschema_rs

Schema: TypeAlias = dict[str, Any] | bool
Validator: TypeAlias = jsonschema_rs.Draft202012Validator

# Some documents spell out every emoji in one pattern
_PATTERNS: Final = jsonschema_rs.FancyRegexOptions(size_limit=50_000_000, dfa_size_limit=50_000_000)


def compiled(schema: Schema) -> Validator:
    """A validator that also judges formats and never asks the network."""
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, pattern_options=_PATTERNS, offline=True
    )


def compiles(schema: Schema) -> bool:
    try:
        compiled(schema)
    except (ValueError, jsonschema_rs.ReferencingError):
        return False
    return True


def is_schema(schema: Schema) -> bool:
    """Whether the meta-schema finds nothing wrong."""
    return isinstance(schema, bool) or jsonschema_rs.meta.is_valid(schema)


def is_pattern(text: str) -> bool:
    return compiles({"pattern": text})
