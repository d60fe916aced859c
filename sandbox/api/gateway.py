"""The journey of a request, from bytes to bytes. No other file knows the order of the steps.

    key and its world → match → (fault before) → account enabled → 404/405 → read and validate →
    once( all or nothing( handler → answer checked ) ) → (fault after) → journal

`respond` never raises and always journals. *Raise = nothing happened; return = it happened.*
"""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from sandbox.api import auth, idempotency
from sandbox.api.call import Call, Reply
from sandbox.api.operations import Handler
from sandbox.api.promise import BrokenPromise, Promise
from sandbox.domain.books import Caller
from sandbox.domain.moments import Millis
from sandbox.domain.records import Account
from sandbox.domain.refusals import Refusal
from sandbox.errors import CATALOGUE, envelope, type_of_status
from sandbox.spec import BadRequest, Match, Operation, Router, WrongMethod
from sandbox.store import StoreUnavailable
from sandbox.wire import JSON, Answer, Delayed, Headers, Request, Response
from sandbox.world import faults
from sandbox.world.clock import real_now
from sandbox.world.faults import Fault, MalformedFault, When
from sandbox.world.journal import Entry, Journal
from sandbox.world.state import WorldState
from sandbox.world.world import Change
from sandbox.world.worlds import Visitor, Worlds

log = logging.getLogger("bardge_sandbox")

RETRY_AFTER_SECONDS = "1"
AS_JSON = ("Content-Type", JSON)


@dataclass(slots=True)
class Notes:
    """What the journal will want to know of a request under way."""

    request: Request
    id: str
    started: int
    visitor: Visitor | None = None
    match: Match | None = None
    call: Call | None = None
    rule: str = ""
    changes: list[Change] = field(default_factory=list)
    fault: str | None = None
    replayed: bool = False
    generated: bool = False

    @property
    def operation_id(self) -> str | None:
        return None if self.match is None else self.match.operation.id


