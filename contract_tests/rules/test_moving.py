"""What comes along when a booking moves, what returns first, and what would have to be bought."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from contract_tests.api import Answer, Api
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import Seat, Thing, Treatment, covers
from contract_tests.verdict import Blocked

DAY = 86_400_000
SIX_HOURS = 6 * 3_600_000
HALF_HOUR = 30
DAYS_AHEAD = 5
MOST_ROOMS = 25
MOST_VISITS = 10


def seats_at_one_gym(given: Given, package: Thing, count: int, **criteria: Any) -> list[Seat]:
    """So many classes at one gym that the package covers."""
    there: dict[str, list[Seat]] = {}
    for seat in given.stock.seats(lambda gym: covers(package, gym), **criteria):
        kept = there.setdefault(str(seat.gym["id"]), [])
        kept.append(seat)
        if len(kept) == count:
            return kept
    raise Blocked(f"the target's inventory has no covered gym with {count} classes of this kind")


def priced_and_not(given: Given, package: Thing) -> tuple[Seat, Seat]:
    """Two classes at one covered gym: one that credits pay, one that a visit pays."""
    priced = list(given.stock.seats(lambda gym: covers(package, gym), priced=True))
    for plain in given.stock.seats(lambda gym: covers(package, gym)):
        for seat in priced:
            if seat.gym["id"] == plain.gym["id"]:
                return seat, plain
    raise Blocked("the target's inventory has no covered gym with a class for credits and one without")


def copay_of_few_visits(given: Given) -> tuple[Thing, Thing, list[Seat]]:
    """A package that leaves a gym out, a co-pay of that gym, and one class more there than it has visits."""
    for gym in given.stock.gyms():
        package = next((package for package in given.stock.packages if not covers(package, gym)), None)
        if package is None or not gym.get("copay_available"):
            continue
        here = list(itertools.islice(_seats_at(given, gym), MOST_VISITS + 1))
        for option in given.stock.options(gym):
            if 0 < (option.get("visits") or 0) < len(here):
                return package, option, here[: option["visits"] + 1]
    raise Blocked("the target's inventory has no gym with a co-pay of few visits and more classes than that")


def _seats_at(given: Given, gym: Thing) -> Any:
    return given.stock.seats(lambda other: other["id"] == gym["id"], spots=1)


@requirement("BOOK-24.9")
def test_a_move_that_would_need_a_purchase_is_refused(lab: Lab) -> None:
    given = lab.given
    client, _ = given.without_visits()
    seat, plain = priced_and_not(given, client.package)
    balance = given.with_credits(client, int(seat.instance["credit_cost"]))
    booking = given.booking(client, seat)
    lab.api.reschedule_booking(booking, class_instance_id=plain.id).refused(409, "copay_required")
    told = lab.api.get_booking_status(booking)
    must(told["status"] in ("PENDING", "CONFIRMED"), "the booking as it was", told["status"], told)
    agree("balance", given.credits(client), balance - int(seat.instance["credit_cost"]))


@requirement("BOOK-24.10")
def test_the_last_visit_of_a_pass_moves_along(lab: Lab) -> None:
    given = lab.given
    client, _ = given.without_visits()
    seat, target = seats_at_one_gym(given, client.package, 2)
    used = lab.api.list_client_bookings(client.id, limit=1).data[0]
    lab.api.cancel_booking(used["id"]).given("give a visit back")
    moved = lab.api.reschedule_booking(given.booking(client, seat), class_instance_id=target.id)
    agree("visits_deducted", moved["visits_deducted"], 1, moved)
    agree("scheduled_for", moved["scheduled_for"], target.starts, moved)


@requirement("BOOK-24.10")
def test_the_last_visit_of_a_copay_moves_along(lab: Lab) -> None:
    given = lab.given
    package, option, seats = copay_of_few_visits(given)
    client, gym = given.client(package), seats[0].gym
    lab.api.purchase_copay(client_id=client.id, provider_id=gym["id"], copay_option_id=option["id"]).given(
        "buy a co-pay"
    )
    made = [given.booking(client, seat) for seat in seats[:-1]]
    moved = lab.api.reschedule_booking(made[-1], class_instance_id=seats[-1].id)
    agree("visits_deducted", moved["visits_deducted"], 1, moved)
    again = given.book(client, seats[-2])
    must("session_id" in again.ok(), "no visit left of the co-pay", again.in_words(), again)


@requirement("BOOK-24.15")
def test_a_class_moves_to_an_instance_and_a_treatment_to_a_time(lab: Lab) -> None:
    given = lab.given
    client, seat = given.insider()
    booking = given.booking(client, seat)
    guest, treatment = given.spa_insider(days=3)
    treated = given.spa_booking(guest, treatment)["id"]
    to_time = {"date": treatment.date, "time": _another_time(given, treatment)}
    other = seats_at_one_gym(given, client.package, 2)[1].id
    for moved, wrong in (
        (booking, to_time),
        (booking, {"class_instance_id": other, "date": treatment.date}),
        (booking, {"class_instance_id": other, "time": treatment.time}),
        (treated, {"class_instance_id": other}),
        (treated, {**to_time, "class_instance_id": other}),
        (treated, {"date": to_time["date"]}),
        (treated, {"time": to_time["time"]}),
    ):
        lab.api.reschedule_booking(moved, **wrong).refused(400, "validation_error")


@requirement("BOOK-24.18")
def test_the_last_treatment_of_a_pass_moves_along(lab: Lab) -> None:
    given = lab.given
    package = given.limited("SPA")
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "SPA")
    client = given.client(package)
    spa = given.treatment(lambda spa: covers(package, spa), days=1)
    made = []
    for day in range(1, visits + 1):
        slot = given.free_time(spa.spa, list(spa.services), day)
        if slot is None:
            raise Blocked(f"the spa {spa.spa['id']} has no free time {day} days ahead")
        made.append((slot, given.spa_booking(client, slot)["id"]))
    slot, booking = made[-1]
    moved = lab.api.reschedule_booking(booking, date=slot.date, time=_another_time(given, slot))
    cancelled = lab.api.cancel_booking(moved["id"])
    agree("visits_restored", cancelled["refund"]["visits_restored"], 1, cancelled)
    opened = given.book_spa(client, slot)
    agree("copay_required with one visit back", opened["copay_required"], False, opened)
    given.confirm_spa(opened["session_id"]).ok()
    other = given.free_time(spa.spa, list(spa.services), visits + 1)
    if other is not None:
        again = given.book_spa(client, other)
        agree("copay_required with none left", again["copay_required"], True, again)


@requirement("BOOK-24.11")
def test_a_move_counts_the_credits_that_return(lab: Lab) -> None:
    given = lab.given
    package = given.ample("GYM")
    seat, target = seats_at_one_gym(given, package, 2, priced=True)
    cost = int(seat.instance["credit_cost"])
    client = given.client(package)
    lab.world.adjust(client.id, amount=cost, reason="just enough")
    booking = given.booking(client, seat)
    lab.world.change_instance(target.id, credit_cost=cost + 1)
    lab.api.reschedule_booking(booking, class_instance_id=target.id).refused(400, "validation_error")
    agree("balance after a refused move", given.credits(client), 0)
    lab.world.change_instance(target.id, credit_cost=cost)
    moved = lab.api.reschedule_booking(booking, class_instance_id=target.id)
    agree("visits_deducted", moved["visits_deducted"], 0, moved)
    agree("balance after moving at the same price", given.credits(client), 0)
    cancelled = lab.api.cancel_booking(moved["id"])
    agree("credits_refunded", cancelled["refund"]["credits_refunded"], cost, cancelled)


@requirement("BOOK-24.11")
def test_a_move_does_not_count_what_lapsed_meanwhile(lab: Lab) -> None:
    given = lab.given
    package = given.ample("GYM")
    seat, target = seats_at_one_gym(given, package, 2, priced=True, hours=30)
    cost = int(seat.instance["credit_cost"])
    client, end = given.client(package), lab.world.now() + dt.timedelta(hours=1)
    lab.world.change_instance(target.id, credit_cost=cost)
    lab.world.adjust(client.id, amount=cost, reason="for an hour", expires_at=end.isoformat())
    booking = given.booking(client, seat)
    lab.world.set(end)
    lab.api.reschedule_booking(booking, class_instance_id=target.id).refused(400, "validation_error")
    told = lab.api.get_booking_status(booking)
    must(told["status"] in ("PENDING", "CONFIRMED"), "the booking as it was", told["status"], told)


@requirement("BOOK-24.16")
def test_nothing_moves_on_a_lapsed_pass(lab: Lab) -> None:
    given = lab.given
    client = given.client(given.ample("GYM"))
    seat, target = seats_at_one_gym(given, client.package, 2)
    guest, treatment = given.spa_insider(days=3)
    booking, treated = given.booking(client, seat), given.spa_booking(guest, treatment)["id"]
    for held in (client, guest):
        lab.api.update_issued_pass(held.pass_id, status="CANCELLED").given("cancel a pass")
    other = _another_time(given, treatment)
    lab.api.reschedule_booking(booking, class_instance_id=target.id).refused(409, "pass_not_active")
    lab.api.reschedule_booking(treated, date=treatment.date, time=other).refused(409, "pass_not_active")


@requirement("BOOK-24.17")
def test_a_treatment_of_a_period_past_may_need_a_purchase(lab: Lab) -> None:
    """Its visit returns to the period it came from, where it is of no use any more."""
    given = lab.given
    package = given.limited("SPA")
    [category] = [c for c in package["categories"] if c["type"] == "SPA"]
    if category["duration"] != "monthly":
        raise Blocked("the visits of the package come by the year")
    client = given.client(package, start_date=lab.now_ms() - 20 * DAY)
    end = lab.now_ms() + 30 * DAY
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("extend a pass")
    treatment = given.treatment(lambda spa: covers(package, spa), days=18)
    booking = given.spa_booking(client, treatment)["id"]
    lab.world.advance(days=13)
    for day in range(1, category["visits_allowed"] + 1):
        slot = given.free_time(treatment.spa, list(treatment.services), day)
        if slot is None or slot.date == treatment.date:
            raise Blocked("the spa has no free time on the days before")
        given.spa_booking(client, slot)
    other = _another_time(given, treatment)
    answer = lab.api.reschedule_booking(booking, date=treatment.date, time=other)
    answer.refused(409, "copay_required")
    told = lab.api.get_booking_status(booking)
    must(told["status"] in ("PENDING", "CONFIRMED"), "the booking as it was", told["status"], told)


@requirement("BOOK-24.12")
def test_a_spa_copay_moves_along(lab: Lab) -> None:
    given = lab.given
    client, treatment, quote, booking = _paid_by_copay(lab)
    before = lab.world.balance()
    other = _another_time(given, treatment)
    moved = lab.api.reschedule_booking(booking, date=treatment.date, time=other)
    agree("time", moved["time"], other, moved)
    agree("the account after moving", lab.world.balance(), before)
    agree("status of the original", lab.api.get_booking_status(booking)["status"], "RESCHEDULED")
    agree("bookings", len(lab.api.list_client_bookings(client.id, status="PENDING").data), 1)
    again = given.book_spa(client, treatment)
    agree("copay_required of a second booking", again["copay_required"], True, again)
    cancelled = lab.api.cancel_booking(moved["id"])
    agree("amount_refunded", cancelled["refund"]["amount_refunded"], quote["amount"], cancelled)
    agree("the account after cancelling", lab.world.balance(), before + quote["amount"])


@requirement("BOOK-24.25")
def test_a_spa_copay_moves_along_when_its_day_is_over(lab: Lab) -> None:
    """Its 24 hours are for the confirm, which came in time."""
    _, treatment, quote, booking = _paid_by_copay(lab)
    lab.world.advance(hours=25)
    other = _another_time(lab.given, treatment)
    moved = lab.api.reschedule_booking(booking, date=treatment.date, time=other)
    agree("time", moved["time"], other, moved)
    cancelled = lab.api.cancel_booking(moved["id"])
    agree("amount_refunded", cancelled["refund"]["amount_refunded"], quote["amount"], cancelled)


def _paid_by_copay(lab: Lab) -> tuple[Client, Treatment, Answer, str]:
    """A client, a treatment three days on, the quote that was bought for it, and its booking."""
    given = lab.given
    client, treatment = given.spa_outsider(days=3)
    quote = given.quote(client, treatment)
    quote.given("ask for a quote")
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    lab.api.purchase_copay(**fields).given("buy a spa co-pay")
    return client, treatment, quote, given.spa_booking(client, treatment)["id"]


def _another_time(given: Given, treatment: Treatment) -> str:
    shown = given.slots(treatment.spa, list(treatment.services), treatment.date)
    for slot in shown:
        if slot["available"] and slot["time"] != treatment.time:
            return str(slot["time"])
    raise Blocked("the spa has no second free time that day")


@requirement("BOOK-24.13", "BOOK-24.14")
def test_ones_own_room_is_free_to_a_move(lab: Lab, judging: Any) -> None:
    given = lab.given
    package = given.ample("SPA")
    treatment = _long_treatment(given, package)
    made = _fill(given, treatment, package)
    overlapping = _later(treatment.time)
    stranger = given.client(package)
    with judging("BOOK-24.14"):
        free = given.free_time(treatment.spa, list(treatment.services), DAYS_AHEAD + 1)
        if free is None:
            raise Blocked("the spa has no free time on another day")
        held = given.spa_booking(stranger, free)["id"]
        answer = lab.api.reschedule_booking(held, date=treatment.date, time=overlapping)
        answer.refused(409, "slot_unavailable")
    with judging("BOOK-24.13"):
        given.book_spa(given.client(package), treatment, time=overlapping).refused(409, "slot_unavailable")
        _, booking = made[0]
        moved = lab.api.reschedule_booking(booking, date=treatment.date, time=overlapping)
        agree("time", moved["time"], overlapping, moved)


def _long_treatment(given: Given, package: Thing) -> Treatment:
    """A free time for services that last longer than half an hour, with another half hour behind it."""
    for spa in given.stock.spas():
        services = [s for s in given.stock.services(spa) if not s.get("credit_cost")]
        long = [s for s in services if s["duration_minutes"] > HALF_HOUR][:1]
        if not covers(package, spa) or not long:
            continue
        date = (given.today() + dt.timedelta(days=DAYS_AHEAD)).isoformat()
        for slot in given.slots(spa, long, date)[:-1]:
            if slot["available"]:
                return Treatment(spa, tuple(long), date, slot["time"], slot["scheduled_for"])
    raise Blocked("the target's inventory has no covered spa with a treatment longer than half an hour")


def _later(time: str) -> str:
    total = int(time[:2]) * 60 + int(time[3:]) + HALF_HOUR
    return f"{total // 60:02}:{total % 60:02}"


def _fill(given: Given, treatment: Treatment, package: Thing) -> list[tuple[Client, str]]:
    """Books the time until no room is left."""
    made: list[tuple[Client, str]] = []
    for _ in range(MOST_ROOMS):
        shown = given.slots(treatment.spa, list(treatment.services), treatment.date)
        if not any(slot["available"] for slot in shown if slot["time"] == treatment.time):
            return made
        client = given.client(package)
        made.append((client, given.spa_booking(client, treatment)["id"]))
    raise Blocked(f"more than {MOST_ROOMS} rooms at {treatment.spa['id']}")


@requirement("BOOK-24.19")
def test_six_hours_before_its_start_a_booking_still_moves(lab: Lab) -> None:
    given = lab.given
    client, seat = given.insider(hours=12)
    target = next((s for s in _seats_at(given, seat.gym) if s.starts > seat.starts), None)
    if target is None:
        raise Blocked("the target's inventory has no later class at the same gym")
    booking = given.booking(client, seat)
    lab.world.set(seat.starts * 1000 - SIX_HOURS)
    moved = lab.api.reschedule_booking(booking, class_instance_id=target.id)
    agree("scheduled_for", moved["scheduled_for"], target.starts, moved)


@requirement("BOOK-13.3")
def test_what_was_moved_away_can_be_booked_again(api: Api, given: Given) -> None:
    client = given.client(given.ample("GYM"))
    seat, target = seats_at_one_gym(given, client.package, 2)
    moved = api.reschedule_booking(given.booking(client, seat), class_instance_id=target.id)
    given.remember(moved)
    moved.given("move a booking")
    again = given.book(client, seat)
    must("booking_id" in again.ok(), "the class it was moved from to be booked", again.in_words(), again)


@requirement("BOOK-18.7")
def test_a_move_takes_over_the_seat_of_ones_own_session(lab: Lab) -> None:
    given = lab.given
    client, seat = given.outsider()
    target = next((s for s in _seats_at(given, seat.gym) if s.id != seat.id), None)
    if target is None:
        raise Blocked("the target's inventory has no second class at the same gym")
    option = given.stock.options(seat.gym)[0]["id"]
    first, second = (given.session(client, s)["session_id"] for s in (seat, target))
    held = given.spots_left(target)
    booking = given.confirm(first, copay_package_id=option).given("confirm a co-pay")["id"]
    moved = lab.api.reschedule_booking(booking, class_instance_id=target.id)
    agree("scheduled_for", moved["scheduled_for"], target.starts, moved)
    agree("spots_left, one seat for both", given.spots_left(target), held)
    given.confirm(second).refused(409, "session_expired")


@requirement("BOOK-8.4")
def test_a_moved_booking_waits_for_the_venue_anew(lab: Lab) -> None:
    given = lab.given
    client = given.client(given.ample("GYM"))
    seat, target = seats_at_one_gym(given, client.package, 2)
    guest, treatment = given.spa_insider(days=3)
    made = (given.booking(client, seat), given.spa_booking(guest, treatment)["id"])
    lab.world.advance(minutes=2)
    to_time = {"date": treatment.date, "time": _another_time(given, treatment)}
    for booking, place in zip(made, ({"class_instance_id": target.id}, to_time), strict=True):
        agree("status before the move", lab.api.get_booking_status(booking)["status"], "CONFIRMED")
        moved = lab.api.reschedule_booking(booking, **place)
        agree("status of the new booking", moved["status"], "PENDING", moved)
        agree("status when it is read", lab.api.get_booking_status(moved["id"])["status"], "PENDING")


@requirement("BOOK-24.20")
def test_a_booking_moves_to_another_class_of_its_gym(api: Api, given: Given) -> None:
    client = given.client(given.ample("GYM"))
    first: dict[str, Seat] = {}
    for seat in given.stock.seats(lambda gym: covers(client.package, gym)):
        known = first.setdefault(str(seat.gym["id"]), seat)
        if known.class_["id"] != seat.class_["id"]:
            moved = api.reschedule_booking(given.booking(client, known), class_instance_id=seat.id)
            given.remember(moved)
            agree("class_name", moved["class_name"], seat.class_["name"], moved)
            return
    raise Blocked("the target's inventory has no covered gym with two classes")


@requirement("BOOK-24.21")
def test_a_treatment_paid_by_a_copay_gives_its_old_room_back(lab: Lab) -> None:
    given = lab.given
    _, treatment, _, booking = _paid_by_copay(lab)
    _fill(given, treatment, given.ample("SPA"))
    elsewhere = given.free_time(treatment.spa, list(treatment.services), DAYS_AHEAD + 1)
    if elsewhere is None:
        raise Blocked("the spa has no free time on another day")
    moved = lab.api.reschedule_booking(booking, date=elsewhere.date, time=elsewhere.time)
    agree("date", moved["date"], elsewhere.date, moved)
    shown = given.slots(treatment.spa, list(treatment.services), treatment.date)
    free = [slot["time"] for slot in shown if slot["available"]]
    must(treatment.time in free, "the room it left to be free", free)


@requirement("BOOK-24.22")
def test_a_place_that_does_not_fit_is_told_first(lab: Lab) -> None:
    """Before that the booking is closed: no place would be right."""
    given = lab.given
    client, seat = given.insider()
    guest, treatment = given.spa_insider(days=3)
    booking, treated = given.booking(client, seat), given.spa_booking(guest, treatment)["id"]
    elsewhere = given.seat(lambda gym: gym["id"] != seat.gym["id"], "at another gym")
    for one in (booking, treated):
        lab.api.cancel_booking(one).given("cancel a booking")
    lab.api.reschedule_booking(booking, class_instance_id=elsewhere.id).refused(400, "validation_error")
    lab.api.reschedule_booking(treated, class_instance_id=seat.id).refused(400, "validation_error")


@requirement("BOOK-24.23")
def test_a_move_goes_only_where_one_could_book(lab: Lab) -> None:
    given = lab.given
    client = given.client(given.unlimited("GYM"))
    begun, called_off, seat = _hours_apart(given, client.package)
    guest, treatment = given.spa_insider(days=DAYS_AHEAD)
    booking, treated = given.booking(client, seat), given.spa_booking(guest, treatment)["id"]
    lab.world.change_instance(called_off.id, status="CANCELLED")
    lab.api.reschedule_booking(booking, class_instance_id=called_off.id).refused(409, "slot_unavailable")
    yesterday = (given.today() - dt.timedelta(days=1)).isoformat()
    for date, time in (
        (yesterday, treatment.time),
        (treatment.date, "10:15"),
        (treatment.date, "21:00"),
        (treatment.date, "08:30"),
    ):
        lab.api.reschedule_booking(treated, date=date, time=time).refused(409, "slot_unavailable")
    lab.world.set(begun.starts * 1000)
    lab.api.reschedule_booking(booking, class_instance_id=begun.id).refused(409, "class_started")


def _hours_apart(given: Given, package: Thing) -> tuple[Seat, Seat, Seat]:
    """Three classes at one covered gym, the last of them still to be moved when the first begins."""
    for gym in given.stock.gyms():
        here = itertools.islice(_seats_at(given, gym), MOST_VISITS) if covers(package, gym) else ()
        seats = sorted(here, key=lambda seat: seat.starts)
        if len(seats) > 2 and seats[-1].starts - seats[0].starts > SIX_HOURS // 1000:
            return seats[0], seats[1], seats[-1]
    raise Blocked("the target's inventory has no covered gym with three classes over more than six hours")


@requirement("BOOK-18.10")
def test_a_treatment_moves_into_the_room_of_ones_own_session(lab: Lab) -> None:
    given = lab.given
    package = given.unlimited("SPA")
    treatment = given.treatment(lambda spa: covers(package, spa), days=DAYS_AHEAD)
    client = given.client(package)
    elsewhere = given.free_time(treatment.spa, list(treatment.services), DAYS_AHEAD + 1)
    if elsewhere is None:
        raise Blocked("the spa has no free time on another day")
    booking = given.spa_booking(client, elsewhere)["id"]
    _, last = _fill(given, treatment, package)[-1]
    lab.api.cancel_booking(last).given("cancel a spa booking")
    session = given.book_spa(client, treatment).given("hold the last room")["session_id"]
    given.book_spa(given.client(package), treatment).refused(409, "slot_unavailable")
    moved = lab.api.reschedule_booking(booking, date=treatment.date, time=treatment.time)
    agree("time", moved["time"], treatment.time, moved)
    given.confirm_spa(session).refused(409, "session_expired")


@requirement("BOOK-24.24")
def test_a_treatment_moves_on_its_own_credits(lab: Lab) -> None:
    given = lab.given
    client, treatment = given.spa_insider(priced=True, days=3)
    cost = sum(int(service["credit_cost"]) for service in treatment.services)
    lab.world.adjust(client.id, amount=cost, reason="just enough")
    booking = given.spa_booking(client, treatment)["id"]
    moved = lab.api.reschedule_booking(booking, date=treatment.date, time=_another_time(given, treatment))
    moved.ok()
    agree("balance after moving", given.credits(client), 0)
    cancelled = lab.api.cancel_booking(moved["id"])
    agree("credits_refunded", cancelled["refund"]["credits_refunded"], cost, cancelled)
    agree("balance after cancelling", given.credits(client), cost)
