"""Occasions: what a guest comes to, a class or a slot at a spa, and how it is entered in the books."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.domain import sessions
from sandbox.domain.books import Books
from sandbox.domain.guests import Guest
from sandbox.domain.moments import Millis, clock_time, day_text
from sandbox.domain.records import Booking, BookingSession, Payment, Provider


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where and when: a booking shows it, and so does the session that comes before one."""

    type: Literal["class", "spa"]
    provider: Provider
    name: str  # of the class, or of the services
    starts: Millis
    ends: Millis
    class_id: str = ""
    instance_id: str = ""
    service_ids: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.name}, {day_text(self.starts)} {clock_time(self.starts)}"


def booking(books: Books, guest: Guest, occasion: Occasion, pay: Callable[[str], Payment]) -> Booking:
    """A booking, paid. `pay` is told its id: a spa's co-pay is spent on one booking (COPAY-6)."""
    id_, nth = books.name(Booking, guest.shelf)
    booked = Booking(
        id=id_,
        nth=nth,
        created=books.now,
        owner=guest.owner,
        client_id=guest.client.id,
        first_name=guest.first_name,
        last_name=guest.last_name,
        type=occasion.type,
        provider_id=occasion.provider.id,
        provider_name=occasion.provider.name,
        title=occasion.name,
        class_id=occasion.class_id,
        instance_id=occasion.instance_id,
        service_ids=occasion.service_ids,
        pass_id=guest.pass_.id,
        starts=occasion.starts,
        ends=occasion.ends,
        payment=pay(id_),
    )
    books.put(booked)
    return booked


def session(books: Books, guest: Guest, occasion: Occasion) -> BookingSession:
    """A session that asks for nothing yet; whoever opens it adds what is due, and writes it down."""
    id_, nth = books.name(BookingSession, guest.client.id)
    return BookingSession(
        id=id_,
        nth=nth,
        created=books.now,
        owner=guest.owner,
        opens=occasion.type,
        client_id=guest.client.id,
        first_name=guest.first_name,
        last_name=guest.last_name,
        pass_id=guest.pass_.id,
        provider_id=occasion.provider.id,
        class_id=occasion.class_id,
        instance_id=occasion.instance_id,
        starts=occasion.starts,
        service_ids=occasion.service_ids,
        expires=sessions.end(occasion.type, books.now),
    )
