"""The control protocol: what the API cannot do for a tester. docs/control-protocol.md describes it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from contract_tests.target import Unreachable, Wire
from contract_tests.verdict import Blocked

UTC = dt.UTC


class ControlRefused(Blocked):
    """The control API did not do what was asked."""


@dataclass(frozen=True, slots=True)
class Control:
    wire: Wire
    url: str
    token: str | None = None

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def ask(self, method: str, path: str, body: Any = None, *, may_refuse: bool = False) -> tuple[int, Any]:
        headers = {"Accept": "application/json", **self.authorization}
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            got = self.wire.send(method, self.url.rstrip("/") + path, headers, raw)
        except Unreachable as problem:
            raise ControlRefused(f"the control API is gone: {problem}") from problem
        answer = _parsed(got.body)
        if got.status >= 400 and not may_refuse:
            raise ControlRefused(f"control: {method} {path} answered {got.status} {_reason(answer)}")
        return got.status, answer

    def new_world(self, **fields: Any) -> World:
        _, made = self.ask("POST", "/worlds", fields)
        try:
            accounts = {account["name"]: account for account in made["accounts"]}
            keys = {name: str(account["api_key"]) for name, account in accounts.items()}
            ids = {name: str(account["id"]) for name, account in accounts.items()}
            return World(self, str(made["id"]), keys, ids)
        except (KeyError, TypeError) as problem:
            raise ControlRefused(
                f"control: POST /worlds answered without id and accounts: {made!r:.200}"
            ) from problem


@dataclass(frozen=True, slots=True)
class World:
    """A world of the suite's own: its keys, its clock, its people."""

    control: Control
    id: str
    keys: Mapping[str, str]
    account_ids: Mapping[str, str]

    def ask(self, method: str, path: str, body: Any = None, *, may_refuse: bool = False) -> tuple[int, Any]:
        return self.control.ask(method, f"/worlds/{self.id}{path}", body, may_refuse=may_refuse)

    def drop(self) -> None:
        self.ask("DELETE", "", may_refuse=True)

    # the clock

    def now(self) -> dt.datetime:
        _, clock = self.ask("GET", "/clock")
        return read_time(clock["now"])

    def freeze(self) -> dt.datetime:
        """Stops the clock, so that nothing in a test depends on how long it takes."""
        _, clock = self.ask("POST", "/clock", {"freeze": True})
        return read_time(clock["now"])

    def set(self, moment: dt.datetime | float) -> None:
        """To a moment; a number is epoch milliseconds."""
        if not isinstance(moment, dt.datetime):
            moment = dt.datetime.fromtimestamp(moment / 1000, UTC)
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.ask("POST", "/clock", {"set": text})

    def advance(self, **span: float) -> None:
        """`advance(minutes=15)`, `advance(days=1, hours=2)`."""
        self.ask("POST", "/clock", {"advance": _duration(dt.timedelta(**span))})

    # the other people of the story

    def messages(self, client_id: str) -> list[Mapping[str, Any]]:
        _, sent = self.ask("GET", "/messages?" + urlencode({"client_id": client_id}))
        return list(sent["data"])

    def code_sent_to(self, client_id: str) -> str:
        """The newest code this client was sent."""
        sent = [m for m in self.messages(client_id) if m.get("code")]
        if not sent:
            raise ControlRefused(f"control: no message with a code was sent to {client_id}")
        return str(max(sent, key=lambda m: str(m["at"]))["code"])  # of one moment the first: newest first

    def scan(self, access_code: str, provider_id: str) -> tuple[int, Mapping[str, Any]]:
        """The scanner at the door: (200, what it took) or (409, its error)."""
        status, answer = self.ask(
            "POST", "/check-ins", {"access_code": access_code, "provider_id": provider_id}, may_refuse=True
        )
        if status not in (200, 409):
            raise ControlRefused(f"control: POST /check-ins answered {status} {_reason(answer)}")
        return status, answer if status == 200 else dict(answer.get("error") or {})

    def account(self, name: str) -> Mapping[str, Any]:
        _, account = self.ask("GET", f"/accounts/{self.account_ids[name]}")
        return dict(account)

    def balance(self, name: str = "demo") -> int:
        return int(self.account(name)["balance"])

    def change_account(self, name: str, **fields: Any) -> None:
        self.ask("PATCH", f"/accounts/{self.account_ids[name]}", fields)

    def rotate_key(self, name: str) -> str:
        _, answer = self.ask("POST", f"/accounts/{self.account_ids[name]}/rotate-key", {})
        return str(answer["api_key"])

    def adjust(self, client_id: str, may_refuse: bool = False, **fields: Any) -> tuple[int, Any]:
        return self.ask("POST", f"/clients/{client_id}/credits/adjust", fields, may_refuse=may_refuse)

    def lots(self, client_id: str) -> Mapping[str, Any]:
        _, answer = self.ask("GET", f"/clients/{client_id}/credits")
        return dict(answer)

    def refund(self, purchase_id: str, reason: str = "asked for it") -> tuple[int, Mapping[str, Any]]:
        return self.ask(
            "POST", f"/credit-purchases/{purchase_id}/refund", {"reason": reason}, may_refuse=True
        )

    def draft_package(self, **fields: Any) -> str:
        _, package = self.ask("POST", "/credit-packages", fields)
        return str(package["id"])

    def publish(self, package_id: str) -> None:
        self.ask("POST", f"/credit-packages/{package_id}/publish", {})

    def archive(self, package_id: str) -> None:
        self.ask("POST", f"/credit-packages/{package_id}/archive", {})

    def change_instance(self, instance_id: str, **fields: Any) -> None:
        self.ask("PATCH", f"/class-instances/{instance_id}", fields)

    def change_booking(self, booking_id: str, **fields: Any) -> None:
        self.ask("PATCH", f"/bookings/{booking_id}", fields)


def read_time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _duration(span: dt.timedelta) -> str:
    return f"P{span.days}DT{span.seconds}S" if span.seconds or not span.days else f"P{span.days}D"


def _reason(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    return f"{error.get('code')}: {error.get('message')}" if isinstance(error, dict) else ""


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
