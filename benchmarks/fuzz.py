"""Everything a clumsy or hostile client could send, over raw sockets, while a neighbour keeps asking.

    python -m benchmarks.fuzz --requests 1000000

What must hold: no 5xx, no hang, memory bounded, and the neighbour is answered all along.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from benchmarks.lines import BASE, KEY, Line, Lines, answer
from benchmarks.shots import Armoury, Shot

PATIENCE = 15.0  # seconds without an answer that count as a hang
NEIGHBOUR_EVERY = 0.02
TOLD_EVERY = 100_000


@dataclass
class Tally:
    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    cut: int = 0  # closed without an answer, as a message that is none deserves
    hangs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # 5xx, or an answer that is none
    neighbour_ms: list[float] = field(default_factory=list)
    neighbour_lost: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.hangs or self.broken or self.neighbour_lost)

    def told(self) -> str:
        slow = sorted(self.neighbour_ms) or [0.0]
        at = [slow[int(len(slow) * share)] for share in (0.5, 0.99)]
        return (
            f"{self.sent:,} requests; answers {dict(sorted(self.statuses.items()))}, {self.cut:,} cut off; "
            f"{len(self.broken)} broken, {len(self.hangs)} hangs; neighbour asked {len(slow):,} times: "
            f"p50 {at[0]:.1f} ms, p99 {at[1]:.1f} ms, worst {slow[-1]:.1f} ms, {self.neighbour_lost} lost"
        )


class Attack:
    """Several attackers at once, each on its own connection, and one neighbour."""

    def __init__(self, url: str, seed: int = 1, attackers: int = 12) -> None:
        self._lines = Lines(url)
        self._seed, self._attackers = seed, attackers
        self.tally = Tally()

    async def run(self, requests: int, seconds: float = 1e9) -> Tally:
        self._left, self._deadline = requests, time.monotonic() + seconds
        neighbour = asyncio.create_task(self._neighbour())
        slow = [asyncio.create_task(self._trickle()) for _ in range(4)]
        await asyncio.gather(*(self._attacker(n) for n in range(self._attackers)))
        for task in (neighbour, *slow):
            task.cancel()
        await asyncio.gather(neighbour, *slow, return_exceptions=True)
        await self._lines.hang_up_all()
        return self.tally

    async def _attacker(self, number: int) -> None:
        armoury = Armoury(self._seed * 1000 + number)
        line: Line | None = None
        while self._left > 0 and time.monotonic() < self._deadline:
            self._left -= 1
            shot = armoury.shot()
            self.tally.sent += 1
            self.tally.kinds[shot.kind] += 1
            if self.tally.sent % TOLD_EVERY == 0:
                print(f"{self.tally.sent:,}", file=sys.stderr, flush=True)
            if line is None:
                line = await self._lines.connect()
            try:
                keeps = await asyncio.wait_for(self._fire(line, shot), PATIENCE)
            except TimeoutError:
                self.tally.hangs.append(f"{shot.kind}: {shot.raw[:300]!r}")
                keeps = False
            except (OSError, asyncio.IncompleteReadError):
                self.tally.cut += 1
                if shot.whole:
                    self.tally.broken.append(f"no answer to {shot.kind}: {shot.raw[:300]!r}")
                keeps = False
            if not keeps:
                self._lines.hang_up(line)
                line = None
        if line is not None:
            self._lines.hang_up(line)

    async def _fire(self, line: Line, shot: Shot) -> bool:
        """Send, and read what comes; whether the connection can be used again."""
        reader, writer = line
        writer.write(shot.raw)
        if not shot.whole and writer.can_write_eof():
            writer.write_eof()
        with suppress(ConnectionError):  # refused while still sending: the answer may be there all the same
            await writer.drain()
        status, headers, body = await answer(reader, head_only=shot.raw.startswith(b"HEAD "))
        self.tally.statuses[status] += 1
        if status >= 500 or (status >= 400 and not _explains(headers, body, shot)):
            self.tally.broken.append(f"{status} {body[:300]!r} to {shot.kind}: {shot.raw[:400]!r}")
        return shot.whole and headers.get("connection", "").lower() != "close"

    async def _neighbour(self) -> None:
        """An ordinary client who should notice nothing."""
        request = (
            f"GET {BASE}/providers/prov_fitzone HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\n\r\n".encode()
        )
        line = await self._lines.connect()
        while True:
            began = time.perf_counter()
            line[1].write(request)
            try:
                status, _, _ = await asyncio.wait_for(answer(line[0]), PATIENCE)
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                status = 0
            if status == 200:
                self.tally.neighbour_ms.append((time.perf_counter() - began) * 1000)
            else:
                self.tally.neighbour_lost += 1
                self._lines.hang_up(line)
                line = await self._lines.connect()
            await asyncio.sleep(NEIGHBOUR_EVERY)

    async def _trickle(self) -> None:
        """A body that comes a byte at a time, for as long as it is allowed to; or a gigabyte, announced."""
        head = f"POST {BASE}/credit_purchases HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\n"
        while True:
            line = reader, writer = await self._lines.connect()
            writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n".encode())
            with suppress(OSError):
                while not reader.at_eof():
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.2)
            self._lines.hang_up(line)


def _explains(headers: dict[str, str], body: bytes, shot: Shot) -> bool:
    """A refusal of the emulated API comes in its envelope (HEAD shows its headers only)."""
    target = shot.raw.split(b" ")[1].split(b"?")[0] if shot.raw.count(b" ") else b""
    if shot.raw.startswith(b"HEAD ") or not body or target.startswith(b"/_sandbox"):
        return True
    if not headers.get("content-type", "").startswith("application/json"):
        return False
    error = json.loads(body)["error"]
    return set(error) == {"type", "code", "message", "request_id"} and all(
        isinstance(value, str) for value in error.values()
    )


def main() -> int:
    from tests.running import RunningSandbox

    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="sqlite://")
    given = parser.parse_args()
    with RunningSandbox(given.database) as sandbox:
        began, before = time.monotonic(), sandbox.resident_mb()
        tally = asyncio.run(Attack(sandbox.url, given.seed).run(given.requests))
        print(tally.told())
        after = sandbox.resident_mb()
        print(f"{time.monotonic() - began:.0f} s; resident {before:.0f} MB before, {after:.0f} after")
    for what in (*tally.broken[:20], *tally.hangs[:20]):
        print(what[:900])
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
