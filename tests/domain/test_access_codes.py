"""Access codes: made on an active pass, for the day; sessions where something is due first."""

import pytest
from msgspec.structs import replace

from sandbox.domain import access_codes, passes, visits
from sandbox.domain.moments import MINUTE, after
from sandbox.domain.records import AccessCode, BookingSession, CopayPurchase, Provider
from sandbox.domain.resources import named
from sandbox.domain.sales import Order
from tests.domain.front_desk import (
    A_MONTH,
    NOTHING_MORE,
    TWO_VISITS,
    ask_code,
    buy_option,
    lagos,
    make_code,
    open_class,
    town_with,
)
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, funds, issue, refused, reread


def open_session(books: PaperBooks, provider_id: str) -> BookingSession:
    made = ask_code(books, provider_id)
    assert isinstance(made, BookingSession)
    return made


def confirm(books: PaperBooks, session: BookingSession, order: Order = NOTHING_MORE) -> AccessCode:
    return access_codes.confirm(books, DEMO, session.id, order)


def test_a_covered_client_gets_a_code() -> None:
    books, pass_ = town_with("pass_premium")
    made = make_code(books)
    assert (made.client_id, made.provider_id, made.pass_id) == ("client_ada", "prov_fitzone", pass_.id)
    assert len(made.code) == access_codes.LENGTH
    assert set(made.code) <= set(access_codes.ALPHABET)


def test_two_codes_differ_and_the_same_world_makes_the_same_codes() -> None:
    first, second = (town_with("pass_premium")[0] for _ in range(2))
    codes = [make_code(first).code for _ in range(3)]
    assert len(set(codes)) == 3
    assert codes == [make_code(second).code for _ in range(3)]


@pytest.mark.parametrize("asked", ["2026-05-13 00:00", "2026-05-13 12:00", "2026-05-13 23:59"])
def test_a_code_expires_at_the_end_of_the_day_in_lagos(asked: str) -> None:
    books, _ = town_with("pass_premium")
    books.now = lagos(asked)
    assert make_code(books).expires == lagos("2026-05-14 00:00") - 1


def test_making_a_code_takes_nothing() -> None:
    books, pass_ = town_with("pass_standard")
    make_code(books)
    make_code(books)
    assert reread(books, pass_).used == {}


def test_where_check_ins_cost_credits_they_are_not_asked_for_when_the_code_is_made() -> None:
    books, _ = town_with("pass_standard")  # no credits at all
    assert make_code(books, "prov_creditgym").provider_id == "prov_creditgym"


def test_no_code_without_an_active_pass() -> None:
    books, pass_ = town_with("pass_premium")
    passes.cancel(books, DEMO, pass_.id, {})
    refused(ask_code, books, code="pass_not_active")


def test_a_named_pass_that_is_not_active_is_refused_though_another_one_is() -> None:
    books, pass_ = town_with("pass_premium")
    issue(books)
    passes.cancel(books, DEMO, pass_.id, {})
    refused(ask_code, books, "prov_fitzone", pass_.id, code="pass_not_active")
    assert make_code(books).pass_id != pass_.id


def test_the_pass_that_covers_is_meant_where_none_is_named() -> None:
    books, covering = town_with("pass_premium")
    issue(books, package_id="pass_standard")
    assert make_code(books, "prov_ironhouse").pass_id == covering.id


# --- CODE-7: sessions


def test_an_uncovered_gym_with_options_opens_a_session() -> None:
    books, _ = town_with("pass_standard")
    session = open_session(books, "prov_ironhouse")
    assert (session.opens, session.due) == ("access_code", "COPAY")
    assert set(session.option_ids) == {"copay_ironhouse_month", "copay_ironhouse_year"}


def test_used_up_visits_open_a_session_and_bought_ones_are_used_at_the_scanner() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    session = open_session(books, "prov_fitzone")
    assert (session.due, session.option_ids) == ("VISITS", ())
    before = funds(books)
    assert confirm(books, session, TWO_VISITS).provider_id == "prov_fitzone"
    assert before - funds(books) == 2 * visits.COST_PER_VISIT["STANDARD"]
    assert [(lot.count, lot.used) for lot in reread(books, pass_).bought] == [(2, 0)]


def test_confirming_a_copay_activates_it_and_uses_no_visit_yet() -> None:
    books, _ = town_with("pass_standard")
    before = funds(books)
    made = confirm(books, open_session(books, "prov_ironhouse"), A_MONTH)
    assert made.provider_id == "prov_ironhouse"
    assert before - funds(books) == 1_500_000
    assert [one.used for one in books.rising(CopayPurchase, "client_ada:prov_ironhouse")] == [0]


