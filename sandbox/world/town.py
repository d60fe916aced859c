"""The town around the cast: what is for sale in it. Depends on the seed alone.

Every moment in it is counted from the midnight with which a world's first day begins, so the
town of a seed is thought up once and moved to each new day.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from msgspec.structs import replace

from sandbox.domain.moments import DAY, HOUR, MINUTE, Millis
from sandbox.domain.records import (
    Category,
    CategoryRule,
    CopayOption,
    CreditPackage,
    Package,
    Provider,
    Record,
    Service,
    StudioClass,
    Tier,
)
from sandbox.world.chance import Chance, invent_id
from sandbox.world.gazetteer import CITIES, GYMS, LESSONS, SPAS, STREETS, TREATMENTS, City, Lesson, Quarter

CLASSES = 300
PROVIDERS = sum(city.providers for city in CITIES)
SPA_EVERY = (2, 5, 9)  # of ten houses of a city
FIRST_DAY, LAST_DAY = -1, 13  # of the timetable, counted from the world's first day
OPENED_FROM, OPENED_TO = -400 * DAY, -100 * DAY  # before the cast, so that the cast heads every list

BOTH: tuple[Tier, ...] = ("STANDARD", "PREMIUM")
PLAIN: tuple[Tier, ...] = ("STANDARD",)


class Timetable(NamedTuple):
    """When a class takes place: every so many days, always at the same time."""

    class_: StudioClass
    seats: int
    every: int
    phase: int
    time: int  # after midnight

    def meets_on(self, day: int) -> bool:
        return (day + self.phase) % self.every == 0

    def last_meeting(self, day: int) -> int:
        """The day of the last meeting up to this day."""
        return day - (day + self.phase) % self.every


class Meeting(NamedTuple):
    """One session of a class, before anybody booked it."""

    id: str
    timetable: Timetable
    day: int
    crowded: int  # how much of it, in percent, the studio sold to others
    cancelled: int | None  # when, counted like `at`
    credit_cost: int | None

    @property
    def at(self) -> int:
        """When it begins, counted from the midnight of the world's first day."""
        return self.day * DAY + self.timetable.time


class House(NamedTuple):
    """A provider with what it sells."""

    provider: Provider
    services: tuple[Service, ...]
    options: tuple[CopayOption, ...]
    timetables: tuple[Timetable, ...]


class Town(NamedTuple):
    seed: int
    packages: tuple[Package, ...]
    credit_packages: tuple[CreditPackage, ...]
    houses: tuple[House, ...]
    meetings: tuple[Meeting, ...]

    def inventory(self, start: Millis) -> list[Record]:
        """What is for sale, as records of a world whose first day begins at `start`."""
        things: list[Record] = [*self.packages, *self.credit_packages]
        for house in self.houses:
            things += [house.provider, *house.services, *house.options]
            things += [timetable.class_ for timetable in house.timetables]
        return [replace(thing, created=Millis(start + thing.created)) for thing in things]


@lru_cache(maxsize=8)
def town_of(seed: int) -> Town:
    houses = tuple(_houses(seed))
    meetings = tuple(
        meeting(seed, house.provider, timetable, day)
        for house in houses
        for timetable in house.timetables
        for day in range(FIRST_DAY, LAST_DAY + 1)
        if timetable.meets_on(day)
    )
    return Town(seed, _packages(seed), _credit_packages(seed), houses, meetings)


def meeting(seed: int, provider: Provider, timetable: Timetable, day: int) -> Meeting:
    """One of the timetable; or an earlier one, which is remembered only if somebody came."""
    class_id = timetable.class_.id
    chance = Chance(seed, f"meeting/{class_id}/{day}")
    full = chance.happens(7)
    is_listed = day >= FIRST_DAY
    cancelled = min(day * DAY + timetable.time - 3 * HOUR, -HOUR)  # ahead of it, and before the world begins
    return Meeting(
        id=invent_id(seed, "class_instance", class_id, day),
        timetable=timetable,
        day=day,
        crowded=100 if full else chance.below(90),
        cancelled=cancelled if is_listed and chance.happens(3) else None,
        credit_cost=chance.between(2, 6) if provider.accepts_credits and chance.happens(5) else None,
    )


# --- houses ---------------------------------------------------------------------------------


def _houses(seed: int) -> list[House]:
    names: set[str] = set()
    in_cities = [(city, n) for city in CITIES for n in range(city.providers)]
    gyms = sum(not _is_spa(n) for _, n in in_cities)
    houses, gym = [], 0
    for ordinal, (city, n) in enumerate(in_cities):
        provider = _provider(seed, ordinal, (city, n), names)
        if _is_spa(n):
            houses.append(House(provider, _services(seed, provider), (), ()))
        else:
            ordinals = range(gym, CLASSES, gyms)
            houses.append(
                House(provider, (), _options(seed, provider), _timetables(seed, provider, ordinals))
            )
            gym += 1
    return houses


