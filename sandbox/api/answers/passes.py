"""Packages and issued passes as the API shows them; times in milliseconds (CONV-6)."""

from typing import Any

from sandbox.domain import coverage, passes
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.records import CategoryRule, IssuedPass, Package


def package(one: Package, providers: coverage.Tally) -> dict[str, Any]:
    return {
        "object": "pass",
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "price": one.price_kobo,
        "currency": CURRENCY,
        "duration": one.duration,
        "categories": [{**_category(rule), "tiers": list(rule.tiers)} for rule in one.categories],
        "livemode": False,
        "created": one.created,
        "payment_model": one.payment_model,
        "provider_count": coverage.provider_count(one, providers),
    }


def issued_pass(one: IssuedPass, its_package: Package, now: int, message: str) -> dict[str, Any]:
    return {
        "object": "issued_pass",
        "id": one.id,
        "passcode": one.passcode,
        "status": passes.status(one, its_package, now),
        "categories": [
            {**_category(rule), "duration": rule.duration.upper()}  # CONV-9: on what was issued, in capitals
            for rule in its_package.categories
        ],
        "created": one.created,
        "message": message,
        "client_id": one.client_id,
        "transaction_id": one.transaction_id,
        "tx_ref": one.tx_ref,
        "pass_id": its_package.id,
        "pass_name": its_package.name,
        "start_date": one.starts,
        "expires_at": one.expires,
    }


def changed(pass_id: str, message: str) -> dict[str, Any]:
    return {"object": "issued_pass", "id": pass_id, "message": message}


def passcode(one: IssuedPass) -> dict[str, Any]:
    info = {"passcode": one.passcode, "issued_pass_id": one.id, "created": one.passcode_created}
    return {"object": "passcode", "passcode_info": info, "message": "The pass has a new passcode."}


def _category(rule: CategoryRule) -> dict[str, Any]:
    return {
        "type": rule.type,
        "duration": rule.duration,
        "credit_allocated": rule.credit_allocated,
        "visits_allowed": rule.visits_allowed,
    }
