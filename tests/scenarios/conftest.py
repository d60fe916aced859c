"""One sandbox for all tests of a process; a world of its own for each."""

from collections.abc import Iterator

import pytest

from tests.control.tester import InWorld, Tester


@pytest.fixture(scope="session")
def tester() -> Iterator[Tester]:
    one = Tester()
    yield one
    one.close()


@pytest.fixture
def world(tester: Tester) -> Iterator[InWorld]:
    made = tester.new_world()
    yield made
    tester.ask("DELETE", f"/worlds/{made.id}")


@pytest.fixture
def tester_on(database: str) -> Iterator[Tester]:
    """On each of the three stores in turn."""
    one = Tester(database=database)
    yield one
    one.close()
