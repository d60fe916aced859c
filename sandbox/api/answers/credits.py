"""Credit packages, purchases and the ledger as the API shows them; times in milliseconds (CONV-6)."""

from collections.abc import Iterable
from typing import Any

from sandbox.domain.accounts import CURRENCY
from sandbox.domain.credits import Line
from sandbox.domain.records import CreditPackage, CreditPurchase


def credit_package(one: CreditPackage) -> dict[str, Any]:
    return {
        "object": "credit_package",
        "id": one.id,
        "name": one.name,
        "credits": one.credits,
        "bonus_credits": one.bonus_credits,
        "amount": one.price_kobo,
        "currency": CURRENCY,
        "expires_in_days": one.expires_in_days,
        "created": one.created,
    }


def credit_purchase(one: CreditPurchase, balance: int) -> dict[str, Any]:
    return {
        "object": "credit_purchase",
        "id": one.id,
        "client_id": one.client_id,
        "package_id": one.package_id,
        "credits_added": one.credits_added,
        "amount": one.price_kobo,
        "currency": CURRENCY,
        "balance": balance,
        "expires_at": one.expires,
        "created": one.created,
        "message": "The credits were bought.",
    }


def client_credits(balance: int, ledger: Iterable[Line]) -> dict[str, Any]:
    return {
        "object": "credits",
        "balance": balance,
        "currency": CURRENCY,
        "transactions": [_transaction(line) for line in ledger],
        "message": "The client's credits.",
    }


def _transaction(line: Line) -> dict[str, Any]:
    return {
        "type": line.type,
        "amount": line.amount,
        "description": line.description,
        "timestamp": line.moment,
    }
