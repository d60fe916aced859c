"""Credits: held in lots, spent soonest expiry first, told in a ledger that sums to the balance (CRED).

A lot lapses by itself: nothing is written when it does. What remains of a lapsed lot is left
out of the balance, and its line in the ledger is made when the ledger is read. The lines that
are stored always sum to `credits_held`, which is what remains in all lots, lapsed ones included.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from sandbox.domain import accounts
from sandbox.domain.books import Books, Caller
from sandbox.domain.moments import DAY, FOREVER, Millis, after
from sandbox.domain.records import (
    Client,
    CreditPackage,
    CreditPurchase,
    IssuedPass,
    Lot,
    Package,
    Spent,
    Transaction,
)
from sandbox.domain.refusals import Refusal, does_not_fit, not_found
from sandbox.domain.resources import named, require_own

LAPSED = "Credits expired"

Source = Literal["purchase", "grant", "adjustment"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger as it is read: a stored transaction or a lapse."""

    type: Literal["CREDIT", "DEBIT"]
    amount: int
    description: str
    moment: Millis


@dataclass(frozen=True, slots=True)
class PurchaseRefund:
    used: int
    voided: int
    balance: int


# --- what is there --------------------------------------------------------------------------


def balance(books: Books, client: Client) -> int:
    """What the client can spend now: all that is held, less what lapsed (CRED-2)."""
    return client.credits_held - sum(lot.remaining for lot in _lapsed_lots(books, client.id))


def require(books: Books, client: Client, cost: int, returning: tuple[Spent, ...] = ()) -> None:
    """BOOK-7: too few credits are refused with the balance and the cost, and nothing is taken.

    `returning` counts as there: what a booking that moves gives back before it is paid anew (BOOK-24).
    """
    alive = (part for part in returning if not _is_over(books, named(books, Lot, part.lot_id)))
    held = balance(books, client) + sum(part.amount for part in alive)
    if held < cost:
        message = (
            f"This costs {cost} credits, and the client '{client.id}' has a balance of {held}. "
            "Buy the client credits and send the request again."
        )
        raise Refusal("validation_error", message, "BOOK-7")


def ledger(books: Books, client: Client) -> Iterator[Line]:
    """All there ever was, newest first, each lapse at the moment it happened (CRED-10)."""
    stored = (
        Line(line.type, line.amount, line.description, line.created)
        for line in books.falling(Transaction, client.id)
    )
    lapses = [
        Line("DEBIT", lot.remaining, LAPSED, Millis(lot.place)) for lot in _lapsed_lots(books, client.id)
    ]
    # Of one moment the lapse comes first in the list: what is stored then was done before it was read.
    return heapq.merge(reversed(lapses), stored, key=lambda line: -line.moment)


# --- taking and returning -------------------------------------------------------------------


def spend(books: Books, client: Client, cost: int, description: str) -> tuple[Spent, ...]:
    """Take credits, soonest expiry first, then oldest (CRED-6). Says from which lots, for the way back."""
    require(books, named(books, Client, client.id), cost)  # as it stands: something may just have returned
    if not cost:
        return ()
    due = cost
    parts: list[tuple[Lot, int]] = []
    for lot in _live_lots(books, client.id):
        taken = min(lot.remaining, due)
        parts.append((lot, taken))
        due -= taken
        if not due:
            break
    for lot, taken in parts:
        _change_lot(books, lot, -taken)
    _write_line(books, client.id, Line("DEBIT", cost, description, books.now))
    return tuple(Spent(lot_id=lot.id, amount=taken) for lot, taken in parts)


def give_back(books: Books, client_id: str, spent: tuple[Spent, ...], description: str) -> int:
    """Credits return to the lots they came from, with their old expiry (BOOK-10). Says how many."""
    for part in spent:
        lot = named(books, Lot, part.lot_id)
        _write_line(books, client_id, Line("CREDIT", part.amount, description, books.now), lot.id)
        if _is_over(books, lot):  # CRED-8: gone again at once, and the ledger shows both lines
            gone = Line("DEBIT", part.amount, "Returned to a lot that is over", books.now)
            _write_line(books, client_id, gone, lot.id)
        else:
            _change_lot(books, lot, part.amount)
    return sum(part.amount for part in spent)


# --- buying, granting, adjusting, refunding -------------------------------------------------


def on_sale(package: CreditPackage) -> bool:
    return package.state == "PUBLISHED"


def purchase(books: Books, caller: Caller, client_id: str, package_id: str) -> CreditPurchase:
    """The account pays the price; the client gets the credits, the bonus on top (CRED-1, CRED-2)."""
    client = named(books, Client, client_id)
    package = named(books, CreditPackage, package_id)
    if not on_sale(package):  # CRED-10
        hint = "It is not on sale: choose one that list_credit_packages shows."
        raise not_found(package.noun, package.id, hint)
    require_own(caller, client)
    accounts.debit(books, caller.account_id, package.price_kobo, f"The credit package '{package.id}'")
    id_, nth = books.name(CreditPurchase, client.id)
    expires = None if package.expires_in_days is None else after(books.now, package.expires_in_days * DAY)
    count = package.credits + package.bonus_credits
    lot = _open_lot(books, client.id, count, expires, ("purchase", id_), f"Bought: {package.name}")
    made = CreditPurchase(
        id=id_,
        nth=nth,
        created=books.now,
        owner=caller.account_id,
        client_id=client.id,
        package_id=package.id,
        lot_id=lot.id,
        credits_added=count,
        price_kobo=package.price_kobo,
        expires=expires,
    )
    books.put(made)
    return made


