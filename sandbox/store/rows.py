"""The rows of a store: about thirty statements of plain SQL that SQLite and PostgreSQL both take.

One generic table of records is enough, and keeps a world a thing that can be copied and
dropped: every table has `world` in front. What a row's body means, nobody here knows.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import msgspec

Spot = tuple[int, int]

MOST_READ = 512  # rows fetched at once, on a long walk

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS worlds (id TEXT PRIMARY KEY, body {blob} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS keys (api_key TEXT PRIMARY KEY, world TEXT NOT NULL, account TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS keys_of_world ON keys (world)",
    "CREATE TABLE IF NOT EXISTS records (world TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, "
    "shelf TEXT NOT NULL, place BIGINT NOT NULL, nth BIGINT NOT NULL, of_base SMALLINT NOT NULL, "
    "body {blob} NOT NULL, PRIMARY KEY (world, kind, id))",  # ids are random: beside a rowid they cost less
    "CREATE INDEX IF NOT EXISTS records_on_shelf ON records (world, kind, shelf, place, nth)",
    "CREATE INDEX IF NOT EXISTS records_over_base ON records (world, kind) WHERE of_base = 1",
    "CREATE TABLE IF NOT EXISTS counters (world TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL, "
    "n BIGINT NOT NULL, PRIMARY KEY (world, kind, parent)){without_rowid}",
    "CREATE TABLE IF NOT EXISTS answers (world TEXT NOT NULL, account TEXT NOT NULL, idem_key TEXT NOT NULL, "
    "body {blob} NOT NULL, PRIMARY KEY (world, account, idem_key))",
    "CREATE TABLE IF NOT EXISTS faults (world TEXT NOT NULL, id TEXT NOT NULL, nth BIGINT NOT NULL, "
    "hits BIGINT NOT NULL, body {blob} NOT NULL, PRIMARY KEY (world, id)){without_rowid}",
    "CREATE TABLE IF NOT EXISTS journal (world TEXT NOT NULL, at BIGINT NOT NULL, id TEXT NOT NULL, "
    "body {blob} NOT NULL, PRIMARY KEY (world, at, id)){without_rowid}",
)

TABLES = ("keys", "records", "counters", "answers", "faults", "journal")
KEPT_IN_A_SNAPSHOT = {
    "records": "kind, id, shelf, place, nth, of_base, body",
    "counters": "kind, parent, n",
    "answers": "account, idem_key, body",
    "faults": "id, nth, hits, body",
}

WORLD = "SELECT body FROM worlds WHERE id = ?"
WORLDS = "SELECT body FROM worlds ORDER BY id"
PUT_WORLD = "INSERT INTO worlds (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
ADD_WORLD = "INSERT INTO worlds (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
DROP_WORLD = "DELETE FROM worlds WHERE id = ?"
VISITOR = (
    "SELECT k.account, w.body, r.body FROM keys k JOIN worlds w ON w.id = k.world LEFT JOIN records r "
    "ON r.world = k.world AND r.kind = 'account' AND r.id = k.account WHERE k.api_key = ?"
)
KEYS = "SELECT api_key, account FROM keys WHERE world = ? ORDER BY account, api_key"
PUT_KEY = "INSERT INTO keys (api_key, world, account) VALUES (?, ?, ?) ON CONFLICT (api_key) DO NOTHING"
DROP_KEYS = "DELETE FROM keys WHERE world = ? AND account = ?"

RECORD = "SELECT body FROM records WHERE world = ? AND kind = ? AND id = ?"
ALL_OF_KIND = "SELECT body FROM records WHERE world = ? AND kind = ? ORDER BY place, nth"
OVER_BASE = "SELECT id FROM records WHERE world = ? AND kind = ? AND of_base = 1"
REWRITE_RECORD = (
    "INSERT INTO records (world, kind, id, shelf, place, nth, of_base, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (world, kind, id) DO UPDATE SET body = excluded.body"
)
PUT_RECORD = f"{REWRITE_RECORD}, shelf = excluded.shelf, place = excluded.place, nth = excluded.nth"
SHELF = (
    "SELECT body FROM records WHERE world = ? AND kind = ? AND shelf = ? "
    "AND (place, nth) > (?, ?) AND (place, nth) < (?, ?) "
)
RISING = SHELF + "ORDER BY place, nth LIMIT ?"
FALLING = SHELF + "ORDER BY place DESC, nth DESC LIMIT ?"
COUNT_UP = (
    "INSERT INTO counters (world, kind, parent, n) VALUES (?, ?, ?, 1) "
    "ON CONFLICT (world, kind, parent) DO UPDATE SET n = counters.n + 1 RETURNING n"
)
COUNTER = "SELECT n FROM counters WHERE world = ? AND kind = ? AND parent = ?"
COUNTERS = "SELECT kind, parent, n FROM counters WHERE world = ? ORDER BY kind, parent"
SET_COUNTER = (
    "INSERT INTO counters (world, kind, parent, n) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (world, kind, parent) DO UPDATE SET n = excluded.n"
)

ANSWER = "SELECT body FROM answers WHERE world = ? AND account = ? AND idem_key = ?"
KEEP_ANSWER = (
    "INSERT INTO answers (world, account, idem_key, body) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (world, account, idem_key) DO UPDATE SET body = excluded.body"
)

FAULTS = "SELECT nth, hits, body FROM faults WHERE world = ? ORDER BY nth"
PUT_FAULT = "INSERT INTO faults (world, id, nth, hits, body) VALUES (?, ?, ?, 0, ?)"
HIT_FAULT = "UPDATE faults SET hits = hits + 1 WHERE world = ? AND id = ? RETURNING hits"
DROP_FAULT = "DELETE FROM faults WHERE world = ? AND id = ?"

WRITE_JOURNAL = (
    "INSERT INTO journal (world, at, id, body) VALUES (?, ?, ?, ?) ON CONFLICT (world, at, id) DO NOTHING"
)
JOURNAL = "SELECT body FROM journal WHERE world = ? AND at > ? ORDER BY at DESC, id DESC LIMIT ?"
TRIM_JOURNAL = (
    "DELETE FROM journal WHERE world = ? AND at < "
    "(SELECT at FROM journal WHERE world = ? ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?)"
)


class BadDatabase(Exception):
    """The database named at the start cannot be used; the message says why, in one line."""


class StoreUnavailable(Exception):
    """The database does not answer now. Nothing that was not acknowledged has happened."""

    told = "The sandbox's database does not answer now. Send the request again, with the same key."


class StoreFull(StoreUnavailable):
    told = (
        "The sandbox's database is full, and nothing was done. Drop worlds that nobody needs, or start it "
        "with --database sqlite:///sandbox.db: in memory it holds 1 GiB, on a disk as much as fits there."
    )


Shelf = tuple[str, str, str]  # world, kind, name


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """What stands between two spots of a shelf: so many at most, from its lower end or its upper one."""

    above: Spot
    below: Spot
    most: int
    rising: bool = True

    def behind(self, last: Spot) -> "Stretch":
        """Where to read on after what was read up to there; more at once, for who walks far walks on."""
        above, below = (last, self.below) if self.rising else (self.above, last)
        return Stretch(above, below, min(self.most * 4, MOST_READ), self.rising)


class NewRow(NamedTuple):
    kind: str
    id: str
    shelf: str
    place: int
    nth: int
    of_base: int
    body: bytes


Run = Callable[[str, Sequence[Any]], Any]


class Rows:
    """One transaction's view of the tables."""

    __slots__ = ("_many", "_run")

    def __init__(self, run: Run, many: Callable[[str, Iterable[Sequence[Any]]], Any]) -> None:
        self._run = run
        self._many = many

    # worlds and keys

    def world(self, world: str) -> bytes | None:
        return self._body(WORLD, (world,))

    def worlds(self) -> list[bytes]:
        return [body for (body,) in self._run(WORLDS, ()).fetchall()]

    def put_world(self, world: str, body: bytes) -> None:
        self._run(PUT_WORLD, (world, body))

    def add_world(self, world: str, body: bytes) -> bool:
        """False if a world of that id is there already."""
        return bool(self._run(ADD_WORLD, (world, body)).rowcount == 1)

    def visitor(self, api_key: str) -> tuple[str, bytes, bytes | None] | None:
        """The id of the account a key belongs to, its world, and the account if it ever changed."""
        found: tuple[str, bytes, bytes | None] | None = self._run(VISITOR, (api_key,)).fetchone()
        return found

    def keys(self, world: str) -> list[tuple[str, str]]:
        return [(key, account) for key, account in self._run(KEYS, (world,)).fetchall()]

    def put_key(self, api_key: str, world: str, account: str) -> bool:
        """False if the key is taken, by whichever world."""
        return bool(self._run(PUT_KEY, (api_key, world, account)).rowcount == 1)

    def drop_keys(self, world: str, account: str) -> None:
        self._run(DROP_KEYS, (world, account))

    def empty_world(self, world: str, tables: Iterable[str] = TABLES) -> None:
        for table in tables:
            self._run(f"DELETE FROM {table} WHERE world = ?", (world,))  # noqa: S608 - names of our own

    def drop_world(self, world: str) -> None:
        self.empty_world(world)
        self._run(DROP_WORLD, (world,))

    def copy_world(self, source: str, target: str) -> None:
        """Everything a snapshot keeps, from one world to an empty one."""
        for table, columns in KEPT_IN_A_SNAPSHOT.items():
            self._run(
                f"INSERT INTO {table} (world, {columns}) SELECT ?, {columns} FROM {table} WHERE world = ?",  # noqa: S608
                (target, source),
            )

    # records

    def record(self, world: str, kind: str, id_: str) -> bytes | None:
        return self._body(RECORD, (world, kind, id_))

    def all_of_kind(self, world: str, kind: str) -> list[bytes]:
        return [body for (body,) in self._run(ALL_OF_KIND, (world, kind)).fetchall()]

    def over_base(self, world: str, kind: str) -> set[str]:
        return {id_ for (id_,) in self._run(OVER_BASE, (world, kind)).fetchall()}

    def put(self, world: str, rows: Iterable[NewRow]) -> None:
        """New rows, and those that now stand elsewhere."""
        self._many(PUT_RECORD, [(world, *row) for row in rows])

    def rewrite(self, world: str, rows: Iterable[NewRow]) -> None:
        """Rows that say something else where they stand: no index changes. One that is gone comes back."""
        self._many(REWRITE_RECORD, [(world, *row) for row in rows])

    def standing(self, shelf: Shelf, stretch: Stretch) -> list[bytes]:
        statement = RISING if stretch.rising else FALLING
        found = self._run(statement, (*shelf, *stretch.above, *stretch.below, stretch.most))
        return [body for (body,) in found.fetchall()]

    def count_up(self, world: str, kind: str, parent: str) -> int:
        (n,) = self._run(COUNT_UP, (world, kind, parent)).fetchone()
        return int(n)

    def counter(self, world: str, kind: str, parent: str) -> int:
        found = self._run(COUNTER, (world, kind, parent)).fetchone()
        return 0 if found is None else int(found[0])

    def counters(self, world: str) -> list[tuple[str, str, int]]:
        """How many names were given, by kind and parent."""
        return [(kind, parent, int(n)) for kind, parent, n in self._run(COUNTERS, (world,)).fetchall()]

    def set_counters(self, world: str, counters: Iterable[tuple[str, str, int]]) -> None:
        self._many(SET_COUNTER, [(world, *counter) for counter in counters])

    # kept answers

    def answer(self, world: str, account: str, key: str) -> bytes | None:
        return self._body(ANSWER, (world, account, key))

    def keep_answer(self, world: str, account: str, key: str, body: bytes) -> None:
        self._many(KEEP_ANSWER, [(world, account, key, body)])

    # faults

    def faults(self, world: str) -> list[tuple[int, int, bytes]]:
        """`(nth, hits, body)` in the order they were set."""
        return list(self._run(FAULTS, (world,)).fetchall())

    def put_fault(self, world: str, id_: str, nth: int, body: bytes) -> None:
        self._run(PUT_FAULT, (world, id_, nth, body))

    def hit_fault(self, world: str, id_: str) -> int | None:
        """One more match of this fault; how many there were is what decides, exactly, who is struck."""
        found = self._run(HIT_FAULT, (world, id_)).fetchone()
        return None if found is None else int(found[0])

    def drop_fault(self, world: str, id_: str) -> bool:
        return bool(self._run(DROP_FAULT, (world, id_)).rowcount)

    # journal

    def write_journal(self, entries: Iterable[tuple[str, int, str, bytes]]) -> None:
        self._many(WRITE_JOURNAL, entries)

    def journal(self, world: str, since: int, limit: int) -> list[bytes]:
        return [body for (body,) in self._run(JOURNAL, (world, since, limit)).fetchall()]

    def trim_journal(self, world: str, keep: int) -> None:
        self._run(TRIM_JOURNAL, (world, world, keep))

    def _body(self, statement: str, values: Sequence[Any]) -> bytes | None:
        found: tuple[bytes] | None = self._run(statement, values).fetchone()
        return None if found is None else found[0]


class Store(Protocol):
    """A place to keep worlds. Writers of one world come one after another; readers hardly wait."""

    shared: bool  # other processes may be reading and writing the same worlds
    waits: bool  # an answer may take long enough that it must not be awaited on the event loop

    def peek(self) -> AbstractContextManager[Rows]:
        """For a single statement: no transaction around it."""

    def read(self) -> AbstractContextManager[Rows]:
        """Every statement sees the same moment."""

    def write(self, world: str) -> AbstractContextManager[Rows]:
        """All or nothing: an exception undoes everything. The world's row is locked until the end."""

    def close(self) -> None: ...
