"""The journey of a request when any OpenAPI document is mocked: `serve --spec other.yaml`.

    match → credentials → read and validate → choose the answer → its media type → its value → its headers

Nothing is remembered between requests: the same request gets the same bytes. What a document leaves unsaid or
says wrongly is a trouble, told at the start and never in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from sandbox.api import credentials, representation
from sandbox.api.generation import Generator
from sandbox.api.making import MISSING
from sandbox.api.negotiation import Preference, chosen_media_type, preference_of
from sandbox.spec import (
    BadRequest,
    Document,
    Fault,
    Match,
    Operation,
    RequestChecker,
    Router,
    Understood,
    UnsupportedMedia,
    WrongMethod,
    is_json,
)
from sandbox.spec.sources import BrokenReference
from sandbox.wire import Headers, Request, Response

PROBLEM: Final = "application/problem+json"
_FRAMING: Final = frozenset(
    {
        *("content-type", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"),
        *("trailer", "te", "date", "server", "content-encoding"),
    }
)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REPEATING: Final = frozenset({"POST", "PUT", "PATCH"})
_LONGEST_REASON: Final = 800
_MOST_OF_A_KIND: Final = 5


class Chosen(msgspec.Struct, frozen=True):
    """The answer to give: its status and what the document says of it."""

    status: int
    response: Mapping[str, Any]


class Refused(Exception):
    """An answer other than the one the document describes for this request."""

    def __init__(self, status: int, title: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.faults = status, title, detail, faults


class Mock:
    """Answers for every operation of one document."""

    def __init__(self, document: Document, seed: int = 0) -> None:
        self.document = document
        self.seed = seed
        self.generator = Generator(document)
        self.requests = RequestChecker(document, strict=False, schemas=self.generator.schemas)
        self.base_paths = tuple(dict.fromkeys((document.base_paths[0], "")))
        self.router = Router(document.operations, self.base_paths)
        self.unserved = Router(document.unserved, self.base_paths)
        for operation in self.router.unreachable:
            document.trouble(
                f"{operation.method} {operation.path}", "cannot be asked for: no path holds `?` or `#`"
            )

    def troubles(self) -> list[str]:
        """What to print at the start: a line for each thing not served as written, a kind summed up."""
        kinds: dict[str, list[str]] = {}
        for trouble in self.document.troubles:
            kinds.setdefault(re.sub(r"`[^`]*`|[0-9]+|'[^']*'", "", trouble.message), []).append(str(trouble))
        lines: list[str] = []
        for similar in kinds.values():
            lines += similar[:_MOST_OF_A_KIND]
            if len(similar) > _MOST_OF_A_KIND:
                lines.append(f"… and {len(similar) - _MOST_OF_A_KIND} more of this kind")
        return lines

    def respond(self, request: Request) -> Response:
        try:
            response = self._respond(request)
        except Refused as refused:
            response = _problem(refused)
        if request.method == "HEAD":
            return Response(response.status, response.headers)
        return response

    def _respond(self, request: Request) -> Response:
        match = self._match(request)
        operation = match.operation
        missing = credentials.missing(self.document, operation, request)
        if missing is not None:
            return self._unauthorized(operation, request, *missing)
        try:
            if request.too_large:
                raise Refused(413, "Payload too large", "The body is larger than is taken here. Send less.")
            call = self.requests.check(operation, match.path_parameters, request)
        except BadRequest as bad:
            return self._bad_request(operation, request, bad)
        wish = preference_of(request.headers.get("prefer", ""), request.query)
        return self._answer(operation, request, self._chosen(operation, wish), wish, call)

    def _match(self, request: Request) -> Match:
        found = self.router.match(request.method, request.path)
        if isinstance(found, Match):
            for match in (found, *found.others) if found.others else ():
                if self.requests.has_valid_path(match.operation, match.path_parameters):
                    return match
            return found
        unserved = self.unserved.match(request.method, request.path)
        if isinstance(unserved, Match):
            reason = self.document.reasons[unserved.operation.id]
            raise Refused(501, "Not served", f"{unserved.operation.id} {reason}. Correct the document.")
        if isinstance(found, WrongMethod):
            raise _wrong_method(request, found.allow)
        raise Refused(404, "No such path", self._nearest(request.path))

    def _nearest(self, path: str) -> str:
        """Names the documented path that was probably meant."""
        for guess in (path.rstrip("/"), re.sub("/+", "/", path), re.sub("/+", "/", path).rstrip("/").lower()):
            if (
                guess
                and guess != path
                and not isinstance(self.router.match("GET", guess), Match | WrongMethod)
            ):
                continue
            if guess and guess != path:
                return f"{path[:200]} is not in {self.document.name}, but {guess[:200]} is. Ask for that."
        base = self.base_paths[0]
        where = f"{self.document.name}, which is served below {base or '/'}"
        return f"{path[:200]} is not in {where}. Check the path."

    # — refusing —

    def _unauthorized(self, operation: Operation, request: Request, challenge: str, wanted: str) -> Response:
        headers: Headers = (("WWW-Authenticate", challenge),) if challenge else ()
        detail = f"{operation.id} needs credentials. Send {wanted}."
        return self._documented(operation, request, (401,), detail, headers) or _with(
            _problem(Refused(401, "Credentials missing", detail)), headers
        )

    def _bad_request(self, operation: Operation, request: Request, bad: BadRequest) -> Response:
        statuses = (415, 422, 400) if isinstance(bad, UnsupportedMedia) else (422, 400)
        detail = " ".join(map(str, bad.faults))
        documented = self._documented(operation, request, statuses, detail)
        if documented is not None:
            return documented
        if isinstance(bad, UnsupportedMedia):
            raise Refused(415, "Unsupported media type", detail, bad.faults)
        raise Refused(422, "Request off the document", detail, bad.faults)

    def _documented(
        self,
        operation: Operation,
        request: Request,
        statuses: tuple[int, ...],
        reason: str,
        headers: Headers = (),
    ) -> Response | None:
        """The document's own refusal: by number, by the range 4XX, or its `default` beside a success."""
        chosen: Chosen | None = None
        for status in statuses:
            if str(status) in operation.responses:
                chosen = Chosen(status, operation.responses[str(status)])
                break
        else:
            has_success = any(key[0] == "2" for key in operation.responses)
            key = "4XX" if "4XX" in operation.responses else "default" if has_success else ""
            if key in operation.responses:
                chosen = Chosen(statuses[-1], operation.responses[key])
        if chosen is None:
            return None
        told = (*headers, ("Sandbox-Reason", representation.as_header(reason)[:_LONGEST_REASON]))
        known = dict.fromkeys(("message", "detail", "error", "error_message", "description"), reason)
        return self._represented(operation, request, chosen, Preference(), known, told, lenient=True)

    # — answering —

    def _chosen(self, operation: Operation, wish: Preference) -> Chosen:
        responses = operation.responses
        if wish.code:
            return self._wished(operation, wish.code)
        if operation.success_statuses:
            status = operation.success_statuses[0]
            return Chosen(status, responses[str(status)])
        for key in ("2XX", "default"):
            if key in responses:
                return Chosen(200, responses[key])
        for key, response in responses.items():
            return Chosen(int(key.replace("XX", "00")), response)
        return Chosen(200, {})

    def _wished(self, operation: Operation, code: str) -> Chosen:
        status = int(code) if re.fullmatch("[2-5][0-9]{2}", code, re.ASCII) else 0
        response = operation.response(status) if status else None
        if response is None:
            known = ", ".join(operation.responses) or "none"
            raise Refused(
                404,
                "No such answer",
                f"{operation.id} documents no answer {code[:20]!r}. Prefer one of: {known}.",
            )
        return Chosen(status, response)

    def _answer(
        self, operation: Operation, request: Request, chosen: Chosen, wish: Preference, call: Understood
    ) -> Response:
        known = _known(operation, call) if chosen.status < 300 else {}
        return self._represented(operation, request, chosen, wish, known, (), lenient=False)

    def _represented(
        self,
        operation: Operation,
        request: Request,
        chosen: Chosen,
        wish: Preference,
        known: Mapping[str, Any],
        told: Headers,
        *,
        lenient: bool,
    ) -> Response:
        content = chosen.response.get("content", {})
        key = self._key(request, wish)
        headers = (*told, *self._headers(operation, chosen, key, told))
        if not content or chosen.status in (204, 304):
            if wish.example and not content:
                raise _no_example(operation, wish.example, ())
            return Response(chosen.status, headers)
        documented = self._with_example(operation, content, wish.example) if wish.example else list(content)
        picked = chosen_media_type(documented, request.headers.get("accept", ""))
        if picked is None:
            if not lenient:
                raise Refused(
                    406,
                    "Not acceptable",
                    f"{operation.id} answers {chosen.status} as {', '.join(documented)}; the request accepts "
                    f"only {request.headers.get('accept', '')[:100]}. Accept one of them.",
                )
            picked = chosen_media_type(documented, "") or (documented[0], documented[0])
        name, concrete = picked
        body = self._body(operation, chosen.status, concrete, content[name], wish, key, known)
        content_type = ("Content-Type", representation.content_type_of(concrete))
        return Response(chosen.status, (content_type, *headers), body)

    def _with_example(self, operation: Operation, content: Mapping[str, Any], example: str) -> list[str]:
        having = [name for name, media in content.items() if example in _examples(media)]
        if not having:
            raise _no_example(
                operation, example, [name for media in content.values() for name in _examples(media)]
            )
        return having

    def _body(
        self,
        operation: Operation,
        status: int,
        media_type: str,
        media: Mapping[str, Any],
        wish: Preference,
        key: str,
        known: Mapping[str, Any],
    ) -> bytes:
        schema = media.get("schema", MISSING)
        where = f"{operation.id} {status}"
        if wish.example:
            value = _example_value(_examples(media)[wish.example])
        elif wish.dynamic:
            value = self._made(schema, media_type, key, where, {}, from_examples=False)
        else:
            value = self._from_examples(media, schema, media_type, where)
            if value is MISSING:
                hint = next((_example_value(one) for one in _examples(media).values()), MISSING)
                value = self._made(schema, media_type, key, where, known, hint=media.get("example", hint))
        if isinstance(value, bytes):
            return value
        return representation.as_bytes(
            value, media_type, None if schema is MISSING else schema, self._followed
        )

    def _from_examples(self, media: Mapping[str, Any], schema: Any, media_type: str, where: str) -> Any:
        """The author's first example that is valid under its own schema."""
        written = [media["example"]] if "example" in media else []
        written += [_example_value(one) for one in _examples(media).values()]
        for value in written:
            if value is MISSING:
                continue
            if schema is MISSING or not _is_structured(media_type):
                return value
            if isinstance(value, str) and representation.is_xml(media_type):
                return value
            if self.generator.valid(schema, value, where):
                return value
            parsed = _parsed(value)
            if parsed is not MISSING and self.generator.valid(schema, parsed, where):
                return parsed
        return MISSING

    def _made(
        self,
        schema: Any,
        media_type: str,
        key: str,
        where: str,
        known: Mapping[str, Any],
        *,
        from_examples: bool = True,
        hint: Any = MISSING,
    ) -> Any:
        if schema is MISSING:
            file = representation.a_file(media_type)
            return file if file is not None else {} if is_json(media_type) else ""
        if not _is_structured(media_type):
            file = representation.a_file(media_type)
            if file is not None:
                return file
        parsed = _parsed(hint)
        hint = parsed if parsed is not MISSING and isinstance(hint, str) else hint
        return self.generator.value(schema, key, where, known=known, from_examples=from_examples, hint=hint)

    def _headers(
        self, operation: Operation, chosen: Chosen, key: str, told: Headers
    ) -> Iterator[tuple[str, str]]:
        taken = {name.lower() for name, _ in told} | _FRAMING
        for name, header in chosen.response.get("headers", {}).items():
            if name.lower() in taken or not _TOKEN.fullmatch(name) or not isinstance(header, dict):
                continue
            text = representation.as_header(self._header_value(operation, chosen.status, name, header, key))
            yield name, text

    def _header_value(
        self, operation: Operation, status: int, name: str, header: Mapping[str, Any], key: str
    ) -> Any:
        media = next((one for one in header.get("content", {}).values() if isinstance(one, dict)), header)
        schema, where = media.get("schema", True), f"{operation.id} {status} header {name}"
        for value in [media.get("example", MISSING), *map(_example_value, _examples(media).values())]:
            if value is not MISSING and self.generator.valid(schema, value, where):
                return value
        value = self.generator.value(
            {"allOf": [schema]} if schema is True else schema, f"{key}\x1f{name}", where
        )
        if media is not header:
            return representation.as_json(value).decode()
        return name.lower() if isinstance(value, dict) and not value else value

    def _key(self, request: Request, wish: Preference) -> str:
        """A path always gets the same answer; asked to be dynamic, so does only the same whole request."""
        parts = [str(self.seed), request.path]
        if wish.dynamic:
            parts += ["dynamic", request.query, request.body.hex()]
        return "\x1f".join(parts)

    def _followed(self, schema: Any) -> Any:
        try:
            return self.document.sources.followed(schema)
        except BrokenReference:
            return {}


