"""Co-pay: prices, quotes, purchases, and what a co-pay then covers."""

import pytest
from msgspec.structs import replace

from sandbox.domain import copay, copay_purchases, passes, quotes
from sandbox.domain.moments import DAY, HOUR, MINUTE, after, plus_months
from sandbox.domain.records import Account, Booking, CopayOption, CopayPurchase, Instance, Provider, Service
from sandbox.domain.resources import named
from tests.domain.front_desk import (
    A_MONTH,
    A_YEAR,
    ask_quote,
    book_class,
    book_spa,
    buy_option,
    buy_quote,
    cancel,
    confirm_class,
    confirm_spa,
    lagos,
    open_class,
    open_spa,
    spa_wish,
    town_with,
)
from tests.domain.small_town import DEMO, NOON, PARTNER, funds, issue, refused, reread, small_town

MASSAGE = 1_000_001


def gym_order(**changed: str) -> copay_purchases.GymOrder:
    order = {
        "client_id": "client_ada",
        "provider_id": "prov_ironhouse",
        "copay_option_id": "copay_ironhouse_month",
    }
    return copay_purchases.GymOrder(**{**order, **changed})


# --- COPAY-5: what a spa costs


@pytest.mark.parametrize(
    ("when", "amount"),
    [
        ("2026-05-12 12:00", MASSAGE),  # a Tuesday at noon
        ("2026-05-12 16:59", MASSAGE),
        ("2026-05-12 17:00", 1_200_001),  # peak; 1,200,001.2 kobo, the fraction is dropped
        ("2026-05-12 19:59", 1_200_001),
        ("2026-05-12 20:00", MASSAGE),
        ("2026-05-16 09:00", 1_200_001),  # Saturday
        ("2026-05-16 18:00", 1_200_001),  # Saturday and peak: once
        ("2026-05-17 00:00", MASSAGE),  # Sunday begins in Lagos
    ],
)
def test_peak_hours_and_saturdays_cost_a_fifth_more(when: str, amount: int) -> None:
    books, _ = town_with("pass_standard")
    books.now = lagos(when)
    assert ask_quote(books).amount_kobo == amount


def test_a_premium_spa_costs_double() -> None:
    books, _ = town_with("pass_standard")
    assert ask_quote(books, "prov_luxe", ("svc_luxe_ritual",)).amount_kobo == 2_000_002
    books.now = lagos("2026-05-12 18:00")
    assert ask_quote(books, "prov_luxe", ("svc_luxe_ritual",)).amount_kobo == 2_400_002


def test_services_are_summed() -> None:
    books, _ = town_with("pass_standard")
    assert ask_quote(books, service_ids=("svc_massage", "svc_facial")).amount_kobo == 2_000_002


# --- quotes


def test_a_covered_client_owes_nothing() -> None:
    books, _ = town_with("pass_premium")
    assert ask_quote(books).amount_kobo == 0


def test_with_no_spa_visit_left_the_client_owes() -> None:
    books, pass_ = town_with("pass_spa")
    assert ask_quote(books).amount_kobo == 0
    book_spa(books, spa_wish(pass_))
    assert ask_quote(books).amount_kobo == MASSAGE


def test_what_credits_pay_needs_no_copay() -> None:
    books, pass_ = town_with("pass_spa")
    book_spa(books, spa_wish(pass_))
    assert ask_quote(books, "prov_luxe", ("svc_luxe_ritual",)).amount_kobo == 0


def test_a_quote_asks_about_the_pass_that_was_named() -> None:
    books, _ = town_with("pass_premium")
    standard = issue(books, package_id="pass_standard")
    assert ask_quote(books).amount_kobo == 0
    quote = ask_quote(books, pass_id=standard.id)
    assert quote.amount_kobo == MASSAGE
    assert buy_quote(books, quote).price_kobo == MASSAGE


def test_a_quote_lives_ten_minutes() -> None:
    books, _ = town_with("pass_standard")
    quote = ask_quote(books)
    books.now = after(NOON, 10 * MINUTE)
    refused(buy_quote, books, quote, code="quote_expired")
    books.now = after(NOON, 10 * MINUTE - 1)
    assert buy_quote(books, quote).type == "SPA"


def test_a_quote_is_used_once() -> None:
    books, _ = town_with("pass_standard")
    quote = ask_quote(books)
    buy_quote(books, quote)
    refused(buy_quote, books, quote, code="quote_used")
    books.now = after(NOON, DAY)
    refused(buy_quote, books, quote, code="quote_used")


def test_a_quote_at_a_gym_does_not_fit() -> None:
    books, _ = town_with("pass_standard")
    refused(ask_quote, books, "prov_ironhouse", code="validation_error")


