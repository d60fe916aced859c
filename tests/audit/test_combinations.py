"""Rules that meet: tokens and co-pays, credits and moves, sessions and the turn of a month."""

from msgspec.structs import replace

from sandbox.domain.moments import Millis, plus_months
from sandbox.domain.records import CopayOption, Instance, IssuedPass, Provider
from tests.audit.counter import DAY, HOUR, MINUTE, Counter, refused

MONTH = {"copay_package_id": "copay_ironhouse_month"}
GYM = {
    "client_id": "client_standard",
    "provider_id": "prov_ironhouse",
    "copay_option_id": "copay_ironhouse_month",
}
WISH = {"first_name": "Bola", "last_name": "Ade"}


def test_a_spa_copay_bought_with_a_token_returns_to_the_account_that_paid(desk: Counter) -> None:
    order = {"pass_id": "pass_standard", "client_id": "client_theirs", **WISH}
    issued = desk.post("/issued_passes", order, key="partner").body["id"]
    token = {"Bardge_Lookup_Token": desk.token("client_theirs")}
    ours, theirs = desk.funds(), desk.funds("partner")
    question = {"client_id": "client_theirs", "service_ids": ["svc_massage"]}
    quote = desk.post("/providers/prov_zen/spa-copay-quote", question, **token).body
    buy = {"client_id": "client_theirs", "provider_id": "prov_zen", "quote_id": quote["id"]}
    assert refused(desk.post("/copay_purchases", buy), 403, "permission_denied")  # not without the token
    assert refused(
        desk.post("/copay_purchases", buy, key="partner"), 403, "permission_denied"
    )  # not their quote
    assert desk.post("/copay_purchases", buy, **token).status == 201
    assert (ours - desk.funds(), desk.funds("partner")) == (quote["amount"], theirs)
    session = desk.ask_spa("svc_massage", (desk.day(1), "10:00"), "theirs", issued, key="partner")
    booked = desk.confirm("spa", session, key="partner").body["id"]  # the issuer uses it, it is the client's
    assert desk.cancel(booked, key="partner").body["refund"]["amount_refunded"] == quote["amount"]
    assert (desk.funds(), desk.funds("partner")) == (ours, theirs)


def test_a_late_cancel_of_a_spa_copay_returns_nothing(desk: Counter) -> None:
    quote = desk.post(
        "/providers/prov_zen/spa-copay-quote",
        {"client_id": "client_standard", "service_ids": ["svc_massage"]},
    ).body
    desk.post(
        "/copay_purchases",
        {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quote["id"]},
    )
    session = desk.ask_spa("svc_massage", (desk.day(1), "10:00"), "standard")
    booked = desk.confirm("spa", session).body
    paid = desk.funds()
    desk.to(booked["scheduled_for"] * 1000 - 6 * HOUR + 1)
    assert set(desk.cancel(booked["id"]).body["refund"].values()) == {0, "NGN"}
    assert desk.funds() == paid
    assert refused(
        desk.confirm("spa", desk.ask_spa("svc_massage", (desk.day(1), "10:00"), "standard")),
        409,
        "copay_required",
    )


def test_a_copays_last_visit_is_free_for_the_booking_that_moves(desk: Counter) -> None:
    desk.change(CopayOption, "copay_ironhouse_month", visits=1)
    booked = desk.confirm("class", desk.book("ci_hiit_open", "standard"), MONTH).body["id"]
    assert desk.ask_code("standard", "prov_ironhouse").body["copay_required"] is True  # all used
    again = {"class_instance_id": "ci_hiit_open"}
    assert refused(desk.post(f"/bookings/{booked}/reschedule", again), 409, "slot_unavailable")
    desk.put(replace(desk.find(Instance, "ci_hiit_open"), id="ci_hiit_later", seats={}))
    later = {"class_instance_id": "ci_hiit_later"}
    moved = desk.post(f"/bookings/{booked}/reschedule", later)
    assert (moved.status, moved.body["visits_deducted"]) == (201, 1)


