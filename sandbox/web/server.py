"""The door of `serve`: HTTP/1.1 on an event loop, one request at a time per connection.

Why not a server from the shelf: a laboratory must cut a connection before or in the middle of
an answer, hold one answer back without holding up the neighbours, see the path as it stood on
the wire, refuse a body before it is read, and never act on one that did not arrive whole.
uvloop turns the loop; a `Connection` reads and writes; what is left is this page.
See docs/decisions/0003-a-door-of-our-own.md.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

from sandbox.web.connection import Connection
from sandbox.web.doors import Responder, WsgiApp, ask_wsgi, is_ours
from sandbox.wire import Answer, Request
from sandbox.world.clock import real_now

BACKLOG = 1024
GRACE_SECONDS = 10.0  # for what is running when the server is told to stop
PAGE_THREADS, STORE_THREADS = 4, 16
SWEEP_SECONDS = 1.0


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
