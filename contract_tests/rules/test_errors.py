"""Refusals: their codes, their messages, and which of several comes first."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from contract_tests.api import Answer, Api
from contract_tests.given import Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import covers
from contract_tests.verdict import Blocked


def pass_fields(given: Given, **fields: Any) -> dict[str, Any]:
    package = given.ample("GYM")
    return {
        "pass_id": package["id"],
        "client_id": given.new_id(),
        "first_name": "Ada",
        "last_name": "Obi",
        **fields,
    }


@requirement("ERR-3.2")
def test_an_unknown_package_or_pass_is_pass_not_found(api: Api, given: Given) -> None:
    nobody = given.new_id("nobody")
    api.get_issued_pass(f"brgpass_{nobody}").refused(404, "pass_not_found")
    api.list_pass_providers(f"pass_{nobody}").refused(404, "pass_not_found")
    api.issue_pass(**pass_fields(given, pass_id=f"pass_{nobody}")).refused(404, "pass_not_found")


@requirement("ERR-3.3")
def test_anything_else_unknown_is_resource_not_found(api: Api, given: Given) -> None:
    nobody = given.new_id("nobody")
    client = given.client()
    for answer in (
        api.get_provider(f"prov_{nobody}"),
        api.get_class(f"class_{nobody}"),
        api.get_booking_status(f"booking_{nobody}"),
        api.cancel_booking(f"booking_{nobody}"),
        api.get_client(f"client_{nobody}"),
        api.get_client_credits(f"client_{nobody}"),
        api.list_client_bookings(f"client_{nobody}"),
        api.confirm_class_booking(f"sess_{nobody}", copay_package_id="copay_any"),
        api.book_class(**{**client.fields(), "class_instance_id": f"ci_{nobody}"}),
    ):
        answer.refused(404, "resource_not_found")


@requirement("ERR-3.4")
@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": 7},
        {"first_name": ["Ada"]},
        {"pass_id": True},
        {"start_date": "tomorrow"},
        {"start_date": 1.5},
        {"start_date": True},
        {"email": 7},
        {"client_id": {"id": "c"}},
    ],
    ids=str,
)
def test_a_body_that_does_not_fit_is_a_validation_error(
    api: Api, given: Given, wrong: dict[str, Any]
) -> None:
    api.issue_pass(body=pass_fields(given, **wrong)).refused(400, "validation_error")


@requirement("ERR-3.4")
def test_a_number_written_as_a_text_is_a_validation_error(api: Api, given: Given) -> None:
    tomorrow = str(given.now_ms() + 86_400_000)
    api.issue_pass(body=pass_fields(given, start_date=tomorrow)).refused(400, "validation_error")


@requirement("ERR-5.1", "ERR-5.2")
def test_messages_name_what_is_wrong(api: Api, given: Given, judging: Any) -> None:
    with judging("ERR-5.1"):
        body = pass_fields(given)
        del body["last_name"]
        answer = api.issue_pass(body=body)
        told = answer.refused(400, "validation_error")["message"]
        must("last_name" in told, "a message naming last_name", told, answer)
        unknown = f"prov_{given.new_id('nobody')}"
        answer = api.get_provider(unknown)
        told = answer.refused(404)["message"]
        must(unknown in told, f"a message naming {unknown}", told, answer)
    with judging("ERR-5.2"):
        body = pass_fields(given, first_name="", start_date="soon", colour="red")
        del body["client_id"]
        answer = api.issue_pass(body=body)
        told = answer.refused(400, "validation_error")["message"]
        missing = [name for name in ("first_name", "start_date", "colour", "client_id") if name not in told]
        must(not missing, "a message naming all four faults", f"one without {missing}: {told}", answer)


@requirement("ERR-6.1")
def test_the_key_comes_before_the_route(api: Api) -> None:
    api.send("GET", "/no_such_thing", key="").refused(401, "invalid_api_key")
    api.send("DELETE", "/passes", key="sk_of_nobody").refused(401, "invalid_api_key")


@requirement("ERR-6.3")
def test_the_body_comes_before_what_it_names(api: Api, given: Given) -> None:
    body = pass_fields(given, pass_id="pass_of_nobody", first_name="")
    api.issue_pass(body=body).refused(400, "validation_error")
    api.update_issued_pass("brgpass_of_nobody", first_name="").refused(400, "validation_error")


@requirement("ERR-6.10")
def test_a_wrong_parameter_comes_before_an_impossible_id_in_the_path(api: Api) -> None:
    for odd in ("c" * 65, "with space"):
        api.list_pass_providers(odd, limit=0).refused(400, "validation_error")
        api.update_issued_pass(odd, first_name="").refused(400, "validation_error")


@requirement("ERR-6.4", "ERR-6.5")
def test_the_body_comes_before_the_key_and_the_key_before_the_rest(
    api: Api, given: Given, judging: Any
) -> None:
    key, body = given.new_id("key"), pass_fields(given)
    api.issue_pass(idempotency_key=key, **body).given("issue a pass")
    with judging("ERR-6.4"):
        api.issue_pass(idempotency_key=key, **{**body, "first_name": ""}).refused(400, "validation_error")
    with judging("ERR-6.5"):
        other = {**body, "pass_id": "pass_of_nobody"}
        api.issue_pass(idempotency_key=key, **other).refused(409, "idempotency_key_reused")


@requirement("ERR-7.2")
def test_a_409_not_of_idempotency_is_a_conflict(api: Api, given: Given) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    api.cancel_booking(booking).given("cancel a booking")
    api.cancel_booking(booking).refused(409, kind="resource_conflict_error")
    api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    given.book(client, seat).refused(409, kind="resource_conflict_error")


@requirement("ERR-8.1", "ERR-8.2")
def test_the_pass_then_the_instance_then_coverage(api: Api, given: Given, judging: Any) -> None:
    seat, package, _, _ = given.full()
    with judging("ERR-8.1"):
        lapsed = given.client(package)
        api.update_issued_pass(lapsed.pass_id, status="CANCELLED").given("cancel a pass")
        given.book(lapsed, seat).refused(409, "pass_not_active")
    with judging("ERR-8.2"):
        uncovering = given.stock.package(
            lambda package: (
                not any(
                    c.get("type") == "GYM" and seat.gym["tier"] in c["tiers"] for c in package["categories"]
                )
            ),
            "that leaves the gym of a nearly full class uncovered",
        )
        given.book(given.client(uncovering), seat).refused(409, "class_full")


@requirement("ERR-8.3")
def test_the_instance_comes_before_credits(given: Given) -> None:
    client, seat = given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    given.with_credits(client, cost)
    given.booking(client, seat)
    others = given.stock.seats(lambda gym: covers(client.package, gym), priced=True)
    for other in itertools.islice((s for s in others if s.id != seat.id), 40):
        if given.credits(client) < cost:
            break
        given.book(client, other)
    if given.credits(client) >= cost:
        raise Blocked("the target's inventory has too few priced classes to spend a client's credits on")
    given.book(client, seat).refused(409, "slot_unavailable")


@requirement("ERR-8.4")
def test_of_several_unknown_ids_the_first_listed_is_told(api: Api, given: Given) -> None:
    client, seat = given.insider()
    names = {"first_name": "Ada", "last_name": "Obi"}
    answer = api.book_class(
        class_instance_id="ci_of_nobody", client_id=client.id, user_pass_id="brgpass_of_nobody", **names
    )
    answer.refused(404, "resource_not_found")
    answer = api.book_class(
        class_instance_id=seat.id, client_id="client_of_nobody", user_pass_id="brgpass_of_nobody", **names
    )
    answer.refused(404, "resource_not_found")
    answer = api.book_class(
        class_instance_id=seat.id, client_id=client.id, user_pass_id="brgpass_of_nobody", **names
    )
    answer.refused(404, "pass_not_found")
    spa = next(iter(given.stock.spas()), None)
    if spa is not None:
        answer = api.quote_spa_copay(
            spa["id"], client_id=client.id, service_ids=["svc_of_nobody"], user_pass_id="brgpass_of_nobody"
        )
        answer.refused(404, "resource_not_found")


def tells_the_first_unknown(call: Callable[..., Answer], known: dict[str, Any], **others: Any) -> None:
    """`known` has ids in the order in which they are looked for, and ever more of them exist.

    What exists nowhere is called after its field, so a message may name the field or the id (ERR-5).
    """
    unknown = {
        name: [f"{name}-of-nobody"] if isinstance(known[name], list) else f"{name}-of-nobody"
        for name in known
    }
    names = list(known)
    for n, name in enumerate(names):
        found = {one: known[one] for one in names[:n]}
        answer = call(**{**unknown, **found, **others})
        message = str(answer.refused(404).get("message"))
        must(name in message, f"a message about {name}, the first id that is unknown", message, answer)


@requirement("ERR-8.14")
def test_an_access_code_tells_the_first_unknown_id(api: Api, given: Given) -> None:
    client, seat = given.insider()
    known = {"client_id": client.id, "provider_id": seat.gym["id"], "user_pass_id": client.pass_id}
    tells_the_first_unknown(api.create_access_code, known)


@requirement("ERR-8.15")
def test_a_spa_booking_tells_the_first_unknown_id(api: Api, given: Given) -> None:
    client = given.client()
    treatment = given.treatment()
    fields = {**treatment.fields(), **client.fields()}
    order = ("provider_id", "service_ids", "client_id", "user_pass_id")
    known = {name: fields.pop(name) for name in order}
    tells_the_first_unknown(api.book_spa, known, **fields)


@requirement("ERR-8.16")
def test_a_copay_tells_the_first_unknown_id(api: Api, given: Given) -> None:
    client, seat = given.outsider()
    option = given.stock.options(seat.gym)[0]["id"]
    of_gym = {"client_id": client.id, "provider_id": seat.gym["id"], "copay_option_id": option}
    of_session = {"client_id": client.id, "copay_package_id": option, "session_id": ""}
    tells_the_first_unknown(api.purchase_copay, of_gym)
    tells_the_first_unknown(api.purchase_copay, of_session)


@requirement("ERR-8.5")
def test_a_past_date_can_be_looked_at_but_not_booked(given: Given) -> None:
    client, treatment = given.spa_insider()
    past = (given.today() - dt.timedelta(days=2)).isoformat()
    services = [service["id"] for service in treatment.services]
    shown = given.api.get_provider_availability(treatment.spa["id"], date=past, service_ids=services)
    free = [slot["time"] for slot in shown.ok()["slots"] if slot["available"]]
    agree("available slots of a past day", free, [])
    given.book_spa(client, treatment, date=past).refused(409, "slot_unavailable")


@requirement("ERR-9.1")
def test_a_pass_of_another_client_does_not_fit(api: Api, given: Given) -> None:
    client, seat = given.insider()
    other = given.client(client.package)
    given.book(client, seat, user_pass_id=other.pass_id).refused(400, "validation_error")
    door = {"client_id": client.id, "provider_id": seat.gym["id"]}
    api.create_access_code(**door, user_pass_id=other.pass_id).refused(400, "validation_error")
    guest, treatment = given.spa_insider()
    stranger = given.client(guest.package)
    given.book_spa(guest, treatment, user_pass_id=stranger.pass_id).refused(400, "validation_error")
    given.quote(guest, treatment, user_pass_id=stranger.pass_id).refused(400, "validation_error")


@requirement("ERR-9.2")
def test_a_service_of_another_spa_does_not_fit(given: Given) -> None:
    client, treatment = given.spa_insider()
    foreign = next(
        (
            s
            for spa in given.stock.spas()
            if spa["id"] != treatment.spa["id"]
            for s in given.stock.services(spa)
        ),
        None,
    )
    if foreign is None:
        raise Blocked("the target's inventory has no second spa with services")
    given.book_spa(client, treatment, service_ids=[foreign["id"]]).refused(400, "validation_error")
    quote = given.api.quote_spa_copay(treatment.spa["id"], client_id=client.id, service_ids=[foreign["id"]])
    quote.refused(400, "validation_error")


@requirement("ERR-9.3", "ERR-9.9")
def test_a_spa_where_a_gym_is_meant_does_not_fit(api: Api, given: Given, judging: Any) -> None:
    client, treatment = given.spa_insider()
    gym = given.stock.gyms()[0]
    with judging("ERR-9.3"):
        api.list_gym_copay_options(treatment.spa["id"]).refused(400, "validation_error")
        service = treatment.services[0]["id"]
        api.quote_spa_copay(gym["id"], client_id=client.id, service_ids=[service]).refused(
            400, "validation_error"
        )
        agree("services of a gym", api.list_provider_services(gym["id"]).data, [])
    with judging("ERR-9.9"):
        api.get_provider_availability(gym["id"], date=treatment.date).refused(400, "validation_error")


@requirement("ERR-9.7")
def test_whose_client_it_is_comes_before_what_does_not_fit_at_a_spa(partner: Api, given: Given) -> None:
    client, treatment = given.spa_insider()
    at_a_gym = {**treatment.fields(), "provider_id": given.stock.gyms()[0]["id"]}
    partner.book_spa(**{**at_a_gym, **client.fields()}).refused(403, "permission_denied")
    services = at_a_gym["service_ids"]
    quote = partner.quote_spa_copay(at_a_gym["provider_id"], client_id=client.id, service_ids=services)
    quote.refused(403, "permission_denied")


@requirement("ERR-9.8")
def test_whose_client_it_is_comes_before_an_option_that_does_not_fit(partner: Api, given: Given) -> None:
    client, seat = given.outsider()
    option = given.stock.options(seat.gym)[0]["id"]
    elsewhere = next(gym["id"] for gym in given.stock.gyms() if gym["id"] != seat.gym["id"])
    answer = partner.purchase_copay(client_id=client.id, provider_id=elsewhere, copay_option_id=option)
    answer.refused(403, "permission_denied")


@requirement("ERR-9.4")
def test_a_session_of_another_kind_is_not_found(api: Api, given: Given) -> None:
    client, treatment = given.spa_insider()
    opened = given.book_spa(client, treatment).given("open a spa session")
    api.confirm_class_booking(opened["session_id"]).refused(404, "resource_not_found")


@requirement("ERR-9.5")
def test_an_option_or_quote_that_does_not_fit_is_refused(api: Api, given: Given) -> None:
    client, treatment = given.spa_outsider()
    quote = given.quote(client, treatment)
    other = given.client(client.package)
    spa = treatment.spa["id"]
    api.purchase_copay(client_id=other.id, provider_id=spa, quote_id=quote["id"]).refused(
        400, "validation_error"
    )
    outsider, seat = given.outsider()
    option = given.stock.options(seat.gym)[0]["id"]
    elsewhere = next(gym for gym in given.stock.gyms() if gym["id"] != seat.gym["id"])
    answer = api.purchase_copay(client_id=outsider.id, provider_id=elsewhere["id"], copay_option_id=option)
    answer.refused(400, "validation_error")


@requirement("ERR-8.6")
def test_what_was_used_and_then_ran_out_is_told_as_used(lab: Lab) -> None:
    client, treatment = lab.given.spa_outsider(days=3)
    quote = lab.given.quote(client, treatment)
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    lab.api.purchase_copay(**fields).given("buy a spa co-pay")
    guest, seat = lab.given.outsider()
    session = lab.given.session(guest, seat)["session_id"]
    order = {"copay_package_id": lab.given.stock.options(seat.gym)[0]["id"]}
    lab.given.confirm(session, **order).given("confirm a co-pay")
    lab.world.advance(hours=1)
    lab.api.purchase_copay(**fields).refused(409, "quote_used")
    lab.given.confirm(session, **order).refused(409, "session_used")


@requirement("ERR-8.7")
def test_a_move_is_refused_for_the_pass_first(api: Api, given: Given) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    api.reschedule_booking(booking, class_instance_id=seat.id).refused(409, "pass_not_active")


@requirement("ERR-8.8")
def test_coverage_comes_before_credits(lab: Lab) -> None:
    client, seat = lab.given.outsider(options=False, penniless=True)
    lab.world.change_instance(seat.id, credit_cost=4)
    lab.given.book(client, seat).refused(403, "provider_not_covered")


@requirement("ERR-8.9")
def test_credits_come_before_the_account(lab: Lab) -> None:
    client, seat = lab.given.outsider(priced=True, penniless=True)
    cost = int(seat.instance["credit_cost"])
    lab.world.adjust(client.id, amount=cost, reason="for one class")
    session = lab.given.session(client, seat)["session_id"]
    lab.world.adjust(client.id, amount=-cost, reason="taken back")
    lab.world.change_account("demo", balance=0)
    option = lab.given.stock.options(seat.gym)[0]["id"]
    lab.given.confirm(session, copay_package_id=option).refused(400, "validation_error")


@requirement("ERR-8.10")
def test_no_session_is_opened_that_credits_could_not_pay(lab: Lab) -> None:
    """Not even where a co-pay is due as well: what would be refused at its confirm is refused at once."""
    given = lab.given
    client, seat = given.outsider(priced=True, penniless=True)
    before = given.spots_left(seat)
    given.book(client, seat).refused(400, "validation_error")
    agree("spots_left", given.spots_left(seat), before)
    gyms = (
        s for s in given.stock.seats(lambda gym: not gym["accepts_credits"] and bool(gym["copay_available"]))
    )
    for elsewhere in gyms:
        package = next((p for p in given.stock.packages if not covers(p, elsewhere.gym)), None)
        if package is not None:
            before = given.spots_left(elsewhere)
            lab.world.change_instance(elsewhere.id, credit_cost=4)
            given.book(given.client(package), elsewhere).refused(409, "credits_not_accepted")
            agree("spots_left", given.spots_left(elsewhere), before)
            return
    raise Blocked("the target's inventory has no uncovered gym with co-pays that takes no credits")


@requirement("ERR-6.11")
def test_an_unknown_option_comes_before_the_owner_of_a_session(partner: Api, given: Given) -> None:
    client, seat = given.outsider()
    session = given.session(client, seat)["session_id"]
    answer = partner.confirm_class_booking(session, copay_package_id="copay_of_nobody")
    answer.refused(404, "resource_not_found")


@requirement("ERR-6.9")
def test_every_unknown_id_comes_before_the_owner_of_another(partner: Api, given: Given) -> None:
    client, seat = given.insider()
    guest, treatment = given.spa_insider()
    booking = given.booking(client, seat)
    at_the_gym = {"client_id": client.id, "provider_id": seat.gym["id"]}
    at_the_spa = {"client_id": guest.id, "provider_id": treatment.spa["id"]}
    nobodys_pass = {**client.fields(), "user_pass_id": "brgpass_of_nobody"}
    the_guest, services = {"client_id": guest.id}, [service["id"] for service in treatment.services]
    for answer in (
        partner.issue_pass(pass_id="pass_of_nobody", client_id=client.id, first_name="Ada", last_name="Obi"),
        partner.create_access_code(client_id=client.id, provider_id="prov_of_nobody"),
        partner.create_access_code(**at_the_gym, user_pass_id="brgpass_of_nobody"),
        partner.book_class(class_instance_id=seat.id, **nobodys_pass),
        partner.reschedule_booking(booking, class_instance_id="ci_of_nobody"),
        partner.book_spa(**{**treatment.fields(), **guest.fields(), "service_ids": ["svc_of_nobody"]}),
        partner.book_spa(**{**treatment.fields(), **guest.fields(), "user_pass_id": "brgpass_of_nobody"}),
        partner.quote_spa_copay(treatment.spa["id"], client_id=guest.id, service_ids=["svc_of_nobody"]),
        partner.quote_spa_copay(
            treatment.spa["id"], **the_guest, service_ids=services, user_pass_id="brgpass_of_nobody"
        ),
        partner.purchase_copay(**at_the_spa, quote_id="quote_of_nobody"),
        partner.purchase_copay(**at_the_gym, copay_option_id="copay_of_nobody"),
        partner.purchase_credits(client_id=client.id, package_id="cpkg_of_nobody"),
    ):
        answer.refused(404)


@requirement("ERR-8.11")
def test_a_used_session_is_told_before_its_pass(given: Given) -> None:
    api = given.api
    client, seat = given.outsider()
    guest, treatment = given.spa_insider()
    order = {"copay_package_id": given.stock.options(seat.gym)[0]["id"]}
    visitor = given.client(client.package)
    at_the_door = {"client_id": visitor.id, "provider_id": seat.gym["id"]}
    classes = given.session(client, seat)["session_id"]
    codes = api.create_access_code(**at_the_door).given("open a session at the door")["session_id"]
    spas = given.book_spa(guest, treatment).given("open a spa session")["session_id"]
    given.confirm(classes, **order).given("confirm a co-pay")
    api.confirm_access_code(codes, **order).given("confirm a co-pay at the door")
    given.confirm_spa(spas).given("confirm a covered spa booking")
    for held in (client, visitor, guest):
        api.update_issued_pass(held.pass_id, status="CANCELLED").given("cancel a pass")
    given.confirm(classes, **order).refused(409, "session_used")
    api.confirm_access_code(codes, **order).refused(409, "session_used")
    given.confirm_spa(spas).refused(409, "session_used")


@requirement("ERR-8.12")
def test_a_session_that_ran_out_misses_no_field(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    door = {"client_id": client.id, "provider_id": seat.gym["id"]}
    code = lab.api.create_access_code(**door).given("open a session at the door")["session_id"]
    session = lab.given.session(client, seat)["session_id"]
    lab.world.advance(minutes=16)
    lab.given.confirm(session).refused(409, "session_expired")
    lab.api.confirm_access_code(code).refused(409, "session_expired")


@requirement("ERR-8.13")
def test_begun_is_told_before_held_and_held_before_full(lab: Lab) -> None:
    seat, _, client, _ = lab.given.full()
    lab.given.book(client, seat).refused(409, "slot_unavailable")
    lab.world.set(seat.starts * 1000)
    lab.given.book(client, seat).refused(409, "class_started")
