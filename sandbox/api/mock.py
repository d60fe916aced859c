"""The journey of a request when any OpenAPI document is mocked: `serve --spec other.yaml`.

    match → credentials → read and validate → choose the answer → its media type → its value → its headers

Nothing is remembered between requests: the same request gets the same bytes. What a document leaves unsaid or
says wrongly is a trouble, told at the start and never in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.api import credentials, representation
from sandbox.api.generation import Generator
from sandbox.api.mock_answers import Answers, Asked, Refused
from sandbox.api.negotiation import preference_of
from sandbox.spec import (
    BadRequest,
    Document,
    Match,
    Operation,
    RequestChecker,
    Router,
    Understood,
    UnsupportedMedia,
    WrongMethod,
)
from sandbox.wire import Headers, Request, Response

PROBLEM: Final = "application/problem+json"
_REPEATING: Final = frozenset({"POST", "PUT", "PATCH"})
_LONGEST_REASON: Final = 800
_MOST_OF_A_KIND: Final = 5
_SAYS_WHY: Final = ("message", "detail", "error", "error_message", "description")


class Mock:
    """Answers for every operation of one document."""

    def __init__(self, document: Document, seed: int = 0) -> None:
        self.document = document
        self.generator = Generator(document)
        self._answers = Answers(document, self.generator, seed)
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
            return self._refuse(operation, request, _unauthorized(operation, *missing))
        try:
            if request.too_large:
                raise Refused(413, "Payload too large", "The body is larger than is taken here. Send less.")
            call = self.requests.check(operation, match.path_parameters, request)
        except UnsupportedMedia as bad:
            refused = Refused(415, "Unsupported media type", _in_words(bad), faults=bad.faults)
            return self._refuse(operation, request, refused, 422, 400)
        except BadRequest as bad:
            refused = Refused(422, "Request off the document", _in_words(bad), faults=bad.faults)
            return self._refuse(operation, request, refused, 400)
        wish = preference_of(request.headers.get("prefer", ""), request.query)
        status, response = _chosen(operation, wish.code)
        known = _known(operation, call) if status < 300 else {}
        return self._answers.answer(Asked(operation, request, status, response, wish, known))

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
            found = guess not in ("", path) and self.router.match("GET", guess)
            if isinstance(found, Match | WrongMethod):
                return f"{path[:200]} is not in {self.document.name}, but {guess[:200]} is. Ask for that."
        base = self.base_paths[0]
        where = f"{self.document.name}, which is served below {base or '/'}"
        return f"{path[:200]} is not in {where}. Check the path."

    def _refuse(self, operation: Operation, request: Request, refused: Refused, *or_with: int) -> Response:
        """As the document does for this status, or for one of the others; where it does not, in our words."""
        status, response = _refusal_of(operation, (refused.status, *or_with))
        if response is None:
            raise refused
        reason = refused.detail
        known = dict.fromkeys(_SAYS_WHY, reason)
        told = (*refused.headers, ("Sandbox-Reason", representation.as_header(reason)[:_LONGEST_REASON]))
        return self._answers.refusal(Asked(operation, request, status, response, known=known), told)


# — choosing —


def _chosen(operation: Operation, code: str) -> tuple[int, Mapping[str, Any]]:
    """The status to answer with, wished for or the first success, and what the document says of it."""
    responses = operation.responses
    if code:
        return _wished(operation, code)
    if operation.success_statuses:
        status = operation.success_statuses[0]
        return status, responses[str(status)]
    for key in ("2XX", "default"):
        if key in responses:
            return 200, responses[key]
    for key, response in responses.items():
        return int(key.replace("XX", "00")), response
    return 200, {}


def _wished(operation: Operation, code: str) -> tuple[int, Mapping[str, Any]]:
    status = int(code) if re.fullmatch("[2-5][0-9]{2}", code, re.ASCII) else 0
    response = operation.response(status) if status else None
    if response is None:
        known = ", ".join(operation.responses) or "none"
        detail = f"{operation.id} documents no answer {code[:20]!r}. Prefer one of: {known}."
        raise Refused(404, "No such answer", detail)
    return status, response


def _refusal_of(operation: Operation, statuses: tuple[int, ...]) -> tuple[int, Mapping[str, Any] | None]:
    """By number, by the range 4XX, or by a `default` beside a success."""
    responses = operation.responses
    for status in statuses:
        if str(status) in responses:
            return status, responses[str(status)]
    has_success = any(key[0] == "2" for key in responses)
    key = "4XX" if "4XX" in responses else "default" if has_success else ""
    return statuses[-1], responses.get(key)


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


def _in_words(bad: BadRequest) -> str:
    return " ".join(map(str, bad.faults))


def _unauthorized(operation: Operation, challenge: str, wanted: str) -> Refused:
    headers: Headers = (("WWW-Authenticate", challenge),) if challenge else ()
    detail = f"{operation.id} needs credentials. Send {wanted}."
    return Refused(401, "Credentials missing", detail, headers=headers)


def _problem(refused: Refused) -> Response:
    problem: dict[str, Any] = {"title": refused.title, "status": refused.status, "detail": refused.detail}
    if refused.faults:
        problem["faults"] = [{"where": fault.where, "message": fault.message} for fault in refused.faults]
    headers = (("Content-Type", PROBLEM), *refused.headers)
    return Response(refused.status, headers, representation.as_json(problem))


def _wrong_method(request: Request, allow: tuple[str, ...]) -> Refused:
    detail = f"{request.method[:20]} is not documented for {request.path[:200]}. Use {' or '.join(allow)}."
    return Refused(405, "Method not allowed", detail, headers=(("Allow", ", ".join(allow)),))
