"""The world as people think of it: for the console, and for anybody who wants to look."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from sandbox.control import views
from sandbox.control.call import Call, Desk, Reply, listed
from sandbox.control.refusals import unfit, unknown
from sandbox.domain import bookings, classes, copay, coverage, passes
from sandbox.domain.moments import clock_time, day_of, midnight, rfc3339
from sandbox.domain.records import (
    AccessCode,
    Account,
    Booking,
    BookingSession,
    CheckIn,
    Client,
    CopayPurchase,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lookup,
    Lot,
    Message,
    Package,
    Provider,
    Quote,
    Record,
    Service,
    StudioClass,
)
from sandbox.world.world import World

R = TypeVar("R", bound=Record)

SHOWN = 100
DAYS_OF_A_WEEK = 7


# --- clients ---


def list_clients(call: Call, desk: Desk) -> Reply:
    world, wanted = desk.world, call.query.get("search", "").casefold()
    every = sorted(world.all(Client), key=lambda one: (one.created, one.nth), reverse=True)
    fitting = [one for one in every if not wanted or wanted in _searchable(one)]
    first = _behind(fitting, call.query.get("after"))
    page = fitting[first : first + call.query.get("limit", SHOWN)]
    rest = first + len(page) < len(fitting)
    answer = {
        "data": [views.client(world, one) for one in page],
        "total": len(fitting),
        "next": page[-1].id if page and rest else None,
    }
    return Reply(answer)


def get_client_dossier(call: Call, desk: Desk) -> Reply:
    world, client_id = desk.world, call.path["client"]
    client = world.find(Client, client_id)
    if client is None:
        raise unknown(Client.noun, client_id, "GET …/clients?search= finds them.")
    now = world.now
    held = [views.pass_in_hand(one, package, now) for one, package in passes.of_client(world, client)]
    answer = {
        **views.details(client),
        "passes": held,
        "credits": views.client_credits(world, client),
        "purchases": [views.credit_purchase(one) for one in world.falling(CreditPurchase, client_id)],
        "bookings": [views.booking(one, now) for one in _newest(_bookings_of(world, client_id))],
        "access_codes": [views.access_code(one, now) for one in _newest(_of(world, AccessCode, client_id))],
        "check_ins": [views.check_in(one) for one in _first(world.falling(CheckIn, client_id))],
        "copays": [views.copay_purchase(one, now) for one in _newest(_of(world, CopayPurchase, client_id))],
        "quotes": [views.quote(one, now) for one in _first(world.falling(Quote, client_id))],
        "sessions": [views.session(one, now) for one in _first(world.falling(BookingSession, client_id))],
        "lookups": [views.lookup(one, now) for one in _first(world.falling(Lookup, client_id))],
        "messages": [views.message(one) for one in _newest(_of(world, Message, client_id))],
    }
    return Reply(answer)


def _searchable(one: Client) -> str:
    words = (one.id, f"{one.first_name} {one.last_name}", one.email or "", one.phone or "")
    return "\n".join(words).casefold()


def _behind(clients: list[Client], after: str | None) -> int:
    if after is None:
        return 0
    found = next((n for n, one in enumerate(clients) if one.id == after), None)
    if found is None:
        raise unfit(f"query.after: '{after}' is not in this list. Send the `next` of the page before.")
    return found + 1


def _bookings_of(world: World, client_id: str) -> Iterator[Booking]:
    """Whoever made them: each reseller's stand on a shelf of their own."""
    for account in world.all(Account):
        yield from _first(world.falling(Booking, f"{account.id}/{client_id}"))


def _of(world: World, kind: type[R], client_id: str) -> Iterator[R]:
    return (one for one in world.all(kind) if getattr(one, "client_id", None) == client_id)


def _newest(records: Iterable[R]) -> list[R]:
    return heapq.nlargest(SHOWN, records, key=lambda one: (one.created, one.nth))


def _first(records: Iterator[R]) -> Iterator[R]:
    return islice(records, SHOWN)


# --- providers ---


def list_providers(call: Call, desk: Desk) -> Reply:
    world, wanted = desk.world, call.query.get("search", "").casefold()
    packages = world.all(Package)
    services = Counter(one.provider_id for one in world.all(Service))
    offered = Counter(one.provider_id for one in world.all(StudioClass))
    every = sorted(world.all(Provider), key=lambda one: (one.name, one.id))
    fitting = [
        one for one in every if wanted in f"{one.id}\n{one.name}\n{one.address}\n{one.city}".casefold()
    ]
    data = [
        {
            "id": one.id,
            "name": one.name,
            "category": one.category,
            "tier": one.tier,
            "address": one.address,
            "city": one.city,
            "country": one.country,
            "accepts_credits": one.accepts_credits,
            "check_in_credit_cost": one.check_in_credit_cost,
            "covered_by": _covering(packages, one),
            "copay": _copay(world, one),
            "services": services[one.id],
            "classes": offered[one.id],
            "rooms": one.rooms if one.category == "SPA" else None,
        }
        for one in fitting[: call.query.get("limit", SHOWN)]
    ]
    return listed(data, len(fitting))


