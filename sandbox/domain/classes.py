"""Classes and their instances: when they run, what they cost, and who holds a seat."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from msgspec.structs import replace

from sandbox.domain.books import Books
from sandbox.domain.holds import take_over
from sandbox.domain.moments import DAY, clock_time, day_of, day_text, midnight
from sandbox.domain.providers import Point, distance_km
from sandbox.domain.records import BookingSession, Hold, Instance, Provider, StudioClass
from sandbox.domain.refusals import Refusal, does_not_fit

InstanceStatus: TypeAlias = Literal["SCHEDULED", "COMPLETED", "CANCELLED"]

DAYS_SHOWN, DAYS_AT_MOST = 14, 31  # BOOK-25


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list; None wants everything."""

    category: str | None = None
    provider_id: str | None = None

    def fits(self, class_: StudioClass) -> bool:
        return self.category in (None, class_.category) and self.provider_id in (None, class_.provider_id)


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included."""

    first: date
    last: date


def nearest_first(books: Books, here: Point) -> list[StudioClass]:
    """All classes, those of the nearest provider first, ties by id (PAGE-11)."""
    away = {provider.id: distance_km(here, provider) for provider in books.rising(Provider)}
    return sorted(books.rising(StudioClass), key=lambda class_: (away[class_.provider_id], class_.id))


def status(instance: Instance, now: int) -> InstanceStatus:
    if instance.cancelled is not None:
        return "CANCELLED"
    return "COMPLETED" if now >= instance.ends else "SCHEDULED"


def credit_cost(instance: Instance, class_: StudioClass) -> int | None:
    """The class's price in credits, or this one session's own (CRED-3)."""
    return class_.credit_cost if instance.credit_cost is None else instance.credit_cost


def spots_left(instance: Instance, now: int) -> int:
    """Capacity less bookings and open sessions (BOOK-25)."""
    return max(instance.capacity - instance.taken_elsewhere - len(_seats(instance, now)), 0)


def timetable(books: Books, class_: StudioClass, days: Days) -> list[Instance]:
    """The instances from one day to another, both included, in time order (BOOK-25)."""
    return list(books.between(Instance, class_.id, midnight(days.first), midnight(days.last) + DAY))


def days(books: Books, first: str | None, last: str | None) -> Days:
    """What a request's `from` and `to` ask for: from today, two weeks, a month at most (BOOK-25)."""
    from_ = day_of(books.now) if first is None else day(first, "query.from")
    shown = timedelta(days=DAYS_SHOWN - 1)
    to = min(from_, date.max - shown) + shown if last is None else day(last, "query.to")
    if not 0 <= (to - from_).days < DAYS_AT_MOST:
        message = (
            f"query: from {from_} to {to} is {(to - from_).days + 1} days. "
            f"Ask for 1 to {DAYS_AT_MOST} days, both ends included, `from` not after `to`."
        )
        raise does_not_fit(message, "BOOK-25")
    return Days(from_, to)


def day(text: str, where: str) -> date:
    """A day as a request writes it; the calendar knows more than a pattern does."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{where}: '{text}' is not a day of the calendar. Write YYYY-MM-DD, like 2026-05-19."
        raise does_not_fit(message, "CONV-6") from None


def require_seat(instance: Instance, client_id: str, now: int) -> None:
    """Begun, then already held, then full (ERR-8). The client's own open session is no obstacle (BOOK-18)."""
    require_running(instance, now)
    seats = _seats(instance, now)
    mine = seats.pop(client_id, None)
    if mine is not None and mine.until is None:
        # Which booking it is stays untold: another reseller may have made it.
        message = (
            f"The client '{client_id}' already holds a seat of the instance '{instance.id}'. "
            "One seat each: book another instance, or cancel the booking first if it is yours."
        )
        raise Refusal("slot_unavailable", message, "BOOK-13")
    if instance.taken_elsewhere + len(seats) >= instance.capacity:
        message = (
            f"The instance '{instance.id}' of {day_text(instance.starts)} {clock_time(instance.starts)} "
            f"is full: all {instance.capacity} seats are taken. Choose another from GET /classes/"
            f"{instance.class_id}, where spots_left is more than 0."
        )
        raise Refusal("class_full", message, "BOOK-5")


def require_running(instance: Instance, now: int) -> None:
    """It has not begun (BOOK-14), and the studio has not cancelled it (BOOK-26)."""
    if now >= instance.starts:
        message = (
            f"The instance '{instance.id}' began on {day_text(instance.starts)} at "
            f"{clock_time(instance.starts)}. Choose one that lies ahead."
        )
        raise Refusal("class_started", message, "BOOK-14")
    if instance.cancelled is not None:
        message = f"The studio cancelled the instance '{instance.id}'. Choose another one of the class."
        raise Refusal("slot_unavailable", message, "BOOK-26")


def holds_seat(instance: Instance, session: BookingSession) -> bool:
    """A seat once given away stays so, even if the clock is turned back to when the session lived."""
    hold = instance.seats.get(session.client_id)
    return hold is not None and hold.by == session.id


def take_seat(books: Books, instance: Instance, client_id: str, hold: Hold) -> None:
    """The client's one seat, taken over from an earlier session of hers if there was one (BOOK-18)."""
    take_over(books, instance.seats.get(client_id))
    books.put(replace(instance, seats=_seats(instance, books.now) | {client_id: hold}))


def free_seat(books: Books, instance: Instance, client_id: str) -> None:
    seats = _seats(instance, books.now)
    seats.pop(client_id, None)
    books.put(replace(instance, seats=seats))


def swept(instance: Instance, now: int) -> Instance:
    """Without the holds of lapsed sessions: a clock turned back must not bring them into a smaller room."""
    return replace(instance, seats=_seats(instance, now))


def _seats(instance: Instance, now: int) -> dict[str, Hold]:
    """Who sits or may still sit: holds of lapsed sessions are gone by themselves."""
    return {client: hold for client, hold in instance.seats.items() if hold.alive(now)}
