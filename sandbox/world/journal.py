"""The journal: what was asked, what was answered, which rule decided and what it changed.

An entry is noted the moment the answer is ready, raw and by reference: that costs two
microseconds. It is put into words, secrets struck out, only when somebody reads it. There are
two: `OwnJournal`, in the memory of the one process that serves its worlds, and `SharedJournal`,
in the store that several processes have in common.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from sandbox.domain.moments import Millis, rfc3339
from sandbox.wire import Request, Response
from sandbox.world.secrets import strike_out, strike_out_headers
from sandbox.world.world import Change

BODY_SHOWN = 32_768  # of a longer body the journal keeps the beginning
ENTRY_BYTES = 1_200  # what an entry weighs beside its bodies, roughly

Told = dict[str, Any]


class Wanted(msgspec.Struct, frozen=True):
    """Which entries a reader asks for. `status` is a number or a class of them: `409`, `4xx`."""

    operation: str | None = None
    status: str | None = None
    client_id: str | None = None
    since: int = 0
    until: int | None = None

    def fits(self, operation: str | None, status: int, at: int) -> bool:
        if self.operation is not None and operation != self.operation:
            return False
        if self.status is not None and self.status.lower() not in (str(status), f"{status // 100}xx"):
            return False
        return at >= self.since and (self.until is None or at < self.until)


class Entry(msgspec.Struct):
    id: str
    at: Millis  # real time: the order in which things happened, whatever the world's clock did
    world_time: Millis
    request: Request
    response: Response
    operation: str | None
    micros: int
    caller: str | None
    client_id: str | None
    rule: str
    changes: list[Change]
    fault: str | None = None
    replayed: bool = False
    generated: bool = False
    chapter: int | None = None  # the world's when this was asked; None if an unknown key opened no world

    @property
    def weight(self) -> int:
        return ENTRY_BYTES + min(len(self.request.body), BODY_SHOWN) + len(self.response.body)


class Journal(Protocol):
    def note(self, world: str, entry: Entry) -> None:
        """On the way of every request, so it waits for nothing."""

    def told(self, world: str, since: int = 0) -> Iterator[Told]:
        """Entries newest first, in words."""

    def page(self, world: str, wanted: Wanted, limit: int) -> tuple[list[Told], int]:
        """The newest of the entries that are wanted, in words, and how many there are."""

    def find(self, world: str, id_: str) -> Told | None:
        """The entry of that request, in words."""

    def clear(self, world: str) -> int:
        """Forget the world's entries, wherever they are; how many there were."""

    def forget(self, world: str) -> None:
        """In this process; the store's part goes with the world's rows. May be called holding the world."""

    def close(self) -> None: ...


def tell(entry: Entry) -> Told:
    """The entry as the control API shows it. Nothing secret passes here."""
    request, response = entry.request, entry.response
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "world_time": rfc3339(entry.world_time),
        "method": request.method,
        "path": strike_out(request.path),
        "query": strike_out(request.query),
        "operation": entry.operation,
        "status": response.status,
        "duration_ms": entry.micros / 1000,
        "caller": entry.caller,
        "client_id": entry.client_id and strike_out(entry.client_id),
        "request": {"headers": strike_out_headers(request.headers.items()), "body": _shown(request.body)},
        "answer": {"headers": strike_out_headers(response.headers), "body": _shown(response.body)},
        "rule": entry.rule.split() if entry.rule else [],
        "changes": [
            {"kind": kind, "id": strike_out(id_), "before": before and _plain(before), "after": _plain(after)}
            for kind, id_, before, after in entry.changes
        ],
        "fault": entry.fault,
        "replayed": entry.replayed,
        "generated": entry.generated,
    }


def _plain(record: Any) -> Any:
    return msgspec.json.decode(strike_out(msgspec.json.encode(record).decode()))


def _shown(body: bytes) -> Any:
    """JSON as JSON, anything else as text; what is too long, its beginning."""
    if not body:
        return None
    text = strike_out(body[:BODY_SHOWN].decode(errors="replace"))
    if len(body) > BODY_SHOWN:
        return f"{text}… ({len(body)} bytes in all)"
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
