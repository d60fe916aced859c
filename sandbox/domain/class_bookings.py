"""Booking a class: at once where something pays, else through a session that sells what is missing."""

from dataclasses import dataclass, replace

import msgspec.structs

from sandbox.domain import classes, occasions, passes, sales, sessions, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import require_reach
from sandbox.domain.guests import Guest, guest_of
from sandbox.domain.occasions import Occasion
from sandbox.domain.records import (
    Booking,
    BookingSession,
    Client,
    CopayOption,
    Hold,
    Instance,
    IssuedPass,
    Payment,
    Provider,
    StudioClass,
)
from sandbox.domain.resources import named
from sandbox.domain.sales import Order
from sandbox.domain.stays import TO_BUY, Stay


@dataclass(frozen=True, slots=True)
class ClassWish:
    class_instance_id: str
    client_id: str
    first_name: str
    last_name: str
    user_pass_id: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who comes to which instance of a class, and on what."""

    guest: Guest
    instance: Instance
    class_: StudioClass
    stay: Stay

    @property
    def occasion(self) -> Occasion:
        return Occasion(
            type="class",
            provider=self.stay.provider,
            name=self.class_.name,
            starts=self.instance.starts,
            ends=self.instance.ends,
            class_id=self.class_.id,
            instance_id=self.instance.id,
        )


def attend(books: Books, guest: Guest, instance: Instance) -> Attendance:
    class_ = named(books, StudioClass, instance.class_id)
    stay = Stay(
        client=guest.client,
        pass_=guest.pass_,
        package=passes.package_of(books, guest.pass_),
        provider=named(books, Provider, class_.provider_id),
        credit_cost=classes.credit_cost(instance, class_),
    )
    return Attendance(guest, instance, class_, stay)


def book(books: Books, caller: Caller, wish: ClassWish) -> Booking | BookingSession:
    """Booked at once if something pays; else a session that says what is to be bought (BOOK-1)."""
    instance = named(books, Instance, wish.class_instance_id)
    client = named(books, Client, wish.client_id)
    pass_ = named(books, IssuedPass, wish.user_pass_id)
    require_reach(books, caller, client)
    passes.require_held_by(caller, client, pass_)
    passes.require_active(pass_, books.now)
    classes.require_seat(instance, client.id, books.now)
    guest = Guest(caller.account_id, client, pass_, wish.first_name, wish.last_name)
    attendance = attend(books, guest, instance)
    how = stays.means(books, attendance.stay)
    options = stays.copay_options(books, attendance.stay, how)
    stays.require_credits(books, attendance.stay)
    if how in TO_BUY:
        return _open_session(books, attendance, options)
    return seat(books, attendance)


def confirm(books: Books, caller: Caller, session_id: str, order: Order) -> Booking:
    """Sell what is still due, and book. Everything is looked at afresh, but not the seat (BOOK-17)."""
    session = sessions.of_path(books, session_id, "class")
    instance = named(books, Instance, session.instance_id)
    attendance = attend(books, guest_of(books, session), instance)
    sales.require_fitting(books, caller, session, attendance.stay, order)
    sessions.require_open(books, session)
    sales.require_complete(stays.means(books, attendance.stay), order)
    passes.require_active(attendance.guest.pass_, books.now)
    classes.require_running(instance, books.now)
    stays.require_credits(books, attendance.stay)
    paid_up = sales.sell(books, session.owner, attendance.stay, order)
    sessions.use_up(books, session)
    return seat(books, replace(attendance, stay=paid_up))


def seat(books: Books, attendance: Attendance) -> Booking:
    """Take what pays, and the seat. Every check is behind us."""
    guest, stay, occasion = attendance.guest, attendance.stay, attendance.occasion

    def pay(_booking_id: str) -> Payment:
        return stays.pay(books, stay, f"Booked: {occasion.title}")

    booking = occasions.booking(books, guest, occasion, pay)
    classes.take_seat(books, attendance.instance, guest.client.id, Hold(by=booking.id))
    return booking


def _open_session(books: Books, attendance: Attendance, options: list[CopayOption]) -> BookingSession:
    """It holds the seat until it lapses (BOOK-4)."""
    guest = attendance.guest
    session = msgspec.structs.replace(
        occasions.session(books, guest, attendance.occasion),
        due="COPAY" if options else "VISITS",
        option_ids=tuple(option.id for option in options),
    )
    books.put(session)
    hold = Hold(by=session.id, until=session.expires)
    classes.take_seat(books, attendance.instance, guest.client.id, hold)
    return session
