"""An export is the world itself: loaded again it gives the same answers, and it tells no secret."""

import pytest

from tests.control.tester import BOOK_ADA, InWorld, Tester

ASKED = [
    ("GET", "/clients/client_ada"),
    ("GET", "/clients/client_ada/credits"),
    ("GET", "/clients/client_ada/bookings"),
    ("GET", "/clients/client_standard/bookings"),
    ("GET", "/classes/class_yoga"),
    ("GET", "/classes/class_workshop"),
    ("GET", "/credit_packages"),
    ("GET", "/issuers"),
    ("GET", "/providers?limit=20"),
]


def busy(tester: Tester) -> InWorld:
    """A world in which a lot has happened."""
    world = tester.new_world(seed=3, now="2026-05-19T10:00:00Z", frozen=True)
    world.book(Idempotency_Key="k")
    late = world.call("POST", "/bookings/class", {**BOOK_ADA, "class_instance_id": "ci_workshop_open"})
    world.call("POST", "/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_90_days"})
    world.call("POST", f"/bookings/{late.body['booking_id']}/cancel", {"reason": 'ill: "flu"\n'[:10]})
    world.call("POST", "/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
    world.call(
        "POST",
        "/issued_passes",
        {"pass_id": "pass_spa", "client_id": "c1", "first_name": "Ké", "last_name": "# x: y"},
    )
    session = world.call(
        "POST",
        "/bookings/class",
        {
            **BOOK_ADA,
            "class_instance_id": "ci_hiit_open",
            "client_id": "client_standard",
            "user_pass_id": "brgpass_standard",
        },
    )
    assert session.status == 200
    world.ask("PATCH", "/class-instances/ci_yoga_open", {"capacity": 2})
    world.ask("POST", "/faults", {"operation": "list_passes", "when": "before", "status": 503, "times": 3})
    world.call("GET", "/passes")
    world.advance("P1DT3H")
    return world


@pytest.fixture
def pair(tester: Tester) -> tuple[InWorld, InWorld]:
    world = busy(tester)
    return world, tester.new_world(scenario=world.ask("GET", "/export").body)


def test_a_loaded_export_gives_the_same_answers(pair: tuple[InWorld, InWorld]) -> None:
    world, loaded = pair
    assert loaded.ask("GET", "/clock").body == world.ask("GET", "/clock").body
    for method, path in ASKED:
        assert loaded.call(method, path).response.body == world.call(method, path).response.body, path


def test_what_happens_next_is_the_same_too_to_the_last_id(pair: tuple[InWorld, InWorld]) -> None:
    world, loaded = pair
    body = {**BOOK_ADA, "class_instance_id": "ci_yoga_last_seat"}
    assert (
        loaded.call("POST", "/bookings/class", body).body == world.call("POST", "/bookings/class", body).body
    )
    full = {**BOOK_ADA, "client_id": "client_low_credits", "user_pass_id": "brgpass_low_credits"}
    for _ in range(2):
        assert (
            loaded.call("POST", "/bookings/class", full).status
            == world.call("POST", "/bookings/class", full).status
        )


def test_faults_strike_as_often_as_they_still_had_to(pair: tuple[InWorld, InWorld]) -> None:
    _, loaded = pair
    assert [loaded.call("GET", "/passes").status for _ in range(3)] == [503, 503, 200]


def test_the_dossiers_agree(pair: tuple[InWorld, InWorld]) -> None:
    world, loaded = pair
    for client in ("client_ada", "client_standard", "client_partner"):
        assert loaded.ask("GET", f"/clients/{client}").body == world.ask("GET", f"/clients/{client}").body


def test_an_export_of_the_copy_is_the_export(pair: tuple[InWorld, InWorld]) -> None:
    world, loaded = pair
    first, second = (one.ask("GET", "/export", title="t").body for one in pair)
    assert first.replace(world.id, "W") == second.replace(loaded.id, "W")


def test_it_can_be_loaded_into_a_world_that_is_there(tester: Tester) -> None:
    export = busy(tester).ask("GET", "/export").body
    world = tester.new_world()
    keys = dict(world.keys)
    world.book()
    assert world.ask("POST", "/scenarios/load", {"scenario": export}).status == 200
    assert world.call("GET", "/classes/class_yoga", key=keys["demo"]).status == 200
    assert len(world.call("GET", "/clients/client_ada/bookings").data) == 2
    world.book()
    world.ask("POST", "/reset")
    assert len(world.call("GET", "/clients/client_ada/bookings").data) == 2


def test_passcodes_are_made_anew_and_no_secret_is_told(pair: tuple[InWorld, InWorld]) -> None:
    world, loaded = pair
    text = world.ask("GET", "/export").body
    issued = world.call("GET", "/clients/c1").body["passes"][0]["id"]
    first = world.call("GET", f"/issued_passes/{issued}").body["passcode"]
    second = loaded.call("GET", f"/issued_passes/{issued}").body["passcode"]
    assert first not in text
    assert len(second) == 8
    assert not any(key in text for key in world.keys.values())
    assert loaded.call("GET", "/issued_passes/brgpass_ada").body["passcode"] == "ADAADA01"
    rotated = loaded.call("POST", f"/issued_passes/{issued}/passcode", {"passcode": second})
    assert rotated.status == 200


def test_an_empty_world_exports_too(tester: Tester) -> None:
    text = tester.new_world().ask("GET", "/export", title="Nothing happened").body
    assert 'title: "Nothing happened"' in text
    assert tester.ask("POST", "/worlds", {"scenario": text}).status == 201


@pytest.mark.parametrize(
    "broken",
    [
        ("kind: nonsense", "records: {nonsense: [{id: x}]}"),
        ("a field of another type", "records: {client: [{id: 5}]}"),
        ("a field that is missing", "records: {client: [{id: x}]}"),
    ],
)
def test_a_broken_export_is_refused_whole(tester: Tester, broken: tuple[str, str]) -> None:
    text = f'title: broken\nexported:\n  seed: 1\n  start: "2026-05-19T10:00:00Z"\n  {broken[1]}\n'
    refusal = tester.ask("POST", "/worlds", {"id": "never-made", "scenario": text})
    assert refusal.code == "validation_error"
    assert "exported.records" in refusal.message
    assert tester.ask("GET", "/worlds/never-made").status == 404
