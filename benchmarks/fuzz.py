"""Everything a clumsy or hostile client could send, over raw sockets, while a neighbour keeps asking.

    python -m benchmarks.fuzz --requests 1000000

What must hold: no 5xx, no hang, memory bounded, and the neighbour is answered all along.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
BASE = "/v3/api/business/reseller"
KEY = "Bearer sk_sandbox_demo"
PATIENCE = 15.0  # seconds without an answer that count as a hang
NEIGHBOUR_EVERY = 0.02
TOLD_EVERY = 100_000

NUMBERS: tuple[str, ...] = (
    "1e400",
    "-1e400",
    "-0",
    "0",
    "NaN",
    "Infinity",
    "1e-400",
    "9" * 400,
    "-1",
    "2147483648",
    "5.0",
    "1.5",
)
NUMBERS += ("9223372036854775807", "9223372036854775808", "253402300800000", "1E2", "0x10", "01", "+1", ".5")
TEXTS = (
    *(
        "",
        " ",
        "\u0000",
        "a\u0000b",
        "\ud800",
        "\udfff\ud800",
        "\u202e",
        "💥" * 30,
        "A" * 101,
        "A" * 5000,
        "\r\n",
    ),
    *(
        "client_ada",
        "brgpass_ada",
        "../../etc/passwd",
        "' OR 1=1 --",
        "%00",
        "${x}",
        "{{7*7}}",
        "<script>",
        "null",
    ),
    *(
        "true",
        "0",
        "-1",
        "1e400",
        "٣",
        "lkpt_" + "x" * 200,
        "sk_sandbox_demo",
        "pass_premium",
        "ci_yoga_open",
    ),
)
PATHS = (
    *(
        "/",
        "//",
        "/.",
        "/..",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e",
        "/%00",
        "/%",
        "/%zz",
        "/%ff%fe",
        "/\\",
        "/;x=1",
    ),
    *(
        "/a%2Fb",
        "/%2F",
        "/passes/",
        "//passes",
        "/passes//",
        "/PASSES",
        "/passes%0d%0aX:1",
        "/passes%20",
        "/pass\u00e9s",
    ),
    *(
        "/passes/%ED%A0%80",
        "/clients/" + "a" * 5000,
        "/clients/" + "%41" * 400,
        "/" + "a/" * 2000,
        "/passes#x",
        "/passes?",
    ),
)
QUERIES = (
    *(
        "limit=",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1e2",
        "limit=٣",
        "limit=1&limit=2",
        "limit=%31",
        "=",
        "&&&",
    ),
    *(
        "x",
        "limit=" + "9" * 500,
        "starting_after=%00",
        "starting_after=nope",
        "ending_before=a&starting_after=b",
        "%ff=%ff",
    ),
    *(
        "lat=1e400&lon=0",
        "lat=NaN&lon=NaN",
        "lat=6.4&lon=3.4&limit=100",
        "lat=91&lon=0",
        "q=" + "a" * 8000,
        "&".join(["a=b"] * 2000),
    ),
)
METHODS = (
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "get",
    "G\u00c9T",
    "A" * 300,
)
HEADERS = (
    *(
        "Authorization: ",
        "Authorization: Bearer",
        "Authorization: Bearer \x7f",
        "Authorization: Basic eDp5",
        "authorization: x",
    ),
    *(
        "Idempotency-Key: ",
        "Idempotency-Key: " + "k" * 256,
        "Idempotency-Key: a b",
        "Idempotency-Key: \xe9",
        "Idempotency-Key: k",
    ),
    *(
        "Bardge-Lookup-Token: nope",
        "Bardge-Lookup-Token: " + "x" * 4000,
        "Prefer: code=999",
        "Prefer: code=x, example=\xff",
    ),
    *(
        "Host: ",
        "Host: evil.example",
        "Host: 127.0.0.1:4010@evil.example",
        "Origin: null",
        "Expect: 100-continue",
        "Expect: tea",
    ),
    *(
        "Content-Type: text/plain",
        "Content-Type: application/json; charset=utf-16",
        "Content-Type: \xff",
        "Accept: image/png",
    ),
    *(
        "Connection: close",
        "Connection: upgrade",
        "Upgrade: h2c",
        "X-Forwarded-Proto: \xff",
        "Cookie: " + "a=b; " * 500,
    ),
    *(
        "Sandbox-Fault: nonsense",
        "Sandbox-Fault: after; status=200",
        "Range: bytes=0-",
        "Transfer-Encoding: identity",
    ),
)


@dataclass(frozen=True)
class Shot:
    """Bytes for one connection, and whether they are a request whole enough to be owed an answer."""

    kind: str
    raw: bytes
    whole: bool = True  # else the sender stops in the middle, and may be answered or not
    count: int = 1


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


class Armoury:
    """Makes shots, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._operations = _operations()
        self._makers: list[tuple[int, Callable[[], Shot]]] = [
            (40, self._field),
            (10, self._value),
            (12, self._path),
            (10, self._query),
            (10, self._header),
            (4, self._method),
            (4, self._bytes),
            (3, self._framing),
            (2, self._unfinished),
            (2, self._huge_head),
            (2, self._deep),
            (1, self._wide),
        ]

    def shot(self) -> Shot:
        weights = [weight for weight, _ in self._makers]
        return self._dice.choices([maker for _, maker in self._makers], weights)[0]()

    # --- requests that HTTP has nothing against ---

    def _field(self) -> Shot:
        """An operation's own example, with one thing wrong somewhere."""
        method, path, example = self._dice.choice(self._operations)
        body = json.loads(json.dumps(example))
        if isinstance(body, dict) and body:
            self._spoil(body)
        return Shot(
            "field", self._request(method, BASE + path, _encoded(body) if example is not None else b"")
        )

    def _spoil(self, body: dict[str, Any]) -> None:
        name = self._dice.choice(list(body))
        way = self._dice.randrange(8)
        if way == 0:
            del body[name]
        elif way == 1:
            body[self._dice.choice(TEXTS) or "x"] = 1
        elif way == 2:
            body[name] = [body[name]] * self._dice.choice((0, 1, 2, 21))
        elif way == 3:
            body[name] = {name: body[name]}
        elif way == 4:
            body[name] = self._dice.choice((None, True, False, 0, -1, 2**63, 2**64, 1.5, 10**30))
        else:
            body[name] = self._dice.choice(TEXTS)

    def _value(self) -> Shot:
        """Numbers and texts as no JSON library would write them."""
        method, path, example = self._dice.choice([one for one in self._operations if one[2]])
        name = self._dice.choice(list(example))
        raw = self._dice.choice(NUMBERS).encode()
        if self._dice.random() < 0.5:
            raw = (
                b'"'
                + self._dice.choice(
                    (
                        b"\xff",
                        b"\xc0\x80",
                        b"\xed\xa0\x80",
                        b"\\ud800",
                        b"\\u0000",
                        b"\\x",
                        b"\x01",
                        b"\xf4\x90\x80\x80",
                        b"\\",
                    )
                )
                + b'"'
            )
        rest = {key: value for key, value in example.items() if key != name}
        body = _encoded(rest)[:-1] + (b"," if rest else b"") + json.dumps(name).encode() + b":" + raw + b"}"
        return Shot("value", self._request(method, BASE + path, body))

    def _path(self) -> Shot:
        path = self._dice.choice(("", BASE, "/_sandbox", BASE.upper())) + self._dice.choice(PATHS)
        return Shot("path", self._request(self._dice.choice(("GET", "POST")), path, b""))

    def _query(self) -> Shot:
        _, path, _ = self._dice.choice([one for one in self._operations if one[0] == "GET"])
        return Shot("query", self._request("GET", f"{BASE}{path}?{self._dice.choice(QUERIES)}", b""))

    def _header(self) -> Shot:
        method, path, example = self._dice.choice(self._operations)
        extra = self._dice.sample(HEADERS, self._dice.randrange(1, 4))
        body = b"" if example is None else _encoded(example)
        return Shot("header", self._request(method, BASE + path, body, *extra))

    def _method(self) -> Shot:
        _, path, _ = self._dice.choice(self._operations)
        return Shot("method", self._request(self._dice.choice(METHODS), BASE + path, b""))

    def _deep(self) -> Shot:
        depth = self._dice.choice((100, 1_000, 10_000, 100_000))
        opening, closing = self._dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
        body = opening * depth + b"1" + closing * depth
        return Shot("deep", self._request("POST", f"{BASE}/bookings/class", body))

    def _wide(self) -> Shot:
        count = self._dice.choice((1_000, 100_000, 1_000_000))
        return Shot("wide", self._request("POST", f"{BASE}/credit_purchases", _wide_body(count)))

    # --- what is not HTTP, or not all of it ---

    def _bytes(self) -> Shot:
        way = self._dice.randrange(4)
        if way == 0:
            return Shot(
                "bytes", self._dice.randbytes(self._dice.randrange(1, 600)) + b"\r\n\r\n", whole=False
            )
        whole = bytearray(self._request("POST", f"{BASE}/credit_purchases", b'{"client_id":"client_ada"}'))
        for _ in range(self._dice.randrange(1, 8)):
            whole[self._dice.randrange(len(whole))] = self._dice.randrange(256)
        return Shot("bytes", bytes(whole), whole=False)

    def _framing(self) -> Shot:
        head = f"POST {BASE}/credit_purchases HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\n"
        head += "Content-Type: application/json\r\n"
        lines, body = self._dice.choice(
            (
                ("Content-Length: 5\r\nContent-Length: 6\r\n", "{}"),
                ("Content-Length: -1\r\n", "{}"),
                ("Content-Length: 1e3\r\n", "{}"),
                ("Content-Length: 99999999999999999999999\r\n", "{}"),
                ("Content-Length: 1073741824\r\n", "{}"),
                ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
                ("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
                ("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n{}"),
                ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n"),
                ("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
                ("Content-Length: 1\r\n", "{}GET / HTTP/1.1\r\n\r\n"),
                (" folded: x\r\nContent-Length: 2\r\n", "{}"),
                ("Content-Length : 2\r\n", "{}"),
            )
        )
        return Shot("framing", f"{head}{lines}\r\n{body}".encode("latin-1"), whole=False)

    def _unfinished(self) -> Shot:
        whole = self._request(
            "POST", f"{BASE}/credit_purchases", b'{"client_id":"client_ada","package_id":"cpkg_50"}'
        )
        return Shot("unfinished", whole[: self._dice.randrange(1, len(whole))], whole=False)

    def _huge_head(self) -> Shot:
        way = self._dice.randrange(3)
        if way == 0:
            extra = ["X-Long: " + "a" * self._dice.choice((10_000, 70_000, 300_000))]
        elif way == 1:
            extra = [f"X-{n}: {n}" for n in range(self._dice.choice((50, 101, 5_000)))]
        else:
            extra = ["A" * 80_000 + ": 1"]
        return Shot("huge head", self._request("GET", f"{BASE}/passes", b"", *extra), whole=False)

    def _request(self, method: str, target: str, body: bytes, *extra: str) -> bytes:
        named = {line.partition(":")[0].strip().lower() for line in extra}
        usual = {"Host": "127.0.0.1", "Authorization": KEY, "Content-Type": "application/json"}
        lines = [f"{method} {target} HTTP/1.1", *extra]
        lines += [f"{name}: {value}" for name, value in usual.items() if name.lower() not in named]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


@cache
def _wide_body(count: int) -> bytes:
    return b"{" + b",".join(b'"k%d":1' % n for n in range(count)) + b"}"


@cache
def _operations() -> list[tuple[str, str, Any]]:
    return list(_read_operations())


def _read_operations() -> Iterator[tuple[str, str, Any]]:
    """Method, path with the cast's ids in it, and the example of a body, from the document."""
    document = yaml.load((ROOT / "openapi.yaml").read_text(), Loader=yaml.CSafeLoader)
    named = {"id": "brgpass_ada", "clientId": "client_ada", "providerBranchId": "prov_ironhouse"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "post"):
                continue
            for name, value in named.items():
                path = path.replace("{" + name + "}", value)
            example: Any = None
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            if media:
                examples = [one["value"] for one in media.get("examples", {}).values()]
                example = media.get("example") or next(iter(examples), {})
            yield method.upper(), path.replace("{", "").replace("}", ""), example


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


class Attack:
    """Several attackers at once, each on its own connection, and one neighbour."""

    def __init__(self, url: str, seed: int = 1, attackers: int = 12) -> None:
        self._host, _, port = url.removeprefix("http://").partition(":")
        self._port = int(port)
        self._seed, self._attackers = seed, attackers
        self.tally = Tally()
        self._open: set[asyncio.StreamWriter] = set()

    async def run(self, requests: int, seconds: float = 1e9) -> Tally:
        self._left, self._deadline = requests, time.monotonic() + seconds
        neighbour = asyncio.create_task(self._neighbour())
        slow = [asyncio.create_task(self._trickle()) for _ in range(4)]
        await asyncio.gather(*(self._attacker(n) for n in range(self._attackers)))
        for task in (neighbour, *slow):
            task.cancel()
        await asyncio.gather(neighbour, *slow, return_exceptions=True)
        for writer in list(self._open):
            self._hang_up(writer)
        await asyncio.sleep(0.05)  # the transports close at their next turn
        return self.tally

    async def _attacker(self, number: int) -> None:
        armoury = Armoury(self._seed * 1000 + number)
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while self._left > 0 and time.monotonic() < self._deadline:
            self._left -= 1
            shot = armoury.shot()
            self.tally.sent += 1
            self.tally.kinds[shot.kind] += 1
            if self.tally.sent % TOLD_EVERY == 0:
                print(f"{self.tally.sent:,}", file=sys.stderr, flush=True)
            if line is None:
                line = await self._connect()
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
                self._hang_up(line[1])
                line = None
        if line is not None:
            self._hang_up(line[1])

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        line = await asyncio.open_connection(self._host, self._port, limit=2**22)
        self._open.add(line[1])
        return line

    def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.transport.abort()

    async def _fire(self, line: tuple[asyncio.StreamReader, asyncio.StreamWriter], shot: Shot) -> bool:
        """Send, and read what comes; whether the connection can be used again."""
        reader, writer = line
        writer.write(shot.raw)
        if not shot.whole and writer.can_write_eof():
            writer.write_eof()
        with suppress(ConnectionError):  # refused while still sending: the answer may be there all the same
            await writer.drain()
        status, headers, body = await _answer(reader, head_only=shot.raw.startswith(b"HEAD "))
        self.tally.statuses[status] += 1
        if status >= 500 or (status >= 400 and not _explains(headers, body, shot)):
            self.tally.broken.append(f"{status} {body[:300]!r} to {shot.kind}: {shot.raw[:400]!r}")
        return shot.whole and headers.get("connection", "").lower() != "close"

    async def _neighbour(self) -> None:
        """An ordinary client who should notice nothing."""
        request = (
            f"GET {BASE}/providers/prov_fitzone HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\n\r\n".encode()
        )
        reader, writer = await self._connect()
        while True:
            began = time.perf_counter()
            writer.write(request)
            try:
                status, _, _ = await asyncio.wait_for(_answer(reader), PATIENCE)
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                status = 0
            if status == 200:
                self.tally.neighbour_ms.append((time.perf_counter() - began) * 1000)
            else:
                self.tally.neighbour_lost += 1
                self._hang_up(writer)
                reader, writer = await self._connect()
            await asyncio.sleep(NEIGHBOUR_EVERY)

    async def _trickle(self) -> None:
        """A body that comes a byte at a time, for as long as it is allowed to; or a gigabyte, announced."""
        head = f"POST {BASE}/credit_purchases HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\n"
        while True:
            reader, writer = await self._connect()
            writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n".encode())
            with suppress(OSError):
                while not reader.at_eof():
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.2)
            self._hang_up(writer)


async def _answer(
    reader: asyncio.StreamReader, *, head_only: bool = False
) -> tuple[int, dict[str, str], bytes]:
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