def _known(operation: Operation, call: Understood) -> dict[str, Any]:
    """What an answer should repeat of its request: the ids of the path, and what was just written."""
    known: dict[str, Any] = {}
    if operation.method in _REPEATING and isinstance(call.body, dict):
        known |= {name: value for name, value in call.body.items() if not isinstance(value, dict | list)}
    for name, value in call.path.items():
        if isinstance(value, dict | list):
            continue
        known[name] = value
        if operation.path.endswith(f"{{{name}}}") and re.search(r"(?i)id$", name):
            known["id"] = value
    return known


def _examples(media: Mapping[str, Any]) -> Mapping[str, Any]:
    named = media.get("examples")
    return named if isinstance(named, dict) else {}


def _example_value(example: Any) -> Any:
    if not isinstance(example, dict):
        return example
    return example.get("value", MISSING if "externalValue" in example or not example else example)


def _is_structured(media_type: str) -> bool:
    """Whether a value of this type is held against its schema; a text or a file is what it is."""
    return not representation.is_text(media_type) and (
        is_json(media_type)
        or "json" in media_type
        or representation.is_xml(media_type)
        or representation.bare_name(media_type) == "application/x-www-form-urlencoded"
    )


def _parsed(value: Any) -> Any:
    """An example written as a string of JSON, as some authors do."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return MISSING
    return MISSING


def _problem(refused: Refused) -> Response:
    problem: dict[str, Any] = {"title": refused.title, "status": refused.status, "detail": refused.detail}
    if refused.faults:
        problem["faults"] = [{"where": fault.where, "message": fault.message} for fault in refused.faults]
    headers: Headers = (("Content-Type", PROBLEM),)
    if isinstance(refused, _WrongMethodRefused):
        headers += (("Allow", ", ".join(refused.allow)),)
    return Response(refused.status, headers, representation.as_json(problem))


def _with(response: Response, headers: Headers) -> Response:
    return Response(response.status, (*response.headers, *headers), response.body)


class _WrongMethodRefused(Refused):
    allow: tuple[str, ...] = ()


def _wrong_method(request: Request, allow: tuple[str, ...]) -> Refused:
    detail = f"{request.method[:20]} is not documented for {request.path[:200]}. Use {' or '.join(allow)}."
    refused = _WrongMethodRefused(405, "Method not allowed", detail)
    refused.allow = allow
    return refused


def _no_example(operation: Operation, name: str, known: Any) -> Refused:
    listed = ", ".join(dict.fromkeys(known)) or "none"
    return Refused(
        404, "No such example", f"{operation.id} has no example {name[:60]!r}. Known are: {listed}."
    )
