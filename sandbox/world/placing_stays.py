"""Placing bookings, sessions and check-ins: what takes a seat or a room, and a visit or credits."""

from msgspec.structs import replace

from sandbox.domain import access_codes, bookings, sessions, visits
from sandbox.domain.coverage import covering
from sandbox.domain.moments import MINUTE, after, day_of, day_text, end_of_day
from sandbox.domain.records import (
    AccessCode,
    Appointment,
    Booking,
    BookingSession,
    CheckIn,
    Client,
    CopayPurchase,
    Hold,
    Instance,
    IssuedPass,
    Package,
    Payment,
    Provider,
    Record,
    Refund,
    Service,
    SpaDay,
    Spent,
    StudioClass,
)
from sandbox.world.desk import Acts, Attributes, Desk, Unfit, spell
from sandbox.world.placing_credits import spend

# --- bookings -------------------------------------------------------------------------------


def fill_booking(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    if before is None:
        attributes.setdefault("created", desk.start)
        attributes.setdefault("owner", client.owner)
        attributes.setdefault("first_name", client.first_name)
        attributes.setdefault("last_name", client.last_name)
        attributes["pass_id"] = desk.known(IssuedPass, acts.get("user_pass_id"), "user_pass_id").id
        _say_where(desk, attributes)
    if "status" in acts:
        _close(desk, attributes, acts["status"])
    if before is None:
        attributes["payment"] = _take_payment(desk, attributes, acts)
        if attributes.get("closed") == "CANCELLED":
            attributes["refund"] = _refund(attributes)


def follow_booking(desk: Desk, booking: Record, _acts: Acts, _before: Record | None) -> None:
    """Its seat or room: taken while it is open, free once it was closed."""
    assert isinstance(booking, Booking)
    hold = Hold(by=booking.id) if booking.closed in (None, "COMPLETED") else None
    if booking.type == "class":
        seat(desk, booking.instance_id, booking.client_id, hold)
    else:
        room(desk, booking, hold)


def _say_where(desk: Desk, attributes: Attributes) -> None:
    """A class by its instance, a spa by its services and a time."""
    if attributes.get("instance_id"):
        instance = desk.known(Instance, attributes["instance_id"], "class_instance_id")
        class_ = desk.known(StudioClass, instance.class_id, "class_instance_id")
        provider = desk.known(Provider, class_.provider_id, "class_instance_id")
        attributes |= {"type": "class", "class_id": class_.id, "title": class_.name}
        attributes |= {"starts": instance.starts, "ends": instance.ends}
    else:
        services = _services(desk, attributes)
        provider = desk.known(Provider, services[0].provider_id, "service_ids")
        if "starts" not in attributes:
            raise Unfit("scheduled_for", "Say when: '+3d 10:00'.")
        minutes = sum(service.duration_minutes for service in services)
        attributes |= {"type": "spa", "title": ", ".join(service.name for service in services)}
        attributes["ends"] = after(attributes["starts"], minutes * MINUTE)
    attributes |= {"provider_id": provider.id, "provider_name": provider.name}


def _services(desk: Desk, attributes: Attributes) -> list[Service]:
    ids = attributes.get("service_ids") or []
    services = [desk.known(Service, id_, "service_ids") for id_ in ids]
    if not services:
        raise Unfit("class_instance_id", "Name a class_instance_id, or service_ids and scheduled_for.")
    return services


def _close(desk: Desk, attributes: Attributes, status: str) -> None:
    if status not in ("CANCELLED", "RESCHEDULED", "COMPLETED"):
        message = f"{status!r} follows from the clock. Write CANCELLED, RESCHEDULED, COMPLETED, or nothing."
        raise Unfit("status", message)
    attributes["closed"] = status
    attributes["closed_at"] = attributes.get("closed_at") or desk.start


def _take_payment(desk: Desk, attributes: Attributes, acts: Acts) -> Payment:
    """What the file says paid: credits, a co-pay, else a visit of the pass."""
    pass_ = desk.known(IssuedPass, attributes["pass_id"], "user_pass_id")
    provider = desk.known(Provider, attributes["provider_id"], "provider_id")
    returned = _returns(attributes)
    if "sandbox.spent" in acts:
        spent = tuple(Spent(lot_id=lot_id, amount=n) for lot_id, n in acts["sandbox.spent"].items())
        for part in () if returned else spent:
            spend(desk, part.lot_id, part.amount, (attributes["created"], f"Booked: {attributes['title']}"))
        return Payment(pass_id=pass_.id, credits=spent)
    if "sandbox.copay_purchase_id" in acts:
        return _use_copay(desk, attributes, acts["sandbox.copay_purchase_id"])
    return take_visit(desk, pass_, provider, attributes["created"], keep=not returned)


def _use_copay(desk: Desk, attributes: Attributes, copay_id: str) -> Payment:
    bought = desk.known(CopayPurchase, copay_id, "sandbox.copay_purchase_id")
    if bought.service_ids:
        desk.put(replace(bought, spent_on=attributes.get("id")))
        return Payment(copay_id=bought.id, copay_kobo=bought.price_kobo, payer=bought.owner)
    if not _returns(attributes):
        desk.put(replace(bought, used=bought.used + 1))
    return Payment(copay_id=bought.id)


def take_visit(desk: Desk, pass_: IssuedPass, provider: Provider, at: int, *, keep: bool = True) -> Payment:
    package = desk.known(Package, pass_.package_id, "user_pass_id")
    if covering(package, provider) is None:
        message = f"{pass_.id} does not cover {provider.id}. Say what paid instead, or take another pass."
        raise Unfit("user_pass_id", message)
    taken = visits.take(pass_, package, provider.category, at)
    if taken is None:
        raise Unfit("user_pass_id", f"{pass_.id} has no {provider.category} visit left at that moment.")
    if keep:
        desk.put(taken[0])
    return taken[1]


def _returns(attributes: Attributes) -> bool:
    """What was moved, or cancelled in time, gave back what it took (BOOK-10, BOOK-24)."""
    closed, closed_at = attributes.get("closed"), attributes.get("closed_at")
    in_time = closed_at is not None and closed_at <= attributes["starts"] - bookings.FREE_TO_CHANGE
    return closed == "RESCHEDULED" or (closed == "CANCELLED" and in_time)


def _refund(attributes: Attributes) -> Refund:
    payment: Payment = attributes["payment"]
    if not _returns(attributes):
        return Refund()
    return Refund(
        visits_restored=payment.visits,
        credits_refunded=payment.credits_taken,
        amount_kobo=payment.copay_kobo,
    )


# --- seats and rooms ------------------------------------------------------------------------


def seat(desk: Desk, instance_id: str, client_id: str, hold: Hold | None) -> None:
    instance = desk.known(Instance, instance_id, "class_instance_id")
    seats = {client: held for client, held in instance.seats.items() if client != client_id}
    if hold is not None:
        if instance.taken_elsewhere + len(seats) >= instance.capacity:
            raise Unfit("class_instance_id", f"{instance.id} is full: no seat is left to place this on.")
        seats[client_id] = hold
    desk.put(replace(instance, seats=seats))


def room(desk: Desk, stay: Booking | BookingSession, hold: Hold | None) -> None:
    services = [desk.known(Service, id_, "service_ids") for id_ in stay.service_ids]
    ends = after(stay.starts, sum(service.duration_minutes for service in services) * MINUTE)
    id_ = f"{stay.provider_id}:{day_of(stay.starts).isoformat()}"
    day = desk.find(SpaDay, id_) or SpaDay(id=id_, created=desk.start)
    others = tuple(one for one in day.appointments if one.hold.by != stay.id)
    if hold is not None:
        mine = Appointment(client_id=stay.client_id, starts=stay.starts, ends=ends, hold=hold)
        others = (*others, mine)
    desk.put(replace(day, appointments=others))


# --- sessions -------------------------------------------------------------------------------


def fill_session(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    if before is None:
        created = attributes.setdefault("created", desk.start)
        attributes.setdefault("owner", client.owner)
        attributes["first_name"], attributes["last_name"] = client.first_name, client.last_name
        attributes["pass_id"] = desk.known(IssuedPass, acts.get("user_pass_id"), "user_pass_id").id
        _say_what_opens(desk, attributes)
        attributes.setdefault("expires", sessions.end(attributes["opens"], created))
    attributes["expires"] = sessions.as_told(attributes["opens"], attributes["expires"])
    if acts.get("copay_required"):
        attributes["due"] = "COPAY"
    elif acts.get("additional_visits_required"):
        attributes["due"] = "VISITS"


def _say_what_opens(desk: Desk, attributes: Attributes) -> None:
    if attributes.get("instance_id") or attributes.get("service_ids"):
        place: Attributes = dict(attributes)
        _say_where(desk, place)
        attributes["opens"] = place["type"]
        attributes |= {name: place[name] for name in ("provider_id", "starts")}
        attributes["class_id"] = place.get("class_id", "")
    else:
        attributes["opens"] = "access_code"
        desk.known(Provider, attributes.get("provider_id"), "provider_id")


def follow_session(desk: Desk, session: Record, _acts: Acts, _before: Record | None) -> None:
    """It holds its seat or room until it lapses (BOOK-4); one that was confirmed holds none."""
    assert isinstance(session, BookingSession)
    hold = Hold(by=session.id, until=session.expires) if session.used is None else None
    if session.opens == "class":
        seat(desk, session.instance_id, session.client_id, hold)
    elif session.opens == "spa":
        room(desk, session, hold)


# --- codes and check-ins --------------------------------------------------------------------


def fill_code(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    if before is None:
        created = attributes.setdefault("created", desk.start)
        attributes.setdefault("owner", client.owner)
        attributes.setdefault("expires", end_of_day(created))
        attributes.setdefault("code", _spell_code(f"code/{attributes.get('id')}"))
        attributes["pass_id"] = desk.known(IssuedPass, acts.get("user_pass_id"), "user_pass_id").id


def fill_check_in(desk: Desk, attributes: Attributes, acts: Acts, _before: Record | None) -> None:
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    provider = desk.known(Provider, attributes.get("provider_id"), "provider_id")
    pass_ = desk.known(IssuedPass, acts.get("user_pass_id"), "user_pass_id")
    at = attributes.setdefault("created", desk.start)
    id_ = f"{client.id}:{provider.id}:{day_text(at)}"
    if desk.find(CheckIn, id_) is not None:
        raise Unfit("sandbox.at", f"{client.id} checked in at {provider.id} that day already.")
    attributes["payment"] = take_visit(desk, pass_, provider, at)
    attributes["id"] = id_
    attributes["access_code_id"] = f"code_{spell(id_, access_codes.ALPHABET)}"


def follow_check_in(desk: Desk, check_in: Record, _acts: Acts, _before: Record | None) -> None:
    """The code that was scanned."""
    assert isinstance(check_in, CheckIn)
    client = desk.known(Client, check_in.client_id, "client_id")
    desk.put(
        AccessCode(
            id=check_in.access_code_id,
            created=check_in.created,
            owner=client.owner,
            client_id=client.id,
            provider_id=check_in.provider_id,
            pass_id=check_in.payment.pass_id,
            code=_spell_code(f"code/{check_in.id}"),
            expires=end_of_day(check_in.created),
            used=check_in.created,
        )
    )


def _spell_code(about: str) -> str:
    return spell(about, access_codes.ALPHABET, access_codes.LENGTH)
