"""The mutation tool: what it writes is Python, the same every time, and it tells noticed from unnoticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutations.explained import read_explained, stale
from tests.mutations.mutant import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 100
FREE_FOR_ALL = "bookings.early", "return now <= booking.starts - FREE_TO_CHANGE", "return True"
TWO_LOTS_FOR_ONE = "visits.buy", "if same is not None:", "if False:"


@pytest.fixture(scope="module")
def every() -> list[Mutant]:
    return mutants()


def test_every_mutant_is_python_and_like_no_other(every: list[Mutant]) -> None:
    assert len(every) > 1_000
    assert len({(mutant.file, mutant.source) for mutant in every}) == len(every)
    assert len({mutant.name for mutant in every}) == len(every)
    for mutant in every[::20]:
        compile(mutant.source, mutant.name, "exec")


def test_the_same_mutants_are_made_every_time(every: list[Mutant]) -> None:
    assert mutants() == every


def test_a_mutant_differs_in_its_own_lines_only(every: list[Mutant]) -> None:
    for mutant in every[::20]:
        right = (ROOT / "sandbox" / "domain" / mutant.file).read_text("utf-8").splitlines()
        wrong = mutant.source.splitlines()
        below = len(right) - mutant.last_line
        assert wrong[: mutant.first_line - 1] == right[: mutant.first_line - 1]
        assert wrong[len(wrong) - below :] == right[mutant.last_line :]


def test_what_is_explained_is_there(every: list[Mutant]) -> None:
    assert stale(read_explained(), every) == []


def test_a_broken_promise_is_caught_and_a_difference_without_one_is_not(every: list[Mutant]) -> None:
    chosen = [named(every, *FREE_FOR_ALL), named(every, *TWO_LOTS_FOR_ONE)]
    command = [sys.executable, "-m", "tests.mutations", "--jobs", "1"]
    command += [word for name in chosen for word in ("--only", name)]
    done = subprocess.run(
        [*command, "--", "--quick", "--only", "BOOK-10.4", "--only", "BOOK-20"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 mutants: 1 caught, 0 hung, 0 stillborn, 1 equivalent" in done.stdout
    assert "BOOK-10.4" in done.stdout


def named(every: list[Mutant], function: str, was: str, becomes: str) -> str:
    [found] = [
        mutant.name
        for mutant in every
        if mutant.name.startswith(f"{function}#")
        and mutant.was.startswith(was)
        and mutant.becomes.startswith(becomes)
    ]
    return found
