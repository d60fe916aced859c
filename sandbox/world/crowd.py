"""The crowd: what the people of the town did before the world began.

Which life somebody leads follows from the seed and that person alone. Where lives meet (a seat,
a room) the one told first was there first; the telling has one order, so the crowd of a seed and
a day is the same everywhere. Nothing of it touches the cast.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec.structs import replace

from sandbox.domain.coverage import covering
from sandbox.domain.moments import DAY, HOUR, MINUTE, Millis
from sandbox.domain.records import CreditPackage, Package, Record
from sandbox.domain.spa import CLOSES_HOUR, OPENS_HOUR
from sandbox.world.chance import Chance
from sandbox.world.lives import STUDIO_CANCELLED, Life, Plan, Step, Treat
from sandbox.world.people import Person, people_of
from sandbox.world.stage import Stage
from sandbox.world.town import LAST_DAY, House, Meeting, Town, meeting, town_of

EVE = -30 * MINUTE  # nothing happens in the last half hour before the first day begins
YEAR_LONG = 300  # days within which an annual pass is used here: well inside twelve calendar months
MONTH_LONG = 27  # and a monthly one: inside any month
LONGEST_MEMORY = 45  # days: who held a pass longer has older bookings forgotten
BEST_SELLERS = 3  # how many times likelier than another a package of the cast is chosen
REASONS = ("Feeling unwell", "Work came up", "Travelling", "Double-booked", "")
KINDNESSES = ("Goodwill for a cold shower", "Birthday gift", "Opening week", "Paid at the desk")


def crowd_of(seed: int, start: Millis, cast: Iterable[Record]) -> list[Record]:
    """Everyone and everything they left, for worlds whose first day begins at `start`."""
    things = list(cast)
    plans = _plans(
        seed,
        tuple(replace(thing, created=Millis(0)) for thing in things if isinstance(thing, Package)),
        tuple(replace(thing, created=Millis(0)) for thing in things if isinstance(thing, CreditPackage)),
    )
    stage = Stage(town_of(seed), start)
    lives = [Life(stage, plan.person).tell(plan) for plan in plans]
    return [*(record for life in lives for record in life), *stage.instances(), *stage.spa_days()]


@lru_cache(maxsize=4)
def _plans(seed: int, packages: tuple[Package, ...], bundles: tuple[CreditPackage, ...]) -> tuple[Plan, ...]:
    """What everyone is going to do; `packages` and `bundles` are the cast's, also for sale."""
    town = town_of(seed)
    shop = (*packages * BEST_SELLERS, *town.packages), (*bundles, *town.credit_packages)
    return tuple(_Planner(town, person, shop).plan() for person in people_of(seed))


class _Planner:
    """A person at the moment of choosing: the dice, the town, what is for sale."""

    def __init__(
        self, town: Town, person: Person, shop: tuple[tuple[Package, ...], tuple[CreditPackage, ...]]
    ) -> None:
        self.seed = town.seed
        self.person = person
        self.packages, self.bundles = shop
        self.chance = self.dice("character")
        near = [house for house in town.houses if house.provider.city == person.city]
        self.gyms = [house for house in near if house.timetables]
        self.spas = [house for house in near if house.services]
        self._steps: list[Step] = []

    def plan(self) -> Plan:
        first_day = WAYS[self.dice("way").below(len(WAYS))](self)
        steps = sorted((step for step in self._steps if step.at <= EVE), key=lambda step: step.at)
        return Plan(self.person, first_day * DAY + 8 * HOUR + self.person.ordinal * 1000, tuple(steps))

    def dice(self, about: str) -> Chance:
        return Chance(self.seed, f"{self.person.id}/{about}")

    def then(self, at: int, act: Callable[..., object], *with_: Any) -> None:
        self._steps.append(Step(at, act, with_))


Way: TypeAlias = Callable[[_Planner], int]  # plans a life and says on which day it began


# --- ways to live ---------------------------------------------------------------------------


def _live_regularly(one: _Planner) -> int:
    """A pass that runs, used for classes, treatments and visits."""
    package = one.chance.pick(one.packages)
    age = one.chance.between(30, YEAR_LONG) if _is_annual(package) else one.chance.between(4, MONTH_LONG)
    _hold_pass(one, package, -age)
    _fill_purse(one, -age)
    return -age


