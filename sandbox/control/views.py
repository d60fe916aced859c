"""Records as the control API shows them. Times are RFC 3339; what the emulated API hides is shown."""

from typing import Any

from sandbox.control.times import told
from sandbox.domain import bookings, classes, copay, credits, passes, sessions, visits
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.books import Books
from sandbox.domain.lookup import WRONG_CODES_ALLOWED
from sandbox.domain.moments import months_in, period_of, plus_months, rfc3339
from sandbox.domain.records import (
    AccessCode,
    Account,
    Act,
    Booking,
    BookingSession,
    CategoryRule,
    CheckIn,
    Client,
    CopayPurchase,
    CreditPackage,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lookup,
    Lot,
    Message,
    Package,
    Payment,
    Quote,
    StudioClass,
)
from sandbox.domain.resources import named
from sandbox.world.world import World
from sandbox.world.worlds import Worlds

View = dict[str, Any]


# --- worlds and accounts ---


def world(worlds: Worlds, one: World) -> View:
    state = one.state
    return {
        "id": state.id,
        "seed": state.seed,
        "now": rfc3339(state.now),
        "running": state.clock.running,
        "scenario": scenario_name(state.scenario),
        "accounts": [account(*pair) for pair in worlds.accounts(one)],
        "ttl_seconds": state.ttl_seconds,
        "header_faults": state.header_faults,
        "made_at": rfc3339(state.made),
    }


def scenario_name(scenario: str | None) -> str | None:
    """A world may have been made from a document without a name; the state then holds its text."""
    return "a document" if scenario is not None and "\n" in scenario else scenario


def account(one: Account, api_key: str | None) -> View:
    return {
        "id": one.id,
        "name": one.name,
        "issuer_id": one.issuer_id,
        "api_key": api_key,
        "enabled": one.enabled,
        "lookup_enabled": one.lookup_enabled,
        "balance": one.balance_kobo,
        "currency": CURRENCY,
    }


def act(one: Act) -> View:
    return {
        "id": one.id,
        "at": rfc3339(one.created),
        "who": one.who,
        "what": one.what,
        "subject": one.subject,
        "why": one.why,
    }


# --- people ---


def message(one: Message) -> View:
    return {
        "id": one.id,
        "at": rfc3339(one.created),
        "client_id": one.client_id,
        "text": one.text,
        "code": one.code,
    }


def check_in(one: CheckIn) -> View:
    return {
        "id": one.id,
        "at": rfc3339(one.created),
        "client_id": one.client_id,
        "provider_id": one.provider_id,
        "visits_deducted": one.payment.visits,
        "credits_deducted": one.payment.credits_taken,
    }


def client(books: Books, one: Client) -> View:
    held = [
        {"id": pass_.id, "name": package.name, "status": passes.status(pass_, package, books.now)}
        for pass_, package in passes.of_client(books, one)
    ]
    return {**_client(one), "balance": credits.balance(books, one), "passes": held}


def _client(one: Client) -> View:
    return {
        "id": one.id,
        "account": one.owner,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "email": one.email,
        "phone": one.phone,
        "created_at": rfc3339(one.created),
    }


def details(one: Client) -> View:
    return _client(one)


# --- what is sold ---


def credit_package(one: CreditPackage) -> View:
    return {
        "id": one.id,
        "name": one.name,
        "credits": one.credits,
        "bonus_credits": one.bonus_credits,
        "amount": one.price_kobo,
        "currency": CURRENCY,
        "expires_in_days": one.expires_in_days,
        "state": one.state,
        "created_at": rfc3339(one.created),
    }


def class_instance(books: Books, one: Instance) -> View:
    class_ = named(books, StudioClass, one.class_id)
    seats = [
        {"client_id": client_id, "held_by": hold.by, "until": told(hold.until)}
        for client_id, hold in one.seats.items()
        if hold.alive(books.now)
    ]
    return {
        "id": one.id,
        "class_id": class_.id,
        "class_name": class_.name,
        "provider_id": class_.provider_id,
        "starts_at": rfc3339(one.starts),
        "ends_at": rfc3339(one.ends),
        "capacity": one.capacity,
        "spots_left": classes.spots_left(one, books.now),
        "taken_elsewhere": one.taken_elsewhere,
        "credit_cost": classes.credit_cost(one, class_),
        "credit_cost_override": one.credit_cost,
        "status": classes.status(one, books.now),
        "seats": seats,
    }


# --- credits ---


def client_credits(books: Books, one: Client) -> View:
    """The lots in the order they are spent, those that are used up behind them."""
    lots = [*books.rising(Lot, f"{one.id}/open"), *books.falling(Lot, f"{one.id}/spent")]
    ledger = [
        {
            "type": line.type,
            "amount": line.amount,
            "description": line.description,
            "at": rfc3339(line.moment),
        }
        for line in credits.ledger(books, one)
    ]
    return {
        "client_id": one.id,
        "balance": credits.balance(books, one),
        "lots": [_lot(lot, books.now) for lot in lots],
        "ledger": ledger,
    }


def _lot(one: Lot, now: int) -> View:
    return {
        "id": one.id,
        "source": one.source,
        "source_id": one.source_id,
        "granted": one.granted,
        "remaining": one.remaining,
        "expires_at": told(one.expires),
        "lapsed": one.expires is not None and now >= one.expires,
        "created_at": rfc3339(one.created),
    }


