"""The answers of a mocked document: of one of an operation's statuses the media type, the value, the headers.

its media type → the author's example, where it is valid, or a value made from the schema → its headers
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from sandbox.api import representation
from sandbox.api.generation import Generator
from sandbox.api.making import MISSING
from sandbox.api.negotiation import Preference, chosen_media_type
from sandbox.spec import Document, Fault, Operation, is_json
from sandbox.spec.sources import BrokenReference
from sandbox.wire import Headers, Request, Response

_FRAMING: Final = frozenset(
    {
        *("content-type", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"),
        *("trailer", "te", "date", "server", "content-encoding"),
    }
)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Refused(Exception):
    """An answer other than the one the document describes for this request."""

    def __init__(
        self, status: int, title: str, detail: str, *, faults: tuple[Fault, ...] = (), headers: Headers = ()
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail
        self.faults, self.headers = faults, headers


class Asked(msgspec.Struct, frozen=True):
    """What one answer is for: a request, the status chosen for it, and what the document says of that."""

    operation: Operation
    request: Request
    status: int
    response: Mapping[str, Any]
    wish: Preference = Preference()
    known: Mapping[str, Any] = {}  # values of the request that the answer should repeat

    @property
    def where(self) -> str:
        return f"{self.operation.id} {self.status}"


class Answers:
    """A path always gets the same answer; asked to be dynamic, so does only the same whole request."""

    def __init__(self, document: Document, generator: Generator, seed: int) -> None:
        self._document = document
        self._generator = generator
        self._seed = seed

    def answer(self, asked: Asked) -> Response:
        return self._answer(asked, (), any_media_type=False)

    def refusal(self, asked: Asked, told: Headers) -> Response:
        """A refusal of the document's own; in whatever media type it has, for it must be told."""
        return self._answer(asked, told, any_media_type=True)

    def _answer(self, asked: Asked, told: Headers, *, any_media_type: bool) -> Response:
        content, example = asked.response.get("content", {}), asked.wish.example
        headers = (*told, *self._headers(asked, told))
        if not content or asked.status in (204, 304):
            if example and not content:
                raise _no_example(asked, ())
            return Response(asked.status, headers)
        names = _with_example(asked, content) if example else list(content)
        picked = chosen_media_type(names, asked.request.headers.get("accept", ""))
        if picked is None and any_media_type:
            picked = chosen_media_type(names, "") or (names[0], names[0])
        if picked is None:
            raise _not_acceptable(asked, names)
        name, concrete = picked
        body = self._body(asked, concrete, content[name])
        content_type = ("Content-Type", representation.content_type_of(concrete))
        return Response(asked.status, (content_type, *headers), body)

    # — the value —

    def _body(self, asked: Asked, media_type: str, media: Mapping[str, Any]) -> bytes:
        if asked.wish.example:
            value = _example_value(_examples(media)[asked.wish.example])
        else:
            value = MISSING if asked.wish.dynamic else self._from_examples(asked, media_type, media)
            if value is MISSING:
                value = self._made(asked, media_type, media)
        if isinstance(value, bytes):
            return value
        return representation.as_bytes(value, media_type, media.get("schema"), self._followed)

    def _from_examples(self, asked: Asked, media_type: str, media: Mapping[str, Any]) -> Any:
        """The author's first example that is valid under its own schema."""
        schema = media.get("schema", MISSING)
        written = [media["example"]] if "example" in media else []
        written += [_example_value(one) for one in _examples(media).values()]
        for value in written:
            if value is MISSING:
                continue
            if schema is MISSING or not _is_structured(media_type):
                return value
            if isinstance(value, str) and representation.is_xml(media_type):
                return value
            for reading in (value, _parsed(value)):
                if reading is not MISSING and self._generator.valid(schema, reading, asked.where):
                    return reading
        return MISSING

    def _made(self, asked: Asked, media_type: str, media: Mapping[str, Any]) -> Any:
        file = representation.a_file(media_type)
        if "schema" not in media:
            return file if file is not None else {} if is_json(media_type) else ""
        if file is not None and not _is_structured(media_type):
            return file
        schema, key = media["schema"], self._key(asked)
        if asked.wish.dynamic:
            return self._generator.value(schema, key, asked.where, from_examples=False)
        return self._generator.value(schema, key, asked.where, known=asked.known, hint=_hint(media))

    def _key(self, asked: Asked) -> str:
        parts = [str(self._seed), asked.request.path]
        if asked.wish.dynamic:
            parts += ["dynamic", asked.request.query, asked.request.body.hex()]
        return "\x1f".join(parts)

    def _followed(self, schema: Any) -> Any:
        try:
            return self._document.sources.followed(schema)
        except BrokenReference:
            return {}

    # — the headers —

    def _headers(self, asked: Asked, told: Headers) -> Iterator[tuple[str, str]]:
        taken = {name.lower() for name, _ in told} | _FRAMING
        for name, header in asked.response.get("headers", {}).items():
            if name.lower() in taken or not _TOKEN.fullmatch(name) or not isinstance(header, dict):
                continue
            yield name, representation.as_header(self._header_value(asked, name, header))

    def _header_value(self, asked: Asked, name: str, header: Mapping[str, Any]) -> Any:
        media = next((one for one in header.get("content", {}).values() if isinstance(one, dict)), header)
        schema, where = media.get("schema", True), f"{asked.where} header {name}"
        for value in [media.get("example", MISSING), *map(_example_value, _examples(media).values())]:
            if value is not MISSING and self._generator.valid(schema, value, where):
                return value
        value = self._generator.value(
            {"allOf": [schema]} if schema is True else schema, f"{self._key(asked)}\x1f{name}", where
        )
        if media is not header:
            return representation.as_json(value).decode()
        return name.lower() if isinstance(value, dict) and not value else value