def _is_spa(n: int) -> bool:
    return n % 10 in SPA_EVERY


def _provider(seed: int, ordinal: int, where: tuple[City, int], names: set[str]) -> Provider:
    city, n = where
    chance = Chance(seed, f"provider/{ordinal}")
    quarter = city.quarters[n % len(city.quarters)]
    tier: Tier = "PREMIUM" if chance.happens(35) else "STANDARD"
    takes_credits = chance.happens(30)
    check_in_cost = chance.between(2, 6) if takes_credits and not _is_spa(n) and chance.happens(50) else None
    return Provider(
        id=invent_id(seed, "provider", "", ordinal),
        created=_opened(chance, ordinal, PROVIDERS),
        nth=ordinal - PROVIDERS,
        name=_free_name(chance, SPAS if _is_spa(n) else GYMS, quarter, names),
        category="SPA" if _is_spa(n) else "GYM",
        tier=tier,
        address=f"{chance.between(1, 140)} {chance.pick(STREETS)}, {quarter.name}",
        city=city.name,
        lat=round(quarter.lat + (chance.below(1000) - 500) / 50_000, 6),
        lon=round(quarter.lon + (chance.below(1000) - 500) / 50_000, 6),
        accepts_credits=takes_credits,
        check_in_credit_cost=check_in_cost,
        rooms=chance.between(1, 5),
    )


def _free_name(chance: Chance, pool: Sequence[str], quarter: Quarter, names: set[str]) -> str:
    """No two houses of one name: the next of the pool where one is taken."""
    first = chance.below(len(pool))
    in_turn = (f"{pool[(first + n) % len(pool)]} {quarter.name}" for n in range(len(pool)))
    name = next(name for name in in_turn if name not in names)
    names.add(name)
    return name


