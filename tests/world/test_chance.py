"""Chance belongs to one thing: the seed and its name decide it, and nothing else."""

import pytest

from sandbox.world.chance import CAPITALS, Chance, invent_id, is_invented, spell


def throws(chance: Chance) -> list[int]:
    return [chance.below(1000) for _ in range(10)]


def test_the_same_thing_throws_the_same_dice() -> None:
    assert throws(Chance(7, "client/5")) == throws(Chance(7, "client/5"))


def test_another_seed_or_thing_throws_others() -> None:
    assert throws(Chance(7, "client/5")) != throws(Chance(8, "client/5"))
    assert throws(Chance(7, "client/5")) != throws(Chance(7, "client/6"))


def test_every_number_below_comes_up() -> None:
    seen = {Chance(7, str(n)).below(6) for n in range(200)}
    assert seen == set(range(6))


def test_between_and_pick_stay_inside() -> None:
    for n in range(200):
        chance = Chance(7, str(n))
        assert -3 <= chance.between(-3, 4) < 4
        assert chance.pick("abc") in "abc"


def test_nothing_happens_at_zero_percent_and_all_at_a_hundred() -> None:
    assert not any(Chance(7, str(n)).happens(0) for n in range(100))
    assert all(Chance(7, str(n)).happens(100) for n in range(100))


def test_an_invented_id_has_its_prefix_and_is_known_as_invented() -> None:
    id_ = invent_id(7, "issued_pass", "client_x", 0)
    assert id_.startswith("brgpass_")
    assert is_invented(id_)
    assert is_invented(f"acct_demo/{id_}")
    assert is_invented(f"{id_}/open")
    assert id_ != invent_id(7, "issued_pass", "client_x", 1) != invent_id(8, "issued_pass", "client_x", 1)


@pytest.mark.parametrize(
    "id_", ["client_ada", "", "brgpass_5C0B8E7A91D2F364", "client_0123456789abcdef0", "0123456789"]
)
def test_other_ids_are_not_taken_for_invented_ones(id_: str) -> None:
    assert not is_invented(id_)


def test_words_are_spelled_from_their_alphabet() -> None:
    assert set(spell(7, "x", CAPITALS, 40)) <= set(CAPITALS)
    assert spell(7, "x", CAPITALS) == spell(7, "x", CAPITALS)
    assert len(spell(7, "y", "01", 12)) == 12
