"""The base of a world: the cast and the crowd around it, laid out around the world's first day.

A base belongs to a seed and a day, not to a world: it never changes, lies in memory once, and
every world of that seed and day stands on it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from threading import Lock

from msgspec.structs import replace

from sandbox.domain.moments import Millis, midnight
from sandbox.domain.records import Lot, Record
from sandbox.world.fixtures import Cast, Check, unchecked

BASES_KEPT = 8


class Base:
    def __init__(self, cast: Iterable[Record]) -> None:
        self._by_id: dict[tuple[str, str], Record] = {}
        self._shelves: dict[tuple[str, str], list[Record]] = {}
        for record in numbered(cast):
            self._by_id[record.kind, record.id] = record
            self._shelves.setdefault((record.kind, record.shelf), []).append(record)
        for shelf in self._shelves.values():
            shelf.sort(key=_spot)

    def find(self, kind: str, id_: str) -> Record | None:
        return self._by_id.get((kind, id_))

    def shelf(self, kind: str, shelf: str) -> Sequence[Record]:
        """What stands there, rising by (place, nth)."""
        return self._shelves.get((kind, shelf), ())

    def all(self, kind: str) -> list[Record]:
        return [record for (of_kind, _), record in self._by_id.items() if of_kind == kind]


class Bases:
    """Finds the base of a seed and a day; keeps the few that were asked for last."""

    def __init__(self, cast: Cast, check: Check = unchecked) -> None:
        self._cast = cast
        self._check = check
        self._kept: OrderedDict[tuple[int, Millis], Base] = OrderedDict()
        self._lock = Lock()

    def at(self, seed: int, start_day: date) -> Base:
        """The base of a world with this seed that starts on this business day, at whatever hour."""
        key = (seed, midnight(start_day))
        with self._lock:
            base = self._kept.pop(key, None) or Base(self._cast.on(key[1], self._check))
            self._kept[key] = base
            if len(self._kept) > BASES_KEPT:
                self._kept.popitem(last=False)
            return base


def numbered(records: Iterable[Record]) -> list[Record]:
    """Gives each its `nth`: of one moment, newest first must mean by rising id (PAGE-9).

    Below zero, so that whatever is made later comes after; a lot's counts for all of its client's,
    for it stands on another shelf once it is spent.
    """
    in_order = sorted(records, key=lambda record: record.id, reverse=True)
    in_order.sort(key=lambda record: (*_family(record), record.created))
    return [
        replace(record, nth=n)
        for _, family in groupby(in_order, _family)
        for n, record in _counted_up_to_minus_one(list(family))
    ]


def _family(record: Record) -> tuple[str, str]:
    return record.kind, record.client_id if isinstance(record, Lot) else record.shelf


def _counted_up_to_minus_one(records: list[Record]) -> Iterable[tuple[int, Record]]:
    return enumerate(records, start=-len(records))


def _spot(record: Record) -> tuple[int, int]:
    return record.place, record.nth
