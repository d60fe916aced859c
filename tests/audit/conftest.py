from collections.abc import Iterator

import pytest

from tests.audit.counter import Counter


@pytest.fixture
def desk() -> Iterator[Counter]:
    """The default world, its clock standing still on a Monday afternoon in Lagos."""
    desk = Counter()
    yield desk
    desk.close()
