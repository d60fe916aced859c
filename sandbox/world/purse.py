"""A person's credits while her life is told: the lots, and the ledger's lines."""

from typing import Literal

from msgspec.structs import replace

from sandbox.domain.books import spot
from sandbox.domain.moments import Millis
from sandbox.domain.records import Lot, Record, Spent, Transaction
from sandbox.world.chance import invent_id

Source = Literal["purchase", "grant", "adjustment"]


class Purse:
    def __init__(self, seed: int, client_id: str) -> None:
        self._seed = seed
        self._client_id = client_id
        self._lots: dict[str, Lot] = {}
        self._lines: list[Transaction] = []

    @property
    def held(self) -> int:
        return sum(lot.remaining for lot in self._lots.values())

    @property
    def records(self) -> list[Record]:
        return [*self._lots.values(), *self._lines]

    def receive(
        self, moment: Millis, count: int, expires: Millis | None, origin: tuple[Source, str], why: str
    ) -> Lot:
        n = len(self._lots)
        lot = Lot(
            id=invent_id(self._seed, "lot", self._client_id, n),
            created=moment,
            nth=n - 1000,
            client_id=self._client_id,
            source=origin[0],
            source_id=origin[1],
            granted=count,
            remaining=count,
            expires=expires,
        )
        self._lots[lot.id] = lot
        self._write(moment, count, why, lot.id)
        return lot

    def spend(self, moment: Millis, cost: int, why: str) -> tuple[Spent, ...] | None:
        """Soonest expiry first, then oldest (CRED-6). None: there are not enough."""
        live = [lot for lot in self._lots.values() if lot.remaining and lot.place > moment]
        if sum(lot.remaining for lot in live) < cost:
            return None
        spent = []
        for lot in sorted(live, key=spot):
            taken = min(lot.remaining, cost)
            self._lots[lot.id] = replace(lot, remaining=lot.remaining - taken)
            spent.append(Spent(lot_id=lot.id, amount=taken))
            cost -= taken
            if not cost:
                break
        self._write(moment, -sum(part.amount for part in spent), why)
        return tuple(spent)

    def take_back(self, moment: Millis, spent: tuple[Spent, ...], why: str) -> int:
        """To the lots they came from; to one that lapsed meanwhile they return only to go (CRED-8)."""
        for part in spent:
            lot = self._lots[part.lot_id]
            self._write(moment, part.amount, why, lot.id)
            if lot.place > moment:
                self._lots[lot.id] = replace(lot, remaining=lot.remaining + part.amount)
            else:
                self._write(moment, -part.amount, "Returned to a lot that is over", lot.id)
        return sum(part.amount for part in spent)

    def _write(self, moment: Millis, amount: int, why: str, lot_id: str = "") -> None:
        n = len(self._lines)
        self._lines.append(
            Transaction(
                id=invent_id(self._seed, "transaction", self._client_id, n),
                created=moment,
                nth=n - 1000,
                client_id=self._client_id,
                type="CREDIT" if amount > 0 else "DEBIT",
                amount=abs(amount),
                description=why,
                lot_id=lot_id,
            )
        )
