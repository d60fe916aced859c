"""A call is a request understood; a reply is what a handler makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """Parameters and body as openapi.yaml types them. What was left out is absent, never None."""

    operation_id: str
    url: str  # the path asked for, without the query: a list repeats it (PAGE-1)
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # a dict where the operation takes a body


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: dict[str, Any]
    rule: str = ""  # the rule that decided, for the journal: "BOOK-1"
