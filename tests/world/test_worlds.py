"""Making, resetting, copying and dropping worlds."""

import pytest
from msgspec.structs import replace

from sandbox.domain.moments import HOUR, Millis
from sandbox.domain.records import Account, Client
from sandbox.world.clock import real_now
from sandbox.world.worlds import NewWorld, WorldExists, Worlds, WorldUnknown
from tests.world.bare import bare_worlds

NOON = Millis(1_790_000_000_000)


@pytest.fixture
def worlds() -> Worlds:
    return bare_worlds()


def rename_ada(worlds: Worlds, world_id: str, name: str) -> None:
    with worlds.store.write(world_id) as rows:
        world = worlds.enter(rows, worlds.state(rows, world_id))
        world.put(replace(world.find(Client, "client_ada"), first_name=name))
        world.write_out()


def name_of_ada(worlds: Worlds, world_id: str) -> str:
    with worlds.store.read() as rows:
        world = worlds.enter(rows, worlds.state(rows, world_id))
        return world.find(Client, "client_ada").first_name


def make(worlds: Worlds, world_id: str, **plan) -> None:
    with worlds.store.write(world_id) as rows:
        worlds.make(rows, NewWorld(id=world_id, **plan))


def keys_of(worlds: Worlds, world_id: str) -> dict[str, str]:
    with worlds.store.read() as rows:
        world = worlds.enter(rows, worlds.state(rows, world_id))
        return {account.name: key for account, key in worlds.accounts(world)}


def test_only_the_default_world_has_the_keys_of_the_cast(worlds):
    make(worlds, "default")
    make(worlds, "other")
    assert keys_of(worlds, "default")["demo"] == "sk_sandbox_demo"
    others = keys_of(worlds, "other")
    assert set(others) == {"demo", "partner", "disabled"}
    assert not set(others.values()) & set(keys_of(worlds, "default").values())


def test_a_key_opens_its_own_world_and_account(worlds):
    make(worlds, "other")
    key = keys_of(worlds, "other")["partner"]
    with worlds.store.peek() as rows:
        visitor = worlds.visitor(rows, key)
        assert (visitor.state.id, visitor.account.name) == ("other", "partner")
        assert worlds.visitor(rows, "sk_sandbox_nobody") is None


def test_what_happens_in_one_world_is_unknown_in_another(worlds):
    make(worlds, "one")
    make(worlds, "two")
    rename_ada(worlds, "one", "Adaeze")
    assert name_of_ada(worlds, "one") == "Adaeze"
    assert name_of_ada(worlds, "two") != "Adaeze"


def test_a_name_is_taken_once(worlds):
    make(worlds, "one")
    with pytest.raises(WorldExists):
        make(worlds, "one")


def test_a_reset_returns_to_the_seed_and_keeps_the_keys(worlds):
    make(worlds, "one", now=NOON)
    keys = keys_of(worlds, "one")
    rename_ada(worlds, "one", "Adaeze")
    with worlds.store.write("one") as rows:
        state = worlds.state(rows, "one")
        worlds.save(rows, replace(state, clock=state.clock.set_to(NOON + 100 * HOUR)))
        worlds.reset(rows, worlds.state(rows, "one"))
        assert abs(worlds.state(rows, "one").now - NOON) < 60_000
    assert name_of_ada(worlds, "one") != "Adaeze"
    assert keys_of(worlds, "one") == keys


def test_a_rotated_key_is_refused_at_once_and_the_default_world_gets_it_back_at_a_reset(worlds):
    make(worlds, "default")
    with worlds.store.write("default") as rows:
        demo = worlds.enter(rows, worlds.state(rows, "default")).find(Account, "acct_demo")
        new = worlds.rotate_key(rows, "default", demo)
        assert worlds.visitor(rows, "sk_sandbox_demo") is None
        assert worlds.visitor(rows, new).account.id == "acct_demo"
        worlds.reset(rows, worlds.state(rows, "default"))
        assert worlds.visitor(rows, new) is None
        assert worlds.visitor(rows, "sk_sandbox_demo").account.id == "acct_demo"


def test_a_snapshot_brings_back_data_and_clock(worlds):
    make(worlds, "one", now=NOON, frozen=True)
    rename_ada(worlds, "one", "Before")
    with worlds.store.write("one") as rows:
        worlds.take_snapshot(rows, worlds.state(rows, "one"), "s")
    rename_ada(worlds, "one", "After")
    with worlds.store.write("one") as rows:
        state = worlds.state(rows, "one")
        worlds.save(rows, replace(state, clock=state.clock.set_to(NOON + HOUR)))
        back = worlds.restore(rows, worlds.state(rows, "one"), "s")
        assert (back.id, back.now, back.clock.running) == ("one", NOON, False)
    assert name_of_ada(worlds, "one") == "Before"


def test_a_running_clock_runs_on_from_the_moment_of_the_snapshot(worlds):
    make(worlds, "one", now=NOON)
    with worlds.store.write("one") as rows:
        worlds.take_snapshot(rows, worlds.state(rows, "one"), "s")
        back = worlds.restore(rows, worlds.state(rows, "one"), "s")
        assert back.clock.running
        assert abs(back.now - NOON) < 60_000


def test_a_branch_goes_its_own_way(worlds):
    make(worlds, "one")
    rename_ada(worlds, "one", "Before")
    with worlds.store.write("one") as rows:
        copy = worlds.take_snapshot(rows, worlds.state(rows, "one"), "s")
        worlds.make_from_snapshot(rows, copy, NewWorld(id="two"))
    rename_ada(worlds, "two", "Branch")
    assert (name_of_ada(worlds, "one"), name_of_ada(worlds, "two")) == ("Before", "Branch")
    assert not set(keys_of(worlds, "one").values()) & set(keys_of(worlds, "two").values())


def test_snapshots_are_not_worlds_and_go_with_theirs(worlds):
    make(worlds, "one")
    with worlds.store.write("one") as rows:
        worlds.take_snapshot(rows, worlds.state(rows, "one"), "s")
        assert [state.id for state in worlds.states(rows)] == ["one"]
        worlds.drop(rows, "one")
        assert rows.worlds() == []
        with pytest.raises(WorldUnknown):
            worlds.state(rows, "one")


def test_an_idle_world_is_swept_and_one_in_use_is_not(worlds):
    make(worlds, "idle", ttl_seconds=60)
    make(worlds, "used", ttl_seconds=60)
    make(worlds, "kept")
    long_ago = Millis(real_now() - 61_000)
    with worlds.store.write("idle") as rows:
        for world_id in ("idle", "used", "kept"):
            worlds.save(rows, replace(worlds.state(rows, world_id), touched=long_ago))
        state = worlds.state(rows, "used")
    worlds.touch(state)
    with worlds.store.write("idle") as rows:
        assert worlds.sweep(rows) == ["idle"]
        assert {state.id for state in worlds.states(rows)} == {"used", "kept"}
