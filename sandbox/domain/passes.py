"""Passes: packages issued to a client. Status follows from the clock and the visits when asked (PASS-1)."""

from typing import Literal, TypeAlias

from sandbox.domain import coverage, visits
from sandbox.domain.books import Books, Caller
from sandbox.domain.moments import day_text
from sandbox.domain.records import Client, IssuedPass, Package, Provider
from sandbox.domain.refusals import Refusal, does_not_fit, of_another_reseller
from sandbox.domain.resources import named

PassStatus: TypeAlias = Literal["ACTIVE", "EXPIRED", "CANCELLED"]


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


def require_held_by(caller: Caller, client: Client, pass_: IssuedPass) -> None:
    """A pass that is named must be this client's: a stranger's is a 403, one's own that doesn't fit a 400."""
    if pass_.client_id == client.id:
        return
    if pass_.owner != caller.account_id:
        raise of_another_reseller(pass_.noun, pass_.id)
    raise does_not_fit(
        f"The issued pass '{pass_.id}' is the client '{pass_.client_id}''s, not '{client.id}''s. "
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
    active = [pass_ for pass_ in books.falling(IssuedPass, client.id) if usable(pass_, books.now)]
    if not active:
        message = f"The client '{client.id}' has no active pass. Issue one first, or extend one that expired."
        raise Refusal("pass_not_active", message, "PASS-16")
    held = [(pass_, package_of(books, pass_)) for pass_ in active]
    covering = [(pass_, package) for pass_, package in held if coverage.covering(package, provider)]

    def used_up_then_expiry(one: tuple[IssuedPass, Package]) -> tuple[bool, int]:
        pass_, package = one
        return visits.left(pass_, package, provider.category, books.now) == 0, pass_.expires

    return min(covering, key=used_up_then_expiry) if covering else held[0]
