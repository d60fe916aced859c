"""Lookup: a reseller is let in to one client of another, who hands it a code and so agrees (LOOK)."""

from collections.abc import Iterator

from msgspec.structs import replace

from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import digest
from sandbox.domain.moments import DAY, MINUTE, after
from sandbox.domain.records import Account, Client, Lookup, LookupToken, Message
from sandbox.domain.refusals import Refusal, not_found
from sandbox.domain.resources import named, own

CODE_LIVES = 10 * MINUTE  # LOOK-3
TOKEN_LIVES = 90 * DAY  # LOOK-1
WRONG_CODES_ALLOWED = 5  # the fifth closes the lookup (LOOK-3, LOOK-8)


def other_resellers(books: Books, caller: Caller) -> Iterator[Account]:
    """Newest first; the list of issuers shows those of them that let themselves be looked up (LOOK-4)."""
    return (account for account in books.falling(Account) if account.id != caller.account_id)


def initiate(books: Books, caller: Caller, issuer_id: str, client_id: str) -> Lookup:
    """LOOK-4, LOOK-8: of issuers that have it on, and of their clients; the client is sent a code."""
    issuer = _issuer(books, caller, issuer_id)
    client = books.find(Client, client_id)
    if client is None or client.owner != issuer.id:
        raise not_found("client of this issuer", client_id)
    id_, nth = books.name(Lookup, client.id)
    lookup = Lookup(
        id=id_,
        nth=nth,
        created=books.now,
        owner=caller.account_id,
        issuer=issuer.id,
        client_id=client.id,
        code=f"{books.draw('lookup_code', id_) % 1_000_000:06}",
        expires=after(books.now, CODE_LIVES),
    )
    books.put(lookup)
    _send_code(books, lookup)
    return lookup


def verify(books: Books, caller: Caller, lookup_id: str, code: str) -> tuple[Lookup, str, LookupToken]:
    """The right code is worth a token, which is told here and never again (LOOK-1)."""
    lookup = own(books, caller, Lookup, lookup_id)
    _require_pending(lookup, books.now)
    if code != lookup.code:
        raise _count_wrong_code(books, lookup)
    verified = replace(lookup, verified=books.now)
    books.put(verified)
    secret = (
        f"lkpt_{books.draw('lookup_token', lookup.id):016x}{books.draw('lookup_token_tail', lookup.id):016x}"
    )
    return verified, secret, _keep_token(books, lookup, secret)


def switch(books: Books, caller: Caller, enabled: bool) -> None:
    """Off, tokens sleep and nobody is listed; on again, they open again (LOOK-7)."""
    books.put(replace(named(books, Account, caller.account_id), lookup_enabled=enabled))


def _issuer(books: Books, caller: Caller, issuer_id: str) -> Account:
    for account in other_resellers(books, caller):
        if account.issuer_id == issuer_id and account.lookup_enabled:
            return account
    raise not_found("issuer", issuer_id, "list_issuers shows the resellers that can be looked up.")


def _require_pending(lookup: Lookup, now: int) -> None:
    if lookup.verified is not None:
        why = "was verified before"
    elif lookup.wrong_attempts >= WRONG_CODES_ALLOWED:
        why = f"was closed by {WRONG_CODES_ALLOWED} wrong codes"
    elif now >= lookup.expires:
        why = "has lapsed: its code lived ten minutes"
    else:
        return
    raise Refusal("lookup_not_pending", f"The lookup '{lookup.id}' {why}. Initiate a new one.", "LOOK-3")


def _count_wrong_code(books: Books, lookup: Lookup) -> Refusal:
    """The one refusal here that leaves something behind: the attempt."""
    counted = replace(lookup, wrong_attempts=lookup.wrong_attempts + 1)
    books.put(counted)
    left = WRONG_CODES_ALLOWED - counted.wrong_attempts
    advice = f"Attempts left: {left}." if left else "That was the last attempt: initiate a new lookup."
    message = f"body.access_code: this is not the code the client was sent. {advice}"
    return Refusal("validation_error", message, "LOOK-3", leaves_trace=True)


def _send_code(books: Books, lookup: Lookup) -> None:
    id_, nth = books.name(Message)
    text = f"Your code is {lookup.code}. Tell it only to whom you want to see your passes and credits."
    books.put(
        Message(id=id_, nth=nth, created=books.now, client_id=lookup.client_id, text=text, code=lookup.code)
    )


def _keep_token(books: Books, lookup: Lookup, secret: str) -> LookupToken:
    _, nth = books.name(LookupToken, lookup.client_id)
    token = LookupToken(
        id=digest(secret),
        nth=nth,
        created=books.now,
        owner=lookup.owner,
        issuer=lookup.issuer,
        client_id=lookup.client_id,
        lookup_id=lookup.id,
        expires=after(books.now, TOKEN_LIVES),
    )
    books.put(token)
    return token
