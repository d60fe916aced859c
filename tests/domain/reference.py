"""A second, smaller telling of who holds what and what pays, to hold the rules against.

It shares no code with the rules but the calendar. It keeps its own purses, visit books and
bookings, decides for itself what a stay is paid with, and leaves it to the machine to compare.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sandbox.domain.moments import plus_months
from sandbox.domain.records import Category, Package, Provider

MONTHS = {"monthly": 1, "annually": 12, "MONTHLY": 1, "ANNUALLY": 12}
SIX_HOURS = 6 * 3_600_000
A_MINUTE = 60_000

Way: TypeAlias = Literal["credits", "own visit", "bought visit", "gym co-pay", "spa co-pay"]


@dataclass(eq=False)
class PurseLot:
    expires: int | None
    granted: int
    left: int
    void: bool = False

    def over(self, now: int) -> bool:
        return self.void or (self.expires is not None and self.expires <= now)


@dataclass
class Purse:
    """A client's credits: lots in the order they came."""

    lots: list[PurseLot] = field(default_factory=list)

    def add(self, count: int, expires: int | None) -> PurseLot:
        self.lots.append(PurseLot(expires, count, count))
        return self.lots[-1]

    def balance(self, now: int) -> int:
        return sum(lot.left for lot in self.lots if not lot.over(now))

    def spend(self, cost: int, now: int) -> list[tuple[PurseLot, int]]:
        assert 0 <= cost <= self.balance(now), "more was spent than there was"
        never = 2**60
        live = sorted(
            (lot for lot in self.lots if lot.left and not lot.over(now)), key=lambda lot: lot.expires or never
        )
        parts: list[tuple[PurseLot, int]] = []
        for lot in live:
            taken = min(cost, lot.left)
            if taken:
                lot.left -= taken
                cost -= taken
                parts.append((lot, taken))
        return parts


@dataclass
class BoughtLot:
    category: Category
    bought: int
    lapses: int
    count: int
    used: int = 0


@dataclass
class VisitBook:
    """The visits of one pass."""

    package: Package
    starts: int
    used: Counter[tuple[str, int]] = field(default_factory=Counter)
    bought: list[BoughtLot] = field(default_factory=list)

    def covers(self, provider: Provider) -> bool:
        return any(
            rule.type == provider.category and provider.tier in rule.tiers for rule in self.package.categories
        )

    def period(self, category: Category, now: int) -> int:
        months = next(MONTHS[rule.duration] for rule in self.package.categories if rule.type == category)
        nth = 0
        while plus_months(self.starts, (nth + 1) * months) <= now:
            nth += 1
        return nth

    def own_left(self, category: Category, now: int) -> bool:
        allowed = next(rule.visits_allowed for rule in self.package.categories if rule.type == category)
        return allowed is None or self.used[category, self.period(category, now)] < allowed

    def next_bought(self, category: Category, now: int) -> BoughtLot | None:
        usable = [
            lot
            for lot in self.bought
            if lot.category == category and lot.used < lot.count and now < lot.lapses
        ]
        return min(usable, key=lambda lot: (lot.lapses, lot.bought), default=None)

    def used_up(self, category: Category, now: int) -> bool:
        return not self.own_left(category, now) and self.next_bought(category, now) is None

    def buy(self, category: Category, count: int, duration: str, now: int) -> None:
        self.bought.append(BoughtLot(category, now, plus_months(now, MONTHS[duration]), count))


@dataclass
class Copay:
    """A co-pay that was bought; of a spa it pays one booking of exactly these services."""

    price: int
    payer: str
    until: int
    visits: int | None
    service_ids: frozenset[str]
    used: int = 0

    def runs(self, now: int) -> bool:
        return now < self.until and (self.visits is None or self.used < self.visits)


