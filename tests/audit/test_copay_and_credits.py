"""COPAY-1 to COPAY-7 and CRED-1 to CRED-10."""

from typing import Any

import pytest

from sandbox.domain.moments import after, plus_months
from sandbox.domain.records import CreditPackage, Instance, Provider
from tests.audit.counter import DAY, HOUR, MINUTE, Counter, refused

MONTH = {"copay_package_id": "copay_ironhouse_month"}
QUESTION = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
GYM = {
    "client_id": "client_standard",
    "provider_id": "prov_ironhouse",
    "copay_option_id": "copay_ironhouse_month",
}


def price(desk: Counter, when: str, service: str = "svc_massage", spa: str = "prov_zen") -> int:
    desk.set_clock(when)
    question = {"client_id": "client_standard", "service_ids": [service]}
    told = desk.post(f"/providers/{spa}/spa-copay-quote", question)
    assert told.status == 201, told.body
    return int(told.body["amount"])


def test_a_fifth_more_from_five_to_eight_and_on_saturday_once(desk: Counter) -> None:
    plain = price(desk, "2026-09-22 12:00")
    assert price(desk, "2026-09-22 16:59") == plain
    assert price(desk, "2026-09-22 17:00") == plain * 12 // 10
    assert price(desk, "2026-09-22 19:59") == plain * 12 // 10
    assert price(desk, "2026-09-22 20:00") == plain
    assert price(desk, "2026-09-25 23:59") == plain
    assert price(desk, "2026-09-26 00:00") == plain * 12 // 10
    assert price(desk, "2026-09-26 18:00") == plain * 12 // 10
    assert price(desk, "2026-09-27 00:00") == plain


def test_premium_costs_double_the_price(desk: Counter) -> None:
    listed = desk.get("/providers/prov_luxe/services").body["data"][0]["price"]
    assert price(desk, "2026-09-22 12:00", "svc_luxe_ritual", "prov_luxe") == 2 * listed


def test_what_is_paid_is_the_quotes_whatever_the_hour(desk: Counter) -> None:
    desk.set_clock("2026-09-22 16:59")
    quote = desk.post("/providers/prov_zen/spa-copay-quote", QUESTION).body
    desk.advance(5 * MINUTE)
    session = desk.ask_spa("svc_massage", (desk.day(0), "18:00"), "standard")
    assert session.body["copay_amount"] == quote["amount"] * 12 // 10
    order = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quote["id"]}
    before = desk.funds()
    assert desk.post("/copay_purchases", order).body["amount"] == quote["amount"]
    assert before - desk.funds() == quote["amount"]


def test_a_quote_is_over_at_ten_minutes_and_used_before_it_is_over(desk: Counter) -> None:
    quote = desk.post("/providers/prov_zen/spa-copay-quote", QUESTION).body
    order = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quote["id"]}
    desk.to(quote["expires_at"])
    assert refused(desk.post("/copay_purchases", order), 409, "quote_expired")
    desk.advance(-1)
    assert desk.post("/copay_purchases", order).status == 201
    desk.advance(HOUR)
    assert refused(desk.post("/copay_purchases", order), 409, "quote_used")


def test_a_covered_client_is_quoted_nothing_which_is_not_for_sale(desk: Counter) -> None:
    question = {"client_id": "client_ada", "service_ids": ["svc_massage"]}
    quote = desk.post("/providers/prov_zen/spa-copay-quote", question).body
    assert (quote["amount"], quote["copay_required"]) == (0, False)
    order = {"client_id": "client_ada", "provider_id": "prov_zen", "quote_id": quote["id"]}
    assert refused(desk.post("/copay_purchases", order), 409, "copay_not_required")


def test_a_quote_for_another_client_or_at_a_gym_does_not_fit(desk: Counter) -> None:
    quote = desk.post("/providers/prov_zen/spa-copay-quote", QUESTION).body["id"]
    for client, spa in [
        ("client_ada", "prov_zen"),
        ("client_standard", "prov_luxe"),
        ("client_standard", "prov_fitzone"),
    ]:
        order = {"client_id": client, "provider_id": spa, "quote_id": quote}
        assert refused(desk.post("/copay_purchases", order), 400, "validation_error")
    assert refused(desk.post("/providers/prov_fitzone/spa-copay-quote", QUESTION), 400, "validation_error")


def test_a_spa_copay_pays_within_a_day_and_not_at_its_end(desk: Counter) -> None:
    quote = desk.post("/providers/prov_zen/spa-copay-quote", QUESTION).body
    order = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quote["id"]}
    bought = desk.post("/copay_purchases", order).body
    assert bought["valid_until"] == bought["created"] + DAY
    desk.to(bought["valid_until"] - MINUTE)
    session = desk.ask_spa("svc_massage", (desk.day(1), "10:00"), "standard")
    assert (session.body["copay_required"], session.body["copay_amount"]) == (False, 0)
    desk.to(bought["valid_until"])
    assert refused(desk.confirm("spa", session), 409, "copay_required")
    desk.advance(-1)
    assert desk.confirm("spa", session).status == 201


@pytest.mark.parametrize(
    ("client", "code"),
    [("ada", "copay_not_required"), ("no_pass", "pass_not_active"), ("expired", "pass_not_active")],
)
def test_who_needs_no_copay_or_has_no_pass_buys_none(desk: Counter, client: str, code: str) -> None:
    assert refused(desk.post("/copay_purchases", GYM | {"client_id": f"client_{client}"}), 409, code)


