"""The client's phone, and the scanner at the door."""

import pytest

from tests.control.tester import InWorld, Tester


@pytest.fixture
def frozen(tester: Tester) -> InWorld:
    return tester.new_world(now="2026-05-19T10:00:00Z", frozen=True)


def code_for(world: InWorld, client: str, provider: str) -> str:
    made = world.call("POST", "/access-codes", {"client_id": client, "provider_id": provider})
    assert made.status == 201, made.body
    return str(made.body["access_code"])


def scan(world: InWorld, code: str, provider: str) -> dict[str, object] | str:
    told = world.ask("POST", "/check-ins", {"access_code": code, "provider_id": provider})
    assert told.status in (200, 409)
    return told.body if told.status == 200 else told.code


def test_a_good_code_opens_and_takes_a_visit(frozen: InWorld) -> None:
    code = code_for(frozen, "client_standard", "prov_fitzone")
    accepted = {"accepted": True, "client_id": "client_standard", "visits_deducted": 1, "credits_deducted": 0}
    assert scan(frozen, code, "prov_fitzone") == accepted
    assert (
        frozen.ask("GET", "/check-ins", client_id="client_standard").data[0]["provider_id"] == "prov_fitzone"
    )
    assert frozen.ask("GET", "/clients/client_standard").body["passes"][0]["visits"][0]["used"] == 1


def test_where_credits_are_taken_they_are_taken_at_the_door(frozen: InWorld) -> None:
    code = code_for(frozen, "client_ada", "prov_creditgym")
    assert frozen.call("GET", "/clients/client_ada/credits").body["balance"] == 50
    assert scan(frozen, code, "prov_creditgym")["credits_deducted"] == 3
    assert frozen.call("GET", "/clients/client_ada/credits").body["balance"] == 47


def test_each_way_to_stay_outside_has_its_code(frozen: InWorld) -> None:
    assert scan(frozen, "NOTACODE", "prov_fitzone") == "code_unknown"
    code = code_for(frozen, "client_ada", "prov_fitzone")
    assert scan(frozen, code, "prov_ironhouse") == "code_unknown"
    second = code_for(frozen, "client_ada", "prov_fitzone")
    assert isinstance(scan(frozen, code, "prov_fitzone"), dict)
    assert scan(frozen, code, "prov_fitzone") == "code_used"
    assert scan(frozen, second, "prov_fitzone") == "second_code_same_visit"
    poor = code_for(frozen, "client_low_credits", "prov_creditgym")
    assert scan(frozen, poor, "prov_creditgym") == "insufficient_credits"
    cancelled = code_for(frozen, "client_no_credits", "prov_fitzone")
    frozen.call("POST", "/issued_passes/brgpass_no_credits", {"status": "CANCELLED"})
    assert scan(frozen, cancelled, "prov_fitzone") == "pass_not_active"
    frozen.ask("POST", "/clock", {"set": "2026-05-19T23:00:00Z"})
    assert scan(frozen, poor, "prov_creditgym") == "code_expired"


def test_a_door_that_stays_shut_takes_nothing(frozen: InWorld) -> None:
    poor = code_for(frozen, "client_low_credits", "prov_creditgym")
    scan(frozen, poor, "prov_creditgym")
    assert frozen.call("GET", "/clients/client_low_credits/credits").body["balance"] == 2
    assert frozen.ask("GET", "/check-ins", client_id="client_low_credits").data == []


def test_a_provider_that_does_not_exist_is_not_found(frozen: InWorld) -> None:
    assert frozen.ask("POST", "/check-ins", {"access_code": "A", "provider_id": "prov_nowhere"}).status == 404


def test_lookup_codes_arrive_on_the_phone_newest_first(frozen: InWorld) -> None:
    for _ in range(2):
        frozen.call("POST", "/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
        frozen.advance("PT1M")
    sent = frozen.ask("GET", "/messages", client_id="client_partner")
    assert sent.body["total"] == 2
    assert sent.data[0]["at"] > sent.data[1]["at"]
    assert sent.data[0]["code"] in sent.data[0]["text"]
    assert frozen.ask("GET", "/messages", client_id="client_ada").data == []
    assert len(frozen.ask("GET", "/messages", limit=1).data) == 1
