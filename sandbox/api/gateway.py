"""The journey of a request, from bytes to bytes. No other file knows the order of the steps.

    key and its world → match → (fault before) → account enabled → 404/405 → read and validate →
    once( all or nothing( handler → answer checked ) ) → (fault after) → journal

`respond` never raises and always journals. *Raise = nothing happened; return = it happened.*
"""

from collections.abc import Mapping
from functools import partial

import msgspec

from sandbox.api import auth, idempotency, paging, saying_no
from sandbox.api.call import Call, Reply
from sandbox.api.notes import Notes, RequestIds
from sandbox.api.operations import Handler
from sandbox.api.promise import Promise
from sandbox.domain.books import Caller
from sandbox.domain.refusals import Refusal
from sandbox.spec import BadRequest, Match, NoSuchPath, Operation, Router, WrongMethod
from sandbox.wire import JSON, Answer, Delayed, Headers, Request, Response
from sandbox.world import faults
from sandbox.world.faults import Fault, MalformedFault, When
from sandbox.world.journal import Journal
from sandbox.world.world import World
from sandbox.world.worlds import Worlds

Found = Match | NoSuchPath | WrongMethod
Struck = Mapping[When, Fault]

GENERATED: Headers = (("Sandbox-Generated", "true"),)
REPLAYED: Headers = (("Idempotent-Replayed", "true"),)


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
        self._ids = RequestIds()
        self._router = Router(promise.document.operations, promise.document.base_paths)

    def respond(self, request: Request) -> Answer:
        found = self._router.match(request.method, request.path)
        notes = Notes(request, found if isinstance(found, Match) else None, self._ids.next())
        try:
            struck = self._recognise(notes)
        except Exception as reason:  # noqa: BLE001 - the edge: whatever it is, it becomes an answer
            return self._leave(notes, self._say_no(notes, reason))
        before = struck.get("before")
        carry_on = partial(self._carry_on, notes, found, struck)
        if before is not None and before.delay_ms:
            return Delayed(before.delay_ms / 1000, carry_on)
        return carry_on()

    def _recognise(self, notes: Notes) -> Struck:
        """Whose key, which world, and what is to go wrong there."""
        if self._only_tls and not notes.request.secure:
            raise Refusal("validation_error", "Plain HTTP is refused here. Call with https://.", "CONV-5")
        with self._worlds.store.peek() as rows:
            visitor = auth.identify(self._worlds, rows, notes.request)
        notes.visitor = visitor
        self._worlds.touch(visitor.state)
        brought = notes.request.header("sandbox-fault")
        if brought is not None and visitor.state.header_faults:
            fault = _read_fault(brought)
            return {fault.when: fault}
        if visitor.state.faults:
            return faults.strike(self._worlds.store, visitor.state, notes.operation_id, notes.facts())
        return {}

    def _carry_on(self, notes: Notes, found: Found, struck: Struck) -> Answer:
        before, after = struck.get("before"), struck.get("after")
        if before is not None:
            notes.fault = before.describe()
            if not before.only_slows:
                return self._leave(notes, self._strike(notes, before))
        try:
            response = self._answer(notes, found)
        except Exception as reason:  # noqa: BLE001 - the edge: whatever it is, it becomes an answer
            response = self._say_no(notes, reason)
        if after is None:
            return self._leave(notes, response)
        notes.fault = after.describe()
        leave = partial(self._leave, notes, self._strike(notes, after, response))
        return Delayed(after.delay_ms / 1000, leave) if after.delay_ms else leave()

    def _answer(self, notes: Notes, found: Found) -> Response:
        """ERR-6's order, on one screen."""
        assert notes.visitor is not None
        request = notes.request
        auth.require_enabled(notes.visitor.account)
        if isinstance(found, NoSuchPath):
            raise saying_no.no_such_path(request)
        if isinstance(found, WrongMethod):
            raise saying_no.WrongMethodRefusal(request, found)
        operation = found.operation
        if (wish := request.header("prefer")) is not None:
            documented = self._promise.preferred(operation, wish)
            if documented is not None:
                notes.generated = True
                return self._dressed(notes, documented, GENERATED)
        notes.call = call = self._understand(found, request)
        if operation.method == "GET":
            with self._worlds.store.read() as rows:
                world = self._worlds.enter(rows, notes.visitor.state)
                return self._carry_out(notes, operation, call, world)
        return self._write(notes, operation, call)

    def _understand(self, match: Match, request: Request) -> Call:
        operation = match.operation
        if request.too_large and operation.method != "GET":
            raise saying_no.too_large()
        try:
            told = self._promise.requests.check(operation, match.path_parameters, request)
        except BadRequest as bad:
            raise saying_no.bad_request(operation, bad) from None
        paging.require_one_direction(told.query)
        return Call(operation.id, request.path, told.path, told.query, told.headers, told.body)

    def _write(self, notes: Notes, operation: Operation, call: Call) -> Response:
        """All or nothing, and once; only a refusal that must leave a trace (a wrong code counts) keeps it."""
        assert notes.visitor is not None
        world_id, account_id = notes.visitor.state.id, notes.visitor.account.id
        traced: Refusal | None = None
        with self._worlds.store.write(world_id) as rows:
            # Asked again, now that it is our turn: the key may be rotated by now, the world dropped.
            notes.visitor = visitor = auth.identify(self._worlds, rows, notes.request)
            auth.require_enabled(visitor.account)
            world = self._worlds.enter(rows, visitor.state)
            carry_out = partial(self._carry_out, notes, operation, call, world)
            try:
                response, notes.replayed = idempotency.once(world, account_id, call, carry_out)
            except Refusal as refusal:
                if not refusal.leaves_trace:
                    raise
                traced = refusal
            world.write_out()
        notes.changes = world.changes
        if traced is not None:
            raise traced
        return self._dressed(notes, response, REPLAYED) if notes.replayed else response

    def _carry_out(self, notes: Notes, operation: Operation, call: Call, world: World) -> Response:
        """The handler's reply, checked before the commit: an answer off the spec undoes what was done."""
        assert notes.visitor is not None
        handler = self._handlers.get(operation.id)
        if handler is None:
            notes.generated = True
            reply: Reply = self._promise.generated(operation, call, world.state.seed)
        else:
            caller = Caller(notes.visitor.account.id, call.headers.get("bardge-lookup-token"))
            reply = handler(call, caller, world)
        body, filled = self._promise.kept(operation, reply, world.state.seed)
        notes.generated = notes.generated or filled
        notes.rule = reply.rule
        response = Response(reply.status, body=msgspec.json.encode(body))
        return self._dressed(notes, response, GENERATED if notes.generated else ())

    def _say_no(self, notes: Notes, reason: Exception) -> Response:
        if isinstance(reason, Refusal):
            notes.rule = reason.rule
            return saying_no.refused(notes.id, reason)
        return saying_no.failed(notes.id, notes.operation_id, reason)

    def _strike(self, notes: Notes, fault: Fault, done: Response | None = None) -> Response:
        """The fault's answer in place of ours; one that only drops or delays leaves ours as it was."""
        response = done if done is not None and not fault.answers else saying_no.injected(notes.id, fault)
        return Response(response.status, response.headers, response.body, fault.drop)

    def _dressed(self, notes: Notes, response: Response, extra: Headers) -> Response:
        headers = (("Content-Type", JSON), ("Bardge-Request-Id", notes.id), *extra)
        return Response(response.status, headers, response.body)

    def _leave(self, notes: Notes, response: Response) -> Response:
        """The last step of every request: into the journal, and out."""
        self._journal.note(notes.world_id, notes.entry(response))
        return response


def _read_fault(text: str) -> Fault:
    try:
        return faults.from_header(text)
    except MalformedFault as word:
        message = (
            f"header.Sandbox-Fault: '{str(word)[:100]}' is not understood. "
            "Write e.g. `after; status=503`, `before; delay_ms=2000` or `after; drop=connection`: "
            "a status from 400 to 599, 1 to 300000 milliseconds, a code in small letters."
        )
        raise Refusal("validation_error", message, "") from None
