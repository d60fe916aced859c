"""Passes: what they are, when they count, what they cover, and how their visits are counted."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from contract_tests.api import Api
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import LAGOS, covers
from contract_tests.verdict import Blocked

DAY = 86_400_000
INACTIVE = "pass_not_active"


def status(api: Api, client: Client) -> str:
    return str(api.get_issued_pass(client.pass_id)["status"])


def cancel(api: Api, client: Client) -> None:
    api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")


def ending_pass(given: Given, kind: str) -> tuple[Client, int]:
    """A client whose pass lasts a single period with few visits, so that using them ends it; the visits."""

    def fits(package: Any) -> bool:
        categories = package.get("categories") or []
        return (
            bool(categories)
            and all(c.get("type") == kind and c.get("visits_allowed") for c in categories)
            and categories[0]["visits_allowed"] <= 8
            and categories[0].get("duration") == package.get("duration")
        )

    package = given.stock.package(fits, f"of one period with a few {kind} visits")
    return given.client(package), package["categories"][0]["visits_allowed"]


@requirement("PASS-1.1", "PASS-1.4")
def test_a_pass_is_active_until_it_is_cancelled(api: Api, given: Given, judging: Any) -> None:
    client = given.client()
    with judging("PASS-1.1"):
        agree("status at issue", client.issued.get("status"), "ACTIVE")
        agree("status", status(api, client), "ACTIVE")
    with judging("PASS-1.4"):
        api.update_issued_pass(client.pass_id, status="CANCELLED").ok()
        agree("status", status(api, client), "CANCELLED")
        held = api.get_client(client.id)
        agree("status in the client's passes", [p["status"] for p in held["passes"]], ["CANCELLED"], held)


@requirement("PASS-1.2", "PASS-2.3", "PASS-4.1", "PASS-4.8")
def test_a_pass_expires_by_itself_and_can_be_revived(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.insider()
    end = lab.now_ms() + 3_600_000
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("set an expiry")
    lab.world.set(end)
    with judging("PASS-1.2"):
        agree("status at its expiry", status(lab.api, client), "EXPIRED")
    with judging("PASS-2.3"):
        lab.given.book(client, seat).refused(409, INACTIVE)
    with judging("PASS-4.8"):
        lab.api.update_issued_pass(client.pass_id, first_name="Bola").ok()
        agree("first_name", lab.api.get_client(client.id)["first_name"], "Bola")
    with judging("PASS-4.1"):
        lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end + 9 * DAY).ok()
        agree("status after extending", status(lab.api, client), "ACTIVE")
        must("booking_id" in lab.given.book(client, seat).ok(), "a booking", "none")


@requirement("PASS-1.3", "PASS-11.2", "PASS-11.3", "BOOK-21.1")
def test_a_pass_is_over_when_its_every_visit_is_used(api: Api, given: Given, judging: Any) -> None:
    client, visits = ending_pass(given, "SPA")
    treatment = given.treatment(lambda spa: covers(client.package, spa), days=visits + 1)
    made = []
    for day in range(1, visits + 1):
        slot = given.free_time(treatment.spa, list(treatment.services), day)
        if slot is None:
            raise Blocked(f"the spa {treatment.spa['id']} has no free time {day} days ahead")
        made.append(given.spa_booking(client, slot)["id"])
    with judging("PASS-1.3"):
        agree("status with every visit used", status(api, client), "EXPIRED")
        held = api.get_client(client.id)
        agree("status in the client's passes", [p["status"] for p in held["passes"]], ["EXPIRED"], held)
    with judging("PASS-11.2"):
        opened = given.book_spa(client, treatment)
        must(opened.succeeded, "a session with a co-pay, not a refusal", opened.in_words(), opened)
    with judging("BOOK-21.1"):
        opened = given.book_spa(client, treatment)
        agree("copay_required with no visit left", opened["copay_required"], True, opened)
    with judging("PASS-11.3"):
        api.cancel_booking(made[-1]).given("cancel a spa booking")
        agree("status with a visit returned", status(api, client), "ACTIVE")


@requirement("PASS-2.1", "PASS-2.2", "BOOK-7.5", "CODE-1.2", "PASS-16.2")
def test_nothing_is_had_with_a_cancelled_pass(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    cancel(api, client)
    with judging("PASS-2.1"):
        given.book(client, seat).refused(409)
    with judging("PASS-2.2"):
        given.book(client, seat).refused(409, INACTIVE)
    with judging("CODE-1.2"):
        api.create_access_code(
            client_id=client.id, provider_id=seat.gym["id"], user_pass_id=client.pass_id
        ).refused(409)
    with judging("PASS-16.2"):
        api.create_access_code(client_id=client.id, provider_id=seat.gym["id"]).refused(409, INACTIVE)
    with judging("BOOK-7.5"):
        rich, priced = given.insider(priced=True)
        given.with_credits(rich, int(priced.instance["credit_cost"]))
        cancel(api, rich)
        given.book(rich, priced).refused(409)


@requirement("PASS-2.4")
def test_no_spa_is_booked_with_a_cancelled_pass(api: Api, given: Given) -> None:
    client, treatment = given.spa_insider()
    cancel(api, client)
    given.book_spa(client, treatment).refused(409)


@requirement("PASS-3.1", "PASS-3.2")
def test_client_ids_are_the_resellers_own(api: Api, given: Given, judging: Any) -> None:
    package, new = given.ample("GYM"), given.new_id()
    person = {
        "first_name": "Ngozi",
        "last_name": "Eze",
        "email": "ngozi@example.com",
        "phone": "+2348012345678",
    }
    with judging("PASS-3.1"):
        api.get_client(new).refused(404)
        api.issue_pass(pass_id=package["id"], client_id=new, **person).ok()
        known = api.get_client(new)
        for name, value in {"id": new, **person}.items():
            agree(name, known[name], value, known)
    with judging("PASS-3.2"):
        client = given.client(package)
        again = given.client(client.package, client_id=client.id)
        known = api.get_client(client.id)
        agree("passes", {held["id"] for held in known["passes"]}, {client.pass_id, again.pass_id}, known)


@requirement("PASS-4.2", "PASS-4.7", "PASS-13.1")
def test_a_cancelled_pass_accepts_nothing_and_leaves_its_bookings(
    api: Api, given: Given, judging: Any
) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    cancel(api, client)
    with judging("PASS-4.2"):
        later = client.issued["expires_at"] + DAY
        api.update_issued_pass_expiry(client.pass_id, expires_at=later).refused(409, INACTIVE)
        api.update_issued_pass(client.pass_id, first_name="Bola").refused(409, INACTIVE)
        api.update_issued_pass(client.pass_id, status="CANCELLED").refused(409, INACTIVE)
    with judging("PASS-4.7"):
        passcode = client.issued["passcode"]
        api.rotate_passcode(client.pass_id, passcode=passcode).refused(409, INACTIVE)
        agree("passcode", api.get_issued_pass(client.pass_id)["passcode"], passcode)
    with judging("PASS-13.1"):
        after = api.get_booking_status(booking)
        must(after["status"] in ("PENDING", "CONFIRMED"), "the booking untouched", after["status"], after)


@requirement("PASS-4.9")
def test_a_pass_comes_back_to_life_with_its_visits_used(lab: Lab) -> None:
    client, seat = lab.given.without_visits(lasting=True)
    end = lab.now_ms() + 3_600_000
    for moment in (end, client.issued["expires_at"]):
        lab.api.update_issued_pass_expiry(client.pass_id, expires_at=moment).given("move an expiry")
        lab.world.set(end)
    opened = lab.given.book(client, seat)
    must("session_id" in opened.ok(), "a session that sells visits", opened.in_words(), opened)


@requirement("PASS-4.3", "PASS-4.4", "PASS-4.5")
def test_an_expiry_lies_ahead_and_after_the_start(api: Api, given: Given, judging: Any) -> None:
    client, now = given.client(), given.now_ms()
    with judging("PASS-4.3"):
        api.update_issued_pass_expiry(client.pass_id, expires_at=now - DAY).refused(400, "validation_error")
        later = given.client(client.package, start_date=now + 20 * DAY)
        api.update_issued_pass_expiry(later.pass_id, expires_at=now + 10 * DAY).refused(
            400, "validation_error"
        )
        agree("expires_at", api.get_issued_pass(client.pass_id)["expires_at"], client.issued["expires_at"])
    with judging("PASS-4.4"):
        end = client.issued["expires_at"] + 30 * DAY
        answer = api.update_issued_pass_expiry(client.pass_id, expires_at=end)
        agree("id", answer["id"], client.pass_id, answer)
        agree("expires_at", api.get_issued_pass(client.pass_id)["expires_at"], end)
    with judging("PASS-4.5"):
        end = now + 5 * DAY
        api.update_issued_pass_expiry(client.pass_id, expires_at=end).ok()
        agree("expires_at", api.get_issued_pass(client.pass_id)["expires_at"], end)
        agree("status", status(api, client), "ACTIVE")


@requirement("PASS-4.6", "PASS-9.4")
def test_a_pass_may_end_a_moment_from_now(lab: Lab, judging: Any) -> None:
    package = lab.given.stock.package(lambda package: package.get("duration") == "monthly", "of a month")
    now = (lab.world.now().astimezone(LAGOS) + dt.timedelta(days=30)).replace(day=15)
    lab.world.set(now)
    with judging("PASS-4.6"):
        client = lab.given.client(package)
        move = lab.api.update_issued_pass_expiry
        move(client.pass_id, expires_at=lab.now_ms()).refused(400, "validation_error")
        move(client.pass_id, expires_at=lab.now_ms() + 1).ok()
        start = lab.now_ms() + 5 * DAY
        later = lab.given.client(package, start_date=start)
        move(later.pass_id, expires_at=start).refused(400, "validation_error")
        move(later.pass_id, expires_at=start + 1).ok()
    with judging("PASS-9.4"):
        person = {"pass_id": package["id"], "first_name": "Ada", "last_name": "Obi"}
        month_ago = round((now.replace(day=1) - dt.timedelta(days=1)).replace(day=15).timestamp() * 1000)
        issue = lab.api.issue_pass
        issue(**person, client_id=lab.given.new_id(), start_date=month_ago).refused(400, "validation_error")
        made = issue(**person, client_id=lab.given.new_id(), start_date=month_ago + 1)
        agree("expires_at", made["expires_at"], lab.now_ms() + 1, made)


@requirement("PASS-5.1", "PASS-5.2", "PASS-5.3", "PASS-5.4")
def test_a_package_opens_its_providers(given: Given, judging: Any) -> None:
    providers = given.stock.providers
    for package in given.stock.packages[:4]:
        listed = [
            item for page in given.stock.pages("list_pass_providers", package["id"]) for item in page.data
        ]
        ids = {item["id"] for item in listed}
        with judging("PASS-5.1"):
            known = {provider["id"] for provider in providers}
            must(bool(ids) and ids <= known, "a set of known providers", sorted(ids - known) or "none")
            first = providers[0]
            agree(f"{first['id']} among them", first["id"] in ids, covers(package, first))
        with judging("PASS-5.2"):
            expected = {provider["id"] for provider in providers if covers(package, provider)}
            agree(f"providers of {package['id']} missing", sorted(expected - ids), [])
            agree(f"providers of {package['id']} too many", sorted(ids - expected), [])
        with judging("PASS-5.4"):
            agree(f"provider_count of {package['id']}", package["provider_count"], len(ids))
    with judging("PASS-5.3"):
        client = given.client()
        ids = {
            item["id"]
            for page in given.stock.pages("list_pass_providers", client.package["id"])
            for item in page.data
        }
        own = {
            item["id"]
            for page in given.stock.pages("list_pass_providers", client.pass_id)
            for item in page.data
        }
        agree("providers of the issued pass", own, ids)


@requirement("PASS-6.1", "PASS-6.5", "BOOK-1.2", "PASS-11.1", "BOOK-2.4", "BOOK-19.2")
def test_visits_are_capped_and_more_can_be_bought(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.without_visits(lasting=True)
    opened = given.book(client, seat)
    with judging("PASS-6.1"):
        must("booking_id" not in opened.ok(), "no booking with the visits used up", opened.in_words(), opened)
    with judging("PASS-6.5"):
        shown = api.get_issued_pass(client.pass_id)
        agree("categories, as at issue", shown["categories"], client.issued["categories"], shown)
    with judging("BOOK-1.2"):
        agree("additional_visits_required", opened["additional_visits_required"], True, opened)
        agree("copay_required", opened["copay_required"], False, opened)
        price = opened["cost_per_visit"]
        must(type(price) is int and price > 0, "a cost_per_visit", price, opened)
        must(bool(opened["session_id"]), "a session_id", opened.in_words(), opened)
    with judging("PASS-11.1"):
        agree("status with the month's visits used", status(api, client), "ACTIVE")
    with judging("BOOK-19.2"):
        session = opened.given("open a session")["session_id"]
        given.confirm(session).refused(400, "validation_error")
        given.confirm(session, number_of_visits=2).refused(400, "validation_error")
        given.confirm(session, duration="MONTHLY").refused(400, "validation_error")
    with judging("BOOK-2.4"):
        session = opened.given("open a session")["session_id"]
        given.confirm(session, number_of_visits=2, duration="MONTHLY").given("buy visits")
        taken = {b["scheduled_for"] for b in api.list_client_bookings(client.id, limit=100).data}
        others = given.seats(lambda gym: covers(client.package, gym), 14, "that the pass covers")
        other = next(s for s in others if s.starts not in taken)
        booked = given.book(client, other)
        must(
            "booking_id" in booked.ok(),
            "the second bought visit to cover a booking",
            booked.in_words(),
            booked,
        )


@requirement("PASS-6.2", "PASS-10.1")
def test_an_unlimited_pass_is_never_used_up(given: Given, judging: Any) -> None:
    client, _ = given.insider(given.unlimited("GYM"))
    limit = max((cap for cap in map(_cap, given.stock.packages) if cap <= 12), default=8)
    seats = given.seats(lambda gym: covers(client.package, gym), limit + 1, "that the pass covers")
    answers = [given.book(client, seat) for seat in seats]
    with judging("PASS-6.2"):
        for answer in answers:
            must("booking_id" in answer.ok(), "every class booked at once", answer.in_words(), answer)
    with judging("PASS-10.1"):
        for answer in answers:
            agree("visits_deducted", answer["visits_deducted"], 1, answer)


def _cap(package: Any) -> int:
    return max((c.get("visits_allowed") or 0 for c in package.get("categories") or []), default=0)


@requirement("PASS-6.3")
def test_a_new_period_brings_the_visits_back(lab: Lab) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    allowed = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    # the first period ends in two days: its start lies a month before that
    end = lab.world.now().astimezone(LAGOS) + dt.timedelta(days=2)
    start = end.replace(day=1) - dt.timedelta(days=1)
    start = start.replace(day=min(end.day, start.day))
    client = given.client(package, start_date=round(start.timestamp() * 1000))
    seats = given.seats(lambda gym: covers(package, gym), allowed + 1, "that the pass covers", hours=80)
    for seat in seats[:-1]:
        given.booking(client, seat)
    must("session_id" in given.book(client, seats[-1]).ok(), "a session with the visits used up", "a booking")
    lab.world.advance(days=3, hours=1)
    booked = given.book(client, seats[-1])
    must("booking_id" in booked.ok(), "a covered booking in the next period", booked.in_words(), booked)


@requirement("PASS-7.1", "PASS-12.1", "PASS-12.2")
def test_a_pass_for_later_books_nothing_yet(given: Given, judging: Any) -> None:
    insider, seat = given.insider()
    client = given.client(insider.package, start_date=given.now_ms() + 5 * DAY)
    with judging("PASS-12.1"):
        agree("status before its start", client.issued.get("status"), "ACTIVE")
        agree("status before its start", status(given.api, client), "ACTIVE")
    with judging("PASS-7.1"):
        given.book(client, seat).refused(409, INACTIVE)
    with judging("PASS-12.2"):
        door = {"client_id": client.id, "provider_id": seat.gym["id"]}
        given.api.create_access_code(**door).refused(409, INACTIVE)


@requirement("PASS-7.2")
def test_a_pass_for_later_books_once_its_start_has_come(lab: Lab) -> None:
    insider, seat = lab.given.insider(hours=30)
    client = lab.given.client(insider.package, start_date=lab.now_ms() + 3_600_000)
    lab.world.advance(hours=1)
    must("booking_id" in lab.given.book(client, seat).ok(), "a booking at the start of the pass", "none")


@requirement("PASS-8.1", "PASS-14.1", "PASS-14.6")
def test_credits_are_granted_once_at_issue(api: Api, given: Given, judging: Any) -> None:
    package = given.stock.package(lambda p: granted(p) > 0, "that grants credits")
    client = given.client(package)
    with judging("PASS-8.1"):
        agree("balance", given.credits(client), granted(package))
    with judging("PASS-14.6"):
        several = max(filter(granted, given.stock.packages), key=lambda p: len(p["categories"]))
        agree(f"balance after {several['id']}", given.credits(given.client(several)), granted(several))
    with judging("PASS-14.1"):
        end = client.issued["expires_at"] + DAY
        api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("extend a pass")
        api.update_issued_pass(client.pass_id, first_name="Bola").given("update a pass")
        agree("balance after updates", given.credits(client), granted(package))


@requirement("PASS-8.2", "PASS-14.2")
def test_granted_credits_end_with_the_pass_as_it_was_issued(lab: Lab, judging: Any) -> None:
    package = lab.given.stock.package(lambda p: granted(p) > 0, "that grants credits")
    plain, moved = lab.given.client(package), lab.given.client(package)
    end = plain.issued["expires_at"]
    lab.api.update_issued_pass_expiry(moved.pass_id, expires_at=end + 10 * DAY).given("extend a pass")
    lab.world.set(end)
    with judging("PASS-8.2"):
        agree("balance at the end of the pass", lab.given.credits(plain), 0)
    with judging("PASS-14.2"):
        agree("balance at the old end of an extended pass", lab.given.credits(moved), 0)


def granted(package: Any) -> int:
    return sum(c.get("credit_allocated") or 0 for c in package.get("categories") or [])


@requirement("PASS-9.2", "PASS-9.3", "PASS-9.5")
def test_a_start_in_the_past_is_taken_while_the_pass_would_last(api: Api, given: Given, judging: Any) -> None:
    monthly = given.stock.package(
        lambda package: package.get("duration") == "monthly", "with duration monthly"
    )
    body = {"pass_id": monthly["id"], "first_name": "Ada", "last_name": "Obi"}
    now = given.now_ms()
    with judging("PASS-9.2"):
        made = api.issue_pass(**body, client_id=given.new_id(), start_date=now - 5 * DAY)
        agree("status", made["status"], "ACTIVE", made)
        agree("start_date", made["start_date"], now - 5 * DAY, made)
    with judging("PASS-9.5"):
        first = dt.datetime.fromtimestamp(now / 1000, LAGOS).replace(day=1, hour=0, minute=0, second=0)
        first = first.replace(microsecond=0)
        next_first = (first + dt.timedelta(days=31)).replace(day=1)
        begun = round(first.timestamp() * 1000)
        made = api.issue_pass(**body, client_id=given.new_id(), start_date=begun)
        agree("expires_at", made["expires_at"], round(next_first.timestamp() * 1000), made)
    with judging("PASS-9.3"):
        late = api.issue_pass(**body, client_id=given.new_id(), start_date=now - 40 * DAY)
        late.refused(400, "validation_error")


@requirement("PASS-10.3", "BOOK-10.1")
def test_a_returned_visit_can_be_used_again(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.without_visits()
    booking = api.list_client_bookings(client.id, limit=100).ids[0]
    cancelled = api.cancel_booking(booking)
    with judging("BOOK-10.1"):
        refund = cancelled["refund"]
        agree("visits_restored", refund.get("visits_restored"), 1, cancelled)
    with judging("PASS-10.3"):
        booked = given.book(client, seat)
        must("booking_id" in booked.ok(), "the returned visit to cover a booking", booked.in_words(), booked)


@requirement("PASS-13.2", "PASS-13.3", "PASS-13.5")
def test_what_an_update_says_is_the_clients(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    with judging("PASS-13.2"):
        fresh = {
            "first_name": "Chiamaka",
            "last_name": "Okafor",
            "email": "c@example.com",
            "phone": "+2348000000001",
        }
        api.update_issued_pass(client.pass_id, **fresh).ok()
        known = api.get_client(client.id)
        agree("names and addresses", {name: known[name] for name in fresh}, fresh, known)
    with judging("PASS-13.3"):
        before = api.get_client(client.id)
        given.book(client, seat, first_name="Somebody", last_name="Else").ok()
        after = api.get_client(client.id)
        names = ("first_name", "last_name")
        agree("names after a booking", [after[n] for n in names], [before[n] for n in names], after)
    with judging("PASS-13.5"):
        api.update_issued_pass(client.pass_id, body={}).refused(400, "validation_error")
        for wrong in ("ACTIVE", "EXPIRED", "cancelled"):
            api.update_issued_pass(client.pass_id, status=wrong).refused(400, "validation_error")


@requirement("PASS-16.1")
def test_the_pass_that_covers_is_found_by_itself(api: Api, given: Given) -> None:
    client, seat = given.insider()
    code = api.create_access_code(client_id=client.id, provider_id=seat.gym["id"])
    must("access_code" in code.ok(), "an access code", code.in_words(), code)
    both = next((p for p in given.stock.packages if not covers(p, seat.gym)), None)
    if both is not None:
        given.client(both, client_id=client.id)
        code = api.create_access_code(client_id=client.id, provider_id=seat.gym["id"])
        must("access_code" in code.ok(), "the covering pass of two", code.in_words(), code)


@requirement("PASS-10.7")
def test_each_category_has_visits_of_its_own(given: Given) -> None:
    def allowed(package: Any, kind: str) -> Any:
        kinds = {each.get("type"): each.get("visits_allowed") for each in package.get("categories") or []}
        return kinds.get(kind, 0)

    def fits(package: Any) -> bool:
        gym, spa = allowed(package, "GYM"), allowed(package, "SPA")
        return spa in range(1, 5) and (gym is None or gym >= spa)

    package = given.stock.package(fits, "for gyms, and with a few visits to spas")
    client, treatment = given.client(package), given.treatment(lambda spa: covers(package, spa))
    visits = allowed(package, "SPA")
    for seat in given.seats(lambda gym: covers(package, gym), visits, f"that {package['id']} covers"):
        given.booking(client, seat)
    opened = given.book_spa(client, treatment)
    agree("copay_required after as many visits to gyms", opened["copay_required"], False, opened)


@requirement("PASS-17.1", "PASS-17.2", "PASS-17.3")
def test_a_passcode_can_be_rotated(api: Api, given: Given, judging: Any) -> None:
    client = given.client()
    old = client.issued.get("passcode")
    wrong = "AAAAAAAA" if old != "AAAAAAAA" else "BBBBBBBB"
    with judging("PASS-17.3"):
        for odd in {wrong, str(old).lower()} - {old}:
            api.rotate_passcode(client.pass_id, passcode=odd).refused(400, "validation_error")
        agree("passcode", api.get_issued_pass(client.pass_id)["passcode"], old)
    rotated = api.rotate_passcode(client.pass_id, passcode=old)
    with judging("PASS-17.1"):
        fresh = rotated["passcode_info"].get("passcode")
        must(
            bool(re.fullmatch(r"[A-Z0-9]{8}", str(fresh))) and fresh != old, "a new one of 8", fresh, rotated
        )
        agree("issued_pass_id", rotated["passcode_info"].get("issued_pass_id"), client.pass_id, rotated)
        made = rotated["passcode_info"].get("created") - given.now_ms()
        must(abs(made) < 60_000, "created now", f"{made} ms from now", rotated)
    with judging("PASS-17.2"):
        fresh = rotated["passcode_info"]["passcode"]
        api.rotate_passcode(client.pass_id, passcode=old).refused(400, "validation_error")
        agree("passcode shown", api.get_issued_pass(client.pass_id)["passcode"], fresh)
        api.rotate_passcode(client.pass_id, passcode=fresh).ok()


@requirement("PASS-16.4")
def test_of_two_passes_the_one_that_ends_sooner_pays(lab: Lab) -> None:
    """Which of them it was shows at the door, once one of the two is cancelled."""
    given = lab.given
    package, gym = given.ample("GYM"), _free_gym(given)
    for cancelled, accepted in (("sooner", False), ("later", True)):
        later = given.client(package)
        lab.world.advance(seconds=1)
        sooner = given.client(package, client_id=later.id)
        end = sooner.issued["expires_at"] - 10 * DAY
        if accepted:  # the older one ends sooner now: it is not the newest that is taken
            later, sooner = sooner, later
        lab.api.update_issued_pass_expiry(sooner.pass_id, expires_at=end).given("shorten a pass")
        code = lab.api.create_access_code(client_id=later.id, provider_id=gym["id"]).given("make a code")
        cancel(lab.api, sooner if cancelled == "sooner" else later)
        scanned, answer = lab.world.scan(code["access_code"], gym["id"])
        agree(f"accepted with the {cancelled} one cancelled", scanned == 200, accepted)
        if not accepted:
            agree("the scanner's code", answer.get("code"), INACTIVE)


@requirement("PASS-16.6")
def test_a_pass_that_is_named_is_the_one(lab: Lab) -> None:
    given = lab.given
    package, gym = given.ample("GYM"), _free_gym(given)
    sooner = given.client(package)
    later = given.client(package, client_id=sooner.id)
    end = sooner.issued["expires_at"] - 10 * DAY
    lab.api.update_issued_pass_expiry(sooner.pass_id, expires_at=end).given("shorten a pass")
    door = {"client_id": sooner.id, "provider_id": gym["id"]}
    code = lab.api.create_access_code(**door, user_pass_id=later.pass_id).given("make a code")
    spare = lab.api.create_access_code(**door, user_pass_id=sooner.pass_id).given("make a code")
    cancel(lab.api, sooner)
    agree(
        "the scan on the other pass", lab.world.scan(spare["access_code"], gym["id"])[1].get("code"), INACTIVE
    )
    agree("the scan on the pass named", lab.world.scan(code["access_code"], gym["id"])[0], 200)


@requirement("PASS-16.5")
def test_where_no_pass_covers_the_newest_is_meant(lab: Lab) -> None:
    given = lab.given
    client, seat = given.outsider()
    lab.world.advance(seconds=1)
    newest = given.client(client.package, client_id=client.id)
    end = newest.issued["expires_at"] + 10 * DAY  # the older one ends sooner, and is not taken for that
    lab.api.update_issued_pass_expiry(newest.pass_id, expires_at=end).given("extend a pass")
    option = given.stock.options(seat.gym)[0]["id"]
    door = {"client_id": client.id, "provider_id": seat.gym["id"]}
    first, second = (lab.api.create_access_code(**door).given("open a session")["session_id"] for _ in "ab")
    cancel(lab.api, client)
    lab.api.confirm_access_code(first, copay_package_id=option).ok()
    cancel(lab.api, newest)
    lab.api.confirm_access_code(second).refused(409, INACTIVE)


def _free_gym(given: Given) -> Any:
    package = given.ample("GYM")
    for gym in given.stock.gyms():
        if covers(package, gym) and not gym.get("check_in_credit_cost"):
            return gym
    raise Blocked("the target's inventory has no covered gym whose check-in a visit pays")


@requirement("PASS-11.4")
def test_bought_visits_keep_a_pass_active(lab: Lab) -> None:
    given = lab.given
    client, seat = given.without_visits(lasting=True, alone=True)
    end = lab.now_ms() + 20 * DAY  # the period that is used up is the last one now
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("shorten a pass")
    agree("status with every visit of the last period used", status(lab.api, client), "EXPIRED")
    session = given.session(client, seat)["session_id"]
    given.confirm(session, number_of_visits=2, duration="MONTHLY").given("buy visits")
    agree("status with a bought visit left", status(lab.api, client), "ACTIVE")
    end += 40 * DAY
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("extend a pass")
    agree("status with another period to come", status(lab.api, client), "ACTIVE")


@requirement("PASS-11.5")
def test_the_last_period_holds_the_last_moment(lab: Lab) -> None:
    client, _ = lab.given.without_visits(lasting=True, alone=True)
    month = _month_after(int(client.issued["start_date"]))
    for end, told in ((month, "EXPIRED"), (month + 1, "ACTIVE"), (month - 1, "EXPIRED")):
        lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end).given("move an expiry")
        agree(f"status of a pass that ends {end - month} ms after its month", status(lab.api, client), told)


def _month_after(ms: int) -> int:
    """The same day and time of the next month, or its last day."""
    moment = dt.datetime.fromtimestamp(ms / 1000, LAGOS)
    following = (moment.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    last = (following + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return round(following.replace(day=min(moment.day, last.day)).timestamp() * 1000)


@requirement("PASS-16.7")
def test_a_cancelled_pass_is_not_the_one_meant(api: Api, given: Given) -> None:
    client, seat = given.insider()
    other = given.client(client.package, client_id=client.id)
    cancel(api, client)
    code = api.create_access_code(client_id=client.id, provider_id=seat.gym["id"])
    must("access_code" in code.ok(), "the active pass of two", code.in_words(), code)
    cancel(api, other)
    door = {"client_id": client.id, "provider_id": seat.gym["id"]}
    api.create_access_code(**door).refused(409, INACTIVE)


@requirement("PASS-16.8")
def test_a_quote_is_for_the_pass_that_is_named(given: Given) -> None:
    outsider, treatment = given.spa_outsider()
    covering = given.client(given.ample("SPA"), client_id=outsider.id)
    amounts = [
        given.quote(outsider, treatment, **named)["amount"]
        for named in ({}, {"user_pass_id": covering.pass_id}, {"user_pass_id": outsider.pass_id})
    ]
    agree("amounts by the covering pass", amounts[:2], [0, 0])
    must(amounts[2] > 0, "an amount by the pass that does not cover", amounts[2])


@requirement("PASS-13.7")
def test_what_comes_with_a_cancellation_is_the_clients_too(api: Api, given: Given) -> None:
    client = given.client()
    api.update_issued_pass(client.pass_id, status="CANCELLED", first_name="Halima").ok()
    agree("first_name", api.get_client(client.id)["first_name"], "Halima")


@requirement("PASS-13.6")
def test_what_is_given_at_issue_is_the_clients(api: Api, given: Given) -> None:
    client = given.client()
    fresh = {
        "first_name": "Amara",
        "last_name": "Nwosu",
        "email": "amara@example.com",
        "phone": "+2348000000002",
    }
    given.client(client.package, client_id=client.id, **fresh)
    known = api.get_client(client.id)
    agree("names and addresses", {name: known[name] for name in fresh}, fresh, known)
    given.client(client.package, client_id=client.id, first_name="Ada", last_name="Nwosu")
    known = api.get_client(client.id)
    agree("what was left out", (known["first_name"], known["email"]), ("Ada", fresh["email"]), known)


@requirement("PASS-14.3")
def test_cancelling_a_pass_leaves_what_it_granted(api: Api, given: Given) -> None:
    package = given.stock.package(lambda p: granted(p) > 0, "that grants credits")
    client = given.client(package)
    cancel(api, client)
    agree("balance after cancelling", given.credits(client), granted(package))


@requirement("PASS-14.4")
def test_reviving_a_pass_grants_nothing_again(lab: Lab) -> None:
    package = lab.given.stock.package(lambda p: granted(p) > 0, "that grants credits")
    client = lab.given.client(package)
    end = int(client.issued["expires_at"])
    lab.world.set(end + DAY)
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end + 9 * DAY).given("revive a pass")
    agree("balance of a pass revived", lab.given.credits(client), 0)


@requirement("PASS-14.5", "PASS-14.7")
def test_what_a_pass_grants_ends_with_it_whenever_it_began(lab: Lab, judging: Any) -> None:
    package = lab.given.stock.package(lambda p: granted(p) > 0, "that grants credits")
    for begun_or_later, days in (("PASS-14.7", -9), ("PASS-14.5", 9)):
        client = lab.given.client(package, start_date=lab.now_ms() + days * DAY)
        end = int(client.issued["expires_at"])
        with judging(begun_or_later):
            lab.world.set(end - 1)
            agree("balance a moment before its expiry", lab.given.credits(client), granted(package))
            lab.world.set(end)
            agree("balance at its expiry", lab.given.credits(client), 0)


@requirement("PASS-16.11")
def test_a_pass_without_limit_has_visits_left(lab: Lab) -> None:
    given = lab.given
    capped = given.limited("GYM")
    gym = next(
        (g for g in given.stock.gyms() if covers(capped, g) and covers(given.unlimited("GYM"), g)), None
    )
    if gym is None:
        raise Blocked("the target's inventory has no gym that a capped and an unlimited pass cover")
    later = given.client(capped)
    sooner = given.client(given.unlimited("GYM"), client_id=later.id)
    end = min(int(later.issued["expires_at"]), int(sooner.issued["expires_at"])) - DAY
    lab.api.update_issued_pass_expiry(sooner.pass_id, expires_at=end).given("shorten a pass")
    code = lab.api.create_access_code(client_id=later.id, provider_id=gym["id"]).given("make a code")
    cancel(lab.api, sooner)
    _, told = lab.world.scan(code["access_code"], gym["id"])
    agree("the scan with the unlimited one cancelled", told.get("code"), INACTIVE)


@requirement("PASS-16.10")
def test_bought_visits_are_visits_left(lab: Lab) -> None:
    given = lab.given
    sooner, seat = given.without_visits(lasting=True)
    session = given.session(sooner, seat)["session_id"]
    given.confirm(session, number_of_visits=2, duration="MONTHLY").given("buy visits")
    later = given.client(sooner.package, client_id=sooner.id)
    end = int(later.issued["expires_at"]) + 9 * DAY
    lab.api.update_issued_pass_expiry(later.pass_id, expires_at=end).given("extend a pass")
    gym = next(
        (g for g in given.stock.gyms() if covers(sooner.package, g) and not g.get("check_in_credit_cost")),
        None,
    )
    if gym is None:
        raise Blocked("the target's inventory has no covered gym whose check-in a visit pays")
    code = lab.api.create_access_code(client_id=sooner.id, provider_id=gym["id"]).given("make a code")
    cancel(lab.api, sooner)
    _, told = lab.world.scan(code["access_code"], gym["id"])
    agree("the scan with the one of bought visits cancelled", told.get("code"), INACTIVE)


@requirement("PASS-13.8")
def test_names_on_a_spa_booking_change_nothing_either(api: Api, given: Given) -> None:
    client, treatment = given.spa_insider()
    before = api.get_client(client.id)
    opened = given.book_spa(client, treatment, first_name="Somebody", last_name="Else")
    given.confirm_spa(opened["session_id"]).given("confirm a covered spa booking")
    after = api.get_client(client.id)
    names = ("first_name", "last_name")
    agree("names after a spa booking", [after[n] for n in names], [before[n] for n in names], after)
