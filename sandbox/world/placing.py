"""What comes along when a record is placed: the seat of a booking, the ledger line of a lot.

A file states one fact; what it leaves open is filled in before the record is made, and the
records it touches follow after, by the same rules the API keeps. So what is placed is a state
the API could have reached.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sandbox.domain import copay, lookup, quotes
from sandbox.domain.clients import digest
from sandbox.domain.moments import Millis, after, months_in, period_of, plus_months
from sandbox.domain.passes import CAPITALS, CAPITALS_AND_DIGITS
from sandbox.domain.records import (
    AccessCode,
    Account,
    Booking,
    BookingSession,
    CheckIn,
    Client,
    CopayOption,
    CopayPurchase,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lookup,
    LookupToken,
    Lot,
    Message,
    Package,
    Provider,
    Quote,
    Record,
    Service,
    StudioClass,
)
from sandbox.world import placing_credits, placing_stays
from sandbox.world.dates import moment
from sandbox.world.desk import Acts, Attributes, Desk, Unfit, spell

__all__ = ["Desk", "Unfit", "fill", "follow"]

Fill: TypeAlias = Callable[[Desk, Attributes, Acts, Record | None], None]
Follow: TypeAlias = Callable[[Desk, Record, Acts, Record | None], None]


def fill(desk: Desk, kind: type[Record], attributes: Attributes, acts: Acts, before: Record | None) -> None:
    """Completes the attributes of a record that is about to be made. Raises `Unfit`."""
    if filler := _FILLERS.get(kind):
        filler(desk, attributes, acts, before)


def follow(desk: Desk, record: Record, acts: Acts, before: Record | None) -> None:
    """Writes what must not disagree with the record just placed. Raises `Unfit`."""
    if follower := _FOLLOWERS.get(type(record)):
        follower(desk, record, acts, before)


# --- instances ------------------------------------------------------------------------------


def _fill_instance(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    class_ = desk.known(StudioClass, attributes.get("class_id"), "class_id")
    attributes.setdefault("duration_minutes", class_.duration_minutes)
    if "status" in acts:
        _set_cancelled(attributes, acts["status"], desk.start)
    if "spots_left" in acts:
        held = len(before.seats) if isinstance(before, Instance) else 0
        most = attributes.get("capacity", 0) - held
        if not 0 <= acts["spots_left"] <= most:
            raise Unfit("spots_left", f"{acts['spots_left']} spots cannot be left. Write 0 to {most}.")
        attributes["taken_elsewhere"] = most - acts["spots_left"]


def _set_cancelled(attributes: Attributes, status: str, now: Millis) -> None:
    if status == "CANCELLED":
        attributes["cancelled"] = attributes.get("cancelled") or now
    elif status in ("ACTIVE", "SCHEDULED"):
        attributes["cancelled"] = None
    else:
        raise Unfit("status", f"{status!r} follows from dates and visits. Write CANCELLED, or leave it out.")


# --- passes ---------------------------------------------------------------------------------


def _fill_issued_pass(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    package = desk.known(Package, attributes.get("package_id"), "pass_id")
    if "starts" not in attributes:
        raise Unfit("start_date", "is missing. Write when the pass begins: '-15d 09:30'.")
    attributes["owner"] = client.owner
    if "expires" not in attributes or _moved(attributes, before):
        attributes["expires"] = plus_months(attributes["starts"], months_in(package.duration))
    if before is None:
        _name_issued_pass(attributes)
        attributes.setdefault("created", min(attributes["starts"], desk.start))
        attributes.setdefault("passcode_created", attributes["created"])
    if "status" in acts:
        _set_cancelled(attributes, acts["status"], desk.start)
    if "sandbox.visits_used" in acts:
        attributes["used"] = _visits_used(attributes, package, acts["sandbox.visits_used"], desk.start)
    if "sandbox.bought_visits" in acts:
        attributes["bought"] = [_bought(one, desk.start) for one in acts["sandbox.bought_visits"]]


def _moved(attributes: Attributes, before: Record | None) -> bool:
    """Its start was changed and its expiry was not: then that moves along."""
    if not isinstance(before, IssuedPass) or before.starts == attributes["starts"]:
        return False
    return bool(attributes["expires"] == before.expires)


def _name_issued_pass(attributes: Attributes) -> None:
    about = str(attributes.get("id"))
    attributes.setdefault("passcode", spell(f"passcode/{about}", CAPITALS_AND_DIGITS))
    attributes.setdefault("transaction_id", f"txn_{about}")
    attributes.setdefault("tx_ref", "FLW-TXN-" + spell(f"tx_ref/{about}", CAPITALS))


def _visits_used(
    attributes: Attributes, package: Package, used: Mapping[str, int], now: Millis
) -> dict[str, int]:
    """`{GYM: 8}` means eight in the period in which the world starts."""
    counters = dict(attributes.get("used", {}))
    for category, count in used.items():
        rule = next((rule for rule in package.categories if rule.type == category), None)
        if rule is None:
            own = " and ".join(rule.type for rule in package.categories)
            raise Unfit("sandbox.visits_used", f"{package.id} has no category {category}, but {own}.")
        counters[f"{category}:{period_of(attributes['starts'], rule.duration, now)}"] = count
    return counters


def _bought(written: Mapping[str, Any], now: Millis) -> Attributes:
    """`{category: GYM, count: 5, used: 2, bought: -3d, duration: MONTHLY}`: now, for a month, if not said."""
    bought = moment(written.get("bought", "now"), now)
    lapses = plus_months(bought, months_in(written.get("duration", "MONTHLY")))
    counts = {name: written[name] for name in ("category", "count", "used") if name in written}
    return {**counts, "bought": bought, "lapses": lapses}


# --- co-pays --------------------------------------------------------------------------------


def _fill_copay_purchase(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    """Of a gym by its option, of a spa by its services."""
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    if before is not None:
        return
    created = attributes.setdefault("created", desk.start)
    attributes.setdefault("owner", client.owner)
    if "copay_option_id" in acts:
        option = desk.known(CopayOption, acts["copay_option_id"], "copay_option_id")
        attributes.setdefault("type", "GYM")
        attributes.setdefault("provider_id", option.provider_id)
        attributes.setdefault("price_kobo", option.price_kobo)
        attributes.setdefault("visits", option.visits)
        attributes.setdefault("valid_until", plus_months(created, months_in(option.duration)))
    elif attributes.get("service_ids"):
        attributes.setdefault("type", "SPA")
        _price_services(desk, attributes)
        attributes.setdefault("valid_until", after(created, copay.SPA_COPAY_LIVES))
    else:
        raise Unfit("copay_option_id", "Name the copay_option_id of a gym, or service_ids under `sandbox:`.")


def _fill_quote(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    if before is not None:
        return
    created = attributes.setdefault("created", desk.start)
    attributes.setdefault("owner", client.owner)
    attributes["pass_id"] = desk.known(IssuedPass, acts.get("user_pass_id"), "user_pass_id").id
    _price_services(desk, attributes, "amount_kobo")
    attributes.setdefault("expires", after(created, quotes.LIVES))


def _price_services(desk: Desk, attributes: Attributes, price: str = "price_kobo") -> None:
    """COPAY-5: what they cost at that hour."""
    ids = attributes.get("service_ids") or []
    services = [desk.known(Service, id_, "service_ids") for id_ in ids]
    if not services:
        raise Unfit("service_ids", "Name the services it is for.")
    provider = desk.known(Provider, services[0].provider_id, "service_ids")
    attributes.setdefault("provider_id", provider.id)
    attributes.setdefault(price, copay.spa_amount(provider, services, attributes["created"]))


# --- lookups --------------------------------------------------------------------------------


def _fill_lookup(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    issuer = desk.known(Account, client.owner, "client_id")
    if acts.get("issuer_id", issuer.issuer_id) != issuer.issuer_id:
        raise Unfit("issuer_id", f"{client.id} is a client of {issuer.issuer_id}.")
    attributes["issuer"] = issuer.id
    if attributes.get("owner") in (None, issuer.id):
        raise Unfit(
            "sandbox.account", f"Name the account that looks {client.id} up: not {issuer.name} itself."
        )
    if before is None:
        created = attributes.setdefault("created", desk.start)
        attributes.setdefault("expires", after(created, lookup.CODE_LIVES))
        attributes.setdefault("code", spell(f"lookup/{attributes.get('id')}", "0123456789", 6))
    if "sandbox.lookup_token" in acts or acts.get("status") == "VERIFIED":
        attributes["verified"] = attributes.get("verified") or attributes["created"]


def _follow_lookup(desk: Desk, made: Record, acts: Acts, _before: Record | None) -> None:
    """The message that went to the client; and the token, where the file tells it."""
    assert isinstance(made, Lookup)
    desk.put(
        Message(
            id=f"msg_{made.id}",
            created=made.created,
            client_id=made.client_id,
            text=f"Your code is {made.code}.",
            code=made.code,
        )
    )
    if "sandbox.lookup_token" in acts:
        lives_until = acts.get("sandbox.token_expires_at")
        expires = moment(lives_until, desk.start) if lives_until else after(made.created, lookup.TOKEN_LIVES)
        token = LookupToken(
            id=digest(str(acts["sandbox.lookup_token"])),
            created=made.created,
            owner=made.owner,
            issuer=made.issuer,
            client_id=made.client_id,
            lookup_id=made.id,
            expires=expires,
        )
        desk.put(token)


_FILLERS: dict[type[Record], Fill] = {
    Instance: _fill_instance,
    IssuedPass: _fill_issued_pass,
    Lot: placing_credits.fill_lot,
    CreditPurchase: placing_credits.fill_purchase,
    CopayPurchase: _fill_copay_purchase,
    Quote: _fill_quote,
    Booking: placing_stays.fill_booking,
    BookingSession: placing_stays.fill_session,
    AccessCode: placing_stays.fill_code,
    CheckIn: placing_stays.fill_check_in,
    Lookup: _fill_lookup,
}

_FOLLOWERS: dict[type[Record], Follow] = {
    Lot: placing_credits.follow_lot,
    CreditPurchase: placing_credits.follow_purchase,
    Booking: placing_stays.follow_booking,
    BookingSession: placing_stays.follow_session,
    CheckIn: placing_stays.follow_check_in,
    Lookup: _follow_lookup,
}
