"""Fixtures for whoever tests a client of the Bardge API: a sandbox once per run, a world for every test.

    def test_a_retry_does_not_book_twice(bardge_world):
        bardge_world.faults.add("book_class", when="after", drop="connection", times=1)
        shop = Shop(bardge_world.base_url, bardge_world.api_key)
        shop.book("client_ada", "ci_yoga_open")  # retries by itself
        assert len(bardge_world.requests(operation="book_class")) == 2

Nothing but pytest is imported until a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

if TYPE_CHECKING:
    from sandbox.control.exchanges import Line

BASE_PATH = "/v3/api/business/reseller"
CONTROL = "/_sandbox"


class ControlRefused(Exception):
    """The control API, or the scanner, says no; `code` is what it says to a program."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class BardgeSandbox:
    """A sandbox that runs in a thread of this process, on a free port."""

    url: str
    _line: Line = field(repr=False)

    @property
    def base_url(self) -> str:
        return self.url + BASE_PATH

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Any operation of the control API: `ask("GET", "/scenarios")`. The answer's JSON, or its text."""
        from sandbox.control.exchanges import Asked

        given = {name: value for name, value in query.items() if value is not None}
        answer = self._line.ask(Asked(method, path + (f"?{urlencode(given)}" if given else ""), {}, body))
        if answer is None:
            raise ControlRefused(0, "lost", f"{method} {path} was not answered.")
        if answer.status >= 400:
            raise ControlRefused(answer.status, answer.code or "", answer.message)
        return answer.body

    def new_world(self, **wishes: Any) -> BardgeWorld:
        """`new_world(scenario="low_credits", seed=7, now="2026-05-29T17:30:00+01:00", frozen=True)`."""
        made = self.ask("POST", "/worlds", wishes)
        return BardgeWorld(self, made["id"], {one["name"]: one["api_key"] for one in made["accounts"]})


@dataclass(frozen=True)
class Clock:
    """The world's clock. All spans and moments are of the world's time, at once."""

    _world: BardgeWorld = field(repr=False)

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self._world.ask("GET", "/clock")["now"])

    def advance(self, span: str | timedelta | None = None, **units: float) -> datetime:
        """`advance(days=1, hours=2)`, `advance(timedelta(days=-1))`, or `advance("P1M")` by the calendar."""
        if by_calendar := {"months", "years"} & units.keys():
            unit = min(by_calendar)
            raise TypeError(
                f'`{unit}` differ in length. Say `advance("P1{unit[0].upper()}")`: they are the calendar\'s.'
            )
        if not isinstance(span, str):
            seconds = ((span or timedelta()) + timedelta(**units)).total_seconds()
            span = f"{'-' if seconds < 0 else ''}PT{abs(seconds):f}S"
        return self._move({"advance": span})

    def set(self, moment: datetime | str) -> datetime:
        return self._move({"set": moment if isinstance(moment, str) else moment.isoformat()})

    def freeze(self) -> datetime:
        return self._move({"freeze": True})

    def run(self) -> datetime:
        return self._move({"run": True})

    def _move(self, move: Mapping[str, Any]) -> datetime:
        return datetime.fromisoformat(self._world.ask("POST", "/clock", move)["now"])


@dataclass(frozen=True)
class Faults:
    """What is to go wrong in the world."""

    _world: BardgeWorld = field(repr=False)

    def add(self, operation: str = "*", when: str = "before", **fault: Any) -> str:
        """`add("book_class", when="after", drop="connection", times=1)`. Its id."""
        made = self._world.ask("POST", "/faults", {"operation": operation, "when": when, **fault})
        return str(made["id"])

    def list(self) -> list[dict[str, Any]]:
        return _data(self._world.ask("GET", "/faults"))

    def clear(self) -> None:
        self._world.ask("DELETE", "/faults")


