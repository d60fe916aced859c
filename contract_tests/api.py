"""The API as a tester speaks it: `api.book_class(class_instance_id=…).refused(409, "class_full")`.

Every operation of openapi.yaml is a method. Positional arguments fill the path in its own order; of the
named ones those that the document calls query parameters go there, the rest is the body. Every answer is held
against the standing promises before the test sees it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from contract_tests.answered import Items, parsed
from contract_tests.exchange import Exchange
from contract_tests.ledger import Ledger
from contract_tests.promise import Operation, Promise
from contract_tests.standing import hold
from contract_tests.target import Unreachable, Wire
from contract_tests.verdict import Blocked, Broken

NOTHING: Any = object()
Got = tuple[int, Mapping[str, str], bytes, float]  # status, headers, body, milliseconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, with the judgements a test makes of it."""

    exchange: Exchange
    body: Any = None

    @property
    def status(self) -> int:
        return self.exchange.status

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def error(self) -> dict[str, Any]:
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, dict) else {}

    @property
    def data(self) -> list[Any]:
        """The items of a list."""
        items = self.ok().get("data")
        if not isinstance(items, list):
            raise self.broken("a list envelope with data")
        return Items(items)

    @property
    def ids(self) -> list[str]:
        return Items(item["id"] for item in self.data)

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((v for n, v in self.exchange.answer_headers.items() if n.lower() == wanted), None)

    def __getitem__(self, name: str) -> Any:
        body = self.ok()
        if name not in body:
            raise self.broken(f"a field {name!r} in the answer")
        return body[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.body.get(name, default) if isinstance(self.body, dict) else default

    def __contains__(self, name: str) -> bool:
        return isinstance(self.body, dict) and name in self.body

    def in_words(self) -> str:
        if self.error:
            return f"{self.status} {self.error.get('code')}: {str(self.error.get('message'))[:200]}"
        if isinstance(self.body, dict):
            return f"{self.status} with {', '.join(list(self.body)[:14]) or 'an empty object'}"
        return f"{self.status} without a JSON object"

    def broken(self, expected: str, got: str | None = None) -> Broken:
        return Broken(expected, got or self.in_words(), self.exchange)

    def ok(self, *statuses: int) -> dict[str, Any]:
        """The body of a success; with statuses, of one of these."""
        if not self.succeeded or (statuses and self.status not in statuses):
            raise self.broken(" or ".join(map(str, statuses)) or "a success")
        if not isinstance(self.body, dict):
            raise self.broken("a JSON object")
        return self.body

    def refused(self, status: int, code: str | None = None, *, kind: str | None = None) -> dict[str, Any]:
        """The error of a refusal with just this status, code and type."""
        wrong_code = code is not None and self.error.get("code") != code
        wrong_kind = kind is not None and self.error.get("type") != kind
        if self.status != status or wrong_code or wrong_kind:
            raise self.broken(" ".join(filter(None, [str(status), kind, code])))
        return self.error

    def given(self, purpose: str) -> dict[str, Any]:
        """The body of a success that a judgement merely stands on."""
        if not self.succeeded or not isinstance(self.body, dict):
            raise Blocked(f"could not {purpose}: {self.exchange.request_line()} answered {self.in_words()}")
        return self.body


@dataclass(slots=True)
class Api:
    """One reseller's view of the target."""

    wire: Wire
    base: str
    key: str
    promise: Promise
    ledger: Ledger
    name: str = "reseller"
    headers: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, operation_id: str) -> Callable[..., Answer]:
        if operation_id.startswith("_") or operation_id not in self.promise.operations:
            raise AttributeError(f"openapi.yaml has no operation {operation_id!r}")

        def call(*path: str, **fields: Any) -> Answer:
            return self.call(operation_id, *path, **fields)

        return call

    def call(
        self,
        operation_id: str,
        *path: str,
        lookup_token: str | None = None,
        idempotency_key: str | None = None,
        key: str | None = None,
        body: Any = NOTHING,
        **fields: Any,
    ) -> Answer:
        operation = self.promise.operations[operation_id]
        names = {name.rstrip("_"): value for name, value in fields.items()}
        query = [(n, names.pop(n)) for n in list(names) if operation.method == "GET" or n in operation.query]
        sent = (names or {} if operation.starred else names or None) if body is NOTHING else body
        headers = {}
        if lookup_token is not None:
            headers["Bardge-Lookup-Token"] = lookup_token
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        where = operation.url(dict(zip(operation.path_names, path, strict=True)))
        return self.send(operation.method, where, query=query, body=sent, headers=headers, key=key)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, Any]] | str = "",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Answer:
        """Any request at all; `key=""` sends none, a body of bytes goes as it is."""
        asked = query if isinstance(query, str) else urlencode([(n, _plain(v)) for n, v in query], safe=",")
        url = f"{self.base}{path}" + (f"?{asked}" if asked else "")
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = self._headers(raw, key)
        for name, value in (headers or {}).items():
            sent.pop(next((n for n in sent if n.lower() == name.lower()), name), None)
            if value is not None:
                sent[name] = value
        return self._exchange(method, url, sent, raw)

    def _headers(self, raw: bytes | None, key: str | None) -> dict[str, str]:
        sent = {"Accept": "application/json", **self.headers}
        secret = self.key if key is None else key
        if secret:
            sent["Authorization"] = f"Bearer {secret}"
        if raw is not None:
            sent["Content-Type"] = "application/json"
        return sent

    def _exchange(self, method: str, url: str, sent: dict[str, str], raw: bytes | None) -> Answer:
        try:
            got = self.wire.send(method, url, sent, raw)
        except Unreachable as problem:
            self.ledger.broke("OPS-2.2", f"expected an answer to {method} {url}, got none: {problem}")
            raise Blocked(str(problem)) from problem
        return self.witness(method, url, sent, raw, (got.status, got.headers, got.body, got.milliseconds))

    def witness(self, method: str, url: str, sent: Mapping[str, str], raw: bytes | None, got: Got) -> Answer:
        """Holds an answer against the standing promises, whoever asked, and keeps it for the report."""
        path = urlsplit(url).path.removeprefix(urlsplit(self.base).path)
        operation = self.promise.match(method, path)
        status, headers, body, milliseconds = got
        name = operation.id if operation else None
        exchange = Exchange(method, url, sent, raw, status, headers, body, milliseconds, name)
        answer = Answer(exchange, parsed(body))
        self.ledger.saw(exchange, answer.error.get("code"))
        hold(exchange, answer.body, operation, self.promise, self.ledger)
        return answer

    def operation(self, operation_id: str) -> Operation:
        return self.promise.operations[operation_id]


def _plain(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value
