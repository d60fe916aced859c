"""CONV-1 to CONV-19, ERR-1 to ERR-5 and IDEM-1 to IDEM-8, where they can be tried without a socket."""

import re
from typing import Any

import pytest

from sandbox.domain.records import Account, CheckIn
from sandbox.errors import CATALOGUE
from tests.audit.counter import DAY, Counter, refused

ISSUE = {"pass_id": "pass_premium", "client_id": "client_new", "first_name": "Bola", "last_name": "Ade"}
NOTHING_STARRED = [
    "/bookings/nothing/cancel",
    "/bookings/nothing/reschedule",
    "/bookings/class/nothing/confirm",
    "/bookings/spa/nothing/confirm",
    "/access-codes/nothing/confirm",
]


# --- what is sent ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTHING_STARRED)
@pytest.mark.parametrize("body", [None, b"", b"{}", b" { } "])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_no_body_an_empty_one_and_an_empty_object_are_the_same(
    desk: Counter, path: str, body: bytes | None, content_type: str
) -> None:
    assert refused(desk.post(path, body, Content_Type=content_type), 404, "resource_not_found")


@pytest.mark.parametrize("path", NOTHING_STARRED)
def test_anything_else_needs_to_be_json(desk: Counter, path: str) -> None:
    told = desk.post(path, b'{"duration":"MONTHLY"}', Content_Type="text/plain")
    assert refused(told, 400, "validation_error")


@pytest.mark.parametrize("name", ["first_name", "last_name", "email", "phone", "tx_ref"])
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x" * 100, 201),
        ("x" * 101, 400),
        ("", 400),
        (" ", 400),
        ("a\u0000b", 400),
        ("a\tb", 400),
        (None, 400),
    ],
)
def test_a_string_has_one_to_a_hundred_characters_and_no_control_characters(
    desk: Counter, name: str, text: str | None, status: int
) -> None:
    told = desk.post("/issued_passes", ISSUE | {name: text})
    assert told.status == status
    if status == 400:
        assert f"body.{name}" in told.message


def test_a_fault_is_told_once(desk: Counter) -> None:
    told = desk.post("/bookings/nothing/cancel", {"reason": "a\nb"})
    assert told.message.count("control character") == 1


def test_what_is_required_is_not_said_to_be_left_out(desk: Counter) -> None:
    told = desk.post("/issued_passes", ISSUE | {"client_id": ""})
    assert "leave the field out" not in told.message


def test_all_the_faults_of_a_body_are_told_at_once(desk: Counter) -> None:
    told = desk.post("/issued_passes?x=1", {"pass_id": 5, "start_date": 1_790_000_000, "hat": 1})
    for name in ("query.x", "pass_id", "client_id", "first_name", "last_name", "start_date", "hat"):
        assert name in told.message


@pytest.mark.parametrize(
    ("moment", "status"),
    [(946_684_799_999, 400), (4_102_444_799_999, 201), (4_102_444_800_000, 400), (1_790_000_000, 400)],
)
def test_moments_lie_between_2000_and_2100(desk: Counter, moment: int, status: int) -> None:
    assert desk.post("/issued_passes", ISSUE | {"start_date": moment}).status == status


def test_a_start_in_the_past_is_taken_while_the_pass_would_still_run(desk: Counter) -> None:
    desk.set_clock("2026-09-21 15:00")
    a_year_ago = desk.world().now - 365 * DAY
    assert refused(desk.post("/issued_passes", ISSUE | {"start_date": a_year_ago}), 400, "validation_error")
    assert desk.post("/issued_passes", ISSUE | {"start_date": a_year_ago + 1}).status == 201


def test_an_id_of_another_kind_is_an_unknown_one(desk: Counter) -> None:
    assert refused(desk.post("/issued_passes", ISSUE | {"pass_id": "brgpass_ada"}), 404, "pass_not_found")
    assert refused(desk.book("class_yoga", "ada"), 404, "resource_not_found")
    assert refused(desk.get("/issued_passes/pass_premium"), 404, "pass_not_found")
    assert refused(desk.get("/bookings/not%20an%20id"), 404, "resource_not_found")


@pytest.mark.parametrize("path", ["/passes/", "//passes", "/Passes", "/passes//providers", "", "/"])
def test_another_spelling_is_another_path(desk: Counter, path: str) -> None:
    assert refused(desk.get(path), 404, "resource_not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/passes", {"GET"}),
        ("DELETE", "/issued_passes/x", {"GET", "POST"}),
        ("HEAD", "/lookups", {"POST"}),
    ],
)
def test_a_method_that_is_not_declared_is_refused_and_the_others_named(
    desk: Counter, method: str, path: str, allowed: set[str]
) -> None:
    told = desk.ask(method, path)
    assert refused(told, 405, "method_not_allowed")
    assert set((told.header("Allow") or "").split(", ")) - {"HEAD"} == allowed


# --- what is answered -----------------------------------------------------------------------


def test_an_error_is_four_strings_and_its_request_id(desk: Counter) -> None:
    seen = set()
    for told in (
        desk.get("/nothing"),
        desk.get("/passes", key=None),
        desk.get("/passes", key="disabled"),
        desk.get("/passes?limit=0"),
        desk.book("ci_yoga_full", "ada"),
    ):
        inside = told.body["error"]
        assert set(told.body) == {"error"}
        assert set(inside) == {"type", "code", "message", "request_id"}
        assert re.fullmatch(r"req_[0-9a-f]{32}", inside["request_id"])
        assert told.header("Bardge-Request-Id") == inside["request_id"]
        assert (told.status, inside["type"]) == (CATALOGUE[told.code].status, CATALOGUE[told.code].type)
        seen.add(inside["request_id"])
    assert len(seen) == 5


