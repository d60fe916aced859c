"""A round-robin proxy: each request goes to the next machine, and to the one after where nobody listens."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from itertools import cycle
from typing import Any, TypeVar

T = TypeVar("T")
Address = tuple[str, int]


class Proxy:
    def __init__(self, backends: list[Address]) -> None:
        self._turns, self._count = cycle(backends), len(backends)
        self._busy = dict.fromkeys(backends, 0)
        self.answered = dict.fromkeys(backends, 0)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def at_rest(self, address: Address, act: Callable[[], None]) -> None:
        """Do something to a machine at a moment when it has no request of ours in hand."""

        async def wait_and_act() -> None:
            while self._busy[address]:
                await asyncio.sleep(0)
            act()

        self._call(wait_and_act())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)  # in its own thread, where it counts connections
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not reader.at_eof():
                request = await _message(reader)
                answer = await self._forward(request)
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either side hung up, or the test is over
        finally:
            writer.close()

    async def _forward(self, request: bytes) -> bytes:
        for _ in range(self._count):
            address = next(self._turns)
            self._busy[address] += 1
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), 2)
            except (OSError, TimeoutError):
                continue  # nobody listens: nothing was sent, so another may be asked
            else:
                try:
                    writer.write(request)
                    answer = await _message(reader, head_only=request.startswith(b"HEAD "))
                finally:
                    writer.close()
                self.answered[address] += 1
                return answer
            finally:
                self._busy[address] -= 1
        return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


async def _message(reader: asyncio.StreamReader, *, head_only: bool = False) -> bytes:
    """A whole request or answer; ours all say how long they are."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + (b"" if head_only else await reader.readexactly(length))
