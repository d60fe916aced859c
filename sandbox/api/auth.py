"""Whose request is it? The key says, and chooses the world (AUTH-1, AUTH-2)."""

import re

from sandbox.domain.records import Account
from sandbox.domain.refusals import Refusal
from sandbox.store import Rows
from sandbox.wire import Request
from sandbox.world.worlds import Visitor, Worlds

_BEARER = re.compile(r"(?i:bearer) +([\x21-\x7e]+)")


def identify(worlds: Worlds, rows: Rows, request: Request) -> Visitor:
    """The account and the world of the key, or a 401 that never repeats what was sent."""
    header = request.header("authorization")
    if header is None:
        raise _unknown("The Authorization header is missing.")
    bearer = _BEARER.fullmatch(header.strip())
    if bearer is None:
        raise _unknown("The Authorization header is not of the form `Bearer KEY`.")
    visitor = worlds.visitor(rows, bearer[1])
    if visitor is None:
        raise _unknown("No account has this API key; it may have been rotated.")
    return visitor


def require_enabled(account: Account) -> None:
    if not account.enabled:
        message = f"The account '{account.name}' is disabled. Have it enabled before you call again."
        raise Refusal("account_disabled", message, "AUTH-2")


def _unknown(what: str) -> Refusal:
    return Refusal("invalid_api_key", f"{what} Send `Authorization: Bearer YOUR_KEY`.", "AUTH-1")
