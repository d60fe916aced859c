"""Worlds: made in a moment, reset to the seed, copied, kept apart."""

import time
from collections.abc import Callable, Iterator
from statistics import median

import pytest

from tests.control.tester import BOOK_ADA, InWorld, Tester


def best_of(times: int, act: Callable[[], object]) -> float:
    """Milliseconds of a typical turn."""
    spans = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        spans.append((time.perf_counter() - started) * 1000)
    return median(spans)


def test_a_world_is_told_with_the_keys_to_it(tester: Tester) -> None:
    made = tester.ask("POST", "/worlds", {"id": "told", "seed": 1})
    assert made.status == 201
    assert made.body["id"] == "told"
    assert [one["name"] for one in made.body["accounts"]] == ["demo", "partner", "disabled"]
    assert len({one["api_key"] for one in made.body["accounts"]}) == 3
    assert tester.ask("GET", "/worlds/told").body["accounts"] == made.body["accounts"]
    assert "told" in [one["id"] for one in tester.ask("GET", "/worlds").data]
    assert tester.ask("DELETE", "/worlds/told").body == {"removed": 1}
    assert tester.ask("GET", "/worlds/told").code == "resource_not_found"


def test_an_id_that_is_taken_is_refused(tester: Tester, world: InWorld) -> None:
    assert tester.ask("POST", "/worlds", {"id": world.id}).code == "world_exists"


def test_the_default_world_stays(tester: Tester) -> None:
    assert tester.ask("DELETE", "/worlds/default").code == "world_stays"


def test_the_keys_of_a_dropped_world_open_nothing(tester: Tester) -> None:
    world = tester.new_world()
    assert world.call("GET", "/passes").status == 200
    tester.ask("DELETE", f"/worlds/{world.id}")
    assert world.call("GET", "/passes").code == "invalid_api_key"


def test_making_and_resetting_take_less_than_20_ms(tester: Tester) -> None:
    tester.new_world()
    assert best_of(15, lambda: tester.ask("POST", "/worlds", {})) < 20
    world = tester.new_world()
    world.book()
    assert best_of(15, lambda: world.ask("POST", "/reset")) < 20


def test_a_thousand_worlds_live_side_by_side(tester: Tester) -> None:
    worlds = [tester.new_world() for _ in range(1000)]
    assert worlds[0].book().status == worlds[999].book().status == 201
    assert worlds[500].call("GET", "/clients/client_ada/bookings").data == []
    assert best_of(5, lambda: tester.new_world()) < 20
    assert best_of(9, lambda: worlds[3].call("GET", "/classes/class_yoga")) < 20
    for world in worlds:
        tester.ask("DELETE", f"/worlds/{world.id}")


