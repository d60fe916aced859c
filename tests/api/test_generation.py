"""Answers made from schemas: valid, plausible, finite, and the same for the same key."""

import json
from functools import cache
from typing import Any

import pytest

from sandbox.api.generation import Generator
from sandbox.spec import AnswerChecker, Document
from sandbox.spec.explaining import why_not
from tests.spec.asking import DOCUMENTS


@cache
def generator(name: str = "shapes.yaml") -> Generator:
    return Generator(Document.load(DOCUMENTS / name))


SHAPES = [operation.id for operation in generator().document.operations]


def made(operation_id: str, key: str = "seed", **how: Any) -> Any:
    maker = generator()
    schema = maker.document.operation(operation_id).responses["200"]["content"]["application/json"]["schema"]
    return maker.value(schema, key, operation_id, **how)


def shape_of(operation_id: str) -> dict[str, Any]:
    maker = generator()
    schema = maker.document.operation(operation_id).responses["200"]["content"]["application/json"]["schema"]
    return maker.schemas.shape(schema, "answer").schema


@pytest.mark.parametrize("from_examples", [True, False])
@pytest.mark.parametrize("operation_id", SHAPES)
def test_what_is_made_is_valid_by_its_own_schema(operation_id: str, from_examples: bool) -> None:
    for key in ("seed", "another", "a third"):
        value = made(operation_id, key, from_examples=from_examples)
        assert why_not(shape_of(operation_id), value) is None, value


def test_nothing_had_to_be_given_up() -> None:
    for operation_id in SHAPES:
        made(operation_id)
    assert [trouble for trouble in generator().document.troubles if "no value valid" in trouble.message] == []


@pytest.mark.parametrize("operation_id", SHAPES)
def test_the_same_key_makes_the_same_value_and_small_ones(operation_id: str) -> None:
    first = made(operation_id)
    assert first == Generator(generator().document).value(
        {"$ref": f"#/components/schemas/{operation_id}"}, "seed"
    )
    assert len(json.dumps(first)) < 20_000


def test_another_key_makes_another_value() -> None:
    assert made("Formats", "a") != made("Formats", "b")


def test_values_look_like_their_names() -> None:
    schema = {
        "type": "object",
        "properties": {
            name: {"type": "string"}
            for name in ("email", "first_name", "city", "created_at", "imageUrl", "phoneNumber")
        }
        | {"latitude": {"type": "number"}, "year": {"type": "integer"}, "updatedAt": {"type": "integer"}},
    }
    value = generator().value(schema, "k")
    assert "@example." in value["email"]
    assert value["first_name"].istitle()
    assert value["created_at"][:2] == "20"
    assert value["imageUrl"].startswith("https://example.com/")
    assert value["phoneNumber"].startswith("+1202555")
    assert -90 <= value["latitude"] <= 90
    assert 2020 <= value["year"] <= 2030
    assert 1_700_000_000 < value["updatedAt"] < 1_800_000_000


# — examples —


def test_an_example_that_fails_its_schema_is_left_aside_and_what_is_right_beside_it_stays() -> None:
    value = made("BadExample")
    assert value["ok"] == "kept"
    assert isinstance(value["price"], float | int)
    assert isinstance(value["name"], str)


def test_a_good_example_is_used_and_left_aside_when_asked_to_be_dynamic() -> None:
    assert made("GoodExample") == {"name": "Ada"}
    assert made("GoodExample", from_examples=False) != {"name": "Ada"}


def test_null_is_no_example_where_something_else_may_stand() -> None:
    assert isinstance(made("NullExample"), str)


# — directions and discriminators —


def test_write_only_is_left_out_and_read_only_is_given() -> None:
    assert set(made("WriteOnly")) == {"id"}


def test_a_discriminator_names_the_shape_that_is_there() -> None:
    value = made("Discriminated")
    assert (value["petType"], "barks" in value) == ("dog", True)
    assert made("Cat")["petType"] == "cat"


def test_names_that_only_required_knows_are_there() -> None:
    assert {"listed", "unlisted"} <= set(made("Required"))
    assert {"card", "cvc", "month"} <= set(made("Dependent"))


def test_recursion_ends() -> None:
    assert made("Tree")["children"] == [] or len(json.dumps(made("Tree"))) < 2000
    assert made("Chain")["next"] is None
    assert len(json.dumps(made("Deep"))) < 500


def test_hundreds_of_definitions_that_refer_to_each_other_cost_neither_seconds_nor_megabytes(
    tmp_path: Any,
) -> None:
    names = [f"S{number}" for number in range(300)]
    schemas: dict[str, Any] = {
        name: {
            "type": "object",
            "properties": {other: {"$ref": f"#/components/schemas/{other}"} for other in names[::7]},
        }
        for name in names
    }
    path = tmp_path / "web.json"
    answers = {
        "200": {
            "description": "One.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}},
        }
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Web", "version": "1"},
        "paths": {"/": {"get": {"responses": answers}}},
    }
    path.write_text(json.dumps({**document, "components": {"schemas": schemas}}))
    maker = Generator(Document.load(path))
    assert len(json.dumps(maker.answer(maker.document.operations[0], 200, "k"))) < 30_000


