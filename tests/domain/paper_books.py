"""Books kept in a dict: enough of a world to try a rule on, without store, spec or HTTP."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar, cast

from sandbox.domain.books import A_FEW, Spot
from sandbox.domain.moments import Millis
from sandbox.domain.records import Record

R = TypeVar("R", bound=Record)

SOME_MOMENT = Millis(1_790_000_000_000)


@dataclass
class PaperBooks:
    now: Millis = SOME_MOMENT
    seed: int = 1
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)

    def find(self, kind: type[R], id_: str) -> R | None:
        found = self.records.get((kind.kind, id_))
        assert found is None or isinstance(found, kind)
        return found

    def put(self, record: Record) -> None:
        self.records[record.kind, record.id] = record

    def rising(
        self,
        kind: type[R],
        shelf: str = "",
        above: Spot | None = None,
        first: int = A_FEW,
    ) -> Iterator[R]:
        return (r for r in self._shelf(kind, shelf) if above is None or (r.place, r.nth) > above)

    def falling(
        self,
        kind: type[R],
        shelf: str = "",
        below: Spot | None = None,
        first: int = A_FEW,
    ) -> Iterator[R]:
        return (r for r in reversed(self._shelf(kind, shelf)) if below is None or (r.place, r.nth) < below)

    def between(self, kind: type[R], shelf: str, low: int, high: int) -> Iterator[R]:
        return (r for r in self._shelf(kind, shelf) if low <= r.place < high)

    def name(self, kind: type[R], parent: str = "") -> tuple[str, int]:
        nth = self.counters.get((kind.kind, parent), 0) + 1
        self.counters[kind.kind, parent] = nth
        return f"{kind.kind}_{self.draw(parent, str(nth)):016x}", nth

    def draw(self, purpose: str, about: str) -> int:
        text = f"{self.seed}/{purpose}/{about}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())

    def _shelf(self, kind: type[R], shelf: str) -> list[R]:
        standing = [r for (name, _), r in self.records.items() if name == kind.kind and r.shelf == shelf]
        return sorted(cast(list[R], standing), key=lambda r: (r.place, r.nth))
