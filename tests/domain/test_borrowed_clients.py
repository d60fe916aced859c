"""What a lookup token opens among bookings, co-pays and codes, and whose the result is (LOOK-5, LOOK-6)."""

from collections.abc import Callable
from dataclasses import replace as with_

import pytest
from msgspec.structs import replace

from sandbox.domain import (
    access_codes,
    bookings,
    class_bookings,
    copay_purchases,
    lookup,
    quotes,
    rescheduling,
    spa_bookings,
)
from sandbox.domain.books import Caller
from sandbox.domain.records import AccessCode, Account, Booking, BookingSession, IssuedPass
from sandbox.domain.resources import named
from tests.domain.front_desk import A_MONTH, TWO_VISITS, class_wish, confirm_class, spa_wish, spots
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, PARTNER, funds, issue, refused, reread, small_town

Door = Callable[[PaperBooks, Caller, IssuedPass], object]


def town_of_a_partner(package_id: str = "pass_standard") -> tuple[PaperBooks, IssuedPass, Caller]:
    """The partner's client Pia, and the demo reseller with a token for her."""
    books = small_town()
    pass_ = issue(books, "client_pia", package_id, caller=PARTNER)
    pending = lookup.initiate(books, DEMO, "iss_partner", "client_pia")
    _, token, _ = lookup.verify(books, DEMO, pending.id, pending.code)
    return books, pass_, with_(DEMO, lookup_token=token)


def book(books: PaperBooks, caller: Caller, pass_: IssuedPass, instance_id: str) -> Booking:
    made = class_bookings.book(books, caller, class_wish(pass_, instance_id))
    assert isinstance(made, Booking)
    return made


def open_class(books: PaperBooks, caller: Caller, pass_: IssuedPass, instance_id: str) -> BookingSession:
    made = class_bookings.book(books, caller, class_wish(pass_, instance_id))
    assert isinstance(made, BookingSession)
    return made