@dataclass
class Slip:
    """What a stay was paid with, kept so that it can be returned."""

    way: Way
    parts: list[tuple[PurseLot, int]] = field(default_factory=list)
    period: tuple[str, int] | None = None
    lot: BoughtLot | None = None
    copay: Copay | None = None
    returned: bool = False

    @property
    def credits(self) -> int:
        return sum(amount for _, amount in self.parts)

    @property
    def visits(self) -> int:
        return int(self.way in ("own visit", "bought visit", "gym co-pay"))

    @property
    def kobo(self) -> int:
        return self.copay.price if self.way == "spa co-pay" and self.copay else 0


@dataclass
class Stay:
    """What is to be paid: a place, on a pass, perhaps with a price in credits."""

    client_id: str
    book: VisitBook
    provider: Provider
    cost: int | None
    service_ids: frozenset[str] = frozenset()


@dataclass
class Entry:
    """A booking as the reference remembers it."""

    slip: Slip
    made: int
    starts: int
    ends: int
    confirmed: int | None = None
    closed: str | None = None

    def status(self, now: int) -> str:
        if self.closed:
            return self.closed
        if now >= self.ends:
            return "COMPLETED"
        confirmed = self.made + A_MINUTE if self.confirmed is None else self.confirmed
        return "CONFIRMED" if now >= min(confirmed, self.made + A_MINUTE) else "PENDING"


@dataclass
class Reference:
    funds: dict[str, int]
    purses: dict[str, Purse] = field(default_factory=dict)
    visit_books: dict[str, VisitBook] = field(default_factory=dict)
    copays: dict[tuple[str, str], dict[str, Copay]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    check_ins: list[Slip] = field(default_factory=list)

    def purse(self, client_id: str) -> Purse:
        return self.purses.setdefault(client_id, Purse())

    def way(self, stay: Stay, now: int) -> Way | None:
        """What would pay; None where something would have to be bought first."""
        covered, category = stay.book.covers(stay.provider), stay.provider.category
        if covered and stay.cost is not None:
            return "credits"
        if covered and not stay.book.used_up(category, now):
            return "own visit" if stay.book.own_left(category, now) else "bought visit"
        if category == "SPA":
            return "spa co-pay" if self.copays_in_hand(stay, now) else None
        if covered or not self.copays_in_hand(stay, now):
            return None
        return "gym co-pay" if stay.cost is None else "credits"

    def copays_in_hand(self, stay: Stay, now: int) -> dict[str, Copay]:
        bought = self.copays.get((stay.client_id, stay.provider.id), {})
        return {
            id_: copay
            for id_, copay in bought.items()
            if copay.runs(now) and copay.service_ids == stay.service_ids
        }

    def pay(self, stay: Stay, now: int, copay_id: str = "") -> Slip:
        """Take what pays. Where several co-pays would, the one that was taken is as good as another."""
        way, category = self.way(stay, now), stay.provider.category
        assert way is not None, "nothing could have paid for this"
        if way == "credits":
            assert stay.cost is not None
            return Slip(way, parts=self.purse(stay.client_id).spend(stay.cost, now))
        if way == "own visit":
            period = (category, stay.book.period(category, now))
            stay.book.used[period] += 1
            return Slip(way, period=period)
        if way == "bought visit":
            lot = stay.book.next_bought(category, now)
            assert lot is not None
            lot.used += 1
            return Slip(way, lot=lot)
        copay = self.copays_in_hand(stay, now)[copay_id]
        copay.used += 1
        return Slip(way, copay=copay)

    def give_back(self, slip: Slip, book: VisitBook, now: int) -> None:
        assert not slip.returned, "returned twice"
        slip.returned = True
        for lot, amount in slip.parts:
            lot.left += 0 if lot.over(now) else amount
        if slip.period is not None:
            book.used[slip.period] -= 1
        if slip.lot is not None:
            slip.lot.used -= 1
        if slip.way == "gym co-pay" and slip.copay:
            slip.copay.used -= 1
        if slip.way == "spa co-pay" and slip.copay:
            self.funds[slip.copay.payer] += slip.copay.price