def test_a_reset_brings_back_the_seed_and_forgets_the_rest(world: InWorld) -> None:
    world.book(Idempotency_Key="k")
    world.ask("POST", "/faults", {"operation": "*", "when": "before", "status": 503, "times": 9, "skip": 5})
    world.ask("PATCH", "/accounts/demo", {"balance": 1})
    world.advance("P3D")
    world.call("POST", "/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
    keys = world.ask("GET").body["accounts"]
    new = world.ask("POST", "/reset")
    assert [one["api_key"] for one in new.body["accounts"]] == [one["api_key"] for one in keys]
    assert new.body["accounts"][0]["balance"] == 100_000_000_000
    assert world.ask("GET", "/faults").data == []
    assert world.ask("GET", "/messages").data == []
    assert world.ask("GET", "/requests").data == []
    assert world.call("GET", "/clients/client_ada/bookings").data == []
    assert world.book(Idempotency_Key="k").response.header("Idempotent-Replayed") is None


def test_a_reset_leaves_the_neighbours_alone(tester: Tester, world: InWorld) -> None:
    other = tester.new_world()
    other.book()
    world.ask("POST", "/reset")
    assert len(other.call("GET", "/clients/client_ada/bookings").data) == 1


def test_a_world_keeps_the_scenario_it_was_made_with(tester: Tester) -> None:
    world = tester.new_world(scenario="full_class")
    assert world.ask("GET").body["scenario"] == "full_class"
    assert world.ask("POST", "/reset").body["scenario"] == "full_class"
    assert world.ask("POST", "/reset", {"scenario": "low_credits"}).body["scenario"] == "low_credits"
    assert world.ask("POST", "/reset", {"scenario": None}).body["scenario"] is None


def test_a_document_without_a_name_is_kept_too(tester: Tester) -> None:
    rich = {
        "title": "Rich",
        "given": {"credits": [{"id": "lot_r", "client_id": "client_no_credits", "credits": 9}]},
    }
    world = tester.new_world(scenario=rich)
    world.call("POST", "/bookings/class", {**BOOK_ADA, "client_id": "client_no_credits"})
    world.ask("POST", "/reset")
    assert world.call("GET", "/clients/client_no_credits/credits").body["balance"] == 9


def test_a_scenario_that_does_not_exist_is_told_with_what_was_meant(tester: Tester) -> None:
    refusal = tester.ask("POST", "/worlds", {"scenario": "low_credit"})
    assert refusal.code == "resource_not_found"
    assert "Did you mean 'low_credits'?" in refusal.message


def test_a_world_of_a_scenario_that_is_wrong_is_not_made(tester: Tester) -> None:
    wrong = {"title": "x", "given": {"clients": [{"id": "c", "first_name": 5}]}}
    assert tester.ask("POST", "/worlds", {"id": "never", "scenario": wrong}).status == 400
    assert tester.ask("GET", "/worlds/never").status == 404


@pytest.mark.parametrize(
    "now", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9000-01-01T00:00:01Z", "9999-12-31T23:59:59Z"]
)
def test_a_world_begins_between_1970_and_9000(tester: Tester, now: str) -> None:
    assert tester.ask("POST", "/worlds", {"now": now}).code == "validation_error"


@pytest.mark.parametrize("now", ["1970-01-01T00:00:00Z", "9000-01-01T00:00:00Z"])
def test_at_the_edges_of_time_a_world_is_as_good_as_any(tester: Tester, now: str) -> None:
    world = tester.new_world(now=now, frozen=True)
    assert world.book().status == 201
    assert world.call("GET", "/providers").status == 200
    assert world.ask("GET", "/clients/client_ada").status == 200
    assert tester.new_world(scenario=world.ask("GET", "/export").body).ask("GET").status == 200


def test_the_same_seed_and_the_same_requests_give_the_same_bytes(tester: Tester) -> None:
    def played() -> list[bytes]:
        world = tester.new_world(seed=7, now="2026-05-19T10:00:00Z", frozen=True)
        asked = [
            world.call("GET", "/providers?limit=50"),
            world.book(),
            world.call("POST", "/access-codes", {"client_id": "client_ada", "provider_id": "prov_fitzone"}),
            world.call("POST", "/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_50"}),
            world.call("GET", "/clients/client_ada/credits"),
        ]
        tester.ask("DELETE", f"/worlds/{world.id}")
        return [one.response.body for one in asked]

    assert played() == played()


# --- snapshots ---


def test_a_snapshot_brings_everything_back_exactly(tester_on: Tester) -> None:
    world = tester_on.new_world(now="2026-05-19T10:00:00Z", frozen=True)
    world.ask("POST", "/faults", {"operation": "list_passes", "when": "before", "status": 503, "times": 2})
    assert world.call("GET", "/passes").status == 503
    booked = world.book(Idempotency_Key="k1")
    taken = world.ask("POST", "/snapshots", {"name": "here"})
    assert (taken.status, taken.body["now"]) == (201, "2026-05-19T10:00:00.000Z")
    world.advance("P9D")
    world.call("POST", f"/bookings/{booked.body['booking_id']}/cancel")
    world.call("GET", "/passes")
    world.ask("DELETE", "/faults")
    world.ask("POST", "/reset")
    back = world.ask("POST", "/snapshots/here/restore")
    assert (back.body["now"], back.body["running"]) == ("2026-05-19T10:00:00.000Z", False)
    assert world.call("GET", f"/bookings/{booked.body['booking_id']}").body["status"] == "PENDING"
    assert world.ask("GET", "/faults").data[0]["matched"] == 1
    assert [world.call("GET", "/passes").status for _ in range(2)] == [503, 200]
    again = world.book(Idempotency_Key="k1")
    assert again.response.header("Idempotent-Replayed") == "true"
    assert again.body == booked.body


