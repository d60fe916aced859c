"""What comes along when a record is placed: the seat of a booking, the ledger line of a lot.

A file states one fact; the records it touches follow here, by the same rules the API keeps, so
that what is placed is a state the API could have reached.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from sandbox.domain import visits
from sandbox.domain.moments import Millis, day_text, end_of_day, months_in, period_of, plus_months
from sandbox.domain.records import (
    AccessCode,
    CheckIn,
    Client,
    Instance,
    IssuedPass,
    Lot,
    Package,
    Provider,
    Record,
    StudioClass,
    Transaction,
)

R = TypeVar("R", bound=Record)
Attributes = dict[str, Any]
Acts = Mapping[str, Any]

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CAPITALS_AND_DIGITS = CAPITALS + "0123456789"


class Unfit(Exception):
    """A value that no record can have; `field` is the name the file gives it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class Desk:
    """Where records lie while a file is read: on top of what is there already."""

    def __init__(self, start: Millis, found: Callable[[type[Record], str], Record | None]) -> None:
        self.start = start
        self.placed: dict[tuple[type[Record], str], Record] = {}
        self._found = found

    def find(self, kind: type[R], id_: str) -> R | None:
        record = self.placed.get((kind, id_)) or self._found(kind, id_)
        return record if isinstance(record, kind) else None

    def known(self, kind: type[R], id_: str) -> R:
        """A record that was seen to exist before this was called."""
        record = self.find(kind, id_)
        assert record is not None
        return record

    def put(self, record: Record) -> None:
        self.placed[type(record), record.id] = record


# --- before the record is made: what its fields leave open ------------------------------------


def fill(desk: Desk, kind: type[Record], attributes: Attributes, acts: Acts, before: Record | None) -> None:
    """Completes the attributes of a record that is about to be made. Raises `Unfit`."""
    if filler := _FILLERS.get(kind):
        filler(desk, attributes, acts, before)


