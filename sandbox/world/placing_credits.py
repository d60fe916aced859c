"""Placing credits: a lot never comes without its ledger lines, a purchase never without its lot."""

from typing import Literal

from msgspec.structs import replace

from sandbox.domain.moments import DAY, Millis, after
from sandbox.domain.records import Client, CreditPackage, CreditPurchase, Lot, Record, Transaction
from sandbox.world.desk import Acts, Attributes, Desk, Unfit


def fill_lot(desk: Desk, attributes: Attributes, _acts: Acts, before: Record | None) -> None:
    attributes.setdefault("source", "adjustment")
    if before is None:
        attributes.setdefault("created", desk.start)
        attributes.setdefault("remaining", attributes.get("granted"))
    granted, remaining = attributes.get("granted"), attributes.get("remaining")
    if isinstance(granted, int) and granted < 0:
        raise Unfit("credits", f"is {granted}. Write how many credits the lot was given, 0 or more.")
    if isinstance(granted, int) and isinstance(remaining, int) and not 0 <= remaining <= granted:
        raise Unfit("sandbox.remaining", f"Write 0 to {granted}, the credits of the lot.")


def follow_lot(desk: Desk, lot: Record, acts: Acts, before: Record | None) -> None:
    """CRED-9: the ledger sums to what is held, so every change of a lot is a line of it."""
    assert isinstance(lot, Lot)
    was_granted, was_left = (before.granted, before.remaining) if isinstance(before, Lot) else (0, 0)
    came, left = lot.granted - was_granted, lot.remaining - was_left
    _write_line(desk, lot, came, acts.get("sandbox.description", "Adjusted"))
    _write_line(desk, lot, left - came, "Spent before")
    client = desk.known(Client, lot.client_id, "client_id")
    desk.put(replace(client, credits_held=client.credits_held + left))


def fill_purchase(desk: Desk, attributes: Attributes, _acts: Acts, before: Record | None) -> None:
    """What is left out follows from the package."""
    client = desk.known(Client, attributes.get("client_id"), "client_id")
    package = desk.known(CreditPackage, attributes.get("package_id"), "package_id")
    if before is not None:
        return
    created = attributes.setdefault("created", desk.start)
    attributes.setdefault("owner", client.owner)
    attributes.setdefault("credits_added", package.credits + package.bonus_credits)
    attributes.setdefault("price_kobo", package.price_kobo)
    if package.expires_in_days is not None:
        attributes.setdefault("expires", after(created, package.expires_in_days * DAY))
    attributes["lot_id"] = f"lot_{attributes.get('id')}"


def follow_purchase(desk: Desk, bought: Record, acts: Acts, before: Record | None) -> None:
    assert isinstance(bought, CreditPurchase)
    if before is None:
        package = desk.known(CreditPackage, bought.package_id, "package_id")
        _open_lot(desk, bought, acts, f"Bought: {package.name}")
    lot = desk.known(Lot, bought.lot_id, "id")
    if bought.refunded is not None and lot.remaining:
        _leave(desk, lot, 0, (bought.refunded, "Refunded"))


def spend(desk: Desk, lot_id: str, amount: int, what: tuple[Millis, str]) -> None:
    """Takes credits out of one lot, for something that is placed."""
    lot = desk.known(Lot, lot_id, "sandbox.spent")
    if not 0 < amount <= lot.remaining:
        raise Unfit("sandbox.spent", f"The lot {lot.id} has {lot.remaining} credits left. Write 1 to that.")
    _leave(desk, lot, lot.remaining - amount, what)


def _open_lot(desk: Desk, bought: CreditPurchase, acts: Acts, why: str) -> None:
    lot = Lot(
        id=bought.lot_id,
        created=bought.created,
        client_id=bought.client_id,
        source="purchase",
        source_id=bought.id,
        granted=bought.credits_added,
        remaining=acts.get("sandbox.remaining", bought.credits_added),
        expires=bought.expires,
    )
    if not 0 <= lot.remaining <= lot.granted:
        raise Unfit("sandbox.remaining", f"Write 0 to {lot.granted}, the credits of the purchase.")
    desk.put(lot)
    follow_lot(desk, lot, {"sandbox.description": why}, None)


def _leave(desk: Desk, lot: Lot, remaining: int, what: tuple[Millis, str]) -> None:
    left = replace(lot, remaining=remaining)
    desk.put(left)
    _write_line(desk, replace(left, created=what[0]), remaining - lot.remaining, what[1])
    client = desk.known(Client, lot.client_id, "client_id")
    desk.put(replace(client, credits_held=client.credits_held + remaining - lot.remaining))


def _write_line(desk: Desk, lot: Lot, amount: int, what: str) -> None:
    if not amount:
        return
    type_: Literal["CREDIT", "DEBIT"] = "CREDIT" if amount > 0 else "DEBIT"
    line = f"txn_{lot.id}_{type_.lower()}"
    n = 1
    while desk.find(Transaction, f"{line}_{n}"):
        n += 1
    desk.put(
        Transaction(
            id=f"{line}_{n}",
            created=lot.created,
            client_id=lot.client_id,
            type=type_,
            amount=abs(amount),
            description=what,
            lot_id=lot.id,
        )
    )
