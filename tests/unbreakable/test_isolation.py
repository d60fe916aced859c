"""Fifty worlds at once, eight people who use and reset them at random: nothing passes between worlds."""

import os
import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.conftest import LONG, StartSandbox
from tests.running import Answer, Line, RunningSandbox

WORLDS, PEOPLE = 50, 8
SECONDS = float(os.environ.get("BARDGE_TESTS_SECONDS", "120" if LONG else "4"))

pytestmark = pytest.mark.timeout(SECONDS * 3 + 120)

MADE = re.compile(r"\b(?:brgpass|booking|crp|txn)_[0-9A-F]{16}\b")
NAMES = {"first_name": "Ife", "last_name": "Bello"}


@dataclass
class Life:
    """What one world should hold, written down by whoever changed it."""

    name: str
    key: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    passes: dict[str, str] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)  # by client
    ids: set[str] = field(default_factory=set)  # every id that any of its answers ever showed
    asked: int = 0

    def live(self, line: Line, dice: random.Random) -> None:
        """One act, and a look whether the world agrees."""
        act = dice.choice((self.issue, self.issue, self.buy, self.buy, self.book, self.cancel, self.look))
        if dice.random() < 0.02:
            act = self.reset
        act(line, dice)

    def issue(self, line: Line, _: random.Random) -> None:
        client = f"client_{self.name}_{len(self.passes)}"
        issued = self._ask(line, "POST", "/issued_passes", pass_id="pass_premium", client_id=client, **NAMES)
        assert issued.status == 201, issued.raw
        self.passes[client], self.balances[client] = issued.body["id"], 0

    def buy(self, line: Line, dice: random.Random) -> None:
        if client := self._anyone(dice):
            self.balances[client] += 50
            bought = self._ask(line, "POST", "/credit_purchases", client_id=client, package_id="cpkg_50")
            assert bought.body["balance"] == self.balances[client]

    def book(self, line: Line, dice: random.Random) -> None:
        client = self._anyone(dice)
        if client and client not in self.bookings and len(self.bookings) < 20:
            wish = {"class_instance_id": "ci_yoga_open", "user_pass_id": self.passes[client], **NAMES}
            booked = self._ask(line, "POST", "/bookings/class", client_id=client, **wish)
            assert booked.status == 201, booked.raw
            self.bookings[client] = booked.body["booking_id"]

    def cancel(self, line: Line, dice: random.Random) -> None:
        if self.bookings:
            client = dice.choice(sorted(self.bookings))
            gone = self._ask(line, "POST", f"/bookings/{self.bookings.pop(client)}/cancel", reason="rain")
            assert gone.body["status"] == "CANCELLED"

    def look(self, line: Line, dice: random.Random) -> None:
        shown = self._ask(line, "GET", "/classes/class_yoga").body["instances"]
        left = next(one["spots_left"] for one in shown if one["id"] == "ci_yoga_open")
        assert left == 20 - len(self.bookings)
        if client := self._anyone(dice):
            credits = self._ask(line, "GET", f"/clients/{client}/credits").body
            assert credits["balance"] == self.balances[client]
            assert len(credits["transactions"]) == self.balances[client] // 50

    def reset(self, line: Line, _: random.Random) -> None:
        done = line.ask("POST", f"/_sandbox/worlds/{self.name}/reset", {})
        assert done.status == 200, done.raw
        self.passes, self.balances, self.bookings = {}, {}, {}

    def _ask(self, line: Line, method: str, path: str, **body: str) -> Answer:
        answer = line.ask(method, path, body or None, Authorization=f"Bearer {self.key}")
        assert answer.status < 500, answer.raw
        text = answer.raw.decode()
        strangers = set(re.findall(r"client_(w\d+)_\d+", text)) - {self.name}
        assert not strangers, f"{self.name} was shown {strangers}"
        self.ids |= set(MADE.findall(text))
        self.asked += 1
        return answer

    def _anyone(self, dice: random.Random) -> str | None:
        return dice.choice(sorted(self.passes)) if self.passes else None


@pytest.fixture
def sandbox(database: str, running_sandbox: StartSandbox) -> RunningSandbox:
    return running_sandbox(database, 1 if database == "sqlite://" else 2)


@pytest.fixture
def worlds(sandbox: RunningSandbox) -> Iterator[list[Life]]:
    line = sandbox.line()
    lives = []
    for n in range(WORLDS):
        made = line.ask("POST", "/_sandbox/worlds", {"id": f"w{n}", "seed": 1000 + n})
        assert made.status == 201, made.raw
        lives.append(Life(f"w{n}", made.body["accounts"][0]["api_key"]))
    yield lives
    line.close()


def test_nothing_passes_from_one_world_to_another(sandbox: RunningSandbox, worlds: list[Life]) -> None:
    end = time.monotonic() + SECONDS

    def person(number: int) -> None:
        dice, line = random.Random(number), sandbox.line()
        while time.monotonic() < end:
            life = dice.choice(worlds)
            with life.lock:
                life.live(line, dice)
        line.close()

    with ThreadPoolExecutor(PEOPLE) as people:
        list(people.map(person, range(PEOPLE)))
    line = sandbox.line()
    owner: dict[str, str] = {}
    for life in worlds:
        life.look(line, random.Random(0))
        for id_ in life.ids:
            assert owner.setdefault(id_, life.name) == life.name, f"{id_} appeared in two worlds"
        journal = line.ask("GET", f"/_sandbox/worlds/{life.name}/requests?limit=100").raw.decode()
        assert set(re.findall(r"client_(w\d+)_\d+", journal)) <= {life.name}
    line.close()
    print(f"{sum(life.asked for life in worlds):,} requests in {WORLDS} worlds")  # noqa: T201 - shown with -s
