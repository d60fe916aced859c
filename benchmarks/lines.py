"""Lines to a server over raw sockets: opened, read, and hung up without a farewell."""

import asyncio

BASE = "/v3/api/business/reseller"
KEY = "Bearer sk_sandbox_demo"

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Lines:
    """Those that are open to one server, so that none outlives the attack."""

    def __init__(self, url: str) -> None:
        self._host, _, port = url.removeprefix("http://").partition(":")
        self._port = int(port)
        self._open: set[asyncio.StreamWriter] = set()

    async def connect(self) -> Line:
        line = await asyncio.open_connection(self._host, self._port, limit=2**22)
        self._open.add(line[1])
        return line

    def hang_up(self, line: Line) -> None:
        self._open.discard(line[1])
        line[1].transport.abort()

    async def hang_up_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()
        await asyncio.sleep(0.05)  # the transports close at their next turn


async def answer(
    reader: asyncio.StreamReader, *, head_only: bool = False
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer; a `100 Continue` is none."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        if status != 100:
            break
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    length = 0 if head_only or status in (204, 304) else int(headers.get("content-length", "0"))
    return status, headers, await reader.readexactly(length)