def test_a_gym_copay_runs_for_its_month_and_no_other_is_sold_meanwhile(desk: Counter) -> None:
    bought = desk.post("/copay_purchases", GYM).body
    assert bought["valid_until"] == plus_months(bought["created"], 1)
    assert desk.ask_code("standard", "prov_ironhouse").status == 201
    desk.to(bought["valid_until"] - 1)
    assert refused(desk.post("/copay_purchases", GYM), 409, "copay_not_required")
    desk.advance(1)
    assert desk.ask_code("standard", "prov_ironhouse").body["copay_required"] is True
    assert desk.post("/copay_purchases", GYM).status == 201


def test_an_early_cancel_returns_the_copays_visit(desk: Counter) -> None:
    session = desk.book("ci_hiit_open", "standard")
    booking = desk.confirm("class", session, MONTH).body
    assert desk.cancel(booking["id"]).body["refund"]["visits_restored"] == 1
    assert desk.book("ci_hiit_open", "standard").status == 201  # the co-pay still covers


def test_credits_pay_at_a_gym_that_the_copay_opened(desk: Counter) -> None:
    desk.change(Instance, "ci_hiit_open", credit_cost=4)
    desk.change(Provider, "prov_ironhouse", accepts_credits=True)
    desk.adjust("client_standard", 10)
    session = desk.book("ci_hiit_open", "standard")
    booked = desk.confirm("class", session, MONTH).body
    assert booked["visits_deducted"] == 0
    assert desk.balance("client_standard") == 6
    refund = desk.cancel(booked["id"]).body["refund"]
    assert (refund["credits_refunded"], refund["visits_restored"]) == (4, 0)


def test_a_copay_of_another_gym_or_not_offered_is_refused(desk: Counter) -> None:
    other = GYM | {"provider_id": "prov_fitzone"}
    assert refused(desk.post("/copay_purchases", other), 400, "validation_error")
    session = desk.book("ci_yoga_open", "visits_used").body["session_id"]
    order = {"client_id": "client_visits_used", "session_id": session, **MONTH}
    assert refused(desk.post("/copay_purchases", order), 400, "validation_error")


# --- credits --------------------------------------------------------------------------------


def buy(desk: Counter, package: str, client: str = "client_no_credits") -> dict[str, Any]:
    told = desk.post("/credit_purchases", {"client_id": client, "package_id": package})
    assert told.status == 201, told.body
    return told.body


def test_a_bonus_raises_the_count_and_the_purchase_says_the_balance(desk: Counter) -> None:
    bought = buy(desk, "cpkg_10_plus_2")
    assert (bought["credits_added"], bought["balance"], bought["expires_at"]) == (12, 12, None)


def test_credits_lapse_ninety_whole_days_after_the_purchase(desk: Counter) -> None:
    bought = buy(desk, "cpkg_90_days")
    assert bought["expires_at"] == bought["created"] + 90 * DAY
    desk.to(bought["expires_at"] - 1)
    assert desk.balance("client_no_credits") == bought["credits_added"]
    desk.advance(1)
    assert desk.balance("client_no_credits") == 0
    desk.advance(DAY)
    newest = desk.get("/clients/client_no_credits/credits").body["transactions"][0]
    assert (newest["type"], newest["timestamp"]) == ("DEBIT", bought["expires_at"])


def test_credits_are_spent_soonest_expiry_first_then_oldest(desk: Counter) -> None:
    buy(desk, "cpkg_50")
    desk.advance(1)
    desk.adjust("client_no_credits", 3, after(desk.world().now, 3 * HOUR))
    booking = desk.booked("ci_workshop_open", "no_credits")  # 5 credits: 3 that lapse soon, 2 that never do
    desk.advance(3 * HOUR)
    assert desk.balance("client_no_credits") == 48
    assert desk.cancel(booking).body["refund"]["credits_refunded"] == 5
    assert desk.balance("client_no_credits") == 50  # three came back to a lot that is over
    lines = desk.get("/clients/client_no_credits/credits").body["transactions"]
    assert [(one["type"], one["amount"]) for one in lines[:3]].count(("DEBIT", 3)) == 1


def test_a_refund_after_partial_use_says_what_was_used_and_what_is_void(desk: Counter) -> None:
    before = desk.funds()
    bought = buy(desk, "cpkg_10_plus_2")
    booking = desk.booked("ci_workshop_open", "no_credits")
    told = desk.refund(str(bought["id"]))
    assert (told.used, told.voided, told.balance) == (5, 7, 0)
    assert desk.funds() == before
    desk.cancel(booking)
    assert desk.balance("client_no_credits") == 0  # nothing comes back to a void lot


def test_a_draft_or_archived_package_is_not_found_to_buy(desk: Counter) -> None:
    for state in ("DRAFT", "ARCHIVED"):
        desk.change(CreditPackage, "cpkg_50", state=state)
        told = desk.post("/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_50"})
        assert refused(told, 404, "resource_not_found")
        shown = [one["id"] for one in desk.get("/credit_packages").body["data"]]
        assert "cpkg_10_plus_2" in shown
        assert "cpkg_50" not in shown


def test_too_few_credits_name_balance_and_cost_and_take_nothing(desk: Counter) -> None:
    told = desk.book("ci_workshop_override", "low_credits")
    assert refused(told, 400, "validation_error")
    assert "2" in told.message
    assert "8" in told.message
    assert desk.balance("client_low_credits") == 2
    assert desk.seats("ci_workshop_override") == 12
