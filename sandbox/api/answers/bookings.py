"""Classes, sessions and bookings as the API shows them; times in seconds (CONV-6, CONV-13)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.api.answers.access_codes import what_is_due
from sandbox.api.answers.providers import service_preview
from sandbox.domain import bookings, classes
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.bookings import BookingStatus
from sandbox.domain.books import Books
from sandbox.domain.moments import Millis, clock_time, day_text, seconds
from sandbox.domain.records import (
    Booking,
    BookingSession,
    ClassCategory,
    Instance,
    Provider,
    Refund,
    Service,
    StudioClass,
)
from sandbox.domain.resources import named

STATUS_TOLD: dict[BookingStatus, str] = {
    "PENDING": "The booking waits for the venue, which confirms it within a minute.",
    "CONFIRMED": "The venue confirmed the booking.",
    "CANCELLED": "The booking was cancelled.",
    "COMPLETED": "The booking is over.",
    "RESCHEDULED": "The booking was moved; another one took its place.",
}


def class_category(one: ClassCategory) -> dict[str, Any]:
    return {"object": "class_category", "id": one.id, "name": one.name}


def studio_class(books: Books, one: StudioClass) -> dict[str, Any]:
    provider = named(books, Provider, one.provider_id)
    return {
        "object": "class",
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "category": one.category,
        "provider_id": provider.id,
        "provider_name": provider.name,
        "tier": provider.tier,
        "duration_minutes": one.duration_minutes,
        "credit_cost": one.credit_cost,
        "created": seconds(one.created),
    }


def timetable(books: Books, one: StudioClass, instances: Iterable[Instance]) -> dict[str, Any]:
    shown = [class_instance(instance, one, books.now) for instance in instances]
    return {**studio_class(books, one), "instances": shown}


def class_instance(one: Instance, class_: StudioClass, now: int) -> dict[str, Any]:
    return {
        "object": "class_instance",
        "id": one.id,
        "class_id": one.class_id,
        **_when(one.starts),
        "duration_minutes": one.duration_minutes,
        "capacity": one.capacity,
        "spots_left": classes.spots_left(one, now),
        "credit_cost": classes.credit_cost(one, class_),
        "status": classes.status(one, now),
    }


def class_booked(one: Booking, now: int) -> dict[str, Any]:
    return {
        "object": "class_booking_initiation",
        "copay_required": False,
        "additional_visits_required": False,
        "booking_id": one.id,
        "status": bookings.status(one, now),
        "class_name": one.title,
        "provider_name": one.provider_name,
        **_when(one.starts),
        "visits_deducted": one.payment.visits,
        "created": seconds(one.created),
        "message": "The seat is booked. The venue confirms it within a minute.",
    }


def class_session(books: Books, one: BookingSession) -> dict[str, Any]:
    """BOOK-19: no booking yet, so neither its id nor its status."""
    return {
        "object": "class_booking_initiation",
        "session_id": one.id,
        "expires_at": seconds(one.expires),
        **what_is_due(books, one),
        "class_name": named(books, StudioClass, one.class_id).name,
        "provider_name": named(books, Provider, one.provider_id).name,
        **_when(one.starts),
        "created": seconds(one.created),
        "message": "The seat is held for 15 minutes. Choose what has to be bought, and confirm.",
    }


def spa_session(books: Books, one: BookingSession) -> dict[str, Any]:
    return {
        "object": "spa_booking_initiation",
        "session_id": one.id,
        "expires_at": seconds(one.expires),
        "services": [service_preview(named(books, Service, id_)) for id_ in one.service_ids],
        "provider_name": named(books, Provider, one.provider_id).name,
        **_when(one.starts),
        "copay_required": one.due == "COPAY",
        "copay_amount": one.copay_kobo,
        "credits_required": one.credits_required,
        "currency": CURRENCY,
        "created": seconds(one.created),
        "message": "The time is held for 15 minutes. " + _step_to_confirm(one),
    }


def booking(one: Booking, now: int, message: str = "") -> dict[str, Any]:
    status = bookings.status(one, now)
    of_class = one.type == "class"
    shown = {
        "object": "booking",
        "id": one.id,
        "status": status,
        "type": one.type,
        "class_name" if of_class else "service_name": one.title,
        "provider_name": one.provider_name,
        **_when(one.starts),
        "created": seconds(one.created),
        "message": message or STATUS_TOLD[status],
    }
    if of_class:
        shown["visits_deducted"] = one.payment.visits
    return shown


def cancelled(one: Booking, now: int) -> dict[str, Any]:
    refund = one.refund or Refund()
    returned = refund != Refund()
    message = "and what it took has returned" if returned else "and nothing returns"
    return {**booking(one, now, f"The booking was cancelled, {message}."), "refund": _refund(refund)}


def booking_status(one: Booking, now: int) -> dict[str, Any]:
    status = bookings.status(one, now)
    return {
        "object": "booking_status",
        "id": one.id,
        "status": status,
        "type": one.type,
        "scheduled_for": seconds(one.starts),
        "updated": seconds(bookings.updated(one, now)),
        "message": STATUS_TOLD[status],
    }


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "visits_restored": refund.visits_restored,
        "credits_refunded": refund.credits_refunded,
        "amount_refunded": refund.amount_kobo,
        "currency": CURRENCY,
    }


@lru_cache(maxsize=4096)  # a timetable has few moments, and every page tells them
def _when(starts: Millis) -> Mapping[str, Any]:
    """The same moment three times, so that they cannot disagree (CONV-6)."""
    return {"date": day_text(starts), "time": clock_time(starts), "scheduled_for": seconds(starts)}


def _step_to_confirm(one: BookingSession) -> str:
    return "Quote and buy the co-pay, then confirm." if one.due == "COPAY" else "Confirm to book it."
