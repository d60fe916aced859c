"""Three sandboxes on machines of their own, PostgreSQL on a fourth, a proxy in front: one to whoever asks."""

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import LONG, missing
from tests.running import BASE, Line, RunningSandbox
from tests.unbreakable.machines import Machine, machines
from tests.unbreakable.proxy import Proxy

PORT, DATABASE_PORT = 4010, 5432
TOKEN = "for-the-tester"
BETWEEN_KILLS = 0.5
PART = () if LONG else ("--quick", "--only", "AUTH")  # a part of the suite, again and again, or all of it

pytestmark = [pytest.mark.timeout(900 if LONG else 120), pytest.mark.xdist_group("several machines")]


@dataclass
class Team:
    proxy: Proxy
    sandboxes: dict[tuple[str, int], RunningSandbox]

    def line(self) -> Line:
        return Line(self.proxy.url)


@pytest.fixture
def team() -> Iterator[Team]:
    with ExitStack() as stack:
        database, *others = stack.enter_context(machines(4))
        url = stack.enter_context(_database(database))
        sandboxes = {}
        for machine in others:
            flags = ("--host", machine.address, "--control-token", TOKEN, "--allow-host", "127.0.0.1")
            sandbox = RunningSandbox(url, 1, *flags, port=PORT, inside=machine.inside)
            stack.callback(sandbox.kill)
            sandboxes[machine.address, PORT] = sandbox.start()
        proxy = Proxy(list(sandboxes))
        stack.callback(proxy.close)
        yield Team(proxy, sandboxes)


@contextmanager
def _database(machine: Machine) -> Iterator[str]:
    folder = Path(os.environ[postgres.FOLDER]) / uuid.uuid4().hex[:8]
    port = DATABASE_PORT if machine.inside else None
    try:
        cluster = postgres.new_cluster(folder, port, machine.inside)
    except postgres.NoPostgres:
        missing("PostgreSQL (initdb)")
        raise
    try:
        with postgres.new_database(cluster, "sandbox") as near:
            far = f"postgresql://postgres@{machine.address}:{port}/sandbox"
            yield far if machine.inside else near
    finally:
        cluster.kill()


class Reaper:
    """Kills one sandbox after the other, each time the next, and starts it again."""

    def __init__(self, team: Team) -> None:
        self._team = team
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._reap)
        self.killed = 0

    def __enter__(self) -> "Reaper":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _reap(self) -> None:
        for address, sandbox in cycle(self._team.sandboxes.items()):
            if self._stop.wait(BETWEEN_KILLS):
                return
            self._team.proxy.at_rest(address, sandbox.kill)
            self.killed += 1
            if self._stop.wait(BETWEEN_KILLS):
                return
            sandbox.start()


def test_the_contract_holds_while_one_after_the_other_is_killed(team: Team, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "contract_tests", "run", "--target", team.proxy.url + BASE, "--key"),
        *("sk_sandbox_demo", "--partner-key", "sk_sandbox_partner", "--disabled-key", "sk_sandbox_disabled"),
        *("--control", f"{team.proxy.url}/_sandbox", "--control-token", TOKEN, "--level", "full"),
        *("--report", str(tmp_path), *PART),
    ]
    with Reaper(team) as reaper:
        while reaper.killed < len(team.sandboxes):
            run = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
            assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert all(team.proxy.answered.values()), "each of them has answered"
    print(f"{reaper.killed} killed; {run.stdout.splitlines()[-1:]}")  # noqa: T201 - shown with -s


def test_what_one_machine_did_the_others_know(team: Team) -> None:
    line = team.line()
    wish = {"client_id": "client_ada", "package_id": "cpkg_50"}
    balances = [line.post("/credit_purchases", wish).body["balance"] for _ in range(6)]
    assert balances == [50 + 50 * n for n in range(1, 7)]
    first = line.post("/credit_purchases", wish, Idempotency_Key="one")
    again = [line.post("/credit_purchases", wish, Idempotency_Key="one") for _ in range(3)]
    assert {answer.raw for answer in again} == {first.raw}
    time.sleep(0.3)  # the journal travels ten times a second
    seen = line.ask("GET", "/_sandbox/worlds/default/requests?limit=100", Authorization=f"Bearer {TOKEN}")
    assert seen.body["total"] == 10
    line.close()
