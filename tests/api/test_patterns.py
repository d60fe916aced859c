"""Texts that match a regular expression."""

from random import Random

import pytest

from sandbox.api.patterns import Unreadable, text_like
from sandbox.spec.compiling import compiled

PATTERNS = [
    r"^[A-Za-z0-9_.:-]{1,64}$",
    r"^\d{3}-\d{4}$",
    r"^(?=.*[a-z])(?=.*\d).{8,}$",
    r"^(\w+)-\1$",
    r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
    r"^\+[1-9]\d{1,14}$",
    r"^(?!x)[a-w]+$",
    r"\p{L}{2}",
    r"^[\x20-\x7e]+$",
    r"^\S(?:[\s\S]*\S)?$",
    r"^(https?:\/\/)?[^\s]+$",
    r"^#(?:[0-9a-fA-F]{3}){1,2}$",
    r"^(?:a|b|cd)+?$",
    r"^\u0041\x42\cA?$",
    r"^[\w.-]+$",
    r"^[^\u0000-\u001f]{2}$",
    r"^a{2}b{2,}c{0,1}$",
    r"^$",
    "x",
]


@pytest.mark.parametrize("stretch", [0, 1, 3, 20])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_text_matches(pattern: str, stretch: int) -> None:
    judge = compiled({"pattern": pattern})
    assert any(judge.is_valid(text_like(pattern, Random(seed), stretch)) for seed in range(3))


def test_the_same_seed_writes_the_same_text() -> None:
    assert text_like(r"^\w{20}$", Random(7)) == text_like(r"^\w{20}$", Random(7))


def test_stretching_makes_it_longer() -> None:
    assert [len(text_like("^[a-z]+$", Random(1), stretch)) for stretch in (0, 4, 400)] == [1, 5, 401]


def test_a_great_number_of_repetitions_ends() -> None:
    assert len(text_like("^(a{1000}){1000}$", Random(1))) <= 30_000


@pytest.mark.parametrize("pattern", ["(", "[a", "a)", "(?<n", "[]", r"\p{L", "(" * 5000])
def test_what_is_no_expression_is_said_to_be_unreadable(pattern: str) -> None:
    with pytest.raises((Unreadable, ValueError)):
        text_like(pattern, Random(1))