def test_a_session_for_visits_is_confirmed_for_nothing_once_the_new_month_began(desk: Counter) -> None:
    start = desk.find(IssuedPass, "brgpass_visits_used").starts
    desk.to(plus_months(start, 1) - MINUTE)
    code = desk.ask_code("visits_used", "prov_fitzone")
    assert code.body["additional_visits_required"] is True
    assert refused(desk.confirm("access_code", code, {}), 400, "validation_error")
    desk.advance(MINUTE)
    before = desk.funds()
    confirmed = desk.confirm("access_code", code, {"number_of_visits": 5, "duration": "MONTHLY"})
    assert (confirmed.status, desk.funds()) == (201, before)
    assert desk.scan(confirmed, "prov_fitzone").payment.period == 1


def test_a_visit_of_last_month_returns_there_and_not_to_this_month(desk: Counter) -> None:
    start = desk.find(IssuedPass, "brgpass_standard").starts
    desk.to(plus_months(start, 1) - DAY)
    later = Millis(plus_months(start, 1) + DAY)
    desk.put(replace(desk.find(Instance, "ci_yoga_open"), id="ci_yoga_later", starts=later))
    booking = desk.booked("ci_yoga_later", "standard")
    desk.to(plus_months(start, 1))
    assert desk.cancel(booking).body["refund"]["visits_restored"] == 1
    assert desk.find(IssuedPass, "brgpass_standard").used == {"GYM:0": 0}


def test_a_copay_bought_at_the_desk_meanwhile_is_not_paid_twice(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    desk.post("/copay_purchases", GYM)
    paid = desk.funds()
    assert desk.confirm("class", session, MONTH).status == 201
    assert desk.funds() == paid


def test_a_pass_that_covers_bought_meanwhile_does_not_change_the_session(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    desk.issue("client_standard", "pass_premium")
    assert refused(
        desk.confirm("class", session, {}), 400, "validation_error"
    )  # it is about the pass it named
    assert refused(desk.post("/copay_purchases", GYM), 409, "copay_not_required")  # PASS-16: one covers


def test_the_same_moment_in_two_rooms_and_not_in_a_third(desk: Counter) -> None:
    day = desk.day(1)
    for who in ("ada", "low_credits"):
        assert desk.ask_spa("svc_massage", (day, "10:00"), who).status == 200
    for time in ("09:30", "10:00", "10:30"):
        assert refused(desk.ask_spa("svc_massage", (day, time), "no_credits"), 409, "slot_unavailable")
    assert desk.ask_spa("svc_massage", (day, "11:00"), "no_credits").status == 200
    desk.advance(15 * MINUTE)
    assert desk.ask_spa("svc_massage", (day, "10:30"), "no_credits").status == 200


def test_credits_bought_between_the_two_steps_of_a_spa_are_looked_at_afresh(desk: Counter) -> None:
    session = desk.ask_spa("svc_luxe_ritual", (desk.day(1), "10:00"), "ada")
    desk.adjust("client_ada", -45)
    assert refused(desk.confirm("spa", session), 400, "validation_error")
    desk.adjust("client_ada", 5)
    assert desk.confirm("spa", session).status == 201
    assert desk.balance("client_ada") == 0


def test_a_provider_that_stops_taking_credits_leaves_what_a_visit_pays(desk: Counter) -> None:
    desk.change(Provider, "prov_fitzone", accepts_credits=False)
    assert refused(desk.book("ci_workshop_open", "ada"), 409, "credits_not_accepted")
    assert desk.book("ci_yoga_open", "ada").status == 201


def test_a_refund_of_a_lapsed_purchase_voids_nothing_and_the_ledger_still_sums(desk: Counter) -> None:
    bought = desk.post(
        "/credit_purchases", {"client_id": "client_no_credits", "package_id": "cpkg_90_days"}
    ).body
    desk.booked("ci_workshop_open", "no_credits")
    desk.to(bought["expires_at"])
    told = desk.refund(bought["id"])
    assert (told.used, told.voided, told.balance) == (5, 0, 0)
    desk.advance(DAY)
    assert desk.balance("client_no_credits") == 0
    desk.advance(-2 * DAY)
    assert desk.balance("client_no_credits") == 0
