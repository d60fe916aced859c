"""Idempotency: a retry is answered as the first time, and nothing happens twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from contract_tests.api import Answer, Api
from contract_tests.given import Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import covers
from contract_tests.verdict import Blocked

REPLAYED = "Idempotent-Replayed"


def pass_body(given: Given, **fields: Any) -> dict[str, Any]:
    package = given.ample("GYM")
    return {
        "pass_id": package["id"],
        "client_id": given.new_id(),
        "first_name": "Ada",
        "last_name": "Obi",
        **fields,
    }


def passes_of(api: Api, client_id: str) -> list[str]:
    return [held["id"] for held in api.get_client(client_id)["passes"]]


def same(first: Answer, second: Answer) -> None:
    """The very same answer: status and bytes."""
    agree("status of the replay", second.status, first.status, second)
    agree("body of the replay", second.exchange.answered, first.exchange.answered, second)


@requirement("IDEM-1.1")
def test_a_post_works_with_a_key_and_without(api: Api, given: Given) -> None:
    api.issue_pass(**pass_body(given)).ok()
    api.issue_pass(idempotency_key=given.new_id("key"), **pass_body(given)).ok()


@requirement("IDEM-1.2")
def test_a_key_has_1_to_255_visible_characters(api: Api, given: Given) -> None:
    for odd in ("", "k" * 256, "with space", "tab\tinside", "\u00e9"):
        headers = {"Idempotency-Key": odd.encode("latin-1").decode("latin-1")}
        answer = api.send("POST", "/issued_passes", body=pass_body(given), headers=headers)
        answer.refused(400, "validation_error")
    longest = (given.new_id("key") + "k" * 255)[:255]
    api.issue_pass(idempotency_key=longest, **pass_body(given)).ok()


@requirement("IDEM-2.1", "IDEM-2.2", "IDEM-2.3", "IDEM-2.4")
def test_a_retry_gets_the_first_answer(api: Api, given: Given, judging: Any) -> None:
    key, body = given.new_id("key"), pass_body(given)
    first = api.issue_pass(idempotency_key=key, **body)
    first.given("issue a pass")
    second = api.issue_pass(idempotency_key=key, **body)
    third = api.issue_pass(idempotency_key=key, **body)
    with judging("IDEM-2.1"):
        same(first, second)
        same(first, third)
    with judging("IDEM-2.2"):
        agree("passes of the client", passes_of(api, body["client_id"]), [first["id"]])
    with judging("IDEM-2.3"):
        agree(f"{REPLAYED} of the retry", (second.header(REPLAYED) or "").lower(), "true", second)
        must(first.header(REPLAYED) is None, f"no {REPLAYED} on the first", first.header(REPLAYED), first)
    with judging("IDEM-2.4"):
        ids = {answer.header("Bardge-Request-Id") for answer in (first, second, third)}
        must(len(ids) == 3 and None not in ids, "three request ids", ids, second)


@requirement("IDEM-2.5")
def test_a_retried_purchase_adds_no_credits(api: Api, given: Given) -> None:
    client = given.client()
    package = given.stock.all("list_credit_packages")[0]
    key = given.new_id("key")
    first = api.purchase_credits(idempotency_key=key, client_id=client.id, package_id=package["id"])
    second = api.purchase_credits(idempotency_key=key, client_id=client.id, package_id=package["id"])
    same(first, second)
    agree("balance", given.credits(client), first["credits_added"])


@requirement("IDEM-2.6")
def test_bookings_and_cancellations_are_replayed_too(api: Api, given: Given) -> None:
    client, seat = given.insider()
    key = given.new_id("key")
    fields = {"class_instance_id": seat.id, **client.fields()}
    first = api.book_class(idempotency_key=key, **fields)
    given.remember(first)
    booking = first["booking_id"]
    same(first, api.book_class(idempotency_key=key, **fields))
    agree("bookings of the client", api.list_client_bookings(client.id).ids, [booking])
    cancelled = api.cancel_booking(booking, idempotency_key=key + "c")
    same(cancelled, api.cancel_booking(booking, idempotency_key=key + "c"))
    passcode = {"passcode": client.issued["passcode"]}
    rotated = api.rotate_passcode(client.pass_id, idempotency_key=key + "p", **passcode)
    same(rotated, api.rotate_passcode(client.pass_id, idempotency_key=key + "p", **passcode))


@requirement("IDEM-3.1", "IDEM-3.2", "IDEM-3.3", "IDEM-3.4")
def test_a_key_stands_for_one_request(api: Api, given: Given, judging: Any) -> None:
    key, body = given.new_id("key"), pass_body(given)
    first = api.issue_pass(idempotency_key=key, **body)
    first.given("issue a pass")
    other = {**body, "first_name": "Bola"}
    with judging("IDEM-3.1"):
        answer = api.issue_pass(idempotency_key=key, **other)
        answer.refused(409, "idempotency_key_reused", kind="idempotency_error")
    with judging("IDEM-3.2"):
        agree("passes of the client", passes_of(api, body["client_id"]), [first["id"]])
        known = api.get_client(body["client_id"])
        agree("first_name", known["first_name"], "Ada", known)
    with judging("IDEM-3.3"):
        answer = api.update_issued_pass(first["id"], idempotency_key=key, first_name="Bola")
        answer.refused(409, "idempotency_key_reused")
        agree("first_name", api.get_client(body["client_id"])["first_name"], "Ada")
        second = given.client()
        moved = given.new_id("key")
        api.update_issued_pass(first["id"], idempotency_key=moved, first_name="Ada").given("update a pass")
        answer = api.update_issued_pass(second.pass_id, idempotency_key=moved, first_name="Ada")
        answer.refused(409, "idempotency_key_reused")
    with judging("IDEM-3.4"):
        turned = json.dumps(dict(reversed(body.items())), indent=2).encode()
        same(first, api.send("POST", "/issued_passes", body=turned, headers={"Idempotency-Key": key}))


@requirement("IDEM-4.1")
def test_a_refusal_frees_the_key(given: Given) -> None:
    client, seat = given.insider(priced=True)
    key = given.new_id("key")
    given.book(client, seat, idempotency_key=key).refused(400, "validation_error")
    given.with_credits(client, int(seat.instance["credit_cost"]))
    booked = given.book(client, seat, idempotency_key=key)
    must("booking_id" in booked.ok(), "a booking after topping up", booked.in_words(), booked)


def at_once(count: int, act: Callable[[int], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(act, range(count)))


@requirement("IDEM-5.1", "IDEM-5.2")
def test_of_concurrent_duplicates_exactly_one_takes_effect(api: Api, given: Given, judging: Any) -> None:
    client = given.client()
    package = given.stock.all("list_credit_packages")[0]
    key = given.new_id("key")

    def buy(_: int) -> Answer:
        answer: Answer = api.purchase_credits(
            idempotency_key=key, client_id=client.id, package_id=package["id"]
        )
        return answer

    answers = at_once(8, buy)
    with judging("IDEM-5.1"):
        added = package["credits"] + package["bonus_credits"]
        agree("balance after eight duplicates at once", given.credits(client), added)
    with judging("IDEM-5.2"):
        bodies = {answer.exchange.answered for answer in answers if answer.succeeded}
        agree("different successful answers", len(bodies), 1)
        for answer in answers:
            if not answer.succeeded:
                answer.refused(409, "idempotency_key_in_use")


@requirement("IDEM-6.1", "IDEM-6.2")
def test_a_key_is_kept_for_24_hours(lab: Lab, judging: Any) -> None:
    key, body = lab.given.new_id("key"), pass_body(lab.given)
    first = lab.api.issue_pass(idempotency_key=key, **body)
    first.given("issue a pass")
    made = lab.now_ms()
    day = 24 * 3_600_000
    with judging("IDEM-6.1"):
        lab.world.set(made + day - 1000)
        same(first, lab.api.issue_pass(idempotency_key=key, **body))
    with judging("IDEM-6.2"):
        lab.world.set(made + day + 1000)
        second = lab.api.issue_pass(idempotency_key=key, **body)
        must(second["id"] != first["id"], "another pass", "the old answer", second)


@requirement("IDEM-8.1", "IDEM-8.2", "IDEM-8.5")
def test_what_counts_as_the_same_request(api: Api, given: Given, judging: Any) -> None:
    with judging("IDEM-8.1"):
        key, body = given.new_id("key"), pass_body(given)
        first = api.issue_pass(idempotency_key=key, **body)
        headers = {"Idempotency-Key": key, "User-Agent": "another/1.0", "Accept": "*/*", "X-Trace": "1"}
        same(first, api.send("POST", "/issued_passes", body=body, headers=headers))
    client, seat = given.insider()
    with judging("IDEM-8.2"):
        booking = given.booking(client, seat)
        key = given.new_id("key")
        first = api.send("POST", f"/bookings/{booking}/cancel", headers={"Idempotency-Key": key})
        first.ok()
        same(
            first, api.send("POST", f"/bookings/{booking}/cancel", body={}, headers={"Idempotency-Key": key})
        )
    with judging("IDEM-8.5"):
        key = given.new_id("key")
        first = api.send("GET", f"/clients/{client.id}/credits", headers={"Idempotency-Key": key})
        balance = given.with_credits(client, 1)
        second = api.send("GET", f"/clients/{client.id}/credits", headers={"Idempotency-Key": key})
        agree("balance on the second read", second["balance"], balance, second)
        api.send("GET", "/passes", headers={"Idempotency-Key": "k" * 300}).ok()
        first.ok()


@requirement("IDEM-8.3", "BOOK-4.5", "BOOK-3.1")
def test_an_opened_session_is_replayed_even_when_used(given: Given, judging: Any) -> None:
    client, seat = given.outsider()
    key = given.new_id("key")
    opened = given.book(client, seat, idempotency_key=key)
    session = opened.given("open a session")["session_id"]
    option = given.stock.options(seat.gym)[0]["id"]
    confirmed = given.confirm(session, copay_package_id=option)
    with judging("BOOK-3.1"):
        agree("object", confirmed["object"], "booking", confirmed)
        agree("type", confirmed["type"], "class", confirmed)
    with judging("BOOK-4.5"):
        given.confirm(session, copay_package_id=option).refused(409, "session_used")
    with judging("IDEM-8.3"):
        same(opened, given.book(client, seat, idempotency_key=key))


@requirement("IDEM-6.4")
def test_what_was_answered_outlives_the_api_key(lab: Lab) -> None:
    key, body = lab.given.new_id("key"), pass_body(lab.given)
    first = lab.api.issue_pass(idempotency_key=key, **body)
    first.given("issue a pass")
    fresh = lab.world.rotate_key("demo")
    same(first, lab.api.issue_pass(idempotency_key=key, key=fresh, **body))


@requirement("IDEM-4.2")
def test_a_refused_key_may_carry_another_request(api: Api, given: Given) -> None:
    key, body = given.new_id("key"), pass_body(given)
    api.issue_pass(idempotency_key=key, **{**body, "pass_id": "pass_of_nobody"}).refused(404)
    made = api.issue_pass(idempotency_key=key, **body)
    must("id" in made.ok(), "a pass under the key of a refusal", made.in_words(), made)


@requirement("IDEM-2.7")
def test_keys_are_told_apart_by_every_character(api: Api, given: Given) -> None:
    key, long = given.new_id("key"), (given.new_id("key") + "k" * 255)[:254]
    for one, other in ((key + "a", key + "A"), (long + "1", long + "2")):
        made = [api.issue_pass(idempotency_key=name, **pass_body(given)) for name in (one, other)]
        agree("passes made under two keys", len({answer["id"] for answer in made}), 2, made[1])


@requirement("IDEM-3.5")
def test_a_list_in_another_order_is_another_body(api: Api, given: Given) -> None:
    client, treatment = given.spa_insider(count=2)
    key, spa = given.new_id("key"), treatment.spa["id"]
    services = [service["id"] for service in treatment.services]
    ask = {"client_id": client.id, "idempotency_key": key}
    api.quote_spa_copay(spa, **ask, service_ids=services).given("ask for a quote")
    turned = api.quote_spa_copay(spa, **ask, service_ids=services[::-1])
    turned.refused(409, "idempotency_key_reused")


def replayed(ask: Callable[..., Answer], *path: str, key: str, **fields: Any) -> Answer:
    """Asked twice with one key: the very same answer, and it says so. The first of the two."""
    first = ask(*path, idempotency_key=key, **fields)
    first.given("a success to repeat")
    again = ask(*path, idempotency_key=key, **fields)
    same(first, again)
    agree(f"{REPLAYED} of the retry", (again.header(REPLAYED) or "").lower(), "true", again)
    return first


@requirement("IDEM-2.8")
def test_updates_of_a_pass_are_replayed(api: Api, given: Given) -> None:
    client = given.client()
    replayed(api.update_issued_pass, client.pass_id, key=given.new_id("key"), first_name="Ngozi")
    end = client.issued["expires_at"] + 86_400_000
    replayed(api.update_issued_pass_expiry, client.pass_id, key=given.new_id("key"), expires_at=end)


@requirement("IDEM-2.9")
def test_quotes_and_spa_bookings_are_replayed(api: Api, given: Given) -> None:
    client, treatment = given.spa_insider()
    services = [service["id"] for service in treatment.services]
    ask = {"client_id": client.id, "service_ids": services}
    replayed(api.quote_spa_copay, treatment.spa["id"], key=given.new_id("key"), **ask)
    opened = replayed(api.book_spa, key=given.new_id("key"), **treatment.fields(), **client.fields())
    booked = replayed(api.confirm_spa_booking, opened["session_id"], key=given.new_id("key"))
    given.remember(booked)
    agree("bookings of the client", api.list_client_bookings(client.id).ids, [booked["id"]])


@requirement("IDEM-2.10")
def test_copays_and_what_they_confirm_are_replayed(api: Api, given: Given) -> None:
    client, seat = given.outsider()
    option = given.stock.options(seat.gym)[0]["id"]
    session = given.session(client, seat)["session_id"]
    order = {"copay_package_id": option}
    given.remember(replayed(api.confirm_class_booking, session, key=given.new_id("key"), **order))
    other = given.client(client.package)
    door = {"client_id": other.id, "provider_id": seat.gym["id"]}
    replayed(api.purchase_copay, key=given.new_id("key"), **door, copay_option_id=option)


@requirement("IDEM-2.11")
def test_access_codes_are_replayed(api: Api, given: Given) -> None:
    client, seat = given.insider()
    door = {"client_id": client.id, "provider_id": seat.gym["id"]}
    replayed(api.create_access_code, key=given.new_id("key"), **door)
    used, _ = given.without_visits()
    gyms = [g for g in given.stock.gyms() if covers(used.package, g) and not g.get("check_in_credit_cost")]
    if not gyms:
        raise Blocked("the target's inventory has no covered gym whose check-in a visit pays")
    door = {"client_id": used.id, "provider_id": gyms[0]["id"]}
    opened = replayed(api.create_access_code, key=given.new_id("key"), **door)
    order = {"number_of_visits": 1, "duration": "MONTHLY"}
    replayed(api.confirm_access_code, opened["session_id"], key=given.new_id("key"), **order)


@requirement("IDEM-2.12")
def test_a_move_is_replayed(api: Api, given: Given) -> None:
    client, seat = given.insider()
    others = given.stock.seats(lambda gym: gym["id"] == seat.gym["id"])
    target = next((other for other in others if other.id != seat.id), None)
    if target is None:
        raise Blocked(f"the target's inventory has no second class at {seat.gym['id']}")
    booking = given.booking(client, seat)
    moved = replayed(api.reschedule_booking, booking, key=given.new_id("key"), class_instance_id=target.id)
    given.remember(moved)


@requirement("IDEM-8.6")
def test_a_session_that_is_over_is_replayed_still(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    key, fields = lab.given.new_id("key"), {"class_instance_id": seat.id, **client.fields()}
    opened = lab.api.book_class(idempotency_key=key, **fields)
    opened.given("open a session")
    lab.world.advance(minutes=16)
    same(opened, lab.api.book_class(idempotency_key=key, **fields))
