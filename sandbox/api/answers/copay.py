"""Co-pay options, quotes and purchases as the API shows them; times in milliseconds (CONV-6)."""

from typing import Any

from sandbox.api.answers.providers import service_preview
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.books import Books
from sandbox.domain.moments import clock_time, day_text
from sandbox.domain.records import CopayOption, CopayPurchase, Quote, Service
from sandbox.domain.resources import named


def copay_option(one: CopayOption) -> dict[str, Any]:
    return {
        "object": "copay_option",
        "id": one.id,
        "provider_id": one.provider_id,
        "name": one.name,
        "amount": one.price_kobo,
        "currency": CURRENCY,
        "duration": one.duration,
        "visits": one.visits,
    }


def quote(books: Books, one: Quote) -> dict[str, Any]:
    return {
        "object": "spa_copay_quote",
        "id": one.id,
        "provider_id": one.provider_id,
        "client_id": one.client_id,
        "services": [service_preview(named(books, Service, id_)) for id_ in one.service_ids],
        "copay_required": one.amount_kobo > 0,
        "amount": one.amount_kobo,
        "currency": CURRENCY,
        "expires_at": one.expires,
        "created": one.created,
        "message": "Buy this quote within 10 minutes."
        if one.amount_kobo
        else "The pass pays; no co-pay is due.",
    }


def copay_purchase(one: CopayPurchase) -> dict[str, Any]:
    return {
        "object": "copay_purchase",
        "copay_purchase_id": one.id,
        "type": one.type,
        "client_id": one.client_id,
        "provider_id": one.provider_id,
        "amount": one.price_kobo,
        "currency": CURRENCY,
        "status": "COMPLETED",
        "valid_until": one.valid_until,
        "created": one.created,
        "message": _use_of(one),
    }


def _use_of(one: CopayPurchase) -> str:
    until = f"{day_text(one.valid_until)} {clock_time(one.valid_until)}"
    if one.type == "SPA":
        return f"The co-pay was bought. It pays one booking of these services, confirmed before {until}."
    visits = "" if one.visits is None else f" for {one.visits} visits"
    confirm = " Confirm the session." if one.type == "PACKAGE" else ""
    return f"The co-pay was bought. It opens this gym to the client{visits} until {until}.{confirm}"
