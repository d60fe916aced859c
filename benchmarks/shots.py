"""Shots: what one connection of an attacker carries, the same ones for the same seed."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.lines import BASE, KEY
from benchmarks.oddities import HEADERS, METHODS, NUMBERS, PATHS, QUERIES, TEXTS

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Shot:
    """Bytes for one connection, and whether they are a request whole enough to be owed an answer."""

    kind: str
    raw: bytes
    whole: bool = True  # else the sender stops in the middle, and may be answered or not
    count: int = 1


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
