"""Issuers, lookups and clients as the API shows them; times in milliseconds (CONV-13)."""

from collections.abc import Iterable
from typing import Any

from sandbox.domain import passes
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.records import Account, Client, IssuedPass, Lookup, LookupToken, Package


def issuer(one: Account) -> dict[str, Any]:
    return {"object": "issuer", "id": one.issuer_id, "name": one.name, "created": one.created}


def pending_lookup(one: Lookup, issuer_id: str) -> dict[str, Any]:
    return {**_lookup(one, issuer_id), "status": "PENDING", "message": "The client was sent a code."}


def verified_lookup(one: Lookup, issuer_id: str, secret: str, token: LookupToken) -> dict[str, Any]:
    return {
        **_lookup(one, issuer_id),
        "status": "VERIFIED",
        "lookup_token": secret,
        "token_expires_at": token.expires,
        "message": "The lookup is verified. Keep the token: it is not shown again.",
    }


def lookup_settings(enabled: bool) -> dict[str, Any]:
    state = "on" if enabled else "off"
    return {"object": "lookup_settings", "enabled": enabled, "message": f"Lookup is {state}."}


def client(one: Client, balance: int, held: Iterable[tuple[IssuedPass, Package]], now: int) -> dict[str, Any]:
    return {
        "object": "client",
        "id": one.id,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "email": one.email,
        "phone": one.phone,
        "passes": [_pass_ref(pass_, package, now) for pass_, package in held],
        "credit_balance": balance,
        "currency": CURRENCY,
        "created": one.created,
    }


def _lookup(one: Lookup, issuer_id: str) -> dict[str, Any]:
    return {
        "object": "lookup",
        "id": one.id,
        "issuer_id": issuer_id,
        "client_id": one.client_id,
        "expires_at": one.expires,
        "created": one.created,
    }


def _pass_ref(one: IssuedPass, package: Package, now: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "pass_id": package.id,
        "name": package.name,
        "status": passes.status(one, package, now),
        "expires_at": one.expires,
    }
