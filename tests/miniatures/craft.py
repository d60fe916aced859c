"""How a miniature is made: the sandbox, and one sin.

A sin is committed in a process of its own, which ends with it. There are two kinds. A *layer* stands in front of the
gateway and sees HTTP only. An *edit* changes a few words of one rule: the function's source is read, the words are
replaced (they must be there, once), and the function goes on with the new code. An edit whose words are gone says so,
so no miniature is quietly right.
"""

from __future__ import annotations

import importlib
import inspect
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, TypeVar

import msgspec

from sandbox.api.gateway import Gateway
from sandbox.control.gateway import Control
from sandbox.spec import Match
from sandbox.wire import JSON, Delayed, Request, Response

BASE = "/v3/api/business/reseller"


class LostWords(Exception):
    """The words that an edit replaces are not in the rule any more: the miniature has to be looked at."""


@dataclass(frozen=True, slots=True)
class Miniature:
    """A wrong implementation: its sin in its name, and the requirements that it breaks."""

    name: str
    breaks: tuple[str, ...]
    sin: Callable[[], None]
    base: str = BASE
    whole: bool = False  # only the whole suite can see it: generated cases, walks


@dataclass(slots=True)
class Visit:
    """One request at the door of the gateway."""

    request: Request
    operation: str | None
    ask: Callable[[Request], Response]
    state: dict[str, Any] = field(default_factory=dict)

    def go(self, **changed: Any) -> Response:
        return self.ask(msgspec.structs.replace(self.request, **changed))

    @property
    def key(self) -> str:
        return self.request.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.request.body or b"{}")
        except ValueError:
            return None

    def with_body(self, body: Any) -> Response:
        return self.go(body=json.dumps(body).encode())

    def with_header(self, name: str, value: str | None) -> Response:
        headers = {n: v for n, v in self.request.headers.items() if n != name}
        return self.go(headers=headers if value is None else {**headers, name: value})

    def asked_again(self, method: str, path: str, key: str | None = None) -> Response:
        """A request of the layer's own, to find out something."""
        headers = {"authorization": f"Bearer {key or self.key}"}
        return self.ask(Request(method, BASE + path, headers=headers))


Layer = Callable[[Visit], Response | Delayed]
LayerT = TypeVar("LayerT", bound=Layer)


