"""The reseller's account, and what studios do behind the counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract_tests.api import Answer
from contract_tests.judge import agree, requirement
from contract_tests.run import Lab
from contract_tests.stock import covers
from contract_tests.verdict import Blocked


@requirement("CONV-18.1", "CONV-18.2")
def test_a_pass_is_paid_by_the_account(lab: Lab, judging: Any) -> None:
    package = lab.given.ample("GYM")
    before = lab.world.balance()
    with judging("CONV-18.1"):
        lab.given.client(package)
        agree("the account after issuing", lab.world.balance(), before - package["price"])
        lab.given.client(package, start_date=lab.now_ms() + 5 * 86_400_000)
        agree("the account after one for later", lab.world.balance(), before - 2 * package["price"])
    with judging("CONV-18.2"):
        lab.world.change_account("demo", balance=package["price"] - 1)
        client = lab.given.new_id()
        answer = lab.api.issue_pass(
            pass_id=package["id"], client_id=client, first_name="Ada", last_name="Obi"
        )
        answer.refused(409, "account_balance_insufficient")
        agree("the account", lab.world.balance(), package["price"] - 1)
        lab.api.get_client(client).refused(404)
        lab.world.change_account("demo", balance=package["price"])
        lab.api.issue_pass(pass_id=package["id"], client_id=client, first_name="Ada", last_name="Obi").ok()
        agree("the account, spent to the last kobo", lab.world.balance(), 0)


@requirement("CONV-18.3")
def test_credits_are_paid_by_the_account(lab: Lab) -> None:
    client = lab.given.client()
    package = lab.given.stock.all("list_credit_packages")[0]
    before = lab.world.balance()
    lab.api.purchase_credits(client_id=client.id, package_id=package["id"]).given("buy credits")
    agree("the account", lab.world.balance(), before - package["amount"])


@requirement("CONV-18.4", "BOOK-3.3", "BOOK-17.5")
def test_a_copay_is_paid_once(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.outsider(spots=6)
    option = lab.given.stock.options(seat.gym)[0]
    with judging("CONV-18.4"):
        before = lab.world.balance()
        fields = {"client_id": client.id, "provider_id": seat.gym["id"], "copay_option_id": option["id"]}
        session = lab.given.session(client, seat)["session_id"]
        lab.api.purchase_copay(**fields).given("buy a co-pay")
        agree("the account", lab.world.balance(), before - option["amount"])
    with judging("BOOK-17.5"):
        before = lab.world.balance()
        lab.given.confirm(session, copay_package_id=option["id"]).ok()
        agree("the account after confirming", lab.world.balance(), before)
    with judging("BOOK-3.3"):
        other = lab.given.client(client.package)
        session = lab.given.session(other, seat)["session_id"]
        before = lab.world.balance()
        lab.given.confirm(session, copay_package_id=option["id"]).ok()
        agree("the account", lab.world.balance(), before - option["amount"])


@requirement("BOOK-2.3", "BOOK-20.3")
def test_visits_are_paid_by_their_number(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.without_visits()
    opened = lab.given.session(client, seat)
    before = lab.world.balance()
    with judging("BOOK-2.3"):
        lab.given.confirm(opened["session_id"], number_of_visits=3, duration="MONTHLY").ok()
        agree("the account", lab.world.balance(), before - 3 * opened["cost_per_visit"])
    with judging("BOOK-20.3"):
        other, elsewhere = lab.given.without_visits()
        opened = lab.given.session(other, elsewhere)
        before = lab.world.balance()
        lab.given.confirm(opened["session_id"], number_of_visits=3, duration="ANNUALLY").ok()
        agree("the account", lab.world.balance(), before - 3 * opened["cost_per_visit"])


@requirement("BOOK-23.5")
def test_a_spa_copay_returns_to_the_account(lab: Lab) -> None:
    client, treatment = lab.given.spa_outsider(days=3)
    before = lab.world.balance()
    quote = lab.given.quote(client, treatment).given("ask for a quote")
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    lab.api.purchase_copay(**fields).given("buy a spa co-pay")
    agree("the account after paying", lab.world.balance(), before - quote["amount"])
    booking = lab.given.spa_booking(client, treatment)["id"]
    lab.api.cancel_booking(booking).given("cancel a booking")
    agree("the account after cancelling", lab.world.balance(), before)


@requirement("BOOK-26.1", "BOOK-26.2", "BOOK-26.3")
def test_a_studio_that_cancels_gives_everything_back(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.insider(priced=True)
    before = lab.given.with_credits(client, int(seat.instance["credit_cost"]))
    booking = lab.given.booking(client, seat)
    lab.world.set(seat.starts * 1000 - 3_600_000)
    lab.world.change_instance(seat.id, status="CANCELLED")
    with judging("BOOK-26.2"):
        agree("status of the booking", lab.api.get_booking_status(booking)["status"], "CANCELLED")
    with judging("BOOK-26.3"):
        agree("balance", lab.given.credits(client), before)
    with judging("BOOK-26.1"):
        late = lab.given.client(client.package)
        lab.given.with_credits(late, int(seat.instance["credit_cost"]))
        lab.given.book(late, seat).refused(409, "slot_unavailable")


@requirement("BOOK-26.4")
def test_a_no_show_is_completed_and_returns_nothing(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    before = lab.given.with_credits(client, int(seat.instance["credit_cost"]))
    booking = lab.given.booking(client, seat)
    lab.world.set((seat.starts + 60 * int(seat.instance["duration_minutes"])) * 1000)
    lab.world.change_booking(booking, no_show=True)
    agree("status", lab.api.get_booking_status(booking)["status"], "COMPLETED")
    agree("balance", lab.given.credits(client), before - int(seat.instance["credit_cost"]))


@requirement("BOOK-26.5", "BOOK-25.9")
def test_what_the_studio_cancelled_is_not_confirmed(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.outsider()
    session = lab.given.session(client, seat)["session_id"]
    before = lab.world.balance()
    with judging("BOOK-25.9"):
        agree("status", lab.given.stock.instance(seat)["status"], "SCHEDULED")
        lab.world.change_instance(seat.id, status="CANCELLED")
        agree("status once cancelled", lab.given.stock.instance(seat)["status"], "CANCELLED")
    with judging("BOOK-26.5"):
        option = lab.given.stock.options(seat.gym)[0]["id"]
        lab.given.confirm(session, copay_package_id=option).refused(409, "slot_unavailable")
        agree("the account", lab.world.balance(), before)


@requirement("BOOK-25.11")
def test_updated_is_when_the_studio_marked_it(lab: Lab) -> None:
    client, seat = lab.given.insider()
    early = lab.given.booking(client, seat)
    late = lab.given.booking(lab.given.client(client.package), seat)
    end = seat.starts + 60 * int(seat.instance["duration_minutes"])
    lab.world.set((seat.starts + 60) * 1000)
    lab.world.change_booking(early, no_show=True)
    agree("status", lab.api.get_booking_status(early)["status"], "COMPLETED")
    lab.world.set((end + 3600) * 1000)
    lab.world.change_booking(late, no_show=True)
    agree(
        "updated of one marked before its end", lab.api.get_booking_status(early)["updated"], seat.starts + 60
    )
    agree("updated of one marked after it", lab.api.get_booking_status(late)["updated"], end)


@requirement("BOOK-25.10")
def test_an_instance_is_completed_at_its_end(lab: Lab) -> None:
    _, seat = lab.given.insider()
    end = (seat.starts + 60 * int(seat.instance["duration_minutes"])) * 1000
    lab.world.set(end - 1000)
    agree("status just before its end", lab.given.stock.instance(seat)["status"], "SCHEDULED")
    lab.world.set(end)
    agree("status at its end", lab.given.stock.instance(seat)["status"], "COMPLETED")


@requirement("CONV-18.5", "CONV-18.6")
def test_a_confirm_costs_no_more_than_there_is(lab: Lab, judging: Any) -> None:
    with judging("CONV-18.5"):
        client, seat = lab.given.without_visits()
        opened = lab.given.session(client, seat)
        price = 3 * int(opened["cost_per_visit"])
        order = {"number_of_visits": 3, "duration": "MONTHLY"}
        _sold_for_all_there_is(lab, price, lambda: lab.given.confirm(opened["session_id"], **order))
    with judging("CONV-18.6"):
        outsider, elsewhere = lab.given.outsider()
        option = lab.given.stock.options(elsewhere.gym)[0]
        session = lab.given.session(outsider, elsewhere)["session_id"]
        _sold_for_all_there_is(
            lab, int(option["amount"]), lambda: lab.given.confirm(session, copay_package_id=option["id"])
        )


def _sold_for_all_there_is(lab: Lab, price: int, buy: Callable[[], Answer]) -> None:
    """With a kobo too little nothing happens; with the very price it is sold, and nothing is left."""
    before = lab.world.balance()
    lab.world.change_account("demo", balance=price - 1)
    buy().refused(409, "account_balance_insufficient")
    agree("the account after the refusal", lab.world.balance(), price - 1)
    lab.world.change_account("demo", balance=price)
    buy().ok()
    agree("the account, spent to the last kobo", lab.world.balance(), 0)
    lab.world.change_account("demo", balance=before)


@requirement("BOOK-25.12")
def test_updated_is_when_the_studio_confirmed_it(lab: Lab) -> None:
    client, seat = lab.given.insider()
    booking = lab.given.booking(client, seat)
    made = lab.now_ms() // 1000
    lab.world.advance(seconds=20)
    lab.world.change_booking(booking, status="CONFIRMED")
    lab.world.advance(seconds=20)
    told = lab.api.get_booking_status(booking)
    agree("status", told["status"], "CONFIRMED", told)
    agree("updated before the venue would have confirmed", told["updated"], made + 20, told)
    lab.world.advance(minutes=10)
    agree("updated long after", lab.api.get_booking_status(booking)["updated"], made + 20)


@requirement("CONV-18.7", "CONV-18.8", "CONV-18.9")
def test_nothing_is_bought_on_credit(lab: Lab, judging: Any) -> None:
    given = lab.given
    with judging("CONV-18.7"):
        client, package = given.client(), given.stock.all("list_credit_packages")[0]
        order = {"client_id": client.id, "package_id": package["id"]}
        _sold_for_all_there_is(lab, int(package["amount"]), lambda: lab.api.purchase_credits(**order))
        agree("balance of the client", given.credits(client), package["credits"] + package["bonus_credits"])
    with judging("CONV-18.8"):
        outsider, seat = given.outsider()
        option = given.stock.options(seat.gym)[0]
        fields = {"client_id": outsider.id, "provider_id": seat.gym["id"], "copay_option_id": option["id"]}
        _sold_for_all_there_is(lab, int(option["amount"]), lambda: lab.api.purchase_copay(**fields))
    with judging("CONV-18.9"):
        guest, treatment = given.spa_outsider(days=3)
        quote = given.quote(guest, treatment)
        bought = {"client_id": guest.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
        _sold_for_all_there_is(lab, int(quote["amount"]), lambda: lab.api.purchase_copay(**bought))


@requirement("CODE-7.10", "CODE-7.11")
def test_what_a_code_sells_is_paid_as_a_class_is(lab: Lab, judging: Any) -> None:
    given = lab.given
    with judging("CODE-7.10"):
        client, _ = given.without_visits()
        gyms = [g for g in given.stock.gyms() if covers(client.package, g)]
        gym = next((g for g in gyms if not g.get("check_in_credit_cost")), None)
        if gym is None:
            raise Blocked("the target's inventory has no covered gym whose check-in a visit pays")
        opened = lab.api.create_access_code(client_id=client.id, provider_id=gym["id"])
        session = opened.given("open a session at the door")["session_id"]
        order = {"number_of_visits": 3, "duration": "MONTHLY"}
        price = 3 * int(opened["cost_per_visit"])
        _sold_for_all_there_is(lab, price, lambda: lab.api.confirm_access_code(session, **order))
    with judging("CODE-7.11"):
        outsider, seat = given.outsider()
        option = given.stock.options(seat.gym)[0]
        asked = lab.api.create_access_code(client_id=outsider.id, provider_id=seat.gym["id"])
        door = asked.given("open a session at the door")["session_id"]
        copay = {"copay_package_id": option["id"]}
        price = int(option["amount"])
        _sold_for_all_there_is(lab, price, lambda: lab.api.confirm_access_code(door, **copay))


@requirement("COPAY-4.11")
def test_a_late_cancel_returns_no_visit_of_a_copay(lab: Lab) -> None:
    client, seat = lab.given.outsider()
    option = lab.given.stock.options(seat.gym)[0]["id"]
    order = {"client_id": client.id, "provider_id": seat.gym["id"], "copay_option_id": option}
    lab.api.purchase_copay(**order).given("buy a co-pay")
    booking = lab.given.booking(client, seat)
    lab.world.set(seat.starts * 1000 - 6 * 3_600_000 + 1000)
    cancelled = lab.api.cancel_booking(booking)
    agree("visits_restored", cancelled["refund"]["visits_restored"], 0, cancelled)