class Gateway:
    def __init__(
        self,
        worlds: Worlds,
        journal: Journal,
        promise: Promise,
        handlers: Mapping[str, Handler],
        *,
        only_tls: bool = False,
    ) -> None:
        self._worlds = worlds
        self._journal = journal
        self._promise = promise
        self._handlers = handlers
        self._only_tls = only_tls
        self._router = Router(promise.document.operations, promise.document.base_paths)

    def respond(self, request: Request) -> Answer:
        notes = Notes(request, "req_" + os.urandom(16).hex(), time.perf_counter_ns())
        found = self._router.match(request.method, request.path)
        if isinstance(found, Match):
            notes.match = found
        try:
            struck = self._recognise(notes)
        except Exception as reason:  # noqa: BLE001 - the edge: whatever it is, it becomes an answer
            return self._leave(notes, self._refuse(notes, reason))
        before = struck.get("before")
        carry_on = partial(self._carry_on, notes, found, struck)
        if before is not None and before.delay_ms:
            return Delayed(before.delay_ms / 1000, carry_on)
        return carry_on()

    def _carry_on(self, notes: Notes, found: object, struck: Mapping[When, Fault]) -> Answer:
        before, after = struck.get("before"), struck.get("after")
        try:
            if before is not None and not _only_slows(before):
                return self._leave(notes, self._injected(notes, before))
            response = self._do(notes, found)
        except Exception as reason:  # noqa: BLE001 - the edge: whatever it is, it becomes an answer
            response = self._refuse(notes, reason)
        if after is None:
            return self._leave(notes, response)
        response = response if _only_slows(after) else self._injected(notes, after, response)
        notes.fault = after.describe()
        leave = partial(self._leave, notes, response)
        return Delayed(after.delay_ms / 1000, leave) if after.delay_ms else leave()

    def _do(self, notes: Notes, found: object) -> Response:
        """ERR-6's order, on one screen."""
        visitor, request = notes.visitor, notes.request
        assert visitor is not None
        auth.require_enabled(visitor.account)
        if not isinstance(found, Match):
            raise (
                _wrong_method(request, found.allow)
                if isinstance(found, WrongMethod)
                else _no_such_path(request)
            )
        operation = found.operation
        wish = request.header("prefer")
        if wish is not None and (documented := self._promise.preferred(operation, wish)) is not None:
            notes.generated = True
            return self._with_headers(notes, documented, (("Sandbox-Generated", "true"),))
        notes.call = call = self._understand(found, request)
        if request.method in ("GET", "HEAD"):
            return self._read(notes, operation, call)
        return self._write(notes, operation, call)

    def _recognise(self, notes: Notes) -> Mapping[When, Fault]:
        if self._only_tls and not notes.request.secure:
            raise Refusal(
                "validation_error", "This sandbox refuses plain HTTP. Call it with https://.", "CONV-5"
            )
        with self._worlds.store.peek() as rows:
            notes.visitor = visitor = auth.identify(self._worlds, rows, notes.request)
        if visitor.state.ttl_seconds is not None:
            self._worlds.touch(visitor.state)
        return self._faults_for(notes, visitor.state)

    def _faults_for(self, notes: Notes, state: WorldState) -> Mapping[When, Fault]:
        brought = notes.request.header("sandbox-fault")
        if brought is not None and state.header_faults:
            fault = _read_fault(brought)
            return {fault.when: fault}
        if not state.faults:
            return {}
        return faults.strike(self._worlds.store, state, notes.operation_id, _facts(notes))

    def _understand(self, match: Match, request: Request) -> Call:
        operation = match.operation
        if request.too_large and operation.has_body:
            message = "body: larger than 1 MiB (1,048,576 bytes). Send less; no operation needs that much."
            raise Refusal("payload_too_large", message, "CONV-16")
        try:
            understood = self._promise.requests.check(operation, match.path_parameters, request)
        except BadRequest as bad:
            raise _bad_request(operation, bad) from None
        return Call(
            operation.id, request.path, understood.path, understood.query, understood.headers, understood.body
        )

    def _read(self, notes: Notes, operation: Operation, call: Call) -> Response:
        with self._worlds.store.read() as rows:
            assert notes.visitor is not None
            world = self._worlds.enter(rows, notes.visitor.state)
            return self._answer(notes, operation, self._reply(notes, operation, call, world))

    def _write(self, notes: Notes, operation: Operation, call: Call) -> Response:
        assert notes.visitor is not None
        world_id, account = notes.visitor.state.id, notes.visitor.account
        trace: Refusal | None = None
        with self._worlds.store.write(world_id) as rows:
            world = self._worlds.enter(rows, self._worlds.state(rows, world_id))

            def carry_out() -> Response:
                return self._answer(notes, operation, self._reply(notes, operation, call, world))

            try:
                response, notes.replayed = idempotency.once(world, account.id, call, carry_out)
            except Refusal as refusal:
                if not refusal.leaves_trace:
                    raise
                trace = refusal
            world.write_out()
            changes = world.changes
        notes.changes = changes
        if trace is not None:
            raise trace
        if notes.replayed:
            return self._with_headers(notes, response, (("Idempotent-Replayed", "true"),))
        return response

    def _reply(self, notes: Notes, operation: Operation, call: Call, world: Any) -> Reply:
        handler = self._handlers.get(operation.id)
        if handler is None:
            notes.generated = True
            return self._promise.generated(operation, call, world.state.seed)
        assert notes.visitor is not None
        caller = Caller(notes.visitor.account.id, call.headers.get("bardge-lookup-token"))
        return handler(call, caller, world)

    def _answer(self, notes: Notes, operation: Operation, reply: Reply) -> Response:
        """Checked before the commit: an answer off the spec undoes what was done."""
        assert notes.visitor is not None
        body = self._promise.kept(operation, reply, notes.visitor.state.seed)
        notes.rule = reply.rule
        extra: Headers = (("Sandbox-Generated", "true"),) if notes.generated else ()
        return self._with_headers(notes, Response(reply.status, body=msgspec.json.encode(body)), extra)

    def _refuse(self, notes: Notes, reason: Exception) -> Response:
        if isinstance(reason, Refusal):
            notes.rule = reason.rule
            return self._error(notes, reason.code, reason.message)
        if isinstance(reason, StoreUnavailable):
            message = "The sandbox's database does not answer now. Send the request again, with the same key."
            return self._error(notes, "internal_error", message)
        if isinstance(reason, BrokenPromise):
            log.error("broken promise: %s", reason)
            return self._error(notes, "internal_error", f"The sandbox broke its own promise: {reason}")
        log.error("%s failed on %s", notes.operation_id, notes.id, exc_info=reason)
        message = f"The sandbox failed ({type(reason).__name__}); nothing was done. Its log says more, under {notes.id}."
        return self._error(notes, "internal_error", message)

    def _injected(self, notes: Notes, fault: Fault, done: Response | None = None) -> Response:
        """The answer a fault puts in place of ours; a mere drop loses ours on the way."""
        notes.fault = fault.describe()
        if done is not None and not (fault.status or fault.code):
            return msgspec.structs.replace(done, drop=fault.drop) if False else _dropped(done, fault)
        code = fault.code or _code_of(fault.status or 500)
        status = fault.status or (CATALOGUE[code].status if code in CATALOGUE else 500)
        when = "before anything was done" if fault.when == "before" else "after the work was done"
        response = self._error(notes, code, f"A fault that was set here struck {when}.", status)
        return _dropped(response, fault)

    def _error(self, notes: Notes, code: str, message: str, status: int | None = None) -> Response:
        entry = CATALOGUE.get(code)
        answered = status or (entry.status if entry else 500)
        type_ = entry.type if entry and entry.status == answered else type_of_status(answered)
        extra: Headers = ()
        if answered == 405 and notes.match is None:
            found = self._router.match(notes.request.method, notes.request.path)
            extra = (("Allow", ", ".join(found.allow)),) if isinstance(found, WrongMethod) else ()
        elif answered == 401:
            extra = (("WWW-Authenticate", "Bearer"),)
        elif answered == 429:
            extra = (("Retry-After", RETRY_AFTER_SECONDS),)
        return self._with_headers(
            notes, Response(answered, body=envelope(type_, code, message, notes.id)), extra
        )

    def _with_headers(self, notes: Notes, response: Response, extra: Headers) -> Response:
        return Response(response.status, (AS_JSON, ("Bardge-Request-Id", notes.id), *extra), response.body)

    def _leave(self, notes: Notes, response: Response) -> Response:
        """The last step of every request: into the journal, and out."""
        state = notes.visitor.state if notes.visitor else None
        at = real_now()
        entry = Entry(
            id=notes.id,
            at=at,
            world_time=state.now if state else Millis(at),
            request=notes.request,
            response=response,
            operation=notes.operation_id,
            micros=(time.perf_counter_ns() - notes.started) // 1000,
            caller=notes.visitor.account.name if notes.visitor else None,
            client_id=_client_of(notes.call),
            rule=notes.rule,
            changes=notes.changes,
            fault=notes.fault,
            replayed=notes.replayed,
            generated=notes.generated,
        )
        self._journal.note(state.id if state else WorldState.DEFAULT, entry)
        return response


