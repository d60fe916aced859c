"""One connection: HTTP/1.1 as it stands on the wire, one request at a time.

llhttp (through httptools) reads the wire. What is no request, or too large a one, is refused here; a request
goes to the `Host` behind, whole, and its answer is written as it is: late, cut off, or not at all.
"""

import asyncio
import os
import re
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

import httptools

from sandbox.errors import INVALID, envelope
from sandbox.web.doors import body_limit
from sandbox.wire import JSON, Answer, Delayed, Request, Response

HEAD_LIMIT = 64 * 1024
HEADERS_LIMIT = 100
IDLE_SECONDS = 75.0  # an open connection that asks nothing
SLOW_SECONDS = 30.0  # a request that stopped arriving
LINGER_SECONDS = 2.0  # after a refusal, for a sender that is still sending, so that it can read it

_METHOD = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")
_STATUS_LINES = {s.value: b"HTTP/1.1 %d %s\r\n" % (s.value, s.phrase.encode()) for s in HTTPStatus}


class Host(Protocol):
    """What stands behind a connection, and knows them all."""

    connections: "set[Connection]"
    date: bytes  # the header's line
    stopping: bool

    def ask(self, request: Request, answer: Callable[[Answer], None]) -> None: ...


class Connection(asyncio.Protocol):
    def __init__(self, front: Host, loop: asyncio.AbstractEventLoop) -> None:
        self._front, self._loop = front, loop
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()  # pipelined behind the one in hand
        self._busy = False
        self._last = False  # nothing more is answered on this connection
        self._heard = loop.time()
        self._message = _Message()
        self._offering = self._message  # the latest that offered to upgrade

    # --- asyncio ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # of a socket
        self._front.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._front.connections.discard(self)
        self._last = True

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        if self._last:
            return  # lingering: the sender may finish, nobody listens
        self._message.unread += len(data)
        unread = data
        while unread and not self._last:
            try:
                self._parser.feed_data(unread)
                unread = b""
            except httptools.HttpParserUpgrade as offer:
                unread = self._without_offer(unread[offer.args[0] :])
            except httptools.HttpParserInvalidMethodError as reason:
                unread = self._by_a_known_method(unread, reason)
            except httptools.HttpParserError as reason:
                unread = self._refuse_wire(reason)
        if self._message.in_head and self._message.unread > HEAD_LIMIT:
            self._refuse_head()

    def eof_received(self) -> bool:
        return self._busy  # half-closed is fine as long as an answer is on its way

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    # --- the parser ---

    def on_url(self, piece: bytes) -> None:
        message = self._message
        message.target += piece
        message.head_size += len(piece)

    def on_header(self, name: bytes, value: bytes) -> None:
        message = self._message
        message.head_size += len(name) + len(value)
        message.header_count += 1
        headers = message.headers
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        message = self._message
        message.in_head = False
        message.path, message.query = _split(message.target)
        message.body_limit = body_limit(message.path)
        if message.head_size > HEAD_LIMIT or message.header_count > HEADERS_LIMIT:
            self._refuse_head()
        elif self._parser.should_upgrade():
            self._offering = message
            message.handed_over = True  # once it is read again, without the offer
        elif int(message.headers.get("content-length") or 0) > message.body_limit:
            self._hand_over(too_large=True)
        elif message.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, piece: bytes) -> None:
        message = self._message
        if message.handed_over or self._last:
            return
        message.body_size += len(piece)
        if message.body_size > message.body_limit:
            self._hand_over(too_large=True)
        else:
            message.body.append(piece)

    def on_message_complete(self) -> None:
        if not (self._message.handed_over or self._last):
            self._hand_over()
        self._message = _Message()

    def _without_offer(self, rest: bytes) -> bytes:
        """What is to be read instead: an offer to go on in another protocol is not taken up (RFC 9110, 7.8).

        Clients that would rather speak HTTP/2 make one by default. The parser takes the offer for a deal and
        reads no body, so another one begins at the head again.
        """
        method, version = self._parser.get_method(), self._parser.get_http_version()
        if method == b"CONNECT":
            self._refuse(400, "This server is no proxy: there is nothing here to connect to.")
            return b""
        self._parser = httptools.HttpRequestParser(self)
        head = [b"%s %s HTTP/%s" % (method, self._offering.target, version.encode())]
        for name, value in self._offering.headers.items():
            if name != "upgrade":
                head.append(f"{name}: {value}".encode("latin-1"))
        return b"\r\n".join([*head, b"", rest])

    def _by_a_known_method(self, unread: bytes, reason: httptools.HttpParserError) -> bytes:
        """What is to be read instead: any word may be a method; the gateway says that it is not ours.

        The parser knows a list of methods. It reads on as if this were one of them.
        """
        method, _, rest = unread.partition(b" ")
        begins_here = self._message.unread == len(unread)
        if not (rest and begins_here and _METHOD.fullmatch(method)):
            return self._refuse_wire(reason)
        self._parser = httptools.HttpRequestParser(self)
        self._message.method = method.decode("latin-1")
        return b"PATCH " + rest

    def _hand_over(self, *, too_large: bool = False) -> None:
        message = self._message
        message.handed_over = True
        method = message.method or self._parser.get_method().decode("latin-1")
        request = message.as_request(method, too_large=too_large)
        keeps = self._parser.should_keep_alive() and not too_large
        if self._busy:
            self._waiting.append((request, keeps))
            self._transport.pause_reading()
        else:
            self._ask(request, keeps)

    # --- the answer ---

    def _ask(self, request: Request, keeps: bool) -> None:
        self._busy = True
        self._front.ask(request, lambda answer: self._answered(request, keeps, answer))

    def _answered(self, request: Request, keeps: bool, answer: Answer) -> None:
        if isinstance(answer, Delayed):
            then = answer.then
            self._loop.call_later(answer.seconds, lambda: self._answered(request, keeps, then()))
            return
        self._busy = False
        self._heard = self._loop.time()
        if self._transport.is_closing():
            return
        if answer.drop == "connection":
            self._transport.abort()
            return
        keeps = keeps and not self._front.stopping
        self._write(answer, keeps=keeps, head_only=request.method == "HEAD")
        if answer.drop == "half_body" or not keeps:
            self._linger(too_large=request.too_large)
        elif self._waiting:
            self._ask(*self._waiting.popleft())
            if not self._waiting:
                self._transport.resume_reading()

    def _write(self, answer: Response, *, keeps: bool, head_only: bool) -> None:
        head = [_STATUS_LINES.get(answer.status) or b"HTTP/1.1 %d Unknown\r\n" % answer.status]
        head += [f"{name}: {value}\r\n".encode("latin-1", "replace") for name, value in answer.headers]
        if answer.status != 204:
            head.append(b"Content-Length: %d\r\n" % len(answer.body))
        head.append(self._front.date)
        if not keeps:
            head.append(b"Connection: close\r\n")
        body = b"" if head_only or answer.status in (204, 304) else answer.body
        if answer.drop == "half_body":
            body = body[: len(body) // 2]
        self._transport.write(b"".join((*head, b"\r\n", body)))

    def _refuse_wire(self, reason: httptools.HttpParserError) -> bytes:
        self._refuse(400, f"This is not HTTP/1.1 as the standard has it: {reason}.")
        return b""

    def _refuse(self, status: int, message: str) -> None:
        """For what is not a request at all; the gateway never hears of it."""
        if self._last:
            return
        request_id = "req_" + os.urandom(16).hex()
        body = envelope(INVALID, "validation_error", message, request_id)
        headers = (("Content-Type", JSON), ("Bardge-Request-Id", request_id))
        self._write(Response(status, headers, body), keeps=False, head_only=False)
        self._linger(too_large=True)

    def _refuse_head(self) -> None:
        most = f"{HEAD_LIMIT} bytes or {HEADERS_LIMIT} headers"
        self._refuse(431, f"The head of the request is more than {most}. Send less.")

    def _linger(self, *, too_large: bool) -> None:
        """Close; but let a sender that is still sending find our answer before the door shuts."""
        self._last = True
        self._waiting.clear()
        if too_large and not self._transport.is_closing():
            if self._transport.can_write_eof():
                self._transport.write_eof()
            self._loop.call_later(LINGER_SECONDS, self._transport.abort)
        else:
            self._transport.close()

    def close_if_silent(self, now: float) -> None:
        if self._busy:
            return
        started = self._message.has_begun
        if now - self._heard > (SLOW_SECONDS if started else IDLE_SECONDS):
            self._transport.abort() if started else self._transport.close()

    def close_if_idle(self) -> None:
        if not self._busy:
            self._transport.close()


class _Message:
    """One request while it arrives."""

    __slots__ = (
        *("in_head", "unread", "head_size", "header_count", "method", "target", "headers", "path", "query"),
        *("body_limit", "body", "body_size", "handed_over"),
    )

    path: str  # this, and the next two, as soon as the head is complete
    query: str
    body_limit: int

    def __init__(self) -> None:
        self.in_head = True
        self.unread = 0  # bytes of a head that is not complete yet
        self.head_size = 0
        self.header_count = 0
        self.method = ""  # if it is none that the parser knows
        self.target = b""
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []
        self.body_size = 0
        self.handed_over = False

    @property
    def has_begun(self) -> bool:
        return self.unread > 0 or not self.in_head

    def as_request(self, method: str, *, too_large: bool) -> Request:
        body = b"" if too_large else b"".join(self.body)
        secure = self.headers.get("x-forwarded-proto") == "https"
        return Request(method, self.path, self.query, self.headers, body, too_large, secure)


def _split(target: bytes) -> tuple[str, str]:
    text = target.decode("latin-1")
    if text[:1] != "/" and "://" in text:  # the absolute form that proxies send
        text = "/" + text.partition("://")[2].partition("/")[2]
    path, _, query = text.partition("#")[0].partition("?")
    return path, query
