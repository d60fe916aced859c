"""Whatever the sandbox invented is told as the document promises, and every view of it agrees."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.domain.moments import day_of, midnight
from sandbox.domain.records import Client
from sandbox.world.base import Base
from tests.api.in_process import NOON, Desk
from tests.world.town_books import CAST

TODAY = midnight(day_of(NOON))
EVERY = 9  # of the three hundred: enough to meet every way of life


@pytest.fixture(scope="module")
def town() -> Iterator[Desk]:
    """Only read from, so that all tests may share it."""
    desk = Desk()
    yield desk
    desk.close()


def data(desk: Desk, path: str, key: str = "demo") -> list[dict[str, Any]]:
    page = desk.ask("GET", path, key=key)
    assert page.status == 200, page.body
    found: list[dict[str, Any]] = page.body["data"]
    return found


def people(desk: Desk) -> list[tuple[Client, str]]:
    """Some of the crowd, each with the key of the reseller whose client it is."""
    base = desk.worlds.base_of(_state(desk))
    clients = [one for one in base.all("client") if isinstance(one, Client)]
    return [(one, one.owner.removeprefix("acct_")) for one in clients[::EVERY]]


def _state(desk: Desk) -> Any:
    with desk.store.read() as rows:
        return desk.worlds.state(rows, "default")


def test_everyones_balance_is_the_sum_of_the_ledger(town: Desk) -> None:
    for client, key in people(town):
        told = town.ask("GET", f"/clients/{client.id}/credits", key=key).body
        signed = [line["amount"] * (1 if line["type"] == "CREDIT" else -1) for line in told["transactions"]]
        assert told["balance"] == sum(signed)
        times = [line["timestamp"] for line in told["transactions"]]
        assert times == sorted(times, reverse=True)
        shown = town.ask("GET", f"/clients/{client.id}", key=key).body
        assert shown["credit_balance"] == told["balance"]


def test_everyones_passes_are_the_same_alone_and_with_the_client(town: Desk) -> None:
    statuses = Counter[str]()
    for client, key in people(town):
        for held in town.ask("GET", f"/clients/{client.id}", key=key).body["passes"]:
            alone = town.ask("GET", f"/issued_passes/{held['id']}", key=key).body
            assert {name: alone[name] for name in ("pass_id", "status", "expires_at")} == {
                name: held[name] for name in ("pass_id", "status", "expires_at")
            }
            assert alone["client_id"] == client.id
            statuses[held["status"]] += 1
    assert statuses.keys() == {"ACTIVE", "EXPIRED", "CANCELLED"}


def test_everyones_bookings_are_the_same_alone_and_in_the_list(town: Desk) -> None:
    statuses = Counter[str]()
    for client, key in people(town):
        listed = data(town, f"/clients/{client.id}/bookings?limit=100", key)
        created = [booking["created"] for booking in listed]
        assert created == sorted(created, reverse=True)
        for booking in listed:
            alone = town.ask("GET", f"/bookings/{booking['id']}", key=key).body
            assert (alone["status"], alone["type"]) == (booking["status"], booking["type"])
            assert alone["scheduled_for"] == booking["scheduled_for"]
            statuses[booking["status"]] += 1
    assert statuses.keys() >= {"CONFIRMED", "COMPLETED", "CANCELLED"}


def test_strangers_see_nothing_of_the_crowd(town: Desk) -> None:
    for client, key in people(town)[::5]:
        other = "partner" if key == "demo" else "demo"
        assert town.ask("GET", f"/clients/{client.id}", key=other).status == 403
        assert town.ask("GET", f"/clients/{client.id}/credits", key=other).status == 403


def test_every_class_of_a_page_has_instances_that_agree_with_it(town: Desk) -> None:
    spots = Counter[bool]()
    for class_ in data(town, "/classes?limit=100&starting_after=class_yoga"):
        shown = town.ask("GET", f"/classes/{class_['id']}").body
        instances = shown.pop("instances")
        assert shown == class_
        for instance in instances:
            assert 0 <= instance["spots_left"] <= instance["capacity"]
            assert instance["scheduled_for"] * 1000 >= TODAY
            spots[instance["spots_left"] == 0] += 1
    assert min(spots[True], spots[False]) > 10


def test_a_client_of_the_crowd_can_book_and_cancel_like_anyone(desk: Desk) -> None:
    base: Base = desk.worlds.base_of(_state(desk))
    booked = cancelled = 0
    for client in base.all("client"):
        assert isinstance(client, Client)
        if client.owner != "acct_demo" or client.id in _cast_ids():
            continue
        held = desk.ask("GET", f"/clients/{client.id}").body["passes"]
        active = [one["id"] for one in held if one["status"] == "ACTIVE" and one["pass_id"] == "pass_premium"]
        if not active:
            continue
        body = {
            "class_instance_id": "ci_yoga_open",
            "client_id": client.id,
            "first_name": client.first_name,
            "last_name": client.last_name,
            "user_pass_id": active[0],
        }
        answer = desk.ask("POST", "/bookings/class", body)
        assert answer.status in (201, 409), answer.body  # a pass may begin later
        if answer.status == 201:
            booked += 1
            undone = desk.ask("POST", f"/bookings/{answer.body['booking_id']}/cancel")
            cancelled += undone.status == 200
    assert booked == cancelled > 5


def _cast_ids() -> set[str]:
    return {record.id for record in CAST.on(TODAY)}