def _only_slows(fault: Fault) -> bool:
    return not (fault.status or fault.code or fault.drop)


def _dropped(response: Response, fault: Fault) -> Response:
    return Response(response.status, response.headers, response.body, fault.drop)


def _code_of(status: int) -> str:
    if status >= 500:
        return "internal_error"
    return next((code for code, entry in CATALOGUE.items() if entry.status == status), "internal_error")


def _read_fault(text: str) -> Fault:
    try:
        return faults.from_header(text)
    except MalformedFault as word:
        message = (
            f"header.Sandbox-Fault: '{word}' is not understood. "
            "Write e.g. `after; status=503`, `before; delay_ms=2000` or `after; drop=connection`."
        )
        raise Refusal("validation_error", message, "") from None


def _facts(notes: Notes) -> Mapping[str, Any]:
    """The names a fault may match on: those in path, query and body, and the key."""
    facts: dict[str, Any] = {}
    try:
        body = msgspec.json.decode(notes.request.body or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        body = {}
    if isinstance(body, dict):
        facts.update(body)
    for pair in notes.request.query.split("&"):
        name, _, value = pair.partition("=")
        facts[name] = value
    if notes.match is not None:
        facts.update(notes.match.path_parameters)
        if "clientId" in notes.match.path_parameters:
            facts["client_id"] = notes.match.path_parameters["clientId"]
    facts["api_key"] = (notes.request.header("authorization") or "").rpartition(" ")[2]
    facts["idempotency_key"] = notes.request.header("idempotency-key")
    return facts


def _client_of(call: Call | None) -> str | None:
    if call is None:
        return None
    named = call.path.get("clientId")
    if named is None and isinstance(call.body, dict):
        named = call.body.get("client_id")
    return named if isinstance(named, str) else None


def _no_such_path(request: Request) -> Refusal:
    message = f"No operation has the path {request.path[:200]}. Check it against the reference, case and slashes included."
    return Refusal("resource_not_found", message, "CONV-17")


def _wrong_method(request: Request, allow: tuple[str, ...]) -> Refusal:
    message = f"{request.method[:20]} is not a method of {request.path[:200]}. Use {' or '.join(allow)}."
    return Refusal("method_not_allowed", message, "CONV-17")


def _bad_request(operation: Operation, bad: BadRequest) -> Refusal:
    """All the faults at once (ERR-5). An id that cannot exist is not found rather than wrong (CONV-14)."""
    message = "; ".join(map(str, bad.faults))
    if bad.path_faults:
        code = "pass_not_found" if "PASS" in _nouns_of(operation) else "resource_not_found"
        return Refusal(code, "; ".join(map(str, bad.path_faults)), "CONV-14")
    return Refusal("validation_error", message, "ERR-5")


def _nouns_of(operation: Operation) -> str:
    return "PASS" if operation.path.startswith(("/issued_passes", "/passes")) else ""


__all__ = ["Account", "Gateway"]