def _covering(packages: Iterable[Package], provider: Provider) -> list[dict[str, str]]:
    covering = (one for one in packages if coverage.covering(one, provider) is not None)
    return [{"id": one.id, "name": one.name} for one in covering]


def _copay(world: World, provider: Provider) -> str:
    if provider.category == "SPA":
        return "quote"
    return "options" if copay.available(world, provider) else "nothing"


# --- the week ---


def get_week(call: Call, desk: Desk) -> Reply:
    world = desk.world
    first = _day(call.query["from"]) if "from" in call.query else day_of(world.now)
    last = first + timedelta(days=DAYS_OF_A_WEEK - 1)
    from_, to = midnight(first), midnight(last + timedelta(days=1))
    provider_id = call.query.get("provider_id")
    days: dict[str, list[dict[str, Any]]] = {
        (first + timedelta(days=n)).isoformat(): [] for n in range(DAYS_OF_A_WEEK)
    }
    for class_ in world.all(StudioClass):
        if provider_id in (None, class_.provider_id):
            for instance in world.between(Instance, class_.id, from_, to):
                days[day_of(instance.starts).isoformat()].append(_session(world, class_, instance))
    for sessions in days.values():
        sessions.sort(key=lambda one: (one["starts_at"], one["id"]))
    answer = {
        "data": [{"date": day, "sessions": sessions} for day, sessions in days.items()],
        "total": sum(map(len, days.values())),
        "from": first.isoformat(),
        "to": last.isoformat(),
    }
    return Reply(answer)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        day + timedelta(days=DAYS_OF_A_WEEK)
    except (ValueError, OverflowError):
        raise unfit(f"query.from: '{text}' is not a day of the calendar. Write YYYY-MM-DD.") from None
    return day


def _session(world: World, class_: StudioClass, one: Instance) -> dict[str, Any]:
    provider = world.find(Provider, class_.provider_id)
    return {
        "id": one.id,
        "class_id": class_.id,
        "class_name": class_.name,
        "provider_id": class_.provider_id,
        "provider_name": provider.name if provider else "",
        "time": clock_time(one.starts),
        "starts_at": rfc3339(one.starts),
        "capacity": one.capacity,
        "spots_left": classes.spots_left(one, world.now),
        "credit_cost": classes.credit_cost(one, class_),
        "status": classes.status(one, world.now),
    }


# --- what comes next ---

Coming = tuple[int, str, Record]  # when, what, to whom


def list_upcoming(call: Call, desk: Desk) -> Reply:
    world = desk.world
    ahead = [one for one in _coming(world) if one[0] > world.now]
    soonest = heapq.nsmallest(call.query.get("limit", SHOWN), ahead, key=lambda one: (one[0], one[2].id))
    data = [
        {
            "at": rfc3339(at),
            "what": what,
            "kind": record.kind,
            "subject": record.id,
            "client_id": getattr(record, "client_id", None),
        }
        for at, what, record in soonest
    ]
    return listed(data, len(ahead))


def _coming(world: World) -> Iterator[Coming]:
    for kind, tell in _TELLERS:
        for record in world.all(kind):
            yield from tell(record, world.now)


def _of_pass(one: IssuedPass, now: int) -> Iterator[Coming]:
    if one.cancelled is None:
        yield one.starts, "the pass begins", one
        yield one.expires, "the pass expires", one


def _of_lot(one: Lot, now: int) -> Iterator[Coming]:
    if one.remaining and one.expires is not None:
        yield one.expires, f"{one.remaining} credits expire", one


def _of_booking(one: Booking, now: int) -> Iterator[Coming]:
    if one.closed is None:
        if bookings.status(one, now) == "PENDING":
            yield bookings.confirms_at(one), f"{one.title}: the venue confirms", one
        yield one.starts, f"{one.title} begins", one
        yield one.ends, f"{one.title} ends", one


def _of_session(one: BookingSession, now: int) -> Iterator[Coming]:
    if one.used is None and one.ended is None:
        yield one.expires, "the session lapses", one


def _of_quote(one: Quote, now: int) -> Iterator[Coming]:
    if one.used is None:
        yield one.expires, "the quote lapses", one


def _of_code(one: AccessCode, now: int) -> Iterator[Coming]:
    if one.used is None:
        yield one.expires, "the access code expires", one


def _of_copay(one: CopayPurchase, now: int) -> Iterator[Coming]:
    if one.spent_on is None:
        yield one.valid_until, "the co-pay is over", one


def _of_lookup(one: Lookup, now: int) -> Iterator[Coming]:
    if one.verified is None:
        yield one.expires, "the lookup lapses", one


_TELLERS: tuple[tuple[type[Any], Callable[[Any, int], Iterator[Coming]]], ...] = (
    (IssuedPass, _of_pass),
    (Lot, _of_lot),
    (Booking, _of_booking),
    (BookingSession, _of_session),
    (Quote, _of_quote),
    (AccessCode, _of_code),
    (CopayPurchase, _of_copay),
    (Lookup, _of_lookup),
)
