"""What pays for a stay: the one answer that classes, spas, access codes and the scanner share.

A stay is paid by credits where it is priced in credits, else by a visit of the pass, else by a
co-pay; and where none of them is in hand, visits or a co-pay have to be bought first.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import msgspec.structs

from sandbox.domain import accounts, copay, credits, passes, visits
from sandbox.domain.books import Books
from sandbox.domain.coverage import covering
from sandbox.domain.records import (
    Client,
    CopayOption,
    CopayPurchase,
    IssuedPass,
    Package,
    Payment,
    Provider,
    Refund,
)
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named

Means: TypeAlias = Literal["CREDITS", "VISIT", "COPAY", "BUY_VISITS", "BUY_COPAY"]
TO_BUY: frozenset[Means] = frozenset({"BUY_VISITS", "BUY_COPAY"})
NOTHING = Payment()


@dataclass(frozen=True, slots=True)
class Stay:
    """A client, on one of her passes, at a provider: what a booking, a code or a scan is about."""

    client: Client
    pass_: IssuedPass
    package: Package
    provider: Provider
    credit_cost: int | None = None  # None: not priced in credits, a visit pays
    service_ids: tuple[str, ...] = ()  # of a spa
    returning: Payment = NOTHING  # of a booking that moves: what returns just before this is paid


def on_pass(books: Books, client: Client, provider: Provider, pass_: IssuedPass | None) -> Stay:
    """A stay on the pass that was named, or on the one that is meant (PASS-16); it is active (PASS-2)."""
    if pass_ is None:
        return Stay(client, *passes.choose(books, client, provider), provider)
    passes.require_active(pass_, books.now)
    return Stay(client, pass_, passes.package_of(books, pass_), provider)


def at_the_door(stay: Stay) -> Stay:
    """The stay as the scanner charges it: where check-ins are priced in credits, they pay (CODE-8)."""
    return replace(stay, credit_cost=stay.provider.check_in_credit_cost)


def means(books: Books, stay: Stay) -> Means:
    """What pays, or what has to be bought so that something does (BOOK-1, BOOK-21, COPAY-4, CODE-8)."""
    covered = covering(stay.package, stay.provider) is not None
    if pass_pays(stay, books.now):
        return "VISIT" if stay.credit_cost is None else "CREDITS"
    if covered and stay.provider.category == "GYM":
        return "BUY_VISITS"  # a gym that the pass covers sells visits, never a co-pay (COPAY-1)
    if _copay(books, stay) is None:
        return "BUY_VISITS" if covered else "BUY_COPAY"
    # The gym co-pay counts as cover, and then credits pay, not one of its visits (CODE-8).
    return "CREDITS" if stay.credit_cost is not None and stay.provider.category == "GYM" else "COPAY"


def pass_pays(stay: Stay, now: int) -> bool:
    """The pass covers the provider, and credits pay (BOOK-7) or a visit is left (PASS-10)."""
    if covering(stay.package, stay.provider) is None:
        return False
    return stay.credit_cost is not None or _visit(stay, now) is not None


def moving(stay: Stay, paid: Payment) -> Stay:
    """The stay as it will be paid once `paid` has returned (BOOK-24); nothing is written yet."""
    return replace(stay, pass_=visits.give_back(stay.pass_, paid), returning=paid)


def credits_due(books: Books, stay: Stay) -> int | None:
    """The price in credits; an uncovered spa booking has none, its co-pay alone pays (BOOK-21)."""
    if stay.provider.category == "SPA" and means(books, stay) != "CREDITS":
        return None
    return stay.credit_cost


def require_credits(books: Books, stay: Stay) -> None:
    """A price in credits needs a provider that takes them (CODE-8) and a client who has them (BOOK-7)."""
    due = credits_due(books, stay)
    if due is None:
        return
    if not stay.provider.accepts_credits:
        message = (
            f"This is priced at {due} credits, and {stay.provider.name} does not accept credits. "
            "Choose something that a visit pays, or ask the studio to withdraw the price."
        )
        raise Refusal("credits_not_accepted", message, "CODE-8")
    credits.require(books, stay.client, due, stay.returning.credits)


def pay(books: Books, stay: Stay, what: str, booking_id: str = "") -> Payment:
    """Take what pays and write down where it came from, so that all of it can return."""
    how = means(books, stay)
    assert how not in TO_BUY, how
    if how == "CREDITS":
        assert stay.credit_cost is not None
        spent = credits.spend(books, stay.client, stay.credit_cost, what)
        return Payment(pass_id=stay.pass_.id, credits=spent)
    if how == "VISIT":
        taken = _visit(stay, books.now)
        assert taken is not None
        books.put(taken[0])
        return taken[1]
    purchase = _copay(books, stay)
    assert purchase is not None
    return _use_copay(books, purchase, booking_id)


def move_along(books: Books, payment: Payment, booking_id: str) -> Payment:
    """A spa co-pay pays the booking that takes the other's place (BOOK-24)."""
    purchase = named(books, CopayPurchase, payment.copay_id)
    books.put(msgspec.structs.replace(purchase, spent_on=booking_id))
    return payment


def give_back(books: Books, client_id: str, payment: Payment, what: str) -> Refund:
    """Everything returns to where it came from: visits, credits, money (BOOK-10, BOOK-23)."""
    if payment.category is not None:
        books.put(visits.give_back(named(books, IssuedPass, payment.pass_id), payment))
    elif payment.visits:
        purchase = named(books, CopayPurchase, payment.copay_id)
        books.put(msgspec.structs.replace(purchase, used=purchase.used - 1))
    if payment.copay_kobo:
        accounts.pay_back(books, payment.payer, payment.copay_kobo)
    refunded = credits.give_back(books, client_id, payment.credits, what)
    return Refund(visits_restored=payment.visits, credits_refunded=refunded, amount_kobo=payment.copay_kobo)


def copay_options(books: Books, stay: Stay, how: Means) -> list[CopayOption]:
    """Where a co-pay is due, every option of the gym (BOOK-1); one without is out of reach (BOOK-6)."""
    if how != "BUY_COPAY":
        return []
    offered = copay.options(books, stay.provider)
    if not offered:
        raise not_covered(stay)
    return offered


def not_covered(stay: Stay) -> Refusal:
    """BOOK-6: the pass doesn't cover the provider, and nothing that would is for sale."""
    provider = stay.provider
    message = (
        f"The pass '{stay.pass_.id}' ({stay.package.name}) does not cover {provider.name} "
        f"({provider.category} {provider.tier}), and there is no co-pay for it. "
        "Choose a provider from GET /passes/{id}/providers, or issue a pass that covers this one."
    )
    return Refusal("provider_not_covered", message, "BOOK-6")


def _visit(stay: Stay, now: int) -> tuple[IssuedPass, Payment] | None:
    return visits.take(stay.pass_, stay.package, stay.provider.category, now)


def _copay(books: Books, stay: Stay) -> CopayPurchase | None:
    return copay.in_hand(
        books, stay.client.id, stay.provider, stay.service_ids, returned=stay.returning.copay_id
    )


def _use_copay(books: Books, purchase: CopayPurchase, booking_id: str) -> Payment:
    if purchase.service_ids:  # of a spa: it pays this one booking (COPAY-6)
        books.put(msgspec.structs.replace(purchase, spent_on=booking_id))
        return Payment(copay_id=purchase.id, copay_kobo=purchase.price_kobo, payer=purchase.owner)
    books.put(msgspec.structs.replace(purchase, used=purchase.used + 1))
    return Payment(copay_id=purchase.id)
