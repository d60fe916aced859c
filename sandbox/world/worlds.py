"""The worlds of a store: made, found by key, reset, copied, dropped.

A world is a row, the keys of its accounts, and the records that changed since its start.
Whoever makes or resets one may hand over `prepare`, which lays a scenario on top.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import msgspec

from sandbox.domain.moments import SECOND, Millis, day_of
from sandbox.domain.records import Account
from sandbox.store import Rows, Store
from sandbox.store.rows import KEPT_IN_A_SNAPSHOT, TABLES
from sandbox.world.base import Base, Bases
from sandbox.world.clock import Clock, real_now
from sandbox.world.journal import Journal
from sandbox.world.state import WorldState, next_chapter, read_state, write_state
from sandbox.world.world import World

WORLD_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
FORGOTTEN_AT_A_RESET = tuple(table for table in TABLES if table != "keys")

_account_decoder = msgspec.json.Decoder(Account)

Prepare = Callable[[World], None]


class WorldUnknown(Exception):
    """No world, or no snapshot, has that name."""


class WorldExists(Exception):
    """A world, or a snapshot, has that name already."""


@dataclass(frozen=True, slots=True)
class NewWorld:
    """How a world is to be: what is left out is chosen for it."""

    id: str | None = None
    seed: int | None = None
    now: Millis | None = None
    frozen: bool = False
    scenario: str | None = None
    ttl_seconds: int | None = None
    header_faults: bool = True


class Visitor(msgspec.Struct, frozen=True):
    """Whom a key belongs to, and the world it opens."""

    account: Account
    state: WorldState


class Worlds:
    def __init__(
        self,
        store: Store,
        bases: Bases,
        journal: Journal,
        seed: int = 1,
        cast_keys: Mapping[str, str] | None = None,
    ) -> None:
        self.store = store
        self.journal = journal
        self.seed = seed
        self._bases = bases
        self._cast_keys = cast_keys or {}  # what the accounts of the default world are called with

    # --- looking in ---

    def visitor(self, rows: Rows, api_key: str) -> Visitor | None:
        found = rows.visitor(api_key)
        if found is None:
            return None
        account_id, world_body, account_body = found
        state = read_state(world_body)
        if account_body is not None:
            return Visitor(_account_decoder.decode(account_body), state)
        account = self.base_of(state).find("account", account_id)
        assert isinstance(account, Account)
        return Visitor(account, state)

    def state(self, rows: Rows, world: str) -> WorldState:
        body = rows.world(world)
        if body is None:
            raise WorldUnknown(world)
        return read_state(body)

    def enter(self, rows: Rows, state: WorldState) -> World:
        return World(rows, state, self.base_of(state))

    def base_of(self, state: WorldState) -> Base:
        return self._bases.at(state.seed, first_day(state.start))

    def states(self, rows: Rows) -> list[WorldState]:
        """The worlds, without the snapshots, the oldest first."""
        every = map(read_state, rows.worlds())
        return sorted((s for s in every if s.snapshot_of is None), key=lambda s: (s.made, s.id))

    def snapshots(self, rows: Rows, world: str) -> list[WorldState]:
        every = map(read_state, rows.worlds())
        return sorted((s for s in every if s.snapshot_of == world), key=lambda s: (s.made, s.id))

    def snapshots_named(self, rows: Rows, name: str) -> list[WorldState]:
        """The snapshots of that name, whichever worlds they are of."""
        return [s for s in map(read_state, rows.worlds()) if s.snapshot == name]

    def accounts(self, world: World) -> list[tuple[Account, str]]:
        """The world's accounts, each with its key."""
        keys = {account: key for key, account in world.rows.keys(world.state.id)}
        return [(account, keys[account.id]) for account in world.all(Account) if account.id in keys]

    # --- making and unmaking ---

    def make(self, rows: Rows, plan: NewWorld, prepare: Prepare | None = None) -> World:
        """A new world. The default one has the keys of the cast; the others', nobody can guess."""
        real = real_now()
        start = real if plan.now is None else plan.now
        state = WorldState(
            id=plan.id or _new_id(),
            seed=self.seed if plan.seed is None else plan.seed,
            start=start,
            clock=Clock(frozen=start) if plan.frozen else Clock(shift_ms=start - real),
            given_now=plan.now,
            scenario=plan.scenario,
            header_faults=plan.header_faults,
            ttl_seconds=plan.ttl_seconds,
            made=real,
            touched=real,
            chapter=real,  # no other than that of a world that had this id before
        )
        _add(rows, state)
        world = self.enter(rows, state)
        self._prepare(world, prepare)
        self.give_keys(world)
        return world

    def reset(
        self, rows: Rows, state: WorldState, scenario: str | None = None, prepare: Prepare | None = None
    ) -> World:
        """Back to the beginning: the cast, the crowd, the scenario's records; nothing that happened.

        Snapshots stay, and so do keys, except that the default world gets those of the cast again;
        clock, faults, journal, messages and kept answers start anew.
        """
        rows.empty_world(state.id, FORGOTTEN_AT_A_RESET)
        self.journal.forget(state.id)
        real = real_now()
        start = real if state.given_now is None else state.given_now
        clock = Clock(shift_ms=start - real) if state.clock.running else Clock(frozen=start)
        fresh = msgspec.structs.replace(
            next_chapter(state), start=start, clock=clock, faults=0, scenario=scenario, touched=real
        )
        self.save(rows, fresh)
        world = self.enter(rows, fresh)
        self._prepare(world, prepare)
        if state.id == WorldState.DEFAULT:
            rows.empty_world(state.id, ("keys",))
        self.give_keys(world)
        return world

    def drop(self, rows: Rows, world: str) -> None:
        for state in self.snapshots(rows, world):
            rows.drop_world(state.id)
        rows.drop_world(world)
        self.journal.forget(world)

    def save(self, rows: Rows, state: WorldState) -> None:
        rows.put_world(state.id, write_state(state))

    def rotate_key(self, rows: Rows, world: str, account: Account) -> str:
        """A new key; the old one is refused from this moment on (AUTH-3)."""
        rows.drop_keys(world, account.id)
        return self._give_key(rows, world, account)

    # --- snapshots ---

    def take_snapshot(self, rows: Rows, state: WorldState, name: str) -> WorldState:
        copy = msgspec.structs.replace(
            state,
            id=snapshot_id(state.id, name),
            snapshot_of=state.id,
            snapshot=name,
            clock=state.clock.freeze(),
            ran=state.clock.running,
            made=real_now(),
        )
        _add(rows, copy)
        rows.copy_world(state.id, copy.id)
        return copy

    def restore(self, rows: Rows, state: WorldState, name: str) -> WorldState:
        """Data, clock, faults and kept answers as they were; keys and journal as they are."""
        copy = self.state(rows, snapshot_id(state.id, name))
        rows.empty_world(state.id, KEPT_IN_A_SNAPSHOT)
        rows.copy_world(copy.id, state.id)
        back = msgspec.structs.replace(
            _awake(copy),
            id=state.id,
            made=state.made,
            ttl_seconds=state.ttl_seconds,
            chapter=state.chapter,
        )
        self.save(rows, back)
        return back

    def make_from_snapshot(self, rows: Rows, snapshot: WorldState, plan: NewWorld) -> World:
        """A branch: a world with keys of its own that goes on from where the snapshot was taken."""
        real = real_now()
        state = msgspec.structs.replace(
            _awake(snapshot),
            id=plan.id or _new_id(),
            made=real,
            touched=real,
            chapter=real,
            ttl_seconds=plan.ttl_seconds,
        )
        _add(rows, state)
        rows.copy_world(snapshot.id, state.id)
        world = self.enter(rows, state)
        self.give_keys(world)
        return world

    # --- idle worlds ---

    def touch(self, state: WorldState) -> None:
        """Remember that a world with a time to live is in use; written now and then, not at every request."""
        if state.ttl_seconds is None or real_now() - state.touched < state.ttl_seconds * SECOND // 4:
            return
        with self.store.write(state.id) as rows:
            self.save(rows, msgspec.structs.replace(self.state(rows, state.id), touched=real_now()))

    def sweep(self, rows: Rows) -> list[str]:
        """Drop the worlds that were idle for longer than they were given to live."""
        real = real_now()
        over = [
            s.id
            for s in self.states(rows)
            if s.ttl_seconds is not None and real - s.touched > s.ttl_seconds * SECOND
        ]
        for world in over:
            self.drop(rows, world)
        return over

    def _prepare(self, world: World, prepare: Prepare | None) -> None:
        if prepare is not None:
            prepare(world)
            world.write_out()

    def give_keys(self, world: World) -> None:
        """To every account that has none."""
        wishes = self._cast_keys if world.state.id == WorldState.DEFAULT else {}
        have = {account for _, account in world.rows.keys(world.state.id)}
        for account in (account for account in world.all(Account) if account.id not in have):
            self._give_key(world.rows, world.state.id, account, wishes.get(account.id))

    def _give_key(self, rows: Rows, world: str, account: Account, wish: str | None = None) -> str:
        key = wish or f"sk_sandbox_{secrets.token_hex(12)}"
        if not rows.put_key(key, world, account.id):
            raise WorldExists(f"a key of the account '{account.name}'")
        return key


@lru_cache(maxsize=1024)
def first_day(start: Millis) -> date:
    return day_of(start)


def snapshot_id(world: str, name: str) -> str:
    return f"{world}@{name}"  # no world can be called so


def _new_id() -> str:
    return f"w{secrets.token_hex(6)}"


def _add(rows: Rows, state: WorldState) -> None:
    if not rows.add_world(state.id, write_state(state)):
        raise WorldExists(state.snapshot or state.id)


def _awake(copy: WorldState) -> WorldState:
    clock = copy.clock.run() if copy.ran else copy.clock
    return msgspec.structs.replace(copy, clock=clock, snapshot_of=None, snapshot=None, ran=True)
