"""Passes: packages issued to a client. Status follows from the clock and the visits when asked (PASS-1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from msgspec.structs import replace

from sandbox.domain import accounts, clients, coverage, credits, visits
from sandbox.domain.books import Books, Caller
from sandbox.domain.moments import Millis, day_text, months_in, plus_months, rfc3339
from sandbox.domain.records import Client, IssuedPass, Package, Provider, Transaction
from sandbox.domain.refusals import Refusal, does_not_fit, of_another_reseller
from sandbox.domain.resources import named, own, require_own

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CAPITALS_AND_DIGITS = CAPITALS + "0123456789"

PassStatus: TypeAlias = Literal["ACTIVE", "EXPIRED", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a reseller asks for when it issues a pass."""

    package_id: str
    client_id: str
    details: Mapping[str, str]  # names, email, phone
    starts: Millis | None = None
    tx_ref: str | None = None


# --- what it is now -------------------------------------------------------------------------


def status(pass_: IssuedPass, package: Package, now: int) -> PassStatus:
    """PASS-1: cancelled by hand, expired by date or by its last visit, else active, even before its start."""
    if pass_.cancelled is not None:
        return "CANCELLED"
    if now >= pass_.expires or visits.all_used(pass_, package, now):
        return "EXPIRED"
    return "ACTIVE"


def usable(pass_: IssuedPass, now: int) -> bool:
    """What PASS-2 asks for: begun, not over, not cancelled; visits don't matter (PASS-11, PASS-12)."""
    return pass_.cancelled is None and pass_.starts <= now < pass_.expires


def package_of(books: Books, pass_: IssuedPass) -> Package:
    return named(books, Package, pass_.package_id)


# --- which one is meant ---------------------------------------------------------------------


def of_client(books: Books, client: Client) -> Iterator[tuple[IssuedPass, Package]]:
    """All the client ever held, newest first, each with its package."""
    return ((pass_, package_of(books, pass_)) for pass_ in books.falling(IssuedPass, client.id))


def require_held_by(caller: Caller, client: Client, pass_: IssuedPass) -> None:
    """A pass that is named must be this client's: a stranger's is a 403, one's own that doesn't fit a 400."""
    if pass_.client_id == client.id:
        return
    if pass_.owner != caller.account_id:
        raise of_another_reseller(pass_.noun, pass_.id)
    raise does_not_fit(
        f"The issued pass '{pass_.id}' belongs to the client '{pass_.client_id}', not to '{client.id}'. "
        "Send a pass of the client you book for."
    )


def require_active(pass_: IssuedPass, now: int) -> None:
    """PASS-2: nothing is booked and no code is made on a pass that isn't active."""
    if usable(pass_, now):
        return
    if pass_.cancelled is not None:
        why, remedy = "was cancelled", "Issue the client a new pass."
    elif now >= pass_.expires:
        why, remedy = f"expired on {day_text(pass_.expires)}", "Extend its expiry or issue a new pass."
    else:
        why, remedy = f"starts on {day_text(pass_.starts)} only", "Wait for that day or use another pass."
    raise Refusal("pass_not_active", f"The issued pass '{pass_.id}' {why}. {remedy}", "PASS-2")


def choose(books: Books, client: Client, provider: Provider) -> tuple[IssuedPass, Package]:
    """The pass that is meant when none is named (PASS-16)."""
    active = [held for held in of_client(books, client) if usable(held[0], books.now)]
    if not active:
        message = f"The client '{client.id}' has no active pass. Issue one first, or extend one that expired."
        raise Refusal("pass_not_active", message, "PASS-16")
    covering = [held for held in active if coverage.covering(held[1], provider)]

    def used_up_then_expiry(one: tuple[IssuedPass, Package]) -> tuple[bool, int]:
        pass_, package = one
        return visits.left(pass_, package, provider.category, books.now) == 0, pass_.expires

    return min(covering, key=used_up_then_expiry) if covering else active[0]


# --- issuing and changing -------------------------------------------------------------------


