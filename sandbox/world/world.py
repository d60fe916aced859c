"""A world as one transaction sees it: the base below, what happened since above.

The base (cast and crowd) is the same for every world of its seed and first day, lies in memory
and never changes; the store holds only records that came or changed since. So a world costs a
row to make, and a reset forgets exactly what happened.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from heapq import merge
from typing import TypeVar, cast

import msgspec

from sandbox.domain.books import A_FEW, Spot, spot
from sandbox.domain.moments import Millis
from sandbox.domain.records import KINDS, Record
from sandbox.store import Rows
from sandbox.store.rows import NewRow, Stretch
from sandbox.world.base import Base
from sandbox.world.chance import prefix
from sandbox.world.state import WorldState

R = TypeVar("R", bound=Record)

BOTTOM, TOP = (-(2**62), -(2**62)), (2**62, 2**62)  # below and above every spot of a shelf

_encode = msgspec.json.Encoder().encode
# A record is a value: the same bytes are the same record, whoever wrote them. So what was read lately
# need not be read again, and no other process can make that wrong.
DECODE: dict[str, Callable[[bytes], Record]] = {
    kind: lru_cache(maxsize=2048)(msgspec.json.Decoder(record).decode) for kind, record in KINDS.items()
}

Key = tuple[str, str]  # kind, id
Change = tuple[str, str, Record | None, Record]  # kind, id, before, after


class World:
    """Implements `sandbox.domain.books.Books` over a store's rows."""

    def __init__(self, rows: Rows, state: WorldState, base: Base) -> None:
        self.rows = rows
        self.state = state
        self.base = base
        self.now: Millis = state.now
        self._seen: dict[Key, Record | None] = {}
        self._before: dict[Key, Record | None] = {}
        self._unwritten: dict[Key, Record] = {}
        self._standing: dict[Key, Record] = {}  # as the store has them, or had: then they come back
        self._of_base: set[Key] = set()
        self._counts: dict[tuple[str, str], int] = {}  # how many names were given, by kind and parent

    # --- one record ---

    def find(self, kind: type[R], id_: str) -> R | None:
        key = (kind.kind, id_)
        if key in self._seen:
            return cast("R | None", self._seen[key])
        body = self.rows.record(self.state.id, kind.kind, id_)
        record: Record | None
        if body is not None:
            record = self._standing[key] = DECODE[kind.kind](body)
        elif (record := self.base.find(kind.kind, id_)) is not None:
            self._of_base.add(key)
        self._seen[key] = record
        return cast("R | None", record)

    def put(self, record: Record) -> None:
        key = (record.kind, record.id)
        if key not in self._before:
            self._before[key] = self.find(type(record), record.id)
        self._seen[key] = self._unwritten[key] = record

    # --- shelves ---

    def rising(
        self, kind: type[R], shelf: str = "", above: Spot | None = None, first: int = A_FEW
    ) -> Iterator[R]:
        return self._walk(kind, shelf, Stretch(above or BOTTOM, TOP, first))

    def falling(
        self, kind: type[R], shelf: str = "", below: Spot | None = None, first: int = A_FEW
    ) -> Iterator[R]:
        return self._walk(kind, shelf, Stretch(BOTTOM, below or TOP, first, rising=False))

    def between(self, kind: type[R], shelf: str, low: int, high: int) -> Iterator[R]:
        return self._walk(kind, shelf, Stretch((low, BOTTOM[1]), (high, BOTTOM[1]), A_FEW))

    def all(self, kind: type[R]) -> list[R]:
        """Every record of a kind, for those who look at the whole world: console, export."""
        self.write_out()
        bodies = self.rows.all_of_kind(self.state.id, kind.kind)
        changed = {record.id: record for record in map(DECODE[kind.kind], bodies)}
        below = [record for record in self.base.all(kind.kind) if record.id not in changed]
        return sorted(cast("list[R]", below + list(changed.values())), key=spot)

    def _walk(self, kind: type[R], shelf: str, stretch: Stretch) -> Iterator[R]:
        """What happened since, and the base where nothing did; all of it, in portions."""
        if any(unwritten == kind.kind for unwritten, _ in self._unwritten):
            self.write_out()
        ours = self._happened(kind, shelf, stretch)
        above, below = stretch.above, stretch.below
        based = cast("Sequence[R]", self.base.shelf(kind.kind, shelf))
        low = bisect_right(based, above, key=spot) if above > BOTTOM else 0
        high = bisect_left(based, below, key=spot) if below < TOP else len(based)
        if low >= high:
            return ours
        hidden = self.rows.over_base(self.state.id, kind.kind)
        order = range(low, high) if stretch.rising else range(high - 1, low - 1, -1)
        theirs = (based[n] for n in order if based[n].id not in hidden)
        return merge(ours, theirs, key=spot, reverse=not stretch.rising)

    def _happened(self, kind: type[R], shelf: str, stretch: Stretch) -> Iterator[R]:
        decode, where = DECODE[kind.kind], (self.state.id, kind.kind, shelf)
        while True:
            records = [decode(body) for body in self.rows.standing(where, stretch)]
            yield from cast("list[R]", records)
            if len(records) < stretch.most:
                return
            stretch = stretch.behind(spot(records[-1]))

    # --- names and chance ---

    def name(self, kind: type[R], parent: str = "") -> tuple[str, int]:
        counter = (kind.kind, parent)
        before = self._counts.get(counter)
        nth = 1 + (self.rows.counter(self.state.id, *counter) if before is None else before)
        self._counts[counter] = nth
        tail = self._digest(f"made/{kind.kind}/{parent}/{nth}", 8).hex().upper()
        id_ = f"{prefix(kind.kind)}_{tail}"
        self._seen[kind.kind, id_] = None  # nobody has had it, so nobody need look
        return id_, nth

    def draw(self, purpose: str, about: str) -> int:
        return int.from_bytes(self._digest(f"draw/{purpose}/{about}", 8))

    def _digest(self, text: str, size: int) -> bytes:
        return hashlib.blake2b(text.encode(), key=b"%d" % self.state.seed, digest_size=size).digest()

    # --- the end of a transaction ---

    def write_out(self) -> None:
        """Hand over what was put and counted, before a shelf is read and before the commit."""
        if self._unwritten:
            staying: list[NewRow] = []
            coming: list[NewRow] = []
            for key, record in self._unwritten.items():
                stands = self._standing.get(key)
                stays = stands is not None and _place(stands) == _place(record)
                (staying if stays else coming).append(self._row(key, record))
            if coming:
                self.rows.put(self.state.id, coming)
            if staying:
                self.rows.rewrite(self.state.id, staying)
            self._standing |= self._unwritten
            self._unwritten = {}
        if self._counts:
            self.rows.set_counters(self.state.id, ((*named, n) for named, n in self._counts.items()))
            self._counts = {}

    @property
    def changes(self) -> list[Change]:
        """What this transaction changed, for the journal."""
        return [
            (kind, id_, before, after)
            for (kind, id_), before in self._before.items()
            if (after := self._seen[kind, id_]) is not None and after != before
        ]

    def _row(self, key: Key, record: Record) -> NewRow:
        return NewRow(
            *key, record.shelf, record.place, record.nth, int(key in self._of_base), _encode(record)
        )


def _place(record: Record) -> tuple[str, int, int]:
    return (record.shelf, record.place, record.nth)
