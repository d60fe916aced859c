"""Requests held against the document: nothing comes in that it does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec

from sandbox.spec import bodies
from sandbox.spec.describing import described, dotted, expected, quoted, shortened
from sandbox.spec.document import Document, Operation, Parameter
from sandbox.spec.faults import BadRequest, Fault, UnsupportedMedia
from sandbox.spec.parameters import MISSING, ParameterReader, kinds, pairs_of, plain
from sandbox.spec.schemas import Schemas
from sandbox.spec.shapes import Shape
from sandbox.spec.wording import MOST_FAULTS, faults_of, similar_name

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_MOST_KEPT: Final = 6000  # definitions in the plans kept for a mocked document
_NO_BODY: Final = re.compile(rb"[ \t\r\n]*+(?:\{[ \t\r\n]*+\}[ \t\r\n]*+)?")
_BODILESS: Final = frozenset({"GET", "HEAD"})
_ESCAPES: Final = re.compile(rb"\\[bfnrtu]|\x7f|\xc2[\x80-\x9f]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INTEGER: Final = re.compile(r"-?[0-9]+", re.ASCII)
_MOST_FIELDS: Final = 200
_MOST_QUERIES: Final = 128  # kept with the plan of an operation, as are content types
_LONG_QUERY: Final = 200
_MOST_MEDIA: Final = 32


class Asked(Protocol):
    """What is read of a request; `sandbox.wire.Request` is one."""

    @property
    def method(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Understood(msgspec.Struct, frozen=True, gc=False):
    """A request as the document types it; what was left out is absent."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    cookies: Mapping[str, Any]
    body: Any


class _Plan:
    """How one operation's requests are read, made when it is first asked for."""

    __slots__ = (
        "weight",
        *("body_shapes", "cookies", "headers", "ids", "media", "names", "operation", "path", "query"),
        *("required_query", "sole_media", "takes_body"),
        *("fine_queries", "known_media"),
    )

    def __init__(self, operation: Operation, schemas: Schemas, *, strict: bool) -> None:
        self.operation = operation
        readers = [_reader(parameter, schemas, operation) for parameter in operation.parameters]
        self.query = [reader for reader in readers if reader.parameter.place == "query"]
        self.headers = [reader for reader in readers if reader.parameter.place == "header"]
        self.cookies = [reader for reader in readers if reader.parameter.place == "cookie"]
        self.path = [reader for reader in readers if reader.parameter.place == "path"]
        self.ids = strict and all(_is_plain_id(reader) for reader in self.path)
        self.required_query = any(reader.parameter.required for reader in self.query)
        self.names = {reader.parameter.name: reader for reader in self.query}
        self.fine_queries: dict[str, Mapping[str, Any]] = {}  # as read before, by their text
        self.known_media: dict[str, tuple[str, bool]] = {}  # and whether it is read into values
        self.takes_body = operation.has_body and operation.method not in _BODILESS
        self.media = operation.content
        self.sole_media = next(iter(operation.content), "application/json")
        self.body_shapes = {
            name: schemas.shape(media.get("schema", True), "request", f"{operation.id} body")
            for name, media in (operation.content.items() if self.takes_body else ())
        }
        shapes = [*self.body_shapes.values(), *(reader.shape for reader in readers)]
        self.weight = sum(1 + len(shape.definitions) for shape in shapes)


def _reader(parameter: Parameter, schemas: Schemas, operation: Operation) -> ParameterReader:
    return ParameterReader(
        parameter, schemas.shape(parameter.schema, "request", f"{operation.id} {parameter.where}")
    )


def _is_plain_id(reader: ParameterReader) -> bool:
    """A string that promises nothing beyond CONV-14's alphabet, so that one regular expression settles it."""
    return reader.kinds == {"string"} and not {"enum", "const", "format", "oneOf", "anyOf", "not"} & set(
        reader.shape.followed(reader.shape.schema)
    )


