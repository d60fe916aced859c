"""Who lives in the town: three hundred people, with the names that are heard in their city."""

from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from sandbox.world.chance import Chance, invent_id
from sandbox.world.gazetteer import CITIES

PEOPLE = 300
PARTNERS_EVERY = 10  # one in ten is the partner's client

# The numbers lie in a range that no person has: +234 800 0… is toll-free and not given out.
PHONE = "+2348000{:06}"


class Person(NamedTuple):
    ordinal: int
    id: str
    account: str
    city: str
    first_name: str
    last_name: str
    email: str | None
    phone: str | None


@lru_cache(maxsize=8)
def people_of(seed: int) -> tuple[Person, ...]:
    return tuple(_person(seed, ordinal) for ordinal in range(PEOPLE))


def _person(seed: int, ordinal: int) -> Person:
    chance = Chance(seed, f"person/{ordinal}")
    city = CITIES[_by_size(chance.below(100))]
    names = _names(chance.pick(city.peoples))
    first_names = names.first_names_female if chance.happens(50) else names.first_names_male
    first, last = chance.pick(tuple(first_names)), chance.pick(tuple(names.last_names))
    address = f"{first}.{last}.{ordinal}@example.com".lower().replace(" ", "").replace("'", "")
    return Person(
        ordinal=ordinal,
        id=invent_id(seed, "client", "", ordinal),
        account="acct_partner" if ordinal % PARTNERS_EVERY == PARTNERS_EVERY - 1 else "acct_demo",
        city=city.name,
        first_name=first,
        last_name=last,
        email=address if chance.happens(90) else None,
        phone=PHONE.format(100_000 + ordinal * 1000 + chance.below(1000)) if chance.happens(90) else None,
    )


def _by_size(percent: int) -> int:
    """A city, as likely as it is large."""
    total = sum(city.providers for city in CITIES)
    for n, city in enumerate(CITIES):
        percent -= city.providers * 100 // total
        if percent < 0:
            return n
    return 0


def _names(language: str) -> Any:
    """Faker's names of a language. Imported when somebody is named: it costs a tenth of a second."""
    return import_module(f"faker.providers.person.{language}_NG").Provider
