"""Booking a class: three outcomes, sessions that hold a seat, seats that are sold once, and credits."""

from __future__ import annotations

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from contract_tests.api import Answer, Api
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import LAGOS, Seat, Thing, covers
from contract_tests.verdict import Blocked

DAY = 86_400_000


def option_of(given: Given, seat: Seat) -> Thing:
    return given.stock.options(seat.gym)[0]


def gym_seats(given: Given, seat: Seat, count: int) -> list[Seat]:
    """Further classes at the same gym, none at the time of this one."""
    found = [s for s in given.stock.seats(lambda gym: gym["id"] == seat.gym["id"]) if s.id != seat.id]
    if len(found) < count:
        raise Blocked(f"the target's inventory has only {len(found)} further classes at {seat.gym['id']}")
    return found[:count]


@requirement("BOOK-1.1", "BOOK-1.5", "BOOK-8.1", "OPS-1.2")
def test_a_covered_class_is_booked_at_once(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    booked = given.book(client, seat)
    with judging("BOOK-1.1"):
        must(bool(booked["booking_id"]), "a booking_id", booked.in_words(), booked)
        flags = (booked["copay_required"], booked["additional_visits_required"])
        agree("copay_required and additional_visits_required", flags, (False, False), booked)
        agree("scheduled_for", booked["scheduled_for"], seat.starts, booked)
        agree("class_name", booked["class_name"], seat.class_["name"], booked)
    with judging("OPS-1.2"):
        agree("status of a booking", booked.status, 201, booked)
        outsider, other = given.outsider()
        opened = given.session(outsider, other)
        agree("status of an opened session", opened.status, 200, opened)
    with judging("BOOK-1.5"):
        read = api.get_booking_status(booked["booking_id"])
        agree("scheduled_for", read["scheduled_for"], seat.starts, read)
        listed = api.list_client_bookings(client.id)
        agree("the client's bookings", listed.ids, [booked["booking_id"]], listed)
    with judging("BOOK-8.1"):
        agree("status", booked["status"], "PENDING", booked)


@requirement("BOOK-1.3")
def test_an_uncovered_class_offers_every_copay_option(given: Given) -> None:
    client, seat = given.outsider()
    opened = given.book(client, seat)
    agree("copay_required", opened["copay_required"], True, opened)
    must(bool(opened["session_id"]), "a session_id", opened.in_words(), opened)
    offered = {option["id"]: option["amount"] for option in opened["copay_options"]}
    known = {option["id"]: option["amount"] for option in given.stock.options(seat.gym)}
    agree("options and amounts", offered, known, opened)


@requirement("BOOK-2.4")
def test_visits_are_sold_by_1_to_100(given: Given) -> None:
    client, seat = given.without_visits()
    session = given.session(client, seat)["session_id"]
    for odd in (0, 101, -1, 1.5, "2"):
        given.confirm(session, number_of_visits=odd, duration="MONTHLY").refused(400, "validation_error")
    given.confirm(session, number_of_visits=2, duration="monthly").refused(400, "validation_error")
    given.confirm(session, number_of_visits=1, duration="ANNUALLY").ok()


@requirement("BOOK-2.2")
def test_bought_visits_raise_the_limit(given: Given) -> None:
    client, seat = given.without_visits()
    session = given.session(client, seat)["session_id"]
    given.confirm(session, number_of_visits=3, duration="MONTHLY").given("buy visits")
    taken = {b["scheduled_for"] for b in given.api.list_client_bookings(client.id, limit=100).data}
    allowed = 14
    others = given.seats(lambda gym: covers(client.package, gym), allowed, "that the pass covers")
    fresh = [s for s in others if s.starts not in taken and s.id != seat.id][:3]
    if len(fresh) < 3:
        raise Blocked("the target's inventory has no three further classes that the pass covers")
    answers = [given.book(client, other) for other in fresh]
    must("booking_id" in answers[0].ok(), "the second visit to book", answers[0].in_words(), answers[0])
    must("booking_id" in answers[1].ok(), "the third visit to book", answers[1].in_words(), answers[1])
    must("session_id" in answers[2].ok(), "a session after the third", answers[2].in_words(), answers[2])


@requirement("BOOK-3.2", "COPAY-4.2", "COPAY-4.4", "COPAY-1.3")
def test_a_copay_opens_its_gym(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.outsider()
    option = option_of(given, seat)
    with judging("COPAY-1.3"):
        bought = api.purchase_copay(
            client_id=client.id, provider_id=seat.gym["id"], copay_option_id=option["id"]
        )
        agree("amount", bought["amount"], option["amount"], bought)
        agree("status", bought["status"], "COMPLETED", bought)
    with judging("COPAY-4.2"):
        booked = given.book(client, seat)
        must("booking_id" in booked.ok(), "a booking while the co-pay runs", booked.in_words(), booked)
        agree("visits_deducted", booked["visits_deducted"], 1, booked)
    with judging("COPAY-4.4"):
        again = api.purchase_copay(
            client_id=client.id, provider_id=seat.gym["id"], copay_option_id=option["id"]
        )
        again.refused(409, "copay_not_required")
    with judging("BOOK-3.2"):
        other, elsewhere = given.outsider()
        session = given.session(other, elsewhere)["session_id"]
        given.confirm(session, copay_package_id=option_of(given, elsewhere)["id"]).given("confirm a co-pay")
        booked = given.book(other, gym_seats(given, elsewhere, 1)[0])
        must("booking_id" in booked.ok(), "the next class there booked at once", booked.in_words(), booked)


@requirement("COPAY-4.3", "COPAY-4.5")
def test_a_copay_has_its_visits_and_gets_them_back(api: Api, given: Given, judging: Any) -> None:
    package, option, seats = _copay_to_use_up(given)
    client, seat = given.client(package), seats[0]
    api.purchase_copay(client_id=client.id, provider_id=seat.gym["id"], copay_option_id=option["id"]).given(
        "buy a co-pay"
    )
    made = [given.booking(client, s) for s in seats[:-1]]
    with judging("COPAY-4.3"):
        opened = given.book(client, seats[-1])
        agree("copay_required with its visits used", opened["copay_required"], True, opened)
    with judging("COPAY-4.5"):
        cancelled = api.cancel_booking(made[-1])
        agree("visits_restored", cancelled["refund"].get("visits_restored"), 1, cancelled)
        booked = given.book(client, seats[-1])
        must("booking_id" in booked.ok(), "the returned visit to book", booked.in_words(), booked)


@requirement("COPAY-7.11")
def test_a_copay_bought_for_a_session_has_its_visits(api: Api, given: Given) -> None:
    package, option, seats = _copay_to_use_up(given)
    client = given.client(package)
    session = given.session(client, seats[0])["session_id"]
    api.purchase_copay(client_id=client.id, copay_package_id=option["id"], session_id=session).given(
        "buy what a session asks"
    )
    given.confirm(session).given("confirm a session")
    for seat in seats[1:-1]:
        given.booking(client, seat)
    opened = given.book(client, seats[-1])
    agree("copay_required with its visits used", opened["copay_required"], True, opened)


def _copay_to_use_up(given: Given) -> tuple[Thing, Thing, list[Seat]]:
    """A package that leaves a gym out, an option of it, and one class more there than that has visits."""
    for gym in given.stock.gyms():
        package = _left_out(given, gym)
        if package is None or not gym.get("copay_available"):
            continue
        for option in given.stock.options(gym):
            visits = option.get("visits") or 0
            if 0 < visits <= 10:
                there = given.stock.seats(lambda other, here=gym["id"]: other["id"] == here)  # type: ignore[misc]
                seats = list(itertools.islice(there, visits + 1))
                if len(seats) > visits:
                    return package, option, seats
    raise Blocked("the target's inventory has no gym with a co-pay of few visits and more classes than that")


@requirement("COPAY-4.6")
def test_a_copay_is_over_at_its_end(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    at_the_door = {"client_id": client.id, "provider_id": seat.gym["id"]}
    for option in lab.given.stock.options(seat.gym):
        bought = lab.api.purchase_copay(**at_the_door, copay_option_id=option["id"]).given("buy a co-pay")
        later = bought["valid_until"] + 9 * DAY
        lab.api.update_issued_pass_expiry(client.pass_id, expires_at=later).given("extend a pass")
        lab.world.set(bought["valid_until"] - 1)
        code = lab.api.create_access_code(**at_the_door)
        must("access_code" in code.ok(), "an access code just before valid_until", code.in_words(), code)
        lab.world.set(bought["valid_until"])
        opened = lab.api.create_access_code(**at_the_door)
        agree("copay_required at valid_until", opened["copay_required"], True, opened)


@requirement("BOOK-4.3", "BOOK-25.2", "BOOK-18.1", "BOOK-18.2", "BOOK-17.3", "BOOK-18.11")
def test_a_session_holds_one_seat(given: Given, judging: Any) -> None:
    client, seat = given.outsider()
    before = given.spots_left(seat)
    first = given.session(client, seat)
    with judging("BOOK-25.2"):
        agree("spots_left with an open session", given.spots_left(seat), before - 1)
    second = given.session(client, seat)
    with judging("BOOK-18.2"):
        agree("spots_left with a second session of the same client", given.spots_left(seat), before - 1)
    option = option_of(given, seat)["id"]
    with judging("BOOK-18.1"):
        given.confirm(first["session_id"], copay_package_id=option).refused(409, "session_expired")
    with judging("BOOK-17.3"):
        given.confirm(second["session_id"], copay_package_id="copay_of_nobody").refused(404)
        given.confirm(second["session_id"]).refused(400)
        given.confirm(second["session_id"], copay_package_id=option).ok()
    last, package, _ = given.only_seat(
        lambda gym: gym["copay_available"] and _left_out(given, gym) is not None
    )
    holder = given.client(_left_out(given, last.gym))
    given.session(holder, last)
    with judging("BOOK-4.3"):
        given.book(given.client(package), last).refused(409, "class_full")
    with judging("BOOK-18.11"):
        again = given.book(holder, last)
        must("session_id" in again.ok(), "a session that takes over the last seat", again.in_words(), again)


def _left_out(given: Given, gym: Thing) -> Thing | None:
    """A package that leaves this gym uncovered."""
    return next((package for package in given.stock.packages if not covers(package, gym)), None)


@requirement("BOOK-4.4")
def test_a_lapsed_session_frees_its_seat(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    before = lab.given.spots_left(seat)
    lab.world.set(lab.world.now() + dt.timedelta(milliseconds=700))  # what is told is a whole second
    opened = lab.given.session(client, seat)
    agree("spots_left with an open session", lab.given.spots_left(seat), before - 1)
    lab.world.set(int(opened["expires_at"]) * 1000)
    agree("spots_left when it lapsed", lab.given.spots_left(seat), before)


@requirement("BOOK-5.1", "BOOK-9.1", "BOOK-9.2")
def test_a_full_class_is_full_until_somebody_cancels(api: Api, given: Given, judging: Any) -> None:
    seat, package, _, booking = given.full()
    late = given.client(package)
    with judging("BOOK-5.1"):
        given.book(late, seat).refused(409, "class_full", kind="resource_conflict_error")
        agree("spots_left", given.spots_left(seat), 0)
    cancelled = api.cancel_booking(booking)
    with judging("BOOK-9.2"):
        agree("status of the cancelled booking", cancelled["status"], "CANCELLED", cancelled)
        agree("status", api.get_booking_status(booking)["status"], "CANCELLED")
    with judging("BOOK-9.1"):
        agree("spots_left after the cancellation", given.spots_left(seat), 1)
        booked = given.book(late, seat)
        must("booking_id" in booked.ok(), "the freed seat to be booked", booked.in_words(), booked)


@requirement("BOOK-5.2")
def test_the_last_seat_is_sold_once_whatever_the_rush(given: Given) -> None:
    seat, package, _ = given.only_seat()
    rush = [given.client(package) for _ in range(8)]
    with ThreadPoolExecutor(len(rush)) as pool:
        answers: list[Answer] = list(pool.map(lambda client: given.book(client, seat), rush))
    booked = [answer for answer in answers if answer.succeeded]
    agree("bookings of the last seat", len(booked), 1)
    for answer in answers:
        if not answer.succeeded:
            answer.refused(409, "class_full")
    agree("spots_left", given.spots_left(seat), 0)


@requirement("BOOK-6.1", "BOOK-6.2")
def test_a_members_only_gym_stays_closed(given: Given, judging: Any) -> None:
    client, seat = given.outsider(options=False)
    answer = given.book(client, seat)
    with judging("BOOK-6.1"):
        must(400 <= answer.status < 500, "a refusal", answer.in_words(), answer)
    with judging("BOOK-6.2"):
        answer.refused(403, "provider_not_covered", kind="permission_error")
        agree("bookings", given.api.list_client_bookings(client.id).data, [])


@requirement("BOOK-7.1", "PASS-10.2", "BOOK-10.2", "CRED-10.1", "CRED-10.2")
def test_credits_pay_for_a_class_and_return(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    before = given.with_credits(client, cost + 1)
    booked = given.book(client, seat)
    with judging("BOOK-7.1"):
        booked.ok()
        agree("balance after booking", given.credits(client), before - cost)
    with judging("PASS-10.2"):
        agree("visits_deducted", booked["visits_deducted"], 0, booked)
    cancelled = api.cancel_booking(booked.given("book a class with credits")["booking_id"])
    with judging("BOOK-10.2"):
        agree("credits_refunded", cancelled["refund"].get("credits_refunded"), cost, cancelled)
        agree("balance after cancelling", given.credits(client), before)
    ledger = api.get_client_credits(client.id)
    with judging("CRED-10.1"):
        for line in ledger["transactions"]:
            must(
                line["amount"] > 0 and line["type"] in ("CREDIT", "DEBIT"),
                "a positive amount and a type",
                line,
                ledger,
            )
        spent = [line["amount"] for line in ledger["transactions"] if line["type"] == "DEBIT"]
        agree("debits", spent, [cost], ledger)
    with judging("CRED-10.2"):
        kinds = [(line["type"], line["amount"]) for line in ledger["transactions"]]
        agree("the newest two lines", kinds[:2], [("CREDIT", cost), ("DEBIT", cost)], ledger)


@requirement("BOOK-7.2", "BOOK-7.3", "BOOK-7.4")
def test_too_few_credits_are_refused_with_both_numbers(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    before = given.spots_left(seat)
    answer = given.book(client, seat)
    with judging("BOOK-7.2"):
        answer.refused(400, "validation_error")
    with judging("BOOK-7.3"):
        told = str(answer.refused(400).get("message"))
        for number in (given.credits(client), cost):
            must(str(number) in told, f"a message naming balance 0 and cost {cost}", told, answer)
    with judging("BOOK-7.4"):
        agree("balance", given.credits(client), 0)
        agree("bookings", api.list_client_bookings(client.id).data, [])
        agree("spots_left", given.spots_left(seat), before)


@requirement("BOOK-7.6", "CODE-8.3")
def test_credits_do_not_replace_coverage(given: Given, judging: Any) -> None:
    client, seat = given.outsider(priced=True)
    given.with_credits(client, int(seat.instance["credit_cost"]))
    before = given.credits(client)
    answer = given.book(client, seat)
    with judging("BOOK-7.6"):
        must(
            "booking_id" not in answer,
            "no booking at a gym the pass does not cover",
            answer.in_words(),
            answer,
        )
        agree("balance", given.credits(client), before)
    with judging("CODE-8.3"):
        agree("copay_required", answer["copay_required"], True, answer)


@requirement("BOOK-8.2", "BOOK-8.3", "BOOK-11.4", "BOOK-23.1")
def test_a_booking_lives_by_the_clock(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.insider()
    booking = lab.given.booking(client, seat)
    made = lab.now_ms()

    def status() -> str:
        return str(lab.api.get_booking_status(booking)["status"])

    with judging("BOOK-8.2"):
        lab.world.set(made + 59_999)
        agree("status just before 60 s", status(), "PENDING")
        lab.world.set(made + 60_000)
        agree("status after 60 s", status(), "CONFIRMED")
    start, end = seat.starts * 1000, (seat.starts + 60 * int(seat.instance["duration_minutes"])) * 1000
    with judging("BOOK-23.1"):
        lab.world.set(start)
        lab.api.cancel_booking(booking).refused(409, "booking_closed")
    with judging("BOOK-8.3"):
        lab.world.set(end - 1000)
        agree("status before its end", status(), "CONFIRMED")
        lab.world.set(end)
        agree("status at its end", status(), "COMPLETED")
        agree(
            "status in the list",
            [b["status"] for b in lab.api.list_client_bookings(client.id).data],
            ["COMPLETED"],
        )
    with judging("BOOK-11.4"):
        lab.api.cancel_booking(booking).refused(409, "booking_closed")


@requirement("BOOK-13.1", "BOOK-13.2")
def test_one_client_holds_one_seat_of_a_class(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    with judging("BOOK-13.1"):
        given.book(client, seat).refused(409, "slot_unavailable")
        agree("bookings", api.list_client_bookings(client.id).ids, [booking])
    with judging("BOOK-13.2"):
        api.cancel_booking(booking).given("cancel a booking")
        booked = given.book(client, seat)
        must("booking_id" in booked.ok(), "a booking after cancelling", booked.in_words(), booked)


@requirement("BOOK-14.1")
def test_a_class_that_has_begun_takes_nobody(lab: Lab) -> None:
    client, seat = lab.given.insider()
    late = lab.given.client(client.package)
    lab.world.set(seat.starts * 1000 - 1000)
    must("booking_id" in lab.given.book(client, seat).ok(), "a booking just before the start", "none")
    lab.world.set(seat.starts * 1000)
    lab.given.book(late, seat).refused(409, "class_started")


@requirement("BOOK-14.2")
def test_a_session_of_a_class_that_has_begun_is_not_confirmed(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    lab.world.set(seat.starts * 1000 - 60_000)
    session = lab.given.session(client, seat)["session_id"]
    lab.world.set(seat.starts * 1000)
    answer = lab.given.confirm(session, copay_package_id=option_of(lab.given, seat)["id"])
    answer.refused(409, "class_started")


@requirement("BOOK-5.5")
def test_a_seat_given_away_stays_so_when_the_clock_goes_back(lab: Lab) -> None:
    given = lab.given
    seat, package, _ = given.only_seat(
        lambda gym: gym["copay_available"] and _left_out(given, gym) is not None
    )
    holder = given.client(_left_out(given, seat.gym))
    opened = given.session(holder, seat)
    end = int(opened["expires_at"]) * 1000
    lab.world.set(end)
    given.booking(given.client(package), seat)
    lab.world.set(end - 1000)
    answer = given.confirm(opened["session_id"], copay_package_id=option_of(given, seat)["id"])
    answer.refused(409, "session_expired")
    agree("spots_left", given.spots_left(seat), 0)


@requirement("COPAY-7.7", "COPAY-7.8", "COPAY-7.9")
def test_a_session_sells_while_it_is_open_to_its_client(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, seat = given.outsider()
    opened = given.session(client, seat)
    option, buy = option_of(given, seat)["id"], lab.api.purchase_copay
    order = {"client_id": client.id, "copay_package_id": option, "session_id": opened["session_id"]}
    with judging("COPAY-7.8"):
        other = given.client(client.package)
        buy(**{**order, "client_id": other.id}).refused(400, "validation_error")
    with judging("COPAY-7.7"):
        end = int(opened["expires_at"]) * 1000
        lab.world.set(end)
        buy(**order).refused(409, "session_expired")
        lab.world.set(end - 1000)
    with judging("COPAY-7.9"):
        buy(**order).ok()
        buy(**order).refused(409, "copay_not_required")
        given.confirm(opened["session_id"]).given("confirm a session")
        buy(**order).refused(409, "session_used")


@requirement("BOOK-17.1")
def test_a_session_is_its_openers(partner: Api, given: Given) -> None:
    client, seat = given.outsider()
    session = given.session(client, seat)["session_id"]
    answer = partner.confirm_class_booking(session, copay_package_id=option_of(given, seat)["id"])
    answer.refused(403, "permission_denied")
    given.confirm(session, copay_package_id=option_of(given, seat)["id"]).ok()


@requirement("BOOK-17.2", "COPAY-7.1", "COPAY-7.2")
def test_a_copay_can_be_bought_beside_its_session(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.outsider()
    option = option_of(given, seat)
    with judging("BOOK-17.2"):
        session = given.session(client, seat)["session_id"]
        fields = {"client_id": client.id, "provider_id": seat.gym["id"], "copay_option_id": option["id"]}
        api.purchase_copay(**fields).given("buy a co-pay")
        confirmed = given.confirm(session)
        agree("object", confirmed["object"], "booking", confirmed)
    other, elsewhere = given.outsider()
    session = given.session(other, elsewhere)["session_id"]
    with judging("COPAY-7.2"):
        foreign = next(
            (
                o["id"]
                for g in given.stock.gyms()
                if g["id"] != elsewhere.gym["id"] and g.get("copay_available")
                for o in given.stock.options(g)
            ),
            None,
        )
        if foreign is None:
            raise Blocked("the target's inventory has no second gym with co-pay options")
        answer = api.purchase_copay(client_id=other.id, copay_package_id=foreign, session_id=session)
        answer.refused(400, "validation_error")
        given.confirm(session, copay_package_id=foreign).refused(400, "validation_error")
    with judging("COPAY-7.1"):
        option = option_of(given, elsewhere)
        bought = api.purchase_copay(client_id=other.id, copay_package_id=option["id"], session_id=session)
        agree("type", bought["type"], "PACKAGE", bought)
        agree("amount", bought["amount"], option["amount"], bought)
        agree("object", given.confirm(session)["object"], "booking")


@requirement("BOOK-17.4")
def test_a_pass_lapsed_since_is_refused_at_confirm(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    session = lab.given.session(client, seat)["session_id"]
    end = lab.now_ms() + 60_000
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("set an expiry")
    lab.world.set(end)
    answer = lab.given.confirm(session, copay_package_id=option_of(lab.given, seat)["id"])
    answer.refused(409, "pass_not_active")


@requirement("BOOK-20.2")
def test_bought_visits_are_used_after_the_periods_own(lab: Lab) -> None:
    given = lab.given
    client, seat = given.without_visits()
    own = given.api.list_client_bookings(client.id, limit=100).ids
    session = given.session(client, seat)["session_id"]
    given.confirm(session, number_of_visits=2, duration="MONTHLY").given("buy visits")
    # one of the period's own comes back: it is used before the bought one that is left
    lab.api.cancel_booking(own[0]).given("cancel a booking")
    flags = ["booking_id" in given.book(client, s).ok() for s in _others(given, client, seat, 3)]
    agree("bookings out of one own and one bought visit", flags, [True, True, False])


@requirement("BOOK-20.1")
def test_bought_visits_last_a_month(lab: Lab) -> None:
    """By access codes, which are made on any day: classes a month ahead are nobody's to promise."""
    given = lab.given
    package = given.limited("GYM", lasting=True)
    client = given.client(package, start_date=lab.now_ms() - 10 * DAY)
    gyms = [g for g in given.stock.gyms() if covers(package, g) and not g.get("check_in_credit_cost")]
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    if len(gyms) <= visits:
        raise Blocked(f"the target's inventory has only {len(gyms)} gyms for {visits} visits on one day")
    _use_up(lab, client, gyms[:visits])
    door = {"client_id": client.id, "provider_id": gyms[visits]["id"]}
    session = lab.api.create_access_code(**door).given("open a session at the door")["session_id"]
    bought_at = lab.now_ms()
    lab.api.confirm_access_code(session, number_of_visits=2, duration="MONTHLY").given("buy visits")
    end = _months_later(bought_at)
    lab.world.set(end - 5 * DAY)  # the next period of the pass: its own visits are back, and used up first
    _use_up(lab, client, gyms[:visits])
    lab.world.set(end - 1000)
    code = lab.api.create_access_code(**door)
    must("access_code" in code.ok(), "bought visits just before a month is over", code.in_words(), code)
    lab.world.set(end)
    opened = lab.api.create_access_code(**door)
    must("session_id" in opened.ok(), "none when the month is over", opened.in_words(), opened)


def _use_up(lab: Lab, client: Client, gyms: list[Thing]) -> None:
    for gym in gyms:
        code = lab.api.create_access_code(client_id=client.id, provider_id=gym["id"]).given(
            "make an access code"
        )
        status, answer = lab.world.scan(code["access_code"], gym["id"])
        if status != 200:
            raise Blocked(f"the scanner refused a covered client: {answer}")


def _months_later(ms: int) -> int:
    moment = dt.datetime.fromtimestamp(ms / 1000, LAGOS)
    year, month = divmod(moment.year * 12 + moment.month, 12)
    first = moment.replace(year=year, month=month + 1, day=1)
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return round(first.replace(day=min(moment.day, last.day)).timestamp() * 1000)


def _others(given: Given, client: Client, seat: Seat, count: int) -> list[Seat]:
    taken = {b["scheduled_for"] for b in given.api.list_client_bookings(client.id, limit=100).data}
    found = given.seats(lambda gym: covers(client.package, gym), 16 + count, "that the pass covers")
    fresh = [s for s in found if s.starts not in taken and s.id != seat.id]
    if len(fresh) < count:
        raise Blocked(f"the target's inventory has only {len(fresh)} further classes that the pass covers")
    return fresh[:count]


@requirement("PASS-6.4")
def test_the_visits_are_back_when_the_period_begins(lab: Lab) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    client = given.client(package, start_date=lab.now_ms() - 10 * DAY)
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    gyms = [g for g in given.stock.gyms() if covers(package, g) and not g.get("check_in_credit_cost")]
    if len(gyms) < visits:
        raise Blocked(f"the target's inventory has only {len(gyms)} gyms for {visits} visits on one day")
    _use_up(lab, client, gyms[:visits])
    begins, door = _months_later(client.issued["start_date"]), {"provider_id": gyms[0]["id"]}
    lab.world.set(begins - 1)
    opened = lab.api.create_access_code(client_id=client.id, **door)
    must("session_id" in opened.ok(), "no visit a moment before", opened.in_words(), opened)
    lab.world.set(begins)
    code = lab.api.create_access_code(client_id=client.id, **door)
    must("access_code" in code.ok(), "a visit when the period begins", code.in_words(), code)


@requirement("PASS-10.4")
def test_a_visit_returns_to_the_period_it_came_from(lab: Lab) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    end = lab.world.now().astimezone(LAGOS) + dt.timedelta(days=2)
    start = end.replace(day=1) - dt.timedelta(days=1)
    start = start.replace(day=min(end.day, start.day))  # the period that began then ends in two days
    client = given.client(package, start_date=round(start.timestamp() * 1000))
    seats = given.seats(lambda gym: covers(package, gym), 2, "that the pass covers", hours=90)
    booking = given.booking(client, seats[0])
    lab.world.advance(days=3, hours=1)
    gyms = [g for g in given.stock.gyms() if covers(package, g) and not g.get("check_in_credit_cost")]
    if len(gyms) < visits:
        raise Blocked(f"the target's inventory has only {len(gyms)} gyms for {visits} visits on one day")
    _use_up(lab, client, gyms[:visits])
    cancelled = lab.api.cancel_booking(booking)
    agree("visits_restored", cancelled["refund"]["visits_restored"], 1, cancelled)
    opened = given.book(client, seats[1])
    must("session_id" in opened.ok(), "no visit more in this period", opened.in_words(), opened)


@requirement("BOOK-25.1")
def test_spots_follow_bookings(api: Api, given: Given) -> None:
    client, seat = given.insider()
    before = given.spots_left(seat)
    booking = given.booking(client, seat)
    agree("spots_left with one booking more", given.spots_left(seat), before - 1)
    classes = [seat.class_, *given.stock.classes[:24]]
    shown = [instance for class_ in classes for instance in given.stock.instances(class_["id"])]
    odd = [i["id"] for i in shown if i["spots_left"] > i["capacity"]]
    agree("instances with more spots than seats", odd, [])
    api.cancel_booking(booking).given("cancel a booking")
    agree("spots_left after cancelling", given.spots_left(seat), before)


@requirement("BOOK-25.6")
def test_updated_is_the_last_change_of_status(lab: Lab) -> None:
    client, seat = lab.given.insider()
    booking = lab.given.booking(client, seat)
    made = lab.now_ms() // 1000
    agree("updated at first", lab.api.get_booking_status(booking)["updated"], made)
    lab.world.advance(minutes=10)
    agree("updated once confirmed", lab.api.get_booking_status(booking)["updated"], made + 60)
    lab.api.cancel_booking(booking).given("cancel a booking")
    lab.world.advance(minutes=10)
    agree("updated once cancelled", lab.api.get_booking_status(booking)["updated"], made + 600)
    kept, left = (lab.given.booking(lab.given.client(client.package), seat) for _ in "ab")
    others = (s for s in lab.given.stock.seats(lambda gym: gym["id"] == seat.gym["id"]) if s.id != seat.id)
    target = next(others, None)
    if target is not None:
        lab.world.advance(minutes=10)
        lab.api.reschedule_booking(left, class_instance_id=target.id).given("move a booking")
        lab.world.advance(minutes=10)
        agree("updated once moved", lab.api.get_booking_status(left)["updated"], made + 1800)
    end = seat.starts + 60 * int(seat.instance["duration_minutes"])
    lab.world.set((end + 60) * 1000)
    agree("updated once completed", lab.api.get_booking_status(kept)["updated"], end)


@requirement("BOOK-25.3", "BOOK-25.4", "BOOK-25.7")
def test_a_class_shows_the_days_asked_for(api: Api, given: Given, judging: Any) -> None:
    _, seat = given.insider()
    class_id, today = seat.class_["id"], given.today()

    def dates(answer: Answer) -> list[str]:
        return [instance["date"] for instance in answer["instances"]]

    with judging("BOOK-25.3"):
        plain = api.get_class(class_id)
        same = api.get_class(
            class_id, from_=today.isoformat(), to=(today + dt.timedelta(days=13)).isoformat()
        )
        agree(
            "instances without dates",
            [i["id"] for i in plain["instances"]],
            [i["id"] for i in same["instances"]],
            plain,
        )
        last = (today + dt.timedelta(days=13)).isoformat()
        must(
            all(today.isoformat() <= d <= last for d in dates(plain)),
            f"dates up to {last}",
            dates(plain),
            plain,
        )
        _shows_its_last_day(given, last)
        day = str(seat.instance["date"])
        one = api.get_class(class_id, from_=day, to=day)
        must(seat.id in [i["id"] for i in one["instances"]], "both ends inclusive", dates(one), one)
        agree("dates of one day", set(dates(one)), {day}, one)
        api.get_class(class_id, from_="9999-12-25").ok()
    with judging("BOOK-25.4"):
        far = (today + dt.timedelta(days=31)).isoformat()
        api.get_class(class_id, from_=today.isoformat(), to=far).refused(400, "validation_error")
        last = (today + dt.timedelta(days=30)).isoformat()
        api.get_class(class_id, from_=today.isoformat(), to=last).ok()
        yesterday = (today - dt.timedelta(days=1)).isoformat()
        api.get_class(class_id, from_=today.isoformat(), to=yesterday).refused(400, "validation_error")
        for odd in ("tomorrow", "2026-02-30", "01.02.2026"):
            api.get_class(class_id, from_=odd).refused(400, "validation_error")
    with judging("BOOK-25.7"):
        plain = api.get_class(class_id)
        starts = [i["scheduled_for"] for i in plain["instances"]]
        agree("starts", starts, sorted(starts), plain)
        agree("class_id", {i["class_id"] for i in plain["instances"]}, {class_id}, plain)


def _shows_its_last_day(given: Given, last: str) -> None:
    """A class that has something on the last day shows it unasked."""
    for class_ in given.stock.classes[:30]:
        that_day = given.api.get_class(class_["id"], from_=last, to=last)
        ids = {instance["id"] for instance in that_day["instances"]}
        if ids:
            plain = given.api.get_class(class_["id"])
            shown = {instance["id"] for instance in plain["instances"]}
            must(ids <= shown, f"instances of {last}, the last of 14 days", "none of them", plain)
            return


@requirement("BOOK-25.5", "BOOK-25.18", "BOOK-25.19")
def test_classes_can_be_asked_for_by_category(api: Api, given: Given, judging: Any) -> None:
    known = {category["id"] for category in api.list_class_categories().data}
    used = {class_["category"] for class_ in given.stock.classes}
    one = given.stock.classes[0]
    category, gym = one["category"], one["provider_id"]

    def asked(beside: dict[str, float] | None = None, **filters: str) -> None:
        pages = given.stock.pages("list_classes", **(beside or {}), **filters)
        found = [item for page in pages for item in page.data]
        fitting = [c for c in given.stock.classes if all(c[name] == filters[name] for name in filters)]
        agree(f"classes of {filters}", {item["id"] for item in found}, {class_["id"] for class_ in fitting})

    with judging("BOOK-25.5"):
        must(used <= known, "categories of class_categories", sorted(used - known))
        asked(category=category)
        asked(provider_id=gym)
    with judging("BOOK-25.18"):
        asked(category=category, provider_id=gym)
    with judging("BOOK-25.19"):
        asked({"lat": 6.5, "lon": 3.4}, category=category)
        asked({"lat": 6.5, "lon": 3.4}, provider_id=gym)


@requirement("BOOK-25.8", "BOOK-25.17")
def test_bookings_can_be_asked_for_by_status_and_type(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    kept = given.booking(client, seat)
    other = next(
        s for s in given.seats(lambda g: covers(client.package, g), 6, "covered") if s.starts != seat.starts
    )
    gone = given.booking(client, other)
    api.cancel_booking(gone).given("cancel a booking")
    with judging("BOOK-25.8"):
        agree("cancelled ones", api.list_client_bookings(client.id, status="CANCELLED").ids, [gone])
        agree("classes", api.list_client_bookings(client.id, type="class").ids, [gone, kept])
        agree("spas", api.list_client_bookings(client.id, type="spa").ids, [])
        agree("completed ones", api.list_client_bookings(client.id, status="COMPLETED").ids, [])
    with judging("BOOK-25.17"):
        for kind, expected in (("class", [gone]), ("spa", [])):
            both = api.list_client_bookings(client.id, status="CANCELLED", type=kind)
            agree(f"cancelled ones of type {kind}", both.ids, expected, both)


@requirement("CRED-3.2")
def test_an_instance_costs_what_its_class_costs(given: Given) -> None:
    priced = [class_ for class_ in given.stock.classes if class_.get("credit_cost")][:8]
    costs = [(c["credit_cost"], i["credit_cost"]) for c in priced for i in given.stock.instances(c["id"])]
    if len(costs) < 2:
        raise Blocked("the target's inventory has no two instances of classes priced in credits")
    must(all(type(own) is int and own > 0 for _, own in costs), "a price at every instance", costs)
    usual = sum(own == of_class for of_class, own in costs)
    must(usual * 2 > len(costs), "most instances at the price of their class", f"{usual} of {len(costs)}")


def _in_need_no_more(lab: Lab) -> tuple[Client, Seat, str]:
    """A session that asks for visits, and its client has one again since."""
    client, seat = lab.given.without_visits()
    used = lab.api.list_client_bookings(client.id, limit=100).ids[0]
    session = lab.given.session(client, seat)["session_id"]
    lab.api.cancel_booking(used).given("cancel a booking")
    return client, seat, session


@requirement("BOOK-17.6")
def test_a_visit_that_returned_is_not_sold_again(lab: Lab) -> None:
    _, _, session = _in_need_no_more(lab)
    before = lab.world.balance()
    confirmed = lab.given.confirm(session)
    agree("object", confirmed["object"], "booking", confirmed)
    agree("the account", lab.world.balance(), before)


@requirement("BOOK-18.3")
def test_a_booking_ends_the_session_it_overtakes(given: Given) -> None:
    client, seat = given.outsider()
    option = option_of(given, seat)
    before = given.spots_left(seat)
    session = given.session(client, seat)["session_id"]
    fields = {"client_id": client.id, "provider_id": seat.gym["id"], "copay_option_id": option["id"]}
    given.api.purchase_copay(**fields).given("buy a co-pay")
    booked = given.book(client, seat)
    must("booking_id" in booked.ok(), "a booking beside the open session", booked.in_words(), booked)
    agree("spots_left", given.spots_left(seat), before - 1)
    given.confirm(session).refused(409, "session_expired")
    agree("spots_left after the refused confirm", given.spots_left(seat), before - 1)


@requirement("BOOK-20.4", "BOOK-20.5", "CODE-5.4")
def test_visits_bought_for_a_year_outlast_those_of_a_month(lab: Lab, judging: Any) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    client = given.client(package, start_date=lab.now_ms() - 10 * DAY)
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    gyms = [g for g in given.stock.gyms() if covers(package, g) and not g.get("check_in_credit_cost")]
    if len(gyms) <= visits:
        raise Blocked(f"the target's inventory has only {len(gyms)} gyms for {visits + 1} visits on one day")
    _use_up(lab, client, gyms[:visits])
    year, month, third = _others(given, client, given.seat(lambda gym: covers(package, gym), "covered"), 3)
    bought_at = lab.now_ms()
    longer = _with_bought_visits(given, client, year, number_of_visits=1, duration="ANNUALLY")
    lab.world.advance(minutes=1)  # those of the month are bought later, and lapse sooner
    shorter = _with_bought_visits(given, client, month, number_of_visits=2, duration="MONTHLY")
    for booking in (shorter, longer):
        lab.api.cancel_booking(booking).given("cancel a booking")
    given.booking(client, third)  # of the three visits that are back, with one that lapses sooner
    lab.world.set(_months_later(bought_at) + DAY)
    _use_up(lab, client, gyms[:visits])
    door = {"client_id": client.id, "provider_id": gyms[visits]["id"]}
    code = lab.api.create_access_code(**door)
    with judging("BOOK-20.4"):
        must("access_code" in code.ok(), "the year's visit after a month", code.in_words(), code)
    with judging("CODE-5.4"):
        status, taken = lab.world.scan(code["access_code"], door["provider_id"])
        agree("the scan", (status, taken.get("visits_deducted")), (200, 1))
    with judging("BOOK-20.5"):
        must("access_code" in code.ok(), "the month's visit to be used first", code.in_words(), code)
        lab.world.advance(days=1)
        opened = lab.api.create_access_code(**door)
        must("session_id" in opened.ok(), "none when both are used", opened.in_words(), opened)


def _with_bought_visits(given: Given, client: Client, seat: Seat, **order: Any) -> str:
    """A booking out of what is sold for it."""
    session = given.session(client, seat)["session_id"]
    return str(given.confirm(session, **order).given("buy visits")["id"])


@requirement("PASS-10.5")
def test_a_bought_visit_returns_to_those_it_was_bought_with(lab: Lab) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    client = given.client(package, start_date=lab.now_ms() - 10 * DAY)
    gyms = _gyms_to_use_up(given, package)
    _use_up(lab, client, gyms[:-1])
    year, month = _others(given, client, given.seat(lambda gym: covers(package, gym), "covered"), 2)
    bought_at = lab.now_ms()
    returns = _with_bought_visits(given, client, year, number_of_visits=1, duration="ANNUALLY")
    _with_bought_visits(given, client, month, number_of_visits=1, duration="MONTHLY")
    lab.api.cancel_booking(returns).given("cancel a booking")
    lab.world.set(_months_later(bought_at) + DAY)
    _use_up(lab, client, gyms[:-1])
    code = lab.api.create_access_code(client_id=client.id, provider_id=gyms[-1]["id"])
    must("access_code" in code.ok(), "the year's visit a month later", code.in_words(), code)


@requirement("BOOK-20.6")
def test_bought_visits_follow_the_pass_when_it_is_extended(lab: Lab) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    client = given.client(package, start_date=lab.now_ms() - 10 * DAY)
    gyms = _gyms_to_use_up(given, package)
    _use_up(lab, client, gyms[:-1])
    end, move = lab.now_ms() + 3 * DAY, lab.api.update_issued_pass_expiry
    move(client.pass_id, expires_at=end).given("shorten a pass")
    door = {"client_id": client.id, "provider_id": gyms[-1]["id"]}
    session = lab.api.create_access_code(**door).given("open a session at the door")["session_id"]
    lab.api.confirm_access_code(session, number_of_visits=1, duration="MONTHLY").given("buy a visit")
    move(client.pass_id, expires_at=end + 60 * DAY).given("extend a pass")
    lab.world.set(end + DAY)
    code = lab.api.create_access_code(**door)
    must("access_code" in code.ok(), "the bought visit past the old expiry", code.in_words(), code)


def _gyms_to_use_up(given: Given, package: Thing) -> list[Thing]:
    """A covered gym for each visit of a period, all scanned on one day, and one more."""
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    gyms = [g for g in given.stock.gyms() if covers(package, g) and not g.get("check_in_credit_cost")]
    if len(gyms) <= visits:
        raise Blocked(f"the target's inventory has only {len(gyms)} gyms for {visits + 1} visits on one day")
    return gyms[: visits + 1]


@requirement("BOOK-25.13")
def test_the_filter_asks_for_the_status_as_it_reads_now(lab: Lab) -> None:
    client, seat = lab.given.insider()
    booking = lab.given.booking(client, seat)
    start, end = seat.starts * 1000, (seat.starts + 60 * int(seat.instance["duration_minutes"])) * 1000
    for moment, reads in (
        (lab.now_ms() + 59_999, "PENDING"),
        (lab.now_ms() + 60_000, "CONFIRMED"),
        (start, "CONFIRMED"),
        (end - 1, "CONFIRMED"),
        (end, "COMPLETED"),
    ):
        lab.world.set(moment)
        for status in ("PENDING", "CONFIRMED", "COMPLETED", "CANCELLED", "RESCHEDULED"):
            page = lab.api.list_client_bookings(client.id, status=status)
            agree(f"{status} ones while it reads {reads}", page.ids, [booking] * (status == reads), page)


@requirement("BOOK-17.9")
def test_visits_asked_for_in_vain_are_not_sold(lab: Lab) -> None:
    given = lab.given
    client, seat, session = _in_need_no_more(lab)
    before = lab.world.balance()
    confirmed = given.confirm(session, number_of_visits=5, duration="MONTHLY")
    agree("object", confirmed["object"], "booking", confirmed)
    agree("the account", lab.world.balance(), before)
    opened = given.book(client, _others(given, client, seat, 1)[0])
    must("session_id" in opened.ok(), "no visit more than came back", opened.in_words(), opened)


@requirement("BOOK-25.14")
def test_what_has_begun_is_shown_when_its_day_is_asked_for(lab: Lab) -> None:
    _, seat = lab.given.insider()
    end, day = seat.starts + 60 * int(seat.instance["duration_minutes"]), str(seat.instance["date"])
    for moment, reads in (
        (seat.starts, "SCHEDULED"),
        (end, "COMPLETED"),
        (end + DAY // 1000, "COMPLETED"),
    ):
        lab.world.set(moment * 1000)
        shown = lab.api.get_class(seat.class_["id"], from_=day, to=day)
        statuses = {instance["id"]: instance["status"] for instance in shown["instances"]}
        agree(f"its status {moment - seat.starts} s after its start", statuses.get(seat.id), reads, shown)


@requirement("BOOK-25.15")
def test_today_is_lagos_own(lab: Lab) -> None:
    """In the hour after midnight there, when it is yesterday still in London."""
    midnight = (lab.world.now().astimezone(LAGOS) + dt.timedelta(days=2)).replace(
        hour=0, minute=30, second=0, microsecond=0
    )
    lab.world.set(midnight)
    for class_ in lab.given.stock.classes[:40]:
        shown = [lab.api.get_class(class_["id"], **_two_weeks(midnight, n)) for n in (0, 1)]
        today, yesterday = ([one["id"] for one in answer["instances"]] for answer in shown)
        if today != yesterday:
            plain = lab.api.get_class(class_["id"])
            agree("instances without dates", [one["id"] for one in plain["instances"]], today, plain)
            return
    raise Blocked("the target's inventory has no class that two weeks from yesterday show otherwise")


def _two_weeks(moment: dt.datetime, days_before: int) -> dict[str, str]:
    first = moment.date() - dt.timedelta(days=days_before)
    return {"from_": first.isoformat(), "to": (first + dt.timedelta(days=13)).isoformat()}


@requirement("PASS-10.6")
def test_what_credits_pay_needs_no_visit(given: Given) -> None:
    client, _ = given.without_visits()
    priced = given.seat(lambda gym: covers(client.package, gym), "priced in credits and covered", priced=True)
    cost = int(priced.instance["credit_cost"])
    before = given.with_credits(client, cost)
    booked = given.book(client, priced)
    must("booking_id" in booked.ok(), "a booking that credits pay", booked.in_words(), booked)
    agree("visits_deducted", booked["visits_deducted"], 0, booked)
    agree("balance", given.credits(client), before - cost)


@requirement("BOOK-18.9")
def test_a_session_for_another_class_lives_on(given: Given) -> None:
    client, seat = given.outsider()
    [other] = gym_seats(given, seat, 1)
    option = option_of(given, seat)["id"]
    first, second = (given.session(client, one)["session_id"] for one in (seat, other))
    given.confirm(first, copay_package_id=option).ok()
    booked = given.confirm(second)
    agree("scheduled_for", booked["scheduled_for"], other.starts, booked)


@requirement("BOOK-25.16")
def test_each_of_the_two_dates_may_be_left_out(given: Given) -> None:
    today = given.today()
    ago, soon, later, last = ((today + dt.timedelta(days=n)).isoformat() for n in (-7, 3, 6, 13))
    checked = set()
    for class_ in given.stock.classes[:40]:

        def ids(class_: Thing = class_, **dates: str) -> list[str]:
            return [one["id"] for one in given.api.get_class(class_["id"], **dates)["instances"]]

        two_weeks, sooner = ids(), ids(from_=today.isoformat(), to=soon)
        if "to" not in checked and two_weeks != sooner:
            agree(f"instances with to {soon} alone", ids(to=soon), sooner)
            checked.add("to")
        until, beyond = ids(from_=ago, to=later), ids(from_=ago, to=last)
        if "from" not in checked and until != beyond:
            agree(f"instances with from {ago} alone", ids(from_=ago), until)
            checked.add("from")
        if len(checked) == 2:
            return
    raise Blocked("the target's inventory has no class that is held this week and next")
