"""What the control API refuses, and with which status. Codes the API has too keep their meaning."""

from sandbox.domain.refusals import Refusal
from sandbox.errors import (
    API,
    AUTHENTICATION,
    CATALOGUE,
    CONFLICT,
    INVALID,
    PERMISSION,
)

_OWN = {
    "validation_error": (INVALID, 400),
    "invalid_control_token": (AUTHENTICATION, 401),
    "control_off": (PERMISSION, 403),
    "foreign_origin": (PERMISSION, 403),
    "foreign_host": (PERMISSION, 403),
    "unsupported_media_type": (INVALID, 415),
    "payload_too_large": (INVALID, 413),
    "internal_error": (API, 500),
    "world_exists": (CONFLICT, 409),
    "world_stays": (CONFLICT, 409),
    "snapshot_exists": (CONFLICT, 409),
    "already_refunded": (CONFLICT, 409),
    "cannot_be_repeated": (CONFLICT, 409),
    # the scanner's: whatever the API answers, a door that stays shut is a 409
    "code_unknown": (CONFLICT, 409),
    "code_expired": (CONFLICT, 409),
    "code_used": (CONFLICT, 409),
    "second_code_same_visit": (CONFLICT, 409),
    "pass_not_active": (CONFLICT, 409),
    "provider_not_covered": (CONFLICT, 409),
    "visits_used_up": (CONFLICT, 409),
    "insufficient_credits": (CONFLICT, 409),
}


def type_and_status(code: str) -> tuple[str, int]:
    if code in _OWN:
        return _OWN[code]
    entry = CATALOGUE[code]
    return entry.type, entry.status


def refused(code: str, message: str) -> Refusal:
    return Refusal(code, message, "")


def unfit(message: str) -> Refusal:
    return refused("validation_error", message)


def unknown(what: str, name: str, hint: str = "") -> Refusal:
    return refused("resource_not_found", f"There is no {what} '{name}'.{hint and ' ' + hint}")
