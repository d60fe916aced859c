"""What happened becomes a scenario that plays."""

import yaml

from tests.control.tester import BOOK_ADA, InWorld


def recorded(world: InWorld, **wishes: object) -> str:
    told = world.ask("POST", "/scenarios/record", wishes)
    assert told.status == 200, told.body
    assert told.body["document"]["steps"] == yaml.safe_load(told.body["text"])["steps"]
    return str(told.body["text"])


def replays(world: InWorld, text: str) -> None:
    run = world.ask("POST", "/scenarios/run", {"scenario": text}).body
    assert run["passed"], [one["problems"] for one in run["steps"]]


def test_a_booking_from_the_list_to_the_refund_plays_again(world: InWorld) -> None:
    world.call("GET", "/classes?limit=3")
    booking = world.book(Idempotency_Key="k").body["booking_id"]
    world.book(Idempotency_Key="k")
    world.advance("PT61S")
    world.call("GET", f"/bookings/{booking}")
    world.call("POST", f"/bookings/{booking}/cancel", {"reason": "ill"})
    world.call("POST", f"/bookings/{booking}/cancel")
    text = recorded(world, title="A booking, and its end")
    assert booking not in text
    assert text.count("${booking}") == 3
    assert "advance: PT1M1S" in text
    assert "code: already_cancelled" in text
    assert "Idempotent-Replayed" in text
    replays(world, text)


def test_secrets_come_back_out_of_the_answers(world: InWorld) -> None:
    asked = world.call("POST", "/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"}).body
    code = world.ask("GET", "/messages").data[0]["code"]
    token = world.call("POST", f"/lookups/{asked['id']}/verify", {"access_code": code}).body["lookup_token"]
    body = {"client_id": "client_partner", "provider_id": "prov_fitzone"}
    world.call("POST", "/access-codes", body, Bardge_Lookup_Token=token)
    issued = world.call(
        "POST",
        "/issued_passes",
        {"pass_id": "pass_spa", "client_id": "new", "first_name": "A", "last_name": "B"},
    ).body
    world.call("POST", f"/issued_passes/{issued['id']}/passcode", {"passcode": issued["passcode"]})
    text = recorded(world)
    assert token not in text
    assert issued["passcode"] not in text
    assert code not in text
    replays(world, text)


def test_days_and_moments_become_relative(world: InWorld) -> None:
    today = world.ask("GET", "/week").body
    day = today["data"][2]["date"]
    spa = {"provider_id": "prov_zen", "service_ids": ["svc_massage"], "date": day, "time": "14:00"}
    who = {"client_id": "client_ada", "first_name": "A", "last_name": "O", "user_pass_id": "brgpass_ada"}
    session = world.call("POST", "/bookings/spa", {**spa, **who}).body["session_id"]
    world.call("POST", f"/bookings/spa/{session}/confirm")
    text = recorded(world)
    assert day not in text
    assert "${date +2d}" in text
    replays(world, text)


def test_who_called_and_what_went_wrong_is_kept(world: InWorld) -> None:
    world.call("GET", "/clients/client_partner", key=world.keys["partner"])
    world.book(Idempotency_Key="k", Sandbox_Fault="after; drop=connection")
    world.book(Idempotency_Key="k")
    world.call("GET", "/no/such/thing")
    text = recorded(world)
    assert "as: partner" in text
    assert "lost: true" in text
    replays(world, text)


def test_a_stretch_can_be_chosen(world: InWorld) -> None:
    world.call("GET", "/passes")
    world.book()
    world.call("GET", "/classes")
    entries = world.ask("GET", "/requests").data
    steps = yaml.safe_load(recorded(world, last=2))["steps"]
    assert [one["call"] for one in steps] == ["book_class", "list_classes"]
    steps = yaml.safe_load(recorded(world, operation="list_passes"))["steps"]
    assert [one["call"] for one in steps] == ["list_passes"]
    steps = yaml.safe_load(recorded(world, requests=[entries[0]["id"], entries[2]["id"]]))["steps"]
    assert [one["call"] for one in steps] == ["list_passes", "list_classes"]
    steps = yaml.safe_load(recorded(world, client_id="client_ada"))["steps"]
    assert [one["call"] for one in steps] == ["book_class"]


def test_names_of_the_cast_stay_as_they_are(world: InWorld) -> None:
    world.call("GET", "/classes/class_yoga")
    world.call("POST", "/bookings/class", BOOK_ADA)
    assert "class_instance_id: ci_yoga_open" in recorded(world)


def test_an_empty_journal_makes_no_scenario(world: InWorld) -> None:
    assert world.ask("POST", "/scenarios/record").code == "validation_error"
