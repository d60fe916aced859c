"""The catalogue: every error the API can answer, once (ERR-1 to ERR-7).

The code decides type and status. `meaning` and `cure` are what the reference, the console and
the documentation show; the message of an answer is the refusal's own.
"""

from dataclasses import dataclass

import msgspec

INVALID = "invalid_request_error"
AUTHENTICATION = "authentication_error"
PERMISSION = "permission_error"
IDEMPOTENCY = "idempotency_error"
CONFLICT = "resource_conflict_error"
API = "api_error"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    code: str
    type: str
    status: int
    meaning: str
    cure: str


def _entries(*entries: tuple[str, str, int, str, str]) -> dict[str, CatalogueEntry]:
    return {entry[0]: CatalogueEntry(*entry) for entry in entries}


CATALOGUE = _entries(
    (
        "validation_error",
        INVALID,
        400,
        "Something in the path, the query, a header or the body is not what the operation takes, "
        "or the client has too few credits for what she books.",
        "Read the message: it names each field and what would be right. Correct it and send it again.",
    ),
    (
        "invalid_api_key",
        AUTHENTICATION,
        401,
        "The Authorization header is missing, malformed, or carries a key that does not exist (any more).",
        "Send `Authorization: Bearer YOUR_KEY`. If the key was rotated, use the new one.",
    ),
    (
        "account_disabled",
        PERMISSION,
        403,
        "The key is right, but its reseller account is switched off.",
        "Stop calling and have the account enabled; no retry will help.",
    ),
    (
        "permission_denied",
        PERMISSION,
        403,
        "The resource exists and belongs to another reseller. Nothing was changed.",
        "Use an id of your own, or look the client up and send the lookup token.",
    ),
    (
        "provider_not_covered",
        PERMISSION,
        403,
        "The client's pass does not cover this provider, and the provider sells no co-pay.",
        "Offer the client a provider from `list_pass_providers`, or a pass that covers this one.",
    ),
    (
        "invalid_lookup_token",
        PERMISSION,
        403,
        "The lookup token is wrong, over, for another client, or its issuer has turned lookup off.",
        "Look the client up again and verify with the code she is sent.",
    ),
    (
        "resource_not_found",
        INVALID,
        404,
        "No path, or no resource, of that name exists.",
        "Check the path against the reference, letter case and trailing slash included, and the id.",
    ),
    (
        "pass_not_found",
        INVALID,
        404,
        "No package or issued pass has that id.",
        "List packages with `list_passes`; keep the id that `issue_pass` answered.",
    ),
    (
        "method_not_allowed",
        INVALID,
        405,
        "The path exists, but not with this method.",
        "Use one of the methods the `Allow` header names.",
    ),
    (
        "idempotency_key_reused",
        IDEMPOTENCY,
        409,
        "The Idempotency-Key was used within 24 hours for another operation, path or body. Nothing was done.",
        "Make a new key for a new intent; repeat a key only with the very same request.",
    ),
    (
        "idempotency_key_in_use",
        IDEMPOTENCY,
        409,
        "The first request with this Idempotency-Key is still running.",
        "Wait a moment and send the same request with the same key again.",
    ),
    (
        "slot_unavailable",
        CONFLICT,
        409,
        "The slot is taken, outside opening hours or past; or the client holds this session already; "
        "or the studio cancelled it.",
        "Ask `get_provider_availability` or `get_class` again and offer another one.",
    ),
    ("class_full", CONFLICT, 409, "No seat is left in this session.", "Offer another session of the class."),
    (
        "class_started",
        CONFLICT,
        409,
        "The session has begun.",
        "Offer one that lies ahead; `get_class` lists them.",
    ),
    (
        "pass_not_active",
        CONFLICT,
        409,
        "The client has no pass that is active now: expired, cancelled, or not started yet.",
        "Extend it with `update_issued_pass_expiry`, or issue a new one.",
    ),
    (
        "already_cancelled",
        CONFLICT,
        409,
        "The booking is cancelled already.",
        "Nothing is left to do: treat it as cancelled.",
    ),
    (
        "booking_closed",
        CONFLICT,
        409,
        "The booking is completed, rescheduled, begun, or too near its start for what was asked.",
        "Read its status; what is over cannot be changed.",
    ),
    (
        "session_expired",
        CONFLICT,
        409,
        "The session lapsed after 15 minutes, or another one took its place.",
        "Start again: initiate the booking anew and confirm the new session.",
    ),
    (
        "session_used",
        CONFLICT,
        409,
        "The session was confirmed already.",
        "Do not confirm twice; to be safe against lost answers send an Idempotency-Key.",
    ),
    (
        "copay_required",
        CONFLICT,
        409,
        "The pass does not cover this and no co-pay was bought yet.",
        "Buy the co-pay with `purchase_copay`, then confirm again.",
    ),
    (
        "copay_not_required",
        CONFLICT,
        409,
        "The pass covers this, or a co-pay for it is running: there is nothing to buy.",
        "Book or confirm without buying.",
    ),
    (
        "quote_expired",
        CONFLICT,
        409,
        "The quote is older than 10 minutes.",
        "Ask for a new quote; its price may differ.",
    ),
    ("quote_used", CONFLICT, 409, "The quote was paid already.", "Ask for a new one for the next visit."),
    (
        "lookup_not_pending",
        CONFLICT,
        409,
        "The lookup is verified, lapsed, or closed after five wrong codes.",
        "Initiate a new lookup.",
    ),
    (
        "credits_not_accepted",
        CONFLICT,
        409,
        "The session is priced in credits, but its provider does not take any.",
        "Offer another session, or have the studio remove the price.",
    ),
    (
        "account_balance_insufficient",
        CONFLICT,
        409,
        "Your reseller account holds less than this costs. Nothing was taken.",
        "Top the account up and send the same request again; the same Idempotency-Key may be used.",
    ),
    (
        "payload_too_large",
        INVALID,
        413,
        "The body is larger than 1 MiB.",
        "Send less; no operation needs that much.",
    ),
    (
        "rate_limited",
        API,
        429,
        "Too many requests. The sandbox answers so only when a fault asks for it.",
        "Wait as many seconds as `Retry-After` says, then send the same request again.",
    ),
    (
        "internal_error",
        API,
        500,
        "The server failed. If the answer to a write was lost, it may have been done.",
        "Send the same request again with the same Idempotency-Key.",
    ),
)


def envelope(type_: str, code: str, message: str, request_id: str) -> bytes:
    """Exactly four strings, whatever happened (ERR-1)."""
    inside = {"type": type_, "code": code, "message": message, "request_id": request_id}
    return msgspec.json.encode({"error": inside})


def type_of_status(status: int) -> str:
    """For injected errors whose code is not in the catalogue."""
    kinds = {401: AUTHENTICATION, 403: PERMISSION, 409: CONFLICT, 429: API}
    return kinds.get(status, API if status >= 500 else INVALID)
