"""The journey of a request to the control API.

    health → guard → match → read and check → handler in one transaction → answer checked

The same engine as the emulated API's, with its own document. `respond` never raises, and
nothing here is journalled in a world; every answer carries a request id, refusals too.
"""

import logging
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from sandbox import places
from sandbox.control import operations, situations
from sandbox.control.call import Call, Desk, Parts, Reply, Responder
from sandbox.control.guard import Guard
from sandbox.control.refusals import refused, type_and_status, unknown
from sandbox.control.scenario_files import ScenarioShelf
from sandbox.domain.moments import SECOND
from sandbox.domain.refusals import Refusal
from sandbox.errors import envelope
from sandbox.settings import Settings
from sandbox.spec import (
    AnswerChecker,
    BadRequest,
    Document,
    Match,
    NoSuchPath,
    Operation,
    RequestChecker,
    Router,
    UnsupportedMedia,
    WrongMethod,
)
from sandbox.store import StoreUnavailable
from sandbox.wire import JSON, Headers, Request, Response
from sandbox.world.clock import OutOfReach, real_now
from sandbox.world.sheets import FixtureError
from sandbox.world.state import WorldState
from sandbox.world.worlds import NewWorld, Prepare, Worlds, WorldUnknown

DOCUMENT = Path(__file__).with_name("openapi.yaml")
HEALTH = "/_sandbox/health"
SWEEP_SECONDS = 10

log = logging.getLogger("sandbox.control")


class Control:
    """What it takes is made when it is first asked: who only calls the API need not wait for it."""

    def __init__(self, worlds: Worlds, api: Responder, document: Document, settings: Settings) -> None:
        self._guard = Guard.of(settings)
        self._worlds, self._api, self._document = worlds, api, document
        self._report = Path(settings.report) if settings.report else None
        self._swept = real_now()

    @cached_property
    def parts(self) -> Parts:
        own = Document.load(DOCUMENT, strict=True)
        operations.bind(own.operations)
        shelf = ScenarioShelf(places.SCENARIOS, self._document, own)
        return Parts(self._worlds, self._api, self, self._document, own, shelf, self._report)

    @cached_property
    def _router(self) -> Router:
        return Router(self.parts.own_document.operations, self.parts.own_document.base_paths)

    @cached_property
    def _requests(self) -> RequestChecker:
        return RequestChecker(self.parts.own_document, strict=True, one_line=False)

    @cached_property
    def _answers(self) -> AnswerChecker:
        return AnswerChecker(self.parts.own_document)

    # --- for those who start the sandbox ---

    def plan(self, plan: NewWorld) -> tuple[NewWorld, Prepare | None]:
        """How a world that starts in a scenario is made. A scenario that cannot be read says why."""
        if plan.scenario is None:
            return plan, None
        return situations.plan(self.parts, plan, self.parts.scenarios.named(plan.scenario))

    # --- requests ---

    def respond(self, request: Request) -> Response:
        try:
            if not (request.path == HEALTH and request.method in ("GET", "HEAD")):
                self._guard.admit(request)
        except Refusal as refusal:
            request_id = _new_id()
            return _dressed(_say_no(refusal, request, request_id), request_id)
        return self.let_in(request)

    def let_in(self, request: Request) -> Response:
        """Behind the guard; the steps of scenarios come in here."""
        request_id = _new_id()
        try:
            response = self._answer(request)
        except Exception as reason:  # noqa: BLE001 - the edge: whatever it is, it becomes an answer
            response = _say_no(reason, request, request_id)
        return _dressed(response, request_id)

    def _answer(self, request: Request) -> Response:
        match = self._match(request)
        operation = match.operation
        try:
            told = self._requests.check(operation, match.path_parameters, request)
        except BadRequest as bad:
            raise _bad_request(bad) from None
        call = Call(operation.id, told.path, told.query, told.headers, told.body)
        try:
            reply = self._carry_out(operation, call)
        except WorldUnknown:
            raise unknown("world", call.path.get("world", ""), "GET /_sandbox/worlds lists them.") from None
        return _response(reply)

    def _match(self, request: Request) -> Match:
        found = self._router.match(request.method, request.path)
        if isinstance(found, WrongMethod) and request.method == "POST" and "PATCH" in found.allow:
            found = self._router.match("PATCH", request.path)  # for clients that have no PATCH
        if isinstance(found, NoSuchPath):
            hint = "GET /_sandbox/openapi.yaml describes every path."
            raise refused("resource_not_found", f"The control API has no path {request.path[:200]}. {hint}")
        if isinstance(found, WrongMethod):
            raise MethodRefused(request, found.allow)
        return found

    def _carry_out(self, operation: Operation, call: Call) -> Reply:
        if operation.id in operations.ERRANDS:
            return self._kept(operation, operations.ERRANDS[operation.id](call, self.parts))
        self._sweep_now_and_then()
        world_id = call.path.get("world")
        store = self.parts.worlds.store
        writes = operation.method != "GET"
        with store.write(world_id or WorldState.DEFAULT) if writes else store.read() as rows:
            state = None if world_id is None else self.parts.worlds.state(rows, world_id)
            desk = Desk(self.parts, rows, state)
            # All or nothing: an answer off the document undoes what was done.
            reply = self._kept(operation, operations.HANDLERS[operation.id](call, desk))
            if writes:
                desk.write_out()
        if state is not None:
            with suppress(WorldUnknown):  # it may have been dropped just now
                self.parts.worlds.touch(state)
        return reply

    def _kept(self, operation: Operation, reply: Reply) -> Reply:
        if reply.media_type == JSON:
            self._answers.require(operation, reply.status, reply.body)
        return reply

    def _sweep_now_and_then(self) -> None:
        """Worlds that were idle for longer than they were given go when somebody is here anyway."""
        now = real_now()
        if now - self._swept < SWEEP_SECONDS * SECOND:
            return
        self._swept = now
        with self.parts.worlds.store.write(WorldState.DEFAULT) as rows:
            self.parts.worlds.sweep(rows)


