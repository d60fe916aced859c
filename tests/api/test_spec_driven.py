"""The document leads: what it adds is served without touching Python; what it demands stops the start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import places
from sandbox.api.operations import bind, handlers
from sandbox.api.promise import Promise
from sandbox.spec import Document, SpecError
from tests.api.in_process import Desk

Edit = Callable[[dict[str, Any]], None]

WAITING_LIST = {
    "operationId": "get_waiting_list",
    "summary": "Who waits for a seat",
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
    "responses": {
        "200": {
            "description": "The waiting list.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["object", "id", "length", "contact_email", "opens"],
                        "properties": {
                            "object": {"const": "waiting_list"},
                            "id": {"type": "string"},
                            "length": {"type": "integer", "minimum": 0, "maximum": 30},
                            "contact_email": {"type": "string", "format": "email"},
                            "opens": {"type": "string", "format": "date"},
                        },
                    }
                }
            },
        }
    },
}


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], Document]:
    """A copy of openapi.yaml with one thing changed."""

    def edit(change: Edit) -> Document:
        raw = yaml.load(places.DOCUMENT.read_text(), yaml.CSafeLoader)
        change(raw)
        copy = tmp_path / "openapi.yaml"
        copy.write_text(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True))
        return Document.load(copy, strict=True)

    return edit


def add_operation(raw: dict[str, Any]) -> None:
    raw["paths"]["/classes/{id}/waiting_list"] = {"get": WAITING_LIST}


def test_an_operation_without_a_handler_is_answered_from_its_schema(edited):
    document = edited(add_operation)
    desk = Desk(Promise(document))
    first = desk.get("/classes/class_yoga/waiting_list")
    assert first.status == 200
    assert first.header("Sandbox-Generated") == "true"
    assert first.body["object"] == "waiting_list"
    assert first.body["id"] == "class_yoga"
    assert 0 <= first.body["length"] <= 30
    assert "@" in first.body["contact_email"]
    assert desk.get("/classes/class_yoga/waiting_list").body == first.body
    assert desk.get("/classes/class_hiit/waiting_list").body != first.body
    assert desk.last_entry()["generated"] is True
    assert desk.get("/classes/class_yoga/waiting_list", key=None).status == 401
    assert desk.ask("DELETE", "/classes/class_yoga/waiting_list").status == 405
    desk.close()


def test_a_new_required_property_is_filled_and_stays_the_same_for_its_resource(edited):
    def add_property(raw: dict[str, Any]) -> None:
        schema = raw["components"]["schemas"]["ResellerV3IssuedPassResponse"]
        schema["properties"]["loyalty_level"] = {"type": "string", "enum": ["BRONZE", "SILVER", "GOLD"]}
        schema["required"].append("loyalty_level")

    desk = Desk(Promise(edited(add_property)))
    ada = desk.get("/issued_passes/brgpass_ada")
    assert ada.body["loyalty_level"] in ("BRONZE", "SILVER", "GOLD")
    assert ada.body["pass_id"] == "pass_premium"
    assert ada.header("Sandbox-Generated") == "true"
    assert desk.get("/issued_passes/brgpass_ada").body == ada.body
    desk.close()


def test_nothing_is_made_up_where_the_handlers_know_everything(desk):
    for path in ("/passes", "/issued_passes/brgpass_ada", "/providers/prov_zen", "/classes/class_yoga"):
        assert desk.get(path).header("Sandbox-Generated") is None


def test_a_new_optional_parameter_is_taken_and_checked(edited):
    def add_parameter(raw: dict[str, Any]) -> None:
        colour = {"name": "colour", "in": "query", "schema": {"enum": ["red", "blue"]}}
        raw["paths"]["/class_categories"]["get"].setdefault("parameters", []).append(colour)

    desk = Desk(Promise(edited(add_parameter)))
    assert desk.get("/class_categories?colour=red").status == 200
    assert "colour" in desk.get("/class_categories?colour=green").message
    desk.close()


def test_a_handler_nobody_promised_stops_the_start_and_is_named(edited):
    def rename(raw: dict[str, Any]) -> None:
        raw["paths"]["/issuers"]["get"]["operationId"] = "list_all_issuers"

    document = edited(rename)
    with pytest.raises(SpecError, match="list_issuers"):
        bind(document.operations, handlers(), document.name)


def test_a_promise_that_requires_a_handler_stops_the_start_and_is_named(edited):
    def demand(raw: dict[str, Any]) -> None:
        add_operation(raw)
        raw["paths"]["/classes/{id}/waiting_list"]["get"] = {**WAITING_LIST, "x-handler": "required"}

    document = edited(demand)
    with pytest.raises(SpecError, match="get_waiting_list"):
        bind(document.operations, handlers(), document.name)


def test_a_documented_answer_can_be_asked_for_by_code_and_name(desk):
    body = {
        "class_instance_id": "ci_yoga_open",
        "client_id": "client_ada",
        "first_name": "Ada",
        "last_name": "Obi",
        "user_pass_id": "brgpass_ada",
    }
    full = desk.post("/bookings/class", body, prefer="code=409, example=class_full")
    assert (full.status, full.code) == (409, "class_full")
    assert full.header("Sandbox-Generated") == "true"
    assert desk.get("/clients/client_ada/bookings").body["data"] == []


def test_an_answer_that_is_not_documented_is_refused_with_those_that_are(desk):
    answer = desk.post("/bookings/class", {}, prefer="code=418")
    assert answer.status == 400
    assert "example=class_full" in answer.message


def test_an_invalid_document_refuses_to_start_with_file_line_and_cure(tmp_path):
    broken = tmp_path / "openapi.yaml"
    broken.write_text(
        places.DOCUMENT.read_text().replace("operationId: list_issuers", "operationId: list_passes", 1)
    )
    with pytest.raises(SpecError, match=r"openapi\.yaml:\d+: .*list_passes"):
        Document.load(broken, strict=True)


def test_a_document_that_is_not_yaml_refuses_with_its_line(tmp_path):
    broken = tmp_path / "openapi.yaml"
    broken.write_text("openapi: 3.1.0\ninfo: [unclosed\npaths: {}\n")
    with pytest.raises(SpecError, match=r"openapi\.yaml:\d+"):
        Document.load(broken, strict=True)