def test_what_is_made_after_a_restore_has_the_ids_it_had_before(world: InWorld) -> None:
    world.ask("POST", "/clock", {"freeze": True})
    world.ask("POST", "/snapshots", {"name": "here"})
    first = world.book().body
    world.ask("POST", "/snapshots/here/restore")
    assert world.book().body == first


def test_snapshots_are_listed_and_forgotten(world: InWorld) -> None:
    for name in ("a", "b"):
        world.ask("POST", "/snapshots", {"name": name})
    assert world.ask("POST", "/snapshots", {"name": "a"}).code == "snapshot_exists"
    assert [one["name"] for one in world.ask("GET", "/snapshots").data] == ["a", "b"]
    assert world.ask("DELETE", "/snapshots/a").body == {"removed": 1}
    assert world.ask("DELETE", "/snapshots/a").status == 404
    assert world.ask("POST", "/snapshots/a/restore").status == 404


def test_a_branch_goes_on_from_the_snapshot_with_keys_of_its_own(tester: Tester, world: InWorld) -> None:
    booking = world.book().body["booking_id"]
    world.ask("POST", "/snapshots", {"name": "fork"})
    branch = tester.new_world(from_snapshot=f"{world.id}@fork")
    assert branch.keys["demo"] != world.keys["demo"]
    branch.call("POST", f"/bookings/{booking}/cancel")
    assert branch.call("GET", f"/bookings/{booking}").body["status"] == "CANCELLED"
    assert world.call("GET", f"/bookings/{booking}").body["status"] == "PENDING"


def test_a_snapshot_is_found_by_its_name_alone_if_only_one_has_it(tester: Tester, world: InWorld) -> None:
    world.ask("POST", "/snapshots", {"name": "only-here"})
    assert tester.ask("POST", "/worlds", {"from_snapshot": "only-here"}).status == 201
    other = tester.new_world()
    other.ask("POST", "/snapshots", {"name": "only-here"})
    refusal = tester.ask("POST", "/worlds", {"from_snapshot": "only-here"})
    assert refusal.status == 400
    assert f"'{world.id}@only-here'" in refusal.message
    assert tester.ask("POST", "/worlds", {"from_snapshot": "nowhere"}).status == 404


@pytest.mark.parametrize("clash", [{"seed": 3}, {"scenario": "low_credits"}, {"now": "2026-05-19T10:00:00Z"}])
def test_a_branch_takes_everything_from_its_snapshot(
    tester: Tester, world: InWorld, clash: dict[str, object]
) -> None:
    world.ask("POST", "/snapshots", {"name": "s"})
    assert tester.ask("POST", "/worlds", {"from_snapshot": f"{world.id}@s", **clash}).status == 400


@pytest.fixture
def passing(tester: Tester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Lets real seconds pass without waiting for them."""
    real = time.time_ns() // 1_000_000

    def pass_seconds(seconds: int) -> None:
        later = real + seconds * 1000
        monkeypatch.setattr("sandbox.world.worlds.real_now", lambda: later)
        monkeypatch.setattr("sandbox.control.gateway.real_now", lambda: later)

    yield pass_seconds
    tester.sandbox.control._swept = 0  # the clock goes back to the real one, and so does the sweeper


def test_an_idle_world_goes_when_its_time_is_over(tester: Tester, passing: Callable[[int], None]) -> None:
    world = tester.new_world(ttl_seconds=60)
    lasting = tester.new_world()
    passing(61)
    tester.ask("GET", "/worlds")
    assert tester.ask("GET", f"/worlds/{world.id}").status == 404
    assert world.call("GET", "/passes").code == "invalid_api_key"
    assert lasting.call("GET", "/passes").status == 200


@pytest.mark.parametrize("used", ["by a reseller", "by a tester"])
def test_a_world_that_is_used_stays(tester: Tester, passing: Callable[[int], None], used: str) -> None:
    world = tester.new_world(ttl_seconds=60)
    for seconds in (40, 80, 120):
        passing(seconds)
        answer = world.call("GET", "/passes") if used == "by a reseller" else world.ask("GET", "/clock")
        assert answer.status == 200
        tester.ask("GET", "/worlds")
