"""What the target has on its shelves, found by looking: nothing is assumed of ids, totals or order."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract_tests.answered import Shelf
from contract_tests.api import Answer, Api
from contract_tests.verdict import Blocked

LAGOS = dt.timezone(dt.timedelta(hours=1))  # Africa/Lagos keeps this offset all year
MOST_PAGES = 10
MOST_CLASSES_LOOKED_INTO = 80
ROOMY = 6  # spots that an ordinary booking leaves to others; nearly full classes are for those who fill them

Thing = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seat:
    """A class instance one could book, with its class and its gym."""

    instance: Thing
    class_: Thing
    gym: Thing

    @property
    def id(self) -> str:
        return str(self.instance["id"])

    @property
    def starts(self) -> int:
        return int(self.instance["scheduled_for"])


@dataclass(frozen=True, slots=True)
class Treatment:
    """Services of a spa at a free time."""

    spa: Thing
    services: tuple[Thing, ...]
    date: str
    time: str
    scheduled_for: int

    def fields(self) -> dict[str, Any]:
        return {
            "provider_id": self.spa["id"],
            "service_ids": [service["id"] for service in self.services],
            "date": self.date,
            "time": self.time,
        }

    @property
    def minutes(self) -> int:
        return sum(int(service["duration_minutes"]) for service in self.services)


def anything(_: Thing) -> bool:
    return True


def covers(package: Thing, provider: Thing) -> bool:
    return category_for(package, provider) is not None


def category_for(package: Thing, provider: Thing) -> Thing | None:
    """The category of a package that covers a provider: the same type, and its tier among the tiers."""
    for category in package.get("categories") or []:
        if category.get("type") == provider.get("category") and provider.get("tier") in (
            category.get("tiers") or []
        ):
            return dict(category)
    return None


class Stock:
    """Inventory of one target, read when it is first needed."""

    def __init__(self, api: Api, rng: random.Random, now_ms: Callable[[], int]) -> None:
        self.api, self.rng, self.now_ms = api, rng, now_ms
        self._lists: dict[str, list[Thing]] = {}
        self._providers: dict[str, Thing] = {}
        self._instances: dict[str, list[Thing]] = {}
        self._services: dict[str, list[Thing]] = {}
        self._options: dict[str, list[Thing]] = {}

    def pages(self, operation: str, *path: str, **query: Any) -> Iterator[Answer]:
        after: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = self.api.call(operation, *path, limit=100, **after, **query)
            page.given(f"list with {operation}")
            yield page
            if not page.get("has_more") or not page.data:
                return
            after = {"starting_after": page.ids[-1]}

    def all(self, operation: str) -> list[Thing]:
        if operation not in self._lists:
            found = [item for page in self.pages(operation) for item in page.data]
            self._lists[operation] = Shelf(found, f"items in {operation}")
        return self._lists[operation]

    @property
    def packages(self) -> list[Thing]:
        return self.all("list_passes")

    @property
    def providers(self) -> list[Thing]:
        return self.all("list_providers")

    @property
    def classes(self) -> list[Thing]:
        return self.all("list_classes")

    def gyms(self) -> list[Thing]:
        return Shelf(self._shuffled(p for p in self.providers if p.get("category") == "GYM"), "gyms")

    def spas(self) -> list[Thing]:
        return Shelf(self._shuffled(p for p in self.providers if p.get("category") == "SPA"), "spas")

    def provider(self, provider_id: str) -> Thing | None:
        if not self._providers:
            self._providers = {str(p.get("id")): p for p in self.providers}
        return self._providers.get(provider_id)

    def services(self, spa: Thing) -> list[Thing]:
        if spa["id"] not in self._services:
            answer = self.api.list_provider_services(spa["id"])
            found = answer.given("list the services of a spa").get("data") or []
            found = sorted(found, key=lambda service: -(service.get("duration_minutes") or 0))
            self._services[spa["id"]] = Shelf(found, f"services of {spa['id']}")
        return self._services[spa["id"]]

    def options(self, gym: Thing) -> list[Thing]:
        if gym["id"] not in self._options:
            answer = self.api.list_gym_copay_options(gym["id"], limit=100)
            found = answer.given("list the co-pay options of a gym").get("data") or []
            self._options[gym["id"]] = Shelf(found, f"co-pay options of {gym['id']}")
        return self._options[gym["id"]]

    def instances(self, class_id: str) -> list[Thing]:
        if class_id not in self._instances:
            answer = self.api.get_class(class_id)
            self._instances[class_id] = answer.given("read a class").get("instances") or []
        return self._instances[class_id]

    def instance(self, seat: Seat) -> Thing:
        """The instance as it is now."""
        day = str(seat.instance["date"])
        answer = self.api.get_class(seat.class_["id"], from_=day, to=day)
        for instance in answer.given("read a class").get("instances") or []:
            if instance["id"] == seat.id:
                return dict(instance)
        raise Blocked(f"get_class of {seat.class_['id']} for {day} does not show its instance {seat.id}")

    def has_room(self, seat: Seat) -> bool:
        """As far as this run knows: others may have been there since."""
        known = self._instances.get(seat.class_["id"], [])
        return any(one["id"] == seat.id and (one.get("spots_left") or 0) > 0 for one in known)

    def taken(self, seat: Seat) -> None:
        """One spot less than was read: who asks next finds another class before this one is full."""
        known = self._instances.get(seat.class_["id"], [])
        self._instances[seat.class_["id"]] = [
            {**one, "spots_left": (one.get("spots_left") or 0) - 1} if one["id"] == seat.id else one
            for one in known
        ]

    def filled(self, seat: Seat) -> None:
        """Nobody of this run should try this one again."""
        cached = self._instances.get(seat.class_["id"], [])
        self._instances[seat.class_["id"]] = [i for i in cached if i["id"] != seat.id]

    def package(self, fits: Callable[[Thing], bool], what: str) -> Thing:
        """The cheapest package that fits."""
        found = [package for package in self.packages if fits(package)]
        if not found:
            raise Blocked(f"the target's inventory has no package {what}")
        return min(found, key=lambda package: package.get("price") or 0)

    def seats(
        self,
        fits: Callable[[Thing], bool] = anything,
        *,
        priced: bool | None = False,
        costing: int = 0,
        spots: int = ROOMY,
        hours: float = 8,
        most: int = MOST_CLASSES_LOOKED_INTO,
    ) -> Iterator[Seat]:
        """Seats that can be booked: at a gym that fits, that far ahead, with that many spots.

        `costing` is the least price in credits; `most` the classes that are looked into anew.
        """
        looked_into, earliest = 0, self.now_ms() + hours * 3_600_000
        for class_ in self._by_nearness_of_memory():
            gym = self.provider(class_.get("provider_id", ""))
            if gym is None or not fits(gym) or (priced is False and class_.get("credit_cost")):
                continue
            if class_["id"] not in self._instances:
                if looked_into >= most:
                    continue
                looked_into += 1
            for instance in self.instances(class_["id"]):
                cost = instance.get("credit_cost") or 0
                if (
                    _bookable(instance, spots, earliest)
                    and (priced is None or bool(cost) == priced)
                    and cost >= costing
                ):
                    yield Seat(instance, class_, gym)

    def _by_nearness_of_memory(self) -> list[Thing]:
        """Classes already looked into first, the rest in an order of this run's own."""
        return sorted(self._shuffled(self.classes), key=lambda class_: class_["id"] not in self._instances)

    def _shuffled(self, things: Any) -> list[Thing]:
        shuffled = list(things)
        self.rng.shuffle(shuffled)
        return shuffled


def _bookable(instance: Thing, spots: int, earliest: float) -> bool:
    """As it was read: there are that many spots, and it begins after that moment."""
    return (
        instance.get("status", "SCHEDULED") == "SCHEDULED"
        and (instance.get("spots_left") or 0) >= spots
        and int(instance.get("scheduled_for") or 0) * 1000 > earliest
    )
