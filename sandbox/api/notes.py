"""What is noted of a request on its way, and the journal entry it becomes."""

import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import field

from sandbox.api.call import Call
from sandbox.domain.moments import Millis
from sandbox.spec import Match
from sandbox.wire import Request, Response
from sandbox.world.clock import real_now
from sandbox.world.journal import Entry
from sandbox.world.state import WorldState
from sandbox.world.world import Change
from sandbox.world.worlds import Visitor


class RequestIds:
    """CONV-4: half of an id is the process's own, half the request's number in it."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(8)
        self._numbers = itertools.count(secrets.randbits(32))

    def next(self) -> str:
        return f"req_{self._process}{next(self._numbers):016x}"


class Notes(msgspec.Struct):
    request: Request
    match: Match | None
    id: str
    started: int = field(default_factory=time.perf_counter_ns)
    visitor: Visitor | None = None
    call: Call | None = None
    rule: str = ""
    changes: list[Change] = []
    fault: str | None = None
    replayed: bool = False
    generated: bool = False

    @property
    def operation_id(self) -> str | None:
        return None if self.match is None else self.match.operation.id

    @property
    def world_id(self) -> str:
        """An unknown key opens no world: its request is journalled in the default one."""
        return self.visitor.state.id if self.visitor else WorldState.DEFAULT

    def entry(self, response: Response) -> Entry:
        at = real_now()
        return Entry(
            id=self.id,
            at=at,
            world_time=self.visitor.state.now if self.visitor else Millis(at),
            request=self.request,
            response=response,
            operation=self.operation_id,
            micros=(time.perf_counter_ns() - self.started) // 1000,
            caller=self.visitor.account.name if self.visitor else None,
            client_id=self._client_id(),
            rule=self.rule,
            changes=self.changes,
            fault=self.fault,
            replayed=self.replayed,
            generated=self.generated,
            chapter=self.visitor.state.chapter if self.visitor else None,
        )

    def facts(self) -> Mapping[str, Any]:
        """The names a fault may match on: those in body, query and path, and the key."""
        facts: dict[str, Any] = dict(_object_in(self.request.body))
        for pair in self.request.query.split("&"):
            name, _, value = pair.partition("=")
            facts[name] = value
        if self.match is not None:
            facts.update(self.match.path_parameters)
            facts.setdefault("client_id", facts.get("clientId"))
        facts["api_key"] = (self.request.header("authorization") or "").rpartition(" ")[2]
        facts["idempotency_key"] = self.request.header("idempotency-key")
        return facts

    def _client_id(self) -> str | None:
        if self.call is None:
            return None
        named = self.call.path.get("clientId")
        if named is None and isinstance(self.call.body, dict):
            named = self.call.body.get("client_id")
        return named if isinstance(named, str) else None


def _object_in(body: bytes) -> Mapping[str, Any]:
    try:
        value = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}