def test_a_quote_for_another_spas_service_does_not_fit() -> None:
    books, _ = town_with("pass_standard")
    refused(ask_quote, books, "prov_zen", ("svc_luxe_ritual",), code="validation_error")


def test_a_quote_looks_for_provider_client_services_pass_in_this_order() -> None:
    books, _ = town_with("pass_standard")

    def ask(provider_id: str, client_id: str, service_id: str, pass_id: str, code: str) -> str:
        question = quotes.Question(client_id, [service_id], pass_id)
        return refused(quotes.quote, books, DEMO, provider_id, question, code=code).message

    not_found = "resource_not_found"
    assert "prov_none" in ask("prov_none", "client_none", "svc_none", "brgpass_none", not_found)
    assert "client_none" in ask("prov_zen", "client_none", "svc_none", "brgpass_none", not_found)
    assert "svc_none" in ask("prov_zen", "client_ada", "svc_none", "brgpass_none", not_found)
    assert "brgpass_none" in ask("prov_zen", "client_ada", "svc_massage", "brgpass_none", "pass_not_found")


def test_another_resellers_client_gets_no_quote() -> None:
    books, _ = town_with("pass_standard")
    question = quotes.Question("client_ada", ["svc_massage"])
    refused(quotes.quote, books, PARTNER, "prov_fitzone", question, code="permission_denied")


def test_without_an_active_pass_there_is_no_quote() -> None:
    books, pass_ = town_with("pass_standard")
    passes.cancel(books, DEMO, pass_.id, {})
    refused(ask_quote, books, code="pass_not_active")


# --- buying a spa's quote


def test_buying_debits_what_was_quoted_and_lasts_a_day() -> None:
    books, _ = town_with("pass_standard")
    quote = ask_quote(books)
    books.now = lagos("2026-05-12 12:09")
    before = funds(books)
    bought = buy_quote(books, quote)
    assert before - funds(books) == bought.price_kobo == MASSAGE
    assert bought.valid_until == books.now + DAY


def test_a_quote_of_nothing_is_not_for_sale() -> None:
    books, _ = town_with("pass_premium")
    refused(buy_quote, books, ask_quote(books), code="copay_not_required")


def test_a_quote_is_not_for_sale_once_the_pass_pays() -> None:
    books, pass_ = town_with("pass_spa")
    booking = book_spa(books, spa_wish(pass_))
    quote = ask_quote(books)
    cancel(books, booking)
    refused(buy_quote, books, quote, code="copay_not_required")


def test_a_quote_for_another_client_or_spa_does_not_fit() -> None:
    books, _ = town_with("pass_standard")
    issue(books, "client_bola", "pass_standard")
    quote = ask_quote(books)
    for client_id, provider_id in (("client_bola", "prov_zen"), ("client_ada", "prov_luxe")):
        order = copay_purchases.SpaOrder(client_id, provider_id, quote.id)
        refused(copay_purchases.buy_for_spa, books, DEMO, order, code="validation_error")


def test_another_resellers_quote_is_refused() -> None:
    books, _ = town_with("pass_standard")
    issue(books, "client_chi", "pass_standard", caller=PARTNER)
    order = copay_purchases.SpaOrder("client_chi", "prov_zen", ask_quote(books).id)
    refused(copay_purchases.buy_for_spa, books, PARTNER, order, code="permission_denied")


def test_a_quote_needs_the_pass_it_asked_about() -> None:
    books, pass_ = town_with("pass_standard")
    quote = ask_quote(books)
    passes.cancel(books, DEMO, pass_.id, {})
    refused(buy_quote, books, quote, code="pass_not_active")


def test_an_account_that_cannot_pay_leaves_the_quote() -> None:
    books, _ = town_with("pass_standard")
    quote = ask_quote(books)
    account = named(books, Account, "acct_demo")
    books.put(replace(account, balance_kobo=MASSAGE - 1))
    refused(buy_quote, books, quote, code="account_balance_insufficient")
    books.put(replace(account, balance_kobo=MASSAGE))
    buy_quote(books, quote)
    assert funds(books) == 0


# --- COPAY-6: what it pays


def test_a_spa_copay_pays_one_booking() -> None:
    books, pass_ = town_with("pass_standard")
    buy_quote(books, ask_quote(books))
    book_spa(books, spa_wish(pass_))
    second = open_spa(books, spa_wish(pass_, "2026-05-14 15:00"))
    refused(confirm_spa, books, second, code="copay_required")


def test_two_copays_pay_two_bookings() -> None:
    books, pass_ = town_with("pass_standard")
    for when in ("2026-05-14 10:00", "2026-05-14 15:00"):
        buy_quote(books, ask_quote(books))
        assert book_spa(books, spa_wish(pass_, when)).payment.copay_kobo == MASSAGE