# — examples —


def _examples(media: Mapping[str, Any]) -> Mapping[str, Any]:
    named = media.get("examples")
    return named if isinstance(named, dict) else {}


def _example_value(example: Any) -> Any:
    if not isinstance(example, dict):
        return example
    return example.get("value", MISSING if "externalValue" in example or not example else example)


def _with_example(asked: Asked, content: Mapping[str, Any]) -> list[str]:
    having = [name for name, media in content.items() if asked.wish.example in _examples(media)]
    if not having:
        raise _no_example(asked, [name for media in content.values() for name in _examples(media)])
    return having


def _hint(media: Mapping[str, Any]) -> Any:
    """The author's first example, valid or not: where it fits, what is made keeps to it."""
    first = next((_example_value(one) for one in _examples(media).values()), MISSING)
    hint = media.get("example", first)
    parsed = _parsed(hint)
    return hint if parsed is MISSING else parsed


def _parsed(value: Any) -> Any:
    """An example written as a string of JSON, as some authors do."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return MISSING
    return MISSING


def _is_structured(media_type: str) -> bool:
    """Whether a value of this type is held against its schema; a text or a file is what it is."""
    return not representation.is_text(media_type) and (
        is_json(media_type)
        or "json" in media_type
        or representation.is_xml(media_type)
        or representation.bare_name(media_type) == "application/x-www-form-urlencoded"
    )


# — there is none —


def _no_example(asked: Asked, known: Iterable[str]) -> Refused:
    listed = ", ".join(dict.fromkeys(known)) or "none"
    detail = f"{asked.operation.id} has no example {asked.wish.example[:60]!r}. Known are: {listed}."
    return Refused(404, "No such example", detail)


def _not_acceptable(asked: Asked, documented: list[str]) -> Refused:
    accepted = asked.request.headers.get("accept", "")[:100]
    detail = (
        f"{asked.operation.id} answers {asked.status} as {', '.join(documented)}; the request accepts "
        f"only {accepted}. Accept one of them."
    )
    return Refused(406, "Not acceptable", detail)
