"""What a handler of the control API is asked, where it works, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from sandbox.control.scenario_files import ScenarioShelf
from sandbox.domain.records import Act
from sandbox.spec import Document
from sandbox.store import Rows
from sandbox.wire import JSON, Answer, Request, Response
from sandbox.world.state import WorldState
from sandbox.world.world import World
from sandbox.world.worlds import Worlds

BACK_OFFICE = "back office"


class Responder(Protocol):
    """The emulated API's gateway, as the control API sees it."""

    def respond(self, request: Request) -> Answer: ...


class Inside(Protocol):
    """The control API behind its guard: for those who were let in already."""

    def let_in(self, request: Request) -> Response: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the control API is made of; the same for every request."""

    worlds: Worlds
    api: Responder
    control: Inside
    document: Document  # of the emulated API
    own_document: Document
    scenarios: ScenarioShelf
    report: Path | None


@dataclass(frozen=True, slots=True)
class Call:
    """Parameters and body as the document types them. What was left out is absent, never None."""

    operation_id: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any

    @property
    def who(self) -> str:
        return self.headers.get("sandbox-actor", BACK_OFFICE)


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON value, or text of another media type."""

    body: Any
    status: int = 200
    media_type: str = JSON


def listed(data: list[Any], total: int | None = None) -> Reply:
    return Reply({"data": data, "total": len(data) if total is None else total})


class Desk:
    """Where a handler works: one transaction, and in it the world that the path names, if it names one."""

    def __init__(self, parts: Parts, rows: Rows, state: WorldState | None) -> None:
        self.parts = parts
        self.rows = rows
        self._state = state
        self._world: World | None = None

    @property
    def state(self) -> WorldState:
        assert self._state is not None, "this operation's path names no world"
        return self._state

    @property
    def world(self) -> World:
        if self._world is None:
            self._world = self.parts.worlds.enter(self.rows, self.state)
        return self._world

    def save(self, **changed: Any) -> WorldState:
        """Change what is known of the world beside its records."""
        self._state = replace(self.state, **changed)
        self.parts.worlds.save(self.rows, self._state)
        return self._state

    def log(self, call: Call, what: str, subject: str, why: str = "") -> None:
        """A line of the back office's log."""
        id_, nth = self.world.name(Act)
        act = Act(id=id_, nth=nth, created=self.world.now, who=call.who, what=what, subject=subject, why=why)
        self.world.put(act)

    def write_out(self) -> None:
        if self._world is not None:
            self._world.write_out()


class Handler(Protocol):
    def __call__(self, call: Call, desk: Desk) -> Reply: ...


class Errand(Protocol):
    """A handler that needs no transaction, or opens its own: it reads the journal, or calls the API."""

    def __call__(self, call: Call, parts: Parts) -> Reply: ...
