"""Spas: free times, rooms, and the three ways to pay for a treatment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from contract_tests.api import Api
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import LAGOS, Thing, Treatment, covers
from contract_tests.verdict import Blocked

OPENS, CLOSES = 9 * 60, 21 * 60
MOST_ROOMS = 25


def minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def clock(total: int) -> str:
    return f"{total // 60:02}:{total % 60:02}"


def free(given: Given, treatment: Treatment) -> set[str]:
    slots = given.slots(treatment.spa, list(treatment.services), treatment.date)
    return {slot["time"] for slot in slots if slot["available"]}


def fill(given: Given, treatment: Treatment, package: Thing) -> list[tuple[Client, str]]:
    """Books the slot until no room is left; who did, and her booking."""
    made: list[tuple[Client, str]] = []
    for _ in range(MOST_ROOMS):
        if treatment.time not in free(given, treatment):
            return made
        client = given.client(package)
        made.append((client, given.spa_booking(client, treatment)["id"]))
    must(
        False, f"a slot that fills up before {MOST_ROOMS} are in it", f"all accepted at {treatment.spa['id']}"
    )
    return made


@requirement("BOOK-5.3", "BOOK-15.2")
def test_a_slot_is_taken_when_its_rooms_are(api: Api, given: Given, judging: Any) -> None:
    _, treatment = given.spa_insider()
    package = given.ample("SPA")
    made = fill(given, treatment, package)
    late = given.client(package)
    answer = given.book_spa(late, treatment)
    with judging("BOOK-5.3"):
        answer.refused(409, "slot_unavailable", kind="resource_conflict_error")
    with judging("BOOK-15.2"):
        answer.refused(409, "slot_unavailable")
        given.book_spa(made[-1][0], treatment).refused(409, "slot_unavailable")
        must(treatment.time not in free(given, treatment), "the slot not available", "available")
    for _, booking in made:
        api.cancel_booking(booking)


@requirement("BOOK-5.4", "BOOK-22.3")
def test_a_time_outside_the_hours_is_refused(given: Given, judging: Any) -> None:
    client, treatment = given.spa_insider()
    with judging("BOOK-5.4"):
        too_late = CLOSES - (treatment.minutes - 1) // 30 * 30  # the first half hour that ends after closing
        for time in ("08:30", "21:00", "20:59", "03:00", clock(too_late)):
            given.book_spa(client, treatment, time=time).refused(409, "slot_unavailable")
    with judging("BOOK-22.3"):
        for time in ("10:15", "12:01", "15:45"):
            given.book_spa(client, treatment, time=time).refused(409, "slot_unavailable")


@requirement("BOOK-22.1", "BOOK-22.2")
def test_slots_are_the_half_hours_that_fit(api: Api, given: Given, judging: Any) -> None:
    client, treatment = given.spa_insider()
    with judging("BOOK-22.1"):
        shown = given.slots(treatment.spa, list(treatment.services), treatment.date)
        expected = [clock(t) for t in range(OPENS, CLOSES - treatment.minutes + 1, 30)]
        agree("slots", [slot["time"] for slot in shown], expected)
        for slot in shown:
            local = dt.datetime.fromtimestamp(slot["scheduled_for"], LAGOS)
            agree("scheduled_for", f"{local:%Y-%m-%d %H:%M}", f"{treatment.date} {slot['time']}")
        shortest = min(s["duration_minutes"] for s in given.stock.services(treatment.spa))
        plain = api.get_provider_availability(treatment.spa["id"], date=treatment.date)
        expected = [clock(t) for t in range(OPENS, CLOSES - shortest + 1, 30)]
        agree("slots of the shortest service", [slot["time"] for slot in plain["slots"]], expected, plain)
    with judging("BOOK-22.2"):
        for pick in (0, 0, -1):  # asked again each time: what was just booked may have taken the last room
            time = sorted(free(given, treatment))[pick]
            given.book_spa(client, treatment, time=time).ok()


@requirement("BOOK-22.4")
def test_a_slot_past_is_gone(lab: Lab) -> None:
    client, treatment = lab.given.spa_insider(days=2)
    noon = dt.datetime.fromisoformat(f"{treatment.date}T12:01:00").replace(tzinfo=LAGOS)
    lab.world.set(noon)
    early = sorted(time for time in free(lab.given, treatment) if time <= "12:00")
    agree("slots before noon, after noon", early, [])
    lab.given.book_spa(client, treatment, time="11:00").refused(409, "slot_unavailable")
    first = min(free(lab.given, treatment))
    start = dt.datetime.fromisoformat(f"{treatment.date}T{first}:00").replace(tzinfo=LAGOS)
    lab.world.set(start)
    must(first not in free(lab.given, treatment), "no slot that begins now", first)
    lab.given.book_spa(client, treatment, time=first).refused(409, "slot_unavailable")
    lab.world.set(start - dt.timedelta(milliseconds=1))
    must(first in free(lab.given, treatment), "the slot of the next moment", "not available")
    lab.given.book_spa(client, treatment, time=first).ok()


@requirement("BOOK-21.4")
def test_nothing_due_shows_zeros(given: Given) -> None:
    client, treatment = given.spa_insider()
    opened = given.book_spa(client, treatment)
    agree("copay_required", opened["copay_required"], False, opened)
    agree(
        "copay_amount and credits_required",
        (opened["copay_amount"], opened["credits_required"]),
        (0, 0),
        opened,
    )
    booked = given.confirm_spa(opened["session_id"])
    agree("type", booked["type"], "spa", booked)
    names = ", ".join(service["name"] for service in treatment.services)
    agree("service_name", booked["service_name"], names, booked)
    must("visits_deducted" not in booked, "no visits_deducted on a spa booking", booked.in_words(), booked)


@requirement("BOOK-21.2", "BOOK-21.3", "ERR-8.17")
def test_a_treatment_priced_in_credits_takes_them_at_confirm(given: Given, judging: Any) -> None:
    client, treatment = given.spa_insider(priced=True)
    cost = sum(int(service["credit_cost"]) for service in treatment.services)
    with judging("BOOK-21.3"):
        given.book_spa(client, treatment).refused(400, "validation_error")
    with judging("ERR-8.17"):
        given.book_spa(client, treatment, time="03:00").refused(409, "slot_unavailable")
    with judging("BOOK-21.2"):
        before = given.with_credits(client, cost)
        opened = given.book_spa(client, treatment)
        agree("credits_required", opened["credits_required"], cost, opened)
        agree("balance before confirming", given.credits(client), before)
        given.confirm_spa(opened["session_id"]).ok()
        agree("balance after confirming", given.credits(client), before - cost)


@requirement("BOOK-21.5")
def test_an_uncovered_treatment_asks_no_credits(given: Given) -> None:
    for package in given.stock.packages:
        try:
            treatment = given.treatment(lambda spa, p=package: not covers(p, spa), priced=True)  # type: ignore[misc]
        except Blocked:
            continue
        opened = given.book_spa(given.client(package), treatment)
        agree("credits_required", opened["credits_required"], 0, opened)
        agree("copay_required", opened["copay_required"], True, opened)
        return
    raise Blocked("the target's inventory has no uncovered spa with services priced in credits")


@requirement("BOOK-16.1", "BOOK-16.2", "BOOK-16.3", "COPAY-6.1", "COPAY-6.2", "BOOK-23.2")
def test_an_uncovered_treatment_is_paid_first(api: Api, given: Given, judging: Any) -> None:
    client, treatment = given.spa_outsider()
    opened = given.book_spa(client, treatment)
    with judging("BOOK-16.1"):
        agree("copay_required", opened["copay_required"], True, opened)
        must(opened["copay_amount"] > 0, "a copay_amount", opened["copay_amount"], opened)
    session = opened.given("open a spa session")["session_id"]
    with judging("BOOK-16.2"):
        api.confirm_spa_booking(session).refused(409, "copay_required")
    bought = _pay(given, client, treatment)
    with judging("COPAY-6.2"):
        lives = int(bought["valid_until"]) - int(bought["created"])
        must(abs(lives - 86_400_000) <= 1000, "valid for 24 hours", f"{lives} ms")
    with judging("BOOK-16.3"):
        agree("object", given.confirm_spa(session)["object"], "booking")
    with judging("COPAY-6.1"):
        second = given.free_time(treatment.spa, list(treatment.services))
        if second is None:
            raise Blocked("the spa has no second free time")
        again = given.book_spa(client, second)
        agree("copay_required of a second booking", again["copay_required"], True, again)
        api.confirm_spa_booking(again["session_id"]).refused(409, "copay_required")
    with judging("BOOK-23.2"):
        booking = api.list_client_bookings(client.id, type="spa").ids[0]
        cancelled = api.cancel_booking(booking)
        agree("amount_refunded", cancelled["refund"]["amount_refunded"], bought["amount"], cancelled)
        agree("visits_restored", cancelled["refund"]["visits_restored"], 0, cancelled)


def _pay(given: Given, client: Client, treatment: Treatment) -> dict[str, Any]:
    quote = given.quote(client, treatment).given("ask for a quote")
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    return dict(given.api.purchase_copay(**fields).given("buy a spa co-pay"))


@requirement("COPAY-6.3")
def test_a_copay_pays_for_the_services_of_its_quote(given: Given) -> None:
    client, treatment = given.spa_outsider(count=2)
    one = Treatment(
        treatment.spa, treatment.services[:1], treatment.date, treatment.time, treatment.scheduled_for
    )
    _pay(given, client, one)
    opened = given.book_spa(client, treatment).given("open a spa session")
    given.api.confirm_spa_booking(opened["session_id"]).refused(409, "copay_required")
    client, treatment = given.spa_outsider(count=2)
    one = Treatment(
        treatment.spa, treatment.services[:1], treatment.date, treatment.time, treatment.scheduled_for
    )
    _pay(given, client, treatment)
    opened = given.book_spa(client, one).given("open a spa session")
    given.api.confirm_spa_booking(opened["session_id"]).refused(409, "copay_required")


@requirement("COPAY-6.4")
def test_a_copay_pays_nothing_after_24_hours(lab: Lab) -> None:
    client, treatment = lab.given.spa_outsider(days=3)
    bought = _pay(lab.given, client, treatment)
    lab.world.set(int(bought["valid_until"]))
    opened = lab.given.book_spa(client, treatment).given("open a spa session")
    lab.api.confirm_spa_booking(opened["session_id"]).refused(409, "copay_required")


@requirement("BOOK-24.6", "BOOK-24.7")
def test_a_treatment_moves_to_another_time(api: Api, given: Given, judging: Any) -> None:
    client, treatment = given.spa_insider()
    booking = given.spa_booking(client, treatment)["id"]
    with judging("BOOK-24.7"):
        own = api.reschedule_booking(booking, date=treatment.date, time=treatment.time)
        own.refused(409, "slot_unavailable")
    with judging("BOOK-24.6"):
        other = next((t for t in sorted(free(given, treatment)) if t != treatment.time), None)
        if other is None:
            raise Blocked("the spa has no second free time that day")
        moved = api.reschedule_booking(booking, date=treatment.date, time=other)
        given.remember(moved)
        agree("time", moved["time"], other, moved)
        agree("type", moved["type"], "spa", moved)
        agree("status of the original", api.get_booking_status(booking)["status"], "RESCHEDULED")


@requirement("BOOK-18.4", "BOOK-18.5")
def test_a_second_session_takes_over_the_room(lab: Lab, judging: Any) -> None:
    given = lab.given
    _, treatment = given.spa_insider(days=3)
    package = given.ample("SPA")
    _, booking = fill(given, treatment, package)[-1]
    lab.api.cancel_booking(booking).given("cancel a spa booking")
    client, late = given.client(package), given.client(package)
    first = given.book_spa(client, treatment).given("open a spa session")["session_id"]
    with judging("BOOK-18.5"):
        given.book_spa(late, treatment).refused(409, "slot_unavailable")
        must(treatment.time not in free(given, treatment), "a held slot not available", "available")
    with judging("BOOK-18.4"):
        second = given.book_spa(client, treatment)
        second.ok()
        given.confirm_spa(first).refused(409, "session_expired")
        given.book_spa(late, treatment).refused(409, "slot_unavailable")
        given.confirm_spa(second["session_id"]).ok()


@requirement("BOOK-18.6", "BOOK-9.3")
def test_a_session_at_another_time_lives_on(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, treatment = given.spa_insider(days=3)
    package = given.ample("SPA")
    filled = fill(given, treatment, package)
    times = sorted(free(given, treatment))
    first, last = times[0], times[-1]
    opened = [given.book_spa(client, treatment, time=time).given("open a session") for time in (first, last)]
    with judging("BOOK-18.6"):
        made = [given.confirm_spa(one["session_id"]) for one in opened]
        agree("times", [booked["time"] for booked in made], [first, last])
    with judging("BOOK-9.3"):
        lab.api.cancel_booking(filled[-1][1]).given("cancel a spa booking")
        must(treatment.time in free(given, treatment), "the slot of a cancelled booking", "not available")
        given.spa_booking(given.client(package), treatment)
        must(treatment.time not in free(given, treatment), "one room free, not two", "available")


@requirement("BOOK-15.4")
def test_two_treatments_in_a_row_take_one_room(lab: Lab) -> None:
    given = lab.given
    package = given.ample("SPA")
    for treatment in _of_whole_hours(given, package):
        made = fill(given, treatment, package)
        if len(made) > 1:
            break
    else:
        raise Blocked(
            "the target's inventory has no covered spa of several rooms with a treatment of whole hours"
        )
    half, start = treatment.minutes // 2, minutes(treatment.time)
    for _, booking in made[:2]:
        lab.api.cancel_booking(booking).given("cancel a spa booking")
    for time in (start - half, start + half):  # one ends when the other begins
        given.book_spa(given.client(package), treatment, time=clock(time)).given("open a spa session")
    must(treatment.time in free(given, treatment), "a room left beside the two", "none")
    given.book_spa(given.client(package), treatment).ok()
    must(treatment.time not in free(given, treatment), "no room left then", "one")


def _of_whole_hours(given: Given, package: Thing) -> Iterator[Treatment]:
    for spa in given.stock.spas():
        for service in given.stock.services(spa):
            if covers(package, spa) and not service["duration_minutes"] % 60 and not service["credit_cost"]:
                found = given.free_time(spa, [service], 4)
                if found is not None:
                    shown = given.slots(spa, [service], found.date)
                    midday = shown[len(shown) // 2]
                    yield Treatment(spa, (service,), found.date, midday["time"], midday["scheduled_for"])


@requirement("BOOK-21.9")
def test_a_copay_alone_pays_what_is_not_covered(lab: Lab) -> None:
    given = lab.given
    for package in given.stock.packages:
        try:
            treatment = given.treatment(lambda spa, p=package: not covers(p, spa), priced=True)  # type: ignore[misc]
        except Blocked:
            continue
        client = given.client(package)
        balance = given.with_credits(client, 1)
        _pay(given, client, treatment)
        given.spa_booking(client, treatment)
        agree("balance", given.credits(client), balance)
        return
    raise Blocked("the target's inventory has no uncovered spa with services priced in credits")


@requirement("BOOK-17.8")
def test_a_spa_session_is_its_openers_on_an_active_pass(lab: Lab) -> None:
    client, treatment = lab.given.spa_insider(days=3)
    opened = lab.given.book_spa(client, treatment).given("open a spa session")
    lab.partner.confirm_spa_booking(opened["session_id"]).refused(403, "permission_denied")
    lab.api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    lab.given.confirm_spa(opened["session_id"]).refused(409, "pass_not_active")


@requirement("BOOK-4.6")
def test_a_lapsed_session_frees_its_room(lab: Lab) -> None:
    given = lab.given
    _, treatment = given.spa_insider(days=3)
    package = given.ample("SPA")
    _, booking = fill(given, treatment, package)[-1]
    lab.api.cancel_booking(booking).given("cancel a spa booking")
    lab.world.set(lab.world.now() + dt.timedelta(milliseconds=700))  # what is told is a whole second
    opened = given.book_spa(given.client(package), treatment).given("open a spa session")
    lab.world.set(int(opened["expires_at"]) * 1000 - 1000)
    late = given.client(package)
    given.book_spa(late, treatment).refused(409, "slot_unavailable")
    lab.world.set(int(opened["expires_at"]) * 1000)
    must(treatment.time in free(given, treatment), "the slot available again", "not available")
    given.confirm_spa(opened["session_id"]).refused(409, "session_expired")
    given.book_spa(late, treatment).ok()


@requirement("BOOK-5.6")
def test_a_room_given_away_stays_so_when_the_clock_goes_back(lab: Lab) -> None:
    given = lab.given
    _, treatment = given.spa_insider(days=3)
    package = given.ample("SPA")
    _, booking = fill(given, treatment, package)[-1]
    lab.api.cancel_booking(booking).given("cancel a spa booking")
    opened = given.book_spa(given.client(package), treatment).given("open a spa session")
    end = int(opened["expires_at"]) * 1000
    lab.world.set(end)
    given.spa_booking(given.client(package), treatment)
    lab.world.set(end - 1000)
    given.confirm_spa(opened["session_id"]).refused(409, "session_expired")


@requirement("BOOK-15.1", "BOOK-15.3")
def test_a_treatment_weighs_on_the_slots_it_overlaps(lab: Lab, judging: Any) -> None:
    given = lab.given
    _, found = given.spa_insider(days=3)
    shown = given.slots(found.spa, list(found.services), found.date)
    open_ = [slot for slot in shown if slot["available"]]
    midday = open_[len(open_) // 2]  # with slots before and behind it
    treatment = Treatment(found.spa, found.services, found.date, midday["time"], midday["scheduled_for"])
    fill(given, treatment, given.ample("SPA"))
    start = minutes(treatment.time)
    left = free(given, treatment)
    apart = [slot["time"] for slot in open_ if abs(minutes(slot["time"]) - start) >= treatment.minutes]
    with judging("BOOK-15.1"):
        overlapping = {slot["time"] for slot in shown} - {*apart}
        must(len(overlapping) > 1 or treatment.minutes <= 30, "slots that overlap", overlapping)
        agree("overlapping slots still available", sorted(overlapping & left), [])
    with judging("BOOK-15.3"):
        agree("others still available", [time for time in apart if time in left], apart)


@requirement("BOOK-21.6")
def test_credits_gone_since_are_missed_at_confirm(lab: Lab) -> None:
    given = lab.given
    client, treatment = given.spa_insider(priced=True)
    cost = sum(int(service["credit_cost"]) for service in treatment.services)
    lab.world.adjust(client.id, amount=cost, reason="just enough")
    opened = given.book_spa(client, treatment).given("open a spa session")
    lab.world.adjust(client.id, amount=-1, reason="one too many")
    given.confirm_spa(opened["session_id"]).refused(400, "validation_error")
    agree("balance", given.credits(client), cost - 1)
    lab.world.adjust(client.id, amount=1, reason="one too few")
    given.confirm_spa(opened["session_id"]).ok()
    agree("balance after confirming", given.credits(client), 0)


@requirement("BOOK-4.7")
def test_a_spa_session_confirms_once(given: Given) -> None:
    client, treatment = given.spa_insider()
    opened = given.book_spa(client, treatment).given("open a spa session")
    given.confirm_spa(opened["session_id"]).given("confirm a covered spa booking")
    given.confirm_spa(opened["session_id"]).refused(409, "session_used")


@requirement("COPAY-7.5", "COPAY-7.6")
def test_a_purchase_looks_afresh_at_what_the_quote_saw(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, treatment, made = _visits_but_one(given)
    nothing = given.quote(client, treatment)
    made.append(given.spa_booking(client, treatment)["id"])
    with judging("COPAY-7.5"):
        agree("amount with a visit left", nothing["amount"], 0, nothing)
        _buy(lab, client, treatment, nothing["id"]).refused(409, "copay_not_required")
    with judging("COPAY-7.6"):
        priced = given.quote(client, treatment)
        must(priced["amount"] > 0, "an amount with no visit left", priced["amount"], priced)
        lab.api.cancel_booking(made[0]).given("cancel a spa booking")
        _buy(lab, client, treatment, priced["id"]).refused(409, "copay_not_required")


@requirement("BOOK-21.7", "BOOK-21.8", "COPAY-2.8")
def test_with_no_visit_left_credits_or_a_copay_pay(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, treatment, _ = _visits_but_one(given)
    given.spa_booking(client, treatment)
    other = given.free_time(treatment.spa, list(treatment.services), 1)
    if other is None:
        raise Blocked("the spa has no free time tomorrow")
    with judging("BOOK-21.8"):
        _pay(given, client, other)
        opened = given.book_spa(client, other).given("open a spa session")
        given.confirm_spa(opened["session_id"]).ok()
    priced = given.treatment(lambda spa: covers(client.package, spa), priced=True)
    cost = sum(int(service["credit_cost"]) for service in priced.services)
    with judging("COPAY-2.8"):
        quote = given.quote(client, priced)
        agree("copay_required and amount", (quote["copay_required"], quote["amount"]), (False, 0), quote)
    with judging("BOOK-21.7"):
        before = given.with_credits(client, cost)
        asked = given.book_spa(client, priced)
        agree("credits_required", asked["credits_required"], cost, asked)
        given.confirm_spa(asked["session_id"]).ok()
        agree("balance", given.credits(client), before - cost)


def _visits_but_one(given: Given) -> tuple[Client, Treatment, list[str]]:
    """A client with a single spa visit left, a free time for it, and the bookings that took the others."""
    package = given.limited("SPA")
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "SPA")
    client = given.client(package)
    treatment = given.treatment(lambda spa: covers(package, spa), days=visits + 1)
    made = []
    for day in range(2, visits + 1):
        slot = given.free_time(treatment.spa, list(treatment.services), day)
        if slot is None:
            raise Blocked(f"the spa {treatment.spa['id']} has no free time {day} days ahead")
        made.append(given.spa_booking(client, slot)["id"])
    return client, treatment, made


def _buy(lab: Lab, client: Client, treatment: Treatment, quote: str) -> Any:
    spa = treatment.spa["id"]
    return lab.api.purchase_copay(client_id=client.id, provider_id=spa, quote_id=quote)


@requirement("BOOK-17.7")
def test_a_time_that_came_is_missed_at_confirm(lab: Lab) -> None:
    client, treatment = lab.given.spa_insider(days=2)
    start = treatment.scheduled_for * 1000
    lab.world.set(start - 60_000)
    opened = lab.given.book_spa(client, treatment).given("open a spa session")
    lab.world.set(start)
    lab.given.confirm_spa(opened["session_id"]).refused(409, "slot_unavailable")


@requirement("COPAY-6.5")
def test_a_spa_copay_is_its_clients(given: Given) -> None:
    client, treatment = given.spa_outsider()
    _pay(given, client, treatment)
    other = given.client(client.package)
    opened = given.book_spa(other, treatment).given("open a spa session")
    given.confirm_spa(opened["session_id"]).refused(409, "copay_required")


@requirement("COPAY-6.6")
def test_a_copay_pays_for_its_services_in_any_order(given: Given) -> None:
    client, treatment = given.spa_outsider(count=2)
    bought = _pay(given, client, treatment)
    turned = [service["id"] for service in treatment.services[::-1]]
    opened = given.book_spa(client, treatment, service_ids=turned)
    agree("copay_required beside the co-pay", opened["copay_required"], False, opened)
    given.confirm_spa(opened["session_id"]).ok()
    must(bought["amount"] > 0, "a co-pay that was paid", bought["amount"])


# quotes


@requirement("COPAY-2.1", "COPAY-2.2", "COPAY-2.4", "COPAY-2.6")
def test_a_spa_price_comes_from_a_quote(api: Api, given: Given, judging: Any) -> None:
    client, treatment = given.spa_outsider(count=2)
    one = Treatment(
        treatment.spa, treatment.services[:1], treatment.date, treatment.time, treatment.scheduled_for
    )
    quote, both = given.quote(client, one), given.quote(client, treatment)
    with judging("COPAY-2.1"):
        must(type(quote["amount"]) is int and quote["amount"] > 0, "an amount", quote["amount"], quote)
        agree("copay_required", quote["copay_required"], True, quote)
        agree("client_id", quote["client_id"], client.id, quote)
        agree("services", [s["id"] for s in quote["services"]], [one.services[0]["id"]], quote)
    with judging("COPAY-2.2"):
        must(both["amount"] > quote["amount"], f"more than {quote['amount']} for two", both["amount"], both)
    with judging("COPAY-2.4"):
        lives = quote["expires_at"] - quote["created"]
        must(abs(lives - 600_000) <= 1000, "a quote of 10 minutes", f"{lives} ms", quote)
    with judging("COPAY-2.6"):
        fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
        bought = api.purchase_copay(**fields)
        agree("amount paid", bought["amount"], quote["amount"], bought)
        agree("type", bought["type"], "SPA", bought)
        api.purchase_copay(**fields).refused(409, "quote_used")


@requirement("COPAY-2.3", "COPAY-5.1", "COPAY-5.2")
def test_prices_are_the_sum_doubled_at_premium_and_more_at_peak(lab: Lab, judging: Any) -> None:
    workday = _next_workday(lab)
    saturday = workday + dt.timedelta(days=(5 - workday.weekday()) % 7)
    for tier, doubled in (("STANDARD", 1), ("PREMIUM", 2)):
        client, treatment = _left_out(lab.given, tier)
        base = doubled * sum(int(service["price"]) for service in treatment.services)
        peak = base * 6 // 5

        def amount_at(moment: dt.datetime, client: Client = client, treatment: Treatment = treatment) -> int:
            lab.world.set(moment)
            return int(lab.given.quote(client, treatment)["amount"])

        with judging("COPAY-5.1"):
            agree("amount at 10:00 of a working day", amount_at(workday.replace(hour=10)), base)
            agree("amount at 16:59", amount_at(workday.replace(hour=16, minute=59)), base)
            agree("amount at 20:00", amount_at(workday.replace(hour=20)), base)
        with judging("COPAY-2.3"):
            agree("amount at 17:00", amount_at(workday.replace(hour=17)), peak)
            agree("amount at 19:59", amount_at(workday.replace(hour=19, minute=59)), peak)
            agree("amount on a Saturday", amount_at(saturday.replace(hour=10)), peak)
            agree("amount on a Saturday evening", amount_at(saturday.replace(hour=18)), peak)
            for days, amount in ((0, peak), (1, base)):
                midnight = (saturday + dt.timedelta(days=days)).replace(hour=0)
                agree(f"amount when {midnight:%A} begins", amount_at(midnight), amount)
                a_moment_before = midnight - dt.timedelta(milliseconds=1)
                agree(f"amount before {midnight:%A} begins", amount_at(a_moment_before), peak + base - amount)
        with judging("COPAY-5.2"):
            fresh = lab.given.free_time(treatment.spa, list(treatment.services), 3)
            if fresh is None:
                raise Blocked("the spa has no free time three days ahead")
            opened = lab.given.book_spa(client, fresh)
            agree("copay_amount of a session on a Saturday", opened["copay_amount"], peak, opened)
            lab.world.set(workday)
            days = (saturday - workday).days or 7
            slot = lab.given.free_time(treatment.spa, list(treatment.services), days)
            if slot is None:
                raise Blocked("the spa has no free time on a Saturday")
            opened = lab.given.book_spa(client, slot)
            agree("copay_amount, asked on a working day for a Saturday", opened["copay_amount"], base, opened)
        lab.world.set(workday)


def _left_out(given: Given, tier: str) -> tuple[Client, Treatment]:
    """Somebody whose pass leaves the spas of that tier out, and a free time at one for two services."""
    package = given.stock.package(
        lambda p: not covers(p, {"category": "SPA", "tier": tier}), f"that leaves {tier} spas uncovered"
    )
    treatment = given.treatment(lambda spa: spa["tier"] == tier, count=2, days=5)
    return given.client(package), treatment


def _next_workday(lab: Lab) -> dt.datetime:
    """Tomorrow or the first day after it that is no Saturday, in Lagos."""
    day = lab.world.now().astimezone(LAGOS) + dt.timedelta(days=1)
    while day.weekday() == 5:
        day += dt.timedelta(days=1)
    return day.replace(hour=8, minute=0, second=0, microsecond=0)


@requirement("COPAY-2.5")
def test_a_quote_is_over_after_ten_minutes(lab: Lab) -> None:
    client, treatment = lab.given.spa_outsider()
    quote, spare = lab.given.quote(client, treatment), lab.given.quote(client, treatment)
    lab.world.set(int(quote["expires_at"]) - 1)
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"]}
    lab.api.purchase_copay(**fields, quote_id=spare["id"]).ok()
    lab.world.set(int(quote["expires_at"]))
    lab.api.purchase_copay(**fields, quote_id=quote["id"]).refused(409, "quote_expired")


@requirement("COPAY-2.7", "COPAY-7.4")
def test_a_covered_client_has_nothing_to_pay(api: Api, given: Given, judging: Any) -> None:
    client, treatment = given.spa_insider()
    quote = given.quote(client, treatment)
    with judging("COPAY-2.7"):
        agree("copay_required and amount", (quote["copay_required"], quote["amount"]), (False, 0), quote)
    with judging("COPAY-7.4"):
        fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
        api.purchase_copay(**fields).refused(409, "copay_not_required")


@requirement("PASS-16.9")
def test_a_quote_asks_about_the_pass_that_covers(given: Given) -> None:
    covering = given.ample("SPA")
    treatment = given.treatment(lambda spa: covers(covering, spa))
    leaving_out = given.stock.package(lambda p: not covers(p, treatment.spa), "that leaves the spa uncovered")
    client = given.client(covering)
    newer = given.client(leaving_out, client_id=client.id)
    quote = given.quote(client, treatment)
    agree("copay_required and amount", (quote["copay_required"], quote["amount"]), (False, 0), quote)
    named = given.quote(client, treatment, user_pass_id=newer.pass_id)
    agree("copay_required on the pass that was named", named["copay_required"], True, named)


@requirement("BOOK-21.10")
def test_some_services_with_a_price_in_credits_are_enough(given: Given) -> None:
    package = given.ample("SPA")
    priced, treatment = _priced_and_not(given, package)
    cost, client = int(priced["credit_cost"]), given.client(package)
    given.book_spa(client, treatment).refused(400, "validation_error")
    before = given.with_credits(client, cost)
    opened = given.book_spa(client, treatment)
    agree("credits_required", opened["credits_required"], cost, opened)
    given.confirm_spa(opened["session_id"]).ok()
    agree("balance after confirming", given.credits(client), before - cost)


def _priced_and_not(given: Given, package: Thing) -> tuple[Thing, Treatment]:
    """A service priced in credits, and a free time for it and one that is not, where the package covers."""
    for spa in given.stock.spas():
        services = given.stock.services(spa)
        priced = next((one for one in services if one.get("credit_cost")), None)
        plain = next((one for one in services if not one.get("credit_cost")), None)
        if covers(package, spa) and priced is not None and plain is not None:
            found = given.free_time(spa, [plain, priced])
            if found is not None:
                return priced, found
    raise Blocked("the target's inventory has no covered spa with a service priced in credits and one not")


@requirement("BOOK-22.5")
def test_slots_of_several_services_fit_them_all(given: Given) -> None:
    client, treatment = given.spa_insider(count=2)
    shown = given.slots(treatment.spa, list(treatment.services), treatment.date)
    expected = [clock(t) for t in range(OPENS, CLOSES - treatment.minutes + 1, 30)]
    agree(f"slots for {treatment.minutes} minutes", [slot["time"] for slot in shown], expected)
    last = max(slot["time"] for slot in shown if slot["available"])
    given.book_spa(client, treatment, time=last).ok()
    too_late = clock(minutes(expected[-1]) + 30)
    given.book_spa(client, treatment, time=too_late).refused(409, "slot_unavailable")


@requirement("BOOK-18.8")
def test_a_session_for_other_services_takes_over_too(lab: Lab) -> None:
    """The spa and the time are what counts: nobody lies on two couches at once."""
    given = lab.given
    client, treatment = given.spa_insider(days=3, count=2)
    package, one = given.ample("SPA"), [treatment.services[0]["id"]]
    first = given.book_spa(client, treatment).given("open a spa session")["session_id"]
    second = given.book_spa(client, treatment, service_ids=one).given("open another")["session_id"]
    given.confirm_spa(first).refused(409, "session_expired")
    alone = given.confirm_spa(second).given("confirm a covered spa booking")["id"]
    fill(given, treatment, package)
    lab.api.cancel_booking(alone).given("cancel a spa booking")
    agree("rooms that her one booking took", len(fill(given, treatment, package)), 1)


@requirement("COPAY-6.7", "COPAY-2.9")
def test_a_copay_paid_back_pays_for_nothing(given: Given, judging: Any) -> None:
    client, treatment = given.spa_outsider(days=3)
    quote = given.quote(client, treatment).given("ask for a quote")["id"]
    order = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote}
    given.api.purchase_copay(**order).given("buy a spa co-pay")
    booking = given.spa_booking(client, treatment)["id"]
    given.api.cancel_booking(booking).given("cancel a spa booking")
    with judging("COPAY-6.7"):
        opened = given.book_spa(client, treatment).given("open a spa session")
        given.api.confirm_spa_booking(opened["session_id"]).refused(409, "copay_required")
    with judging("COPAY-2.9"):
        given.api.purchase_copay(**order).refused(409, "quote_used")


@requirement("COPAY-7.10")
def test_a_quote_is_not_sold_on_a_pass_that_is_over(given: Given) -> None:
    client, treatment = given.spa_outsider()
    quote = given.quote(client, treatment).given("ask for a quote")
    given.api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    order = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    given.api.purchase_copay(**order).refused(409, "pass_not_active")


@requirement("BOOK-8.6")
def test_a_booking_is_made_when_its_session_is_confirmed(lab: Lab) -> None:
    given = lab.given
    client, seat = given.outsider()
    of_class = given.session(client, seat)["session_id"]
    guest, treatment = given.spa_insider(days=2)
    of_spa = given.book_spa(guest, treatment).given("open a spa session")["session_id"]
    lab.world.advance(minutes=2)
    option = given.stock.options(seat.gym)[0]["id"]
    for made in (given.confirm(of_class, copay_package_id=option), given.confirm_spa(of_spa)):
        agree("created", made["created"], lab.now_ms() // 1000, made)
        agree("status", lab.api.get_booking_status(made["id"])["status"], "PENDING")


@requirement("BOOK-8.5")
def test_a_spa_booking_lasts_as_long_as_all_its_services(lab: Lab) -> None:
    client, treatment = lab.given.spa_insider(days=2, count=2)
    booking = lab.given.spa_booking(client, treatment)["id"]
    end = (treatment.scheduled_for + 60 * treatment.minutes) * 1000
    for moment, reads in ((end - 1, "CONFIRMED"), (end, "COMPLETED")):
        lab.world.set(moment)
        told = lab.api.get_booking_status(booking)
        agree(f"status of {treatment.minutes} minutes", told["status"], reads, told)
    agree("updated", told["updated"], end // 1000, told)


@requirement("BOOK-23.7")
def test_a_late_cancellation_gives_no_copay_back(lab: Lab) -> None:
    given = lab.given
    client, treatment = given.spa_outsider(days=1)
    start = treatment.scheduled_for * 1000
    lab.world.set(start - 7 * 3_600_000)  # the co-pay would pay a day longer
    _pay(given, client, treatment)
    booking = given.spa_booking(client, treatment)["id"]
    before = lab.world.balance()
    lab.world.set(start - 3_600_000)
    cancelled = lab.api.cancel_booking(booking)
    agree("amount_refunded", cancelled["refund"]["amount_refunded"], 0, cancelled)
    agree("the account", lab.world.balance(), before)
    opened = given.book_spa(client, treatment)
    agree("copay_required of another booking", opened["copay_required"], True, opened)


@requirement("COPAY-5.3")
def test_what_is_paid_is_the_quotes_whatever_the_hour(lab: Lab) -> None:
    workday = _next_workday(lab)
    client, treatment = _left_out(lab.given, "STANDARD")
    lab.world.set(workday.replace(hour=16, minute=55))
    quote = lab.given.quote(client, treatment).given("ask for a quote")
    lab.world.set(workday.replace(hour=17))
    before = lab.world.balance()
    bought = _buy(lab, client, treatment, quote["id"])
    agree("amount paid at peak for a quote from before", bought["amount"], quote["amount"], bought)
    agree("the account", lab.world.balance(), before - quote["amount"])


@requirement("BOOK-17.10", "BOOK-17.11")
def test_a_visit_used_since_is_missed_at_confirm(given: Given, judging: Any) -> None:
    client, treatment, _ = _visits_but_one(given)
    other = given.free_time(treatment.spa, list(treatment.services), 1)
    if other is None:
        raise Blocked("the spa has no free time tomorrow")
    opened = [given.book_spa(client, one).given("open a spa session") for one in (treatment, other)]
    agree("copay_required of each", [one["copay_required"] for one in opened], [False, False])
    booked = given.confirm_spa(opened[0]["session_id"])
    with judging("BOOK-17.10"):
        booked.ok()
        given.confirm_spa(opened[1]["session_id"]).refused(409, "copay_required")
    with judging("BOOK-17.11"):
        again = given.book_spa(client, other).given("open a spa session")
        agree("copay_required without a visit left", again["copay_required"], True)
        given.api.cancel_booking(booked["id"]).given("cancel a spa booking")
        given.confirm_spa(again["session_id"]).ok()


@requirement("BOOK-10.7")
def test_the_credits_of_a_treatment_return(lab: Lab) -> None:
    client, treatment = lab.given.spa_insider(priced=True, days=2)
    before = lab.given.with_credits(client, sum(int(one["credit_cost"]) for one in treatment.services))
    booking = lab.given.spa_booking(client, treatment)["id"]
    paid = before - lab.given.credits(client)
    cancelled = lab.api.cancel_booking(booking)
    agree("credits_refunded", cancelled["refund"]["credits_refunded"], paid, cancelled)
    agree("balance", lab.given.credits(client), before)


@requirement("ERR-9.6")
def test_a_quote_is_for_its_spa(given: Given) -> None:
    client, treatment = given.spa_outsider()
    quote = given.quote(client, treatment).given("ask for a quote")["id"]
    other = next((spa["id"] for spa in given.stock.spas() if spa["id"] != treatment.spa["id"]), None)
    if other is None:
        raise Blocked("the target's inventory has one spa only")
    answer = given.api.purchase_copay(client_id=client.id, provider_id=other, quote_id=quote)
    answer.refused(400, "validation_error")


@requirement("BOOK-10.8")
def test_a_treatment_cancelled_late_returns_nothing(lab: Lab) -> None:
    given = lab.given
    client, treatment = given.spa_insider(days=2)
    guest, priced = given.spa_insider(priced=True, days=2)
    given.with_credits(guest, sum(int(service["credit_cost"]) for service in priced.services))
    made = [(one, given.spa_booking(who, one)["id"]) for who, one in ((client, treatment), (guest, priced))]
    left = given.credits(guest)
    for one, booking in sorted(made, key=lambda pair: pair[0].scheduled_for):
        lab.world.set(one.scheduled_for * 1000 - 3_600_000)
        refund = lab.api.cancel_booking(booking)["refund"]
        sums = [refund[name] for name in ("visits_restored", "credits_refunded", "amount_refunded")]
        agree("the refund of a late cancel", sums, [0, 0, 0])
    agree("balance", given.credits(guest), left)
