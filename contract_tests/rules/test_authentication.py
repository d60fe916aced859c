"""Who may ask, and for what: keys, closed accounts, and the wall between resellers."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import pytest

from contract_tests.api import Answer, Api
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.promise import read_promise
from contract_tests.run import Lab, Run

OPERATIONS = sorted(read_promise().operations)
UNAUTHENTICATED: dict[str, Any] = {"status": 401, "code": "invalid_api_key", "kind": "authentication_error"}


def call_blindly(api: Api, operation: str, key: str) -> Any:
    """Any request of an operation; what it names does not exist."""
    names = api.operation(operation).path_names
    return api.call(operation, *["nobody"] * len(names), key=key)


@requirement("AUTH-1.1")
def test_no_key_is_refused(api: Api) -> None:
    api.list_passes(key="").refused(**UNAUTHENTICATED)


@requirement("AUTH-1.2")
@pytest.mark.parametrize(
    "form", ["{key}", "Basic {key}", "Bearer", "Bearer ", "Bearer {key} extra", "Token {key}"]
)
def test_a_malformed_header_is_refused(api: Api, form: str) -> None:
    header = form.format(key=api.key)
    api.send("GET", "/passes", headers={"Authorization": header}).refused(**UNAUTHENTICATED)


@requirement("AUTH-1.3")
def test_an_unknown_key_is_refused(api: Api) -> None:
    api.list_passes().given("list packages with the right key")
    for key in (f"sk_{secrets.token_hex(12)}", api.key + "x", api.key[:-1], api.key.upper()):
        if key != api.key:
            api.list_passes(key=key).refused(**UNAUTHENTICATED)


@requirement("AUTH-1.4")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_operation_answers_without_a_key(api: Api, operation: str) -> None:
    call_blindly(api, operation, "").refused(**UNAUTHENTICATED)
    call_blindly(api, operation, "sk_of_nobody").refused(**UNAUTHENTICATED)


@requirement("AUTH-2.1")
def test_a_disabled_account_is_refused(run: Run) -> None:
    run.desk("disabled").api.list_passes().refused(403, "account_disabled", kind="permission_error")


@requirement("AUTH-2.2")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_disabled_account_is_refused_everywhere(run: Run, operation: str) -> None:
    api = run.desk("disabled").api
    call_blindly(api, operation, api.key).refused(403, "account_disabled")


@requirement("ERR-6.2")
def test_a_disabled_account_learns_nothing_of_paths(run: Run) -> None:
    run.desk("disabled").api.send("GET", "/no_such_thing").refused(403, "account_disabled")


@requirement("AUTH-3.1", "AUTH-3.2")
def test_rotating_a_key_ends_the_old_one_at_once(lab: Lab, judging: Any) -> None:
    client = lab.given.client()
    fresh = lab.world.rotate_key("demo")
    with judging("AUTH-3.1"):
        lab.api.list_passes().refused(**UNAUTHENTICATED)
    with judging("AUTH-3.2"):
        agree("client_id", lab.api.get_issued_pass(client.pass_id, key=fresh)["client_id"], client.id)


@requirement("AUTH-4.1", "AUTH-4.2")
def test_a_pass_of_another_reseller_is_closed(api: Api, partner: Api, given: Given, judging: Any) -> None:
    client = given.client()
    with judging("AUTH-4.1"):
        for answer in (
            partner.get_issued_pass(client.pass_id),
            partner.list_pass_providers(client.pass_id),
            partner.update_issued_pass(client.pass_id, status="CANCELLED"),
            partner.update_issued_pass_expiry(client.pass_id, expires_at=client.issued["expires_at"] - 1000),
            partner.rotate_passcode(client.pass_id, passcode=client.issued["passcode"]),
        ):
            answer.refused(403, "permission_denied", kind="permission_error")
    with judging("AUTH-4.2"):
        after = api.get_issued_pass(client.pass_id)
        for name in ("status", "expires_at", "passcode"):
            agree(name, after[name], client.issued[name], after)


@requirement("AUTH-4.3", "ERR-6.7", "ERR-9.10")
def test_a_booking_of_another_reseller_is_closed(api: Api, partner: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    booking = given.booking(client, seat)
    with judging("AUTH-4.3"):
        partner.get_booking_status(booking).refused(403, "permission_denied")
        partner.cancel_booking(booking).refused(403, "permission_denied")
        partner.reschedule_booking(booking, class_instance_id=seat.id).refused(403, "permission_denied")
        after = api.get_booking_status(booking)
        must(after["status"] in ("PENDING", "CONFIRMED"), "the booking untouched", after["status"], after)
    with judging("ERR-9.10"):
        at_a_time = {"date": (given.today() + dt.timedelta(days=3)).isoformat(), "time": "10:00"}
        partner.reschedule_booking(booking, **at_a_time).refused(403, "permission_denied")
    with judging("ERR-6.7"):
        api.cancel_booking(booking).given("cancel a booking")
        partner.cancel_booking(booking).refused(403, "permission_denied")


@requirement("AUTH-4.4")
def test_a_client_of_another_reseller_is_closed(api: Api, partner: Api, given: Given) -> None:
    client, seat = given.insider()
    package = next(iter(given.stock.all("list_credit_packages")), None)
    answers = [
        partner.get_client(client.id),
        partner.get_client_credits(client.id),
        partner.list_client_bookings(client.id),
        partner.book_class(class_instance_id=seat.id, **client.fields()),
        partner.create_access_code(client_id=client.id, provider_id=seat.gym["id"]),
        *_copays_asked_for(partner, given, client),
    ]
    if package is not None:
        answers.append(partner.purchase_credits(client_id=client.id, package_id=package["id"]))
    for answer in answers:
        answer.refused(403, "permission_denied")
    agree("bookings", api.list_client_bookings(client.id).data, [])
    agree("credits", given.credits(client), 0)


def _copays_asked_for(partner: Api, given: Given, client: Client) -> list[Answer]:
    """A gym's option, a spa's price and a time there."""
    treatment = given.treatment()
    asked = {"client_id": client.id, "service_ids": [service["id"] for service in treatment.services]}
    answers = [
        partner.quote_spa_copay(treatment.spa["id"], **asked),
        partner.book_spa(**{**treatment.fields(), **client.fields()}),
    ]
    for gym in given.stock.gyms():
        if gym.get("copay_available") and given.stock.options(gym):
            option = given.stock.options(gym)[0]["id"]
            bought = partner.purchase_copay(
                client_id=client.id, provider_id=gym["id"], copay_option_id=option
            )
            return [*answers, bought]
    return answers


@requirement("AUTH-4.6")
def test_a_pass_of_another_reseller_books_nothing(given: Given, partner: Api, partner_given: Given) -> None:
    client, seat = given.insider()
    stranger = partner_given.client(client.package)
    named = {**stranger.fields(), "user_pass_id": client.pass_id}
    partner.book_class(class_instance_id=seat.id, **named).refused(403, "permission_denied")
    door = {"client_id": stranger.id, "provider_id": seat.gym["id"], "user_pass_id": client.pass_id}
    partner.create_access_code(**door).refused(403, "permission_denied")


@requirement("AUTH-4.5")
def test_a_quote_of_another_reseller_pays_nothing(partner: Api, given: Given, partner_given: Given) -> None:
    client, treatment = given.spa_outsider()
    quote = given.quote(client, treatment)
    stranger = partner_given.client(client.package)
    answer = partner.purchase_copay(
        client_id=stranger.id, provider_id=treatment.spa["id"], quote_id=quote["id"]
    )
    answer.refused(403, "permission_denied")


@requirement("AUTH-5.1")
def test_inventory_is_everyones(api: Api, partner: Api) -> None:
    for operation in ("list_passes", "list_providers", "list_classes", "list_credit_packages"):
        ours, theirs = api.call(operation, limit=100), partner.call(operation, limit=100)
        agree(operation, theirs.ids, ours.ids, theirs)


@requirement("PASS-15.1")
def test_another_resellers_client_can_not_be_issued_to(partner: Api, given: Given) -> None:
    client = given.client()
    answer = partner.issue_pass(
        pass_id=client.package["id"], client_id=client.id, first_name="Bola", last_name="Else"
    )
    answer.refused(403, "permission_denied")


@requirement("IDEM-6.3")
def test_idempotency_keys_belong_to_an_account(
    api: Api, partner: Api, given: Given, partner_given: Given
) -> None:
    key = given.new_id("key")
    mine = api.issue_pass(idempotency_key=key, **pass_body(given, given.new_id()))
    theirs = partner.issue_pass(idempotency_key=key, **pass_body(given, partner_given.new_id()))
    must(theirs.succeeded and theirs["id"] != mine["id"], "a pass of its own", theirs.in_words(), theirs)


@requirement("ERR-6.6")
def test_unknown_ids_come_before_owners(partner: Api, given: Given) -> None:
    client = given.client()
    answer = partner.book_class(**{**client.fields(), "class_instance_id": "ci_of_nobody"})
    answer.refused(404, "resource_not_found")
    door = {"client_id": client.id, "provider_id": given.stock.gyms()[0]["id"]}
    partner.purchase_copay(**door, copay_option_id="copay_of_nobody").refused(404, "resource_not_found")


def pass_body(given: Given, client_id: str) -> dict[str, Any]:
    package = given.ample("GYM")
    return {"pass_id": package["id"], "client_id": client_id, "first_name": "Ada", "last_name": "Obi"}
