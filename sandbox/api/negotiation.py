"""What a client asks of an answer's form: `Accept` and `Prefer`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

_PREFERENCE: Final = re.compile(r'(?<![A-Za-z_-])([A-Za-z_-]+)\s*=\s*(?:"([^"]*)"|([^\s,;"]+))')
_PIECE: Final = re.compile(r'(?:[^,"]|"[^"]*"?)+')
_LONGEST_ACCEPT: Final = 8000
_CONCRETE: Final = {
    "*/*": "application/json",
    "application/*": "application/json",
    "text/*": "text/plain",
    "image/*": "image/png",
    "audio/*": "audio/mpeg",
    "video/*": "video/mp4",
    "font/*": "font/woff2",
    "multipart/*": "multipart/mixed",
}


class Preference(msgspec.Struct, frozen=True):
    """`Prefer: code=404, example=missing, dynamic=true`, as users of Prism write it."""

    code: str = ""
    example: str = ""
    dynamic: bool = False


def preference_of(header: str, query: str = "") -> Preference:
    """The wishes in its `Prefer` header, or as `__code`, `__example` and `__dynamic` in its query."""
    wishes = {
        name.lower().removeprefix("__"): quoted or bare
        for name, quoted, bare in _PREFERENCE.findall(header) + _from_query(query)
    }
    dynamic = wishes.get("dynamic", "").lower() == "true"
    return Preference(wishes.get("code", ""), wishes.get("example", ""), dynamic)


def _from_query(query: str) -> list[tuple[str, str, str]]:
    pieces = [piece.partition("=") for piece in query.split("&") if piece.startswith("__")]
    return [(name, "", value) for name, _, value in pieces]


class _Range(msgspec.Struct, frozen=True):
    type: str
    subtype: str
    parameters: dict[str, str]
    quality: float

    def fits(self, kind: str, subtype: str, parameters: dict[str, str]) -> int:
        """How specifically this range names a media type; 0 where it does not."""
        if self.type not in ("*", kind) or self.subtype not in ("*", subtype):
            return 0
        if any(parameters.get(name, value) != value for name, value in self.parameters.items()):
            return 0
        agreed = sum(name in parameters for name in self.parameters)
        return 1 + (self.type != "*") + (self.subtype != "*") + agreed


def chosen_media_type(documented: Iterable[str], accept: str) -> tuple[str, str] | None:
    """The documented media type to answer in and its concrete name; None where the client takes none of them.

    No `Accept`, or an empty one, takes anything. Among equals JSON comes first, then the document's order."""
    ranges = _ranges(accept)
    best: tuple[float, bool, int] | None = None
    found: tuple[str, str] | None = None
    for index, name in enumerate(documented):
        quality, concrete = _judged(name, ranges)
        rank = (quality, "json" in name.lower(), -index)
        if quality > 0 and (best is None or rank > best):
            best, found = rank, (name, concrete)
    return found


def _judged(name: str, ranges: list[_Range]) -> tuple[float, str]:
    kind, subtype, parameters = _parsed(name)
    if not ranges:
        return 1.0, concrete_name(name)
    best, quality, concrete = 0, 0.0, concrete_name(name)
    for one in ranges:
        specific = one.fits(kind, subtype, parameters) or _covers(kind, subtype, one)
        if specific > best:
            best, quality = specific, one.quality
            if "*" in (kind, subtype) and "*" not in (one.type, one.subtype):
                concrete = f"{one.type}/{one.subtype}"
    return quality, concrete


def _covers(kind: str, subtype: str, asked: _Range) -> int:
    """A documented `image/*` covers an asked `image/png`."""
    if subtype != "*" or kind not in ("*", asked.type):
        return 0
    return 3


def concrete_name(name: str) -> str:
    """`*/*` and `image/*` cannot be sent: a concrete type stands in for them."""
    bare = name.partition(";")[0].strip().lower()
    if "*" not in bare:
        return name
    return _CONCRETE.get(bare, "application/octet-stream")


def _ranges(accept: str) -> list[_Range]:
    found: list[_Range] = []
    for piece in _split(accept):
        kind, subtype, parameters = _parsed(piece)
        if not kind:
            continue
        quality = _quality(parameters.pop("q", "1"))
        parameters.pop("charset", None)
        found.append(_Range(kind, subtype, parameters, quality))
    return found


def _split(accept: str) -> list[str]:
    return [piece for piece in _PIECE.findall(accept[:_LONGEST_ACCEPT]) if piece.strip()]


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0


def _parsed(name: str) -> tuple[str, str, dict[str, str]]:
    bare, *rest = name.split(";")
    kind, _, subtype = bare.strip().lower().partition("/")
    parameters: dict[str, str] = {}
    for piece in rest:
        key, equals, value = piece.partition("=")
        if equals:
            parameters[key.strip().lower()] = value.strip().strip('"').lower()
    return kind, subtype or "*", parameters
