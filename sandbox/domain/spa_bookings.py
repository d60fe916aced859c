"""Booking a spa: a session that holds a room, then the confirm that pays and books (BOOK-16, BOOK-21)."""

from dataclasses import dataclass

from msgspec.structs import replace

from sandbox.domain import copay, occasions, passes, sessions, spa, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import require_reach
from sandbox.domain.guests import Guest, guest_of
from sandbox.domain.occasions import Occasion
from sandbox.domain.records import (
    Booking,
    BookingSession,
    Client,
    Hold,
    IssuedPass,
    Payment,
    Provider,
    Service,
)
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named, require_own
from sandbox.domain.spa import Slot
from sandbox.domain.stays import TO_BUY, Stay


@dataclass(frozen=True, slots=True)
class SpaWish:
    provider_id: str
    service_ids: list[str]
    date: str
    time: str
    client_id: str
    first_name: str
    last_name: str
    user_pass_id: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """Who comes to which slot of a spa, and on what."""

    guest: Guest
    slot: Slot
    stay: Stay

    @property
    def occasion(self) -> Occasion:
        return Occasion(
            type="spa",
            provider=self.slot.provider,
            name=self.slot.title,
            starts=self.slot.starts,
            ends=self.slot.ends,
            service_ids=self.slot.service_ids,
        )


def treat(books: Books, guest: Guest, slot: Slot) -> Treatment:
    stay = Stay(
        client=guest.client,
        pass_=guest.pass_,
        package=passes.package_of(books, guest.pass_),
        provider=slot.provider,
        credit_cost=slot.credit_cost,
        service_ids=slot.service_ids,
    )
    return Treatment(guest, slot, stay)


def book(books: Books, caller: Caller, wish: SpaWish) -> BookingSession:
    """The first of two steps: it holds the room and says what the second will take."""
    provider = named(books, Provider, wish.provider_id)
    services = tuple(named(books, Service, service_id) for service_id in wish.service_ids)
    client = named(books, Client, wish.client_id)
    pass_ = named(books, IssuedPass, wish.user_pass_id)
    require_reach(books, caller, client)
    passes.require_held_by(caller, client, pass_)
    spa.require_spa(provider)
    spa.require_offered(provider, services)
    slot = Slot(provider, services, spa.moment(wish.date, wish.time))
    passes.require_active(pass_, books.now)
    spa.require_slot(books, slot, client.id)
    guest = Guest(caller.account_id, client, pass_, wish.first_name, wish.last_name)
    treatment = treat(books, guest, slot)
    stays.require_credits(books, treatment.stay)
    return _open_session(books, treatment)


def confirm(books: Books, caller: Caller, session_id: str) -> Booking:
    """The second step: takes the visit, the credits or the co-pay that was bought, and books."""
    session = sessions.of_path(books, session_id, "spa")
    require_own(caller, session)
    treatment = treat(books, guest_of(books, session), slot_of(books, session))
    sessions.require_open(books, session)
    passes.require_active(treatment.guest.pass_, books.now)
    spa.require_ahead(treatment.slot, books.now)
    require_cover(books, treatment.stay)
    stays.require_credits(books, treatment.stay)
    sessions.use_up(books, session)
    return occupy(books, treatment)


def slot_of(books: Books, made: BookingSession | Booking) -> Slot:
    services = tuple(named(books, Service, service_id) for service_id in made.service_ids)
    return Slot(named(books, Provider, made.provider_id), services, made.starts)


def require_cover(books: Books, stay: Stay) -> None:
    """BOOK-16: what the pass doesn't pay needs a co-pay in hand."""
    if stays.means(books, stay) in TO_BUY:
        message = (
            f"The pass '{stay.pass_.id}' does not pay for this at {stay.provider.name}, and the client holds "
            f"no unused co-pay for exactly these services. Ask POST /providers/{stay.provider.id}/"
            "spa-copay-quote for a price, buy the quote with POST /copay_purchases, then confirm again."
        )
        raise Refusal("copay_required", message, "BOOK-16")


def occupy(books: Books, treatment: Treatment, moved: Payment | None = None) -> Booking:
    """Take what pays, and the room: every check is behind us. `moved` is a co-pay that comes along."""
    guest, stay, occasion = treatment.guest, treatment.stay, treatment.occasion

    def pay(booking_id: str) -> Payment:
        if moved is not None:
            return stays.move_along(books, moved, booking_id)
        return stays.pay(books, stay, f"Booked: {occasion.title}", booking_id)

    booking = occasions.booking(books, guest, occasion, pay)
    spa.take_room(books, treatment.slot, guest.client.id, Hold(by=booking.id))
    return booking


def _open_session(books: Books, treatment: Treatment) -> BookingSession:
    """It holds the room until it lapses (BOOK-4)."""
    guest, slot, stay = treatment.guest, treatment.slot, treatment.stay
    due = stays.means(books, stay) in TO_BUY
    session = replace(
        occasions.session(books, guest, treatment.occasion),
        due="COPAY" if due else "NOTHING",
        copay_kobo=copay.spa_amount(slot.provider, slot.services, books.now) if due else 0,
        credits_required=stays.credits_due(books, stay) or 0,
    )
    books.put(session)
    spa.take_room(books, slot, guest.client.id, Hold(by=session.id, until=session.expires))
    return session
