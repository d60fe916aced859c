"""The studio's back office and the reseller's dashboard: acts that no call of the API can do, each logged."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from sandbox.control import views
from sandbox.control.call import Call, Desk, Reply, listed
from sandbox.control.refusals import unknown
from sandbox.control.times import moment_of
from sandbox.domain import credits, studio
from sandbox.domain.records import (
    Account,
    Act,
    Booking,
    Client,
    CreditPackage,
    CreditPurchase,
    Instance,
    Record,
)

R = TypeVar("R", bound=Record)

SHOWN = 100
_PACKAGE_FIELDS = {"name": "name", "credits": "credits", "bonus_credits": "bonus_credits"} | {
    "amount": "price_kobo",
    "expires_in_days": "expires_in_days",
}
_ACCOUNT_FIELDS = {"enabled": "enabled", "lookup_enabled": "lookup_enabled", "balance": "balance_kobo"}


def _found(desk: Desk, kind: type[R], id_: str) -> R:
    record = desk.world.find(kind, id_)
    if record is None:
        raise unknown(kind.noun, id_)
    return record


def _why(call: Call) -> str:
    return str((call.body or {}).get("why", ""))


# --- credit packages ---


def list_credit_packages(call: Call, desk: Desk) -> Reply:
    every = sorted(desk.world.all(CreditPackage), key=lambda one: (one.created, one.nth), reverse=True)
    return listed([views.credit_package(one) for one in every])


def get_credit_package(call: Call, desk: Desk) -> Reply:
    return Reply(views.credit_package(_found(desk, CreditPackage, call.path["package"])))


def draft_credit_package(call: Call, desk: Desk) -> Reply:
    id_, nth = desk.world.name(CreditPackage)
    values = _renamed(call.body, _PACKAGE_FIELDS)
    draft = CreditPackage(id=id_, nth=nth, created=desk.world.now, state="DRAFT", **values)
    desk.world.put(draft)
    desk.log(call, "drafted a credit package", id_, _why(call))
    return Reply(views.credit_package(draft), 201)


def edit_credit_package(call: Call, desk: Desk) -> Reply:
    package = _found(desk, CreditPackage, call.path["package"])
    values = _renamed(call.body, _PACKAGE_FIELDS)
    return _changed_package(
        call,
        desk,
        replace(package, **values),
        "edited " + ", ".join(name for name in call.body if name in _PACKAGE_FIELDS),
    )


def publish_credit_package(call: Call, desk: Desk) -> Reply:
    package = _found(desk, CreditPackage, call.path["package"])
    return _changed_package(call, desk, replace(package, state="PUBLISHED"), "published")


def archive_credit_package(call: Call, desk: Desk) -> Reply:
    package = _found(desk, CreditPackage, call.path["package"])
    return _changed_package(call, desk, replace(package, state="ARCHIVED"), "archived")


def _changed_package(call: Call, desk: Desk, package: CreditPackage, what: str) -> Reply:
    desk.world.put(package)
    desk.log(call, what, package.id, _why(call))
    return Reply(views.credit_package(package))


# --- sessions of classes ---


def get_class_instance(call: Call, desk: Desk) -> Reply:
    return Reply(views.class_instance(desk.world, _found(desk, Instance, call.path["instance"])))


def change_class_instance(call: Call, desk: Desk) -> Reply:
    instance, body = _found(desk, Instance, call.path["instance"]), call.body
    if "credit_cost" in body:
        instance = studio.price_instance(desk.world, instance, body["credit_cost"])
        desk.log(call, f"priced at {body['credit_cost']} credits", instance.id, _why(call))
    if "capacity" in body:
        instance = studio.resize_instance(desk.world, instance, body["capacity"])
        desk.log(call, f"set the capacity to {body['capacity']}", instance.id, _why(call))
    if "status" in body:
        instance = studio.cancel_instance(desk.world, instance)
        desk.log(call, "cancelled the session", instance.id, _why(call))
    return Reply(views.class_instance(desk.world, instance))


# --- credits ---


def get_client_credits(call: Call, desk: Desk) -> Reply:
    return Reply(views.client_credits(desk.world, _found(desk, Client, call.path["client"])))


def adjust_client_credits(call: Call, desk: Desk) -> Reply:
    client, body = _found(desk, Client, call.path["client"]), call.body
    expires = moment_of(body["expires_at"], "body.expires_at") if "expires_at" in body else None
    credits.adjust(desk.world, client, body["amount"], body["reason"], expires)
    desk.log(call, f"adjusted credits by {body['amount']:+}", client.id, body["reason"])
    return Reply(views.client_credits(desk.world, _found(desk, Client, client.id)))


def refund_credit_purchase(call: Call, desk: Desk) -> Reply:
    bought = _found(desk, CreditPurchase, call.path["purchase"])
    refund = credits.refund_purchase(desk.world, bought, call.body["reason"])
    desk.log(call, f"refunded, {refund.voided} credits void", bought.id, call.body["reason"])
    return Reply({"used": refund.used, "voided": refund.voided, "balance": refund.balance})


# --- accounts ---


def list_accounts(call: Call, desk: Desk) -> Reply:
    return listed([views.account(*pair) for pair in desk.parts.worlds.accounts(desk.world)])


def get_account(call: Call, desk: Desk) -> Reply:
    return _shown_account(desk, _account(call, desk))


def change_account(call: Call, desk: Desk) -> Reply:
    account = _account(call, desk)
    changed = replace(account, **_renamed(call.body, _ACCOUNT_FIELDS))
    desk.world.put(changed)
    told = ", ".join(f"{name} to {value}" for name, value in call.body.items() if name in _ACCOUNT_FIELDS)
    desk.log(call, f"changed {told}", account.id, _why(call))
    return _shown_account(desk, changed)


def rotate_key(call: Call, desk: Desk) -> Reply:
    account = _account(call, desk)
    key = desk.parts.worlds.rotate_key(desk.rows, desk.state.id, account)
    desk.log(call, "rotated the key", account.id, _why(call))
    return Reply({"api_key": key})


def _account(call: Call, desk: Desk) -> Account:
    name = call.path["account"]
    found = desk.world.find(Account, name)
    if found is None:
        found = next((one for one in desk.world.all(Account) if one.name == name), None)
    if found is None:
        raise unknown("account", name, "GET …/accounts lists them.")
    return found


def _shown_account(desk: Desk, account: Account) -> Reply:
    keys = {owner: key for key, owner in desk.rows.keys(desk.state.id)}
    return Reply(views.account(account, keys.get(account.id)))


# --- bookings ---


def get_booking(call: Call, desk: Desk) -> Reply:
    return Reply(views.booking(_found(desk, Booking, call.path["booking"]), desk.world.now))


def change_booking(call: Call, desk: Desk) -> Reply:
    booking, body = _found(desk, Booking, call.path["booking"]), call.body
    if "no_show" in body:
        booking, what = studio.miss_booking(desk.world, booking), "marked as a no-show"
    elif body.get("status") == "COMPLETED":
        booking, what = studio.complete_booking(desk.world, booking), "completed"
    elif body.get("status") == "CONFIRMED":
        booking, what = studio.confirm_booking(desk.world, booking), "confirmed"
    else:
        what = "noted"
    desk.log(call, what, booking.id, _why(call))
    return Reply(views.booking(booking, desk.world.now))


# --- the log ---


def list_acts(call: Call, desk: Desk) -> Reply:
    every = list(desk.world.falling(Act))
    return listed([views.act(one) for one in every[: call.query.get("limit", SHOWN)]], len(every))


def _renamed(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[name]: value for name, value in body.items() if name in names}
