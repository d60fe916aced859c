"""The sandbox under measurement: as a user starts it, every check on, a world of its own for every round."""

import json
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import BASE, JSON, NAMES, ROOT
from benchmarks.processes import Server, free_port
from benchmarks.wrk import Load
from tests.running import Line

CLIENTS = 16  # as many as connections: each can hold one seat of a session
SESSIONS, SEATS = 1_000, 20
TO_CANCEL = 2_000


@dataclass(frozen=True)
class World:
    """One world, filled for one round: a history to list, seats to book, bookings to cancel."""

    name: str
    line: Line
    key: str
    passes: list[tuple[str, str]]

    def drop(self) -> None:
        self.line.ask("DELETE", f"/_sandbox/worlds/{self.name}")
        self.line.close()

    def exercise(self, name: str) -> Load:
        make = {
            "get_booking_status": self._get,
            "list_client_bookings": self._list,
            "purchase_credits": self._purchase,
            "book_class": self._book,
            "cancel_booking": self._cancel,
        }[name]
        return make({"Authorization": f"Bearer {self.key}"})

    def _get(self, key: dict[str, str]) -> Load:
        return Load("GET", [f"{BASE}/bookings/{self._make_bookings(1)[0]}"], key)

    def _list(self, key: dict[str, str]) -> Load:
        self._make_bookings(CLIENTS * 25)
        return Load("GET", [f"{BASE}/clients/{self.passes[0][0]}/bookings?limit=20"], key)

    def _purchase(self, key: dict[str, str]) -> Load:
        body = {"client_id": self.passes[0][0], "package_id": "cpkg_50"}
        return Load("POST", [f"{BASE}/credit_purchases {json.dumps(body)}"], key | JSON)

    def _book(self, key: dict[str, str]) -> Load:
        lines = [f"{BASE}/bookings/class {json.dumps(self._wish(n))}" for n in range(SESSIONS * CLIENTS)]
        return Load("POST", lines, key | JSON, once=True)

    def _cancel(self, key: dict[str, str]) -> Load:
        lines = [f"{BASE}/bookings/{booking}/cancel {{}}" for booking in self._make_bookings(TO_CANCEL)]
        return Load("POST", lines, key | JSON, once=True)

    def _wish(self, n: int) -> dict[str, str]:
        client, pass_ = self.passes[n % CLIENTS]
        return {
            "class_instance_id": f"ci_bench_{n // CLIENTS}",
            "client_id": client,
            "user_pass_id": pass_,
            **NAMES,
        }

    def _make_bookings(self, count: int) -> list[str]:
        answers = [self.line.post("/bookings/class", self._wish(n)) for n in range(count)]
        return [answer.body["booking_id"] for answer in answers]


@dataclass(frozen=True)
class Ours:
    """A running sandbox."""

    url: str
    server: Server

    def new_world(self) -> World:
        sessions = [
            {
                "id": f"ci_bench_{n}",
                "class_id": "class_yoga",
                "scheduled_for": f"+{2 + n % 25}d {6 + n % 12:02}:00",
                "capacity": SEATS,
            }
            for n in range(SESSIONS)
        ]
        scenario = {"title": "Seats to book", "why": "A measurement.", "given": {"class_instances": sessions}}
        line = Line(self.url)
        made = line.ask("POST", "/_sandbox/worlds", {"id": f"w{uuid.uuid4().hex}", "scenario": scenario})
        assert made.status == 201, made.raw[:500]
        key = made.body["accounts"][0]["api_key"]
        world = World(made.body["id"], Line(self.url, key), key, [])
        for n in range(CLIENTS):
            wish = {"pass_id": "pass_premium", "client_id": f"client_bench_{n}", **NAMES}
            world.passes.append((f"client_bench_{n}", world.line.post("/issued_passes", wish).body["id"]))
        line.close()
        return world


@contextmanager
def started(folder: Path, database: str = "sqlite://", workers: int = 1, *flags: str) -> Iterator[Ours]:
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "serve", "--port", str(port), "--database", database]
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(
        [*command, "--workers", str(workers), *flags],
        f"{url}/_sandbox/health",
        folder=folder,
        environment={"PYTHONPATH": str(ROOT)},
    )
    try:
        yield Ours(url, server)
    finally:
        server.stop()