def _fill_instance(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    class_ = desk.find(StudioClass, attributes.get("class_id", ""))
    if class_ is not None:
        attributes.setdefault("duration_minutes", class_.duration_minutes)
    if "status" in acts:
        _set_cancelled(attributes, acts["status"], desk.start)
    if "spots_left" in acts:
        seats = len(before.seats) if isinstance(before, Instance) else 0
        taken = attributes.get("capacity", 0) - seats - acts["spots_left"]
        if taken < 0 or acts["spots_left"] < 0:
            most = attributes.get("capacity", 0) - seats
            raise Unfit("spots_left", f"{acts['spots_left']} spots cannot be left. Write 0 to {most}.")
        attributes["taken_elsewhere"] = taken


def _fill_issued_pass(desk: Desk, attributes: Attributes, acts: Acts, before: Record | None) -> None:
    client = desk.find(Client, attributes.get("client_id", ""))
    package = desk.find(Package, attributes.get("package_id", ""))
    if client is None or package is None or "starts" not in attributes:
        return  # the mistake is told elsewhere
    attributes["owner"] = client.owner
    span = months_in(package.duration)
    moved = isinstance(before, IssuedPass) and before.starts != attributes["starts"]
    if "expires" not in attributes or (moved and attributes["expires"] == getattr(before, "expires", None)):
        attributes["expires"] = plus_months(attributes["starts"], span)
    if before is None:
        _name_issued_pass(attributes)
        attributes.setdefault("created", min(attributes["starts"], desk.start))
        attributes.setdefault("passcode_created", attributes["created"])
    if "status" in acts:
        _set_cancelled(attributes, acts["status"], desk.start)
    if "sandbox.visits_used" in acts:
        attributes["used"] = _visits_used(attributes, package, acts["sandbox.visits_used"], desk.start)


def _name_issued_pass(attributes: Attributes) -> None:
    about = str(attributes.get("id"))
    attributes.setdefault("passcode", _spell(f"passcode/{about}", CAPITALS_AND_DIGITS))
    attributes.setdefault("transaction_id", f"txn_{about}")
    attributes.setdefault("tx_ref", "FLW-TXN-" + _spell(f"tx_ref/{about}", CAPITALS))


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


def _set_cancelled(attributes: Attributes, status: str, now: Millis) -> None:
    if status == "CANCELLED":
        attributes.setdefault("cancelled", now)
        attributes["cancelled"] = attributes["cancelled"] or now
    elif status in ("ACTIVE", "SCHEDULED"):
        attributes["cancelled"] = None
    else:
        raise Unfit("status", f"{status!r} follows from dates and visits. Write CANCELLED, or leave it out.")


def _fill_lot(_desk: Desk, attributes: Attributes, _acts: Acts, _before: Record | None) -> None:
    attributes.setdefault("source", "adjustment")
    if "granted" in attributes:
        attributes.setdefault("remaining", attributes["granted"])
    if not 0 <= attributes.get("remaining", 0) <= attributes.get("granted", 0):
        raise Unfit(
            "sandbox.remaining", f"Write 0 to {attributes.get('granted', 0)}, the credits of the lot."
        )


def _fill_check_in(desk: Desk, attributes: Attributes, acts: Acts, _before: Record | None) -> None:
    provider = desk.find(Provider, attributes.get("provider_id", ""))
    pass_ = desk.find(IssuedPass, acts.get("user_pass_id", ""))
    if pass_ is None or provider is None:
        raise Unfit("user_pass_id", "Name the issued pass that the visit was taken from.")
    at = attributes.setdefault("created", desk.start)
    package = desk.known(Package, pass_.package_id)
    taken = visits.take(pass_, package, provider.category, at)
    if taken is None:
        raise Unfit("user_pass_id", f"{pass_.id} has no {provider.category} visit left at that moment.")
    desk.put(taken[0])
    attributes["payment"] = taken[1]
    attributes["id"] = f"{attributes['client_id']}:{provider.id}:{day_text(at)}"
    attributes["access_code_id"] = f"code_{_spell(attributes['id'], CAPITALS)}"


_FILLERS: dict[type[Record], Callable[[Desk, Attributes, Acts, Record | None], None]] = {
    Instance: _fill_instance,
    IssuedPass: _fill_issued_pass,
    Lot: _fill_lot,
    CheckIn: _fill_check_in,
}


# --- after it is made: what else has to be written --------------------------------------------


def follow(desk: Desk, record: Record, acts: Acts, before: Record | None) -> None:
    """Writes what must not disagree with the record just placed."""
    if isinstance(record, Lot):
        _tell_ledger(desk, record, acts.get("sandbox.description", "Adjusted"), before)
    elif isinstance(record, CheckIn):
        _use_code(desk, record)


def _tell_ledger(desk: Desk, lot: Lot, why: str, before: Record | None) -> None:
    """CRED-9: the ledger sums to what is held, so every lot has its lines."""
    was_granted, was_left = (before.granted, before.remaining) if isinstance(before, Lot) else (0, 0)
    came, left = lot.granted - was_granted, lot.remaining - was_left
    for amount, what in ((came, why), (left - came, "Spent before")):
        if amount:
            _write_line(desk, lot, amount, what)
    client = desk.known(Client, lot.client_id)
    desk.put(replace(client, credits_held=client.credits_held + left))


def _write_line(desk: Desk, lot: Lot, amount: int, what: str) -> None:
    type_ = "CREDIT" if amount > 0 else "DEBIT"
    id_ = f"txn_{lot.id}_{type_.lower()}"
    while desk.find(Transaction, id_):
        id_ += "_more"
    desk.put(
        Transaction(
            id=id_,
            created=lot.created,
            client_id=lot.client_id,
            type=type_,  # type: ignore[arg-type]  # one of the two, see above
            amount=abs(amount),
            description=what,
            lot_id=lot.id,
        )
    )


def _use_code(desk: Desk, check_in: CheckIn) -> None:
    client = desk.known(Client, check_in.client_id)
    code = AccessCode(
        id=check_in.access_code_id,
        created=check_in.created,
        owner=client.owner,
        client_id=client.id,
        provider_id=check_in.provider_id,
        pass_id=check_in.payment.pass_id,
        code=_spell(f"code/{check_in.id}", CAPITALS_AND_DIGITS),
        expires=end_of_day(check_in.created),
        used=check_in.created,
    )
    desk.put(code)


def _spell(about: str, alphabet: str) -> str:
    """Eight characters that follow from what they are about."""
    chance = int.from_bytes(hashlib.blake2b(about.encode(), digest_size=8).digest())
    return "".join(alphabet[chance // len(alphabet) ** n % len(alphabet)] for n in range(8))
