"""What the studio does to its own sessions and bookings: acts of the back office, never of a reseller."""

from typing import TypeVar

from msgspec.structs import replace

from sandbox.domain import bookings, classes
from sandbox.domain.books import Books
from sandbox.domain.records import Booking, Instance, Record
from sandbox.domain.refusals import Refusal, does_not_fit
from sandbox.domain.resources import named

R = TypeVar("R", bound=Record)


def price_instance(books: Books, instance: Instance, credit_cost: int | None) -> Instance:
    """One session's own price in credits, without touching the class (CRED-3). None: the class's again."""
    return _change(books, replace(instance, credit_cost=credit_cost))


def resize_instance(books: Books, instance: Instance, capacity: int) -> Instance:
    """Never below what is taken: capacity is not exceeded afterwards either (BOOK-5)."""
    taken = instance.capacity - classes.spots_left(instance, books.now)
    if capacity < taken:
        message = f"body.capacity: {taken} seats of '{instance.id}' are taken. Send {taken} or more."
        raise does_not_fit(message, "BOOK-5")
    return _change(books, replace(classes.swept(instance, books.now), capacity=capacity))


def cancel_instance(books: Books, instance: Instance) -> Instance:
    """Its bookings are cancelled with it and everything returns, at any hour (BOOK-26).

    Open sessions keep their seats: a confirm then finds the instance cancelled, and says so.
    """
    if instance.cancelled is not None:
        message = f"The instance '{instance.id}' was cancelled before. There is nothing left to change."
        raise Refusal("already_cancelled", message, "BOOK-26")
    if books.now >= instance.starts:
        message = f"The instance '{instance.id}' has begun. Only one that lies ahead can be cancelled."
        raise Refusal("class_started", message, "BOOK-26")
    for hold in instance.seats.values():
        if hold.until is None:
            booking = named(books, Booking, hold.by)
            if booking.closed is None:  # one marked as attended or missed by hand stays as it is
                bookings.close(books, booking, "The studio cancelled the session", returns=True)
    waiting = {client: hold for client, hold in instance.seats.items() if hold.until is not None}
    return _change(books, replace(instance, cancelled=books.now, seats=waiting))


def confirm_booking(books: Books, booking: Booking) -> Booking:
    """The venue confirms now, sooner than it would by itself (BOOK-8)."""
    bookings.require_open(booking, books.now)
    if bookings.status(booking, books.now) == "CONFIRMED":
        return booking
    return _change(books, replace(booking, confirmed_at=books.now))


def complete_booking(books: Books, booking: Booking) -> Booking:
    """The client came: COMPLETED, sooner than by the clock."""
    return _complete(books, booking, no_show=False)


def miss_booking(books: Books, booking: Booking) -> Booking:
    """The client did not come: COMPLETED as well, and nothing returns (BOOK-26)."""
    return _complete(books, booking, no_show=True)


def _complete(books: Books, booking: Booking, *, no_show: bool) -> Booking:
    """What is over can still be marked; what was cancelled or moved cannot (BOOK-11)."""
    if booking.closed in ("CANCELLED", "RESCHEDULED"):
        bookings.require_open(booking, books.now)
    over = bookings.status(booking, books.now) == "COMPLETED"
    moment = bookings.updated(booking, books.now) if over else books.now
    return _change(books, replace(booking, closed="COMPLETED", closed_at=moment, no_show=no_show))


def _change(books: Books, changed: R) -> R:
    books.put(changed)
    return changed
