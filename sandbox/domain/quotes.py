"""Quotes: what a spa's co-pay costs a client, for ten minutes (COPAY-2)."""

from dataclasses import dataclass, replace

from sandbox.domain import copay, spa, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import require_reach
from sandbox.domain.moments import MINUTE, after
from sandbox.domain.passes import require_held_by
from sandbox.domain.records import Client, IssuedPass, Provider, Quote, Service
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named

LIVES = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Question:
    client_id: str
    service_ids: list[str]
    user_pass_id: str | None = None


def quote(books: Books, caller: Caller, provider_id: str, asked: Question) -> Quote:
    """What these services cost this client now; nothing where her pass pays (COPAY-5)."""
    provider = named(books, Provider, provider_id)
    client = named(books, Client, asked.client_id)
    services = tuple(named(books, Service, service_id) for service_id in asked.service_ids)
    pass_ = None if asked.user_pass_id is None else named(books, IssuedPass, asked.user_pass_id)
    require_reach(books, caller, client)
    if pass_ is not None:
        require_held_by(caller, client, pass_)
    spa.require_spa(provider)
    spa.require_offered(provider, services)
    stay = stays.on_pass(books, client, provider, pass_)
    stay = replace(stay, credit_cost=spa.credit_cost(services))
    id_, nth = books.name(Quote, client.id)
    quoted = Quote(
        id=id_,
        nth=nth,
        created=books.now,
        owner=caller.account_id,
        client_id=client.id,
        provider_id=provider.id,
        service_ids=tuple(asked.service_ids),
        pass_id=stay.pass_.id,
        amount_kobo=0
        if stays.pass_pays(stay, books.now)
        else copay.spa_amount(provider, services, books.now),
        expires=after(books.now, LIVES),
    )
    books.put(quoted)
    return quoted


def require_good(quoted: Quote, now: int) -> None:
    """It is used once, and while it lives."""
    if quoted.used is not None:
        message = f"The quote '{quoted.id}' was used already. Ask for another one."
        raise Refusal("quote_used", message, "COPAY-2")
    if now >= quoted.expires:
        message = f"The quote '{quoted.id}' is older than ten minutes. Ask for another one."
        raise Refusal("quote_expired", message, "COPAY-2")