def issue(books: Books, caller: Caller, order: Order) -> IssuedPass:
    """PASS-3, 7, 8, 9: the account pays, the client is known, the pass and its credits are there."""
    package = named(books, Package, order.package_id)
    known = books.find(Client, order.client_id)
    if known is not None:
        require_own(caller, known)  # PASS-15
    starts = books.now if order.starts is None else order.starts
    expires = plus_months(starts, months_in(package.duration))
    if expires <= books.now:
        message = (
            f"body.start_date: a pass of '{package.id}' that starts at {rfc3339(starts)} was over at "
            f"{rfc3339(expires)}. Send a later moment in milliseconds, or leave the field out to start now."
        )
        raise does_not_fit(message, "PASS-9")
    accounts.debit(books, caller.account_id, package.price_kobo, f"The pass package '{package.id}'")
    clients.welcome(books, caller, order.client_id, order.details)
    pass_ = _made(books, caller, order, (starts, expires))
    books.put(pass_)
    credits.grant(books, pass_, package)
    return pass_


def update(books: Books, caller: Caller, pass_id: str, details: Mapping[str, str]) -> None:
    """New names, email or phone: they are the client's from now on (PASS-13)."""
    clients.remember(books, _changeable(books, caller, pass_id).client_id, details)


def cancel(books: Books, caller: Caller, pass_id: str, details: Mapping[str, str]) -> None:
    """PASS-13: its bookings stay and nothing is paid back."""
    pass_ = _changeable(books, caller, pass_id)
    clients.remember(books, pass_.client_id, details)
    books.put(replace(pass_, cancelled=books.now))


def move_expiry(books: Books, caller: Caller, pass_id: str, expires: Millis) -> None:
    """A pass that ran out by date is active again when its expiry is extended (PASS-4)."""
    pass_ = own(books, caller, IssuedPass, pass_id)
    earliest = max(books.now, pass_.starts)
    if expires <= earliest:
        message = (
            f"body.expires_at: {rfc3339(expires)} is not after {rfc3339(earliest)}. "
            "Send a moment in the future and after the pass's start_date, in milliseconds."
        )
        raise does_not_fit(message, "PASS-4")
    _require_not_cancelled(pass_)
    books.put(replace(pass_, expires=expires))


def rotate_passcode(books: Books, caller: Caller, pass_id: str, current: str) -> IssuedPass:
    """Who knows the passcode may have another; the old one stops working."""
    pass_ = own(books, caller, IssuedPass, pass_id)
    if current != pass_.passcode:
        message = "body.passcode: this is not the pass's current passcode. Read it with get_issued_pass."
        raise does_not_fit(message, "ERR-9")
    _require_not_cancelled(pass_)
    chance = books.draw("passcode", f"{pass_.id}/{current}")
    rotated = replace(pass_, passcode=_spell(chance, CAPITALS_AND_DIGITS), passcode_created=books.now)
    books.put(rotated)
    return rotated


def _changeable(books: Books, caller: Caller, pass_id: str) -> IssuedPass:
    pass_ = own(books, caller, IssuedPass, pass_id)
    _require_not_cancelled(pass_)
    return pass_


def _require_not_cancelled(pass_: IssuedPass) -> None:
    if pass_.cancelled is not None:
        message = (
            f"The issued pass '{pass_.id}' was cancelled and takes no update. Issue the client a new pass."
        )
        raise Refusal("pass_not_active", message, "PASS-4")


def _made(books: Books, caller: Caller, order: Order, life: tuple[Millis, Millis]) -> IssuedPass:
    id_, nth = books.name(IssuedPass, order.client_id)
    transaction_id, _ = books.name(Transaction, id_)
    return IssuedPass(
        id=id_,
        nth=nth,
        created=books.now,
        owner=caller.account_id,
        client_id=order.client_id,
        package_id=order.package_id,
        starts=life[0],
        expires=life[1],
        passcode=_spell(books.draw("passcode", id_), CAPITALS_AND_DIGITS),
        passcode_created=books.now,
        transaction_id=transaction_id,
        tx_ref=order.tx_ref or "FLW-TXN-" + _spell(books.draw("tx_ref", id_), CAPITALS),
    )


def _spell(chance: int, alphabet: str) -> str:
    """Eight characters out of sixty-four bits of chance."""
    return "".join(alphabet[chance // len(alphabet) ** n % len(alphabet)] for n in range(8))
