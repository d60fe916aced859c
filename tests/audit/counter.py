"""A desk with the steps the audit's tests share: booking, confirming, looking up, scanning, funds."""

from datetime import datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from sandbox.domain import check_ins, credits, studio
from sandbox.domain.moments import (
    BUSINESS_ZONE,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Millis,
    from_datetime,
    to_datetime,
)
from sandbox.domain.records import Account, Client, CreditPurchase, Instance, Message, Record
from sandbox.domain.resources import named
from tests.api.in_process import Desk, Told

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "Counter", "refused"]

R = TypeVar("R", bound=Record)


def refused(told: Told, status: int, code: str) -> bool:
    """Says what came instead, when it was something else."""
    came = (told.status, told.body.get("error", {}).get("code", told.body))
    assert came == (status, code), came
    return True


class Counter(Desk):
    # --- time -------------------------------------------------------------------------------

    def set_clock(self, text: str) -> None:
        """To a moment on the clocks of Lagos, `2026-09-21 17:00`."""
        moment = from_datetime(datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE))
        self.advance(moment - self.world().now)

    def to(self, moment: int) -> None:
        self.advance(moment - self.world().now)

    def day(self, ahead: int) -> str:
        return to_datetime(self.world().now + ahead * DAY).date().isoformat()

    # --- what is there ----------------------------------------------------------------------

    def find(self, kind: type[R], id_: str) -> R:
        found = self.world().find(kind, id_)
        assert found is not None, id_
        return found

    def change(self, kind: type[R], id_: str, **fields: Any) -> None:
        self.put(replace(self.find(kind, id_), **fields))

    def funds(self, name: str = "demo") -> int:
        return self.find(Account, f"acct_{name}").balance_kobo

    def status(self, pass_id: str) -> str:
        return str(self.get(f"/issued_passes/{pass_id}").body["status"])

    def balance(self, client_id: str) -> int:
        """The balance, which the ledger sums to at every moment (CRED-9)."""
        body = self.get(f"/clients/{client_id}/credits").body
        signs = {"CREDIT": 1, "DEBIT": -1}
        assert sum(signs[one["type"]] * one["amount"] for one in body["transactions"]) == body["balance"]
        return int(body["balance"])

    def seats(self, instance_id: str) -> int:
        class_id = self.find(Instance, instance_id).class_id
        told = self.get(f"/classes/{class_id}").body["instances"]
        return int({one["id"]: one["spots_left"] for one in told}[instance_id])

    # --- steps ------------------------------------------------------------------------------

    def issue(self, client_id: str, package: str, **more: Any) -> Told:
        body = {"pass_id": package, "client_id": client_id, "first_name": "Bola", "last_name": "Ade", **more}
        return self.post("/issued_passes", body)

    def book(self, instance_id: str, who: str, pass_id: str = "", **more: str) -> Told:
        body = {
            "class_instance_id": instance_id,
            "client_id": f"client_{who}",
            "first_name": "Bola",
            "last_name": "Ade",
            "user_pass_id": pass_id or f"brgpass_{who}",
        }
        return self.post("/bookings/class", body, **more)

    def booked(self, instance_id: str, who: str, pass_id: str = "") -> str:
        told = self.book(instance_id, who, pass_id)
        assert told.status == 201, told.body
        return str(told.body["booking_id"])

    def ask_spa(
        self, service_id: str, when: tuple[str, str], who: str, pass_id: str = "", **more: str
    ) -> Told:
        spa = "prov_luxe" if service_id == "svc_luxe_ritual" else "prov_zen"
        body = {
            "provider_id": spa,
            "service_ids": [service_id],
            "date": when[0],
            "time": when[1],
            "client_id": f"client_{who}",
            "first_name": "Bola",
            "last_name": "Ade",
            "user_pass_id": pass_id or f"brgpass_{who}",
        }
        return self.post("/bookings/spa", body, **more)

    def confirm(self, kind: str, session: Told, body: Any = None, **more: str) -> Told:
        assert session.status == 200, session.body
        root = "/access-codes" if kind == "access_code" else f"/bookings/{kind}"
        return self.post(f"{root}/{session.body['session_id']}/confirm", body, **more)

    def cancel(self, booking_id: str, **more: str) -> Told:
        return self.post(f"/bookings/{booking_id}/cancel", None, **more)

    def ask_code(self, who: str, provider_id: str, pass_id: str | None = None, **more: str) -> Told:
        body = {"client_id": f"client_{who}", "provider_id": provider_id}
        return self.post(
            "/access-codes", body if pass_id is None else body | {"user_pass_id": pass_id}, **more
        )

    def token(self, client_id: str = "client_partner", issuer: str = "iss_partner", key: str = "demo") -> str:
        opened = self.post("/lookups", {"issuer_id": issuer, "client_id": client_id}, key=key)
        assert opened.status == 201, opened.body
        body = {"access_code": self.code_sent()}
        told = self.post(f"/lookups/{opened.body['id']}/verify", body, key=key)
        return str(told.body["lookup_token"])

    def code_sent(self) -> str:
        with self.store.read() as rows:
            world = self.worlds.enter(rows, self.worlds.state(rows, "default"))
            return next(iter(world.falling(Message))).code

    # --- the studio's acts ------------------------------------------------------------------

    def scan(self, code: Told, provider_id: str) -> Any:
        with self.store.write("default") as rows:
            world = self.worlds.enter(rows, self.worlds.state(rows, "default"))
            accepted = check_ins.scan(world, code.body["access_code"], provider_id)
            world.write_out()
        return accepted

    def adjust(self, client_id: str, amount: int, expires: Millis | None = None) -> None:
        with self.store.write("default") as rows:
            world = self.worlds.enter(rows, self.worlds.state(rows, "default"))
            client = named(world, Client, client_id)
            credits.adjust(world, client, amount, "for the test", expires)
            world.write_out()

    def refund(self, purchase_id: str) -> credits.PurchaseRefund:
        with self.store.write("default") as rows:
            world = self.worlds.enter(rows, self.worlds.state(rows, "default"))
            bought = named(world, CreditPurchase, purchase_id)
            told = credits.refund_purchase(world, bought, "for the test")
            world.write_out()
        return told

    def cancel_instance(self, instance_id: str) -> None:
        with self.store.write("default") as rows:
            world = self.worlds.enter(rows, self.worlds.state(rows, "default"))
            studio.cancel_instance(world, named(world, Instance, instance_id))
            world.write_out()
