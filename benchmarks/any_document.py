"""Asks every operation of any OpenAPI documents, through the mock, and prints how it fared.

    python benchmarks/any_document.py PATH...

For each document: operations; good requests that were accepted; answers that are valid by their own schema
(every documented JSON answer of every operation is asked for); plainly bad requests refused; seconds
to start; the slowest answer; peak memory. Each document has a process of its own, to have its own memory.
"""

from __future__ import annotations

import base64
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

LONGEST_S = 180
HEADINGS = (
    "document",
    "operations",
    "accepted %",
    "valid %",
    "refused %",
    "start s",
    "slowest ms",
    "peak MB",
)


@dataclass
class Count:
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, right: bool, what: str) -> None:
        if right:
            self.right += 1
        else:
            self.wrong.append(what)

    @property
    def percent(self) -> float:
        total = self.right + len(self.wrong)
        return 100.0 * self.right / total if total else 100.0


def main(paths: list[str]) -> int:
    print(" ".join(f"{heading:>11}" for heading in HEADINGS[1:]), HEADINGS[0])
    for path in paths:
        command = [sys.executable, __file__, "--one", path]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S)
            print(done.stdout.rstrip() or f"{path}: {done.stderr.rstrip().splitlines()[-1:]}", flush=True)
        except subprocess.TimeoutExpired:
            print(f"{path}: not done after {LONGEST_S} s", flush=True)
    return 0


