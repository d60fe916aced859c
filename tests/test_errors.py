"""The catalogue and openapi.yaml tell the same story about every error."""

import json
import re

import pytest

from sandbox import places
from sandbox.errors import CATALOGUE, envelope
from sandbox.spec import Document

DOCUMENT = Document.load(places.DOCUMENT, strict=True)

ANSWERED = [
    (operation.id, int(status), name, example["value"])
    for operation in DOCUMENT.operations
    for status, response in operation.responses.items()
    if status[0] in "45"
    for name, example in response["content"]["application/json"]["examples"].items()
]


@pytest.mark.parametrize(("operation", "status", "name", "body"), ANSWERED, ids=lambda value: str(value)[:40])
def test_every_documented_error_is_in_the_catalogue_with_its_status_and_type(operation, status, name, body):
    error = body["error"]
    entry = CATALOGUE[error["code"]]
    assert (status, error["type"]) == (entry.status, entry.type)


def test_every_code_of_the_catalogue_can_be_answered_by_some_operation():
    documented = {body["error"]["code"] for _, _, _, body in ANSWERED}
    assert set(CATALOGUE) - documented <= {"method_not_allowed"}  # no operation answers it: there is none


def test_every_code_says_what_it_means_and_what_to_do():
    for entry in CATALOGUE.values():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", entry.code)
        assert len(entry.meaning) > 20
        assert len(entry.cure) > 20


def test_the_envelope_has_exactly_four_strings():
    body = json.loads(envelope("api_error", "internal_error", "“quoted”\n", "req_1"))
    assert body == {
        "error": {
            "type": "api_error",
            "code": "internal_error",
            "message": "“quoted”\n",
            "request_id": "req_1",
        }
    }