def _opened(chance: Chance, ordinal: int, of: int) -> Millis:
    """Each later than the one before it, so that no two things of a list came in one moment."""
    window = (OPENED_TO - OPENED_FROM) // of
    within = chance.below(window // 4 // MINUTE) * MINUTE + chance.between(1, 1000)
    return Millis(OPENED_FROM + ordinal * window + within)


def _services(seed: int, provider: Provider) -> tuple[Service, ...]:
    chance = Chance(seed, f"services/{provider.id}")
    first, count = chance.below(len(TREATMENTS)), chance.between(2, 5)
    services = []
    for n in range(count):
        treatment = TREATMENTS[(first + 3 * n) % len(TREATMENTS)]
        in_credits = provider.accepts_credits and (n == 0 or chance.happens(30))
        services.append(
            Service(
                id=invent_id(seed, "service", provider.id, n),
                created=Millis(provider.created + n * MINUTE),
                nth=n - 1000,
                provider_id=provider.id,
                name=treatment.name,
                description=treatment.about,
                duration_minutes=treatment.minutes,
                price_kobo=treatment.price_kobo + chance.below(8) * 100_000,
                credit_cost=chance.between(4, 15) if in_credits else None,
            )
        )
    return tuple(services)


def _options(seed: int, provider: Provider) -> tuple[CopayOption, ...]:
    """Six gyms in ten sell co-pays: always for a month, sometimes for a year."""
    chance = Chance(seed, f"options/{provider.id}")
    if not chance.happens(60):
        return ()
    price = (1_200_000 if provider.tier == "STANDARD" else 2_200_000) + chance.below(10) * 100_000
    month = CopayOption(
        id=invent_id(seed, "copay_option", provider.id, 0),
        created=provider.created,
        nth=-2,
        provider_id=provider.id,
        name="Monthly guest",
        price_kobo=price,
        duration="MONTHLY",
        visits=chance.pick((4, 8, 12)),
    )
    year = CopayOption(
        id=invent_id(seed, "copay_option", provider.id, 1),
        created=Millis(provider.created + HOUR),
        nth=-1,
        provider_id=provider.id,
        name="Guest for a year",
        price_kobo=price * 9,
        duration="ANNUALLY",
    )
    return (month, year) if chance.happens(50) else (month,)


def _timetables(seed: int, provider: Provider, ordinals: range) -> tuple[Timetable, ...]:
    """The gym's classes: no lesson twice in one house, since the step of seven walks them all."""
    first = Chance(seed, f"lessons/{provider.id}").below(len(LESSONS))
    return tuple(
        _timetable(seed, provider, (ordinal, n), LESSONS[(first + 7 * n) % len(LESSONS)])
        for n, ordinal in enumerate(ordinals)
    )


def _timetable(seed: int, provider: Provider, which: tuple[int, int], lesson: Lesson) -> Timetable:
    """`which` of all classes it is, and which of its own house."""
    ordinal, n = which
    chance = Chance(seed, f"class/{ordinal}")
    in_credits = provider.accepts_credits and chance.happens(40)
    class_ = StudioClass(
        id=invent_id(seed, "class", "", ordinal),
        created=Millis(provider.created + (n + 1) * HOUR),
        nth=ordinal - CLASSES,
        name=lesson.name,
        description=lesson.about,
        category=lesson.category,
        provider_id=provider.id,
        duration_minutes=lesson.minutes,
        credit_cost=chance.between(1, 5) if in_credits else None,
    )
    every = chance.pick((2, 2, 3, 3, 4, 7))
    time = chance.pick(lesson.hours) * HOUR + chance.pick((0, 0, 15, 30)) * MINUTE
    seats = max(6, lesson.seats + 2 * chance.below(4) - 3)
    return Timetable(class_, seats, every, chance.below(every), time)


# --- packages -------------------------------------------------------------------------------


class Offer(NamedTuple):
    name: str
    price_kobo: int
    duration: Literal["monthly", "annually"]
    rules: tuple[CategoryRule, ...]
    about: str


def _rule(type_: Category, tiers: tuple[Tier, ...], visits: int | None, credits: int = 0) -> CategoryRule:
    return CategoryRule(type=type_, tiers=tiers, visits_allowed=visits, credit_allocated=credits)


OFFERS = (
    Offer("Gym Unlimited", 32_000_000, "annually", (_rule("GYM", BOTH, None),), "Every gym, without limit."),
    Offer("Gym Month", 3_200_000, "monthly", (_rule("GYM", PLAIN, None),), "Standard gyms for a month."),
    Offer("Twelve a Month", 2_400_000, "monthly", (_rule("GYM", BOTH, 12),), "Twelve visits to any gym."),
    Offer("Spa Year", 52_000_000, "annually", (_rule("SPA", BOTH, 2),), "Two spa visits a month, all year."),
    Offer(
        "Balance",
        28_000_000,
        "annually",
        (_rule("GYM", PLAIN, 12), _rule("SPA", PLAIN, 1)),
        "Twelve standard gym visits and one standard spa visit a month.",
    ),
    Offer(
        "Credit Starter",
        4_000_000,
        "monthly",
        (_rule("GYM", PLAIN, 4, credits=30),),
        "Four gym visits, and 30 credits on top.",
    ),
    Offer("Weekday Gym", 14_000_000, "annually", (_rule("GYM", PLAIN, 6),), "Six standard visits a month."),
    Offer(
        "Wellness Month",
        7_500_000,
        "monthly",
        (_rule("GYM", BOTH, None), _rule("SPA", PLAIN, 2, credits=10)),
        "Gyms without limit, two spa visits, ten credits.",
    ),
    Offer("Day Guest", 900_000, "monthly", (_rule("GYM", BOTH, 1),), "One visit to any gym within a month."),
)

BUNDLES = (  # credits, of them free, days until they lapse
    *((5, 0, 30), (20, 0, None), (30, 3, None), (40, 5, 180), (75, 10, None)),
    *((100, 15, 365), (150, 25, None), (200, 40, 365), (15, 0, 60)),
)


def _packages(seed: int) -> tuple[Package, ...]:
    return tuple(_package(seed, ordinal, offer) for ordinal, offer in enumerate(OFFERS))


def _package(seed: int, ordinal: int, offer: Offer) -> Package:
    chance = Chance(seed, f"pass/{ordinal}")
    return Package(
        id=invent_id(seed, "pass", "", ordinal),
        created=_opened(chance, ordinal, len(OFFERS)),
        nth=ordinal - len(OFFERS),
        name=offer.name,
        description=offer.about,
        price_kobo=offer.price_kobo + chance.below(10) * 50_000,
        duration=offer.duration,
        categories=offer.rules,
        payment_model="SUBSCRIPTION" if offer.duration == "annually" else "ONE_TIME",
    )


def _credit_packages(seed: int) -> tuple[CreditPackage, ...]:
    return tuple(
        CreditPackage(
            id=invent_id(seed, "credit_package", "", ordinal),
            created=_opened(Chance(seed, f"credit_package/{ordinal}"), ordinal, len(BUNDLES)),
            nth=ordinal - len(BUNDLES),
            name=f"{credits} credits" + (f" and {bonus} on top" if bonus else ""),
            credits=credits,
            bonus_credits=bonus,
            price_kobo=credits * 95_000,
            expires_in_days=days,
        )
        for ordinal, (credits, bonus, days) in enumerate(BUNDLES)
    )
