"""The desk on which records lie while what somebody wrote is read: on top of what is there already."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from sandbox.domain.moments import Millis
from sandbox.domain.records import Record

R = TypeVar("R", bound=Record)

Attributes: TypeAlias = dict[str, Any]  # of the record that is being made
Acts: TypeAlias = Mapping[str, Any]  # what was written beyond the record's own fields


class Unfit(Exception):
    """A value that no record can have; `field` is the name the file gives it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def _none_there(_kind: type[Record]) -> Iterable[str]:
    return ()


class Spoilt(Exception):
    """What a record names has a mistake of its own: that one is told, and no second one made of it."""


class Desk:
    """`found` gives what is there below; `there` the ids of a kind, for whoever mistyped one."""

    def __init__(
        self,
        start: Millis,
        found: Callable[[type[Record], str], Record | None],
        there: Callable[[type[Record]], Iterable[str]] = _none_there,
    ) -> None:
        self.start = start
        self.placed: dict[tuple[type[Record], str], Record] = {}
        self.spoilt: set[tuple[type[Record], str]] = set()
        self._found = found
        self._there = there

    def find(self, kind: type[R], id_: Any) -> R | None:
        if not isinstance(id_, str):
            return None
        record = self.placed.get((kind, id_)) or self._found(kind, id_)
        return record if isinstance(record, kind) else None

    def known(self, kind: type[R], id_: Any, field: str) -> R:
        """The record a field names, or the field is unfit."""
        record = self.find(kind, id_)
        if (kind, id_) in self.spoilt:
            raise Spoilt
        if record is None:
            raise Unfit(field, f"No {kind.noun} has the id '{id_}'." if id_ else f"Name the {kind.noun}.")
        return record

    def ids(self, kind: type[Record]) -> list[str]:
        return [*(id_ for of_kind, id_ in self.placed if of_kind is kind), *self._there(kind)]

    def put(self, record: Record) -> None:
        self.placed[type(record), record.id] = record


def spell(about: str, alphabet: str, length: int = 8) -> str:
    """A word that follows from what it is about: the same in every world."""
    digest = hashlib.blake2b(about.encode(), digest_size=length).digest()
    return "".join(alphabet[byte % len(alphabet)] for byte in digest)
