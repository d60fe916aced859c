"""Buying a co-pay: a gym's option, a spa's quote, or what an open session asks (COPAY-7)."""

from dataclasses import dataclass, replace

import msgspec.structs

from sandbox.domain import accounts, copay, quotes, sales, sessions, spa, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import require_reach
from sandbox.domain.coverage import covering
from sandbox.domain.moments import after
from sandbox.domain.records import (
    BookingSession,
    Client,
    CopayOption,
    CopayPurchase,
    IssuedPass,
    Provider,
    Quote,
    Service,
)
from sandbox.domain.refusals import Refusal, does_not_fit
from sandbox.domain.resources import named, require_own
from sandbox.domain.stays import Stay


@dataclass(frozen=True, slots=True)
class GymOrder:
    client_id: str
    provider_id: str
    copay_option_id: str


@dataclass(frozen=True, slots=True)
class SpaOrder:
    client_id: str
    provider_id: str
    quote_id: str


@dataclass(frozen=True, slots=True)
class PackageOrder:
    client_id: str
    copay_package_id: str
    session_id: str


def buy_for_gym(books: Books, caller: Caller, order: GymOrder) -> CopayPurchase:
    client = named(books, Client, order.client_id)
    provider = named(books, Provider, order.provider_id)
    option = named(books, CopayOption, order.copay_option_id)
    require_reach(books, caller, client)
    if option.provider_id != provider.id:
        raise does_not_fit(
            f"body.copay_option_id: '{option.id}' is sold by '{option.provider_id}', not by '{provider.id}'. "
            f"GET /providers/{provider.id}/gym-copay-options lists a gym's own."
        )
    stay = stays.on_pass(books, client, provider, None)
    _require_uncovered(books, stay)
    return sales.sell_copay(books, caller.account_id, stay, option)


def buy_for_session(books: Books, caller: Caller, order: PackageOrder) -> CopayPurchase:
    """The session stays open; confirming it finds nothing due any more (BOOK-17)."""
    client = named(books, Client, order.client_id)
    option = named(books, CopayOption, order.copay_package_id)
    session = named(books, BookingSession, order.session_id)
    require_reach(books, caller, client)
    require_own(caller, session)
    if session.client_id != client.id:
        raise does_not_fit(
            f"body.session_id: '{session.id}' is a session of '{session.client_id}', not of '{client.id}'."
        )
    sales.require_offered(session, option)
    sessions.require_open(books, session)
    pass_ = named(books, IssuedPass, session.pass_id)
    stay = stays.on_pass(books, client, named(books, Provider, session.provider_id), pass_)
    _require_uncovered(books, stay)
    return sales.sell_copay(books, caller.account_id, stay, option, "PACKAGE")


def buy_for_spa(books: Books, caller: Caller, order: SpaOrder) -> CopayPurchase:
    """At the price of the quote, once (COPAY-5); it pays one booking within a day (COPAY-6)."""
    client = named(books, Client, order.client_id)
    provider = named(books, Provider, order.provider_id)
    quote = named(books, Quote, order.quote_id)
    require_reach(books, caller, client)
    require_own(caller, quote)
    spa.require_spa(provider)
    _require_made_for(quote, client, provider)
    quotes.require_good(quote, books.now)
    stay = stays.on_pass(books, client, provider, named(books, IssuedPass, quote.pass_id))
    services = [named(books, Service, service_id) for service_id in quote.service_ids]
    stay = replace(stay, credit_cost=spa.credit_cost(services))
    if quote.amount_kobo == 0 or stays.pass_pays(stay, books.now):
        raise _not_required(stay, "the pass pays for these services")
    accounts.debit(books, caller.account_id, quote.amount_kobo, f"The co-pay of the quote '{quote.id}'")
    books.put(msgspec.structs.replace(quote, used=books.now))
    return _open_spa_copay(books, quote)


def _open_spa_copay(books: Books, quote: Quote) -> CopayPurchase:
    id_, nth = books.name(CopayPurchase, f"{quote.client_id}:{quote.provider_id}")
    bought = CopayPurchase(
        id=id_,
        nth=nth,
        created=books.now,
        owner=quote.owner,
        client_id=quote.client_id,
        provider_id=quote.provider_id,
        type="SPA",
        price_kobo=quote.amount_kobo,
        valid_until=after(books.now, copay.SPA_COPAY_LIVES),
        service_ids=quote.service_ids,
    )
    books.put(bought)
    return bought


def _require_uncovered(books: Books, stay: Stay) -> None:
    """COPAY-1: only where the pass doesn't reach; COPAY-4: one co-pay at a time."""
    if covering(stay.package, stay.provider) is not None:
        raise _not_required(stay, "the pass covers this gym")
    if copay.in_hand(books, stay.client.id, stay.provider) is not None:
        raise _not_required(stay, "a co-pay the client bought before still runs")


def _not_required(stay: Stay, why: str) -> Refusal:
    message = (
        f"The client '{stay.client.id}' needs no co-pay at {stay.provider.name}: {why} "
        f"(pass '{stay.pass_.id}'). Book without buying one."
    )
    return Refusal("copay_not_required", message, "COPAY-1")


def _require_made_for(quote: Quote, client: Client, provider: Provider) -> None:
    """A quote is used by the client and at the spa it was made for (COPAY-2)."""
    if (quote.client_id, quote.provider_id) != (client.id, provider.id):
        raise does_not_fit(
            f"body.quote_id: '{quote.id}' was made for the client '{quote.client_id}' at "
            f"'{quote.provider_id}', not for '{client.id}' at '{provider.id}'. Ask for a quote of your own."
        )