class MethodRefused(Exception):
    def __init__(self, request: Request, allow: tuple[str, ...]) -> None:
        methods = " or ".join(allow)
        super().__init__(f"{request.method[:20]} is not a method of {request.path[:200]}. Use {methods}.")
        self.headers: Headers = (("Allow", ", ".join(allow)),)


def _new_id() -> str:
    return "req_" + secrets.token_hex(16)


def _dressed(response: Response, request_id: str) -> Response:
    headers = (*response.headers, ("Bardge-Request-Id", request_id), ("Cache-Control", "no-store"))
    return Response(response.status, headers, response.body)


def _response(reply: Reply) -> Response:
    if reply.media_type == JSON:
        return Response(reply.status, (("Content-Type", JSON),), msgspec.json.encode(reply.body))
    text = f"{reply.media_type}; charset=utf-8"
    return Response(reply.status, (("Content-Type", text),), reply.body.encode())


def _bad_request(bad: BadRequest) -> Refusal:
    if isinstance(bad, UnsupportedMedia):
        return refused("unsupported_media_type", str(bad))
    if bad.path_faults:
        return refused("resource_not_found", "; ".join(map(str, bad.path_faults)))
    return refused("validation_error", str(bad))


def _say_no(reason: Exception, request: Request, request_id: str) -> Response:
    told = _told(reason)
    if told is None:
        log.error("%s %s failed as %s", request.method, request.path, request_id, exc_info=reason)
        what = type(reason).__name__
        told = "internal_error", f"The sandbox failed ({what}); nothing was done. Its log says more."
    code, message = told
    type_, status = type_and_status(code)
    headers = (("Content-Type", JSON), *(reason.headers if isinstance(reason, MethodRefused) else ()))
    return Response(status, headers, envelope(type_, code, message, request_id))


def _told(reason: Exception) -> tuple[str, str] | None:
    """The code and the words of what may well happen; None for what should not."""
    if isinstance(reason, Refusal):
        return reason.code, reason.message
    if isinstance(reason, FixtureError):
        return "validation_error", str(reason)
    if isinstance(reason, OutOfReach):
        return "validation_error", "The clock goes from the year 1970 to the year 9000, no further."
    if isinstance(reason, MethodRefused):
        return "method_not_allowed", str(reason)
    if isinstance(reason, StoreUnavailable):
        return "internal_error", reason.told
    return None
