"""The standing promises: what is true of every answer, whoever asked and whatever for."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from contract_tests.exchange import Exchange
from contract_tests.ledger import Ledger
from contract_tests.promise import Operation, Promise

BASE = "/v3/api/business/reseller"

# code → (status, type); those the vendor documents first
DOCUMENTED_CODES = {
    "validation_error": (400, "invalid_request_error"),
    "invalid_api_key": (401, "authentication_error"),
    "account_disabled": (403, "permission_error"),
    "permission_denied": (403, "permission_error"),
    "resource_not_found": (404, "invalid_request_error"),
    "pass_not_found": (404, "invalid_request_error"),
    "idempotency_key_reused": (409, "idempotency_error"),
    "slot_unavailable": (409, "resource_conflict_error"),
    "class_full": (409, "resource_conflict_error"),
}
CONFLICTS = """
    pass_not_active already_cancelled booking_closed class_started session_expired session_used copay_required
    copay_not_required quote_expired quote_used lookup_not_pending credits_not_accepted
    account_balance_insufficient
"""
CHOSEN_CODES = {
    "method_not_allowed": (405, "invalid_request_error"),
    "idempotency_key_in_use": (409, "idempotency_error"),
    "provider_not_covered": (403, "permission_error"),
    "invalid_lookup_token": (403, "permission_error"),
    "payload_too_large": (413, "invalid_request_error"),
    "rate_limited": (429, "api_error"),
    "internal_error": (500, "api_error"),
    **dict.fromkeys(CONFLICTS.split(), (409, "resource_conflict_error")),
}
TYPES = {
    400: ("ERR-2.1", {"invalid_request_error"}),
    404: ("ERR-2.1", {"invalid_request_error"}),
    401: ("ERR-2.2", {"authentication_error"}),
    403: ("ERR-2.3", {"permission_error"}),
    409: ("ERR-2.4", {"idempotency_error", "resource_conflict_error"}),
    405: ("ERR-2.6", {"invalid_request_error"}),
    413: ("ERR-7.1", {"invalid_request_error"}),
    429: ("ERR-7.1", {"api_error"}),
}
IN_SECONDS = {
    "class",
    "class_instance",
    "booking",
    "booking_status",
    "class_booking_initiation",
    "spa_booking_initiation",
}


def hold(
    exchange: Exchange, body: Any, operation: Operation | None, promise: Promise, ledger: Ledger
) -> None:
    """Judges one answer by all that holds of every answer."""
    judge = _Bench(exchange, ledger)
    ledger.kept("OPS-2.2")
    _request_id(judge, body)
    if exchange.method == "HEAD":
        return
    _is_json(judge, body)
    if exchange.status >= 500:
        judge.says("OPS-2.1", False, "no server error", f"{exchange.status}")
    else:
        judge.says("OPS-2.1", True, "", "")
    if exchange.status >= 400:
        _envelope(judge, body)
    elif operation is not None:
        _success(judge, operation, body, promise)


class _Bench:
    def __init__(self, exchange: Exchange, ledger: Ledger) -> None:
        self.exchange, self.ledger = exchange, ledger

    def says(self, requirement: str, kept: bool, expected: str, got: str) -> None:
        if kept:
            self.ledger.kept(requirement)
        else:
            line = self.exchange.request_line()
            self.ledger.broke(requirement, f"expected {expected}, got {got} ({line})", self.exchange)


def _request_id(judge: _Bench, body: Any) -> None:
    headers = {name.lower(): value for name, value in judge.exchange.answer_headers.items()}
    found = headers.get("bardge-request-id", "")
    form = re.fullmatch(r"req_[A-Za-z0-9]{8,}", found) is not None
    judge.says("CONV-4.1", form, "a Bardge-Request-Id of req_ and 8 or more letters and digits", repr(found))
    if not form:
        return
    judge.says("CONV-4.2", judge.ledger.first_use(found), "a request id never used before", found)
    ours = re.fullmatch(r"req_[0-9a-f]{32}", found) is not None
    judge.says("CONV-4.5", ours, "a Bardge-Request-Id of req_ and 32 hex digits", found)
    error = body.get("error") if isinstance(body, dict) else None
    if judge.exchange.status >= 400 and isinstance(error, dict):
        told = error.get("request_id")
        judge.says("CONV-4.3", told == found, f"the error's request_id to be {found}", repr(told))


def _is_json(judge: _Bench, body: Any) -> None:
    headers = {name.lower(): value for name, value in judge.exchange.answer_headers.items()}
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    right = kind == "application/json" and body is not None
    judge.says(
        "CONV-2.1", right, "application/json", f"{kind or 'no content type'} with {_start(judge.exchange)}"
    )


def _start(exchange: Exchange) -> str:
    return repr(exchange.answered[:60].decode("utf-8", "replace"))


def _envelope(judge: _Bench, body: Any) -> None:
    error = body.get("error") if isinstance(body, dict) else None
    fields = {"type", "code", "message", "request_id"}
    right = (
        isinstance(body, dict)
        and set(body) == {"error"}
        and isinstance(error, dict)
        and set(error) == fields
        and all(isinstance(value, str) for value in error.values())
    )
    judge.says(
        "ERR-1.1",
        right,
        "exactly {error: {type, code, message, request_id}}, all strings",
        _start(judge.exchange),
    )
    if not isinstance(error, dict):
        return
    status, kind, code = judge.exchange.status, str(error.get("type")), str(error.get("code"))
    requirement, kinds = TYPES.get(status, ("ERR-7.1", {"api_error"}))
    judge.says(
        requirement, kind in kinds, f"a {status} of type {' or '.join(sorted(kinds))}", f"{kind} / {code}"
    )
    known = {**CHOSEN_CODES, **DOCUMENTED_CODES}.get(code)
    if code in DOCUMENTED_CODES:
        judge.says("ERR-3.1", known == (status, kind), f"{code} as {known}", f"{status} {kind}")
    else:
        judge.says(
            "ERR-4.1",
            known == (status, kind),
            "a code of the catalogue with its status and type",
            f"{status} {kind} {code}",
        )


def _success(judge: _Bench, operation: Operation, body: Any, promise: Promise) -> None:
    status = judge.exchange.status
    declared = [s for s in operation.statuses() if s < 300]
    judge.says(
        "OPS-1.1",
        status in declared,
        f"{operation.id} to answer {' or '.join(map(str, declared))}",
        str(status),
    )
    found = promise.violations(operation, status, body)
    sure = [v for v in found if v.provenance in "DS"]
    chosen = [v for v in found if v.provenance not in "DS"]
    said = "; ".join(f"{v.where}: {v.message}" for v in sure[:3])
    judge.says(f"OP-{operation.id}", not sure, f"{operation.id} to answer as openapi.yaml describes", said)
    said = "; ".join(f"{v.where}: {v.message}" for v in chosen[:3])
    judge.says("CONV-11.1", not chosen, "every field listed, with a value of its kind", said)
    if isinstance(body, dict) and body.get("object") == "list":
        _list(judge, body)
    if operation.id == "get_client_credits":
        _ledger_sums(judge, body)


def _list(judge: _Bench, body: Any) -> None:
    path = urlsplit(judge.exchange.url).path
    expected = path[path.find(BASE) :] if BASE in path else path
    judge.says("PAGE-1.2", body.get("url") == expected, f"url to be {expected}", repr(body.get("url")))


def _ledger_sums(judge: _Bench, body: Any) -> None:
    lines = body.get("transactions") if isinstance(body, dict) else None
    if not isinstance(lines, list):
        return
    signs = {"CREDIT": 1, "DEBIT": -1}
    total = sum(signs.get(line.get("type"), 0) * (line.get("amount") or 0) for line in lines)
    judge.says(
        "CRED-9.1", total == body.get("balance"), f"the ledger to sum to {body.get('balance')}", str(total)
    )
