"""One clock to a world: any distance, either way, at once, and everything obeys."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.control.tester import InWorld, Tester

NOON = "2026-05-19T11:00:00.000Z"  # in Lagos


@pytest.fixture
def frozen(tester: Tester) -> InWorld:
    return tester.new_world(now=NOON, frozen=True)


@pytest.mark.parametrize(
    ("span", "then"),
    [
        ("P1DT2H", "2026-05-20T13:00:00.000Z"),
        ("PT15M", "2026-05-19T11:15:00.000Z"),
        ("PT0.5S", "2026-05-19T11:00:00.500Z"),
        ("PT36H", "2026-05-20T23:00:00.000Z"),
        ("P2W", "2026-06-02T11:00:00.000Z"),
        ("P1Y", "2027-05-19T11:00:00.000Z"),
        ("P1M", "2026-06-19T11:00:00.000Z"),
        ("-P1M", "2026-04-19T11:00:00.000Z"),
        ("-PT1H", "2026-05-19T10:00:00.000Z"),
        ("P0D", "2026-05-19T11:00:00.000Z"),
        ("P1Y2M3DT4H5M6S", "2027-07-22T15:05:06.000Z"),
    ],
)
def test_it_moves_by_a_span(frozen: InWorld, span: str, then: str) -> None:
    assert frozen.ask("POST", "/clock", {"advance": span}).body == {"now": then, "running": False}


def test_a_month_is_a_calendar_month(tester: Tester) -> None:
    world = tester.new_world(now="2027-01-31T11:00:00Z", frozen=True)
    assert world.ask("POST", "/clock", {"advance": "P1M"}).body["now"] == "2027-02-28T11:00:00.000Z"


@pytest.mark.parametrize(
    "span", ["", "P", "PT", "1 day", "P1H", "P1D2H", "PT1D", "P-1D", "p1d", "P١D", "P1DT"]
)
def test_what_is_no_span_is_refused_with_examples(frozen: InWorld, span: str) -> None:
    refusal = frozen.ask("POST", "/clock", {"advance": span})
    assert refusal.code == "validation_error"


@pytest.mark.parametrize(
    "move",
    [
        {},
        {"set": NOON, "freeze": True},
        {"freeze": False},
        {"run": 1},
        {"set": "2026-05-19T11:00:00"},
        {"set": "tomorrow"},
        {"set": 1790000000000},
        {"rewind": "P1D"},
        {"set": "1969-12-31T23:59:59Z"},
        {"set": "9000-01-01T00:00:01Z"},
        {"advance": "P9000Y"},
        {"advance": "-P999999Y"},
        {"advance": "P999999999D"},
    ],
)
def test_a_move_that_cannot_be_is_refused_and_the_clock_stays(
    frozen: InWorld, move: dict[str, object]
) -> None:
    assert frozen.ask("POST", "/clock", move).status == 400
    assert frozen.ask("GET", "/clock").body == {"now": NOON, "running": False}


@pytest.mark.parametrize("edge", ["1970-01-01T00:00:00.000Z", "9000-01-01T00:00:00.000Z"])
def test_it_goes_to_the_edges_of_time_and_everything_still_answers(frozen: InWorld, edge: str) -> None:
    assert frozen.ask("POST", "/clock", {"set": edge}).body["now"] == edge
    assert frozen.call("GET", "/clients/client_ada").status == 200
    assert frozen.call("GET", "/classes/class_yoga").status == 200
    assert frozen.ask("GET", "/clients/client_ada").status == 200
    assert frozen.ask("GET", "/week").status == 200
    assert frozen.ask("GET", "/upcoming").status == 200


def test_a_clock_that_is_set_stays_as_it_was_running_or_not(frozen: InWorld) -> None:
    assert frozen.ask("POST", "/clock", {"set": "2026-06-01T00:00:00Z"}).body["running"] is False
    assert frozen.ask("POST", "/clock", {"run": True}).body["running"] is True
    assert frozen.ask("POST", "/clock", {"set": "2026-07-01T00:00:00Z"}).body["running"] is True
    assert frozen.ask("POST", "/clock", {"freeze": True}).body["running"] is False


def test_a_running_clock_starts_at_the_real_present(world: InWorld) -> None:
    told = datetime.fromisoformat(world.ask("GET", "/clock").body["now"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
    assert world.ask("GET", "/clock").body["running"] is True


def test_everything_has_the_new_time_when_the_answer_is_here(frozen: InWorld) -> None:
    booking = frozen.book().body["booking_id"]
    code = frozen.call(
        "POST", "/access-codes", {"client_id": "client_ada", "provider_id": "prov_fitzone"}
    ).body
    frozen.advance("PT60S")
    assert frozen.call("GET", f"/bookings/{booking}").body["status"] == "CONFIRMED"
    frozen.advance("P1D")
    scan = {"access_code": code["access_code"], "provider_id": "prov_fitzone"}
    assert frozen.ask("POST", "/check-ins", scan).code == "code_expired"
    frozen.advance("P6M")
    assert frozen.call("GET", f"/bookings/{booking}").body["status"] == "COMPLETED"
    frozen.advance("P1Y")
    assert frozen.call("GET", "/issued_passes/brgpass_ada").body["status"] == "EXPIRED"
    frozen.ask("POST", "/clock", {"set": NOON})
    assert frozen.call("GET", "/issued_passes/brgpass_ada").body["status"] == "ACTIVE"
    assert frozen.call("GET", f"/bookings/{booking}").body["status"] == "PENDING"


def test_idempotency_keys_live_by_the_worlds_clock(frozen: InWorld) -> None:
    buy = {"client_id": "client_no_credits", "package_id": "cpkg_50"}
    first = frozen.call("POST", "/credit_purchases", buy, Idempotency_Key="k")
    frozen.advance("PT23H59M")
    again = frozen.call("POST", "/credit_purchases", buy, Idempotency_Key="k")
    assert again.body["id"] == first.body["id"]
    frozen.advance("PT1M")
    assert frozen.call("POST", "/credit_purchases", buy, Idempotency_Key="k").body["id"] != first.body["id"]


def test_the_clock_of_one_world_is_no_others(tester: Tester, frozen: InWorld) -> None:
    other = tester.new_world(now=NOON, frozen=True)
    frozen.advance("P1Y")
    assert other.ask("GET", "/clock").body["now"] == NOON