DOORS: dict[str, Door] = {
    "book_class": lambda books, caller, pass_: class_bookings.book(books, caller, class_wish(pass_)),
    "book_spa": lambda books, caller, pass_: spa_bookings.book(books, caller, spa_wish(pass_)),
    "create_access_code": lambda books, caller, _: access_codes.create(
        books, caller, access_codes.CodeWish("client_pia", "prov_fitzone")
    ),
    "quote_spa_copay": lambda books, caller, _: quotes.quote(
        books, caller, "prov_zen", quotes.Question("client_pia", ["svc_massage"])
    ),
    "purchase_copay": lambda books, caller, _: copay_purchases.buy_for_gym(
        books, caller, copay_purchases.GymOrder("client_pia", "prov_ironhouse", "copay_ironhouse_month")
    ),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_token_opens_it_and_nothing_else_does(door: Door) -> None:
    books, pass_, demo = town_of_a_partner()
    refused(door, books, DEMO, pass_, code="permission_denied")
    refused(door, books, with_(demo, lookup_token="lkpt_guessed"), pass_, code="invalid_lookup_token")
    refused(door, books, with_(demo, account_id="acct_disabled"), pass_, code="invalid_lookup_token")
    assert door(books, demo, pass_)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_token_is_dead_while_its_issuer_has_lookup_off(door: Door) -> None:
    books, pass_, demo = town_of_a_partner()
    partner = named(books, Account, "acct_partner")
    books.put(replace(partner, lookup_enabled=False))
    refused(door, books, demo, pass_, code="invalid_lookup_token")
    books.put(partner)
    assert door(books, demo, pass_)


def test_a_token_for_another_client_is_checked_even_for_ones_own() -> None:
    books, _, demo = town_of_a_partner()
    mine = issue(books, "client_ada")
    refused(class_bookings.book, books, demo, class_wish(mine), code="invalid_lookup_token")


def test_the_makers_account_pays_and_the_clients_visits_are_used() -> None:
    books, pass_, demo = town_of_a_partner()
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    theirs, mine = funds(books, "acct_partner"), funds(books, "acct_demo")
    booking = confirm_class(books, open_class(books, demo, pass_, "ci_yoga_open"), TWO_VISITS, DEMO)
    assert (booking.owner, booking.client_id) == ("acct_demo", "client_pia")
    assert mine - funds(books, "acct_demo") == 700_000
    assert funds(books, "acct_partner") == theirs
    assert [(lot.count, lot.used) for lot in reread(books, pass_).bought] == [(2, 1)]


def test_what_follows_is_the_makers_without_the_token() -> None:
    books, pass_, demo = town_of_a_partner("pass_premium")
    booking = book(books, demo, pass_, "ci_yoga_open")
    move = rescheduling.Move("ci_yoga_last_seat")
    refused(rescheduling.reschedule, books, PARTNER, booking.id, move, code="permission_denied")
    moved = rescheduling.reschedule(books, DEMO, booking.id, move)
    assert moved.owner == "acct_demo"
    refused(bookings.cancel, books, PARTNER, moved.id, code="permission_denied")
    assert bookings.cancel(books, DEMO, moved.id).closed == "CANCELLED"


def test_each_reseller_sees_the_bookings_it_made() -> None:
    books, pass_, demo = town_of_a_partner("pass_premium")
    mine = book(books, demo, pass_, "ci_yoga_open")
    theirs = book(books, PARTNER, pass_, "ci_hiit_open")
    assert [one.id for one in books.falling(Booking, "acct_demo/client_pia")] == [mine.id]
    assert [one.id for one in books.falling(Booking, "acct_partner/client_pia")] == [theirs.id]


def test_one_client_holds_one_seat_whoever_books() -> None:
    books, pass_, demo = town_of_a_partner("pass_premium")
    theirs = book(books, PARTNER, pass_, "ci_yoga_open")
    told = refused(book, books, demo, pass_, "ci_yoga_open", code="slot_unavailable")
    assert theirs.id not in told.message


def test_another_resellers_session_for_the_same_seat_ends_the_first() -> None:
    books, pass_, demo = town_of_a_partner()
    theirs = open_class(books, PARTNER, pass_, "ci_hiit_open")
    mine = open_class(books, demo, pass_, "ci_hiit_open")
    assert spots(books, "ci_hiit_open") == 2
    refused(confirm_class, books, theirs, A_MONTH, PARTNER, code="session_expired")
    assert confirm_class(books, mine, A_MONTH, DEMO)


def test_money_returns_to_whoever_paid() -> None:
    books, pass_, demo = town_of_a_partner()
    before = funds(books, "acct_demo")
    quote = DOORS["quote_spa_copay"](books, demo, pass_)
    order = copay_purchases.SpaOrder("client_pia", "prov_zen", quote.id)  # type: ignore[attr-defined] # a quote
    copay_purchases.buy_for_spa(books, demo, order)
    session = spa_bookings.book(books, PARTNER, spa_wish(pass_))
    booking = spa_bookings.confirm(books, PARTNER, session.id)
    assert funds(books, "acct_demo") < before
    bookings.cancel(books, PARTNER, booking.id)
    assert funds(books, "acct_demo") == before


def test_a_code_made_with_a_token_is_the_makers() -> None:
    books, pass_, demo = town_of_a_partner()
    made = DOORS["create_access_code"](books, demo, pass_)
    assert isinstance(made, AccessCode)
    assert (made.owner, made.client_id, made.pass_id) == ("acct_demo", "client_pia", pass_.id)


def test_ones_own_pass_does_not_fit_anothers_client() -> None:
    books, pass_, demo = town_of_a_partner()
    mine = issue(books, "client_ada")
    wish = class_wish(pass_, user_pass_id=mine.id)
    refused(class_bookings.book, books, demo, wish, code="validation_error")


def test_another_client_of_the_partner_stays_closed() -> None:
    books, pass_, demo = town_of_a_partner()
    other = issue(books, "client_pete", caller=PARTNER)
    refused(class_bookings.book, books, demo, class_wish(other), code="invalid_lookup_token")
    wish = class_wish(pass_, user_pass_id=other.id)
    refused(class_bookings.book, books, demo, wish, code="permission_denied")
