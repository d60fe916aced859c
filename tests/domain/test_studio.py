"""What the studio does: prices and sizes, a cancelled session, bookings confirmed, completed, missed."""

from msgspec.structs import replace

from sandbox.domain import bookings, studio
from sandbox.domain.moments import HOUR, MINUTE, SECOND, after
from sandbox.domain.records import Booking, Instance, StudioClass
from sandbox.domain.resources import named
from tests.domain.front_desk import (
    A_MONTH,
    book_class,
    cancel,
    confirm_class,
    held,
    move_class,
    open_class,
    spots,
    status,
    town_with,
)
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import NOON, issue, refused, reread


def instance(books: PaperBooks, id_: str = "ci_yoga_open") -> Instance:
    return named(books, Instance, id_)


def booked(books: PaperBooks, booking: Booking) -> Booking:
    return named(books, Booking, booking.id)


# --- prices and sizes


def test_one_session_is_priced_without_touching_its_class() -> None:
    books, pass_ = town_with("pass_premium", credits_held=9)
    studio.price_instance(books, instance(books), 4)
    assert book_class(books, pass_).payment.credits_taken == 4
    assert named(books, StudioClass, "class_yoga").credit_cost is None
    assert book_class(books, pass_, "ci_yoga_last_seat").payment.visits == 1


def test_a_price_taken_away_is_the_classs_again() -> None:
    books, pass_ = town_with("pass_premium", credits_held=5)
    studio.price_instance(books, instance(books, "ci_workshop_override"), None)
    assert book_class(books, pass_, "ci_workshop_override").payment.credits_taken == 5


def test_a_session_can_grow_and_shrink_but_not_below_what_is_taken() -> None:
    books, pass_ = town_with("pass_premium")
    book_class(books, pass_)
    assert studio.resize_instance(books, instance(books), 1).capacity == 1
    assert spots(books) == 0
    refused(studio.resize_instance, books, instance(books), 0, code="validation_error")
    studio.resize_instance(books, instance(books), 9)
    assert spots(books) == 8


def test_a_session_that_shrank_has_no_seat_for_what_lapsed_before() -> None:
    """The clock may be turned back to when the lapsed session lived; its seat is gone all the same."""
    books, pass_ = town_with("pass_standard")
    opened = open_class(books, pass_, "ci_hiit_open")
    books.now = after(NOON, 20 * MINUTE)
    studio.resize_instance(books, instance(books, "ci_hiit_open"), 0)
    books.now = NOON
    assert instance(books, "ci_hiit_open").seats == {}
    refused(confirm_class, books, opened, A_MONTH, code="session_expired")


# --- BOOK-26: a session is cancelled


def test_bookings_are_cancelled_with_their_session_and_everything_returns_at_any_hour() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    visit = book_class(books, pass_)
    other = book_class(books, issue(books, "client_bola", "pass_standard"))
    books.now = after(visit.starts, -SECOND)
    studio.cancel_instance(books, instance(books))
    assert [status(books, one) for one in (visit, other)] == ["CANCELLED", "CANCELLED"]
    assert booked(books, visit).closed_at == books.now
    assert reread(books, pass_).used == {"GYM:0": 0}
    refused(cancel, books, visit, code="already_cancelled")


def test_credits_return_when_the_studio_cancels() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    booking = book_class(books, pass_, "ci_workshop_open")
    books.now = after(booking.starts, -MINUTE)
    studio.cancel_instance(books, instance(books, "ci_workshop_open"))
    assert held(books) == 5
    refund = booked(books, booking).refund
    assert refund is not None
    assert refund.credits_refunded == 5


def test_an_open_session_finds_the_instance_cancelled() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    studio.cancel_instance(books, instance(books, "ci_hiit_open"))
    refused(confirm_class, books, session, A_MONTH, code="slot_unavailable")


def test_a_session_is_cancelled_once_and_before_it_begins() -> None:
    books, _ = town_with("pass_standard")
    studio.cancel_instance(books, instance(books))
    refused(studio.cancel_instance, books, instance(books), code="already_cancelled")
    books.now = instance(books, "ci_hiit_open").starts
    refused(studio.cancel_instance, books, instance(books, "ci_hiit_open"), code="class_started")


def test_a_booking_marked_before_stays_as_it_was_marked() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    studio.complete_booking(books, booking)
    studio.cancel_instance(books, instance(books))
    assert status(books, booking) == "COMPLETED"


# --- bookings


def test_the_venue_can_confirm_sooner() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = after(NOON, 10 * SECOND)
    studio.confirm_booking(books, booking)
    assert status(books, booking) == "CONFIRMED"
    assert bookings.updated(booked(books, booking), books.now) == books.now
    books.now = after(NOON, HOUR)
    assert bookings.updated(booked(books, booking), books.now) == NOON + 10 * SECOND


def test_confirming_what_is_confirmed_changes_nothing() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = after(NOON, MINUTE)
    assert studio.confirm_booking(books, booking) == booking


def test_a_completed_booking_is_completed_from_that_moment() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = after(booking.starts, MINUTE)
    done = studio.complete_booking(books, booking)
    assert (bookings.status(done, books.now), bookings.updated(done, books.now)) == ("COMPLETED", books.now)
    refused(cancel, books, booking, code="booking_closed")


def test_a_no_show_is_completed_and_returns_nothing() -> None:
    books, pass_ = town_with("pass_standard")
    booking = book_class(books, pass_)
    missed = studio.miss_booking(books, booking)
    assert (bookings.status(missed, books.now), missed.no_show) == ("COMPLETED", True)
    assert reread(books, pass_).used == {"GYM:0": 1}


def test_a_no_show_noticed_after_the_end_keeps_the_moment_of_the_end() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    books.now = after(booking.ends, HOUR)
    missed = studio.miss_booking(books, booking)
    assert (missed.no_show, bookings.updated(missed, books.now)) == (True, booking.ends)


def test_what_was_cancelled_or_moved_cannot_be_marked() -> None:
    books, pass_ = town_with("pass_premium")
    first = book_class(books, pass_)
    move_class(books, first, "ci_yoga_last_seat")
    refused(studio.miss_booking, books, booked(books, first), code="booking_closed")
    second = book_class(books, pass_)
    cancel(books, second)
    refused(studio.complete_booking, books, booked(books, second), code="already_cancelled")
    refused(studio.confirm_booking, books, booked(books, second), code="already_cancelled")


def test_seats_sold_by_the_studio_limit_the_size_too() -> None:
    books, _ = town_with("pass_premium")
    books.put(replace(instance(books), taken_elsewhere=2))
    refused(studio.resize_instance, books, instance(books), 1, code="validation_error")
