"""The books: how a rule reads and writes the world it is applied to.

A rule gets `Books` as an argument and with it everything that is not pure thought: the
records, the moment, new ids, and chance (derived from the world's seed, so the same world
throws the same dice). Behind it may stand a store with a transaction (`sandbox.world`) or a
dict in a test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from sandbox.domain.moments import Millis
from sandbox.domain.records import Record

R = TypeVar("R", bound=Record)
Spot: TypeAlias = tuple[int, int]  # (place, nth): where a record stands on its shelf
A_FEW = 24  # records: what someone who walks along a shelf mostly looks at


def spot(record: Record) -> Spot:
    return (record.place, record.nth)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the reseller's account, and the lookup token it showed, if any."""

    account_id: str
    lookup_token: str | None = None


class Books(Protocol):
    @property
    def now(self) -> Millis: ...

    def find(self, kind: type[R], id_: str) -> R | None:
        """The record as it stands in this transaction, what was put before included."""

    def put(self, record: Record) -> None:
        """Write the record, new or changed. Gone again if the rule raises."""

    def rising(
        self, kind: type[R], shelf: str = "", above: Spot | None = None, first: int = A_FEW
    ) -> Iterator[R]:
        """The shelf's records, smallest `(place, nth)` first. Lazy: stop when you have seen enough.

        `first` is how many that will probably be: as many are read at once.
        """

    def falling(
        self, kind: type[R], shelf: str = "", below: Spot | None = None, first: int = A_FEW
    ) -> Iterator[R]:
        """The shelf's records, greatest `(place, nth)` first: newest first where place is `created`."""

    def between(self, kind: type[R], shelf: str, low: int, high: int) -> Iterator[R]:
        """The shelf's records with `low <= place < high`, rising."""

    def name(self, kind: type[R], parent: str = "") -> tuple[str, int]:
        """A new id for a record of this kind, and its `nth`, counted on `parent`.

        The parent is the shelf the record is listed on, so that `nth` agrees with the order of making.
        """

    def draw(self, purpose: str, about: str) -> int:
        """Sixty-four bits of chance that belong to this world, purpose and thing: a passcode's, a code's."""
