"""What a walk believes: a few dictionaries that play the part of the whole API.

The model knows classes, credits and cancellations, and is told nothing but what the walk itself did. Whatever
the target says that the model does not is a finding; a walk ends there, for from then on it knows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from contract_tests.given import Client
from contract_tests.stock import Seat

ALIVE = ("PENDING", "CONFIRMED")


@dataclass(slots=True)
class Person:
    client: Client
    active: bool = True
    balance: int = 0
    bookings: list[Held] = field(default_factory=list)

    def holds(self, seat: Seat) -> bool:
        return any(held.alive and held.seat.id == seat.id for held in self.bookings)


@dataclass(slots=True)
class Held:
    id: str
    seat: Seat
    paid: int
    status: str = "ALIVE"

    @property
    def alive(self) -> bool:
        return self.status == "ALIVE"

    def agrees(self, told: str) -> bool:
        return told in ALIVE if self.alive else told == self.status


@dataclass(slots=True)
class Model:
    people: list[Person] = field(default_factory=list)
    spots: dict[str, int] = field(default_factory=dict)

    def booking(self, person: Person, seat: Seat) -> tuple[int, str | None]:
        """How asking for this seat must end, in the order of ERR-8."""
        if not person.active:
            return 409, "pass_not_active"
        if person.holds(seat):
            return 409, "slot_unavailable"
        if self.spots[seat.id] < 1:
            return 409, "class_full"
        if person.balance < price(seat):
            return 400, "validation_error"
        return 201, None

    def booked(self, person: Person, seat: Seat, booking: str) -> None:
        person.bookings.append(Held(booking, seat, price(seat)))
        person.balance -= price(seat)
        self.spots[seat.id] -= 1

    def cancelling(self, held: Held) -> tuple[int, str | None]:
        ends = {"CANCELLED": "already_cancelled", "RESCHEDULED": "booking_closed"}
        return (200, None) if held.alive else (409, ends[held.status])

    def cancelled(self, person: Person, held: Held) -> None:
        held.status = "CANCELLED"
        self._returned(person, held)

    def moving(self, person: Person, held: Held, to: Seat) -> tuple[int, str | None]:
        if not held.alive:
            return self.cancelling(held)
        if not person.active:
            return 409, "pass_not_active"
        if person.holds(to):
            return 409, "slot_unavailable"
        if self.spots[to.id] < 1:
            return 409, "class_full"
        if person.balance + held.paid < price(to):
            return 400, "validation_error"
        return 201, None

    def moved(self, person: Person, held: Held, to: Seat, booking: str) -> None:
        held.status = "RESCHEDULED"
        self._returned(person, held)
        self.booked(person, to, booking)

    def _returned(self, person: Person, held: Held) -> None:
        person.balance += held.paid
        self.spots[held.seat.id] += 1


def price(seat: Seat) -> int:
    return int(seat.instance.get("credit_cost") or 0)
