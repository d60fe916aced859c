"""The journal: what was asked, what was answered, which rule decided and what it changed.

An entry is noted the moment the answer is ready, raw and by reference: that costs two
microseconds. It is put into words, secrets struck out, only when somebody reads it. Bounded by
count and bytes, in each world and in all of them together. When several processes serve the
same worlds, a thread carries new entries to the store ten times a second, off everybody's
path, and readers look there. What was asked in an earlier chapter of the world's journal, before
it was reset or cleared by whichever process, is dropped on the way.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from sandbox.domain.moments import Millis, from_datetime, rfc3339
from sandbox.store import Store, StoreUnavailable
from sandbox.wire import Request, Response
from sandbox.world.secrets import strike_out, strike_out_headers
from sandbox.world.state import next_chapter, read_state, write_state
from sandbox.world.world import Change

FLUSH_SECONDS = 0.1
BODY_SHOWN = 32_768  # of a longer body the journal keeps the beginning
ENTRY_BYTES = 1_200  # what an entry weighs beside its bodies, roughly
BYTES_IN_ALL_WORLDS = 48 * 2**20

Told = dict[str, Any]


class Wanted(msgspec.Struct, frozen=True):
    """Which entries a reader asks for. `status` is a number or a class of them: `409`, `4xx`."""

    operation: str | None = None
    status: str | None = None
    client_id: str | None = None
    since: int = 0
    until: int | None = None

    def fits(self, operation: str | None, status: int, at: int) -> bool:
        if self.operation is not None and operation != self.operation:
            return False
        if self.status is not None and self.status.lower() not in (str(status), f"{status // 100}xx"):
            return False
        return at >= self.since and (self.until is None or at < self.until)


class Entry(msgspec.Struct):
    id: str
    at: Millis  # real time: the order in which things happened, whatever the world's clock did
    world_time: Millis
    request: Request
    response: Response
    operation: str | None
    micros: int
    caller: str | None
    client_id: str | None
    rule: str
    changes: list[Change]
    fault: str | None = None
    replayed: bool = False
    generated: bool = False
    chapter: int | None = None  # the world's when this was asked; None if an unknown key opened no world

    @property
    def weight(self) -> int:
        return ENTRY_BYTES + min(len(self.request.body), BODY_SHOWN) + len(self.response.body)


class Journal:
    def __init__(
        self, store: Store, *, shared: bool, most_entries: int = 1_000, most_bytes: int = 8 * 2**20
    ) -> None:
        self._store = store
        self._shared = shared
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._lock = threading.Lock()
        self._worlds: dict[str, deque[Entry]] = {}
        self._weights: dict[str, int] = {}
        self._weight = 0
        self._waiting: deque[tuple[str, Entry]] = deque(maxlen=most_entries)
        self._carried: dict[str, deque[Entry]] = {}  # on their way to the store
        self._carrying = threading.Lock()
        self._stopped = threading.Event()
        self._carrier = threading.Thread(target=self._carry, name="journal", daemon=True) if shared else None
        if self._carrier is not None:
            self._carrier.start()

    def note(self, world: str, entry: Entry) -> None:
        if self._shared:
            self._waiting.append((world, entry))
            return
        with self._lock:
            entries = self._worlds.setdefault(world, deque())
            entries.append(entry)
            weighs = entry.weight
            weight = self._weights.get(world, 0) + weighs
            self._weight += weighs
            while len(entries) > self._most_entries or weight > self._most_bytes:
                gone = entries.popleft().weight
                weight, self._weight = weight - gone, self._weight - gone
            self._weights[world] = weight
            while self._weight > BYTES_IN_ALL_WORLDS:
                self._drop_oldest_world(but=world)

    def told(self, world: str, since: int = 0) -> Iterator[Told]:
        """Entries newest first, in words."""
        if self._shared:
            self.flush()
            with self._store.read() as rows:
                bodies = rows.journal(world, since, self._most_entries)
            return (msgspec.json.decode(body) for body in bodies)
        with self._lock:
            entries = list(self._worlds.get(world, ()))
        return (tell(entry) for entry in reversed(entries) if entry.at > since)

    def page(self, world: str, wanted: Wanted, limit: int) -> tuple[list[Told], int]:
        """The newest of the entries that are wanted, in words, and how many there are."""
        if self._shared:
            every = [told for told in self.told(world, wanted.since - 1) if _fits(told, wanted)]
            return every[:limit], len(every)
        with self._lock:
            entries = list(self._worlds.get(world, ()))
        fitting = [e for e in reversed(entries) if e.at >= wanted.since and _entry_fits(e, wanted)]
        return [tell(entry) for entry in fitting[:limit]], len(fitting)

    def find(self, world: str, id_: str) -> Told | None:
        """The entry of that request, in words."""
        if self._shared:
            return next((told for told in self.told(world) if told["id"] == id_), None)
        with self._lock:
            entries = list(self._worlds.get(world, ()))
        return next((tell(entry) for entry in reversed(entries) if entry.id == id_), None)

    def clear(self, world: str) -> int:
        """Forget the world's entries, wherever they are; how many there were."""
        if not self._shared:
            with self._lock:
                count = len(self._worlds.get(world, ()))
            self.forget(world)
            return count
        self.flush()
        with self._store.write(world) as rows:
            count = len(rows.journal(world, 0, self._most_entries))
            rows.empty_world(world, ("journal",))
            body = rows.world(world)
            if body is not None:
                rows.put_world(world, write_state(next_chapter(read_state(body))))
        return count

    def forget(self, world: str) -> None:
        """In this process; the store's part goes with the world's rows. May be called holding the world."""
        with self._lock:
            for _ in range(len(self._waiting)):  # others go on adding meanwhile
                one = self._waiting.popleft()
                if one[0] != world:
                    self._waiting.append(one)
            self._carried.pop(world, None)
            if world in self._worlds:
                self._weight -= self._weights.pop(world)
                del self._worlds[world]

    def flush(self) -> None:
        """Carry what waits to the store. A world that is gone by now takes its entries with it.

        `_lock` is never held while a world is waited for: whoever resets a world holds it, and
        then asks for `_lock` to forget what is carried just now.
        """
        with self._carrying:
            with self._lock:
                for _ in range(len(self._waiting)):
                    world, entry = self._waiting.popleft()
                    self._carried.setdefault(world, deque(maxlen=self._most_entries)).append(entry)
                worlds = list(self._carried)
            for world in worlds:
                self._carry_to(world)

    def _carry_to(self, world: str) -> None:
        entries = [
            (entry.chapter, (world, entry.at, entry.id, msgspec.json.encode(tell(entry))))
            for entry in self._carried.get(world, ())
        ]  # told before the world is held up for it
        with self._store.write(world) as rows:
            with self._lock:
                forgotten = self._carried.pop(world, None) is None
            body = rows.world(world)
            if forgotten or body is None:
                return
            current = (None, read_state(body).chapter)
            rows.write_journal(row for chapter, row in entries if chapter in current)
            rows.trim_journal(world, self._most_entries)

    def close(self) -> None:
        """What still waits is carried, if the database is there to take it."""
        self._stopped.set()
        if self._carrier is not None:
            self._carrier.join()
            with suppress(StoreUnavailable):
                self.flush()

    def _carry(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except StoreUnavailable:
                continue  # a database that is away takes its journal's moments with it, never the server

    def _drop_oldest_world(self, but: str) -> None:
        oldest = min((w for w in self._worlds if w != but), key=lambda w: self._worlds[w][-1].at, default=but)
        entries = self._worlds[oldest]
        gone = entries.popleft().weight
        self._weights[oldest] -= gone
        self._weight -= gone
        if not entries:
            del self._worlds[oldest], self._weights[oldest]


def tell(entry: Entry) -> Told:
    """The entry as the control API shows it. Nothing secret passes here."""
    request, response = entry.request, entry.response
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "world_time": rfc3339(entry.world_time),
        "method": request.method,
        "path": strike_out(request.path),
        "query": strike_out(request.query),
        "operation": entry.operation,
        "status": response.status,
        "duration_ms": entry.micros / 1000,
        "caller": entry.caller,
        "client_id": entry.client_id and strike_out(entry.client_id),
        "request": {"headers": strike_out_headers(request.headers.items()), "body": _shown(request.body)},
        "answer": {"headers": strike_out_headers(response.headers), "body": _shown(response.body)},
        "rule": entry.rule.split() if entry.rule else [],
        "changes": [
            {"kind": kind, "id": strike_out(id_), "before": before and _plain(before), "after": _plain(after)}
            for kind, id_, before, after in entry.changes
        ],
        "fault": entry.fault,
        "replayed": entry.replayed,
        "generated": entry.generated,
    }


def _entry_fits(entry: Entry, wanted: Wanted) -> bool:
    if not wanted.fits(entry.operation, entry.response.status, entry.at):
        return False
    return wanted.client_id is None or wanted.client_id in (entry.client_id, *_clients_changed(entry))


def _clients_changed(entry: Entry) -> Iterator[str | None]:
    """Cancelling a booking names no client, but concerns one."""
    return (getattr(after, "client_id", None) for _, _, _, after in entry.changes)


def _fits(told: Told, wanted: Wanted) -> bool:
    if not wanted.fits(told["operation"], told["status"], from_datetime(datetime.fromisoformat(told["at"]))):
        return False
    changed = (change["after"].get("client_id") for change in told["changes"])
    return wanted.client_id is None or wanted.client_id in (told["client_id"], *changed)


def _plain(record: Any) -> Any:
    return msgspec.json.decode(strike_out(msgspec.json.encode(record).decode()))


def _shown(body: bytes) -> Any:
    """JSON as JSON, anything else as text; what is too long, its beginning."""
    if not body:
        return None
    text = strike_out(body[:BODY_SHOWN].decode(errors="replace"))
    if len(body) > BODY_SHOWN:
        return f"{text}… ({len(body)} bytes in all)"
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
