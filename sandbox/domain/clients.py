"""Clients: the people the passes are for. They belong to the reseller who issued (AUTH-5).

Another reseller reaches one with a lookup token, and only through the operations that a token
opens (LOOK-5).
"""

import hashlib
from collections.abc import Mapping

from msgspec.structs import replace

from sandbox.domain import resources
from sandbox.domain.books import Books, Caller
from sandbox.domain.records import Account, Client, LookupToken
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named, require_own

DETAILS = ("first_name", "last_name", "email", "phone")


def own(books: Books, caller: Caller, client_id: str) -> Client:
    """For operations that a token doesn't open and that name nothing else."""
    return resources.own(books, caller, Client, client_id)


def reach(books: Books, caller: Caller, client_id: str) -> Client:
    """For operations that a token opens and that name nothing else."""
    client = named(books, Client, client_id)
    require_reach(books, caller, client)
    return client


def require_reach(books: Books, caller: Caller, client: Client) -> None:
    """One's own client, or another's with its token. A token that was sent is always checked (LOOK-7)."""
    if caller.lookup_token is None:
        require_own(caller, client)
    elif not _opens(books, caller, caller.lookup_token, client):
        message = (
            f"The header Bardge-Lookup-Token does not open the client '{client.id}': it is unknown, expired, "
            "another client's or another reseller's, or the client's issuer has turned lookup off. Verify a "
            "lookup of this client for a new token, or leave the header out for a client of your own."
        )
        raise Refusal("invalid_lookup_token", message, "LOOK-2")


def digest(token: str) -> str:
    """Tokens are told once and kept as a digest only (LOOK-1)."""
    return hashlib.sha256(token.encode()).hexdigest()


def welcome(books: Books, caller: Caller, client_id: str, details: Mapping[str, str]) -> None:
    """An id that is new makes a new client (PASS-3)."""
    if books.find(Client, client_id) is None:
        _, nth = books.name(Client)
        unnamed = Client(
            id=client_id, nth=nth, created=books.now, owner=caller.account_id, first_name="", last_name=""
        )
        books.put(unnamed)
    remember(books, client_id, details)


def remember(books: Books, client_id: str, details: Mapping[str, str]) -> None:
    """PASS-13: names, email and phone given last are the client's."""
    given = {name: details[name] for name in DETAILS if name in details}
    if given:
        books.put(replace(named(books, Client, client_id), **given))


def _opens(books: Books, caller: Caller, token: str, client: Client) -> bool:
    found = books.find(LookupToken, digest(token))
    return (
        found is not None
        and found.owner == caller.account_id
        and found.client_id == client.id
        and books.now < found.expires
        and named(books, Account, found.issuer).lookup_enabled
    )
