"""jsonschema-rs judges, jsonschema explains: both come to the same verdict (decision 0121)."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.spec import Document, Schemas
from sandbox.spec.compiling import compiled
from sandbox.spec.explaining import why_no_schema, why_not

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    5,
    5.0,
    5.5,
    1e300,
    10**15,
    2**63,
    "",
    " ",
    "a",
    "a\n",
    "A1",
    "5",
    "é",
    "\u2028",
    "2024-02-29",
    "2023-02-29",
    "2024-01-01T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2024-01-01 00:00:00Z",
    "12:30",
    "ada@example.com",
    "ada@",
    "https://example.com/a",
    "not a uri",
    "PENDING",
    "x" * 101,
    "00000000-0000-0000-0000-000000000000",
    [],
    [1],
    [1, 1],
    [1, 1.0],
    [1, True],
    ["a", "a"],
    [[]],
    {},
    {"a": 1},
    {"id": "a", "object": "pass"},
    {"a": None},
]
SCHEMAS: list[Any] = [
    {"type": "integer"},
    {"type": "number"},
    {"type": ["string", "null"]},
    {"const": 1},
    {"enum": [1, "a", None, [1]]},
    {"pattern": "^a$"},
    {"pattern": "a$"},
    {"pattern": r"^\S"},
    {"pattern": r"\d"},
    {"pattern": "^[^a]+$"},
    {"pattern": r"^\w+$"},
    {"format": "date"},
    {"format": "date-time"},
    {"format": "email"},
    {"format": "uri"},
    {"format": "uuid"},
    {"format": "time"},
    {"minLength": 2},
    {"maxLength": 1},
    {"minimum": 5},
    {"exclusiveMaximum": 5},
    {"multipleOf": 5},
    {"uniqueItems": True},
    {"items": {"type": "integer"}, "maxItems": 1},
    {"contains": {"const": 1}},
    {"prefixItems": [{"type": "integer"}]},
    {"required": ["a"]},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"minProperties": 1},
    {"patternProperties": {"^a": {"type": "null"}}},
    {"propertyNames": {"maxLength": 1}},
    {"dependentRequired": {"a": ["b"]}},
    {"not": {"type": "string"}},
    {"oneOf": [{"type": "integer"}, {"minimum": 3}]},
    {"anyOf": [{"const": 5}, {"const": "a"}]},
    {"allOf": [{"type": "string"}, {"minLength": 1}]},
    {"if": {"type": "string"}, "then": {"minLength": 3}, "else": {"not": {"const": 0}}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_both_validators_come_to_the_same_verdict(schema: Any) -> None:
    rust = compiled(schema)
    for value in VALUES:
        assert (why_not(schema, value) is None) == rust.is_valid(value), value


def test_both_come_to_the_same_verdict_on_the_examples_and_answers_of_our_own_document() -> None:
    document = Document.load(Path(__file__).parents[2] / "openapi.yaml", strict=True)
    schemas = Schemas(document)
    examined = 0
    for schema in list(document.raw["components"]["schemas"].values()):
        shape = schemas.shape(schema, "answer")
        for value in [*VALUES[::7], *schema.get("examples", [])]:
            assert (why_not(shape.schema, value) is None) == shape.is_valid(value), value
            examined += 1
    assert examined > 300


def test_the_end_of_a_text_is_not_the_end_of_its_line() -> None:
    assert not compiled({"pattern": "^a$"}).is_valid("a\n")
    assert why_not({"pattern": "^a$"}, "a\n") == ((), "'a\\n' does not match '^a$'")


def test_a_leap_second_is_a_moment() -> None:
    assert compiled({"format": "date-time"}).is_valid("2016-12-31T23:59:60Z")
    assert why_not({"format": "date-time"}, "2016-12-31T23:59:60Z") is None


def test_the_error_that_matters_most_is_told_with_its_place() -> None:
    schema = {"properties": {"a": {"items": {"type": "integer"}}}}
    assert why_not(schema, {"a": [1, "x"]}) == (("a", 1), "'x' is not of type 'integer'")
    assert why_no_schema({"properties": {"a": {"type": "strng"}}})[0] == ("properties", "a", "type")
