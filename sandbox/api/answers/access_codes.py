"""Access codes as the API shows them, with the image a scanner reads; times in milliseconds (CONV-6)."""

from typing import Any

from sandbox.api.answers.copay import copay_option
from sandbox.domain import visits
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.books import Books
from sandbox.domain.records import AccessCode, BookingSession, CopayOption, Provider
from sandbox.domain.resources import named

PIXELS_PER_MODULE = 6
QUIET_ZONE = 4  # modules of white around the code, which scanners ask for


def access_code(one: AccessCode, message: str) -> dict[str, Any]:
    return {
        "object": "access_code",
        "id": one.id,
        "access_code": one.code,
        "qr_code": qr_image(one.code),
        "client_id": one.client_id,
        "provider_id": one.provider_id,
        "expires_at": one.expires,
        "created": one.created,
        "message": message,
    }


def session(books: Books, one: BookingSession) -> dict[str, Any]:
    return {
        "object": "access_code_session",
        "session_id": one.id,
        **what_is_due(books, one),
        "expires_at": one.expires,
        "message": "Something has to be bought first. Choose it, and confirm within 15 minutes.",
    }


def what_is_due(books: Books, one: BookingSession) -> dict[str, Any]:
    """Which of the two a session asks for, and what it costs (BOOK-1)."""
    due = {"copay_required": one.due == "COPAY", "additional_visits_required": one.due == "VISITS"}
    if one.due == "COPAY":
        options = [copay_option(named(books, CopayOption, id_)) for id_ in one.option_ids]
        return {**due, "copay_options": options, "currency": CURRENCY}
    cost = visits.cost_per_visit(named(books, Provider, one.provider_id))
    return {**due, "cost_per_visit": cost, "currency": CURRENCY}


def qr_image(text: str) -> str:
    """A data URI of a PNG. The library is loaded when the first code is made, not when the server starts."""
    import segno

    return segno.make_qr(text, error="m").png_data_uri(scale=PIXELS_PER_MODULE, border=QUIET_ZONE)
