"""The rows of a database that nobody else writes to: what was read or written last is remembered.

One key, one world's state, one record is asked for by every request at least twice, and a list that
somebody polls is the same until a record of its kind is written. Nothing changes them that does not
pass here. After a rollback, or when a whole world changes, everything remembered is forgotten.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sandbox.store.rows import TABLES, NewRow, Rows, Shelf, Stretch

MOST_REMEMBERED = 8_192  # of a sort; then it starts anew
MOST_PAGES, LONGEST_PAGE = 128, 101  # pages, and records on one

OWNER = "SELECT world, account FROM keys WHERE api_key = ?"


class RowsAlone(Rows):
    __slots__ = ("_counters", "_over_base", "_owners", "_page_count", "_pages", "_records", "_worlds")

    def __init__(self, run: Callable[..., Any], many: Callable[[str, Iterable[Sequence[Any]]], Any]) -> None:
        super().__init__(run, many)
        self.forget()

    def forget(self) -> None:
        self._worlds: dict[str, bytes] = {}
        self._owners: dict[str, tuple[str, str]] = {}
        self._records: dict[tuple[str, str, str], bytes | None] = {}
        self._over_base: dict[tuple[str, str], set[str]] = {}
        self._counters: dict[tuple[str, str, str], int] = {}
        self._pages: dict[tuple[str, str], dict[tuple[Shelf, Stretch], list[bytes]]] = {}  # by world, kind
        self._page_count = 0

    # worlds and keys

    def world(self, world: str) -> bytes | None:
        body = self._worlds.get(world)
        if body is None:
            body = super().world(world)
            if body is not None:
                self._worlds[world] = body
        return body

    def put_world(self, world: str, body: bytes) -> None:
        super().put_world(world, body)
        self._worlds.pop(world, None)

    def add_world(self, world: str, body: bytes) -> bool:
        self._worlds.pop(world, None)
        return super().add_world(world, body)

    def visitor(self, api_key: str) -> tuple[str, bytes, bytes | None] | None:
        owner = self._owners.get(api_key) or self._run(OWNER, (api_key,)).fetchone()
        if owner is None:
            return None
        self._owners[api_key] = owner
        world, account = owner
        state = self.world(world)
        return None if state is None else (account, state, self.record(world, "account", account))

    def put_key(self, api_key: str, world: str, account: str) -> bool:
        self._owners.clear()
        return super().put_key(api_key, world, account)

    def drop_keys(self, world: str, account: str) -> None:
        self._owners.clear()
        super().drop_keys(world, account)

    def empty_world(self, world: str, tables: Iterable[str] = TABLES) -> None:
        self.forget()
        super().empty_world(world, tables)

    def drop_world(self, world: str) -> None:
        super().drop_world(world)
        self.forget()

    def copy_world(self, source: str, target: str) -> None:
        self.forget()
        super().copy_world(source, target)

    # records

    def record(self, world: str, kind: str, id_: str) -> bytes | None:
        key = (world, kind, id_)
        try:
            return self._records[key]
        except KeyError:
            if len(self._records) >= MOST_REMEMBERED:
                self._records = {}
            body = self._records[key] = super().record(world, kind, id_)
            return body

    def over_base(self, world: str, kind: str) -> set[str]:
        key = (world, kind)
        if key not in self._over_base:
            self._over_base[key] = super().over_base(world, kind)
        return self._over_base[key]

    def put(self, world: str, rows: Iterable[NewRow]) -> None:
        rows = list(rows)
        super().put(world, rows)
        self._remember(world, rows)

    def rewrite(self, world: str, rows: Iterable[NewRow]) -> None:
        rows = list(rows)
        super().rewrite(world, rows)
        self._remember(world, rows)

    def _remember(self, world: str, rows: list[NewRow]) -> None:
        for row in rows:
            self._records[world, row.kind, row.id] = row.body
            self._page_count -= len(self._pages.pop((world, row.kind), ()))
            if row.of_base and row.id not in self._over_base.get((world, row.kind), ()):
                self._over_base.pop((world, row.kind), None)

    def standing(self, shelf: Shelf, stretch: Stretch) -> list[bytes]:
        world, kind, _ = shelf
        known = self._pages.get((world, kind), {}).get((shelf, stretch))
        if known is not None:
            return known
        bodies = super().standing(shelf, stretch)
        if 0 < len(bodies) <= LONGEST_PAGE:
            if self._page_count >= MOST_PAGES:
                self._pages, self._page_count = {}, 0
            self._pages.setdefault((world, kind), {})[shelf, stretch] = bodies
            self._page_count += 1
        return bodies

    def counter(self, world: str, kind: str, parent: str) -> int:
        key = (world, kind, parent)
        if key not in self._counters:
            if len(self._counters) >= MOST_REMEMBERED:
                self._counters = {}
            self._counters[key] = super().counter(world, kind, parent)
        return self._counters[key]

    def set_counters(self, world: str, counters: Iterable[tuple[str, str, int]]) -> None:
        counters = list(counters)
        super().set_counters(world, counters)
        for kind, parent, n in counters:
            self._counters[world, kind, parent] = n

    def count_up(self, world: str, kind: str, parent: str) -> int:
        self._counters.pop((world, kind, parent), None)
        return super().count_up(world, kind, parent)