def body_of(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return None


def telling(response: Response, body: Any, status: int | None = None) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return msgspec.structs.replace(response, body=raw, status=status or response.status)


def refusal(visit: Visit, status: int, kind: str, code: str, message: str = "No.") -> Response:
    """An error in the API's own shape, with a request id that the gateway gave."""
    real = visit.asked_again("GET", "/no_such_thing")
    id_ = real.header("Bardge-Request-Id") or ""
    error = {"type": kind, "code": code, "message": message, "request_id": id_}
    headers = (("Content-Type", JSON), ("Bardge-Request-Id", id_))
    return Response(status, headers, json.dumps({"error": error}).encode())


# --- the bank -------------------------------------------------------------------------------

BANK: list[Miniature] = []


def keep(name: str, breaks: str, sin: Callable[[], None], base: str = BASE) -> None:
    assert name not in [known.name for known in BANK], f"two miniatures are called {name}"
    broken = tuple(breaks.split())
    whole = any(name.startswith(("GEN-", "WALK-", "SCEN-")) for name in broken)
    BANK.append(Miniature(name, broken, sin, base, whole))


def layer(breaks: str, *, base: str = BASE) -> Callable[[LayerT], LayerT]:
    """The function below is a layer, and its name the sin."""

    def take(function: LayerT) -> LayerT:
        keep(function.__name__, breaks, lambda: stand_in_front(function), base)
        return function

    return take


def stand_in_front(function: Layer) -> None:
    original, state = Gateway.respond, {}

    def respond(self: Gateway, request: Request) -> Any:
        found = self._router.match(request.method, request.path)
        operation = found.operation.id if isinstance(found, Match) else None
        return function(Visit(request, operation, lambda asked: original(self, asked), state))

    Gateway.respond = respond  # type: ignore[method-assign]


def says(name: str, breaks: str, operations: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """The successful answers of these operations are told wrongly. `*` is all of them."""
    wanted = set(operations.split())

    def tell(visit: Visit) -> Response:
        response = visit.go()
        body = body_of(response)
        if response.status >= 300 or not isinstance(body, dict) or not (wanted & {"*", visit.operation}):
            return response
        changed = change(body)
        return telling(response, body if changed is None else changed)

    keep(name, breaks, lambda: stand_in_front(tell))


def refuses(
    name: str, breaks: str, codes: str, change: Callable[[dict[str, Any]], Any], status: int | None = None
) -> None:
    """The errors with these codes are told wrongly. `*` is all of them, `op:code` those of one operation."""
    wanted = set(codes.split())

    def tell(visit: Visit) -> Response:
        response = visit.go()
        body = body_of(response)
        if response.status < 400 or not isinstance(body, dict):
            return response
        code = body["error"]["code"]
        if not wanted & {"*", code, str(response.status), f"{visit.operation}:{code}"}:
            return response
        changed = change(body["error"])
        return telling(response, body if changed is None else changed, status)

    keep(name, breaks, lambda: stand_in_front(tell))


def edit(name: str, breaks: str, *edits: tuple[str, str, str]) -> None:
    """(where, words, other words): `domain.classes.require_seat`, `>= capacity`, `> capacity`."""
    EDITED.extend(where for where, _, _ in edits)
    keep(name, breaks, lambda: [reword(*one) for one in edits] and None)


def constant(name: str, breaks: str, where: str, value: Any) -> None:
    def change() -> None:
        module, attribute = where.rsplit(".", 1)
        owner = importlib.import_module(f"sandbox.{module}")
        assert hasattr(owner, attribute), f"{where} is gone"
        setattr(owner, attribute, value)

    keep(name, breaks, change)


EDITED: list[str] = []
# sources as edits left them: code made here has no file to read
_REWORDED: dict[FunctionType, str] = {}


def read_sources() -> None:
    """All at once and beforehand: a file may change while a long run goes on."""
    for where in EDITED:
        function = _function(where)
        _REWORDED.setdefault(function, textwrap.dedent(inspect.getsource(function)))


def reword(where: str, words: str, others: str) -> None:
    function = _function(where)
    source = _REWORDED.get(function) or textwrap.dedent(inspect.getsource(function))
    if source.count(words) != 1:
        raise LostWords(f"{where}: {words!r} is there {source.count(words)} times")
    _REWORDED[function] = source.replace(words, others)
    lines = _REWORDED[function].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("def "))
    made: dict[str, Any] = {}
    code = compile("\n".join(lines[start:]), f"<miniature of {where}>", "exec")
    exec(code, function.__globals__, made)
    function.__code__ = made[function.__name__].__code__


def _function(where: str) -> FunctionType:
    parts = where.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(["sandbox", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = inspect.getattr_static(found, name)
        found = getattr(found, "fget", found)
        found = getattr(found, "__wrapped__", found)
        assert isinstance(found, FunctionType), f"{where} is no function"
        return found
    raise LostWords(f"{where} is gone")


def control_layer(
    breaks: str,
) -> Callable[[Callable[[Request, Callable[[Request], Response]], Response]], Any]:
    """The function below stands in front of the control API: the studio, the scanner, the messages."""

    def take(function: Callable[[Request, Callable[[Request], Response]], Response]) -> Any:
        def sin() -> None:
            original = Control.respond

            def respond(self: Control, request: Request) -> Any:
                return function(request, lambda asked: original(self, asked))

            Control.respond = respond  # type: ignore[method-assign]

        keep(function.__name__, breaks, sin)
        return function

    return take


def drop(*names: str) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        for name in names:
            body.pop(name, None)

    return change


def put(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.update(fields)


def each(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    """The same for every item of a list."""

    def change_all(body: dict[str, Any]) -> None:
        for item in body.get("data") or []:
            change(item)

    return change_all


def lines(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    """The same for every line of a ledger."""

    def change_all(body: dict[str, Any]) -> None:
        for line in body.get("transactions") or []:
            change(line)

    return change_all


def turn(*names: str, by: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Turns the values of these fields where they are there."""

    def change(body: dict[str, Any]) -> None:
        for name in names:
            if body.get(name) is not None:
                body[name] = by(body[name])

    return change


def to_seconds(value: int) -> int:
    return value // 1000


def to_ms(value: int) -> int:
    return value * 1000
