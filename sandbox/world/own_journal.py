"""The journal of worlds that nobody else serves: in memory, bounded in each world and in all together."""

import threading
from collections import deque
from collections.abc import Iterator

from sandbox.world.journal import Entry, Told, Wanted, tell

BYTES_IN_ALL_WORLDS = 48 * 2**20


class OwnJournal:
    def __init__(self, most_entries: int = 1_000, most_bytes: int = 8 * 2**20) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._lock = threading.Lock()
        self._worlds: dict[str, _Kept] = {}
        self._weight = 0

    def note(self, world: str, entry: Entry) -> None:
        with self._lock:
            kept = self._worlds.get(world)
            if kept is None:
                kept = self._worlds[world] = _Kept()
            self._weight += kept.add(entry)
            while len(kept.entries) > self._most_entries or kept.weight > self._most_bytes:
                self._drop_oldest(world)
            while self._weight > BYTES_IN_ALL_WORLDS:
                self._drop_oldest(self._longest_silent(but=world))

    def told(self, world: str, since: int = 0) -> Iterator[Told]:
        return (tell(entry) for entry in self._newest_first(world) if entry.at > since)

    def page(self, world: str, wanted: Wanted, limit: int) -> tuple[list[Told], int]:
        fitting = [entry for entry in self._newest_first(world) if _fits(entry, wanted)]
        return [tell(entry) for entry in fitting[:limit]], len(fitting)

    def find(self, world: str, id_: str) -> Told | None:
        return next((tell(entry) for entry in self._newest_first(world) if entry.id == id_), None)

    def clear(self, world: str) -> int:
        count = len(self._newest_first(world))
        self.forget(world)
        return count

    def forget(self, world: str) -> None:
        with self._lock:
            kept = self._worlds.pop(world, None)
            if kept is not None:
                self._weight -= kept.weight

    def close(self) -> None:
        """It ends with its process."""

    def _newest_first(self, world: str) -> list[Entry]:
        with self._lock:
            kept = self._worlds.get(world)
            return [] if kept is None else list(reversed(kept.entries))

    def _longest_silent(self, but: str) -> str:
        others = (world for world in self._worlds if world != but)
        return min(others, key=lambda world: self._worlds[world].entries[-1].at, default=but)

    def _drop_oldest(self, world: str) -> None:
        kept = self._worlds[world]
        self._weight -= kept.drop_oldest()
        if not kept.entries:
            del self._worlds[world]


class _Kept:
    """One world's entries, and what they weigh."""

    __slots__ = ("entries", "weight")

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque()
        self.weight = 0

    def add(self, entry: Entry) -> int:
        weight = entry.weight
        self.entries.append(entry)
        self.weight += weight
        return weight

    def drop_oldest(self) -> int:
        gone = self.entries.popleft().weight
        self.weight -= gone
        return gone


def _fits(entry: Entry, wanted: Wanted) -> bool:
    if not wanted.fits(entry.operation, entry.response.status, entry.at):
        return False
    return wanted.client_id is None or wanted.client_id in (entry.client_id, *_clients_changed(entry))


def _clients_changed(entry: Entry) -> Iterator[str | None]:
    """Cancelling a booking names no client, but concerns one."""
    return (getattr(after, "client_id", None) for _, _, _, after in entry.changes)
