"""A random walk with a model as its oracle: what nobody thought of testing one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contract_tests.api import Answer
from contract_tests.given import Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Run
from contract_tests.stock import Seat, covers
from contract_tests.verdict import Blocked, Broken
from contract_tests.walk.model import Held, Model, Person, price

WALKS, STEPS = 3, 160
AGAIN = 0.3  # how often the booking that was touched last is touched next: states break there
ALIVE = 0.7  # how often it is one that can still be cancelled and moved, otherwise
MOST_PEOPLE = 4
ACTIONS = ("book",) * 7 + ("cancel",) * 4 + ("move",) * 3 + ("buy",) * 2 + ("enrol",) * 2 + ("resign",)


class Walker:
    def __init__(self, run: Run, number: int) -> None:
        self.run, self.rng = run, run.rng(f"walk {number}")
        desk = run.desk()
        self.given: Given = desk.given
        self.alone = desk.world is not None  # in a world of our own nobody else books
        self.model = Model()
        self.touched: tuple[Person, Held] | None = None
        self.package = self.given.unlimited("GYM")
        self.seats = self._two_gyms()
        for seat in self.seats:
            self.model.spots[seat.id] = self.given.spots_left(seat)

    def _two_gyms(self) -> list[Seat]:
        """A handful of classes, priced and not, at gyms with several of them: moves stay within a gym."""
        there: dict[str, list[Seat]] = {}
        for seat in itertools.islice(
            self.given.stock.seats(lambda g: covers(self.package, g), priced=None), 150
        ):
            there.setdefault(str(seat.gym["id"]), []).append(seat)
        many = sorted(there.values(), key=lambda seats: (-len({price(s) for s in seats}), -len(seats)))
        chosen = [seat for seats in many[:2] for seat in _mixed(seats)[:4]]
        if len(chosen) < 4:
            raise Blocked("the target's inventory has no two gyms with several bookable classes")
        return chosen

    # the steps

    def step(self) -> None:
        action = self.rng.choice(ACTIONS)
        if not self.model.people or (action == "enrol" and self._active() < MOST_PEOPLE):
            self.model.people.append(Person(self.given.client(self.package)))
            return
        person = self.rng.choice(self.model.people)
        if action in ("cancel", "move") and person.bookings:
            person, held = self.touched = self._touched_next(person)
            self.cancel(person, held) if action == "cancel" else self.move(person, held)
        elif action == "buy" and person.active:
            self.buy(person)
        elif action == "resign" and self.rng.random() < 0.3:
            self.resign(person)
        else:
            self.book(person)
        self.look(person)

    def _active(self) -> int:
        return sum(person.active for person in self.model.people)

    def _touched_next(self, person: Person) -> tuple[Person, Held]:
        if self.touched is not None and self.rng.random() < AGAIN:
            return self.touched
        alive = [held for held in person.bookings if held.alive and self.rng.random() < ALIVE]
        return person, self.rng.choice(alive or person.bookings)

    def book(self, person: Person) -> None:
        seat = self.rng.choice(self.seats)
        expected = self.model.booking(person, seat)
        answer = self.given.book(person.client, seat)
        if self._ended(answer, expected, f"book_class by one with {person.balance} credits"):
            self.model.booked(person, seat, answer["booking_id"])

    def cancel(self, person: Person, held: Held) -> None:
        answer = self.given.api.cancel_booking(held.id)
        if self._ended(answer, self.model.cancelling(held), f"cancel_booking of one {held.status}"):
            self.model.cancelled(person, held)

    def move(self, person: Person, held: Held) -> None:
        choices = [s for s in self.seats if s.gym["id"] == held.seat.gym["id"]]
        to = self.rng.choice(choices)
        expected = self.model.moving(person, held, to)
        answer = self.given.api.reschedule_booking(held.id, class_instance_id=to.id)
        self.given.remember(answer)
        if self._ended(answer, expected, f"reschedule_booking of one {held.status}"):
            self.model.moved(person, held, to, answer["id"])

    def buy(self, person: Person) -> None:
        package = self.rng.choice(self.given.stock.all("list_credit_packages"))
        answer = self.given.api.purchase_credits(client_id=person.client.id, package_id=package["id"])
        if self._ended(answer, (201, None), "purchase_credits"):
            person.balance += package["credits"] + package["bonus_credits"]

    def resign(self, person: Person) -> None:
        expected = (200, None) if person.active else (409, "pass_not_active")
        answer = self.given.api.update_issued_pass(person.client.pass_id, status="CANCELLED")
        if self._ended(answer, expected, "update_issued_pass to CANCELLED"):
            person.active = False

    def _ended(self, answer: Answer, expected: tuple[int, str | None], what: str) -> bool:
        """Did the step end as the rules say, and did it take effect?"""
        status, code = expected
        if answer.status != status or (code and answer.error.get("code") != code):
            told = f"{what} to end with {status} {code or ''}".rstrip()
            raise Off("WALK-1.5", answer.broken(told))
        self.refused = not answer.succeeded
        return answer.succeeded

    # what the target says afterwards

    refused = False

    def look(self, person: Person) -> None:
        """Everything the step could have touched, as the target now tells it."""
        rule = "WALK-1.4" if self.refused else None
        with _off(rule or "WALK-1.1"):
            agree("balance", self.given.credits(person.client), person.balance)
        listed = self.given.api.list_client_bookings(person.client.id, limit=100)
        with _off(rule or "WALK-1.2"):
            told = {booking["id"]: booking["status"] for booking in listed.data}
            agree("bookings", sorted(told), sorted(held.id for held in person.bookings), listed)
            for held in person.bookings:
                must(held.agrees(told[held.id]), f"{held.id} to be {held.status}", told[held.id], listed)
        for seat in {held.seat.id: held.seat for held in person.bookings[-2:]}.values():
            with _off(rule or "WALK-1.3"):
                self._spots(seat)

    def _spots(self, seat: Seat) -> None:
        instance = self.given.stock.instance(seat)
        left, capacity = instance["spots_left"], instance["capacity"]
        must(0 <= left <= capacity, f"spots_left of 0 to {capacity}", left)
        if self.alone:
            agree(f"spots_left of {seat.id}", left, self.model.spots[seat.id])


def _mixed(seats: list[Seat]) -> list[Seat]:
    """Cheap and dear ones in turn."""
    ordered = sorted(seats, key=price)
    return [s for pair in zip(ordered, reversed(ordered), strict=True) for s in pair][: len(ordered)]


class Off(Exception):
    """The target and the model part here."""

    def __init__(self, requirement: str, broken: Broken) -> None:
        super().__init__(str(broken))
        self.requirement, self.broken = requirement, broken


@contextmanager
def _off(requirement: str) -> Iterator[None]:
    try:
        yield
    except Broken as broken:
        raise Off(requirement, broken) from broken


@requirement("WALK-1.1", "WALK-1.2", "WALK-1.3", "WALK-1.4", "WALK-1.5")
@pytest.mark.parametrize("number", range(WALKS))
def test_a_walk_ends_where_the_model_does(run: Run, number: int) -> None:
    walker = Walker(run, number)
    for step in range(STEPS):
        try:
            walker.step()
        except Off as off:
            sentence = f"step {step} of walk {number} (seed {run.options.seed}): {off.broken}"
            run.ledger.broke(off.requirement, sentence, off.broken.exchange)
            return
