"""The base of a world: the cast and the crowd around it, laid out around the world's first day.

A base belongs to a seed and a day, not to a world: it never changes, lies in memory once, and
every world of that seed and day stands on it. It comes in three layers, and whoever asks for
the cast alone waits for none of the others: the cast, the town (what is for sale), the crowd
(who bought it).
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from threading import RLock

from msgspec.structs import replace

from sandbox.domain.books import spot
from sandbox.domain.moments import Millis, midnight
from sandbox.domain.records import (
    AccessCode,
    Booking,
    CheckIn,
    Client,
    CopayOption,
    CopayPurchase,
    CreditPackage,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lot,
    Package,
    Provider,
    Record,
    Service,
    SpaDay,
    StudioClass,
    Transaction,
)
from sandbox.world.chance import is_invented
from sandbox.world.crowd import crowd_of
from sandbox.world.fixtures import Cast, Check, unchecked
from sandbox.world.town import town_of

BASES_KEPT = 16

FOR_SALE = frozenset(
    kind.kind for kind in (Package, CreditPackage, Provider, Service, CopayOption, StudioClass)
)
OF_PEOPLE = frozenset(
    kind.kind
    for kind in (
        *(Client, IssuedPass, Lot, Transaction, CreditPurchase, CopayPurchase),
        *(Instance, Booking, SpaDay, AccessCode, CheckIn),
    )
)


class Layer:
    """Records by id and by shelf. A kind is put in order when somebody first asks for it."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._kinds: dict[str, list[Record]] = {}
        for record in records:
            self._kinds.setdefault(record.kind, []).append(record)
        self._by_id: dict[str, dict[str, Record]] = {}
        self._shelves: dict[str, dict[str, list[Record]]] = {}

    def find(self, kind: str, id_: str) -> Record | None:
        known = self._by_id.get(kind)
        if known is None:
            known = self._by_id[kind] = {record.id: record for record in self.all(kind)}
        return known.get(id_)

    def shelf(self, kind: str, shelf: str) -> list[Record]:
        shelves = self._shelves.get(kind)
        if shelves is None:
            shelves = self._shelves[kind] = _shelved(self.all(kind))
        return shelves.get(shelf, [])

    def all(self, kind: str) -> list[Record]:
        return self._kinds.get(kind, [])


class Base:
    def __init__(self, cast: list[Record], seed: int, start: Millis) -> None:
        self._cast = Layer(numbered(cast))
        self._cast_records = cast
        self._seed = seed
        self._start = start
        self._lock = RLock()
        self._joined: dict[tuple[str, str], Sequence[Record]] = {}

    def find(self, kind: str, id_: str) -> Record | None:
        found = self._cast.find(kind, id_)
        if found is None and is_invented(id_):
            return self._around(kind).find(kind, id_)
        return found

    def shelf(self, kind: str, shelf: str) -> Sequence[Record]:
        """What stands there, rising by (place, nth)."""
        if not _may_hold_crowd(kind, shelf):
            return self._cast.shelf(kind, shelf)
        joined = self._joined.get((kind, shelf))
        if joined is None:
            both = [*self._cast.shelf(kind, shelf), *self._around(kind).shelf(kind, shelf)]
            joined = self._joined[kind, shelf] = sorted(both, key=spot)
        return joined

    def all(self, kind: str) -> list[Record]:
        return [*self._cast.all(kind), *self._around(kind).all(kind)]

    def _around(self, kind: str) -> Layer:
        """The layer around the cast in which things of this kind are."""
        with self._lock:
            if kind in FOR_SALE:
                return self._town
            return self._crowd if kind in OF_PEOPLE else _NOTHING

    @cached_property
    def _town(self) -> Layer:
        return Layer(town_of(self._seed).inventory(self._start))

    @cached_property
    def _crowd(self) -> Layer:
        return Layer(crowd_of(self._seed, self._start, self._cast_records))


class Bases:
    """Finds the base of a seed and a day; keeps the few that were asked for last."""

    def __init__(self, cast: Cast, check: Check = unchecked) -> None:
        self._cast = cast
        self._check = check
        self._kept: OrderedDict[tuple[int, date], Base] = OrderedDict()
        self._lock = RLock()

    def at(self, seed: int, start_day: date) -> Base:
        """The base of a world with this seed that starts on this business day, at whatever hour."""
        key = (seed, start_day)
        with self._lock:
            base = self._kept.get(key)
            if base is not None:
                self._kept.move_to_end(key)
                return base
            start = midnight(start_day)
            base = self._kept[key] = Base(self._cast.on(start, self._check), seed, start)
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


def _may_hold_crowd(kind: str, shelf: str) -> bool:
    """Shelves are named after ids, but for those of a whole kind and those of codes."""
    return not shelf or is_invented(shelf) or kind == AccessCode.kind


def _shelved(records: Iterable[Record]) -> dict[str, list[Record]]:
    shelves: dict[str, list[Record]] = {}
    for record in records:
        shelves.setdefault(record.shelf, []).append(record)
    for standing in shelves.values():
        standing.sort(key=spot)
    return shelves


_NOTHING = Layer(())
