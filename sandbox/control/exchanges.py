"""Exchanges: one request put to the API or the control API, and what came back, wherever the two run.

A scenario's steps are played through a `Line`. In process a line leads straight to a gateway;
over HTTP it leads to any implementation. A lost answer is `None`.
"""

import http.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from sandbox.wire import JSON, Answer, Delayed, Request, Response

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    target: str  # path and query, below the line's own base
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def encoded(self) -> bytes:
        return b"" if self.body is None else msgspec.json.encode(self.body)


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: Any

    @property
    def code(self) -> str | None:
        """The code of an error in the API's envelope."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error.get("code") if isinstance(error, dict) else None

    @property
    def message(self) -> str:
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return str(error.get("message", "")) if isinstance(error, dict) else ""


class Line(Protocol):
    def ask(self, asked: Asked) -> Answered | None:
        """The answer; None if the connection was cut before it was whole."""


@dataclass(frozen=True, slots=True)
class ToGateway:
    """Straight to a gateway in this process. Delays are skipped: nothing is gained by waiting here."""

    respond: Callable[[Request], Answer]
    base: str  # the path in front of every target

    def ask(self, asked: Asked) -> Answered | None:
        path, _, query = asked.target.partition("?")
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if asked.body is not None:
            headers.setdefault("content-type", JSON)
        request = Request(asked.method, self.base + path, query, headers, asked.encoded())
        response = carried_out(self.respond(request))
        return None if response.drop is not None else _answered(response)


class Unreachable(Exception):
    """Nobody answers at that address."""

    def __init__(self, url: str, reason: str) -> None:
        hint = "Is it running? `bardge-sandbox serve` starts one."
        super().__init__(f"Nothing answers at {url} ({reason}). {hint}")


@dataclass(frozen=True, slots=True)
class OverHttp:
    """To whatever implementation answers at a URL."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)  # sent with every request

    def ask(self, asked: Asked) -> Answered | None:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        headers = {**self.headers, **asked.headers}
        body = asked.encoded() or None
        if body is not None and "content-type" not in map(str.lower, headers):
            headers["Content-Type"] = JSON
        try:
            connection.connect()
        except OSError as reason:
            raise Unreachable(self.url, reason.strerror or str(reason)) from None
        try:
            connection.request(asked.method, parts.path.rstrip("/") + asked.target, body, headers)
            got = connection.getresponse()
            return _answered(Response(got.status, tuple(got.getheaders()), got.read()))
        except (http.client.HTTPException, OSError):
            return None
        finally:
            connection.close()


def carried_out(answer: Answer) -> Response:
    while isinstance(answer, Delayed):
        answer = answer.then()
    return answer


def _answered(response: Response) -> Answered:
    headers = {name.lower(): value for name, value in response.headers}
    return Answered(response.status, headers, _read(response.body))


def _read(body: bytes) -> Any:
    if not body:
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace")