@dataclass(frozen=True)
class BardgeWorld:
    """A world of one's own: data, clock, keys, faults and journal that no other test can see."""

    sandbox: BardgeSandbox
    id: str
    keys: Mapping[str, str] = field(repr=False)  # by account name: demo, partner, disabled

    @property
    def base_url(self) -> str:
        return self.sandbox.base_url

    @property
    def api_key(self) -> str:
        return self.keys["demo"]

    @property
    def clock(self) -> Clock:
        return Clock(self)

    @property
    def faults(self) -> Faults:
        return Faults(self)

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Any operation on this world: `ask("PATCH", "/accounts/demo", {"enabled": False})`."""
        return self.sandbox.ask(method, f"/worlds/{quote(self.id, safe='')}{path}", body, **query)

    def requests(self, **filters: Any) -> list[dict[str, Any]]:
        """The journal, newest first: `requests(operation="book_class", status="4xx")`."""
        return _data(self.ask("GET", "/requests", **{"limit": 1000, **filters}))

    def messages(self, client_id: str | None = None) -> list[dict[str, Any]]:
        """What was sent to clients' phones, newest first."""
        return _data(self.ask("GET", "/messages", client_id=client_id))

    def check_in(self, access_code: str, provider_id: str) -> dict[str, Any]:
        """Holds a code to the scanner; `ControlRefused` with its code if the door stays shut."""
        accepted: dict[str, Any] = self.ask(
            "POST", "/check-ins", {"access_code": access_code, "provider_id": provider_id}
        )
        return accepted

    def load(self, scenario: str | Path | dict[str, Any]) -> None:
        """Into a situation: a scenario's name, a file, or the document itself."""
        self.ask("POST", "/scenarios/load", {"scenario": _sent(scenario)})

    def play(self, scenario: str | Path | dict[str, Any]) -> None:
        """Plays a scenario's steps in this world and fails at the first that goes wrong."""
        run = self.ask("POST", "/scenarios/run", {"scenario": _sent(scenario)})
        wrong = [
            f"{one['step']}. {one['title']}: {' '.join(one['problems'])}"
            for one in run["steps"]
            if one["problems"]
        ]
        assert run["passed"], "\n".join(wrong)

    def reset(self, scenario: str | Path | dict[str, Any] | None = None) -> None:
        self.ask("POST", "/reset", {} if scenario is None else {"scenario": _sent(scenario)})

    def snapshot(self, name: str = "here") -> None:
        """Remembers this moment under a name; one of that name is replaced."""
        known = {one["name"] for one in _data(self.ask("GET", "/snapshots"))}
        if name in known:
            self.ask("DELETE", f"/snapshots/{name}")
        self.ask("POST", "/snapshots", {"name": name})

    def restore(self, name: str = "here") -> None:
        self.ask("POST", f"/snapshots/{name}/restore")

    def export(self) -> str:
        """The world as a scenario file, to attach to a failure."""
        return str(self.ask("GET", "/export"))

    def drop(self) -> None:
        self.sandbox.ask("DELETE", f"/worlds/{quote(self.id, safe='')}")


@pytest.fixture(scope="session")
def bardge_sandbox_settings() -> dict[str, Any]:
    """Override it in a conftest.py to start the sandbox another way: `{"seed": 7}`."""
    return {}


@pytest.fixture(scope="session")
def bardge_sandbox(bardge_sandbox_settings: dict[str, Any]) -> Iterator[BardgeSandbox]:
    """A sandbox in a thread of this process, started when the first test asks for it."""
    from sandbox import app
    from sandbox.control.exchanges import OverHttp
    from sandbox.settings import Settings
    from sandbox.web import server

    running = app.build(Settings(**bardge_sandbox_settings))
    front = server.Front(running.gateway, running.pages, waits=running.store.waits)
    thread = server.ServerThread(front, server.listen("127.0.0.1", 0)).start()
    try:
        yield BardgeSandbox(thread.url, OverHttp(thread.url + CONTROL))
    finally:
        thread.stop()
        running.close()


@pytest.fixture
def bardge_world(bardge_sandbox: BardgeSandbox) -> Iterator[BardgeWorld]:
    """A new world for this test, with keys of its own; dropped when the test is over."""
    world = bardge_sandbox.new_world()
    yield world
    world.drop()


def _data(answer: dict[str, Any]) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = answer["data"]
    return data


def _sent(scenario: str | Path | dict[str, Any]) -> str | dict[str, Any]:
    if isinstance(scenario, dict):
        return scenario
    path = Path(scenario)
    return path.read_text("utf-8") if path.suffix in (".yaml", ".yml") else str(scenario)
