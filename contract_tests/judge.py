"""Words to judge with."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from contract_tests.api import Answer
from contract_tests.verdict import Broken

requirement = pytest.mark.requirement
LONGEST = 240


def must(kept: bool, expected: str, got: object, answer: Answer | None = None) -> None:
    """One sentence a stranger can act on, unless the promise was kept."""
    if not kept:
        said = got if isinstance(got, str) else repr(got)
        raise Broken(expected, said[:LONGEST], answer.exchange if answer else None)


def agree(what: str, got: Any, expected: Any, answer: Answer | None = None) -> None:
    must(got == expected, f"{what} to be {_short(expected)}", _short(got), answer)


def falling(values: Iterable[Any]) -> bool:
    listed = list(values)
    return all(a >= b for a, b in itertools.pairwise(listed))


def rising(values: Iterable[Any]) -> bool:
    return falling(list(values)[::-1])


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