class RequestChecker:
    """Reads a request by its operation's declaration; all its faults at once, never the first only.

    Strict (our own API): unknown, repeated and empty query parameters are faults, ids keep to their alphabet,
    a body that is not required may be absent in any way. Lenient (any document): what is not declared passes.
    """

    def __init__(
        self, document: Document, *, strict: bool, schemas: Schemas | None = None, one_line: bool = True
    ) -> None:
        self.schemas = schemas or Schemas(document)
        self.strict = strict
        self._one_line = one_line  # strict refuses control characters, unless texts may have several lines
        self._plans: dict[str, _Plan] = {}
        self._kept = 0

    def check(self, operation: Operation, path_parameters: Mapping[str, str], request: Asked) -> Understood:
        plan = self._plans.get(operation.id)
        if plan is None:
            plan = self._plan(operation)
        faults: list[Fault] = []
        path: Mapping[str, Any] = path_parameters
        if plan.path:
            path = self._path(plan, path_parameters, faults)
        query = headers = cookies = _EMPTY
        if request.query or plan.required_query:
            known = plan.fine_queries.get(request.query)
            query = self._query(plan, request.query, faults) if known is None else known
        if plan.headers:
            headers = self._headers(plan, request.headers, faults)
        if plan.cookies:
            cookies = self._cookies(plan, request.headers.get("cookie", ""), faults)
        body: Any = None
        try:
            if plan.takes_body:
                body = self._body(plan, request, faults)
            elif self.strict and request.body and plan.operation.method not in _BODILESS:
                body = _none_wanted(request.body, faults)
        except UnsupportedMedia as refused:
            raise UnsupportedMedia((*faults, *refused.faults)) from None
        except BadRequest as refused:
            faults += refused.faults
        if faults:
            raise BadRequest(tuple(dict.fromkeys(faults)))
        return Understood(path, query, headers, cookies, body)

    def has_valid_path(self, operation: Operation, path_parameters: Mapping[str, str]) -> bool:
        """Whether the values of a path fit the operation: of two paths of one shape, which is meant."""
        plan, faults = self._plans.get(operation.id) or self._plan(operation), list[Fault]()
        self._path(plan, path_parameters, faults)
        return not faults

    def _plan(self, operation: Operation) -> _Plan:
        plan = self._plans[operation.id] = _Plan(operation, self.schemas, strict=self.strict)
        self._kept += plan.weight
        while not self.strict and self._kept > _MOST_KEPT and len(self._plans) > 1:
            self._kept -= self._plans.pop(next(iter(self._plans))).weight
        return plan

    def _path(self, plan: _Plan, texts: Mapping[str, str], faults: list[Fault]) -> Mapping[str, Any]:
        if plan.ids:
            for name, text in texts.items():
                if _ID.fullmatch(text) is None:
                    faults.append(Fault(f"path.{name}", _no_id(text)))
            return texts
        found: dict[str, Any] = {}
        for reader in plan.path:
            name = reader.parameter.name
            value = reader.from_path(texts[name])
            found[name] = value
            faults += _faults(reader, value)
        return found

    def _query(self, plan: _Plan, query: str, faults: list[Fault]) -> Mapping[str, Any]:
        pairs, taken, found = pairs_of(query), set[str](), dict[str, Any]()
        skipped = self._strict_faults(plan, pairs, faults) if self.strict else frozenset()
        for reader in plan.query:
            parameter = reader.parameter
            if parameter.name in skipped:
                continue
            value = reader.from_query(pairs, taken)
            if value is MISSING:
                if parameter.required:
                    faults.append(_absent(reader))
            elif not (value == "" and parameter.allow_empty):
                found[parameter.name] = value
                faults += _faults(reader, value)
        if not faults and len(query) < _LONG_QUERY:
            if len(plan.fine_queries) >= _MOST_QUERIES:
                plan.fine_queries.clear()
            plan.fine_queries[query] = MappingProxyType(found)
        return found

    def _strict_faults(
        self, plan: _Plan, pairs: list[tuple[str, str]], faults: list[Fault]
    ) -> frozenset[str]:
        """Unknown, repeated and empty parameters; their names, so that nothing more is said of them."""
        seen: set[str] = set()
        faulty: set[str] = set()
        for raw_name, raw_value in pairs:
            if len(faults) >= MOST_FAULTS:
                break
            name = plain(raw_name)
            where = f"query.{shortened(name)}"
            if name in faulty:
                continue
            if name not in plan.names:
                faults.append(Fault(where, _unknown_parameter(name, plan)))
                faulty.add(name)
            elif name in seen:
                faults.append(Fault(where, "is given twice. Send it once."))
                faulty.add(name)
            elif not raw_value:
                reader = plan.names[name]
                wanted = expected(reader.shape, reader.shape.schema)
                faults.append(Fault(where, f"is empty. Send {wanted}, or leave it out where it is optional."))
                faulty.add(name)
            seen.add(name)
        return frozenset(faulty)

    def _headers(self, plan: _Plan, headers: Mapping[str, str], faults: list[Fault]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = _EMPTY
        for reader in plan.headers:
            text = headers.get(reader.key)
            if text is not None:
                value = reader.from_header(text)
                faults += _faults(reader, value)
                found = {**found, reader.key: value}
            elif reader.parameter.required:
                faults.append(_absent(reader))
        return found

    def _cookies(self, plan: _Plan, header: str, faults: list[Fault]) -> Mapping[str, Any]:
        sent = dict(_cookie_pairs(header))
        found: dict[str, Any] = {}
        for reader in plan.cookies:
            value = reader.from_cookies(sent)
            if value is not MISSING:
                found[reader.parameter.name] = value
                faults += _faults(reader, value)
            elif reader.parameter.required:
                faults.append(_absent(reader))
        return found

    def _body(self, plan: _Plan, request: Asked, faults: list[Fault]) -> Any:
        operation, body = plan.operation, request.body
        if not operation.body_required:
            if self.strict and _NO_BODY.fullmatch(body):
                faults += _body_faults(plan.body_shapes[plan.sole_media], {})
                return {}
            if not body:
                return None
        elif not body and not request.headers.get("content-type", "").startswith(
            ("text/", "application/x-www")
        ):
            raise BadRequest((_no_body(plan),))
        content_type = request.headers.get("content-type", "")
        media, has_values = plan.known_media.get(content_type) or self._media(plan, content_type)
        shape = plan.body_shapes[media]
        if self.strict:
            value = bodies.read_json(body)
            if self._one_line and _ESCAPES.search(body) is not None:
                faults += _control_characters(value, "body")
        else:
            encoding = plan.media[media].get("encoding")
            value = bodies.read_body(
                body, content_type or media, shape, encoding if isinstance(encoding, dict) else _EMPTY
            )
        if has_values or kinds(shape, shape.schema) <= {"string"}:
            faults += _body_faults(shape, value)
        return value

    def _media(self, plan: _Plan, content_type: str) -> tuple[str, bool]:
        """The documented media type that a body is of, and whether it is read into values."""
        if not content_type and not self.strict:
            return plan.sole_media, bodies.has_values(plan.sole_media)
        media = bodies.chosen(plan.body_shapes, content_type)
        if media is None:
            wanted = " or ".join(plan.body_shapes) or "application/json"
            came = f"is {quoted(content_type)}" if content_type else "is missing"
            raise UnsupportedMedia((Fault("header.Content-Type", f"{came}. Send the body as {wanted}."),))
        charset = bodies.media_parameters(content_type).get("charset", "utf-8").lower()
        if self.strict and charset not in ("utf-8", "utf8"):
            raise UnsupportedMedia(
                (Fault("header.Content-Type", f"names the charset {quoted(charset)}. Send JSON as UTF-8."),)
            )
        known = (media, bodies.has_values(content_type))
        if len(plan.known_media) < _MOST_MEDIA:
            plan.known_media[content_type] = known
        return known


def _faults(reader: ParameterReader, value: Any) -> tuple[Fault, ...]:
    if reader.shape.is_valid(value):
        return ()
    parameter = reader.parameter
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return (Fault(parameter.where, "is not UTF-8 once percent-decoded. Encode the text as UTF-8 first."),)
    if isinstance(value, str) and "string" not in reader.kinds and reader.kinds:
        return (Fault(parameter.where, f"is {described(value)}. Send {_unquoted(reader)}."),)
    return faults_of(reader.shape, value, parameter.where) or (
        Fault(parameter.where, "does not fit. Change it."),
    )


def _unquoted(reader: ParameterReader) -> str:
    wanted = expected(reader.shape, reader.shape.schema)
    if "integer" in reader.kinds:
        return wanted + ", in plain digits"
    return wanted


def _body_faults(shape: Shape, value: Any) -> tuple[Fault, ...]:
    if shape.is_valid(value):
        return ()
    return faults_of(shape, _within_reason(shape, value), "body") or (
        Fault("body", "holds what cannot be checked. Send plain JSON."),
    )


def _within_reason(shape: Shape, value: Any) -> Any:
    """Of a body with a hundred thousand fields, those that are known and the first of the others.

    Only the first faults are told, and to find all of them would hold everybody up for a second.
    """
    if not isinstance(value, dict) or len(value) <= _MOST_FIELDS:
        return value
    known = shape.followed(shape.schema).get("properties", {})
    first = dict(islice(value.items(), _MOST_FIELDS))
    return first | {name: value[name] for name in known if name in value}


def _absent(reader: ParameterReader) -> Fault:
    wanted = expected(reader.shape, reader.shape.schema)
    return Fault(reader.parameter.where, f"is missing. Send {wanted}.")


def _no_body(plan: _Plan) -> Fault:
    shape = plan.body_shapes[plan.sole_media]
    names = shape.followed(shape.schema).get("required", [])
    fields = " with " + ", ".join(f"`{name}`" for name in names[:8]) if names else ""
    return Fault("body", f"is missing. Send {plan.sole_media}{fields}.")


def _none_wanted(body: bytes, faults: list[Fault]) -> Any:
    """Where no body is declared, none, an empty one and `{}` are the same; a field is one too many."""
    if _NO_BODY.fullmatch(body):
        return None
    value = bodies.read_json(body)
    if isinstance(value, dict):
        for name in list(value)[:20]:
            faults.append(Fault(f"body.{shortened(name)}", "is an unknown field: this operation takes none."))
    else:
        faults.append(Fault("body", f"is {described(value)}, but this operation takes no body. Send none."))
    return None


def _no_id(text: str) -> str:
    if len(text) > 64:
        return f"has {len(text)} characters, where an id has at most 64. Send an id as the API gave it."
    return (
        f"is {quoted(text)}, which is no id: those are letters, digits and `_ . : -`. Send an id of the API."
    )


def _unknown_parameter(name: str, plan: _Plan) -> str:
    near = similar_name(name, plan.names)
    if near:
        return f"is an unknown parameter: did you mean `{near}`?"
    if not plan.names:
        return "is an unknown parameter: this operation takes none in the query. Leave it out."
    known = ", ".join(f"`{one}`" for one in plan.names)
    return f"is an unknown parameter. Leave it out; taken are {known}."


def _control_characters(value: Any, where: str) -> Iterator[Fault]:
    todo: list[tuple[str, Any]] = [(where, value)]
    while todo:
        place, part = todo.pop()
        if isinstance(part, dict):
            todo += [(f"{place}{dotted([name])}", child) for name, child in part.items()]
        elif isinstance(part, list):
            todo += [(f"{place}[{index}]", child) for index, child in enumerate(part)]
        elif isinstance(part, str):
            match = _CONTROL.search(part)
            if match is not None:
                message = (
                    f"has the control character U+{ord(match[0]):04X} at position {match.start()}. Remove it."
                )
                yield Fault(place, message)


def _cookie_pairs(header: str) -> Iterator[tuple[str, str]]:
    for piece in header.split(";"):
        name, equals, value = piece.strip().partition("=")
        if equals:
            yield name, value.strip('"')
