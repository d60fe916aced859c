"""An integrator at her desk: the sandbox over HTTP, as curl would have it, and its clock within reach."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

API = "/v3/api/business/reseller"
WORLD = "/_sandbox/worlds/default"
DEMO, PARTNER = "sk_sandbox_demo", "sk_sandbox_partner"


@dataclass(frozen=True)
class Told:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.body["error"]["code"]

    @property
    def message(self) -> str:
        message = self.body["error"]["message"]
        assert isinstance(message, str)
        return message

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass(frozen=True)
class Integrator:
    http: FlaskClient
    key: str = DEMO

    def as_(self, key: str) -> "Integrator":
        return Integrator(self.http, key)

    def get(self, path: str, **headers: str) -> Told:
        return self._send("GET", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Told:
        return self._send("POST", path, body, headers)

    # --- the steps that stories share -------------------------------------------------------

    def issue(self, client_id: str, pass_id: str) -> str:
        """A pass for a client; its id."""
        order = {"pass_id": pass_id, "client_id": client_id, "first_name": "Bola", "last_name": "Ade"}
        told = self.post("/issued_passes", order)
        assert told.status == 201, told.body
        return str(told["id"])

    def book(self, instance_id: str, client_id: str, pass_id: str, **headers: str) -> Told:
        wish = {
            "class_instance_id": instance_id,
            "client_id": client_id,
            "first_name": "Ada",
            "last_name": "Obi",
            "user_pass_id": pass_id,
        }
        return self.post("/bookings/class", wish, **headers)

    def book_spa(
        self, place: tuple[str, str], when: tuple[str, str], who: tuple[str, str], **more: str
    ) -> Told:
        (provider_id, service_id), (date, time), (client_id, pass_id) = place, when, who
        wish = {
            "provider_id": provider_id,
            "service_ids": [service_id],
            "date": date,
            "time": time,
            "client_id": client_id,
            "first_name": "Ada",
            "last_name": "Obi",
            "user_pass_id": pass_id,
        }
        return self.post("/bookings/spa", wish, **more)

    def seats(self, instance_id: str) -> int:
        """`spots_left`, as the class shows it."""
        class_id = "class_" + instance_id.split("_")[1]
        shown = {one["id"]: one["spots_left"] for one in self.get(f"/classes/{class_id}")["instances"]}
        return int(shown[instance_id])

    def status(self, booking_id: str) -> str:
        return str(self.get(f"/bookings/{booking_id}")["status"])

    def credits(self, client_id: str) -> int:
        """The balance, which the ledger sums to."""
        told = self.get(f"/clients/{client_id}/credits")
        signed = {"CREDIT": 1, "DEBIT": -1}
        assert told["balance"] == sum(signed[one["type"]] * one["amount"] for one in told["transactions"])
        return int(told["balance"])

    # --- beyond the API: what a tester does -------------------------------------------------

    def funds(self) -> int:
        """What the business account holds, which only the control API tells."""
        name = {DEMO: "demo", PARTNER: "partner"}[self.key]
        return int(self._control("GET", f"/accounts/{name}")["balance"])

    def pass_time(self, duration: str) -> None:
        self._control("POST", "/clock", {"advance": duration})

    def set_clock(self, moment: str) -> None:
        self._control("POST", "/clock", {"set": moment})

    def begin(self) -> None:
        self._control("POST", "/reset")
        self._control("POST", "/clock", {"freeze": True})

    def scan(self, access_code: str, provider_id: str) -> Told:
        body = {"access_code": access_code, "provider_id": provider_id}
        return self._answer(self.http.post(WORLD + "/check-ins", json=body))

    def code_sent_to(self, client_id: str) -> str:
        """The lookup code on the client's phone."""
        return str(self._control("GET", f"/messages?client_id={client_id}")["data"][0]["code"])

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Authorization"] = f"Bearer {self.key}"
        return self._answer(self.http.open(API + path, method=method, json=body, headers=named))

    def _control(self, method: str, path: str, body: Any = None) -> Told:
        told = self._answer(self.http.open(WORLD + path, method=method, json=body))
        assert told.status < 300, told.body
        return told

    @staticmethod
    def _answer(response: Any) -> Told:
        return Told(response.status_code, response.get_json(), dict(response.headers))
