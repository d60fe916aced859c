"""Answers held against the document."""

from typing import Any

import pytest

from sandbox.spec import AnswerChecker
from tests.spec.asking import asked

STUDIO = asked("studio.yaml", strict=True)
CHECKER = AnswerChecker(STUDIO.document)
BOOKING: dict[str, Any] = {
    "object": "booking", "id": "booking_1", "status": "PENDING", "created": 1_735_689_600_000,
    "client_id": "client_ada", "email": None,
}  # fmt: skip


def faults(operation_id: str, status: int, body: Any) -> dict[str, str]:
    found = CHECKER.faults(STUDIO.document.operation(operation_id), status, body)
    return {fault.path: fault.message for fault in found}


def test_an_answer_as_documented_has_no_fault() -> None:
    assert faults("get_booking", 200, BOOKING) == {}
    assert faults("list_bookings", 200, {"object": "list", "data": [BOOKING] * 20, "has_more": False}) == {}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"status": "LOST"}, "$.data[1].status"),
        ({"created": "now"}, "$.data[1].created"),
        ({"email": "nobody"}, "$.data[1].email"),
        ({"id": "a\n"}, "$.data[1].id"),
        ({"id": "\ud800"}, "$"),
    ],
)
def test_a_broken_promise_is_named_by_its_json_path(change: dict[str, Any], path: str) -> None:
    body = {"object": "list", "data": [BOOKING, {**BOOKING, **change}], "has_more": False}
    assert list(faults("list_bookings", 200, body)) == [path]


def test_a_missing_field_is_named() -> None:
    less = {name: value for name, value in BOOKING.items() if name != "email"}
    assert list(faults("get_booking", 200, less)) == ["$.email"]


def test_an_undocumented_status_is_a_broken_promise() -> None:
    assert "does not document" in faults("get_booking", 418, BOOKING)["$"]


def test_an_answer_never_carries_what_only_requests_may() -> None:
    styles = asked("styles.yaml")
    checker, secret = AnswerChecker(styles.document), styles.document.operation("secret")
    assert checker.faults(secret, 201, {"id": 1, "name": None}) == ()
    assert checker.faults(secret, 201, {"id": 1, "name": "a", "password": "p"})[0].path == "$.password"
    assert [fault.path for fault in checker.faults(secret, 201, {"name": "a"})] == ["$.id"]
