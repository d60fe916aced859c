"""Co-pays: what a client pays where her pass doesn't reach.

A gym sells options that run for a month or a year; a spa's co-pay pays one booking. This
module knows what a co-pay costs and which one is in hand; `copay_purchases` and `sales` sell them.
"""

from collections.abc import Iterable

from sandbox.domain.books import Books
from sandbox.domain.moments import DAY, FOREVER, HOUR, to_datetime
from sandbox.domain.records import CopayOption, CopayPurchase, Provider, Service
from sandbox.domain.refusals import does_not_fit

PEAK_FROM_HOUR, PEAK_TO_HOUR = 17, 20
SATURDAY = 5
LONGEST_RUN = 367 * DAY  # no co-pay is older than a year and still runs
SPA_COPAY_LIVES = 24 * HOUR  # COPAY-6


def require_gym(provider: Provider) -> None:
    if provider.category != "GYM":
        message = (
            f"The provider '{provider.id}' is a SPA, and options are what a GYM sells. "
            f"POST /providers/{provider.id}/spa-copay-quote tells what a spa costs."
        )
        raise does_not_fit(message)


def options(books: Books, provider: Provider) -> list[CopayOption]:
    """What a gym sells, newest first. A spa has none: its price comes from a quote (COPAY-2)."""
    return list(books.falling(CopayOption, provider.id))


def available(books: Books, provider: Provider) -> bool:
    """COPAY-3: true of every spa, and of a gym that has options; without, only a pass opens it."""
    return provider.category == "SPA" or next(books.falling(CopayOption, provider.id), None) is not None


def spa_amount(provider: Provider, services: Iterable[Service], now: int) -> int:
    """COPAY-5: the sum of the prices, doubled at PREMIUM, and a fifth more at peak, in kobo."""
    amount = sum(service.price_kobo for service in services)
    if provider.tier == "PREMIUM":
        amount *= 2
    return amount * 12 // 10 if at_peak(now) else amount


def at_peak(moment: int) -> bool:
    """17:00 to before 20:00, and all of Saturday, on the business's clock (COPAY-2)."""
    wall = to_datetime(moment)
    return wall.weekday() == SATURDAY or PEAK_FROM_HOUR <= wall.hour < PEAK_TO_HOUR


def in_hand(
    books: Books, client_id: str, provider: Provider, service_ids: Iterable[str] = (), returned: str = ""
) -> CopayPurchase | None:
    """The client's co-pay that covers this provider now, whoever sold it to her.

    `returned` names a gym co-pay one visit of which is just being given back.
    """
    shelf, since = f"{client_id}:{provider.id}", books.now - LONGEST_RUN
    wanted = sorted(service_ids)
    for purchase in books.between(CopayPurchase, shelf, since, FOREVER):
        if provider.category == "GYM" and runs(purchase, books.now, int(purchase.id == returned)):
            return purchase
        if provider.category == "SPA" and wanted and unspent(purchase, books.now) == wanted:
            return purchase
    return None


def runs(purchase: CopayPurchase, now: int, returning: int = 0) -> bool:
    """COPAY-4: a gym co-pay runs until its time is over or its visits are used."""
    in_time = now < purchase.valid_until
    return in_time and (purchase.visits is None or purchase.used - returning < purchase.visits)


def unspent(purchase: CopayPurchase, now: int) -> list[str]:
    """COPAY-6: the services a spa co-pay can still pay a booking of; it pays one, within its 24 hours."""
    return sorted(purchase.service_ids) if purchase.spent_on is None and now < purchase.valid_until else []