def credit_purchase(one: CreditPurchase) -> View:
    return {
        "id": one.id,
        "package_id": one.package_id,
        "credits": one.credits_added,
        "amount": one.price_kobo,
        "expires_at": told(one.expires),
        "refunded_at": told(one.refunded),
        "created_at": rfc3339(one.created),
    }


# --- what a client holds ---


def pass_in_hand(one: IssuedPass, package: Package, now: int) -> View:
    bought = [
        {
            "category": lot.category,
            "count": lot.count,
            "used": lot.used,
            "bought_at": rfc3339(lot.bought),
            "lapses_at": rfc3339(lot.lapses),
        }
        for lot in one.bought
    ]
    return {
        "id": one.id,
        "package_id": package.id,
        "name": package.name,
        "status": passes.status(one, package, now),
        "started": now >= one.starts,
        "starts_at": rfc3339(one.starts),
        "expires_at": rfc3339(one.expires),
        "cancelled_at": told(one.cancelled),
        "tx_ref": one.tx_ref,
        "price": package.price_kobo,
        "visits": [_visits(one, package, rule, now) for rule in package.categories],
        "bought": bought,
    }


def _visits(one: IssuedPass, package: Package, rule: CategoryRule, now: int) -> View:
    """The period that holds now; before the first one begins, the first."""
    period = max(period_of(one.starts, rule.duration, now), 0)
    step = months_in(rule.duration)
    return {
        "category": rule.type,
        "tiers": list(rule.tiers),
        "allowed": rule.visits_allowed,
        "used": one.used.get(f"{rule.type}:{period}", 0),
        "left": visits.left(one, package, rule.type, now),
        "period_starts_at": rfc3339(plus_months(one.starts, period * step)),
        "period_ends_at": rfc3339(plus_months(one.starts, (period + 1) * step)),
    }


def booking(one: Booking, now: int) -> View:
    refund = one.refund and {
        "visits": one.refund.visits_restored,
        "credits": one.refund.credits_refunded,
        "amount": one.refund.amount_kobo,
    }
    return {
        "id": one.id,
        "made_by": one.owner,
        "client_id": one.client_id,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "type": one.type,
        "status": bookings.status(one, now),
        "title": one.title,
        "provider_id": one.provider_id,
        "provider_name": one.provider_name,
        "class_id": one.class_id or None,
        "instance_id": one.instance_id or None,
        "service_ids": list(one.service_ids),
        "pass_id": one.pass_id,
        "starts_at": rfc3339(one.starts),
        "ends_at": rfc3339(one.ends),
        "created_at": rfc3339(one.created),
        "updated_at": rfc3339(bookings.updated(one, now)),
        "payment": _payment(one.payment),
        "no_show": one.no_show,
        "refund": refund,
        "reason": one.reason,
    }


def _payment(one: Payment) -> View:
    return {
        "visits": one.visits,
        "credits": one.credits_taken,
        "copay_id": one.copay_id or None,
        "copay_amount": one.copay_kobo,
        "pass_id": one.pass_id or None,
    }


def access_code(one: AccessCode, now: int) -> View:
    status = "USED" if one.used is not None else "EXPIRED" if now >= one.expires else "GOOD"
    return {
        "id": one.id,
        "code": one.code,
        "qr_code": _qr(one.code) if status == "GOOD" else None,
        "provider_id": one.provider_id,
        "made_by": one.owner,
        "status": status,
        "expires_at": rfc3339(one.expires),
        "used_at": told(one.used),
        "created_at": rfc3339(one.created),
    }


def _qr(text: str) -> str:
    import segno  # only who looks at a code pays for it

    return segno.make_qr(text, error="m").svg_data_uri(scale=4, border=4)


def copay_purchase(one: CopayPurchase, now: int) -> View:
    running = bool(copay.unspent(one, now)) if one.service_ids else copay.runs(one, now)
    return {
        "id": one.id,
        "type": one.type,
        "provider_id": one.provider_id,
        "amount": one.price_kobo,
        "visits": one.visits,
        "used": one.used,
        "service_ids": list(one.service_ids),
        "spent_on": one.spent_on,
        "running": running,
        "valid_until": rfc3339(one.valid_until),
        "created_at": rfc3339(one.created),
    }


def quote(one: Quote, now: int) -> View:
    return {
        "id": one.id,
        "provider_id": one.provider_id,
        "service_ids": list(one.service_ids),
        "amount": one.amount_kobo,
        "status": "USED" if one.used is not None else "EXPIRED" if now >= one.expires else "OPEN",
        "expires_at": rfc3339(one.expires),
        "created_at": rfc3339(one.created),
    }


def session(one: BookingSession, now: int) -> View:
    return {
        "id": one.id,
        "opens": one.opens,
        "provider_id": one.provider_id,
        "instance_id": one.instance_id or None,
        "service_ids": list(one.service_ids),
        "due": one.due,
        "status": sessions.status(one, now),
        "starts_at": told(one.starts or None),
        "expires_at": rfc3339(one.expires),
        "created_at": rfc3339(one.created),
    }


def lookup(one: Lookup, now: int) -> View:
    return {
        "id": one.id,
        "asked_by": one.owner,
        "status": _lookup_status(one, now),
        "wrong_attempts": one.wrong_attempts,
        "expires_at": rfc3339(one.expires),
        "created_at": rfc3339(one.created),
    }


def _lookup_status(one: Lookup, now: int) -> str:
    if one.verified is not None:
        return "VERIFIED"
    if one.wrong_attempts >= WRONG_CODES_ALLOWED:
        return "CLOSED"
    return "EXPIRED" if now >= one.expires else "PENDING"
