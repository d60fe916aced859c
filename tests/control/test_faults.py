"""Faults strike exactly whom and as often as they were told, before the work or after it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.control.tester import InWorld, Tester

BUY = {"client_id": "client_no_credits", "package_id": "cpkg_50"}


def balance(world: InWorld) -> int:
    return int(world.call("GET", "/clients/client_no_credits/credits").body["balance"])


def test_fail_twice_then_succeed_is_exact_with_eight_threads(tester_on: Tester) -> None:
    world = tester_on.new_world()
    world.ask(
        "POST", "/faults", {"operation": "purchase_credits", "when": "before", "status": 503, "times": 2}
    )
    with ThreadPoolExecutor(8) as threads:
        came = Counter(threads.map(lambda _: world.call("POST", "/credit_purchases", BUY).status, range(40)))
    assert came == {503: 2, 201: 38}
    assert balance(world) == 38 * 50
    fault = world.ask("GET", "/faults").data[0]
    assert fault["struck"] == 2


def test_skipped_matches_are_counted_exactly_too(tester: Tester, world: InWorld) -> None:
    world.ask(
        "POST",
        "/faults",
        {"operation": "list_passes", "when": "before", "code": "rate_limited", "times": 2, "skip": 3},
    )
    assert [world.call("GET", "/passes").status for _ in range(7)] == [200, 200, 200, 429, 429, 200, 200]


def test_before_nothing_is_done(world: InWorld) -> None:
    world.ask(
        "POST", "/faults", {"operation": "purchase_credits", "when": "before", "status": 500, "times": 1}
    )
    refusal = world.call("POST", "/credit_purchases", BUY, Idempotency_Key="k")
    assert (refusal.status, refusal.code) == (500, "internal_error")
    assert refusal.body["error"].keys() == {"type", "code", "message", "request_id"}
    assert balance(world) == 0
    retry = world.call("POST", "/credit_purchases", BUY, Idempotency_Key="k")
    assert retry.status == 201
    assert retry.response.header("Idempotent-Replayed") is None


@pytest.mark.parametrize(
    "loss", [{"drop": "connection"}, {"drop": "half_body"}, {"status": 503}, {"code": "internal_error"}]
)
def test_after_it_is_done_and_a_retry_answers_the_first(world: InWorld, loss: dict[str, object]) -> None:
    world.ask("POST", "/faults", {"operation": "purchase_credits", "when": "after", "times": 1, **loss})
    lost = world.call("POST", "/credit_purchases", BUY, Idempotency_Key="k")
    assert lost.lost or lost.status >= 500
    assert balance(world) == 50
    retry = world.call("POST", "/credit_purchases", BUY, Idempotency_Key="k")
    assert (retry.status, retry.response.header("Idempotent-Replayed")) == (201, "true")
    assert balance(world) == 50


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        ({"client_id": "client_ada"}, True),
        ({"client_id": "client_low_credits"}, False),
        ({"client_id": "client_ada", "class_instance_id": "ci_yoga_open"}, True),
        ({"client_id": "client_ada", "class_instance_id": "ci_hiit_open"}, False),
        ({"idempotency_key": "k"}, True),
        ({"no_such_name": "x"}, False),
    ],
)
def test_a_match_looks_at_names_in_the_request(world: InWorld, match: dict[str, str], struck: bool) -> None:
    world.ask("POST", "/faults", {"operation": "book_class", "match": match, "when": "before", "status": 503})
    assert (world.book(Idempotency_Key="k").status == 503) is struck


def test_a_key_can_be_matched_and_is_not_told_in_the_journal(world: InWorld) -> None:
    world.ask(
        "POST",
        "/faults",
        {"operation": "*", "match": {"api_key": world.keys["partner"]}, "when": "before", "status": 503},
    )
    assert world.call("GET", "/passes").status == 200
    assert world.call("GET", "/passes", key=world.keys["partner"]).status == 503
    assert world.keys["partner"] not in str(world.ask("GET", "/requests").body)


def test_chance_follows_from_the_seed(tester: Tester) -> None:
    def played() -> list[int]:
        world = tester.new_world(seed=5)
        world.ask("POST", "/faults", {"operation": "*", "when": "before", "status": 500, "probability": 0.5})
        return [world.call("GET", "/passes").status for _ in range(30)]

    first = played()
    assert first == played()
    assert 5 < first.count(500) < 25


def test_one_before_and_one_after_may_strike_and_the_first_that_fits_does(world: InWorld) -> None:
    world.ask("POST", "/faults", {"operation": "*", "when": "before", "status": 502, "times": 1})
    world.ask("POST", "/faults", {"operation": "*", "when": "before", "status": 504, "times": 1})
    assert [world.call("GET", "/passes").status for _ in range(3)] == [502, 504, 200]


def test_a_fault_in_a_header_strikes_this_request_only(world: InWorld) -> None:
    assert world.call("GET", "/passes", Sandbox_Fault="before; status=503").status == 503
    assert world.call("GET", "/passes").status == 200
    assert world.call("GET", "/passes", Sandbox_Fault="nonsense").code == "validation_error"


def test_a_world_may_refuse_faults_by_header(tester: Tester) -> None:
    world = tester.new_world(header_faults=False)
    assert world.call("GET", "/passes", Sandbox_Fault="before; status=503").status == 200


def test_faults_are_removed_one_by_one_or_all(world: InWorld) -> None:
    first = world.ask("POST", "/faults", {"operation": "list_passes", "when": "before", "status": 503}).body[
        "id"
    ]
    world.ask("POST", "/faults", {"operation": "list_classes", "when": "before", "status": 503})
    assert world.ask("DELETE", f"/faults/{first}").body == {"removed": 1}
    assert world.ask("DELETE", f"/faults/{first}").status == 404
    assert (world.call("GET", "/passes").status, world.call("GET", "/classes").status) == (200, 503)
    assert world.ask("DELETE", "/faults").body == {"removed": 1}
    assert world.call("GET", "/classes").status == 200


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ({"operation": "book_clas", "when": "before", "status": 503}, "Did you mean 'book_class'?"),
        ({"operation": "book_class", "when": "before"}, "status"),
        ({"operation": "book_class", "when": "during", "status": 503}, "when"),
        ({"operation": "book_class", "when": "before", "status": 200}, "status"),
        ({"operation": "book_class", "when": "before", "status": 503, "times": 0}, "times"),
        ({"when": "before", "status": 503}, "operation"),
    ],
)
def test_a_fault_that_would_never_strike_is_refused(
    world: InWorld, fault: dict[str, object], hint: str
) -> None:
    refusal = world.ask("POST", "/faults", fault)
    assert refusal.status == 400
    assert hint in refusal.message
    assert world.ask("GET", "/faults").data == []


def test_the_journal_tells_which_fault_struck(world: InWorld) -> None:
    world.call("GET", "/passes", Sandbox_Fault="after; status=503")
    assert world.ask("GET", "/requests").data[0]["fault"] == "after; status=503"
