"""The control API's own document: sound, complete, served, and what the reference page says."""

import json
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from sandbox.control import operations
from sandbox.control.gateway import DOCUMENT
from sandbox.spec import AnswerChecker, Document, Operation, RequestChecker
from sandbox.wire import Request
from tests.control import reference
from tests.control.tester import Tester

OURS = Document.load(DOCUMENT, strict=True)


def test_it_is_sound() -> None:
    validate(yaml.safe_load(DOCUMENT.read_text("utf-8")))
    assert OURS.troubles == []


def test_every_operation_has_a_function_and_every_function_an_operation() -> None:
    assert {one.id for one in OURS.operations} == operations.HANDLERS.keys() | operations.ERRANDS.keys()
    with pytest.raises(LookupError, match="operations without a function: none; the reverse: get_health"):
        operations.bind(one for one in OURS.operations if one.id != "get_health")


def test_it_is_served(tester: Tester) -> None:
    assert tester.ask("GET", "/openapi.yaml").body == DOCUMENT.read_text("utf-8")


@pytest.mark.parametrize("operation", OURS.operations, ids=lambda one: one.id)
def test_its_examples_keep_its_own_promise(operation: Operation) -> None:
    requests, answers = RequestChecker(OURS, strict=True, one_line=False), AnswerChecker(OURS)
    media = operation.content.get("application/json", {})
    examples = (
        [media["example"]]
        if "example" in media
        else [one["value"] for one in media.get("examples", {}).values()]
    )
    assert examples or not operation.content
    path = {one.name: "x" for one in operation.parameters if one.place == "path"}
    for example in examples:
        body = json.dumps(example).encode()
        request = Request(operation.method, "/", "", {"content-type": "application/json"}, body)
        requests.check(operation, path, request)
    for status in operation.success_statuses:
        for media in operation.responses[str(status)]["content"].values():
            if "example" in media:
                assert answers.faults(operation, status, media["example"]) == ()


@pytest.mark.parametrize("operation", OURS.operations, ids=lambda one: one.id)
def test_its_prose_tells_enough(operation: Operation) -> None:
    assert len(operation.raw["summary"]) < 80
    assert len(operation.raw["description"]) > 15
    assert operation.tags[0] in {tag["name"] for tag in OURS.raw["tags"]}


def test_the_reference_page_is_up_to_date() -> None:
    message = "Run `python -m tests.control.reference` and commit docs/control-api.md."
    assert reference.PAGE.read_text("utf-8") == reference.page(OURS), message


def test_a_report_is_shown_when_there_is_one(tmp_path: Path) -> None:
    tester = Tester(report=str(tmp_path))
    try:
        assert tester.ask("GET", "/contract-report").status == 404
        (tmp_path / "report.json").write_text('{"passed": 200}')
        assert tester.ask("GET", "/contract-report").body == {"passed": 200}
    finally:
        tester.close()


def test_an_edit_may_be_posted_by_clients_without_patch(tester: Tester) -> None:
    world = tester.new_world()
    assert world.ask("POST", "/accounts/demo", {"balance": 7}).body["balance"] == 7
    assert world.ask("PUT", "/accounts/demo", {"balance": 7}).response.header("Allow") == "GET, PATCH"


def test_head_answers_as_get_does(tester: Tester) -> None:
    assert tester.ask("HEAD", "/health").status == 200
    assert tester.ask("HEAD", "/worlds/default/clock").status == 200
