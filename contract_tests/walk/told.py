"""What a walk was told: its people, passes, bookings and sessions, as the answers so far have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract_tests.stock import Seat, Thing, category_for

UNTIL_CONFIRMED_MS = 60_000
RETURNS_BEFORE_MS = 6 * 3_600_000
FEW_VISITS = 4  # of a co-pay: all sold by known inventories have more


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the walk, by the names openapi.yaml has for its parts."""

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    token: str | None = None
    handed: frozenset[str] = frozenset()  # the names of what a link handed over
    link: str | None = None  # the link that led here, where everything it hands over was there

    @property
    def sent(self) -> Mapping[str, Any]:
        return self.body or {}

    @property
    def id(self) -> str:
        """The thing its path names."""
        return next(iter(self.path.values()), "")


@dataclass(slots=True)
class Pass:
    id: str
    client: str
    package: Thing
    starts: int
    expires: int
    passcode: Any
    cancelled: bool = False

    def active(self, now: int) -> bool:
        return not self.cancelled and self.starts <= now < self.expires

    def covers(self, gym: Thing) -> bool:
        return category_for(self.package, gym) is not None

    def unlimited_at(self, gym: Thing) -> bool:
        category = category_for(self.package, gym)
        return category is not None and category.get("visits_allowed") is None

    @property
    def always_has_visits(self) -> bool:
        return any(c.get("visits_allowed") is None for c in self.package.get("categories") or [])


@dataclass(slots=True)
class Client:
    id: str
    names: dict[str, Any] = field(default_factory=dict)
    balance: int = 0
    passes: list[Pass] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    copays: dict[str, int] = field(default_factory=dict)  # gym → bookings since its co-pay was bought
    spa_copays: set[tuple[str, frozenset[str]]] = field(default_factory=set)

    def holds(self, instance: str) -> bool:
        return any(b.alive and b.seat is not None and b.seat.id == instance for b in self.bookings)

    def active(self, now: int) -> list[Pass]:
        return [pass_ for pass_ in self.passes if pass_.active(now)]

    def runs_copay(self, gym: str) -> bool:
        return self.copays.get(gym, FEW_VISITS) < FEW_VISITS

    def bought_copay(self, gym: str) -> bool:
        return gym in self.copays


@dataclass(slots=True)
class Booking:
    id: str
    client: Client
    made: int
    starts: int  # milliseconds, whatever the API says it in
    kind: str
    seat: Seat | None = None
    pass_: Pass | None = None
    paid: int = 0
    ended: str = ""  # CANCELLED or RESCHEDULED, once the walk has done it

    @property
    def alive(self) -> bool:
        return not self.ended

    def statuses(self, now: int, exact: bool) -> tuple[str, ...]:
        """What it may read now. `exact`: the clock is ours, so it is known to the millisecond."""
        if self.ended:
            return (self.ended,)
        if not exact:
            return ("PENDING", "CONFIRMED")
        return ("PENDING",) if now < self.made + UNTIL_CONFIRMED_MS else ("CONFIRMED",)

    def returns_at(self, now: int) -> int:
        """The credits an end now gives back."""
        return self.paid if self.starts - now >= RETURNS_BEFORE_MS else 0


@dataclass(slots=True)
class Session:
    id: str
    client: Client
    expires: int
    pass_: Pass | None
    seat: Seat | None = None
    provider: Thing | None = None
    services: frozenset[str] = frozenset()
    copay_due: bool = False
    visits_due: bool = False
    options: tuple[str, ...] = ()
    credits: int = 0
    slot: Any = None
    paid: bool = False
    over: str = ""  # used, or replaced by a newer one

    def open(self, now: int) -> bool:
        return not self.over and now < self.expires


@dataclass(slots=True)
class Quote:
    id: str
    client: Client
    provider: Thing
    services: frozenset[str]
    amount: int
    expires: int
    used: bool = False


@dataclass(slots=True)
class Told:
    """All of it, for one scenario."""

    clients: dict[str, Client] = field(default_factory=dict)
    passes: dict[str, Pass] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    class_sessions: dict[str, Session] = field(default_factory=dict)
    spa_sessions: dict[str, Session] = field(default_factory=dict)
    code_sessions: dict[str, Session] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    spots: dict[str, int] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    facts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    def client(self, client_id: str) -> Client:
        return self.clients.setdefault(client_id, Client(client_id))

    def holding(self, client: Client, seat: Seat) -> list[Session]:
        """Open sessions of hers for that instance."""
        return [
            s
            for s in self.class_sessions.values()
            if not s.over and s.client is client and s.seat is not None and s.seat.id == seat.id
        ]

    def take_spot(self, seat: Seat, spots: int) -> None:
        if seat.id in self.spots:
            self.spots[seat.id] -= spots


# what may change about a thing without anybody lying
MOVING = {
    *("status", "message", "updated", "spots_left", "expires_at", "passcode", "visits_deducted"),
    *("distance_km", "object", "id", "booking_id", "session_id"),
}
SAME_THING = {"booking_status": "booking", "class_booking_initiation": "booking"}
OF_NO_MEMORY = {"client", "credits", "list", "availability", "passcode"}


def facts_in(body: Any) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Every thing with a name in an answer, and what the answer says of it that does not change."""
    if isinstance(body, list):
        for item in body:
            yield from facts_in(item)
    if not isinstance(body, dict):
        return
    kind = str(body.get("object", ""))
    id_ = body.get("booking_id") if kind == "class_booking_initiation" else body.get("id")
    if kind and kind not in OF_NO_MEMORY and isinstance(id_, str):
        facts = {n: v for n, v in body.items() if n not in MOVING and not isinstance(v, dict | list)}
        yield (SAME_THING.get(kind, kind), id_), facts
    for value in body.values():
        yield from facts_in(value)
