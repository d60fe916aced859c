"""The door of `serve`: HTTP/1.1 on an event loop, one request at a time per connection.

Why not a server from the shelf: a laboratory must cut a connection before or in the middle of
an answer, hold one answer back without holding up the neighbours, see the path as it stood on
the wire, refuse a body before it is read, and never act on one that did not arrive whole.
llhttp (through httptools) reads the wire, uvloop turns the loop; what is left is this page.
See docs/decisions/0003-a-door-of-our-own.md.
"""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from http import HTTPStatus

import httptools

from sandbox.errors import INVALID, envelope
from sandbox.web.doors import Responder, WsgiApp, ask_wsgi, body_limit, is_ours
from sandbox.wire import JSON, Answer, Delayed, Request, Response
from sandbox.world.clock import real_now

HEAD_LIMIT = 64 * 1024
HEADERS_LIMIT = 100
BACKLOG = 1024
IDLE_SECONDS = 75.0  # an open connection that asks nothing
SLOW_SECONDS = 30.0  # a request that stopped arriving
LINGER_SECONDS = 2.0  # after a refusal, for a sender that is still sending, so that it can read it
GRACE_SECONDS = 10.0  # for what is running when the server is told to stop
PAGE_THREADS, STORE_THREADS = 4, 16
SWEEP_SECONDS = 1.0

_STATUS_LINES = {s.value: b"HTTP/1.1 %d %s\r\n" % (s.value, s.phrase.encode()) for s in HTTPStatus}


class Front:
    """What a connection asks: the gateway on the loop (in a thread if its store waits), pages in threads."""

    def __init__(
        self, gateway: Responder, pages: WsgiApp, *, waits: bool, taken: frozenset[str] = frozenset()
    ) -> None:
        self.gateway = gateway
        self.pages = pages
        self.taken = taken
        self.connections: set[Connection] = set()
        self.date = b""
        self.stopping = False
        self._page_threads = ThreadPoolExecutor(PAGE_THREADS, "pages")
        self._api_threads = ThreadPoolExecutor(STORE_THREADS, "api") if waits else None

    def ask(self, request: Request, answer: "Callable[[Answer], None]") -> None:
        job: asyncio.Future[Answer]
        if is_ours(request.path, self.taken):
            job = asyncio.get_running_loop().run_in_executor(
                self._page_threads, ask_wsgi, self.pages, request
            )
        elif self._api_threads is not None:
            job = asyncio.get_running_loop().run_in_executor(self._api_threads, self.gateway.respond, request)
        else:
            answer(self.gateway.respond(request))
            return
        job.add_done_callback(lambda done: answer(done.result()))

    async def sweep(self) -> None:
        """Once a second: the Date header, and connections whose other side fell silent."""
        while True:
            self.date = b"Date: " + formatdate(real_now() / 1000, usegmt=True).encode() + b"\r\n"
            now = asyncio.get_running_loop().time()
            for connection in list(self.connections):
                connection.close_if_silent(now)
            await asyncio.sleep(SWEEP_SECONDS)

    def close(self) -> None:
        self._page_threads.shutdown(wait=False, cancel_futures=True)
        if self._api_threads is not None:
            self._api_threads.shutdown(wait=False, cancel_futures=True)


class Connection(asyncio.Protocol):
    def __init__(self, front: Front, loop: asyncio.AbstractEventLoop) -> None:
        self._front, self._loop = front, loop
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()  # pipelined behind the one in hand
        self._busy = False
        self._last = False  # nothing more is answered on this connection
        self._heard = loop.time()
        self._start_message()

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
        self._unread += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(400, "This server speaks plain HTTP/1.1 and upgrades to nothing else.")
        except httptools.HttpParserError as reason:
            self._refuse(400, f"This is not HTTP/1.1 as the standard has it: {reason}.")
        if self._in_head and self._unread > HEAD_LIMIT:
            self._refuse_head()

    def eof_received(self) -> bool:
        return self._busy  # half-closed is fine as long as an answer is on its way

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    # --- the parser ---

    def _start_message(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._count = 0
        self._body: list[bytes] = []
        self._size = 0
        self._handed_over = False
        self._in_head = True
        self._head_size = 0
        self._unread = 0  # bytes of a head that is not complete yet

    def on_url(self, piece: bytes) -> None:
        self._target += piece
        self._head_size += len(piece)

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._count += 1
        self._head_size += len(name) + len(value)
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._path, self._query = _split(self._target)
        self._limit = body_limit(self._path)
        if self._head_size > HEAD_LIMIT or self._count > HEADERS_LIMIT:
            self._refuse_head()
        elif int(self._headers.get("content-length") or 0) > self._limit:
            self._hand_over(too_large=True)
        elif self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, piece: bytes) -> None:
        if self._handed_over or self._last:
            return
        self._size += len(piece)
        if self._size > self._limit:
            self._hand_over(too_large=True)
        else:
            self._body.append(piece)

    def on_message_complete(self) -> None:
        if not (self._handed_over or self._last):
            self._hand_over()
        self._start_message()

    def _hand_over(self, *, too_large: bool = False) -> None:
        self._handed_over = True
        headers = self._headers
        request = Request(
            self._parser.get_method().decode("latin-1"),
            self._path,
            self._query,
            headers,
            b"" if too_large else b"".join(self._body),
            too_large,
            headers.get("x-forwarded-proto") == "https",
        )
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
        started = self._unread > 0 or not self._in_head
        if now - self._heard > (SLOW_SECONDS if started else IDLE_SECONDS):
            self._transport.abort() if started else self._transport.close()

    def close_if_idle(self) -> None:
        if not self._busy:
            self._transport.close()


def _split(target: bytes) -> tuple[str, str]:
    text = target.decode("latin-1")
    if text[:1] != "/" and "://" in text:  # the absolute form that proxies send
        text = "/" + text.partition("://")[2].partition("/")[2]
    path, _, query = text.partition("#")[0].partition("?")
    return path, query


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


async def serve(front: Front, sock: socket.socket, stop: asyncio.Event) -> None:
    """Until `stop`; then finish what is running, and return."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(front, loop), sock=sock)
    sweeping = asyncio.ensure_future(front.sweep())
    await stop.wait()
    front.stopping = True
    server.close()
    sweeping.cancel()
    deadline = loop.time() + GRACE_SECONDS
    while front.connections and loop.time() < deadline:
        for connection in list(front.connections):
            connection.close_if_idle()
        await asyncio.sleep(0.01)
    front.close()


def run(front: Front, sock: socket.socket, ready: Callable[[], None], while_open: int | None = None) -> None:
    """Serve in this process until SIGTERM or SIGINT, or until the other end of a pipe is closed."""
    import uvloop

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if while_open is not None:
            loop.add_reader(while_open, stop.set)
        loop.call_soon(ready)
        await serve(front, sock, stop)

    uvloop.run(main())


class ServerThread:
    """The same server in a thread of this process, for tests."""

    def __init__(self, front: Front, sock: socket.socket) -> None:
        self._front, self._sock = front, sock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bardge-sandbox", daemon=True)

    @property
    def url(self) -> str:
        host, port = self._sock.getsockname()[:2]
        return f"http://{host}:{port}"

    def start(self) -> "ServerThread":
        self._thread.start()
        self._up.wait(10)
        return self

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(GRACE_SECONDS + 5)

    def _run(self) -> None:
        import uvloop

        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._stop = asyncio.Event()
            self._loop.call_soon(self._up.set)
            await serve(self._front, self._sock, self._stop)

        uvloop.run(main())
