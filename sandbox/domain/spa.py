"""Spas: opening hours, rooms, and which slots are free (BOOK-15, BOOK-22)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from sandbox.domain.books import Books
from sandbox.domain.classes import day
from sandbox.domain.holds import take_over
from sandbox.domain.moments import MINUTE, Millis, clock_time, day_of, day_text, moment_at
from sandbox.domain.records import Appointment, BookingSession, Hold, Provider, Service, SpaDay
from sandbox.domain.refusals import Refusal, does_not_fit

OPENS_HOUR, CLOSES_HOUR = 9, 21
STEP = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Slot:
    """Services at a spa, from a moment on."""

    provider: Provider
    services: tuple[Service, ...]
    starts: Millis

    @property
    def ends(self) -> Millis:
        return Millis(self.starts + span(self.services))

    @property
    def title(self) -> str:
        return ", ".join(service.name for service in self.services)

    @property
    def service_ids(self) -> tuple[str, ...]:
        return tuple(service.id for service in self.services)

    @property
    def credit_cost(self) -> int | None:
        return credit_cost(self.services)


def credit_cost(services: Iterable[Service]) -> int | None:
    """The sum of the services' prices in credits; None where none has one (BOOK-21)."""
    costs = [service.credit_cost for service in services if service.credit_cost is not None]
    return sum(costs) if costs else None


def span(services: Iterable[Service]) -> int:
    """A slot takes the sum of its services' minutes (BOOK-15)."""
    return sum(service.duration_minutes for service in services) * MINUTE


def moment(date_text: str, time_text: str) -> Millis:
    hour, minute = time_text.split(":")
    return moment_at(day(date_text, "body.date"), int(hour), int(minute))


def require_spa(provider: Provider) -> None:
    if provider.category != "SPA":
        raise does_not_fit(f"The provider '{provider.id}' is a GYM, and this is for a SPA. Name a spa.")


def require_offered(provider: Provider, services: Iterable[Service]) -> None:
    for service in services:
        if service.provider_id != provider.id:
            message = (
                f"The service '{service.id}' is offered by '{service.provider_id}', not by '{provider.id}'. "
                f"GET /providers/{provider.id}/services lists what is."
            )
            raise does_not_fit(message)


# --- which slots are free -------------------------------------------------------------------


def slots(
    books: Books, provider: Provider, services: Sequence[Service], on: date
) -> list[tuple[Millis, bool]]:
    """Every half hour from which the services end by closing, and whether it is free (BOOK-22).

    `services` are those asked for; none means the spa's shortest.
    """
    chosen = tuple(services) or _shortest(books, provider)
    taken = _living(books, provider.id, on)
    every = [Slot(provider, chosen, starts) for starts in _grid(on, span(chosen))]
    return [(slot.starts, slot.starts > books.now and _has_room(slot, taken)) for slot in every]


def require_slot(books: Books, slot: Slot, client_id: str, leaving: str = "") -> None:
    """What `slots` shows as free, and no other time.

    A room this client's own open session holds for the same start is hers to take over (BOOK-18),
    and so is the room of the booking she is `leaving` (BOOK-24).
    """
    require_ahead(slot, books.now)
    on = day_of(slot.starts)
    if slot.starts not in _grid(on, span(slot.services)):
        when = f"{day_text(slot.starts)} {clock_time(slot.starts)}"
        hours = f"{OPENS_HOUR:02}:00 and end by {CLOSES_HOUR}:00"
        raise _unavailable(slot, f"{when} is no slot; they start every half hour from {hours}")
    others = [
        one
        for one in _living(books, slot.provider.id, on)
        if one.hold.by != leaving and not _own_session(one, client_id, slot.starts)
    ]
    if not _has_room(slot, others):
        raise _unavailable(slot, f"no room is free on {day_text(slot.starts)} at {clock_time(slot.starts)}")


def require_ahead(slot: Slot, now: int) -> None:
    """Any time past is no slot (BOOK-22)."""
    if slot.starts <= now:
        raise _unavailable(slot, "that time has passed")


# --- rooms ----------------------------------------------------------------------------------


def take_room(books: Books, slot: Slot, client_id: str, hold: Hold) -> None:
    """A room for these services, taken over from an earlier session of hers for the same start (BOOK-18)."""
    on = day_of(slot.starts)
    living = _living(books, slot.provider.id, on)
    earlier = [one for one in living if _own_session(one, client_id, slot.starts)]
    others = tuple(one for one in living if one not in earlier)
    for one in earlier:
        take_over(books, one.hold)
    mine = Appointment(client_id=client_id, starts=slot.starts, ends=slot.ends, hold=hold)
    _write(books, slot.provider.id, on, (*others, mine))


def free_room(books: Books, provider_id: str, starts: int, by: str) -> None:
    on = day_of(starts)
    others = tuple(one for one in _living(books, provider_id, on) if one.hold.by != by)
    _write(books, provider_id, on, others)


def holds_room(books: Books, session: BookingSession) -> bool:
    """A room once given away stays so, even if the clock is turned back to when the session lived."""
    taken = _living(books, session.provider_id, day_of(session.starts))
    return any(one.hold.by == session.id for one in taken)


def _living(books: Books, provider_id: str, on: date) -> tuple[Appointment, ...]:
    """The day's appointments; those of lapsed sessions are gone by themselves."""
    found = books.find(SpaDay, f"{provider_id}:{on.isoformat()}")
    return tuple(one for one in found.appointments if one.hold.alive(books.now)) if found else ()


def _write(books: Books, provider_id: str, on: date, appointments: tuple[Appointment, ...]) -> None:
    id_ = f"{provider_id}:{on.isoformat()}"
    found = books.find(SpaDay, id_) or SpaDay(id=id_, created=books.now)
    books.put(replace(found, appointments=appointments))


def _own_session(one: Appointment, client_id: str, starts: int) -> bool:
    return one.hold.until is not None and one.client_id == client_id and one.starts == starts


def _has_room(slot: Slot, taken: Iterable[Appointment]) -> bool:
    """At no moment of the slot are all rooms taken. The number taken only rises where one begins."""
    overlapping = [one for one in taken if one.starts < slot.ends and slot.starts < one.ends]
    moments = [slot.starts, *(one.starts for one in overlapping if one.starts > slot.starts)]
    busiest = max(sum(one.starts <= moment < one.ends for one in overlapping) for moment in moments)
    return busiest < slot.provider.rooms


def _grid(on: date, length: int) -> list[Millis]:
    opens, closes = moment_at(on, OPENS_HOUR), moment_at(on, CLOSES_HOUR)
    return [Millis(start) for start in range(opens, closes - length + 1, STEP)] if length else []


def _shortest(books: Books, provider: Provider) -> tuple[Service, ...]:
    offered = books.rising(Service, provider.id)
    shortest = min(offered, key=lambda service: service.duration_minutes, default=None)
    return () if shortest is None else (shortest,)


def _unavailable(slot: Slot, why: str) -> Refusal:
    message = (
        f"At {slot.provider.name}, {why}. "
        f"Choose a time that GET /providers/{slot.provider.id}/availability shows as available."
    )
    return Refusal("slot_unavailable", message, "BOOK-22")
