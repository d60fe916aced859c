"""The journal of worlds that several processes serve: each carries what it noted to the store they share.

A thread does so ten times a second, off everybody's path, and readers look there. What was asked in an
earlier chapter of the world's journal, before it was reset or cleared by whichever process, is dropped on
the way (docs/decisions/0005).
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import msgspec

from sandbox.domain.moments import from_datetime
from sandbox.store import Store, StoreUnavailable
from sandbox.world.journal import Entry, Told, Wanted, tell
from sandbox.world.state import next_chapter, read_state, write_state

FLUSH_SECONDS = 0.1


class SharedJournal:
    def __init__(self, store: Store, most_entries: int = 1_000) -> None:
        self._store = store
        self._most_entries = most_entries
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Entry]] = deque(maxlen=most_entries)
        self._carried: dict[str, deque[Entry]] = {}  # on their way to the store
        self._carrying = threading.Lock()
        self._stopped = threading.Event()
        self._carrier = threading.Thread(target=self._carry, name="journal", daemon=True)
        self._carrier.start()

    def note(self, world: str, entry: Entry) -> None:
        self._waiting.append((world, entry))

    def told(self, world: str, since: int = 0) -> Iterator[Told]:
        self.flush()
        with self._store.read() as rows:
            bodies = rows.journal(world, since, self._most_entries)
        return (msgspec.json.decode(body) for body in bodies)

    def page(self, world: str, wanted: Wanted, limit: int) -> tuple[list[Told], int]:
        every = [told for told in self.told(world, wanted.since - 1) if _fits(told, wanted)]
        return every[:limit], len(every)

    def find(self, world: str, id_: str) -> Told | None:
        return next((told for told in self.told(world) if told["id"] == id_), None)

    def clear(self, world: str) -> int:
        self.flush()
        with self._store.write(world) as rows:
            count = len(rows.journal(world, 0, self._most_entries))
            rows.empty_world(world, ("journal",))
            body = rows.world(world)
            if body is not None:
                rows.put_world(world, write_state(next_chapter(read_state(body))))
        return count

    def forget(self, world: str) -> None:
        with self._lock:
            for _ in range(len(self._waiting)):  # others go on adding meanwhile
                one = self._waiting.popleft()
                if one[0] != world:
                    self._waiting.append(one)
            self._carried.pop(world, None)

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
        self._carrier.join()
        with suppress(StoreUnavailable):
            self.flush()

    def _carry(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except StoreUnavailable:
                continue  # a database that is away takes its journal's moments with it, never the server


def _fits(told: Told, wanted: Wanted) -> bool:
    if not wanted.fits(told["operation"], told["status"], from_datetime(datetime.fromisoformat(told["at"]))):
        return False
    changed = (change["after"].get("client_id") for change in told["changes"])
    return wanted.client_id is None or wanted.client_id in (told["client_id"], *changed)
