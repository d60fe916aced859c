"""A base as books to read in, and what its records say about one another."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import TypeVar

from sandbox import places
from sandbox.domain.moments import Millis, midnight
from sandbox.domain.records import KINDS, Record
from sandbox.world.base import Base, Bases
from sandbox.world.fixtures import read_cast
from tests.domain.paper_books import PaperBooks

R = TypeVar("R", bound=Record)

CAST = read_cast(places.FIXTURES)
A_TUESDAY = date(2026, 5, 12)


def base_of(seed: int = 7, day: date = A_TUESDAY) -> Base:
    return _base(seed, day)


@cache
def _base(seed: int, day: date) -> Base:
    return Bases(CAST).at(seed, day)


@cache
def all_of(kind: type[R], seed: int = 7, day: date = A_TUESDAY) -> tuple[R, ...]:
    return tuple(record for record in base_of(seed, day).all(kind.kind) if isinstance(record, kind))


def everything(seed: int = 7, day: date = A_TUESDAY) -> Iterator[Record]:
    for kind in KINDS:
        yield from base_of(seed, day).all(kind)


@cache
def books_at(hours: int = 0, seed: int = 7, day: date = A_TUESDAY) -> PaperBooks:
    """The base as books that are read some hours after the first day began."""
    books = BaseBooks(now=Millis(midnight(day) + hours * 3_600_000))
    books.base = base_of(seed, day)
    return books


class BaseBooks(PaperBooks):
    base: Base

    def find(self, kind: type[R], id_: str) -> R | None:
        found = self.base.find(kind.kind, id_)
        assert found is None or isinstance(found, kind)
        return found

    def _shelf(self, kind: type[R], shelf: str) -> list[R]:
        return [record for record in self.base.shelf(kind.kind, shelf) if isinstance(record, kind)]
