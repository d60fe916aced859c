"""Givens: the people, passes and bookings a judgement stands on, made through the public API alone.

What cannot be made is `Blocked`, never `Broken`: a target whose set-up fails is judged by the requirement of
that set-up, not by every other one.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract_tests.api import Answer, Api
from contract_tests.stock import LAGOS, Seat, Stock, Thing, Treatment, anything, category_for, covers
from contract_tests.verdict import Blocked

MOST_VISITS_TO_USE_UP = 12
AMPLE = 4  # visits that no test uses up which does not say so
DAYS_OF_SPA_TO_TRY = 12
SEATS_LOOKED_AT = 60
NEARLY_FULL = 12  # classes among which one is chosen to be filled
LASTING = ("annually", "monthly")  # durations of a package with further periods, and of its visits


@dataclass(frozen=True, slots=True)
class Client:
    """A client of ours with a pass."""

    id: str
    pass_id: str
    package: Thing
    issued: Thing

    def fields(self) -> dict[str, Any]:
        return {
            "client_id": self.id,
            "first_name": "Ifeoma",
            "last_name": "Contract",
            "user_pass_id": self.pass_id,
        }


@dataclass(slots=True)
class Given:
    api: Api
    prefix: str
    rng: random.Random
    clock: Callable[[], int] = lambda: int(time.time() * 1000)
    bookings: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _stock: Stock | None = None

    @property
    def stock(self) -> Stock:
        if self._stock is None:
            self._stock = Stock(self.api, self.rng, self.clock)
        return self._stock

    def now_ms(self) -> int:
        return self.clock()

    def today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self.now_ms() / 1000, LAGOS).date()

    def new_id(self, kind: str = "client") -> str:
        """An id nobody used before, in this run or another."""
        return f"{self.prefix}-{kind}-{next(self._numbers)}"

    # people

    def client(self, package: Thing | None = None, **fields: Any) -> Client:
        """A client with a fresh pass, of the package given or of one with ample visits to gyms."""
        package = package or self.ample("GYM")
        client_id = fields.pop("client_id", None) or self.new_id()
        body = {"first_name": "Ifeoma", "last_name": "Contract", **fields}
        answer = self.api.issue_pass(pass_id=package["id"], client_id=client_id, **body)
        issued = answer.given(f"issue the pass {package['id']}")
        if "id" not in issued:
            raise Blocked("issue_pass answered without the id of the pass")
        return Client(client_id, issued["id"], package, issued)

    def insider(self, package: Thing | None = None, **criteria: Any) -> tuple[Client, Seat]:
        """A client whose pass covers a class that nobody needs credits for."""
        held = package or self.ample("GYM")
        seat = self.seat(lambda gym: covers(held, gym), f"that {held['id']} covers", **criteria)
        return self.client(held), seat

    def outsider(
        self,
        *,
        options: bool = True,
        sells: Callable[[Thing], bool] = anything,
        penniless: bool = False,
        **criteria: Any,
    ) -> tuple[Client, Seat]:
        """A client with an active pass, and a class at a gym it leaves out, with options or without.

        A penniless one's pass brought no credits.
        """
        what = "with" if options else "without"
        for package in sorted(self.stock.packages, key=lambda p: p.get("price") or 0):
            if _category(package, "GYM") and not (penniless and _grant(package)):

                def fits(gym: Thing, package: Thing = package) -> bool:
                    if covers(package, gym) or bool(gym.get("copay_available")) is not options:
                        return False
                    return sells is anything or any(map(sells, self.stock.options(gym)))

                seat = _one_of_several(self.stock.seats(fits, **{"most": 12, **criteria}))
                if seat is not None:
                    return self.client(package), seat
        raise Blocked(f"the target's inventory has no class at an uncovered gym {what} co-pay options")

    def without_visits(self, *, lasting: bool = False, alone: bool = False) -> tuple[Client, Seat]:
        """A client who used every visit of the period, and a covered class she has not booked.

        `lasting`: her pass has further periods to come. `alone`: it is good for nothing but gyms.
        """
        package = self.limited("GYM", lasting=lasting, alone=alone)
        allowed = _visits(package, "GYM") or 0
        seats = self.seats(lambda gym: covers(package, gym), allowed + 1, f"that {package['id']} covers")
        client = self.client(package)
        for seat in seats[:-1]:
            self.booking(client, seat)
            self.stock.filled(seat)  # whatever she is to book next, it is none that she has
        return client, seats[-1]

    def with_credits(self, client: Client, at_least: int) -> int:
        """Buys credits until there are enough; the balance."""
        packages = [p for p in self.stock.all("list_credit_packages") if p.get("credits")]
        if not packages:
            raise Blocked("the target's inventory has no credit package")
        balance = self.credits(client)
        lasting = [p for p in packages if p.get("expires_in_days") is None] or packages
        for _ in range(20):
            if balance >= at_least:
                return balance
            package = min(lasting, key=lambda p: (abs(p["credits"] - (at_least - balance)), p["id"]))
            bought = self.api.purchase_credits(client_id=client.id, package_id=package["id"]).given(
                "buy credits"
            )
            balance = bought.get("balance") or self.credits(client)
        raise Blocked(f"could not buy {at_least} credits: the balance stays at {balance}")

    def credits(self, client: Client) -> int:
        return int(self.api.get_client_credits(client.id).given("read credits").get("balance") or 0)

    # packages

    def ample(self, kind: str) -> Thing:
        """Enough for a test that does not count: without limit or, where nothing is sold so, the most."""
        try:
            return self.unlimited(kind)
        except Blocked:
            enough = [package for package in self.stock.packages if (_visits(package, kind) or 0) >= AMPLE]
            if not enough:
                raise

        def suits(package: Thing) -> tuple[bool, int, int]:
            tiers = (_category(package, kind) or {}).get("tiers") or []
            return not _grant(package), len(tiers), _visits(package, kind) or 0

        return max(enough, key=suits)

    def unlimited(self, kind: str) -> Thing:
        """Everything of that kind, without limit of visits and without a grant of credits."""
        for grants in (False, True):
            for tiers in (2, 1):

                def fits(package: Thing, tiers: int = tiers, grants: bool = grants) -> bool:
                    category = _category(package, kind)
                    return (
                        category is not None
                        and category.get("visits_allowed") is None
                        and len(category.get("tiers") or []) >= tiers
                        and (grants or not _grant(package))
                    )

                found = [package for package in self.stock.packages if fits(package)]
                if found:
                    return min(found, key=lambda package: package.get("price") or 0)
        raise Blocked(f"the target's inventory has no package with unlimited {kind} visits")

    def limited(
        self, kind: str, *, most: int = MOST_VISITS_TO_USE_UP, lasting: bool = False, alone: bool = False
    ) -> Thing:
        def fits(package: Thing) -> bool:
            visits, category = _visits(package, kind), _category(package, kind)
            goes_on = category is not None and (package.get("duration"), category.get("duration")) == LASTING
            if alone and len(package.get("categories") or []) != 1:
                return False
            return visits is not None and 0 < visits <= most and (goes_on or not lasting)

        found = [package for package in self.stock.packages if fits(package)]
        if not found:
            kinds = "yearly package" if lasting else "package"
            raise Blocked(f"the target's inventory has no {kinds} with 1 to {most} {kind} visits a period")
        return min(found, key=lambda package: _visits(package, kind) or 0)

    # classes

    def seat(self, fits: Callable[[Thing], bool], what: str, **criteria: Any) -> Seat:
        found = _one_of_several(self.stock.seats(fits, **criteria))
        if found is None:
            raise Blocked(f"the target's inventory has no bookable class instance {what}")
        return found

    def seats(self, fits: Callable[[Thing], bool], count: int, what: str, **criteria: Any) -> list[Seat]:
        found = list(itertools.islice(self.stock.seats(fits, **criteria), count))
        if len(found) < count:
            raise Blocked(
                f"the target's inventory has {len(found)} of the {count} bookable class instances {what}"
            )
        return found

    def book(self, client: Client, seat: Seat, **fields: Any) -> Answer:
        """Asks for a class; what comes back is the test's to judge."""
        answer: Answer = self.api.book_class(class_instance_id=seat.id, **{**client.fields(), **fields})
        if answer.succeeded:
            self.stock.taken(seat)
        elif answer.error.get("code") == "class_full":
            self.api.ledger.contested |= self.stock.has_room(seat)
            self.stock.filled(seat)
        self.remember(answer)
        return answer

    def spots_left(self, seat: Seat) -> int:
        """As many as there are now; where others book too, it may be otherwise when it is asked again."""
        self.api.ledger.contested = True
        return int(self.stock.instance(seat)["spots_left"])

    def booking(self, client: Client, seat: Seat) -> str:
        booked = self.book(client, seat).given("book a covered class")
        if not booked.get("booking_id"):
            raise Blocked("book_class of a covered class answered without booking_id")
        return str(booked["booking_id"])

    def session(self, client: Client, seat: Seat) -> Answer:
        answer = self.book(client, seat)
        if not answer.given("open a booking session").get("session_id"):
            raise Blocked(f"book_class opened no session: {answer.in_words()}")
        return answer

    def confirm(self, session: str, **fields: Any) -> Answer:
        answer: Answer = self.api.confirm_class_booking(session, **fields)
        self.remember(answer)
        return answer

    def remember(self, answer: Answer) -> None:
        """Bookings made here are cancelled when the run ends."""
        made = answer.get("booking_id") or (answer.get("id") if answer.get("object") == "booking" else None)
        if answer.succeeded and isinstance(made, str):
            self.bookings.append(made)

    def only_seat(self, fits: Callable[[Thing], bool] | None = None) -> tuple[Seat, Thing, list[Client]]:
        """An instance filled up to its last spot, the package that covers it, and who sits there."""
        package = self.ample("GYM")

        def fit(gym: Thing) -> bool:
            return covers(package, gym) and (fits is None or fits(gym))

        seats = list(itertools.islice(self.stock.seats(fit, spots=1), 400))
        if not seats:
            raise Blocked(f"the target's inventory has no bookable class that {package['id']} covers")
        fullest = sorted(seats, key=lambda s: s.instance["spots_left"])[:NEARLY_FULL]
        self.rng.shuffle(fullest)  # others may be filling one as well
        for seat in fullest:
            left = self.spots_left(seat)
            if left < 1:
                continue
            self.stock.filled(seat)
            inside = []
            for _ in range(left - 1):
                inside.append(self.client(package))
                self.booking(inside[-1], seat)
            return seat, package, inside
        raise Blocked("every nearly full class was full when it was to be filled")

    def full(self) -> tuple[Seat, Thing, Client, str]:
        """A full instance; the last to get in, and her booking."""
        seat, package, _ = self.only_seat()
        last = self.client(package)
        return seat, package, last, self.booking(last, seat)

    # spas

    def treatment(
        self,
        fits: Callable[[Thing], bool] = anything,
        *,
        priced: bool = False,
        count: int = 1,
        days: int | None = None,
    ) -> Treatment:
        """A free time at a spa that fits, for services priced in credits or not."""
        for spa in self.stock.spas():
            if not fits(spa):
                continue
            services = [s for s in self.stock.services(spa) if bool(s.get("credit_cost")) == priced][:count]
            if len(services) == count:
                found = self.free_time(spa, services, days)
                if found:
                    return found
        price = "priced in credits" if priced else "not priced in credits"
        raise Blocked(
            f"the target's inventory has no spa of this kind with {count} service(s) {price} and a free time"
        )

    def free_time(self, spa: Thing, services: list[Thing], days: int | None = None) -> Treatment | None:
        ahead = list(range(1, DAYS_OF_SPA_TO_TRY)) if days is None else [days]
        if days is None:
            self.rng.shuffle(ahead)
        for day in ahead:
            date = (self.today() + dt.timedelta(days=day)).isoformat()
            free = [slot for slot in self.slots(spa, services, date) if slot.get("available")]
            if free:
                slot = self.rng.choice(free)
                return Treatment(spa, tuple(services), date, slot["time"], slot["scheduled_for"])
        return None

    def slots(self, spa: Thing, services: list[Thing], date: str) -> list[Thing]:
        answer = self.api.get_provider_availability(
            spa["id"], date=date, service_ids=[s["id"] for s in services]
        )
        return answer.given("read the availability of a spa").get("slots") or []

    def spa_insider(
        self, *, priced: bool = False, count: int = 1, days: int | None = None
    ) -> tuple[Client, Treatment]:
        package = self.ample("SPA")
        treatment = self.treatment(lambda spa: covers(package, spa), priced=priced, count=count, days=days)
        return self.client(package), treatment

    def spa_outsider(self, *, count: int = 1, days: int | None = None) -> tuple[Client, Treatment]:
        """A client whose pass covers no spa of this kind, and a free time there."""
        packages = [p for p in self.stock.packages if any(not covers(p, spa) for spa in self.stock.spas())]
        if not packages:
            raise Blocked("the target's inventory has no package that leaves a spa uncovered")
        package = min(
            packages, key=lambda p: (sum(covers(p, spa) for spa in self.stock.spas()), p.get("price") or 0)
        )
        treatment = self.treatment(lambda spa: not covers(package, spa), count=count, days=days)
        return self.client(package), treatment

    def book_spa(self, client: Client, treatment: Treatment, **fields: Any) -> Answer:
        answer: Answer = self.api.book_spa(**{**treatment.fields(), **client.fields(), **fields})
        return answer

    def confirm_spa(self, session: str) -> Answer:
        answer: Answer = self.api.confirm_spa_booking(session)
        self.remember(answer)
        return answer

    def spa_booking(self, client: Client, treatment: Treatment) -> dict[str, Any]:
        opened = self.book_spa(client, treatment).given("open a spa session")
        return self.confirm_spa(str(opened.get("session_id"))).given("confirm a covered spa booking")

    def quote(self, client: Client, treatment: Treatment, **fields: Any) -> Answer:
        answer: Answer = self.api.quote_spa_copay(
            treatment.spa["id"],
            client_id=client.id,
            service_ids=[service["id"] for service in treatment.services],
            **fields,
        )
        return answer

    # afterwards

    def tidy(self) -> None:
        """Gives the seats back; a booking that can't be cancelled any more is left as it is."""
        for booking in self.bookings:
            self.api.cancel_booking(booking)
        self.bookings.clear()


def _one_of_several(seats: Iterator[Seat]) -> Seat | None:
    """A seat at a gym that has another one, where there is such a gym: many a test goes on to that one."""
    first: dict[str, Seat] = {}
    for seat in itertools.islice(seats, SEATS_LOOKED_AT):
        at_this_gym = first.setdefault(seat.gym["id"], seat)
        if at_this_gym.id != seat.id:
            return at_this_gym
    return next(iter(first.values()), None)


def _category(package: Thing, kind: str) -> Thing | None:
    return next((dict(c) for c in package.get("categories") or [] if c.get("type") == kind), None)


def _visits(package: Thing, kind: str) -> int | None:
    category = _category(package, kind)
    return category.get("visits_allowed") if category else None


def _grant(package: Thing) -> int:
    return sum(category.get("credit_allocated") or 0 for category in package.get("categories") or [])


__all__ = ["Client", "Given", "category_for", "covers"]