def measure(path: Path) -> None:
    from sandbox.api.mock import Mock
    from sandbox.spec import Document

    began = time.perf_counter()
    mock = Mock(Document.load(path))
    started = time.perf_counter() - began
    accepted, valid, refused = Count(), Count(), Count()
    slowest = 0.0
    for operation in mock.document.operations:
        if operation in mock.router.unreachable:
            continue
        asker = Asker(mock, operation)
        good = asker.good()
        began = time.perf_counter()
        response = mock.respond(good)
        slowest = max(slowest, time.perf_counter() - began)
        told = (response.header("Sandbox-Reason") or response.body[:300].decode("utf-8", "replace"))[:240]
        documented = {key for key in operation.responses if key[0] in "23"} or {"default"}
        accepted.add(
            response.status < 400 or not documented & operation.responses.keys(), f"{operation}: {told}"
        )
        for status in asker.statuses():
            began = time.perf_counter()
            response = asker.asked_for(status)
            slowest = max(slowest, time.perf_counter() - began)
            faults = asker.faults_of(response)
            if faults is not None:
                valid.add(not faults, f"{operation} {status}: {faults}")
        for what, bad in asker.bad(good):
            response = mock.respond(bad)
            refused.add(400 <= response.status < 500, f"{operation}: {what} {response.status}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    numbers = (accepted.percent, valid.percent, refused.percent, started, slowest * 1000)
    cells = [
        f"{len(mock.document.operations):>11}",
        *(f"{number:>11.2f}" for number in numbers),
        f"{peak:>11}",
    ]
    print(" ".join(cells), path.name)
    for name, count in (("not accepted", accepted), ("not valid", valid), ("not refused", refused)):
        for line in count.wrong[:5]:
            print(f"      {name}: {line[:300]}")


class Asker:
    """Builds requests for one operation out of what the document says of it."""

    def __init__(self, mock: Any, operation: Any) -> None:
        self.mock = mock
        self.operation = operation
        self.document = mock.document
        self.generator = mock.generator
        self.base = (operation.base_paths or mock.base_paths)[0]

    def statuses(self) -> Iterator[int]:
        for key in self.operation.responses:
            yield 200 if key == "default" else int(key.replace("XX", "00"))

    def good(self, **changes: Any) -> Any:
        from sandbox.wire import Request

        path, query, headers, cookies = self.operation.path, [], dict[str, str](), []
        for parameter in self.operation.parameters:
            if not parameter.required or parameter.name == changes.get("without"):
                continue
            value = changes.get("values", {}).get(parameter.name, self.value(parameter))
            if parameter.place == "path":
                path = path.replace("{" + parameter.name + "}", in_path(parameter, value))
            elif parameter.place == "query":
                query += in_query(parameter, value)
            elif parameter.place == "header":
                headers[parameter.name.lower()] = plain(value)
            else:
                cookies.append(f"{parameter.name}={quote(plain(value))}")
        content_type, body = changes.get("body") or self.body()
        if body:
            headers["content-type"] = content_type
        self.sign(query, headers, cookies)
        if cookies:
            headers["cookie"] = "; ".join(cookies)
        method = self.operation.method
        return Request(method, quote(self.base) + path.replace(" ", "%20"), "&".join(query), headers, body)

    def asked_for(self, status: int) -> Any:
        from msgspec.structs import replace

        good = self.good()
        return self.mock.respond(replace(good, headers={**good.headers, "prefer": f"code={status}"}))

    def faults_of(self, response: Any) -> Any:
        """What is wrong with a JSON answer by its own schema; None where there is no schema for it."""
        from sandbox.spec import AnswerChecker, is_json

        content_type = response.header("Content-Type") or ""
        if not is_json(content_type) or "Sandbox-Reason" in dict(response.headers) or not response.body:
            return None
        described = self.operation.response(response.status)
        media = (described or {}).get("content", {}).get(content_type)
        if media is None or "schema" not in media:
            return None
        checker = AnswerChecker(self.document, self.generator.schemas)
        value = json.loads(response.body)
        if self.generator.schemas.shape(media["schema"], "answer").is_valid(value):
            return ()
        return [str(fault)[:150] for fault in checker.faults(self.operation, response.status, value)][:3] or [
            "?"
        ]

    def bad(self, good: Any) -> Iterator[tuple[str, Any]]:
        for parameter in self.operation.parameters:
            if parameter.required and parameter.place in ("query", "header"):
                yield f"without {parameter.where}", self.good(without=parameter.name)
            if (
                parameter.required
                and not parameter.media_type
                and self.types(parameter.schema) <= {"integer", "number"}
            ):
                yield f"text in {parameter.where}", self.good(values={parameter.name: "abc"})
        if good.body and "json" in good.headers["content-type"]:
            yield from self.bad_bodies(good)

    def bad_bodies(self, good: Any) -> Iterator[tuple[str, Any]]:
        content_type = good.headers["content-type"]
        schema = self.operation.content[content_type].get("schema", {})
        shape = self.generator.schemas.shape(schema, "request")
        yield "half a body", self.good(body=(content_type, good.body[:-1] or b"{"))
        value = json.loads(good.body)
        followed = shape.followed(shape.schema)
        if followed.get("type") == "object" and isinstance(value, dict):
            yield "a list for an object", self.good(body=(content_type, b"[]"))
            for name in followed.get("required", []):
                less = {key: part for key, part in value.items() if key != name}
                yield f"a body without {name}", self.good(body=(content_type, json.dumps(less).encode()))
            for name, part in followed.get("properties", {}).items():
                if (
                    name in value
                    and self.types_in(shape, part)
                    and "object" not in self.types_in(shape, part)
                ):
                    wrong = {**value, name: {"wrong": 1}}
                    yield f"an object in {name}", self.good(body=(content_type, json.dumps(wrong).encode()))

    def types(self, schema: Any) -> frozenset[str]:
        shape = self.generator.schemas.shape(schema, "request")
        return self.types_in(shape, shape.schema) or frozenset({"anything"})

    @staticmethod
    def types_in(shape: Any, schema: Any) -> frozenset[str]:
        """The types a schema declares; those one could only guess would make a request that may be good."""
        declared = shape.followed(schema).get("type", [])
        return frozenset([declared] if isinstance(declared, str) else declared)

    def value(self, parameter: Any) -> Any:
        for name in ("example", "examples"):
            value = parameter.raw.get(name)
            if name == "examples" and isinstance(value, dict):
                value = next((one.get("value") for one in value.values() if isinstance(one, dict)), None)
            if value is not None and self.generator.schemas.shape(parameter.schema, "request").is_valid(
                value
            ):
                return value
        return self.generator.value(
            parameter.schema, f"in {parameter.name}", parameter.name, direction="request"
        )

    def body(self) -> tuple[str, bytes]:
        if self.operation.method in ("GET", "HEAD"):
            return "", b""
        for name, media in self.operation.content.items():
            schema = media.get("schema", {})
            if "json" in name:
                return name, json.dumps(self.made(schema)).encode()
            if name == "application/x-www-form-urlencoded":
                return name, "&".join(as_form(self.made(schema))).encode()
            if name.startswith("multipart/"):
                return f"{name}; boundary=b", as_multipart(self.made(schema))
            if "*" not in name:
                return name, b"text"
        return "application/octet-stream", b"bytes" if self.operation.content else b""

    def made(self, schema: Any) -> Any:
        return self.generator.value(schema, "body", f"{self.operation.id} body", direction="request")

    def sign(self, query: list[str], headers: dict[str, str], cookies: list[str]) -> None:
        for name in self.operation.security[0] if self.operation.security else ():
            scheme = self.document.security_scheme(name) or {}
            if scheme.get("type") == "apiKey" and scheme["in"] == "query":
                query.append(f"{quote(scheme['name'])}=key")
            elif scheme.get("type") == "apiKey" and scheme["in"] == "cookie":
                cookies.append(f"{scheme['name']}=key")
            elif scheme.get("type") == "apiKey":
                headers[scheme["name"].lower()] = "key"
            elif str(scheme.get("scheme", "")).lower() == "basic":
                headers["authorization"] = "Basic " + base64.b64encode(b"user:password").decode()
            else:
                headers["authorization"] = "Bearer token"


def plain(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(plain, value))
    return value if isinstance(value, str) else json.dumps(value)


def in_path(parameter: Any, value: Any) -> str:
    text = value if isinstance(value, str) else plain(value)
    prefix = {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")
    return prefix + (quote(text, safe=",") or "x")


def in_query(parameter: Any, value: Any) -> list[str]:
    name = quote(parameter.name)
    if parameter.media_type:
        return [f"{name}={quote(json.dumps(value))}"]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return deep(parameter.name, value)
        if parameter.explode:
            return [f"{quote(key)}={quote(plain(part))}" for key, part in value.items()]
        return [f"{name}=" + ",".join(quote(plain(part)) for pair in value.items() for part in pair)]
    if isinstance(value, list):
        if parameter.explode:
            return [f"{name}={quote(plain(part))}" for part in value] or [f"{name}="]
        between = {"spaceDelimited": "%20", "pipeDelimited": "|"}.get(parameter.style, ",")
        return [f"{name}=" + between.join(quote(plain(part)) for part in value)]
    return [f"{name}={quote(plain(value))}"]


def deep(name: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [piece for key, part in value.items() for piece in deep(f"{name}[{key}]", part)]
    if isinstance(value, list):
        return [piece for index, part in enumerate(value) for piece in deep(f"{name}[{index}]", part)]
    return [f"{quote(name)}={quote(plain(value))}"]


def as_form(value: Any) -> list[str]:
    return [piece for key, part in (value or {}).items() for piece in deep(key, part)]


def as_multipart(value: Any) -> bytes:
    pieces = []
    for name, part in (value or {}).items():
        for one in part if isinstance(part, list) else [part]:
            head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n'
            if isinstance(one, dict | list):
                head += "Content-Type: application/json\r\n"
            pieces.append(f"{head}\r\n{one if isinstance(one, str) else json.dumps(one)}\r\n")
    return ("".join(pieces) + "--b--\r\n").encode()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1:]))