def test_an_array_that_must_be_long_is_made_in_no_time() -> None:
    schema = {"type": "array", "minItems": 50_000, "items": {"type": "string", "format": "email"}}
    assert len(generator().value(schema, "k")) == 50_000


def test_what_has_no_end_is_told_and_does_not_hang(tmp_path: Any) -> None:
    endless = {
        "type": "object",
        "required": ["more"],
        "properties": {"more": {"$ref": "#/components/schemas/E"}},
    }
    answer = {
        "description": "Never.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/E"}}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "E", "version": "1"},
        "components": {"schemas": {"E": endless}},
    }
    (tmp_path / "e.json").write_text(
        json.dumps({**document, "paths": {"/": {"get": {"responses": {"200": answer}}}}})
    )
    maker = Generator(Document.load(tmp_path / "e.json"))
    maker.answer(maker.document.operations[0], 200, "k")
    assert "no value valid under its own schema" in maker.document.troubles[-1].message


# — 3.0 —


def test_the_dialect_of_3_0_is_obeyed() -> None:
    maker = generator("shapes30.yaml")
    operation = maker.document.operation("things")
    value = maker.answer(operation, 200, "k")
    assert AnswerChecker(maker.document).faults(operation, 200, value) == ()
    assert value["nullable"] in ("a", "b")
    assert value["exclusive"] == 6
    assert value["sibling"] == "Ada"  # in 3.0 what stands beside a $ref says nothing, but the example is good
    assert value["kind"] in ("2024-01-01", "yes")


def test_a_schema_that_contradicts_itself_is_told_and_still_answered_with_what_it_names() -> None:
    maker = generator("shapes30.yaml")
    assert set(maker.answer(maker.document.operation("impossible"), 200, "k")) == {"a", "b"}
    assert any(
        "no value valid under its own schema" in trouble.message for trouble in maker.document.troubles
    )


# — our own API —


def test_a_handled_answer_is_filled_and_never_changed() -> None:
    maker = generator()
    schema = {
        "type": "object",
        "required": ["id", "locker", "items"],
        "properties": {
            "locker": {
                "type": "object",
                "required": ["code"],
                "properties": {"code": {"type": "string", "pattern": "^L[0-9]$"}},
            },
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["size"],
                    "properties": {"size": {"type": "integer"}},
                },
            },
        },
    }
    body = {"id": "x", "items": [{"a": 1}, {"size": 7}]}
    filled = maker.fill(schema, body, "client_ada")
    assert filled["id"] == "x"
    assert filled["locker"]["code"][0] == "L"
    assert filled["items"][0]["a"] == 1
    assert isinstance(filled["items"][0]["size"], int)
    assert filled["items"][1] == {"size": 7}
    assert filled == maker.fill(schema, body, "client_ada")
    assert filled["locker"] != maker.fill(schema, body, "client_bo")["locker"] or filled != maker.fill(
        schema, body, "client_bo"
    )
    assert body == {"id": "x", "items": [{"a": 1}, {"size": 7}]}


def test_what_is_wrong_is_not_made_right_in_silence() -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    assert generator().fill(schema, {"n": "five"}, "k") == {"n": "five"}


def test_of_several_shapes_the_one_that_fits_once_filled_is_filled() -> None:
    schema = {
        "oneOf": [
            {
                "type": "object",
                "required": ["a", "x"],
                "properties": {"a": {"const": 1}, "x": {"type": "string"}},
            },
            {
                "type": "object",
                "required": ["a", "y"],
                "properties": {"a": {"const": 2}, "y": {"type": "string"}},
            },
        ]
    }
    assert set(generator().fill(schema, {"a": 2}, "k")) == {"a", "y"}


def test_an_answer_repeats_what_it_is_told_of_its_request() -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "maxLength": 5}}}
    assert generator().value(schema, "k", known={"id": "pet_1", "other": 1}) == {"id": "pet_1"}
    assert generator().value(schema, "k", known={"id": "too long"})["id"] != "too long"


def test_every_operation_of_our_own_document_can_be_answered_without_a_handler() -> None:
    document = Document.load(DOCUMENTS.parents[2] / "openapi.yaml", strict=True)
    maker, checker = Generator(document), AnswerChecker(document)
    for operation in document.operations:
        for status in operation.success_statuses:
            assert checker.faults(operation, status, maker.answer(operation, status, "k")) == (), operation.id
