"""Bookings: their status over time, and cancelling them early, late, twice."""

import pytest
from msgspec.structs import replace

from sandbox.domain import bookings, passes
from sandbox.domain.moments import HOUR, MINUTE, SECOND, Millis, after, plus_months
from sandbox.domain.records import Booking, CopayPurchase
from sandbox.domain.resources import named
from tests.domain.front_desk import (
    A_MONTH,
    TWO_VISITS,
    ask_quote,
    at_luxe,
    book_class,
    book_spa,
    buy_quote,
    cancel,
    confirm_class,
    confirm_spa,
    give_credits,
    held,
    move_class,
    open_class,
    open_spa,
    spa_wish,
    status,
    town_with,
)
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, funds, refused, reread

SIX_HOURS = 6 * HOUR


def updated(books: PaperBooks, booking: Booking) -> Millis:
    return bookings.updated(named(books, Booking, booking.id), books.now)


# --- BOOK-8, BOOK-25: status and its moment


def test_a_booking_is_pending_for_a_minute_then_confirmed_then_completed_at_its_end() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    told = []
    for moment in (
        NOON,
        NOON + 60 * SECOND - 1,
        NOON + 60 * SECOND,
        booking.starts,
        booking.ends - 1,
        booking.ends,
    ):
        books.now = Millis(moment)
        told.append(status(books, booking))
    assert told == ["PENDING", "PENDING", "CONFIRMED", "CONFIRMED", "CONFIRMED", "COMPLETED"]


def test_status_follows_the_clock_backward_too() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = booking.ends
    assert status(books, booking) == "COMPLETED"
    books.now = NOON
    assert status(books, booking) == "PENDING"


def test_updated_is_the_moment_of_the_last_change_seen_or_not() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    assert updated(books, booking) == NOON
    books.now = after(NOON, HOUR)
    assert updated(books, booking) == NOON + MINUTE
    books.now = after(booking.ends, HOUR)
    assert updated(books, booking) == booking.ends


def test_updated_of_a_cancelled_booking_is_the_moment_it_was_cancelled() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = after(NOON, HOUR)
    cancel(books, booking)
    books.now = after(NOON, 2 * HOUR)
    assert updated(books, booking) == NOON + HOUR


# --- BOOK-10, PASS-10: what returns


def test_an_early_cancel_returns_the_visit_to_where_it_came_from() -> None:
    books, pass_ = town_with("pass_standard")
    booking = book_class(books, pass_)
    assert reread(books, pass_).used == {"GYM:0": 1}
    books.now = after(booking.starts, -SIX_HOURS)
    refund = cancel(books, booking).refund
    assert refund is not None
    assert (refund.visits_restored, refund.credits_refunded, refund.amount_kobo) == (1, 0, 0)
    assert reread(books, pass_).used == {"GYM:0": 0}


def test_a_late_cancel_returns_nothing() -> None:
    books, pass_ = town_with("pass_standard")
    booking = book_class(books, pass_)
    books.now = after(booking.starts, -SIX_HOURS + 1)
    refund = cancel(books, booking).refund
    assert refund is not None
    assert (refund.visits_restored, refund.credits_refunded, refund.amount_kobo) == (0, 0, 0)
    assert reread(books, pass_).used == {"GYM:0": 1}


def test_a_bought_visit_returns_to_the_bought_ones() -> None:
    books, pass_ = town_with("pass_standard")
    book_class(books, pass_, "ci_yoga_last_seat")
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    booking = confirm_class(books, open_class(books, pass_, "ci_yoga_open"), TWO_VISITS)
    assert [(lot.count, lot.used) for lot in reread(books, pass_).bought] == [(2, 1)]
    cancel(books, booking)
    assert [(lot.count, lot.used) for lot in reread(books, pass_).bought] == [(2, 0)]
    assert reread(books, pass_).used == {"GYM:0": 2}


def test_a_visit_returned_in_a_later_period_goes_to_the_period_it_came_from() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_spa(books, spa_wish(pass_, "2026-06-20 10:00"))
    books.now = plus_months(NOON, 1)
    cancel(books, booking)
    assert reread(books, pass_).used == {"SPA:0": 0}


def test_credits_return_to_the_lots_they_came_from_with_their_old_expiry() -> None:
    books, pass_ = town_with("pass_premium", credits_held=3)
    give_credits(books, 4, expires=after(NOON, 36 * HOUR))
    booking = book_class(books, pass_, "ci_workshop_open")
    assert held(books) == 2
    refund = cancel(books, booking).refund
    assert refund is not None
    assert (refund.credits_refunded, refund.visits_restored) == (5, 0)
    assert held(books) == 7
    books.now = after(NOON, 36 * HOUR)
    assert held(books) == 3


