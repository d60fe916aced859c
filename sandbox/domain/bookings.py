"""Bookings: their status as the clock tells it, and how one is cancelled."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from msgspec.structs import replace

from sandbox.domain import classes, spa, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.moments import HOUR, SECOND, Millis, after, clock_time, day_text
from sandbox.domain.records import Booking, Instance, Refund
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named, own

BookingStatus: TypeAlias = Literal["PENDING", "CONFIRMED", "CANCELLED", "COMPLETED", "RESCHEDULED"]

VENUE_TAKES = 60 * SECOND  # until it confirms (BOOK-8)
FREE_TO_CHANGE = 6 * HOUR  # before the start (BOOK-10, BOOK-24)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list; None wants everything."""

    status: str | None
    type: str | None
    now: Millis

    def fits(self, booking: Booking) -> bool:
        if self.type is not None and self.type != booking.type:
            return False
        return self.status is None or self.status == status(booking, self.now)


def status(booking: Booking, now: int) -> BookingStatus:
    """What was done to it, else what the clock did (BOOK-8)."""
    if booking.closed is not None:
        return booking.closed
    if now >= booking.ends:
        return "COMPLETED"
    return "CONFIRMED" if now >= confirms_at(booking) else "PENDING"


def updated(booking: Booking, now: int) -> Millis:
    """The moment of the last change of status, whether or not anyone looked (BOOK-25)."""
    if booking.closed_at is not None:
        return booking.closed_at
    state = status(booking, now)
    if state == "COMPLETED":
        return booking.ends
    return confirms_at(booking) if state == "CONFIRMED" else booking.created


def require_open(booking: Booking, now: int) -> None:
    """Neither closed (BOOK-11) nor begun (BOOK-23)."""
    state = status(booking, now)
    if state == "CANCELLED":
        message = f"The booking '{booking.id}' was cancelled before. There is nothing left to change."
        raise Refusal("already_cancelled", message, "BOOK-11")
    if state in ("COMPLETED", "RESCHEDULED"):
        message = f"The booking '{booking.id}' is {state}. Only a PENDING or CONFIRMED one can be changed."
        raise Refusal("booking_closed", message, "BOOK-11")
    if now >= booking.starts:
        when = f"{day_text(booking.starts)} {clock_time(booking.starts)}"
        message = f"The booking '{booking.id}' began at {when}. It can be changed only before its start."
        raise Refusal("booking_closed", message, "BOOK-23")


def early(booking: Booking, now: int) -> bool:
    """Six hours or more before the start (BOOK-10)."""
    return now <= booking.starts - FREE_TO_CHANGE


def cancel(books: Books, caller: Caller, booking_id: str, reason: str = "") -> Booking:
    """Frees the seat (BOOK-9); early, everything returns, late, nothing does (BOOK-10, BOOK-23)."""
    booking = own(books, caller, Booking, booking_id)
    require_open(booking, books.now)
    free(books, booking)
    return close(books, booking, reason, returns=early(booking, books.now))


def free(books: Books, booking: Booking) -> None:
    """Its seat or room is anyone's again."""
    if booking.type == "class":
        classes.free_seat(books, named(books, Instance, booking.instance_id), booking.client_id)
    else:
        spa.free_room(books, booking.provider_id, booking.starts, booking.id)


def close(books: Books, booking: Booking, reason: str, *, returns: bool) -> Booking:
    refund = Refund()
    if returns:
        refund = stays.give_back(books, booking.client_id, booking.payment, f"Cancelled: {booking.title}")
    closed = replace(booking, closed="CANCELLED", closed_at=books.now, refund=refund, reason=reason)
    books.put(closed)
    return closed


def confirms_at(booking: Booking) -> Millis:
    """A minute after it was made, unless the venue confirmed it sooner (BOOK-8)."""
    by_itself = after(booking.created, VENUE_TAKES)
    return by_itself if booking.confirmed_at is None else min(booking.confirmed_at, by_itself)