def grant(books: Books, pass_: IssuedPass, package: Package) -> None:
    """PASS-8, PASS-14: once, at issue, what all categories allocate; it lapses when the pass then would."""
    count = sum(rule.credit_allocated for rule in package.categories)
    if count:
        _open_lot(
            books, pass_.client_id, count, pass_.expires, ("grant", pass_.id), f"Granted: {package.name}"
        )


def adjust(books: Books, client: Client, amount: int, reason: str, expires: Millis | None = None) -> None:
    """The studio adds credits or takes some away, and says why (CRED-4)."""
    if not reason.strip():
        raise does_not_fit("body.reason: an adjustment needs a reason; the ledger keeps it.", "CRED-4")
    if amount == 0:
        raise does_not_fit("body.amount: 0 adjusts nothing. Send a positive or a negative number.", "CRED-4")
    if amount < 0:
        _require_to_take(books, client, -amount, expires)
        spend(books, client, -amount, reason)
        return
    if expires is not None and expires <= books.now:
        raise does_not_fit(
            "body.expires_at: this moment is past. Send a later one, or leave it out.", "CRED-4"
        )
    _open_lot(books, client.id, amount, expires, ("adjustment", ""), reason)


def _require_to_take(books: Books, client: Client, amount: int, expires: Millis | None) -> None:
    if expires is not None:
        message = (
            "body.expires_at: only credits that are given lapse. Leave it out where some are taken away."
        )
        raise does_not_fit(message, "CRED-4")
    held = balance(books, client)
    if amount > held:
        message = f"body.amount: the client '{client.id}' has a balance of {held}. Take away {held} at most."
        raise does_not_fit(message, "CRED-4")


def refund_purchase(books: Books, bought: CreditPurchase, reason: str) -> PurchaseRefund:
    """CRED-5, CRED-7: the price goes back, what is left of the lot is void, what was used stays used."""
    if bought.refunded is not None:
        message = f"The credit purchase '{bought.id}' was refunded before. There is nothing left to refund."
        raise Refusal("already_refunded", message, "CRED-5")
    lot = named(books, Lot, bought.lot_id)
    lapsed = lot.place <= books.now
    if lot.remaining:  # where it lapsed before, the lapse becomes a stored line, at its old moment
        line = (
            Line("DEBIT", lot.remaining, LAPSED, Millis(lot.place))
            if lapsed
            else Line("DEBIT", lot.remaining, f"Refunded: {reason}", books.now)
        )
        _write_line(books, lot.client_id, line, lot.id)
        _change_lot(books, lot, -lot.remaining)
    books.put(replace(bought, refunded=books.now))
    accounts.pay_back(books, bought.owner, bought.price_kobo)
    left = balance(books, named(books, Client, lot.client_id))
    return PurchaseRefund(lot.granted - lot.remaining, 0 if lapsed else lot.remaining, left)


# --- lots and lines -------------------------------------------------------------------------


def _open_shelf(client_id: str) -> str:
    return f"{client_id}/open"


def _lapsed_lots(books: Books, client_id: str) -> Iterator[Lot]:
    """Lots with something left whose time is over: they come first on the open shelf."""
    return books.between(Lot, _open_shelf(client_id), 0, books.now + 1)


def _live_lots(books: Books, client_id: str) -> Iterator[Lot]:
    return books.between(Lot, _open_shelf(client_id), books.now + 1, FOREVER + 1)


def _is_over(books: Books, lot: Lot) -> bool:
    """Lapsed, or void because its purchase was refunded: what returns to it would be credits for nothing."""
    bought = books.find(CreditPurchase, lot.source_id) if lot.source == "purchase" else None
    return lot.place <= books.now or (bought is not None and bought.refunded is not None)


def _open_lot(
    books: Books, client_id: str, count: int, expires: Millis | None, origin: tuple[Source, str], why: str
) -> Lot:
    id_, nth = books.name(Lot, client_id)
    source, source_id = origin
    lot = Lot(
        id=id_,
        nth=nth,
        created=books.now,
        client_id=client_id,
        source=source,
        source_id=source_id,
        granted=count,
        remaining=count,
        expires=expires,
    )
    books.put(lot)
    _hold(books, client_id, count)
    _write_line(books, client_id, Line("CREDIT", count, why, books.now), id_)
    return lot


def _change_lot(books: Books, lot: Lot, change: int) -> None:
    """A lot and the client's sum of all lots change together."""
    books.put(replace(lot, remaining=lot.remaining + change))
    _hold(books, lot.client_id, change)


def _hold(books: Books, client_id: str, change: int) -> None:
    client = named(books, Client, client_id)
    books.put(replace(client, credits_held=client.credits_held + change))


def _write_line(books: Books, client_id: str, line: Line, lot_id: str = "") -> None:
    id_, nth = books.name(Transaction, client_id)
    books.put(
        Transaction(
            id=id_,
            nth=nth,
            created=line.moment,
            client_id=client_id,
            type=line.type,
            amount=line.amount,
            description=line.description,
            lot_id=lot_id,
        )
    )