def test_credits_that_return_to_a_lot_that_lapsed_are_gone_again() -> None:
    books, pass_ = town_with("pass_premium")
    give_credits(books, 5, expires=after(NOON, HOUR))
    booking = book_class(books, pass_, "ci_workshop_open")
    books.now = after(NOON, HOUR)
    cancel(books, booking)
    assert held(books) == 0


def test_a_spa_copay_returns_to_the_account_that_paid() -> None:
    books, pass_ = town_with("pass_standard")
    before = funds(books)
    buy_quote(books, ask_quote(books))
    booking = book_spa(books, spa_wish(pass_))
    refund = cancel(books, booking).refund
    assert refund is not None
    assert (refund.amount_kobo, refund.visits_restored) == (1_000_001, 0)
    assert funds(books) == before


def test_the_copay_of_a_cancelled_booking_pays_no_other() -> None:
    books, pass_ = town_with("pass_standard")
    buy_quote(books, ask_quote(books))
    cancel(books, book_spa(books, spa_wish(pass_)))
    assert open_spa(books, spa_wish(pass_)).due == "COPAY"


def test_a_late_cancel_of_a_spa_keeps_the_money() -> None:
    books, pass_ = town_with("pass_standard")
    before = funds(books)
    buy_quote(books, ask_quote(books))
    booking = book_spa(books, spa_wish(pass_))
    books.now = after(booking.starts, -HOUR)
    refund = cancel(books, booking).refund
    assert refund is not None
    assert refund.amount_kobo == 0
    assert before - funds(books) == 1_000_001


def test_of_a_gym_copay_the_visit_returns_and_not_the_money() -> None:
    books, pass_ = town_with("pass_standard")
    booking = confirm_class(books, open_class(books, pass_), A_MONTH)
    before = funds(books)
    refund = cancel(books, booking).refund
    assert refund is not None
    assert (refund.visits_restored, refund.amount_kobo) == (1, 0)
    assert funds(books) == before
    assert named(books, CopayPurchase, booking.payment.copay_id).used == 0


def test_a_spa_visit_returns() -> None:
    books, pass_ = town_with("pass_spa")
    booking = book_spa(books, spa_wish(pass_))
    refund = cancel(books, booking).refund
    assert refund is not None
    assert refund.visits_restored == 1
    assert confirm_spa(books, open_spa(books, spa_wish(pass_))).payment.period == 0


def test_credits_of_a_spa_return() -> None:
    books, pass_ = town_with("pass_spa")
    booking = book_spa(books, at_luxe(pass_))
    assert held(books) == 10
    cancel(books, booking)
    assert held(books) == 20


# --- BOOK-11, BOOK-23: what cannot be cancelled


def test_cancelling_twice_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    cancel(books, booking)
    refused(cancel, books, booking, code="already_cancelled")


def test_a_cancelled_booking_stays_cancelled_after_its_end() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    cancel(books, booking)
    books.now = booking.ends
    refused(cancel, books, booking, code="already_cancelled")
    assert status(books, booking) == "CANCELLED"


def test_a_completed_booking_is_closed() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = booking.ends
    refused(cancel, books, booking, code="booking_closed")


def test_a_booking_that_has_begun_is_closed() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = booking.starts
    refused(cancel, books, booking, code="booking_closed")
    books.now = after(booking.starts, -1)
    assert cancel(books, booking).closed == "CANCELLED"


def test_a_rescheduled_booking_is_closed() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    move_class(books, booking, "ci_yoga_last_seat")
    refused(cancel, books, booking, code="booking_closed")
    assert status(books, booking) == "RESCHEDULED"


def test_another_resellers_booking_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    refused(cancel, books, booking, PARTNER, code="permission_denied")


def test_cancelling_the_pass_leaves_its_bookings_which_can_still_be_cancelled() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    passes.cancel(books, DEMO, pass_.id, {})
    assert status(books, booking) == "PENDING"
    assert cancel(books, booking).closed == "CANCELLED"


@pytest.mark.parametrize(("wanted", "shown"), [("PENDING", True), ("CANCELLED", False), (None, True)])
def test_a_list_can_be_filtered_by_the_status_of_the_moment(wanted: str | None, shown: bool) -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    assert bookings.Wanted(wanted, None, books.now).fits(booking) is shown
    assert bookings.Wanted(wanted, "spa", books.now).fits(booking) is False