def _come_back(one: _Planner) -> int:
    """A pass that ran out, and a new one since."""
    first = one.chance.between(45, 80)
    _hold_pass(one, one.chance.pick([package for package in one.packages if not _is_annual(package)]), -first)
    _hold_pass(one, one.chance.pick(one.packages), -one.chance.between(3, 12))
    _fill_purse(one, -first)
    return -first


def _stay_away(one: _Planner) -> int:
    """A pass that ran out, and nothing since."""
    package = one.chance.pick(one.packages)
    age = one.chance.between(372, 399) if _is_annual(package) else one.chance.between(35, 90)
    _hold_pass(one, package, -age)
    _fill_purse(one, -age)
    return -age


def _give_up(one: _Planner) -> int:
    """A pass that was cancelled."""
    age = one.chance.between(25, 90)
    _hold_pass(one, one.chance.pick([package for package in one.packages if _is_annual(package)]), -age)
    one.then(_at(-one.chance.between(2, 20), 15 * HOUR), Life.cancel_pass)
    return -age


def _wait(one: _Planner) -> int:
    """A pass that begins only after the world does."""
    bought, begins = -one.chance.between(1, 6), one.chance.between(2, 21)
    at = _at(bought, 12 * HOUR)
    one.then(at, Life.get_pass, one.chance.pick(one.packages), _at(begins, 0) - at)
    return bought


def _be_known(one: _Planner) -> int:
    """No pass; perhaps credits."""
    began = -one.chance.between(10, 120)
    _fill_purse(one, began)
    return began


def _use_it_up(one: _Planner) -> int:
    """A pass with a few visits a month, and a visit nearly every day since it began."""
    age = one.chance.between(14, 24)
    _get_pass(one, one.chance.pick([package for package in one.packages if _few_gym_visits(package)]), -age)
    open_to_all = [house for house in one.gyms if house.provider.check_in_credit_cost is None]
    for n in range(12):
        house = one.chance.pick(open_to_all)
        one.then(_at(n + 1 - age, (17 + n % 4) * HOUR + n * MINUTE), Life.check_in, house)
    return -age


def _pay_at_the_door(one: _Planner) -> int:
    """A standard pass, and a co-pay at a gym that it does not cover."""
    package = one.chance.pick([package for package in one.packages if _is_plain(package)])
    age = one.chance.between(12, MONTH_LONG)
    _get_pass(one, package, -age)
    selling = [house for house in one.gyms if house.options and not covering(package, house.provider)]
    if selling:
        house = one.chance.pick(selling)
        one.then(_at(1 - age, 11 * HOUR), Life.buy_copay, house, one.chance.pick(house.options))
        for n in range(4):
            _go_to_class(one, house, range(2 - age, LAST_DAY + 1), f"guest {n}")
    return -age


WAYS: tuple[Way, ...] = (
    *(_live_regularly,) * 52,
    *(_come_back,) * 9,
    *(_stay_away,) * 12,
    *(_give_up,) * 7,
    *(_wait,) * 5,
    *(_be_known,) * 4,
    *(_use_it_up,) * 5,
    *(_pay_at_the_door,) * 6,
)


# --- what they do ---------------------------------------------------------------------------


def _get_pass(one: _Planner, package: Package, day: int) -> None:
    one.then(_at(day, 9 * HOUR + one.chance.below(400) * MINUTE), Life.get_pass, package)


def _hold_pass(one: _Planner, package: Package, first: int) -> None:
    """Gets a pass and uses it: gyms it covers, and spas, where it covers none for a co-pay."""
    _get_pass(one, package, first)
    last = first + (YEAR_LONG if _is_annual(package) else MONTH_LONG)
    days = range(max(first + 1, min(last, 0) - LONGEST_MEMORY), min(last, LAST_DAY) + 1)
    gyms = [house for house in one.gyms if covering(package, house.provider)]
    if gyms:
        favourite = one.chance.pick(gyms)
        for n in range(one.chance.between(1, 6)):
            _go_to_class(one, favourite if n < 3 else one.chance.pick(gyms), days, f"{first}/{n}")
        for n in range(one.chance.below(4)):
            _visit(one, favourite, range(days.start, min(days.stop, 0)), f"{first}/visit {n}")
    if one.spas and one.chance.happens(40 if gyms else 95):
        for n in range(1 if gyms else 3):
            _be_treated(one, days, f"{first}/spa {n}")


