"""Worlds without API, spec or HTTP: the cast as base, a store below."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox import places
from sandbox.store import Store, open_store
from sandbox.world.base import Bases
from sandbox.world.fixtures import read_cast
from sandbox.world.own_journal import OwnJournal
from sandbox.world.world import World
from sandbox.world.worlds import NewWorld, Worlds

CAST = read_cast(places.FIXTURES)


def bare_worlds(store: Store | None = None) -> Worlds:
    store = store or open_store("sqlite://")
    return Worlds(store, Bases(CAST), OwnJournal(), 1, CAST.api_keys)


@contextmanager
def a_world(worlds: Worlds | None = None, **plan: object) -> Iterator[World]:
    worlds = worlds or bare_worlds()
    with worlds.store.write("w") as rows:
        yield worlds.make(rows, NewWorld(id="w", **plan))  # type: ignore[arg-type]
