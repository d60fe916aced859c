"""Co-pays of gyms: who can buy one, what it costs and how long it lasts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contract_tests.api import Api
from contract_tests.given import Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import LAGOS, Thing, covers
from contract_tests.verdict import Blocked


def gym_with_options(given: Given) -> Thing:
    for gym in given.stock.gyms():
        if gym.get("copay_available") and given.stock.options(gym):
            return gym
    raise Blocked("the target's inventory has no gym with co-pay options")


@requirement("COPAY-1.1", "COPAY-1.2")
def test_nobody_pays_for_what_her_pass_covers(api: Api, given: Given, judging: Any) -> None:
    gym = gym_with_options(given)
    package = given.stock.package(lambda p: covers(p, gym), f"that covers {gym['id']}")
    client = given.client(package)
    option = given.stock.options(gym)[0]["id"]
    answer = api.purchase_copay(client_id=client.id, provider_id=gym["id"], copay_option_id=option)
    with judging("COPAY-1.1"):
        answer.refused(409)
    with judging("COPAY-1.2"):
        answer.refused(409, "copay_not_required")


@requirement("COPAY-3.1", "COPAY-3.2")
def test_copay_available_tells_the_truth(given: Given, judging: Any) -> None:
    with judging("COPAY-3.1"):
        gyms = given.stock.gyms()
        some = [g for g in gyms if g["copay_available"]][:6] + [g for g in gyms if not g["copay_available"]][
            :6
        ]
        for gym in some:
            agree(f"options at {gym['id']}", bool(given.stock.options(gym)), gym["copay_available"])
    with judging("COPAY-3.2"):
        agree("copay_available of spas", {spa["copay_available"] for spa in given.stock.spas()}, {True})


@requirement("COPAY-4.1")
def test_a_copay_lasts_its_months(api: Api, given: Given) -> None:
    gym = gym_with_options(given)
    package = given.stock.package(lambda p: not covers(p, gym), f"that leaves {gym['id']} uncovered")
    for option in given.stock.options(gym):
        client = given.client(package)
        bought = api.purchase_copay(client_id=client.id, provider_id=gym["id"], copay_option_id=option["id"])
        made = dt.datetime.fromtimestamp(bought["created"] / 1000, LAGOS)
        end = _later(made, 12 if option["duration"] == "ANNUALLY" else 1)
        off = abs(bought["valid_until"] - end.timestamp() * 1000)
        must(off <= 1000, f"valid_until {end.isoformat()}", bought["valid_until"], bought)
        agree("type", bought["type"], "GYM", bought)


def _later(moment: dt.datetime, months: int) -> dt.datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


@requirement("COPAY-7.3", "COPAY-7.12")
def test_without_an_active_pass_nothing_is_sold(api: Api, given: Given, judging: Any) -> None:
    gym = gym_with_options(given)
    package = given.stock.package(lambda p: not covers(p, gym), f"that leaves {gym['id']} uncovered")
    client = given.client(package)
    api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    option = given.stock.options(gym)[0]["id"]
    spa = next(iter(given.stock.spas()), None)
    services = [] if spa is None else [given.stock.services(spa)[0]["id"]]
    with judging("COPAY-7.3"):
        answer = api.purchase_copay(client_id=client.id, provider_id=gym["id"], copay_option_id=option)
        answer.refused(409, "pass_not_active")
        if spa is not None:
            quote = api.quote_spa_copay(spa["id"], client_id=client.id, service_ids=services)
            quote.refused(409, "pass_not_active")
    with judging("COPAY-7.12"):
        if spa is None:
            raise Blocked("there is no spa to ask for a quote")
        asked = {"client_id": client.id, "service_ids": services, "user_pass_id": client.pass_id}
        api.quote_spa_copay(spa["id"], **asked).refused(409, "pass_not_active")


@requirement("COPAY-7.13")
def test_a_copay_of_a_session_opens_the_door(api: Api, given: Given) -> None:
    client, seat = given.outsider()
    session = given.session(client, seat)["session_id"]
    option = given.stock.options(seat.gym)[0]["id"]
    api.purchase_copay(client_id=client.id, copay_package_id=option, session_id=session).given("buy a co-pay")
    code = api.create_access_code(client_id=client.id, provider_id=seat.gym["id"])
    must("access_code" in code.ok(), "an access code", code.in_words(), code)


@requirement("COPAY-1.4")
def test_an_older_pass_that_covers_is_cover_too(api: Api, given: Given) -> None:
    gym = gym_with_options(given)
    covering = given.stock.package(lambda p: covers(p, gym), f"that covers {gym['id']}")
    leaving_out = given.stock.package(lambda p: not covers(p, gym), f"that leaves {gym['id']} uncovered")
    client = given.client(covering)
    given.client(leaving_out, client_id=client.id)
    option = given.stock.options(gym)[0]["id"]
    answer = api.purchase_copay(client_id=client.id, provider_id=gym["id"], copay_option_id=option)
    answer.refused(409, "copay_not_required")


@requirement("COPAY-4.10")
def test_a_copays_months_are_calendar_months(lab: Lab) -> None:
    gym = gym_with_options(lab.given)
    package = lab.given.stock.package(
        lambda p: not covers(p, gym) and p["duration"] == "annually", f"that leaves {gym['id']} uncovered"
    )
    for option in lab.given.stock.options(gym):
        months = 12 if option["duration"] == "ANNUALLY" else 1
        year = lab.world.now().year + 1
        for start in (dt.datetime(year, 1, 31, 10, tzinfo=LAGOS), _before_a_leap_day(year)):
            lab.world.set(start)
            client = lab.given.client(package)
            bought = lab.api.purchase_copay(
                client_id=client.id, provider_id=gym["id"], copay_option_id=option["id"]
            )
            end = round(_later(start, months).timestamp() * 1000)
            agree(
                f"valid_until of {option['duration']} from {start:%d %B}", bought["valid_until"], end, bought
            )


def _before_a_leap_day(year: int) -> dt.datetime:
    """In a year of 366 days, that begin with this one."""
    leap = next(y for y in range(year + 1, year + 9) if y % 4 == 0)
    return dt.datetime(leap - 1, 12, 20, 10, tzinfo=LAGOS)
