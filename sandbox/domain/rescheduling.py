"""Rescheduling: the old booking closes and a new one is made in one step, or nothing changes (BOOK-12)."""

from dataclasses import dataclass

from msgspec.structs import replace

from sandbox.domain import bookings, class_bookings, classes, passes, spa, spa_bookings, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.guests import guest_of
from sandbox.domain.moments import clock_time, day_text
from sandbox.domain.records import Booking, Instance, StudioClass
from sandbox.domain.refusals import Refusal, does_not_fit
from sandbox.domain.resources import named, require_own
from sandbox.domain.spa import Slot
from sandbox.domain.stays import TO_BUY, Stay


@dataclass(frozen=True, slots=True)
class Move:
    """Where to: an instance for a class, a day and a time for a spa."""

    class_instance_id: str | None = None
    date: str | None = None
    time: str | None = None


def reschedule(books: Books, caller: Caller, booking_id: str, move: Move) -> Booking:
    booking = named(books, Booking, booking_id)
    instance = None if move.class_instance_id is None else named(books, Instance, move.class_instance_id)
    require_own(caller, booking)
    if booking.type == "class":
        return _move_class(books, booking, _fitting_instance(books, booking, move, instance))
    return _move_spa(books, booking, _fitting_slot(books, booking, move))


# --- where to -------------------------------------------------------------------------------


def _fitting_instance(books: Books, booking: Booking, move: Move, instance: Instance | None) -> Instance:
    """Another instance of the same provider (BOOK-24)."""
    if instance is None or move.date is not None or move.time is not None:
        message = f"body: '{booking.id}' is of a class, so it moves by class_instance_id, and by that alone."
        raise does_not_fit(message, "BOOK-24")
    provider_id = named(books, StudioClass, instance.class_id).provider_id
    if provider_id != booking.provider_id:
        message = (
            f"body.class_instance_id: '{instance.id}' is held at '{provider_id}'. The booking '{booking.id}' "
            f"moves within '{booking.provider_id}' only; to go elsewhere, cancel it and book anew."
        )
        raise does_not_fit(message, "BOOK-24")
    return instance


def _fitting_slot(books: Books, booking: Booking, move: Move) -> Slot:
    """Another slot for the same services (BOOK-24)."""
    if move.date is None or move.time is None or move.class_instance_id is not None:
        message = f"body: '{booking.id}' is at a spa, so it moves by date and time, both, and by that alone."
        raise does_not_fit(message, "BOOK-24")
    slot = spa_bookings.slot_of(books, booking)
    return Slot(slot.provider, slot.services, spa.moment(move.date, move.time))


# --- the move -------------------------------------------------------------------------------


def _move_class(books: Books, booking: Booking, instance: Instance) -> Booking:
    _require_movable(booking, books.now)
    guest = guest_of(books, booking)
    passes.require_active(guest.pass_, books.now)
    classes.require_seat(instance, booking.client_id, books.now)  # its own instance is already held
    _require_paid(books, stays.moving(class_bookings.attend(books, guest, instance).stay, booking.payment))
    _leave(books, booking)
    stays.give_back(books, booking.client_id, booking.payment, f"Rescheduled: {booking.title}")
    return class_bookings.seat(books, class_bookings.attend(books, guest_of(books, booking), instance))


def _move_spa(books: Books, booking: Booking, slot: Slot) -> Booking:
    _require_movable(booking, books.now)
    guest = guest_of(books, booking)
    passes.require_active(guest.pass_, books.now)
    _require_another_slot(booking, slot)
    spa.require_slot(books, slot, booking.client_id, leaving=booking.id)
    if booking.payment.copay_kobo:  # a spa co-pay moves along
        _leave(books, booking)
        return spa_bookings.occupy(books, spa_bookings.treat(books, guest, slot), booking.payment)
    _require_paid(books, stays.moving(spa_bookings.treat(books, guest, slot).stay, booking.payment))
    _leave(books, booking)
    stays.give_back(books, booking.client_id, booking.payment, f"Rescheduled: {booking.title}")
    return spa_bookings.occupy(books, spa_bookings.treat(books, guest_of(books, booking), slot))


def _leave(books: Books, booking: Booking) -> None:
    bookings.free(books, booking)
    books.put(replace(booking, closed="RESCHEDULED", closed_at=books.now))


def _require_movable(booking: Booking, now: int) -> None:
    bookings.require_open(booking, now)
    if not bookings.early(booking, now):
        raise Refusal(
            "booking_closed",
            f"The booking '{booking.id}' starts in less than 6 hours, at {clock_time(booking.starts)}. "
            "It can still be cancelled, but no longer moved.",
            "BOOK-24",
        )


def _require_another_slot(booking: Booking, slot: Slot) -> None:
    if slot.starts == booking.starts:
        when = f"{day_text(slot.starts)} {clock_time(slot.starts)}"
        message = f"The booking '{booking.id}' already is for {when}. Choose another slot to move it to."
        raise Refusal("slot_unavailable", message, "BOOK-24")


def _require_paid(books: Books, stay: Stay) -> None:
    """Something in hand pays the new price, counting what the old booking returns (BOOK-24)."""
    if stays.means(books, stay) in TO_BUY:
        raise Refusal(
            "copay_required",
            f"The pass '{stay.pass_.id}' does not pay for this at {stay.provider.name} any more, so it would "
            "need a purchase. Buy the co-pay first, or cancel this booking and make a new one.",
            "BOOK-24",
        )
    stays.require_credits(books, stay)
