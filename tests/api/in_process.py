"""The gateway in process, without Flask and without a socket: requests as values, answers as values."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from sandbox import places
from sandbox.api.gateway import Gateway
from sandbox.api.operations import handlers
from sandbox.api.promise import Promise
from sandbox.domain.moments import Millis
from sandbox.domain.records import Record
from sandbox.spec import Document
from sandbox.store import open_store
from sandbox.wire import Delayed, Request, Response
from sandbox.world.base import Bases
from sandbox.world.own_journal import OwnJournal
from sandbox.world.world import World
from sandbox.world.worlds import NewWorld, Worlds
from tests.world.bare import CAST

BASE = "/v3/api/business/reseller"
NOON = Millis(1_790_000_000_000)


@cache
def our_promise() -> Promise:
    return Promise(Document.load(places.DOCUMENT, strict=True))


@dataclass(frozen=True)
class Told:
    """An answer as a client sees it."""

    status: int
    body: Any
    response: Response

    @property
    def code(self) -> str:
        return self.body["error"]["code"]

    @property
    def message(self) -> str:
        return self.body["error"]["message"]

    def header(self, name: str) -> str | None:
        return self.response.header(name)


class Desk:
    """A sandbox of one's own, its default world frozen at noon, and a client of it."""

    def __init__(self, promise: Promise | None = None, database: str = "sqlite://", **gateway: Any) -> None:
        self.store = open_store(database)
        self.journal = OwnJournal()
        self.worlds = Worlds(self.store, Bases(CAST), self.journal, 1, CAST.api_keys)
        own = handlers() if promise is None else gateway.pop("handlers", handlers())
        self.gateway = Gateway(self.worlds, self.journal, promise or our_promise(), own, **gateway)
        with self.store.write("default") as rows:
            if rows.world("default") is None:
                self.worlds.make(rows, NewWorld(id="default", now=NOON, frozen=True))

    def ask(self, method: str, path: str, body: Any = None, key: str | None = "demo", **headers: str) -> Told:
        told = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if key is not None:
            told.setdefault("authorization", f"Bearer sk_sandbox_{key}")
        if body is not None:
            told.setdefault("content-type", "application/json")
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        path, _, query = path.partition("?")
        whole = path if path.startswith(BASE) or headers.get("anywhere") else BASE + path
        return self.send(Request(method, whole, query, told, raw))

    def send(self, request: Request) -> Told:
        answer = self.gateway.respond(request)
        while isinstance(answer, Delayed):
            answer = answer.then()
        return Told(answer.status, msgspec.json.decode(answer.body), answer)

    def get(self, path: str, key: str | None = "demo", **headers: str) -> Told:
        return self.ask("GET", path, None, key, **headers)

    def post(self, path: str, body: Any = None, key: str | None = "demo", **headers: str) -> Told:
        return self.ask("POST", path, body, key, **headers)

    def advance(self, span_ms: int) -> None:
        with self.store.write("default") as rows:
            state = self.worlds.state(rows, "default")
            moved = msgspec.structs.replace(state, clock=state.clock.set_to(state.now + span_ms))
            self.worlds.save(rows, moved)

    def world(self) -> World:
        with self.store.read() as rows:
            return self.worlds.enter(rows, self.worlds.state(rows, "default"))

    def put(self, *records: Record) -> None:
        with self.store.write("default") as rows:
            world = self.worlds.enter(rows, self.worlds.state(rows, "default"))
            for record in records:
                world.put(record)
            world.write_out()

    def last_entry(self) -> dict[str, Any]:
        return next(iter(self.journal.told("default")))

    def close(self) -> None:
        self.journal.close()
        self.store.close()
