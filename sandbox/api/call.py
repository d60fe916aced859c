"""A call is a request understood; a reply is what a handler makes of it."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Call(msgspec.Struct, frozen=True):
    """Parameters and body as openapi.yaml types them. What was left out is absent, never None."""

    operation_id: str
    url: str  # the path asked for, without the query: a list repeats it (PAGE-1)
    path: Mapping[str, str] = {}
    query: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    body: Any = None  # a dict where the operation takes a body


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: dict[str, Any]
    rule: str = ""  # the rule that decided, for the journal: "BOOK-1"
