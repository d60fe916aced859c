"""HTTP as values: what came in, what goes out, and what the road does to it on the way.

Nothing here knows a server. A door (`sandbox.web`) turns its server's request into a `Request`
and carries the `Response` out; everything between is plain Python.
"""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import msgspec

JSON = "application/json"

Headers: TypeAlias = tuple[tuple[str, str], ...]
Drop: TypeAlias = Literal["connection", "half_body"]


class Request(msgspec.Struct, frozen=True):
    """One request, whole: a door hands over nothing whose body did not arrive to its end."""

    method: str
    path: str  # as it stood on the wire, percent signs included, without the query
    query: str = ""
    headers: Mapping[str, str] = {}  # names in lower case
    body: bytes = b""
    too_large: bool = False  # the door stopped reading: the body is over the limit
    secure: bool = False  # came through TLS, here or at a trusted proxy

    def header(self, name: str) -> str | None:
        return self.headers.get(name)


class Response(msgspec.Struct, frozen=True):
    status: int
    headers: Headers = ()
    body: bytes = b""
    drop: Drop | None = None  # a fault cuts the connection before, or in the middle of, this answer

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class Delayed(msgspec.Struct, frozen=True):
    """The answer is not ready yet: wait, in whatever way does not stop the neighbours, then ask again."""

    seconds: float
    then: "Callable[[], Response | Delayed]"


Answer: TypeAlias = Response | Delayed
