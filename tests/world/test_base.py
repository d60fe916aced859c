"""The base never changes, is made once, and nobody waits for what he doesn't ask for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from sandbox.domain.records import ClassCategory
from sandbox.world import base as base_module
from sandbox.world.base import BASES_KEPT, Base, Bases, numbered
from tests.world.town_books import A_TUESDAY, CAST


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was thought up, in order."""
    seen: list[str] = []
    for name in ("town_of", "crowd_of"):
        monkeypatch.setattr(base_module, name, _telling(seen, name, getattr(base_module, name)))
    return seen


def _telling(seen: list[str], name: str, make: Any) -> Any:
    def tell(*with_: Any) -> Any:
        seen.append(name)
        return make(*with_)

    return tell


def fresh() -> Base:
    return Bases(CAST).at(7, A_TUESDAY)


def test_whoever_asks_for_the_cast_waits_for_nobody_else(built: list[str]) -> None:
    base = fresh()
    assert base.find("provider", "prov_zen") is not None
    assert base.find("client", "client_new") is None
    assert base.find("booking", "booking_5C0B8E7A91D2F364") is None  # a name that worlds give
    assert base.shelf("issued_pass", "client_ada")
    assert base.shelf("booking", "acct_demo/client_ada") == []
    assert base.shelf("lot", "client_ada/open")
    assert base.all("account")
    assert built == []


def test_whoever_asks_what_is_for_sale_does_not_wait_for_the_people(built: list[str]) -> None:
    base = fresh()
    assert len(base.shelf("provider", "")) == 126
    assert len(base.shelf("class", "")) == 304
    assert built == ["town_of"]


def test_the_crowd_is_thought_up_once_for_everybody(built: list[str]) -> None:
    base = fresh()
    with ThreadPoolExecutor(8) as pool:
        shelves = list(pool.map(lambda _: base.all("booking"), range(32)))
    assert built == ["crowd_of"]
    assert all(shelf == shelves[0] for shelf in shelves)


def test_a_base_is_kept_as_long_as_it_is_asked_for() -> None:
    bases = Bases(CAST)
    first = bases.at(7, A_TUESDAY)
    for n in range(BASES_KEPT - 1):
        bases.at(7, A_TUESDAY + timedelta(days=n + 1))
        assert bases.at(7, A_TUESDAY) is first
    for n in range(BASES_KEPT):
        bases.at(8, A_TUESDAY + timedelta(days=n))
    assert bases.at(7, A_TUESDAY) is not first


def test_bases_differ_by_seed_and_by_day() -> None:
    bases = Bases(CAST)
    assert bases.at(7, A_TUESDAY) is bases.at(7, date(2026, 5, 12))
    assert bases.at(7, A_TUESDAY) is not bases.at(8, A_TUESDAY)
    assert bases.at(7, A_TUESDAY) is not bases.at(7, A_TUESDAY + timedelta(days=1))


def test_of_one_moment_the_newest_first_are_those_of_the_lower_id() -> None:
    made = [ClassCategory(id=id_, name=id_) for id_ in ("cat_b", "cat_c", "cat_a")]
    falling = sorted(numbered(made), key=lambda one: (one.place, one.nth), reverse=True)
    assert [one.id for one in falling] == ["cat_a", "cat_b", "cat_c"]
    assert all(one.nth < 0 for one in falling)  # below whatever a world makes in the same moment


def test_a_later_moment_counts_higher_than_an_earlier_one() -> None:
    early, late = (
        ClassCategory(id=id_, name="x", created=when) for id_, when in (("cat_a", 1), ("cat_b", 2))
    )  # type: ignore[arg-type]
    ranks = {one.id: one.nth for one in numbered([late, early])}
    assert ranks["cat_a"] < ranks["cat_b"]