def test_a_running_copay_makes_a_code_at_once() -> None:
    books, _ = town_with("pass_standard")
    buy_option(books)
    assert make_code(books, "prov_ironhouse")


def test_a_copay_bought_meanwhile_is_not_paid_twice() -> None:
    books, _ = town_with("pass_standard")
    session = open_session(books, "prov_ironhouse")
    buy_option(books)
    before = funds(books)
    assert confirm(books, session)
    assert funds(books) == before


def test_an_uncovered_gym_without_options_is_out_of_reach() -> None:
    books, _ = town_with("pass_standard")
    refused(ask_code, books, "prov_members_only", code="provider_not_covered")


def test_a_spa_sells_nothing_at_its_door() -> None:
    books, _ = town_with("pass_standard")
    refused(ask_code, books, "prov_zen", code="provider_not_covered")


def test_nor_to_a_client_without_spa_visits() -> None:
    books, pass_ = town_with("pass_spa")
    assert make_code(books, "prov_zen")
    books.put(replace(reread(books, pass_), used={"SPA:0": 1}))
    refused(ask_code, books, "prov_zen", code="provider_not_covered")


def test_a_spa_whose_check_ins_cost_credits_needs_no_visit() -> None:
    books, pass_ = town_with("pass_spa")
    books.put(replace(reread(books, pass_), used={"SPA:0": 1}))
    books.put(replace(named(books, Provider, "prov_luxe"), check_in_credit_cost=4))
    assert make_code(books, "prov_luxe")


# --- the confirm


def test_a_session_confirms_once_and_within_its_time() -> None:
    books, _ = town_with("pass_standard")
    session = open_session(books, "prov_ironhouse")
    books.now = after(NOON, 15 * MINUTE)
    refused(confirm, books, session, A_MONTH, code="session_expired")
    books.now = NOON
    confirm(books, session, A_MONTH)
    refused(confirm, books, session, A_MONTH, code="session_used")


def test_sessions_for_codes_do_not_end_each_other() -> None:
    books, _ = town_with("pass_standard")
    first, second = open_session(books, "prov_ironhouse"), open_session(books, "prov_ironhouse")
    assert confirm(books, first, A_MONTH)
    assert confirm(books, second)


def test_a_confirm_says_what_it_lacks() -> None:
    books, _ = town_with("pass_standard")
    session = open_session(books, "prov_ironhouse")
    assert "copay_package_id" in refused(confirm, books, session, code="validation_error").message


def test_a_class_session_is_not_found_here() -> None:
    books, pass_ = town_with("pass_standard")
    refused(confirm, books, open_class(books, pass_), A_MONTH, code="resource_not_found")


def test_another_resellers_session_is_refused() -> None:
    books, _ = town_with("pass_standard")
    session = open_session(books, "prov_ironhouse")
    refused(access_codes.confirm, books, PARTNER, session.id, A_MONTH, code="permission_denied")


def test_a_pass_cancelled_meanwhile_is_refused() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_session(books, "prov_ironhouse")
    passes.cancel(books, DEMO, pass_.id, {})
    refused(confirm, books, session, A_MONTH, code="pass_not_active")


# --- ERR-6, ERR-9


def test_resources_are_looked_for_in_the_order_of_the_fields() -> None:
    books, _ = town_with("pass_premium")

    def ask(client_id: str, provider_id: str, pass_id: str, code: str) -> str:
        wish = access_codes.CodeWish(client_id, provider_id, pass_id)
        return refused(access_codes.create, books, DEMO, wish, code=code).message

    assert "client_none" in ask("client_none", "prov_none", "brgpass_none", "resource_not_found")
    assert "prov_none" in ask("client_ada", "prov_none", "brgpass_none", "resource_not_found")
    assert "brgpass_none" in ask("client_ada", "prov_fitzone", "brgpass_none", "pass_not_found")


def test_anothers_client_and_anothers_pass_are_refused() -> None:
    books, pass_ = town_with("pass_premium")
    theirs = issue(books, "client_chi", caller=PARTNER)
    wish = access_codes.CodeWish("client_ada", "prov_fitzone", theirs.id)
    refused(access_codes.create, books, DEMO, wish, code="permission_denied")
    wish = access_codes.CodeWish("client_ada", "prov_fitzone", pass_.id)
    refused(access_codes.create, books, PARTNER, wish, code="permission_denied")
    bolas = issue(books, "client_bola")
    wish = access_codes.CodeWish("client_ada", "prov_fitzone", bolas.id)
    refused(access_codes.create, books, DEMO, wish, code="validation_error")
