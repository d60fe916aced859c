"""Passes: issued, changed, and read by the clock."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from sandbox.domain import credits, passes, visits
from sandbox.domain.books import Caller
from sandbox.domain.moments import DAY, Millis, after, plus_months
from sandbox.domain.records import Account, Client, IssuedPass, Package, Provider
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import (
    ADA,
    DEMO,
    NOON,
    PARTNER,
    client,
    funds,
    issue,
    refused,
    reread,
    small_town,
)

IN_A_YEAR = plus_months(NOON, 12)


def status(books: PaperBooks, pass_: IssuedPass) -> str:
    current = reread(books, pass_)
    return passes.status(current, passes.package_of(books, current), books.now)


def order(package_id: str = "pass_premium", client_id: str = "client_ada", **more: Any) -> passes.Order:
    return passes.Order(package_id, client_id, ADA, **more)


# --- issuing


def test_a_new_client_id_makes_a_new_client() -> None:
    books = small_town()
    issue(books)
    made = client(books)
    assert (made.owner, made.first_name, made.last_name, made.email) == ("acct_demo", "Ada", "Obi", None)


def test_details_given_last_are_the_clients() -> None:
    books = small_town()
    issue(books)
    passes.issue(
        books, DEMO, passes.Order("pass_spa", "client_ada", {"first_name": "Adaeze", "email": "a@b.ng"})
    )
    made = client(books)
    assert (made.first_name, made.last_name, made.email) == ("Adaeze", "Obi", "a@b.ng")


def test_issuing_debits_the_price_of_the_package() -> None:
    books = small_town()
    before = funds(books)
    issue(books)
    assert before - funds(books) == 5_000_000


def test_an_account_that_cannot_pay_issues_nothing() -> None:
    books = small_town()
    books.put(replace(named(books, Account, "acct_demo"), balance_kobo=4_999_999))
    before = dict(books.records)
    refused(passes.issue, books, DEMO, order(), code="account_balance_insufficient")
    assert books.records == before


def test_a_pass_runs_the_calendar_duration_of_its_package() -> None:
    books = small_town()
    assert issue(books).expires == IN_A_YEAR
    assert issue(books, "client_spa", "pass_spa").expires == plus_months(NOON, 1)


def test_a_passcode_is_eight_capitals_or_digits_and_differs_from_pass_to_pass() -> None:
    books = small_town()
    codes = {issue(books).passcode for _ in range(20)}
    assert len(codes) == 20
    assert all(
        len(code) == 8 and code.isascii() and code.isalnum() and code.upper() == code for code in codes
    )


def test_a_tx_ref_sent_comes_back_and_one_left_out_is_made() -> None:
    books = small_town()
    assert passes.issue(books, DEMO, order(tx_ref="our-own/1")).tx_ref == "our-own/1"
    made = issue(books).tx_ref
    assert made.startswith("FLW-TXN-")
    assert len(made) == 16
    assert made[8:].isalpha()
    assert made[8:].isupper()


def test_issuing_grants_the_credits_of_all_categories_until_the_pass_expires() -> None:
    books = small_town()
    pass_ = issue(books, package_id="pass_spa")
    assert credits.balance(books, client(books)) == 20
    books.now = pass_.expires
    assert credits.balance(books, client(books)) == 0


def test_the_grant_keeps_the_expiry_the_pass_had_at_issue() -> None:
    books = small_town()
    pass_ = issue(books, package_id="pass_spa")
    passes.move_expiry(books, DEMO, pass_.id, after(pass_.expires, 30 * DAY))
    books.now = pass_.expires
    assert credits.balance(books, client(books)) == 0


def test_a_past_start_is_taken_while_the_pass_is_unexpired() -> None:
    books = small_town()
    almost_over = after(plus_months(NOON, -1), 1)
    pass_ = passes.issue(books, DEMO, order("pass_spa", starts=almost_over))
    assert pass_.expires == NOON + 1
    over = Millis(plus_months(NOON, -1))
    refusal = refused(passes.issue, books, DEMO, order("pass_spa", starts=over), code="validation_error")
    assert "start_date" in refusal.message


def test_an_unknown_package_is_pass_not_found() -> None:
    refused(passes.issue, small_town(), DEMO, order("pass_gold"), code="pass_not_found")


def test_another_resellers_client_gets_no_pass_and_keeps_her_name() -> None:
    books = small_town()
    issue(books)
    before = dict(books.records)
    theirs = passes.Order("pass_premium", "client_ada", {"first_name": "Mallory", "last_name": "M"})
    refused(passes.issue, books, PARTNER, theirs, code="permission_denied")
    assert books.records == before


# --- status


def test_a_pass_is_active_until_the_millisecond_it_expires() -> None:
    books = small_town()
    pass_ = issue(books)
    books.now = after(IN_A_YEAR, -1)
    assert status(books, pass_) == "ACTIVE"
    books.now = IN_A_YEAR
    assert status(books, pass_) == "EXPIRED"
    books.now = NOON
    assert status(books, pass_) == "ACTIVE"  # nothing was written when it expired


def test_a_pass_of_next_month_reads_active_but_cannot_be_used_yet() -> None:
    books = small_town()
    pass_ = issue(books, starts=after(NOON, DAY))
    assert status(books, pass_) == "ACTIVE"
    assert not passes.usable(pass_, NOON)
    assert passes.usable(pass_, NOON + DAY)


def test_a_pass_whose_last_visits_are_used_reads_expired_and_can_still_be_used() -> None:
    books = small_town()
    pass_ = issue(books, package_id="pass_spa")
    taken = visits.take(pass_, passes.package_of(books, pass_), "SPA", books.now)
    assert taken is not None
    books.put(taken[0])
    assert status(books, pass_) == "EXPIRED"
    assert passes.usable(reread(books, pass_), books.now)  # PASS-11
    books.put(visits.buy(taken[0], "SPA", 1, "MONTHLY", books.now))
    assert status(books, pass_) == "ACTIVE"


def test_extending_the_expiry_revives_a_pass_that_ran_out_by_date() -> None:
    books = small_town()
    pass_ = issue(books)
    books.now = after(IN_A_YEAR, DAY)
    passes.move_expiry(books, DEMO, pass_.id, after(books.now, DAY))
    assert status(books, pass_) == "ACTIVE"


def test_cancelled_outlasts_every_clock() -> None:
    books = small_town()
    pass_ = issue(books)
    passes.cancel(books, DEMO, pass_.id, {})
    for moment in (NOON - DAY, NOON, IN_A_YEAR + DAY):
        books.now = Millis(moment)
        assert status(books, pass_) == "CANCELLED"


@pytest.mark.parametrize("expires", [NOON, NOON - DAY])
def test_an_expiry_that_is_not_in_the_future_is_refused(expires: Millis) -> None:
    books = small_town()
    pass_ = issue(books, starts=after(NOON, -2 * DAY))
    refusal = refused(passes.move_expiry, books, DEMO, pass_.id, expires, code="validation_error")
    assert "expires_at" in refusal.message
    assert reread(books, pass_) == pass_


def test_an_expiry_before_the_start_is_refused() -> None:
    books = small_town()
    pass_ = issue(books, starts=after(NOON, 2 * DAY))
    refused(passes.move_expiry, books, DEMO, pass_.id, after(NOON, 2 * DAY), code="validation_error")
    passes.move_expiry(books, DEMO, pass_.id, after(NOON, 2 * DAY + 1))


# --- changing


def test_updating_a_pass_updates_its_client() -> None:
    books = small_town()
    pass_ = issue(books)
    passes.update(books, DEMO, pass_.id, {"phone": "+2348000000000"})
    assert client(books).phone == "+2348000000000"


def test_a_cancelled_pass_takes_no_update_of_any_kind() -> None:
    books = small_town()
    pass_ = issue(books)
    passes.cancel(books, DEMO, pass_.id, {"last_name": "Eze"})
    assert client(books).last_name == "Eze"
    before = dict(books.records)
    refused(passes.update, books, DEMO, pass_.id, {"last_name": "X"}, code="pass_not_active")
    refused(passes.cancel, books, DEMO, pass_.id, {}, code="pass_not_active")
    refused(passes.move_expiry, books, DEMO, pass_.id, after(NOON, DAY), code="pass_not_active")
    refused(passes.rotate_passcode, books, DEMO, pass_.id, pass_.passcode, code="pass_not_active")
    assert books.records == before


def test_a_rotated_passcode_replaces_the_old_one() -> None:
    books = small_town()
    pass_ = issue(books)
    books.now = after(NOON, 5)
    second = passes.rotate_passcode(books, DEMO, pass_.id, pass_.passcode)
    assert second.passcode != pass_.passcode
    assert second.passcode_created == NOON + 5
    refused(passes.rotate_passcode, books, DEMO, pass_.id, pass_.passcode, code="validation_error")
    assert passes.rotate_passcode(books, DEMO, pass_.id, second.passcode).passcode != second.passcode


@pytest.mark.parametrize(
    ("caller", "pass_id", "code"),
    [(PARTNER, None, "permission_denied"), (DEMO, "brgpass_nobody", "pass_not_found")],
)
def test_only_ones_own_passes_can_be_changed(caller: Caller, pass_id: str | None, code: str) -> None:
    books = small_town()
    pass_ = issue(books)
    before = dict(books.records)
    named_id = pass_id or pass_.id
    refused(passes.update, books, caller, named_id, {"last_name": "X"}, code=code)
    refused(passes.cancel, books, caller, named_id, {}, code=code)
    refused(passes.move_expiry, books, caller, named_id, after(NOON, DAY), code=code)
    refused(passes.rotate_passcode, books, caller, named_id, "WRONG", code=code)
    assert books.records == before


# --- which one is meant


def chosen(books: PaperBooks, provider_id: str) -> IssuedPass:
    return passes.choose(books, client(books), named(books, Provider, provider_id))[0]


def test_the_pass_meant_is_the_active_one_that_covers_soonest_to_expire() -> None:
    books = small_town()
    premium, spa = issue(books), issue(books, package_id="pass_spa")
    assert chosen(books, "prov_zen") == spa  # expires in a month
    assert chosen(books, "prov_ironhouse") == premium
    passes.cancel(books, DEMO, spa.id, {})
    assert chosen(books, "prov_zen") == premium


def test_a_pass_with_visits_left_goes_before_one_without() -> None:
    books = small_town()
    premium, spa = issue(books), issue(books, package_id="pass_spa")
    taken = visits.take(spa, named(books, Package, "pass_spa"), "SPA", NOON)
    assert taken is not None
    books.put(taken[0])
    assert chosen(books, "prov_zen") == premium


def test_where_none_covers_the_newest_active_pass_is_meant() -> None:
    books = small_town()
    issue(books, package_id="pass_standard")
    newest_active = issue(books, package_id="pass_standard")
    issue(books, package_id="pass_standard", starts=after(NOON, DAY))
    assert chosen(books, "prov_ironhouse") == newest_active


def test_a_client_without_an_active_pass_has_none_to_choose() -> None:
    books = small_town()
    issue(books, starts=after(NOON, DAY))
    refusal = refused(chosen, books, "prov_fitzone", code="pass_not_active")
    assert "client_ada" in refusal.message


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda books, pass_: passes.cancel(books, DEMO, pass_.id, {}), "was cancelled"),
        (lambda books, pass_: setattr(books, "now", IN_A_YEAR), "expired on 2027-05-12"),
        (lambda books, pass_: setattr(books, "now", Millis(NOON - DAY)), "starts on 2026-05-12"),
    ],
)
def test_a_pass_that_is_not_active_is_refused_with_the_reason(
    act: Callable[[PaperBooks, IssuedPass], None], said: str
) -> None:
    books = small_town()
    pass_ = issue(books)
    passes.require_active(pass_, books.now)
    act(books, pass_)
    refusal = refused(passes.require_active, reread(books, pass_), books.now, code="pass_not_active")
    assert said in refusal.message


def test_a_named_pass_must_be_the_clients() -> None:
    books = small_town()
    ada, bola = issue(books), issue(books, "client_bola")
    stranger = issue(books, "client_partner", caller=PARTNER)
    ada_herself = named(books, Client, "client_ada")
    passes.require_held_by(DEMO, ada_herself, ada)
    refused(passes.require_held_by, DEMO, ada_herself, bola, code="validation_error")
    refused(passes.require_held_by, DEMO, ada_herself, stranger, code="permission_denied")
