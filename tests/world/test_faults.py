"""Faults strike exactly as often as they were told to."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from sandbox.world.faults import Fault, MalformedFault, from_header, strike
from sandbox.world.worlds import NewWorld
from tests.world.bare import bare_worlds


def world_with(*faults: Fault):
    worlds = bare_worlds()
    with worlds.store.write("w") as rows:
        state = worlds.make(rows, NewWorld(id="w")).state
        for n, fault in enumerate(faults):
            rows.put_fault("w", fault.id, n, msgspec.json.encode(fault))
    return worlds, state


def strikes(worlds, state, operation="book_class", **facts):
    return strike(worlds.store, state, operation, facts)


def test_fail_twice_then_succeed():
    worlds, state = world_with(Fault(id="f", status=503, times=2))
    assert [bool(strikes(worlds, state)) for _ in range(4)] == [True, True, False, False]


def test_skip_lets_the_first_ones_through():
    worlds, state = world_with(Fault(id="f", status=503, times=1, skip=2))
    assert [bool(strikes(worlds, state)) for _ in range(4)] == [False, False, True, False]


def test_exact_with_eight_threads():
    worlds, state = world_with(Fault(id="f", status=503, times=7, skip=5))
    with ThreadPoolExecutor(8) as pool:
        struck = list(pool.map(lambda _: bool(strikes(worlds, state)), range(100)))
    assert sum(struck) == 7


def test_only_the_operation_and_the_client_it_names():
    worlds, state = world_with(
        Fault(id="f", operation="book_class", match={"client_id": "client_ada"}, status=500)
    )
    assert not strikes(worlds, state, "list_passes", client_id="client_ada")
    assert not strikes(worlds, state, "book_class", client_id="client_bola")
    assert strikes(worlds, state, "book_class", client_id="client_ada")


def test_one_before_and_one_after_may_strike_the_same_request():
    worlds, state = world_with(
        Fault(id="a", when="before", delay_ms=5),
        Fault(id="b", when="after", status=503),
        Fault(id="c", status=500),
    )
    struck = strikes(worlds, state)
    assert (struck["before"].id, struck["after"].id) == ("a", "b")


def test_probability_is_seeded_and_repeatable():
    outcomes = []
    for _ in range(2):
        worlds, state = world_with(Fault(id="f", status=503, probability=0.5))
        outcomes.append([bool(strikes(worlds, state)) for _ in range(200)])
    assert outcomes[0] == outcomes[1]
    assert 60 < sum(outcomes[0]) < 140


def test_a_header_brings_a_fault_of_its_own():
    fault = from_header("after; status=503; delay_ms=20; drop=half_body")
    assert (fault.when, fault.status, fault.delay_ms, fault.drop) == ("after", 503, 20, "half_body")


@pytest.mark.parametrize(
    "text",
    [
        *("", "after", "status=abc", "sometimes; status=500", "drop=everything"),
        *("after; status=200", "status=100", "status=99999", "status=" + "9" * 5_000, "status=503x"),
        *("delay_ms=0", "delay_ms=300001", "code=<b>", "code=Rate_Limited"),
    ],
    ids=lambda text: text[:20],
)
def test_a_header_nobody_understands_is_refused(text):
    with pytest.raises(MalformedFault):
        from_header(text)
