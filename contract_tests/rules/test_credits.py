"""Credits: bought in lots, spent, lapsing, and always adding up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contract_tests.api import Api
from contract_tests.control import World
from contract_tests.given import Given
from contract_tests.judge import agree, falling, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import Thing, covers
from contract_tests.verdict import Blocked

DAY = 86_400_000
LINES = 51  # more than a page has where nobody asks for more: 10, 20, 25, 50


def sold(given: Given, *, lapsing: bool | None = None) -> list[Thing]:
    packages = [
        p
        for p in given.stock.all("list_credit_packages")
        if lapsing is None or (p.get("expires_in_days") is not None) is lapsing
    ]
    if not packages:
        raise Blocked("the target's inventory has no credit package of this kind")
    return packages


@requirement("CRED-1.1", "CRED-1.3", "CRED-2.1", "CRED-9.1")
def test_a_purchase_adds_what_the_package_says(api: Api, given: Given, judging: Any) -> None:
    for package in sold(given)[:4]:
        client = given.client()
        bought = api.purchase_credits(client_id=client.id, package_id=package["id"])
        added = package["credits"] + package["bonus_credits"]
        with judging("CRED-1.1"):
            agree("credits_added", bought["credits_added"], added, bought)
            agree("amount", bought["amount"], package["amount"], bought)
            agree("balance afterwards", given.credits(client), added)
        with judging("CRED-1.3"):
            agree("balance of the purchase", bought["balance"], added, bought)
            again = api.purchase_credits(client_id=client.id, package_id=package["id"])
            agree("balance of the second purchase", again["balance"], 2 * added, again)
        with judging("CRED-2.1"):
            days = package["expires_in_days"]
            if days is None:
                agree("expires_at", bought["expires_at"], None, bought)
            else:
                off = bought["expires_at"] - bought["created"] - days * DAY
                must(abs(off) <= 1000, f"expires_at {days} days on", f"{off} ms off", bought)
    with judging("CRED-9.1"):
        ledger = api.get_client_credits(client.id)
        total = sum(
            line["amount"] * (1 if line["type"] == "CREDIT" else -1) for line in ledger["transactions"]
        )
        agree("the sum of the ledger", total, ledger["balance"], ledger)


@requirement("CRED-10.3")
def test_a_fresh_client_has_no_credits(api: Api, given: Given) -> None:
    answer = api.get_client_credits(given.client().id)
    agree("balance and transactions", (answer["balance"], answer["transactions"]), (0, []), answer)


@requirement("CRED-1.2", "CRED-1.4")
def test_a_draft_is_not_for_sale(lab: Lab, judging: Any) -> None:
    package = lab.world.draft_package(
        name="Draft", credits=7, bonus_credits=0, amount=70_000, expires_in_days=None
    )
    client = lab.given.client()
    with judging("CRED-1.4"):
        stranger = lab.partner_given.client()
        lab.api.purchase_credits(client_id=stranger.id, package_id=package).refused(404, "resource_not_found")
    with judging("CRED-1.2"):
        must(package not in lab.api.list_credit_packages(limit=100).ids, "a draft not listed", package)
        lab.api.purchase_credits(client_id=client.id, package_id=package).refused(404, "resource_not_found")
        lab.world.publish(package)
        must(package in lab.api.list_credit_packages(limit=100).ids, "a published one listed", "not listed")
        bought = lab.api.purchase_credits(client_id=client.id, package_id=package)
        agree("credits_added", bought["credits_added"], 7, bought)


@requirement("CRED-2.2")
def test_credits_lapse_by_themselves(lab: Lab) -> None:
    client = lab.given.client()
    package = min(sold(lab.given, lapsing=True), key=lambda p: p["expires_in_days"])
    bought = lab.api.purchase_credits(client_id=client.id, package_id=package["id"])
    lab.world.set(bought["expires_at"] - 1000)
    agree("balance just before", lab.given.credits(client), bought["credits_added"])
    lab.world.set(bought["expires_at"])
    ledger = lab.api.get_client_credits(client.id)
    agree("balance at expires_at", ledger["balance"], 0, ledger)
    newest = ledger["transactions"][0]
    told = (newest["type"], newest["amount"], newest["timestamp"])
    agree("the newest line", told, ("DEBIT", bought["credits_added"], bought["expires_at"]), ledger)
    must(
        falling(line["timestamp"] for line in ledger["transactions"]),
        "newest first",
        ledger["transactions"],
        ledger,
    )


@requirement("CRED-2.3")
def test_what_lapses_now_is_not_spent(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    cost, now = int(seat.instance["credit_cost"]), lab.world.now()
    end = now + dt.timedelta(hours=1)
    for amount, lapses in ((cost, end), (cost + 1, end + dt.timedelta(days=9))):
        lab.world.adjust(
            client.id,
            amount=amount,
            reason="a lot of its own",
            expires_at=lapses.isoformat(timespec="seconds"),
        )
    lab.world.set(end - dt.timedelta(milliseconds=1))
    agree("balance a moment before", lab.given.credits(client), 2 * cost + 1)
    other = lab.given.client(client.package)
    lab.world.adjust(
        other.id, amount=cost, reason="for a moment", expires_at=end.isoformat(timespec="seconds")
    )
    lab.given.booking(other, seat)
    lab.world.set(end)
    agree("balance when the sooner lot lapses", lab.given.credits(client), cost + 1)
    lab.given.booking(client, seat)
    agree("balance after paying out of the other", lab.given.credits(client), 1)


@requirement("CRED-3.1")
def test_one_session_may_cost_another_price(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    lab.world.change_instance(seat.id, credit_cost=cost + 3)
    agree("credit_cost of the instance", lab.given.stock.instance(seat)["credit_cost"], cost + 3)
    agree(
        "credit_cost of the class",
        lab.api.get_class(seat.class_["id"])["credit_cost"],
        seat.class_["credit_cost"],
    )
    before = lab.given.with_credits(client, cost + 3)
    lab.given.booking(client, seat)
    agree("balance", lab.given.credits(client), before - cost - 3)


@requirement("CODE-8.2")
def test_a_price_where_no_credits_are_taken_is_refused(lab: Lab) -> None:
    client, seat = lab.given.insider()
    if seat.gym["accepts_credits"]:
        seat = lab.given.seat(
            lambda g: not g["accepts_credits"] and _same_kind(g, client.package), "that takes no credits"
        )
    lab.world.change_instance(seat.id, credit_cost=2)
    lab.given.with_credits(client, 2)
    lab.given.book(client, seat).refused(409, "credits_not_accepted")


def _same_kind(gym: Thing, package: Thing) -> bool:
    return any(c["type"] == gym["category"] and gym["tier"] in c["tiers"] for c in package["categories"])


@requirement("CRED-4.1", "CRED-4.2")
def test_an_adjustment_has_a_reason(given: Given, world: World, api: Api, judging: Any) -> None:
    client = given.client()
    with judging("CRED-4.1"):
        status, _ = world.adjust(client.id, may_refuse=True, amount=5)
        agree("status of an adjustment without a reason", status, 400)
        status, _ = world.adjust(client.id, may_refuse=True, amount=5, reason="  ")
        agree("status of an adjustment with a blank reason", status, 400)
        agree("balance", given.credits(client), 0)
    with judging("CRED-4.2"):
        world.adjust(client.id, amount=5, reason="a gift for waiting")
        world.adjust(client.id, amount=-2, reason="one too many")
        ledger = api.get_client_credits(client.id)
        agree("balance", ledger["balance"], 3, ledger)
        lines = [(line["type"], line["amount"]) for line in ledger["transactions"]]
        agree("lines", lines, [("DEBIT", 2), ("CREDIT", 5)], ledger)


@requirement("CRED-5.1", "CRED-5.2", "CRED-7.1", "CRED-9.2")
def test_a_refund_voids_what_is_left(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    generous = [p for p in sold(lab.given) if p["credits"] + p["bonus_credits"] > cost]
    if not generous:
        raise Blocked(f"the target's inventory has no credit package of more than {cost}")
    package = max(generous, key=lambda p: p["bonus_credits"])
    bought = lab.api.purchase_credits(client_id=client.id, package_id=package["id"]).given("buy credits")
    booking = lab.given.booking(client, seat)
    status, told = lab.world.refund(bought["id"])
    with judging("CRED-5.1"):
        agree("status of the refund", status, 200)
        agree("balance after it", lab.given.credits(client), 0)
    with judging("CRED-7.1"):
        left = bought["credits_added"] - cost
        said = (told.get("used"), told.get("voided"), told.get("balance"))
        agree("used, voided and balance", said, (cost, left, 0))
    with judging("CRED-9.2"):
        ledger = lab.api.get_client_credits(client.id)
        agree("the sum of the ledger", summed(ledger), 0, ledger)
    with judging("CRED-5.2"):
        lab.api.cancel_booking(booking).ok()
        agree("balance after its credits returned", lab.given.credits(client), 0)


def summed(ledger: Any) -> int:
    return sum(line["amount"] * (1 if line["type"] == "CREDIT" else -1) for line in ledger["transactions"])


@requirement("CRED-2.4", "CRED-9.2")
def test_each_lapse_stands_at_its_moment(lab: Lab, judging: Any) -> None:
    client, now = lab.given.client(), lab.world.now()
    lapsing = min(sold(lab.given, lapsing=True), key=lambda p: p["expires_in_days"])
    bought = lab.api.purchase_credits(client_id=client.id, package_id=lapsing["id"])
    if lapsing["expires_in_days"] < 4:
        raise Blocked(f"the credits of {lapsing['id']} lapse within days")
    ends = [now + dt.timedelta(days=days) for days in (1, 3)]
    for amount, end in zip((5, 7), ends, strict=True):
        lab.world.adjust(client.id, amount=amount, reason="a lot of its own", expires_at=end.isoformat())
    lab.world.advance(days=2)
    lab.world.adjust(client.id, amount=11, reason="between two lapses")
    lab.world.set(int(bought["expires_at"]))
    ledger = lab.api.get_client_credits(client.id)
    with judging("CRED-2.4"):
        told = [(line["type"], line["amount"], line["timestamp"]) for line in ledger["transactions"]]
        at = [round(moment.timestamp() * 1000) for moment in (*ends, now + dt.timedelta(days=2))]
        agree(
            "the newest lines",
            told[:4],
            [
                ("DEBIT", bought["credits_added"], bought["expires_at"]),
                ("DEBIT", 7, at[1]),
                ("CREDIT", 11, at[2]),
                ("DEBIT", 5, at[0]),
            ],
            ledger,
        )
    with judging("CRED-9.2"):
        agree("the sum of the ledger", (summed(ledger), ledger["balance"]), (11, 11), ledger)
        refund = lab.world.refund(bought["id"])[1]
        agree("used and voided of what lapsed", (refund.get("used"), refund.get("voided")), (0, 0))
        ledger = lab.api.get_client_credits(client.id)
        agree("the sum after a refund of what lapsed", (summed(ledger), ledger["balance"]), (11, 11), ledger)


@requirement("CRED-7.2")
def test_a_refund_of_what_is_used_voids_nothing(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    package = lab.world.draft_package(
        name="Just enough", credits=cost, bonus_credits=0, amount=50_000, expires_in_days=None
    )
    lab.world.publish(package)
    bought = lab.api.purchase_credits(client_id=client.id, package_id=package)["id"]
    lab.given.booking(client, seat)
    before = lab.api.get_client_credits(client.id)["transactions"]
    told = lab.world.refund(bought)[1]
    agree("used and voided", (told.get("used"), told.get("voided")), (cost, 0))
    agree("the ledger", lab.api.get_client_credits(client.id)["transactions"], before)


@requirement("CRED-6.2")
def test_of_lots_that_end_together_the_oldest_is_spent(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    package = next((p for p in sold(lab.given, lapsing=False) if p["credits"] >= cost), None)
    if package is None:
        raise Blocked(f"the target's inventory has no lasting credit package of {cost} or more")
    bought = []
    for _ in range(2):
        bought.append(lab.api.purchase_credits(client_id=client.id, package_id=package["id"])["id"])
        lab.world.advance(seconds=1)
    lab.given.booking(client, seat)
    used = [lab.world.refund(purchase)[1].get("used") for purchase in reversed(bought)]
    agree("used of the second and of the first purchase", used, [0, cost])


@requirement("CRED-6.4")
def test_what_was_granted_waits_for_what_lapses_sooner(lab: Lab) -> None:
    given = lab.given
    client, seat = given.insider(priced=True)
    cost = int(seat.instance["credit_cost"])
    package = given.stock.package(
        lambda p: any(c.get("credit_allocated") for c in p.get("categories") or []), "that grants credits"
    )
    given.client(package, client_id=client.id)
    granted = given.credits(client)
    end = lab.world.now() + dt.timedelta(days=1)
    lab.world.adjust(
        client.id, amount=cost, reason="for a day", expires_at=end.isoformat(timespec="milliseconds")
    )
    given.booking(client, seat)
    lab.world.set(end)
    agree("balance once the sooner ones are over", given.credits(client), granted)


@requirement("CRED-6.3")
def test_one_price_may_take_several_lots(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True, costing=2)
    cost = int(seat.instance["credit_cost"])
    for amount in (cost - 1, cost, 1):
        lab.world.adjust(client.id, amount=amount, reason="a lot of its own")
    booking = lab.given.booking(client, seat)
    agree("balance after booking", lab.given.credits(client), cost)
    cancelled = lab.api.cancel_booking(booking)
    agree("credits_refunded", cancelled["refund"]["credits_refunded"], cost, cancelled)
    ledger = lab.api.get_client_credits(client.id)
    agree("balance after cancelling", ledger["balance"], 2 * cost, ledger)
    agree("the sum of the ledger", summed(ledger), ledger["balance"], ledger)
    amounts = [line["amount"] for line in ledger["transactions"]]
    must(min(amounts) > 0, "positive amounts only", amounts, ledger)


@requirement("CRED-10.4", "CODE-8.4")
def test_a_copay_is_cover_and_credits_pay(lab: Lab, judging: Any) -> None:
    client, seat = lab.given.outsider(priced=True, penniless=True)
    cost = int(seat.instance["credit_cost"])
    option = lab.given.stock.options(seat.gym)[0]
    lab.api.purchase_copay(
        client_id=client.id, provider_id=seat.gym["id"], copay_option_id=option["id"]
    ).given("buy a co-pay")
    with judging("CODE-8.4"):
        lab.given.book(client, seat).refused(400, "validation_error")
        before = lab.given.with_credits(client, cost)
        booked = lab.given.book(client, seat)
        agree("visits_deducted", booked["visits_deducted"], 0, booked)
        agree("balance", lab.given.credits(client), before - cost)
    with judging("CRED-10.4"):
        newest = lab.api.get_client_credits(client.id)["transactions"][0]
        agree("timestamp of the newest line", newest["timestamp"], lab.now_ms())


@requirement("CRED-2.5")
def test_what_lapsed_is_in_no_balance(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    end = lab.world.now() + dt.timedelta(hours=1)
    lab.world.adjust(
        client.id,
        amount=int(seat.instance["credit_cost"]),
        reason="for an hour",
        expires_at=end.isoformat(timespec="milliseconds"),
    )
    lab.world.set(end)
    agree("credit_balance of the client", lab.api.get_client(client.id)["credit_balance"], 0)
    lab.given.book(client, seat).refused(400, "validation_error")
    bought = lab.api.purchase_credits(client_id=client.id, package_id=sold(lab.given)[0]["id"])
    agree("balance of a purchase", bought["balance"], bought["credits_added"], bought)


@requirement("BOOK-10.6")
def test_credits_of_several_lots_return_to_each(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True, costing=2)
    cost = int(seat.instance["credit_cost"])
    end = lab.world.now() + dt.timedelta(days=20)
    lab.world.adjust(client.id, amount=cost - 1, reason="for some days", expires_at=end.isoformat())
    lab.world.adjust(client.id, amount=cost, reason="for good")
    lab.api.cancel_booking(lab.given.booking(client, seat)).given("cancel a booking")
    lab.world.set(end)
    agree("balance when the sooner lot has lapsed", lab.given.credits(client), cost)


@requirement("CRED-3.4")
def test_one_session_may_be_free_where_its_class_is_priced(lab: Lab) -> None:
    client, seat = lab.given.insider(priced=True)
    lab.world.change_instance(seat.id, credit_cost=0)
    agree("credit_cost of the instance", lab.given.stock.instance(seat)["credit_cost"], 0)
    booked = lab.given.book(client, seat)
    must("booking_id" in booked.ok(), "a booking without any credits", booked.in_words(), booked)


@requirement("CRED-3.3")
def test_one_session_may_cost_credits_where_its_class_costs_a_visit(lab: Lab) -> None:
    given = lab.given
    package = given.ample("GYM")
    seat = given.seat(lambda gym: covers(package, gym) and bool(gym["accepts_credits"]), "that takes credits")
    client = given.client(package)
    lab.world.change_instance(seat.id, credit_cost=3)
    agree("credit_cost of the instance", given.stock.instance(seat)["credit_cost"], 3)
    given.book(client, seat).refused(400, "validation_error")
    before = given.with_credits(client, 3)
    booked = given.book(client, seat)
    agree("visits_deducted", booked["visits_deducted"], 0, booked)
    agree("balance", given.credits(client), before - 3)


@requirement("CRED-10.6")
def test_a_long_ledger_is_shown_whole(lab: Lab) -> None:
    client = lab.given.client()
    for _ in range(LINES):
        lab.world.adjust(client.id, amount=1, reason="one more")
    ledger = lab.api.get_client_credits(client.id)
    lines = [line for line in ledger["transactions"] if line["description"] == "one more"]
    agree("lines of the ledger", len(lines), LINES, ledger)


@requirement("CRED-10.5")
def test_a_withdrawn_package_is_not_for_sale(lab: Lab) -> None:
    package = lab.world.draft_package(
        name="For a while", credits=7, bonus_credits=0, amount=70_000, expires_in_days=None
    )
    lab.world.publish(package)
    lab.world.archive(package)
    client = lab.given.client()
    lab.api.purchase_credits(client_id=client.id, package_id=package).refused(404, "resource_not_found")
    agree("balance", lab.given.credits(client), 0)
