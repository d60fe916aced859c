"""BOOK-1 to BOOK-26, over the whole journey."""

import pytest

from sandbox.domain.records import Booking, Instance, Provider
from tests.api.in_process import our_promise
from tests.audit.counter import DAY, HOUR, MINUTE, SECOND, Counter, refused

MONTH = {"copay_package_id": "copay_ironhouse_month"}


def starts(desk: Counter, instance_id: str) -> int:
    return desk.find(Instance, instance_id).starts


def test_the_venue_confirms_after_sixty_seconds_and_the_end_completes(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_open", "ada")
    made = desk.find(Booking, booking)
    for moment, status, updated in [
        (made.created + 60 * SECOND - 1, "PENDING", made.created),
        (made.created + 60 * SECOND, "CONFIRMED", made.created + 60 * SECOND),
        (made.ends - 1, "CONFIRMED", made.created + 60 * SECOND),
        (made.ends, "COMPLETED", made.ends),
        (made.created, "PENDING", made.created),
    ]:
        desk.to(moment)
        told = desk.get(f"/bookings/{booking}").body
        assert (told["status"], told["updated"]) == (status, updated // 1000)


def test_six_hours_before_the_start_everything_returns_and_a_millisecond_later_nothing(desk: Counter) -> None:
    begin = starts(desk, "ci_workshop_open")
    early, late = desk.booked("ci_workshop_open", "ada"), desk.booked("ci_workshop_override", "ada")
    desk.to(begin - 6 * HOUR)
    refund = desk.cancel(early).body["refund"]
    assert refund == {"visits_restored": 0, "credits_refunded": 5, "amount_refunded": 0, "currency": "NGN"}
    desk.to(starts(desk, "ci_workshop_override") - 6 * HOUR + 1)
    assert set(desk.cancel(late).body["refund"].values()) == {0, "NGN"}
    assert desk.balance("client_ada") == 50 - 8


def test_a_late_cancel_still_frees_the_seat(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_last_seat", "ada")
    desk.to(starts(desk, "ci_yoga_last_seat") - 1)
    assert refused(desk.book("ci_yoga_last_seat", "low_credits"), 409, "class_full")
    assert desk.cancel(booking).status == 200
    assert desk.book("ci_yoga_last_seat", "low_credits").status == 201


def test_what_has_begun_can_neither_be_cancelled_nor_moved_nor_booked(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_open", "ada")
    desk.to(starts(desk, "ci_yoga_open"))
    move = {"class_instance_id": "ci_yoga_full"}
    assert refused(desk.cancel(booking), 409, "booking_closed")
    assert refused(desk.post(f"/bookings/{booking}/reschedule", move), 409, "booking_closed")
    assert refused(desk.book("ci_yoga_open", "low_credits"), 409, "class_started")


def test_cancelled_twice_is_said_even_after_the_start(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_open", "ada")
    desk.cancel(booking)
    desk.to(starts(desk, "ci_yoga_open") + DAY)
    assert refused(desk.cancel(booking), 409, "already_cancelled")


def test_a_session_lives_fifteen_minutes_and_its_seat_with_it(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    assert session.body["expires_at"] == (desk.world().now + 15 * MINUTE) // 1000
    assert desk.seats("ci_hiit_open") == 15
    desk.advance(15 * MINUTE)
    assert desk.seats("ci_hiit_open") == 16
    assert refused(desk.confirm("class", session, MONTH), 409, "session_expired")
    desk.advance(-1)
    assert desk.confirm("class", session, MONTH).status == 201
    desk.advance(DAY)
    assert refused(desk.confirm("class", session, MONTH), 409, "session_used")


def test_another_session_ends_the_earlier_one_at_once(desk: Counter) -> None:
    first = desk.book("ci_hiit_open", "standard")
    second = desk.book("ci_hiit_open", "standard")
    assert desk.seats("ci_hiit_open") == 15
    assert refused(desk.confirm("class", first, MONTH), 409, "session_expired")
    assert desk.confirm("class", second, MONTH).status == 201


def test_a_booking_on_another_pass_ends_the_session(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    premium = desk.issue("client_standard", "pass_premium").body["id"]
    assert desk.book("ci_hiit_open", "standard", premium).status == 201
    assert refused(desk.confirm("class", session, MONTH), 409, "session_expired")
    assert desk.seats("ci_hiit_open") == 15


def test_a_copay_bought_for_the_session_leaves_nothing_due(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    order = {"client_id": "client_standard", "session_id": session.body["session_id"]}
    bought = desk.post("/copay_purchases", order | MONTH)
    assert (bought.status, bought.body["type"]) == (201, "PACKAGE")
    assert refused(desk.post("/copay_purchases", order | MONTH), 409, "copay_not_required")
    paid = desk.funds()
    booked = desk.confirm("class", session)  # no body at all
    assert (booked.status, booked.body["visits_deducted"]) == (201, 1)
    assert desk.funds() == paid


def test_a_field_that_does_not_apply_is_ignored(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    body = MONTH | {"number_of_visits": 3, "duration": "ANNUALLY"}
    assert desk.confirm("class", session, body).status == 201
    session = desk.book("ci_yoga_open", "visits_used")
    body = {"number_of_visits": 1, "duration": "MONTHLY", "copay_package_id": "no_such_option"}
    assert desk.confirm("class", session, body).status == 201


def test_a_confirm_that_lacks_what_is_due_says_all_that_is_missing(desk: Counter) -> None:
    session = desk.book("ci_yoga_open", "visits_used")
    told = desk.confirm("class", session, {})
    assert refused(told, 400, "validation_error")
    assert "number_of_visits" in told.message
    assert "duration" in told.message


def test_moving_takes_the_new_price_out_of_what_returns(desk: Counter) -> None:
    desk.adjust("client_low_credits", 3)  # 5 in all
    booking = desk.booked("ci_workshop_open", "low_credits")
    to_dearer = {"class_instance_id": "ci_workshop_override"}
    assert refused(desk.post(f"/bookings/{booking}/reschedule", to_dearer), 400, "validation_error")
    assert desk.balance("client_low_credits") == 0
    desk.adjust("client_low_credits", 3)
    moved = desk.post(f"/bookings/{booking}/reschedule", to_dearer)
    assert moved.status == 201
    assert desk.balance("client_low_credits") == 0
    assert desk.get(f"/bookings/{booking}").body["status"] == "RESCHEDULED"
    assert refused(desk.cancel(booking), 409, "booking_closed")


def test_moving_to_ones_own_instance_is_refused_even_where_it_is_full(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_last_seat", "ada")
    own = {"class_instance_id": "ci_yoga_last_seat"}
    full = {"class_instance_id": "ci_yoga_full"}
    assert refused(desk.post(f"/bookings/{booking}/reschedule", own), 409, "slot_unavailable")
    assert refused(desk.post(f"/bookings/{booking}/reschedule", full), 409, "class_full")


def test_exactly_six_hours_before_its_start_a_booking_still_moves(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_last_seat", "ada")
    body = {"class_instance_id": "ci_yoga_open"}
    desk.to(starts(desk, "ci_yoga_last_seat") - 6 * HOUR + 1)
    assert refused(desk.post(f"/bookings/{booking}/reschedule", body), 409, "booking_closed")
    desk.advance(-1)
    assert desk.post(f"/bookings/{booking}/reschedule", body).status == 201


def test_a_cancelled_instance_returns_everything_at_any_hour(desk: Counter) -> None:
    booking = desk.booked("ci_workshop_open", "ada")
    session = desk.book("ci_hiit_open", "standard")
    desk.to(starts(desk, "ci_workshop_open") - 1)
    desk.cancel_instance("ci_workshop_open")
    assert desk.get(f"/bookings/{booking}").body["status"] == "CANCELLED"
    assert desk.balance("client_ada") == 50
    assert refused(desk.cancel(booking), 409, "already_cancelled")
    assert refused(desk.book("ci_workshop_open", "ada"), 409, "slot_unavailable")
    desk.to(session.body["created"] * 1000)
    desk.cancel_instance("ci_hiit_open")
    assert refused(desk.confirm("class", session, MONTH), 409, "slot_unavailable")


# --- spas -----------------------------------------------------------------------------------


def slots(desk: Counter, spa: str, day: str, services: str = "") -> dict[str, bool]:
    more = f"&service_ids={services}" if services else ""
    told = desk.get(f"/providers/{spa}/availability?date={day}{more}").body["slots"]
    return {one["time"]: one["available"] for one in told}


def test_services_may_be_joined_by_a_comma_that_is_encoded(desk: Counter) -> None:
    day = desk.day(1)
    plain = slots(desk, "prov_zen", day, "svc_massage,svc_facial")
    assert slots(desk, "prov_zen", day, "svc_massage%2Csvc_facial") == plain
    assert slots(desk, "prov_zen", day, "svc_massage") != plain


def test_slots_are_every_half_hour_from_which_the_services_end_by_closing(desk: Counter) -> None:
    ritual = list(slots(desk, "prov_luxe", desk.day(1)))  # 90 minutes
    assert (ritual[0], ritual[1], ritual[-1]) == ("09:00", "09:30", "19:30")
    assert not any(slots(desk, "prov_luxe", desk.day(-1)).values())


def test_available_is_what_can_be_booked(desk: Counter) -> None:
    desk.set_clock(f"{desk.day(0)} 16:00")
    today = desk.day(0)
    free = slots(desk, "prov_luxe", today)
    assert (free["16:00"], free["16:30"]) == (False, True)
    assert refused(desk.ask_spa("svc_luxe_ritual", (today, "16:00"), "ada"), 409, "slot_unavailable")
    assert desk.ask_spa("svc_luxe_ritual", (today, "16:30"), "ada").status == 200
    free = slots(desk, "prov_luxe", today)  # one room, held from 16:30 to 18:00
    assert [time for time, open_ in free.items() if open_] == ["18:00", "18:30", "19:00", "19:30"]
    assert refused(desk.ask_spa("svc_luxe_ritual", (today, "17:30"), "ada"), 409, "slot_unavailable")
    assert desk.ask_spa("svc_luxe_ritual", (today, "16:30"), "ada").status == 200  # her own room


@pytest.mark.parametrize("time", ["08:30", "20:00", "20:30", "10:15", "00:00", "21:00"])
def test_any_other_time_is_no_slot(desk: Counter, time: str) -> None:
    assert refused(desk.ask_spa("svc_luxe_ritual", (desk.day(1), time), "ada"), 409, "slot_unavailable")


def test_a_spa_that_takes_no_credits_refuses_what_is_priced_in_them(desk: Counter) -> None:
    opened = desk.ask_spa("svc_luxe_ritual", (desk.day(1), "10:00"), "ada")
    assert opened.body["credits_required"] == 10
    desk.change(Provider, "prov_luxe", accepts_credits=False)
    assert refused(desk.confirm("spa", opened), 409, "credits_not_accepted")
    again = desk.ask_spa("svc_luxe_ritual", (desk.day(1), "10:00"), "ada")
    assert refused(again, 409, "credits_not_accepted")
    uncovered = desk.ask_spa("svc_luxe_ritual", (desk.day(1), "12:00"), "standard")  # her co-pay alone pays
    assert (uncovered.body["copay_required"], uncovered.body["credits_required"]) == (True, 0)


@pytest.mark.parametrize("operation", ["book_spa", "confirm_spa_booking"])
def test_that_refusal_is_on_the_document(operation: str) -> None:
    found = next(one for one in our_promise().document.operations if one.id == operation)
    assert "credits_not_accepted" in found.raw["x-codes"]


def test_a_spa_copay_is_quoted_bought_used_and_returned(desk: Counter) -> None:
    day = desk.day(2)
    session = desk.ask_spa("svc_massage", (day, "10:00"), "standard")
    assert refused(desk.confirm("spa", session), 409, "copay_required")
    question = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
    quote = desk.post("/providers/prov_zen/spa-copay-quote", question).body
    assert quote["amount"] == session.body["copay_amount"]
    before = desk.funds()
    order = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quote["id"]}
    assert desk.post("/copay_purchases", order).status == 201
    assert refused(desk.post("/copay_purchases", order), 409, "quote_used")
    booked = desk.confirm("spa", session).body
    assert "visits_deducted" not in booked
    moved = desk.post(f"/bookings/{booked['id']}/reschedule", {"date": day, "time": "11:00"}).body
    assert desk.cancel(moved["id"]).body["refund"]["amount_refunded"] == quote["amount"]
    assert desk.funds() == before
    again = desk.ask_spa("svc_massage", (day, "10:00"), "standard")
    assert again.body["copay_required"] is True
