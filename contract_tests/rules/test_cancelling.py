"""Cancelling and moving bookings: what returns, what does not, and what is closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contract_tests.api import Api
from contract_tests.given import Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import ROOMY, Seat, Thing, covers
from contract_tests.verdict import Blocked

SIX_HOURS = 6 * 3_600_000


def another(given: Given, seat: Seat, *, priced: bool = False, other_gym: bool = False) -> Seat:
    """A second class at the same gym, or at another one."""
    where = "another gym" if other_gym else "the same gym"

    def fits(gym: Thing) -> bool:
        return (gym["id"] != seat.gym["id"]) is other_gym

    for spots_left in (ROOMY, 1):
        for found in given.stock.seats(fits, priced=priced, spots=spots_left):
            if found.id != seat.id:
                return found
    raise Blocked(f"the target's inventory has no second class at {where}")


@requirement("BOOK-11.1", "BOOK-11.2", "BOOK-11.5")
def test_cancelling_twice_is_refused(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider(priced=True)
    before = given.with_credits(client, int(seat.instance["credit_cost"]))
    booking = given.booking(client, seat)
    api.cancel_booking(booking).given("cancel a booking")
    left = given.spots_left(seat)
    second = api.cancel_booking(booking)
    with judging("BOOK-11.1"):
        second.refused(409, kind="resource_conflict_error")
    with judging("BOOK-11.2"):
        second.refused(409, "already_cancelled")
    with judging("BOOK-11.5"):
        agree("balance after the second", given.credits(client), before)
        agree("spots_left after the second", given.spots_left(seat), left)


@requirement("BOOK-10.4", "BOOK-10.5", "BOOK-23.3")
def test_late_is_less_than_six_hours(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.insider(hours=12)
    early, late = lab.given.client(client.package), lab.given.client(client.package)
    first, second = lab.given.booking(early, seat), lab.given.booking(late, seat)
    with judging("BOOK-10.5"):
        lab.world.set(seat.starts * 1000 - SIX_HOURS)
        answer = lab.api.cancel_booking(first)
        agree("visits_restored six hours before", answer["refund"]["visits_restored"], 1, answer)
    lab.world.set(seat.starts * 1000 - SIX_HOURS + 1000)
    answer = lab.api.cancel_booking(second)
    with judging("BOOK-10.4"):
        agree("visits_restored a second later", answer["refund"]["visits_restored"], 0, answer)
        agree("status", answer["status"], "CANCELLED", answer)
    with judging("BOOK-23.3"):
        refund = answer["refund"]
        sums = [refund[name] for name in ("visits_restored", "credits_refunded", "amount_refunded")]
        agree("the refund of a late cancel", sums, [0, 0, 0], answer)


@requirement("BOOK-10.3", "CRED-8.1", "CRED-6.1")
def test_credits_are_spent_and_returned_lot_by_lot(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, seat = given.insider(priced=True, hours=60)
    cost = int(seat.instance["credit_cost"])
    short, long = lab.now_ms() + 86_400_000, lab.now_ms() + 40 * 86_400_000
    for amount, end in ((cost + 2, long), (cost, short)):
        lab.world.adjust(client.id, amount=amount, reason="a lot of its own", expires_at=_rfc(end))
    booking = given.booking(client, seat)
    with judging("CRED-6.1"):
        lab.world.set(short)
        agree("balance when the sooner lot has lapsed", given.credits(client), cost + 2)
    before = len(lab.api.get_client_credits(client.id)["transactions"])
    cancelled = lab.api.cancel_booking(booking)
    ledger = lab.api.get_client_credits(client.id)
    with judging("BOOK-10.3"):
        cancelled.ok()
        agree("balance after returning to a lapsed lot", ledger["balance"], cost + 2, ledger)
    with judging("CRED-8.1"):
        fresh = len(ledger["transactions"]) - before
        newest = [(line["type"], line["amount"]) for line in ledger["transactions"][:fresh]]
        agree("the newest two lines", sorted(newest), [("CREDIT", cost), ("DEBIT", cost)], ledger)


def _rfc(ms: int) -> str:
    return (
        dt.datetime.fromtimestamp(ms / 1000, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


@requirement("BOOK-12.1", "BOOK-12.2", "BOOK-12.4", "BOOK-11.3")
def test_a_booking_moves_in_one_step(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    target = another(given, seat)
    old_spots, new_spots = given.spots_left(seat), given.spots_left(target)
    booking = given.booking(client, seat)
    moved = api.reschedule_booking(booking, class_instance_id=target.id)
    given.remember(moved)
    with judging("BOOK-12.1"):
        must(moved["id"] != booking, "a new booking", moved["id"], moved)
        agree("scheduled_for", moved["scheduled_for"], target.starts, moved)
        agree("spots_left of the new", given.spots_left(target), new_spots - 1)
    with judging("BOOK-12.2"):
        agree("status of the original", api.get_booking_status(booking)["status"], "RESCHEDULED")
        agree("spots_left of the original", given.spots_left(seat), old_spots)
    with judging("BOOK-12.4"):
        listed = api.list_client_bookings(client.id)
        agree("bookings, the newest first", listed.ids, [moved["id"], booking], listed)
    with judging("BOOK-11.3"):
        api.cancel_booking(booking).refused(409, "booking_closed")


@requirement("BOOK-12.3", "BOOK-24.3", "BOOK-24.4", "BOOK-24.8")
def test_a_refused_move_changes_nothing(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    before = given.spots_left(seat)
    with judging("BOOK-24.3"):
        elsewhere = another(given, seat, other_gym=True)
        api.reschedule_booking(booking, class_instance_id=elsewhere.id).refused(400, "validation_error")
    with judging("BOOK-24.4"):
        api.reschedule_booking(booking, class_instance_id=seat.id).refused(409, "slot_unavailable")
    with judging("BOOK-12.3"):
        agree("bookings", api.list_client_bookings(client.id).ids, [booking])
        status = api.get_booking_status(booking)
        must(status["status"] in ("PENDING", "CONFIRMED"), "the booking as it was", status["status"], status)
        agree("spots_left", given.spots_left(seat), before)
    with judging("BOOK-24.8"):
        full, package, _, _ = given.full()
        mover = given.client(package)
        held = given.booking(mover, another(given, full))
        api.reschedule_booking(held, class_instance_id=full.id).refused(409, "class_full")


@requirement("BOOK-24.1")
def test_a_cancelled_booking_does_not_move(api: Api, given: Given) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    api.cancel_booking(booking).given("cancel a booking")
    target = another(given, seat)
    api.reschedule_booking(booking, class_instance_id=target.id).refused(409, "already_cancelled")


@requirement("BOOK-24.2", "BOOK-23.4")
def test_shortly_before_its_start_nothing_moves(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.insider(hours=12)
    target = next(
        (s for s in lab.given.stock.seats(lambda g: g["id"] == seat.gym["id"]) if s.starts > seat.starts),
        None,
    )
    if target is None:
        raise Blocked("the target's inventory has no later class at the same gym")
    booking = lab.given.booking(client, seat)
    other = lab.given.booking(lab.given.client(client.package), seat)
    with judging("BOOK-24.2"):
        lab.world.set(seat.starts * 1000 - SIX_HOURS + 1000)
        lab.api.reschedule_booking(other, class_instance_id=target.id).refused(409, "booking_closed")
    with judging("BOOK-23.4"):
        lab.world.set(seat.starts * 1000)
        lab.api.reschedule_booking(booking, class_instance_id=target.id).refused(409, "booking_closed")


@requirement("BOOK-24.5")
def test_moving_returns_the_old_price_and_takes_the_new(api: Api, given: Given) -> None:
    package = given.ample("GYM")
    seat, target = _two_prices(given, package)
    cost, new = (int(s.instance.get("credit_cost") or 0) for s in (seat, target))
    client = given.client(package)
    before = given.with_credits(client, max(cost, new))
    booking = given.booking(client, seat)
    moved = api.reschedule_booking(booking, class_instance_id=target.id)
    given.remember(moved)
    moved.ok()
    agree(f"balance after moving from {cost} to {new} credits", given.credits(client), before - new)


def _two_prices(given: Given, package: Thing) -> tuple[Seat, Seat]:
    """Two classes at one gym, the first priced in credits, the second priced otherwise."""
    there: dict[str, list[Seat]] = {}
    for seat in given.stock.seats(lambda gym: covers(package, gym), priced=None):
        kept = there.setdefault(str(seat.gym["id"]), [])
        kept.append(seat)
        cost = seat.instance.get("credit_cost")
        for other in kept:
            if other.instance.get("credit_cost") != cost:
                return (seat, other) if cost else (other, seat)
    raise Blocked("the target's inventory has no gym with two classes of different prices in credits")


@requirement("BOOK-9.4")
def test_a_late_cancellation_frees_the_seat_too(lab: Lab) -> None:
    seat, package, _, booking = lab.given.full()
    lab.world.set(seat.starts * 1000 - SIX_HOURS // 2)
    lab.api.cancel_booking(booking).given("cancel a booking")
    agree("spots_left after a late cancellation", lab.given.spots_left(seat), 1)
    booked = lab.given.book(lab.given.client(package), seat)
    must("booking_id" in booked.ok(), "the freed seat to be booked", booked.in_words(), booked)