def test_a_spa_copay_pays_exactly_its_services_in_any_order() -> None:
    books, pass_ = town_with("pass_standard")
    buy_quote(books, ask_quote(books, service_ids=("svc_massage", "svc_facial")))
    other = open_spa(books, spa_wish(pass_))
    refused(confirm_spa, books, other, code="copay_required")
    assert book_spa(books, spa_wish(pass_, service_ids=["svc_facial", "svc_massage"]))


def test_a_spa_copay_pays_its_client_only() -> None:
    books, _ = town_with("pass_standard")
    buy_quote(books, ask_quote(books))
    bola = issue(books, "client_bola", "pass_standard")
    refused(confirm_spa, books, open_spa(books, spa_wish(bola)), code="copay_required")


def test_a_spa_copay_must_be_used_within_a_day() -> None:
    books, pass_ = town_with("pass_standard")
    buy_quote(books, ask_quote(books))
    books.now = after(NOON, DAY - 10 * MINUTE)
    session = open_spa(books, spa_wish(pass_))
    books.now = after(NOON, DAY)
    refused(confirm_spa, books, session, code="copay_required")
    books.now = after(NOON, DAY - 1)
    assert confirm_spa(books, session)


# --- COPAY-1, COPAY-3, COPAY-4: a gym's


def test_a_gyms_option_is_debited_and_runs_from_its_purchase() -> None:
    books, _ = town_with("pass_standard")
    before = funds(books)
    bought = buy_option(books, "copay_ironhouse_year")
    assert before - funds(books) == 9_000_000
    assert (bought.type, bought.visits, bought.valid_until) == ("GYM", None, plus_months(NOON, 12))


def test_where_the_pass_covers_no_copay_is_sold() -> None:
    books, _ = town_with("pass_premium")
    refused(buy_option, books, code="copay_not_required")


def test_where_the_pass_covers_and_its_visits_are_used_no_copay_is_sold_either() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(
        CopayOption(id="copay_fit", provider_id="prov_fitzone", name="", price_kobo=1, duration="MONTHLY")
    )
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    order = gym_order(provider_id="prov_fitzone", copay_option_id="copay_fit")
    refused(copay_purchases.buy_for_gym, books, DEMO, order, code="copay_not_required")


def test_while_a_copay_runs_no_other_is_sold() -> None:
    books, _ = town_with("pass_standard")
    bought = buy_option(books)
    refused(buy_option, books, "copay_ironhouse_year", code="copay_not_required")
    books.now = bought.valid_until
    assert buy_option(books, "copay_ironhouse_year")


def test_once_its_visits_are_used_another_is_sold() -> None:
    books, pass_ = town_with("pass_standard")
    buy_option(books)
    like = named(books, Instance, "ci_hiit_open")
    books.put(replace(like, id="ci_hiit_two", starts=after(NOON, 3 * DAY)))
    book_class(books, pass_, "ci_hiit_open")
    refused(buy_option, books, code="copay_not_required")
    book_class(books, pass_, "ci_hiit_two")
    assert buy_option(books).used == 0


def test_without_a_pass_no_copay_is_sold() -> None:
    books, pass_ = town_with("pass_standard")
    books.now = pass_.expires
    refused(buy_option, books, code="pass_not_active")


def test_an_option_of_another_gym_or_at_a_spa_does_not_fit() -> None:
    books, _ = town_with("pass_standard")
    for provider_id in ("prov_members_only", "prov_zen"):
        order = gym_order(provider_id=provider_id)
        refused(copay_purchases.buy_for_gym, books, DEMO, order, code="validation_error")


def test_a_purchase_looks_for_client_provider_option_in_this_order() -> None:
    books, _ = town_with("pass_standard")
    missing = {
        "client_id": "client_none",
        "provider_id": "prov_none",
        "copay_option_id": "copay_none",
    }
    for field, id_ in list(missing.items()):
        order = gym_order(**missing)
        refusal = refused(copay_purchases.buy_for_gym, books, DEMO, order, code="resource_not_found")
        assert id_ in refusal.message
        del missing[field]


def test_another_resellers_client_is_refused() -> None:
    books, _ = town_with("pass_standard")
    refused(copay_purchases.buy_for_gym, books, PARTNER, gym_order(), code="permission_denied")


def test_copay_is_available_at_every_spa_and_where_a_gym_has_options() -> None:
    books = small_town()
    told = {one.id: copay.available(books, one) for one in books.rising(Provider)}
    assert told == {
        "prov_fitzone": False,
        "prov_ironhouse": True,
        "prov_members_only": False,
        "prov_creditgym": False,
        "prov_zen": True,
        "prov_luxe": True,
    }


