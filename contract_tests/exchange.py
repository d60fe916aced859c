"""One request and its answer, as a report may show them: no key, passcode, code or token survives."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

STRUCK = "***"
SECRET_HEADERS = {"authorization", "bardge-lookup-token"}
SECRET_FIELDS = {"passcode", "access_code", "lookup_token", "api_key", "qr_code"}
LONGEST_BODY = 4000
LEAST_SECRET = 6  # a shorter key is a word like any other

_LOOKUP_TOKEN = re.compile(r"\blkpt_\w{4,}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was sent and what came back, word for word; `shown` is what others may read."""

    method: str
    url: str
    headers: Mapping[str, str]
    sent: bytes | None
    status: int
    answer_headers: Mapping[str, str]
    answered: bytes
    milliseconds: float
    operation: str | None = None
    answer: Any = field(default=None, compare=False)

    def request_line(self) -> str:
        return f"{self.method} {self.url}"

    def shown(self) -> dict[str, Any]:
        return {
            "operation": self.operation,
            "request": {
                "method": self.method,
                "url": self.url,
                "headers": strike_headers(self.headers),
                "body": strike_text(self.sent),
            },
            "answer": {
                "status": self.status,
                "headers": strike_headers(self.answer_headers),
                "body": strike_text(self.answered),
            },
            "milliseconds": round(self.milliseconds, 1),
            "curl": self.curl(),
        }

    def curl(self) -> str:
        words = ["curl", "-i"]
        if self.method != "GET":
            words += ["-X", self.method]
        words.append(shlex.quote(self.url))
        for name, value in self.headers.items():
            if name.lower() == "authorization":
                words += ["-H", '"Authorization: Bearer $BARDGE_API_KEY"']
            elif name.lower() not in ("content-length", "host", "connection"):
                shown = STRUCK if name.lower() in SECRET_HEADERS else value
                words += ["-H", shlex.quote(f"{name}: {shown}")]
        if self.sent is not None:
            words += ["-d", shlex.quote(strike_text(self.sent) or "")]
        return " ".join(words)


def strike_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: STRUCK if name.lower() in SECRET_HEADERS else value for name, value in headers.items()}


def strike_text(raw: bytes | None) -> str | None:
    """The body as text, secrets struck out; a body that is not JSON is shown cut short."""
    if raw is None:
        return None
    try:
        document = json.loads(raw)
    except ValueError:
        return raw[:LONGEST_BODY].decode("utf-8", "replace")
    text = json.dumps(strike(document), ensure_ascii=False)
    return text if len(text) <= LONGEST_BODY else text[:LONGEST_BODY] + " …"


def strike(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: STRUCK if k in SECRET_FIELDS and v is not None else strike(v) for k, v in value.items()}
    if isinstance(value, list):
        return [strike(item) for item in value]
    return value


def without(secrets: Collection[str], value: Any) -> Any:
    """The same, rid of these words wherever they stand: a target may quote the key that it was sent."""
    if isinstance(value, dict):
        return {name: without(secrets, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without(secrets, item) for item in value]
    if not isinstance(value, str):
        return value
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= LEAST_SECRET:
            value = value.replace(secret, STRUCK)
    return _LOOKUP_TOKEN.sub(STRUCK, value)
