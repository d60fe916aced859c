"""What holds of every request: JSON, ids, units, texts, queries, methods and paths."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from contract_tests.api import Api
from contract_tests.given import Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab, Run
from contract_tests.standing import BASE
from contract_tests.stock import LAGOS, covers

MS = (946_684_800_000, 4_102_444_800_000)  # the years 2000 and 2100
SECONDS = (946_684_800, 4_102_444_800)


def milliseconds(value: Any) -> bool:
    return isinstance(value, int) and MS[0] <= value <= MS[1]


def seconds(value: Any) -> bool:
    return isinstance(value, int) and SECONDS[0] <= value <= SECONDS[1]


def issue_body(given: Given, **fields: Any) -> dict[str, Any]:
    package = given.ample("GYM")
    body = {
        "pass_id": package["id"],
        "client_id": given.new_id(),
        "first_name": "Ada",
        "last_name": "Obi",
        **fields,
    }
    return {name: value for name, value in body.items() if value is not ...}


@requirement("CONV-1.1")
def test_the_api_lives_below_its_base_path(run: Run) -> None:
    must(run.base.endswith(BASE), f"a base URL that ends with {BASE}", run.base)


@requirement("CONV-2.2", "CONV-16.1")
def test_json_is_read(api: Api, given: Given, judging: Any) -> None:
    with judging("CONV-2.2"):
        api.send("POST", "/issued_passes", body=issue_body(given)).ok()
    with judging("CONV-16.1"):
        headers = {"Content-Type": "application/json; charset=utf-8"}
        api.send("POST", "/issued_passes", body=issue_body(given), headers=headers).ok()


@requirement("CONV-2.3")
@pytest.mark.parametrize("broken", [b"{", b"nonsense", b'{"pass_id": "a",}', b"[1, 2]", b'"text"', b"null"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, broken: bytes) -> None:
    api.send("POST", "/issued_passes", body=broken).refused(400, "validation_error")


@requirement("CONV-2.4")
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_content_type_is_refused(api: Api, given: Given, kind: str) -> None:
    raw = json.dumps(issue_body(given)).encode()
    answer = api.send("POST", "/issued_passes", body=raw, headers={"Content-Type": kind})
    answer.refused(400, "validation_error")


@requirement("CONV-3.1", "CONV-3.2")
def test_single_resources_are_bare_and_name_their_type(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    kinds = {
        "issued_pass": api.get_issued_pass(client.pass_id),
        "provider": api.get_provider(seat.gym["id"]),
        "class": api.get_class(seat.class_["id"]),
        "booking_status": api.get_booking_status(booking),
        "client": api.get_client(client.id),
    }
    with judging("CONV-3.1"):
        for kind, answer in kinds.items():
            must("id" in answer.ok(), f"a bare {kind} with its id", answer.in_words(), answer)
    with judging("CONV-3.2"):
        for kind, answer in kinds.items():
            agree("object", answer["object"], kind, answer)
        for item, kind in ((api.list_passes(limit=1), "pass"), (api.list_providers(limit=1), "provider")):
            agree("object", [thing.get("object") for thing in item.data], [kind], item)


@requirement("CONV-4.4")
def test_an_unknown_path_is_a_404_like_any_other(api: Api) -> None:
    answer = api.send("GET", "/no_such_thing")
    error = answer.refused(404, kind="invalid_request_error")
    found = answer.header("Bardge-Request-Id") or ""
    must(bool(re.fullmatch(r"req_[A-Za-z0-9]{8,}", found)), "a request id", repr(found), answer)
    agree("request_id", error.get("request_id"), found, answer)


@requirement("CONV-6.1")
def test_passes_speak_milliseconds(api: Api, given: Given) -> None:
    client = given.client()
    for name in ("created", "start_date", "expires_at"):
        must(milliseconds(client.issued.get(name)), f"{name} in milliseconds", client.issued.get(name))
    listed = api.list_passes(limit=1)
    must(
        all(milliseconds(item.get("created")) for item in listed.data),
        "created in milliseconds",
        listed.data,
        listed,
    )


@requirement("CONV-6.2")
def test_credit_transactions_speak_milliseconds(api: Api, given: Given) -> None:
    client = given.client()
    given.with_credits(client, 1)
    answer = api.get_client_credits(client.id)
    for line in answer["transactions"]:
        must(milliseconds(line.get("timestamp")), "timestamp in milliseconds", line.get("timestamp"), answer)


@requirement("CONV-6.3", "CONV-6.6", "CONV-6.7")
def test_bookings_speak_seconds_and_lagos(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    booked = given.book(client, seat)
    booked.given("book a class")
    listed = api.list_client_bookings(client.id).data
    things = [booked.ok(), *listed]
    with judging("CONV-6.3"):
        for thing in things:
            for name in ("created", "scheduled_for"):
                must(seconds(thing.get(name)), f"{name} in seconds", thing.get(name), booked)
    with judging("CONV-6.7"):
        for thing in things:
            must(
                bool(re.fullmatch(r"\d{4}-\d\d-\d\d", str(thing.get("date")))),
                "YYYY-MM-DD",
                thing.get("date"),
                booked,
            )
            must(bool(re.fullmatch(r"\d\d:\d\d", str(thing.get("time")))), "HH:MM", thing.get("time"), booked)
    with judging("CONV-6.6"):
        for thing in [*things, dict(seat.instance)]:
            local = dt.datetime.fromtimestamp(thing["scheduled_for"], LAGOS)
            said = (thing.get("date"), thing.get("time"))
            agree("date and time", said, (local.date().isoformat(), f"{local:%H:%M}"), booked)


@requirement("CONV-6.4")
def test_access_codes_speak_milliseconds(api: Api, given: Given) -> None:
    client, seat = given.insider()
    code = api.create_access_code(client_id=client.id, provider_id=seat.gym["id"])
    for name in ("created", "expires_at"):
        must(milliseconds(code[name]), f"{name} in milliseconds", code[name], code)


@requirement("CONV-6.5")
def test_classes_and_instances_speak_seconds(api: Api, given: Given) -> None:
    _, seat = given.insider()
    must(seconds(seat.class_.get("created")), "created of a class in seconds", seat.class_.get("created"))
    must(
        seconds(seat.instance.get("scheduled_for")),
        "scheduled_for in seconds",
        seat.instance.get("scheduled_for"),
    )
    answer = api.get_class(seat.class_["id"])
    must(seconds(answer["created"]), "created of a class in seconds", answer["created"], answer)


@requirement("CONV-7.1", "CONV-7.2")
def test_money_is_whole_kobo_in_naira(api: Api, given: Given, judging: Any) -> None:
    client = given.client()
    lists = [api.list_passes(), api.list_credit_packages()]
    with judging("CONV-7.1"):
        for listed in lists:
            must(bool(listed.data), "a list with something in it", "an empty list", listed)
            agree("currencies", {item.get("currency") for item in listed.data}, {"NGN"}, listed)
        for answer in (api.get_client_credits(client.id), api.get_client(client.id)):
            agree("currency", answer["currency"], "NGN", answer)
    with judging("CONV-7.2"):
        for listed in lists:
            for item in listed.data:
                amount = item.get("price", item.get("amount"))
                must(type(amount) is int and amount >= 0, "an integer amount", amount, listed)


PREFIXES = {
    "list_passes": "pass_",
    "list_providers": "prov_",
    "list_classes": "class_",
    "list_credit_packages": "cpkg_",
    "list_class_categories": "cat_",
}


@requirement("CONV-8.1")
def test_ids_begin_with_the_prefix_of_their_kind(api: Api, given: Given) -> None:
    for operation, prefix in PREFIXES.items():
        listed = api.call(operation)
        must(bool(listed.ids), "a list with something in it", "an empty list", listed)
        must(
            all(re.fullmatch(prefix + r"\S+", found) for found in listed.ids),
            f"ids in {prefix}",
            listed.ids,
            listed,
        )
    client, seat = given.insider()
    must(client.pass_id.startswith("brgpass_"), "an issued pass in brgpass_", client.pass_id)
    must(seat.id.startswith("ci_"), "an instance in ci_", seat.id)
    booking = given.booking(client, seat)
    must(booking.startswith("booking_"), "a booking in booking_", booking)
    transaction = client.issued.get("transaction_id")
    must(str(transaction).startswith("txn_"), "a transaction in txn_", transaction)


@requirement("CONV-8.2", "PASS-13.4")
def test_a_tx_ref_comes_back_or_is_made(api: Api, given: Given, judging: Any) -> None:
    with judging("CONV-8.2"):
        made = api.issue_pass(**issue_body(given))
        must(
            bool(re.fullmatch(r"FLW-TXN-[A-Z]{8}", str(made["tx_ref"]))),
            "FLW-TXN- and 8 capitals",
            made["tx_ref"],
            made,
        )
    with judging("PASS-13.4"):
        reference = " my own  Reference 7 "  # every blank of it is the reseller's
        sent = api.issue_pass(**issue_body(given, tx_ref=reference))
        agree("tx_ref", sent["tx_ref"], reference, sent)
        again = api.get_issued_pass(sent["id"])
        agree("tx_ref", again["tx_ref"], reference, again)


@requirement("CONV-9.1", "CONV-9.2")
def test_enums_are_spelt_as_in_the_samples(api: Api, given: Given, judging: Any) -> None:
    packages, providers = given.stock.packages, given.stock.providers
    client, seat = given.insider()
    booking = given.booking(client, seat)
    with judging("CONV-9.1"):
        agree("status of a pass", client.issued.get("status"), "ACTIVE")
        status = api.get_booking_status(booking)
        must(status["status"] in ("PENDING", "CONFIRMED"), "PENDING or CONFIRMED", status["status"], status)
        agree("type of a booking", status["type"], "class", status)
        tiers = {provider.get("tier") for provider in providers}
        must(tiers <= {"STANDARD", "PREMIUM"}, "tiers STANDARD and PREMIUM", tiers)
        kinds = {c.get("type") for package in packages for c in package.get("categories") or []}
        must(kinds <= {"GYM", "SPA"}, "categories GYM and SPA", kinds)
        durations = {package.get("duration") for package in packages}
        must(durations <= {"monthly", "annually"}, "durations in lower case", durations)
        models = {package.get("payment_model") for package in packages}
        must(models <= {"SUBSCRIPTION", "ONE_TIME"}, "payment models SUBSCRIPTION and ONE_TIME", models)
    with judging("CONV-9.2"):
        api.update_issued_pass(client.pass_id, status="CANCELLED").ok()
        agree("status", api.get_issued_pass(client.pass_id)["status"], "CANCELLED")
        api.cancel_booking(booking).ok()
        agree("status", api.get_booking_status(booking)["status"], "CANCELLED")


@requirement("CONV-11.2", "BOOK-19.1", "BOOK-1.4")
def test_a_session_shows_nothing_of_a_booking(given: Given, judging: Any) -> None:
    client, seat = given.outsider()
    opened = given.session(client, seat)
    with judging("CONV-11.2"):
        nulls = [name for name, value in opened.ok().items() if value is None]
        must(not nulls, "no null for a field of another outcome", nulls, opened)
        must(
            "cost_per_visit" not in opened,
            "no cost_per_visit where a co-pay is due",
            "cost_per_visit",
            opened,
        )
    with judging("BOOK-19.1"):
        shown = [name for name in ("booking_id", "status", "visits_deducted") if name in opened]
        must(not shown, "no booking_id, status or visits_deducted", shown, opened)
    with judging("BOOK-1.4"):
        flags = (opened.get("copay_required"), opened.get("additional_visits_required"))
        agree("copay_required and additional_visits_required", flags, (True, False), opened)


@requirement("CONV-11.3")
def test_a_booking_shows_nothing_of_the_other_type(api: Api, given: Given) -> None:
    client, seat = given.insider()
    guest, treatment = given.spa_insider()
    given.booking(client, seat)
    given.spa_booking(guest, treatment)
    for who, strange in ((client, {"service_name"}), (guest, {"class_name", "visits_deducted"})):
        listed = api.list_client_bookings(who.id)
        must(len(listed.data) == 1, "the one booking of the client", listed.ids, listed)
        shown = sorted(strange & set(listed.data[0]))
        must(not shown, f"no {' or '.join(sorted(strange))}", shown, listed)


@requirement("CONV-11.4")
def test_an_email_nobody_told_is_null(api: Api, given: Given) -> None:
    known = api.get_client(given.client().id)
    agree("email and phone", (known["email"], known["phone"]), (None, None), known)


@requirement("CONV-12.1", "CONV-12.2", "BOOK-4.2")
def test_a_session_is_alive_just_before_its_end_and_over_at_it(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.outsider(spots=6)
    other = lab.given.client(client.package)
    option = lab.given.stock.options(seat.gym)[0]
    lab.world.set(lab.now_ms() + 789)  # opened between two seconds, over at the one that is told
    alive, over = lab.given.session(client, seat), lab.given.session(other, seat)
    end_ms = int(alive["expires_at"]) * 1000
    lab.world.set(end_ms - 1)
    with judging("CONV-12.1"):
        lab.given.confirm(alive["session_id"], copay_package_id=option["id"]).ok()
    lab.world.set(int(over["expires_at"]) * 1000)
    late = lab.given.confirm(over["session_id"], copay_package_id=option["id"])
    with judging("CONV-12.2"):
        late.refused(409)
    with judging("BOOK-4.2"):
        late.refused(409, "session_expired")


@requirement("CONV-12.3", "PASS-9.1")
def test_months_are_calendar_months(api: Api, given: Given, judging: Any) -> None:
    monthly = given.stock.package(
        lambda package: package.get("duration") == "monthly", "with duration monthly"
    )
    yearly = given.stock.package(
        lambda package: package.get("duration") == "annually", "with duration annually"
    )
    year = given.today().year + 1
    with judging("CONV-12.3"):
        start = dt.datetime(year, 1, 31, 10, tzinfo=LAGOS)
        made = api.issue_pass(**issue_body(given, pass_id=monthly["id"], start_date=_ms(start)))
        february = dt.datetime(year, 3, 1, 10, tzinfo=LAGOS) - dt.timedelta(days=1)
        agree("expires_at", made["expires_at"], _ms(february), made)
    with judging("PASS-9.1"):
        start = dt.datetime(year, 6, 15, 8, 30, tzinfo=LAGOS)
        for package, end in ((monthly, start.replace(month=7)), (yearly, start.replace(year=year + 1))):
            made = api.issue_pass(**issue_body(given, pass_id=package["id"], start_date=_ms(start)))
            agree("start_date", made["start_date"], _ms(start), made)
            agree("expires_at", made["expires_at"], _ms(end), made)


def _ms(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


@requirement("CONV-13.1", "BOOK-4.1")
def test_booking_sessions_and_statuses_speak_seconds(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.outsider()
    opened = given.session(client, seat)
    with judging("CONV-13.1"):
        must(
            seconds(opened["expires_at"]), "expires_at of a session in seconds", opened["expires_at"], opened
        )
        covered, free = given.insider()
        status = api.get_booking_status(given.booking(covered, free))
        must(seconds(status["updated"]), "updated in seconds", status["updated"], status)
    with judging("BOOK-4.1"):
        lives = opened["expires_at"] - opened["created"]
        must(abs(lives - 900) <= 1, "a session of 900 seconds", lives, opened)


@requirement("CONV-13.2")
def test_quotes_and_copays_speak_milliseconds(api: Api, given: Given) -> None:
    client, treatment = given.spa_outsider()
    quote = given.quote(client, treatment)
    bought = api.purchase_copay(client_id=client.id, provider_id=treatment.spa["id"], quote_id=quote["id"])
    for answer, name in (
        (quote, "expires_at"),
        (quote, "created"),
        (bought, "valid_until"),
        (bought, "created"),
    ):
        must(milliseconds(answer[name]), f"{name} in milliseconds", answer[name], answer)


@requirement("CONV-14.1", "CONV-14.2", "CONV-14.3", "CONV-14.4")
def test_texts_are_held_to_their_form(api: Api, given: Given, judging: Any) -> None:
    with judging("CONV-14.1"):
        api.issue_pass(**issue_body(given, first_name="A" * 100)).ok()
        api.issue_pass(**issue_body(given, first_name="A" * 101)).refused(400, "validation_error")
        api.issue_pass(**issue_body(given, last_name="A" * 101)).refused(400, "validation_error")
    with judging("CONV-14.2"):
        for blank in ("", " ", "   "):
            api.issue_pass(**issue_body(given, first_name=blank)).refused(400, "validation_error")
    with judging("CONV-14.3"):
        for odd in ("Ada\n", "A\u0000da", "A\tda", "\u007fAda"):
            api.issue_pass(**issue_body(given, first_name=odd)).refused(400, "validation_error")
    with judging("CONV-14.4"):
        for name in ("email", "phone", "start_date", "tx_ref", "first_name"):
            api.issue_pass(**issue_body(given, **{name: None})).refused(400, "validation_error")


@requirement("CONV-14.5", "CONV-14.6", "CONV-14.7")
def test_ids_are_held_to_their_form(api: Api, given: Given, judging: Any) -> None:
    with judging("CONV-14.5"):
        for odd in ("c" * 65, "", "with space", "slash/y", "émile", "semi;colon"):
            api.issue_pass(**issue_body(given, client_id=odd)).refused(400, "validation_error")
    with judging("CONV-14.6"):
        for odd in ("c" * 65, "with space", "semi;colon", 'quo"te'):
            api.get_provider(odd).refused(404)
    with judging("CONV-14.7"):
        client = given.client()
        gym = given.stock.providers[0]
        answer = api.book_class(**{**client.fields(), "class_instance_id": gym["id"]})
        answer.refused(404, "resource_not_found")
        api.get_issued_pass(gym["id"]).refused(404)


@requirement("CONV-14.8")
def test_service_ids_are_one_to_twenty_and_none_twice(given: Given) -> None:
    client, treatment = given.spa_insider()
    service = treatment.services[0]["id"]
    for odd in ([], [service, service], [f"svc_{n}" for n in range(21)], service, [""]):
        given.book_spa(client, treatment, service_ids=odd).refused(400, "validation_error")


@requirement("CONV-14.9")
def test_seconds_are_refused_where_milliseconds_are_meant(api: Api, given: Given) -> None:
    now = given.now_ms() // 1000
    api.issue_pass(**issue_body(given, start_date=now + 60)).refused(400, "validation_error")
    client = given.client()
    later = now + 400 * 86_400
    api.update_issued_pass_expiry(client.pass_id, expires_at=later).refused(400, "validation_error")


@requirement("CONV-14.10")
def test_a_reason_has_500_characters_at_most(api: Api, given: Given) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    api.cancel_booking(booking, reason="r" * 501).refused(400, "validation_error")
    api.cancel_booking(booking, reason="r" * 500).ok()


@requirement("CONV-15.1", "CONV-15.2", "CONV-15.3", "CONV-15.4")
def test_queries_are_read_strictly(api: Api, judging: Any) -> None:
    with judging("CONV-15.1"):
        for odd in ("+10", "1e1", "10.0", "%20", "10%20", "%EF%BC%91%EF%BC%90", "0x10"):
            api.send("GET", "/passes", query=f"limit={odd}").refused(400, "validation_error")
    with judging("CONV-15.2"):
        for odd in ("page=2", "limits=3", "category=GYM"):
            api.send("GET", "/passes", query=odd).refused(400, "validation_error")
    with judging("CONV-15.3"):
        api.send("GET", "/passes", query="limit=3&limit=3").refused(400, "validation_error")
        api.send("GET", "/providers", query="city=Lagos&city=Abuja").refused(400, "validation_error")
    with judging("CONV-15.4"):
        for path, odd in (("/passes", "limit="), ("/providers", "category="), ("/passes", "starting_after=")):
            api.send("GET", path, query=odd).refused(400, "validation_error")


@requirement("CONV-15.5", "CONV-15.6")
def test_filters_are_read_strictly(api: Api, given: Given, judging: Any) -> None:
    with judging("CONV-15.5"):
        for query in ("category=gym", "category=POOL", "tier=GOLD", "tier=standard"):
            api.send("GET", "/providers", query=query).refused(400, "validation_error")
        client = given.client()
        api.list_client_bookings(client.id, status="confirmed").refused(400, "validation_error")
        api.list_client_bookings(client.id, type="GYM").refused(400, "validation_error")
    with judging("CONV-15.6"):
        nowhere = given.new_id("nowhere")
        for answer in (
            api.list_classes(category=f"cat_{nowhere}"),
            api.list_classes(provider_id=f"prov_{nowhere}"),
            api.list_providers(city=nowhere),
        ):
            agree("data", answer.data, [], answer)
            agree("has_more", answer["has_more"], False, answer)


@requirement("CONV-16.2", "CONV-16.4", "CONV-16.8")
def test_json_of_odd_kinds(api: Api, given: Given, judging: Any) -> None:
    with judging("CONV-16.2"):
        plain = json.dumps(issue_body(given))
        twice = plain[:-1] + ', "first_name": "Zainab"}'
        issued = api.send("POST", "/issued_passes", body=twice.encode())
        known = api.get_client(issued["client_id"])
        agree("first_name", known["first_name"], "Zainab", known)
    with judging("CONV-16.4"):
        for extra in ({"colour": "red"}, {"First_name": "Ada"}, {"id": "brgpass_mine"}):
            api.issue_pass(body=issue_body(given, **extra)).refused(400, "validation_error")
    with judging("CONV-16.8"):
        raw = json.dumps(issue_body(given, first_name="Zoe")).encode().replace(b"Zoe", b"Zo\xe9")
        api.send("POST", "/issued_passes", body=raw).refused(400, "validation_error")


@requirement("CONV-16.3", "BOOK-19.3", "BOOK-2.1")
def test_five_point_zero_visits_are_five(given: Given, judging: Any) -> None:
    client, seat = given.without_visits()
    opened = given.session(client, seat)
    confirmed = given.confirm(
        opened["session_id"], number_of_visits=2.0, duration="MONTHLY", copay_package_id="copay_of_no_meaning"
    )
    with judging("CONV-16.3"):
        must(confirmed.status != 400, "2.0 to be taken as the integer 2", confirmed.in_words(), confirmed)
    with judging("BOOK-19.3"):
        must(
            confirmed.status != 400,
            "the field that does not apply to be ignored",
            confirmed.in_words(),
            confirmed,
        )
    with judging("BOOK-2.1"):
        agree("type", confirmed["type"], "class", confirmed)
        must(bool(confirmed["id"]), "a booking", confirmed.in_words(), confirmed)


@requirement("CONV-16.5", "ERR-6.8")
def test_a_body_over_one_mebibyte_is_refused(api: Api, given: Given, judging: Any) -> None:
    huge = json.dumps(issue_body(given, first_name="A" * (1 << 20) + "A")).encode()
    with judging("CONV-16.5"):
        api.send("POST", "/issued_passes", body=huge).refused(413, "payload_too_large")
    with judging("ERR-6.8"):
        api.send("POST", "/no_such_thing", body=huge).refused(404)


@requirement("CONV-16.6")
def test_nothing_an_empty_body_and_braces_are_the_same(api: Api, given: Given) -> None:
    client, seat = given.insider()
    bodies: list[tuple[bytes | None, dict[str, Any]]] = [
        (None, {}),
        (b"", {"Content-Type": "application/json"}),
        (b"{}", {"Content-Type": "text/plain"}),
        (b"", {"Content-Type": "text/plain"}),
    ]
    for body, headers in bodies:
        booking = given.booking(client, seat)
        answer = api.send("POST", f"/bookings/{booking}/cancel", body=body, headers=headers)
        answer.ok()


@requirement("CONV-16.7", "CONV-16.9")
def test_a_body_on_get_is_ignored(api: Api, judging: Any) -> None:
    with judging("CONV-16.7"):
        for body in (b"{", b'{"limit": 3}'):
            api.send("GET", "/passes", body=body).ok()
    with judging("CONV-16.9"):
        api.send("GET", "/passes", body=b" " * ((1 << 20) + 1)).ok()


@requirement("CONV-17.1")
def test_head_answers_as_get_without_a_body(api: Api, given: Given) -> None:
    provider = given.stock.providers[0]["id"]
    for path in ("/passes", f"/providers/{provider}", "/providers/prov_of_nobody"):
        got, head = api.send("GET", path), api.send("HEAD", path)
        agree("status of HEAD", head.status, got.status, head)
        must(not head.exchange.answered, "no body on HEAD", repr(head.exchange.answered[:40]), head)
        agree("content type", head.header("Content-Type"), got.header("Content-Type"), head)


@requirement("CONV-17.2", "ERR-4.2", "CONV-17.3")
def test_undeclared_methods_are_refused_with_allow(api: Api, judging: Any) -> None:
    with judging("CONV-17.2"):
        for method, path, allowed in (
            ("DELETE", "/passes", {"GET"}),
            ("PUT", "/issued_passes", {"POST"}),
            ("GET", "/credit_purchases", {"POST"}),
            ("PATCH", "/issued_passes/brgpass_any", {"GET", "POST"}),
        ):
            answer = api.send(method, path)
            answer.refused(405)
            told = {word.strip().upper() for word in (answer.header("Allow") or "").split(",")} - {"HEAD"}
            agree("Allow", told, allowed, answer)
    with judging("ERR-4.2"):
        api.send("DELETE", "/passes").refused(405, "method_not_allowed", kind="invalid_request_error")
    with judging("CONV-17.3"):
        api.send("OPTIONS", "/passes").refused(405)


@requirement("CONV-17.4")
def test_another_spelling_of_a_path_is_another_path(api: Api, given: Given) -> None:
    provider = given.stock.providers[0]["id"]
    below = (f"/providers/{provider}/", f"/providers//{provider}", f"/Providers/{provider}")
    for path in ("/passes/", "//passes", "/Passes", "/PASSES", *below):
        api.send("GET", path).refused(404)


@requirement("CONV-19.1")
def test_a_new_world_lives_in_the_present(run: Run) -> None:
    fresh = run.lab()
    try:
        now = fresh.world.now()
        away = abs((now - dt.datetime.now(dt.UTC)).total_seconds())
        must(away < 300, "a clock at the real present", f"{now.isoformat()}, {away:.0f} s away")
        issued = fresh.given.client().issued
        told = abs(int(issued["created"]) / 1000 - now.timestamp())
        must(told < 60, "created to be the world's now", f"{told:.0f} s away from it")
    finally:
        fresh.world.drop()


def found_by(given: Given, every: list[Any], wanted: dict[str, Any], **here: Any) -> None:
    found = [item for page in given.stock.pages("list_providers", **wanted, **here) for item in page.data]
    expected = [p["id"] for p in every if all(p[name] == value for name, value in wanted.items())]
    agree(f"providers with {wanted}", sorted(item["id"] for item in found), sorted(expected))


@requirement("CONV-15.7")
def test_a_filter_gives_just_what_fits_it(given: Given) -> None:
    every = given.stock.providers
    some = every[len(every) // 2]
    for wanted in (
        *({name: some[name]} for name in ("category", "tier", "city")),
        {"category": some["category"], "tier": some["tier"], "city": some["city"]},
    ):
        found_by(given, every, wanted)


@requirement("CONV-15.8")
def test_a_filter_gives_just_what_fits_it_by_nearness_too(given: Given) -> None:
    every = given.stock.providers
    some = every[len(every) // 2]
    for name in ("category", "tier", "city"):
        found_by(given, every, {name: some[name]}, lat=some["lat"], lon=some["lon"])


@requirement("CONV-15.9")
def test_a_filter_gives_just_what_fits_it_of_the_covered(given: Given) -> None:
    package = given.ample("GYM")
    covered = [one for one in given.stock.providers if covers(package, one)]
    some = covered[len(covered) // 2]
    for name in ("category", "tier", "city"):
        pages = given.stock.pages("list_pass_providers", package["id"], **{name: some[name]})
        found = sorted(item["id"] for page in pages for item in page.data)
        agree(
            f"covered with {name} {some[name]}",
            found,
            sorted(p["id"] for p in covered if p[name] == some[name]),
        )


@requirement("CONV-12.4")
def test_a_short_month_shortens_no_later_one(api: Api, given: Given) -> None:
    yearly = given.stock.package(
        lambda package: package.get("duration") == "annually", "with duration annually"
    )
    leap = next(y for y in range(given.today().year + 1, given.today().year + 10) if y % 4 == 0)
    start = dt.datetime(leap - 1, 8, 31, 0, 30, tzinfo=LAGOS)  # in UTC still the 30th
    for package, end in (
        (yearly, start.replace(year=leap)),
        (
            given.stock.package(lambda p: p.get("duration") == "monthly", "of a month"),
            start.replace(month=9, day=30),
        ),
    ):
        made = api.issue_pass(**issue_body(given, pass_id=package["id"], start_date=_ms(start)))
        agree("expires_at", made["expires_at"], _ms(end), made)