def test_the_options_of_a_spa_are_not_asked_for() -> None:
    books = small_town()
    refused(copay.require_gym, named(books, Provider, "prov_zen"), code="validation_error")


# --- COPAY-7: what an open session asks


def package_order(session_id: str, **changed: str) -> copay_purchases.PackageOrder:
    order = {"client_id": "client_ada", "copay_package_id": "copay_ironhouse_year", "session_id": session_id}
    return copay_purchases.PackageOrder(**{**order, **changed})


def test_a_package_pays_what_the_session_asks() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    bought = copay_purchases.buy_for_session(books, DEMO, package_order(session.id))
    assert (bought.type, bought.provider_id, bought.price_kobo) == ("PACKAGE", "prov_ironhouse", 9_000_000)
    before = funds(books)
    booking = confirm_class(books, session)
    assert (funds(books), booking.payment.copay_id) == (before, bought.id)


def test_an_option_the_session_did_not_offer_is_refused() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    session = open_class(books, pass_, "ci_yoga_open")
    order = package_order(session.id)
    refused(copay_purchases.buy_for_session, books, DEMO, order, code="validation_error")


def test_a_session_of_another_client_does_not_fit() -> None:
    books, pass_ = town_with("pass_standard")
    issue(books, "client_bola", "pass_standard")
    order = package_order(open_class(books, pass_).id, client_id="client_bola")
    refused(copay_purchases.buy_for_session, books, DEMO, order, code="validation_error")


def test_a_session_that_is_over_asks_nothing() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.now = session.expires
    order = package_order(session.id)
    refused(copay_purchases.buy_for_session, books, DEMO, order, code="session_expired")
    books.now = NOON
    confirm_class(books, session, A_MONTH)
    refused(copay_purchases.buy_for_session, books, DEMO, order, code="session_used")


def test_a_session_is_not_paid_twice() -> None:
    books, pass_ = town_with("pass_standard")
    order = package_order(open_class(books, pass_).id)
    copay_purchases.buy_for_session(books, DEMO, order)
    refused(copay_purchases.buy_for_session, books, DEMO, order, code="copay_not_required")


def test_a_package_looks_for_client_option_session_in_this_order() -> None:
    books, _ = town_with("pass_standard")
    missing = {"client_id": "client_none", "copay_package_id": "copay_none", "session_id": "sess_none"}
    while missing:
        order = package_order(**{"session_id": "sess_none", **missing})
        refusal = refused(copay_purchases.buy_for_session, books, DEMO, order, code="resource_not_found")
        assert next(iter(missing.values())) in refusal.message
        del missing[next(iter(missing))]


def test_another_resellers_session_is_refused() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    issue(books, "client_chi", "pass_standard", caller=PARTNER)
    order = package_order(session.id, client_id="client_chi")
    refused(copay_purchases.buy_for_session, books, PARTNER, order, code="permission_denied")


# --- an early cancel returns the visit


def test_an_early_cancel_makes_a_used_up_copay_run_again() -> None:
    books, pass_ = town_with("pass_standard")
    booking: Booking = confirm_class(books, open_class(books, pass_), A_MONTH)
    bought = named(books, CopayPurchase, booking.payment.copay_id)
    books.put(replace(bought, used=2))
    assert not copay.runs(replace(bought, used=2), books.now)
    cancel(books, booking)
    assert copay.runs(named(books, CopayPurchase, bought.id), books.now)


def test_a_copay_of_a_year_has_no_limit() -> None:
    books, pass_ = town_with("pass_standard")
    booking = confirm_class(books, open_class(books, pass_), A_YEAR)
    bought = named(books, CopayPurchase, booking.payment.copay_id)
    assert copay.runs(replace(bought, used=500), after(NOON, 364 * DAY))
    assert not copay.runs(bought, bought.valid_until)


def test_a_copay_is_found_however_long_ago_it_was_bought() -> None:
    books, _ = town_with("pass_standard")
    bought = buy_option(books, "copay_ironhouse_year")
    books.now = after(bought.valid_until, -HOUR)
    ironhouse = named(books, Provider, "prov_ironhouse")
    assert copay.in_hand(books, "client_ada", ironhouse) == bought
    assert copay.in_hand(books, "client_bola", ironhouse) is None
    books.now = bought.valid_until
    assert copay.in_hand(books, "client_ada", ironhouse) is None


def test_the_price_is_the_services_own() -> None:
    books = small_town()
    zen, massage = named(books, Provider, "prov_zen"), named(books, Service, "svc_massage")
    assert copay.spa_amount(zen, [massage, massage], NOON) == 2 * MASSAGE
