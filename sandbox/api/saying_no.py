"""Every answer that is not a success: one shape, with the request's id, always JSON (ERR-1)."""

import logging

from sandbox.domain.refusals import Refusal
from sandbox.errors import CATALOGUE, envelope, type_of_status
from sandbox.spec import BadRequest, BrokenPromise, Operation, WrongMethod
from sandbox.store import StoreUnavailable
from sandbox.wire import JSON, Headers, Request, Response
from sandbox.world.faults import Fault

log = logging.getLogger("bardge_sandbox")

RETRY_AFTER_SECONDS = "1"


class WrongMethodRefusal(Refusal):
    """405; the answer names the methods there are."""

    def __init__(self, request: Request, found: WrongMethod) -> None:
        self.allow = ", ".join(found.allow)
        message = f"{request.method[:20]} is not a method of {request.path[:200]}. Use {self.allow}."
        super().__init__("method_not_allowed", message, "CONV-17")


def no_such_path(request: Request) -> Refusal:
    hint = "Check it against the reference: letter case and slashes count."
    return Refusal("resource_not_found", f"No operation has the path {request.path[:200]}. {hint}", "CONV-17")


def too_large() -> Refusal:
    message = "body: larger than 1 MiB (1,048,576 bytes). Send less; no operation needs that much."
    return Refusal("payload_too_large", message, "CONV-16")


def bad_request(operation: Operation, bad: BadRequest) -> Refusal:
    """All the faults at once (ERR-5). An id in the path that cannot exist is not found (CONV-14)."""
    rest = [fault for fault in bad.faults if fault not in bad.path_faults]
    if rest:
        return Refusal("validation_error", "; ".join(map(str, rest)), "ERR-5")
    is_pass = operation.path.startswith(("/passes/", "/issued_passes/"))
    code = "pass_not_found" if is_pass else "resource_not_found"
    return Refusal(code, "; ".join(map(str, bad.path_faults)), "CONV-14")


def refused(request_id: str, refusal: Refusal) -> Response:
    extra: Headers = ()
    if isinstance(refusal, WrongMethodRefusal):
        extra = (("Allow", refusal.allow),)
    return error(request_id, refusal.code, refusal.message, extra=extra)


def failed(request_id: str, operation_id: str | None, reason: Exception) -> Response:
    """A 500 that says what a user can do; the log has the rest."""
    if isinstance(reason, StoreUnavailable):
        message = reason.told
    elif isinstance(reason, BrokenPromise):
        log.error("broken promise: %s", reason)
        message = f"The sandbox was about to break its own promise, and did nothing: {reason}"
    else:
        log.error("%s failed on %s", operation_id, request_id, exc_info=reason)
        what = type(reason).__name__
        message = f"The sandbox failed ({what}) and did nothing. Its log says more, under {request_id}."
    return error(request_id, "internal_error", message)


def injected(request_id: str, fault: Fault) -> Response:
    """What a fault answers in place of the API, in the API's own shape."""
    code = fault.code or _code_of(fault.status or 500)
    entry = CATALOGUE.get(code)
    status = fault.status or (entry.status if entry else 500)
    moment = "before anything was done" if fault.when == "before" else "after the work was done"
    return error(request_id, code, f"A fault that was set here struck {moment}.", status)


def error(
    request_id: str, code: str, message: str, status: int | None = None, extra: Headers = ()
) -> Response:
    entry = CATALOGUE.get(code)
    answered = status or (entry.status if entry else 500)
    kind = entry.type if entry and entry.status == answered else type_of_status(answered)
    if answered == 401:
        extra = (*extra, ("WWW-Authenticate", "Bearer"))
    if answered == 429:
        extra = (*extra, ("Retry-After", RETRY_AFTER_SECONDS))
    headers = (("Content-Type", JSON), ("Bardge-Request-Id", request_id), *extra)
    return Response(answered, headers, envelope(kind, code, message, request_id))


def _code_of(status: int) -> str:
    """A code that has this status; the server's own for all it has no word for."""
    if status < 500:
        for code, entry in CATALOGUE.items():
            if entry.status == status:
                return code
    return "internal_error"