def test_a_disabled_account_is_told_before_the_path(desk: Counter) -> None:
    assert refused(desk.get("/nothing", key="disabled"), 403, "account_disabled")
    assert refused(desk.get("/nothing", key="nobody"), 401, "invalid_api_key")


def test_bookings_tell_seconds_and_passes_milliseconds(desk: Counter) -> None:
    now = desk.world().now
    booked = desk.book("ci_yoga_open", "ada").body
    assert booked["created"] == now // 1000
    assert desk.ask_code("ada", "prov_fitzone").body["created"] == now
    session = desk.book("ci_yoga_last_seat", "visits_used").body
    assert session["expires_at"] == now // 1000 + 900
    code_session = desk.ask_code("visits_used", "prov_fitzone").body
    assert code_session["expires_at"] == now + 900_000
    assert desk.get("/classes/class_yoga").body["created"] < 10**11
    assert desk.get("/providers/prov_zen").body["created"] > 10**11
    assert desk.get("/providers/prov_zen/services").body["data"][0]["created"] > 10**11


# --- idempotency ----------------------------------------------------------------------------


def test_the_first_success_is_told_again_byte_for_byte_and_done_once(desk: Counter) -> None:
    before = desk.funds()
    first = desk.post("/issued_passes", ISSUE, Idempotency_Key="k")
    paid = desk.funds()
    raw = b' {"last_name":"Ade","first_name":"Bola", "client_id":"client_new","pass_id":"pass_premium"}'
    again = desk.post("/issued_passes", raw, Idempotency_Key="k")
    assert again.response.body == first.response.body
    assert (again.status, again.header("Idempotent-Replayed")) == (201, "true")
    assert again.header("Bardge-Request-Id") != first.header("Bardge-Request-Id")
    assert desk.funds() == paid < before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/issued_passes", ISSUE | {"last_name": "Obi"}),
        ("/lookup_settings", {"enabled": True}),
        ("/bookings/nothing/cancel", None),
    ],
)
def test_a_key_for_something_else_is_refused_and_nothing_happens(
    desk: Counter, path: str, body: dict[str, Any] | None
) -> None:
    desk.post("/issued_passes", ISSUE, Idempotency_Key="k")
    paid = desk.funds()
    assert refused(desk.post(path, body, Idempotency_Key="k"), 409, "idempotency_key_reused")
    assert desk.funds() == paid


def test_a_refusal_frees_the_key(desk: Counter) -> None:
    desk.change(Account, "acct_demo", balance_kobo=0)
    told = desk.post("/issued_passes", ISSUE, Idempotency_Key="k")
    assert refused(told, 409, "account_balance_insufficient")
    desk.change(Account, "acct_demo", balance_kobo=60_000_000)
    assert desk.post("/issued_passes", ISSUE, Idempotency_Key="k").status == 201
    assert desk.funds() == 0


def test_a_key_is_kept_for_a_day_of_the_worlds_clock_and_per_account(desk: Counter) -> None:
    first = desk.post("/issued_passes", ISSUE, Idempotency_Key="k")
    other = desk.post("/issued_passes", ISSUE | {"client_id": "client_x"}, key="partner", Idempotency_Key="k")
    assert other.header("Idempotent-Replayed") is None
    desk.advance(DAY - 1)
    assert desk.post("/issued_passes", ISSUE, Idempotency_Key="k").body["id"] == first.body["id"]
    desk.advance(1)
    assert desk.post("/issued_passes", ISSUE, Idempotency_Key="k").body["id"] != first.body["id"]


def test_a_session_is_replayed_even_when_it_is_over_and_headers_are_not_compared(desk: Counter) -> None:
    first = desk.book("ci_hiit_open", "standard", Idempotency_Key="k")
    desk.advance(DAY // 2)
    again = desk.book("ci_hiit_open", "standard", Idempotency_Key="k", Bardge_Lookup_Token="lkpt_other_one")
    assert (again.status, again.response.body) == (200, first.response.body)


def test_no_body_equals_an_empty_object(desk: Counter) -> None:
    path = f"/bookings/{desk.booked('ci_yoga_open', 'ada')}/cancel"
    first = desk.post(path, None, Idempotency_Key="k")
    assert desk.post(path, {}, Idempotency_Key="k").response.body == first.response.body


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_a_key_that_is_none_is_refused_and_on_get_ignored(desk: Counter, key: str) -> None:
    assert refused(
        desk.post("/lookup_settings", {"enabled": True}, Idempotency_Key=key), 400, "validation_error"
    )
    assert desk.get("/passes", Idempotency_Key=key).status == 200


# --- the cast -------------------------------------------------------------------------------


def test_the_cast_is_as_the_documents_say(desk: Counter) -> None:
    clients = {"ada": 50, "low_credits": 2, "no_credits": 0, "expired": 0, "cancelled": 0, "visits_used": 0}
    for name, credits in {**clients, "standard": 0, "no_pass": 0}.items():
        assert desk.get(f"/clients/client_{name}").body["credit_balance"] == credits
    reads = {"ada": "ACTIVE", "expired": "EXPIRED", "cancelled": "CANCELLED", "visits_used": "ACTIVE"}
    for name, status in reads.items():
        assert desk.status(f"brgpass_{name}") == status
    assert desk.get("/clients/client_no_pass").body["passes"] == []
    assert len(desk.world().all(CheckIn)) >= 8
    seats = {"ci_yoga_open": 20, "ci_yoga_last_seat": 1, "ci_yoga_full": 0}
    assert {name: desk.seats(name) for name in seats} == seats
    for account in ("demo", "partner", "disabled"):
        assert desk.funds(account) == 100_000_000_000
