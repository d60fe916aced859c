"""The operations on classes and bookings: what a call gets in reply, field by field."""

from typing import Any

import pytest
from msgspec.structs import replace

from sandbox.api.call import Call, Reply
from sandbox.api.operations import bookings as operations
from sandbox.domain.books import Caller
from sandbox.domain.moments import DAY, HOUR, MINUTE, after
from sandbox.domain.records import IssuedPass
from tests.domain.front_desk import give_credits, town_with
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, refused, small_town

THURSDAY_NOON = {"date": "2026-05-14", "time": "12:00", "scheduled_for": (NOON + 2 * DAY) // 1000}
THURSDAY_TEN = {"date": "2026-05-14", "time": "10:00", "scheduled_for": (NOON + 2 * DAY - 2 * HOUR) // 1000}
NOW = NOON // 1000
IN_A_QUARTER = NOW + 15 * 60


def ask(operation: str, books: PaperBooks, *, caller: Caller = DEMO, **parts: Any) -> Reply:
    """Call the operation of that name with these parts of a call."""
    reply = getattr(operations, operation)(Call(operation, f"/{operation}", **parts), caller, books)
    assert isinstance(reply, Reply)
    return reply


def book(books: PaperBooks, pass_: IssuedPass, instance_id: str = "ci_yoga_open", **changed: str) -> Reply:
    names = {"first_name": "Ada", "last_name": "Obi"}
    wish = {"class_instance_id": instance_id, "client_id": pass_.client_id, "user_pass_id": pass_.id, **names}
    return ask("book_class", books, body={**wish, **changed})


def book_spa(books: PaperBooks, pass_: IssuedPass, provider_id: str = "prov_zen", *service_ids: str) -> Reply:
    wish = {
        "provider_id": provider_id,
        "service_ids": list(service_ids) or ["svc_massage"],
        "date": "2026-05-14",
        "time": "10:00",
        "client_id": pass_.client_id,
        "first_name": "Ada",
        "last_name": "Obi",
        "user_pass_id": pass_.id,
    }
    return ask("book_spa", books, body=wish)


def listed(books: PaperBooks, **query: str) -> list[dict[str, Any]]:
    reply = ask("list_client_bookings", books, path={"clientId": "client_ada"}, query=query)
    data: list[dict[str, Any]] = reply.body["data"]
    return data


# --- classes


def test_a_class_is_shown_with_the_tier_of_its_gym() -> None:
    shown = ask("list_classes", small_town()).body["data"]
    assert next(one for one in shown if one["id"] == "class_hiit") == {
        "object": "class",
        "id": "class_hiit",
        "name": "hiit",
        "description": "",
        "category": "cat_all",
        "provider_id": "prov_ironhouse",
        "provider_name": "ironhouse",
        "tier": "PREMIUM",
        "duration_minutes": 60,
        "credit_cost": None,
        "created": 0,
    }


@pytest.mark.parametrize("query", [{}, {"lat": 6.45, "lon": 3.39}])
def test_the_list_of_classes_is_filtered_and_a_filter_of_nothing_is_empty(query: dict[str, Any]) -> None:
    books = small_town()
    here = ask("list_classes", books, query={**query, "provider_id": "prov_fitzone"}).body["data"]
    assert {one["id"] for one in here} == {"class_yoga", "class_workshop"}
    for nothing in ({"category": "cat_none"}, {"provider_id": "prov_none"}):
        assert ask("list_classes", books, query={**query, **nothing}).body["data"] == []


def test_one_coordinate_alone_is_refused() -> None:
    refused(ask_with, small_town(), {"lat": 6.45}, code="validation_error")


def ask_with(books: PaperBooks, query: dict[str, Any]) -> Reply:
    return ask("list_classes", books, query=query)


def test_a_class_is_shown_with_its_instances() -> None:
    books, pass_ = town_with("pass_premium")
    book(books, pass_)
    reply = ask("get_class", books, path={"id": "class_yoga"})
    assert [one["id"] for one in reply.body["instances"]] == ["ci_yoga_open", "ci_yoga_last_seat"]
    assert reply.body["instances"][0] == {
        "object": "class_instance",
        "id": "ci_yoga_open",
        "class_id": "class_yoga",
        **THURSDAY_NOON,
        "duration_minutes": 60,
        "capacity": 3,
        "spots_left": 2,
        "credit_cost": None,
        "status": "SCHEDULED",
    }


# --- class bookings


def test_a_covered_class_is_answered_with_a_booking() -> None:
    books, pass_ = town_with("pass_premium")
    reply = book(books, pass_)
    assert (reply.status, reply.rule) == (201, "BOOK-1")
    assert reply.body == {
        "object": "class_booking_initiation",
        "copay_required": False,
        "additional_visits_required": False,
        "booking_id": reply.body["booking_id"],
        "status": "PENDING",
        "class_name": "yoga",
        "provider_name": "fitzone",
        **THURSDAY_NOON,
        "visits_deducted": 1,
        "created": NOW,
        "message": "The seat is booked. The venue confirms it within a minute.",
    }


def test_an_uncovered_one_with_a_session_and_the_options() -> None:
    books, pass_ = town_with("pass_standard")
    reply = book(books, pass_, "ci_hiit_open")
    assert reply.status == 200
    options = reply.body.pop("copay_options")
    assert [one["id"] for one in options] == ["copay_ironhouse_year", "copay_ironhouse_month"]
    assert reply.body == {
        "object": "class_booking_initiation",
        "session_id": reply.body["session_id"],
        "expires_at": IN_A_QUARTER,
        "copay_required": True,
        "additional_visits_required": False,
        "currency": "NGN",
        "class_name": "hiit",
        "provider_name": "ironhouse",
        **THURSDAY_NOON,
        "created": NOW,
        "message": "The seat is held for 15 minutes. Choose what has to be bought, and confirm.",
    }


def test_one_without_visits_with_their_cost_and_no_options() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(replace(pass_, used={"GYM:0": 2}))
    body = book(books, pass_).body
    assert (body["copay_required"], body["additional_visits_required"]) == (False, True)
    assert (body["cost_per_visit"], body["currency"]) == (350_000, "NGN")
    assert {"copay_options", "booking_id", "status", "visits_deducted"}.isdisjoint(body)


def test_confirming_is_answered_with_the_booking() -> None:
    books, pass_ = town_with("pass_standard")
    session = book(books, pass_, "ci_hiit_open").body["session_id"]
    body = {"copay_package_id": "copay_ironhouse_month"}
    reply = ask("confirm_class_booking", books, path={"sessionId": session}, body=body)
    assert reply.status == 201
    assert reply.body == {
        "object": "booking",
        "id": reply.body["id"],
        "status": "PENDING",
        "type": "class",
        "class_name": "hiit",
        "provider_name": "ironhouse",
        **THURSDAY_NOON,
        "visits_deducted": 1,
        "created": NOW,
        "message": "The seat is booked.",
    }


def test_what_credits_paid_shows_no_visit() -> None:
    books, pass_ = town_with("pass_premium", credits_held=5)
    assert book(books, pass_, "ci_workshop_open").body["visits_deducted"] == 0


# --- spa bookings


def test_a_spa_session_says_what_is_due() -> None:
    books, pass_ = town_with("pass_premium")
    reply = book_spa(books, pass_)
    assert reply.status == 200
    assert reply.body == {
        "object": "spa_booking_initiation",
        "session_id": reply.body["session_id"],
        "expires_at": IN_A_QUARTER,
        "services": [
            {
                "id": "svc_massage",
                "name": "massage",
                "duration_minutes": 60,
                "price": 1_000_001,
                "credit_cost": None,
            }
        ],
        "provider_name": "zen",
        **THURSDAY_TEN,
        "copay_required": False,
        "copay_amount": 0,
        "credits_required": 0,
        "currency": "NGN",
        "created": NOW,
        "message": "The time is held for 15 minutes. Confirm to book it.",
    }


def test_a_spa_session_names_its_price_in_credits_or_its_copay() -> None:
    books, pass_ = town_with("pass_premium", credits_held=10)
    assert book_spa(books, pass_, "prov_luxe", "svc_luxe_ritual").body["credits_required"] == 10
    books, pass_ = town_with("pass_standard")
    due = book_spa(books, pass_, "prov_luxe", "svc_luxe_ritual").body
    assert (due["copay_required"], due["copay_amount"], due["credits_required"]) == (True, 2_000_002, 0)
    assert due["message"].endswith("Quote and buy the co-pay, then confirm.")


def test_a_spa_booking_names_its_services_and_no_visits() -> None:
    books, pass_ = town_with("pass_premium")
    session = book_spa(books, pass_, "prov_zen", "svc_massage", "svc_facial").body["session_id"]
    reply = ask("confirm_spa_booking", books, path={"sessionId": session})
    assert reply.status == 201
    assert reply.body == {
        "object": "booking",
        "id": reply.body["id"],
        "status": "PENDING",
        "type": "spa",
        "service_name": "massage, facial",
        "provider_name": "zen",
        **THURSDAY_TEN,
        "created": NOW,
        "message": "The appointment is booked.",
    }


# --- bookings


def test_the_list_and_the_status_agree_over_time() -> None:
    books, pass_ = town_with("pass_premium")
    booking_id = book(books, pass_).body["booking_id"]
    for later, status in ((0, "PENDING"), (MINUTE, "CONFIRMED"), (3 * DAY, "COMPLETED")):
        books.now = after(NOON, later)
        told = ask("get_booking_status", books, path={"id": booking_id}).body
        assert (told["status"], listed(books)[0]["status"]) == (status, status)
        assert told["message"] == listed(books)[0]["message"]
        assert [one["id"] for one in listed(books, status=status)] == [booking_id]
        assert listed(books, status="CANCELLED") == listed(books, type="spa") == []


def test_the_status_of_a_booking() -> None:
    books, pass_ = town_with("pass_premium")
    booking_id = book(books, pass_).body["booking_id"]
    books.now = after(NOON, HOUR)
    assert ask("get_booking_status", books, path={"id": booking_id}).body == {
        "object": "booking_status",
        "id": booking_id,
        "status": "CONFIRMED",
        "type": "class",
        "scheduled_for": THURSDAY_NOON["scheduled_for"],
        "updated": NOW + 60,
        "message": "The venue confirmed the booking.",
    }


@pytest.mark.parametrize(
    ("hours_before", "credits_back", "message"),
    [
        (6, 5, "The booking was cancelled, and what it took has returned."),
        (5, 0, "The booking was cancelled, and nothing returns."),
    ],
)
def test_a_cancelled_booking_shows_its_refund(hours_before: int, credits_back: int, message: str) -> None:
    books, pass_ = town_with("pass_premium")
    give_credits(books, 5)
    booking_id = book(books, pass_, "ci_workshop_open").body["booking_id"]
    books.now = after(NOON, 4 * DAY - hours_before * HOUR)
    body = ask("cancel_booking", books, path={"id": booking_id}, body={"reason": "A cold"}).body
    refund = {"visits_restored": 0, "credits_refunded": credits_back, "amount_refunded": 0, "currency": "NGN"}
    assert (body["object"], body["id"], body["status"]) == ("booking", booking_id, "CANCELLED")
    assert (body["refund"], body["message"]) == (refund, message)


def test_a_moved_booking_is_a_new_one() -> None:
    books, pass_ = town_with("pass_premium")
    booking_id = book(books, pass_).body["booking_id"]
    body = {"class_instance_id": "ci_yoga_last_seat"}
    reply = ask("reschedule_booking", books, path={"id": booking_id}, body=body)
    assert (reply.status, reply.body["date"], reply.body["status"]) == (201, "2026-05-15", "PENDING")
    assert [one["status"] for one in listed(books)] == ["PENDING", "RESCHEDULED"]
    assert reply.body["id"] != booking_id


def test_categories_are_listed_whole() -> None:
    reply = ask("list_class_categories", small_town())
    assert (reply.body["object"], reply.body["data"], reply.body["has_more"]) == ("list", [], False)


# --- whose it is: unknown, another reseller's, one's own


def test_sessions_and_bookings_are_found_by_their_maker_only() -> None:
    books, pass_ = town_with("pass_standard")
    session = book(books, pass_, "ci_hiit_open").body["session_id"]
    appointment = book_spa(books, pass_).body["session_id"]
    booking = book(books, pass_).body["booking_id"]
    calls: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("confirm_class_booking", {"sessionId": session}, {"copay_package_id": "copay_ironhouse_month"}),
        ("confirm_spa_booking", {"sessionId": appointment}, {}),
        ("get_booking_status", {"id": booking}, {}),
        ("reschedule_booking", {"id": booking}, {"class_instance_id": "ci_yoga_last_seat"}),
        ("cancel_booking", {"id": booking}, {}),
        ("list_client_bookings", {"clientId": "client_ada"}, {}),
    ]
    for operation, path, body in calls:
        nowhere = dict.fromkeys(path, "nothing_of_that_name")
        refused(call_as, books, DEMO, operation, nowhere, body, code="resource_not_found")
        refused(call_as, books, PARTNER, operation, path, body, code="permission_denied")


def call_as(
    books: PaperBooks, caller: Caller, operation: str, path: dict[str, str], body: dict[str, Any]
) -> Reply:
    return ask(operation, books, caller=caller, path=path, body=body)


def test_classes_are_everyones() -> None:
    books = small_town()
    for caller in (DEMO, PARTNER):
        assert ask("get_class", books, caller=caller, path={"id": "class_yoga"}).status == 200
    refused(call_as, books, DEMO, "get_class", {"id": "class_none"}, {}, code="resource_not_found")