def _go_to_class(one: _Planner, house: House, days: range, as_: str) -> None:
    chance = one.dice(as_)
    table = chance.pick(house.timetables)
    day = table.last_meeting(chance.pick(days))
    met = meeting(one.seed, house.provider, table, day)
    booked = _ahead_of(met.at, chance)
    if day not in days or (met.cancelled is not None and met.cancelled <= booked):
        return
    one.then(booked, Life.book_class, house, met, as_)
    if met.cancelled is not None:
        one.then(met.cancelled, Life.cancel_class, met, as_, STUDIO_CANCELLED)
    _change_mind(one, chance, (house, met, as_), booked)


def _change_mind(one: _Planner, chance: Chance, what: tuple[House, Meeting, str], booked: int) -> None:
    """One in eight cancels, one in twelve comes another day instead."""
    house, met, as_ = what
    fate = chance.below(24)
    when = _between(booked, met.at, chance)
    if fate < 3:
        one.then(when, Life.cancel_class, met, as_, chance.pick(REASONS))
    elif fate < 5:
        to = meeting(one.seed, house.provider, met.timetable, met.day + met.timetable.every)
        if to.day <= LAST_DAY and to.cancelled is None:
            one.then(when, Life.move_class, house, met, to, as_)


def _be_treated(one: _Planner, days: range, as_: str) -> None:
    chance = one.dice(as_)
    house, day = chance.pick(one.spas), chance.pick(days)
    service = chance.pick(house.services)
    slots = range(OPENS_HOUR * 60, CLOSES_HOUR * 60 - service.duration_minutes + 1, 30)
    treat = Treat(house, service, day, _at(day, chance.pick(slots) * MINUTE))
    booked = _ahead_of(treat.at, chance)
    one.then(booked, Life.book_spa, treat, as_)
    if chance.happens(15):
        one.then(_between(booked, treat.at, chance), Life.cancel_spa, treat, as_)


def _visit(one: _Planner, house: House, days: range, as_: str) -> None:
    if not days:
        return
    chance = one.dice(as_)
    at = _at(chance.pick(days), 6 * HOUR + chance.below(900) * MINUTE)
    one.then(at, Life.ask_for_code if chance.happens(20) else Life.check_in, house)


def _fill_purse(one: _Planner, first: int) -> None:
    """Credits bought or given: some for good, some long lapsed."""
    chance = one.dice("purse")
    for _ in range(chance.below(3)):
        at = _at(chance.between(first, 0), 10 * HOUR + chance.below(480) * MINUTE)
        if chance.happens(70):
            one.then(at, Life.buy_credits, chance.pick(one.bundles))
        else:
            lasts = chance.pick((None, 10 * DAY, 45 * DAY))
            one.then(at, Life.be_given, chance.between(2, 15), chance.pick(KINDNESSES), lasts)


# --- when -----------------------------------------------------------------------------------


def _at(day: int, time: int) -> int:
    return day * DAY + time


def _ahead_of(starts: int, chance: Chance) -> int:
    """Some hours or days before, and before the world begins."""
    return min(starts, EVE) - HOUR - chance.below(96) * HOUR - chance.below(60) * MINUTE


def _between(booked: int, starts: int, chance: Chance) -> int:
    return booked + (starts - booked) * chance.between(30, 97) // 100


# --- which ----------------------------------------------------------------------------------


def _is_annual(package: Package) -> bool:
    return package.duration == "annually"


def _is_plain(package: Package) -> bool:
    """Opens standard gyms, and premium ones not."""
    return any(rule.type == "GYM" and "PREMIUM" not in rule.tiers for rule in package.categories)


def _few_gym_visits(package: Package) -> bool:
    return any(rule.type == "GYM" and 0 < (rule.visits_allowed or 0) <= 8 for rule in package.categories)
