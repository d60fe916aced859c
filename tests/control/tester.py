"""A tester in process: the whole sandbox, the control API and the emulated one, without a socket."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from sandbox.app import Sandbox, build
from sandbox.settings import Settings
from sandbox.wire import Delayed, Request, Response

BASE = "/v3/api/business/reseller"
CONTROL = "/_sandbox"
HOST = "127.0.0.1:4010"

BOOK_ADA = {
    "class_instance_id": "ci_yoga_open",
    "client_id": "client_ada",
    "first_name": "Ada",
    "last_name": "Okafor",
    "user_pass_id": "brgpass_ada",
}


@dataclass(frozen=True)
class Told:
    status: int
    body: Any
    response: Response

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def message(self) -> str:
        return str(self.body["error"]["message"])

    @property
    def data(self) -> list[Any]:
        return list(self.body["data"])

    @property
    def lost(self) -> bool:
        return self.response.drop is not None


class Tester:
    __test__ = False  # a noun of ours, not a class of tests

    def __init__(self, **settings: Any) -> None:
        self.sandbox: Sandbox = build(Settings(**settings))

    def send(self, request: Request) -> Told:
        return _told(self.sandbox.control.respond(request))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Told:
        """The control API."""
        told = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        if body is not None:
            told.setdefault("content-type", "application/json")
        path, _, query = path.partition("?")
        return self.send(Request(method, CONTROL + path, query, told, raw))

    def new_world(self, **wishes: Any) -> "InWorld":
        made = self.ask("POST", "/worlds", wishes)
        assert made.status == 201, made.body
        return InWorld(self, made.body["id"], {one["name"]: one["api_key"] for one in made.body["accounts"]})

    def default(self) -> "InWorld":
        keys = {name: f"sk_sandbox_{name}" for name in ("demo", "partner", "disabled")}
        return InWorld(self, "default", keys)

    def close(self) -> None:
        self.sandbox.close()


@dataclass
class InWorld:
    """One world, seen from both sides: `ask` is the tester's, `call` the reseller's."""

    tester: Tester
    id: str
    keys: dict[str, str]

    def ask(self, method: str, path: str = "", body: Any = None, **query: Any) -> Told:
        given = f"?{urlencode(query)}" if query else ""
        return self.tester.ask(method, f"/worlds/{self.id}{path}{given}", body)

    def call(self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str) -> Told:
        told = {"host": HOST, "authorization": f"Bearer {key or self.keys['demo']}"}
        told |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        raw = b"" if body is None else msgspec.json.encode(body)
        if body is not None:
            told.setdefault("content-type", "application/json")
        path, _, query = path.partition("?")
        answer = self.tester.sandbox.gateway.respond(Request(method, BASE + path, query, told, raw))
        while isinstance(answer, Delayed):
            answer = answer.then()
        return _told(answer)

    def book(self, **headers: str) -> Told:
        return self.call("POST", "/bookings/class", BOOK_ADA, **headers)

    def advance(self, span: str) -> None:
        assert self.ask("POST", "/clock", {"advance": span}).status == 200


def _told(response: Response) -> Told:
    kind = response.header("Content-Type") or ""
    body = (
        msgspec.json.decode(response.body) if kind.startswith("application/json") else response.body.decode()
    )
    return Told(response.status, body, response)
