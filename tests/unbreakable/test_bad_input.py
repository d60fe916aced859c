"""Nothing that can be sent breaks it, hangs it, fills its memory or holds up a neighbour.

The same attack as `python -m benchmarks.fuzz`, short.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.fuzz import Attack, Tally
from tests.conftest import LONG, StartSandbox

REQUESTS = int(os.environ.get("BARDGE_TESTS_SHOTS", "1000000" if LONG else "4000"))
SECONDS = 7200 if LONG else 20

pytestmark = pytest.mark.timeout(SECONDS + 60)


def attack(attacker: Attack, requests: int, seconds: float = 60) -> Tally:
    """On a loop and in a thread of its own: a browser driver may be running one in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(attacker.run(requests, seconds))).result()


def test_a_fuzzer_finds_nothing(running_sandbox: StartSandbox) -> None:
    sandbox = running_sandbox()
    attack(Attack(sandbox.url, seed=99), 300)  # so that what is made once is made
    before = sandbox.resident_mb()
    tally = attack(Attack(sandbox.url), REQUESTS, SECONDS)
    assert not tally.broken, tally.broken[:5]
    assert not tally.hangs, tally.hangs[:5]
    assert not tally.neighbour_lost
    assert tally.statuses[400] > tally.sent // 10
    assert tally.statuses[201] > 0
    assert sandbox.resident_mb() < before + 60
    print(tally.told())  # noqa: T201 - shown with -s
