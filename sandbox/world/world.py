"""A world as one transaction sees it: the base below, what happened since above.

The base (cast and crowd) is the same for every world of its seed and first day, lies in memory
and never changes; the store holds only records that came or changed since. So a world costs a
row to make, and a reset forgets exactly what happened.
"""

import hashlib
from base64 import b32encode
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import TypeVar, cast

import msgspec

from sandbox.domain.books import Spot
from sandbox.domain.moments import Millis
from sandbox.domain.records import KINDS, Record
from sandbox.store import Rows
from sandbox.store.rows import NewRow, Shelved
from sandbox.world.base import Base
from sandbox.world.state import WorldState

R = TypeVar("R", bound=Record)

FIRST_READ, MOST_READ = 32, 512  # rows fetched at once: few for a page, more for a long walk

PREFIXES = {  # CONV-8
    "issued_pass": "brgpass_",
    "class_instance": "ci_",
    "session": "sess_",
    "copay_option": "copay_",
    "copay_purchase": "cpp_",
    "credit_package": "cpkg_",
    "credit_purchase": "crp_",
    "lookup": "lkp_",
    "transaction": "txn_",
    "access_code": "code_",
    "provider": "prov_",
    "service": "svc_",
    "message": "msg_",
}

_encode = msgspec.json.Encoder().encode
_decoders = {kind: msgspec.json.Decoder(record) for kind, record in KINDS.items()}

Change = tuple[str, str, Record | None, Record]  # kind, id, before, after


class World:
    """Implements `sandbox.domain.books.Books` over a store's rows."""

    def __init__(self, rows: Rows, state: WorldState, base: Base) -> None:
        self.rows = rows
        self.state = state
        self.base = base
        self.now: Millis = state.now
        self._seen: dict[tuple[str, str], Record | None] = {}
        self._before: dict[tuple[str, str], Record | None] = {}
        self._unwritten: dict[tuple[str, str], Record] = {}

    # --- one record ---

    def find(self, kind: type[R], id_: str) -> R | None:
        key = (kind.kind, id_)
        if key in self._seen:
            return cast(R | None, self._seen[key])
        body = self.rows.record(self.state.id, kind.kind, id_)
        record: Record | None = (
            self.base.find(kind.kind, id_) if body is None else _decoders[kind.kind].decode(body)
        )
        self._seen[key] = record
        return cast(R | None, record)

    def put(self, record: Record) -> None:
        key = (record.kind, record.id)
        if key not in self._before:
            self._before[key] = self.find(type(record), record.id)
        self._seen[key] = self._unwritten[key] = record

    # --- shelves ---

    def rising(self, kind: type[R], shelf: str = "", above: Spot | None = None) -> Iterator[R]:
        return self._walk(kind, shelf, above, rising=True)

    def falling(self, kind: type[R], shelf: str = "", below: Spot | None = None) -> Iterator[R]:
        return self._walk(kind, shelf, below, rising=False)

    def between(self, kind: type[R], shelf: str, low: int, high: int) -> Iterator[R]:
        for record in self._walk(kind, shelf, (low, -(2**62)), rising=True):
            if record.place >= high:
                return
            yield record

    def all(self, kind: type[R]) -> list[R]:
        """Every record of a kind, for those who look at the whole world: console, export."""
        self.write_out()
        decode = _decoders[kind.kind].decode
        changed = {
            record.id: record for record in map(decode, self.rows.all_of_kind(self.state.id, kind.kind))
        }
        below = [record for record in self.base.all(kind.kind) if record.id not in changed]
        return sorted(below + list(changed.values()), key=_spot)

    def _walk(self, kind: type[R], shelf: str, edge: Spot | None, *, rising: bool) -> Iterator[R]:
        self.write_out()
        ours = self._happened(kind, shelf, edge, rising=rising)
        below = cast(Sequence[R], self.base.shelf(kind.kind, shelf))
        if not below:
            return ours
        hidden = self.rows.over_base(self.state.id, kind.kind)
        theirs = (
            record
            for record in (below if rising else reversed(below))
            if record.id not in hidden and (edge is None or _is_beyond(record, edge, rising=rising))
        )
        return merge(ours, theirs, key=_spot, reverse=not rising)

    def _happened(self, kind: type[R], shelf: str, edge: Spot | None, *, rising: bool) -> Iterator[R]:
        read = self.rows.rising if rising else self.rows.falling
        size = FIRST_READ
        while True:
            rows: list[Shelved] = read(self.state.id, kind.kind, shelf, edge, size)
            yield from (self._recognise(kind, row) for row in rows)
            if len(rows) < size:
                return
            edge, size = (rows[-1].place, rows[-1].nth), min(size * 4, MOST_READ)

    def _recognise(self, kind: type[R], row: Shelved) -> R:
        record = _decoders[kind.kind].decode(row.body)
        return cast(R, self._seen.setdefault((kind.kind, record.id), record))

    # --- names and chance ---

    def name(self, kind: type[R], parent: str = "") -> tuple[str, int]:
        nth = self.rows.count_up(self.state.id, kind.kind, parent)
        digest = self._digest(f"made/{kind.kind}/{parent}/{nth}", 10)
        return PREFIXES.get(kind.kind, kind.kind + "_") + b32encode(digest).decode(), nth

    def draw(self, purpose: str, about: str) -> int:
        return int.from_bytes(self._digest(f"draw/{purpose}/{about}", 8))

    def _digest(self, text: str, size: int) -> bytes:
        return hashlib.blake2b(text.encode(), key=b"%d" % self.state.seed, digest_size=size).digest()

    # --- the end of a transaction ---

    def write_out(self) -> None:
        """Hand over what was put, before a shelf is read and before the commit."""
        if self._unwritten:
            self.rows.put(self.state.id, map(self._row, self._unwritten.values()))
            self._unwritten = {}

    @property
    def changes(self) -> list[Change]:
        """What this transaction changed, for the journal."""
        return [
            (kind, id_, before, after)
            for (kind, id_), before in self._before.items()
            if (after := self._seen[kind, id_]) is not None and after != before
        ]

    def _row(self, record: Record) -> NewRow:
        of_base = self.base.find(record.kind, record.id) is not None
        return NewRow(
            record.kind, record.id, record.shelf, record.place, record.nth, int(of_base), _encode(record)
        )


def _spot(record: Record) -> Spot:
    return (record.place, record.nth)


def _is_beyond(record: Record, edge: Spot, *, rising: bool) -> bool:
    return _spot(record) > edge if rising else _spot(record) < edge
