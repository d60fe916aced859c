"""kill -9 under load: what was acknowledged is there, nothing is half-done, a retry is told the same."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import LONG
from tests.running import BASE, Answer, Line, RunningSandbox

KILLS = int(os.environ.get("BARDGE_TESTS_KILLS", "50" if LONG else "2"))
BUYERS = 8
CREDITS, PRICE = 50, 4_500_000  # of cpkg_50
RICH = 10**13  # kobo: eight buyers spend what the account has at first in half a minute

pytestmark = pytest.mark.timeout(3600 if LONG else 120)


@dataclass
class Buyer:
    """Buys credits for one client, again and again, each time under a new key, and keeps every receipt."""

    client: str
    receipts: dict[str, bytes] = field(default_factory=dict)  # by key; acknowledged, so to be kept
    settled: set[str] = field(default_factory=set)  # asked for again since
    unanswered: list[str] = field(default_factory=list)  # sent, but nobody knows
    odd: list[Answer] = field(default_factory=list)

    def buy(self, line: Line, key: str) -> Answer:
        body = {"client_id": self.client, "package_id": "cpkg_50"}
        return line.post("/credit_purchases", body, Idempotency_Key=key)

    def buy_until(self, stop: threading.Event, url: str) -> None:
        line = Line(url)
        while not stop.is_set():
            key = uuid.uuid4().hex
            try:
                answer = self.buy(line, key)
            except OSError:
                self.unanswered.append(key)
                time.sleep(0.01)
                continue
            if answer.status == 201:
                self.receipts[key] = answer.raw
            else:
                self.unanswered.append(key)
                self.odd.append(answer)
                time.sleep(0.05)
        line.close()

    def settle(self, line: Line) -> None:
        """Ask again under every key: the same answer where there was one; where none came, done once."""
        for key in self.receipts.keys() - self.settled:
            self.require_same_again(line, key)
        for key in self.unanswered:
            answer = self.buy(line, key)
            assert answer.status == 201, answer.raw
            self.receipts[key] = answer.raw
        self.unanswered.clear()
        self.settled |= self.receipts.keys()

    def require_same_again(self, line: Line, key: str) -> None:
        again = self.buy(line, key)
        assert again.raw == self.receipts[key], "an acknowledged purchase has changed or gone"
        assert again.headers["idempotent-replayed"] == "true"

    def require_books_in_order(self, line: Line) -> None:
        credits = line.get(f"/clients/{self.client}/credits").body
        assert credits["balance"] == CREDITS * len(self.receipts)
        assert [one["amount"] for one in credits["transactions"]] == [CREDITS] * len(self.receipts)


def hire(sandbox: RunningSandbox) -> list[Buyer]:
    line = sandbox.line()
    made = [Buyer(f"client_{uuid.uuid4().hex}") for _ in range(BUYERS)]
    for buyer in made:
        names = {"first_name": "Chidi", "last_name": "Obi"}
        issued = line.post("/issued_passes", {"pass_id": "pass_premium", "client_id": buyer.client, **names})
        assert issued.status == 201
    line.close()
    return made


@pytest.fixture
def running(shared_database: str) -> Iterator[RunningSandbox]:
    with RunningSandbox(shared_database, workers=2) as sandbox:
        yield sandbox


class Load:
    """All buyers at work, until told to stop."""

    def __init__(self, buyers: list[Buyer], url: str) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=buyer.buy_until, args=(self._stop, url)) for buyer in buyers]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def account_balance(line: Line) -> int:
    accounts = line.ask("GET", "/_sandbox/worlds/default/accounts").body["data"]
    balance: int = next(one["balance"] for one in accounts if one["id"] == "acct_demo")
    return balance


def test_what_was_acknowledged_survives_a_kill(running: RunningSandbox) -> None:
    buyers, line = hire(running), running.line()
    line.ask("PATCH", "/_sandbox/worlds/default/accounts/acct_demo", {"balance": RICH})
    had = account_balance(line)
    assert had == RICH
    line.close()
    for turn in range(KILLS):
        with Load(buyers, running.url):
            time.sleep(0.25 + turn % 7 * 0.03)
            running.kill()
        running.start()
        line = running.line()
        for buyer in buyers:
            buyer.settle(line)
            buyer.require_books_in_order(line)
        bought = sum(len(buyer.receipts) for buyer in buyers)
        assert account_balance(line) == had - PRICE * bought
        line.close()
    line = running.line()
    for buyer in buyers:
        for key in buyer.receipts:  # and all of them at the end, the oldest too
            buyer.require_same_again(line, key)
    line.close()
    assert bought > KILLS * BUYERS
    assert not [answer for buyer in buyers for answer in buyer.odd if answer.status >= 500]
    print(f"{KILLS} kills, {bought} purchases, every one there once")  # noqa: T201 - shown with -s


@pytest.fixture
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Cluster]:
    """A PostgreSQL to be killed: not the one that other tests are using."""
    folder = Path(os.environ[postgres.FOLDER]) / uuid.uuid4().hex[:8]
    try:
        cluster = postgres.new_cluster(folder)
    except postgres.NoPostgres:
        from tests.conftest import missing

        missing("PostgreSQL (initdb)")
        raise
    yield cluster
    cluster.kill()


def test_a_database_that_is_killed_under_load_is_found_again(own_cluster: postgres.Cluster) -> None:
    with (
        postgres.new_database(own_cluster, "sandbox") as url,
        RunningSandbox(url, workers=2) as sandbox,
    ):
        buyers = hire(sandbox)
        for _ in range(max(1, KILLS // 5)):
            with Load(buyers, sandbox.url):
                time.sleep(0.3)
                own_cluster.kill()
                time.sleep(0.5)
                own_cluster.start()
                require_recovery(sandbox)
            line = sandbox.line()
            for buyer in buyers:
                buyer.settle(line)
                buyer.require_books_in_order(line)
            line.close()
        for answer in (answer for buyer in buyers for answer in buyer.odd):
            assert (answer.status, answer.code) == (500, "internal_error")
            assert answer.body["error"]["request_id"] == answer.headers["bardge-request-id"]


def require_recovery(sandbox: RunningSandbox, seconds: float = 10) -> None:
    """It answers again, without having been restarted."""
    line = sandbox.line()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            if line.get("/providers/prov_fitzone").status == 200:
                line.close()
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing but errors {seconds} s after the database came back at {BASE}")
