"""The guide of the walk along the links: what no link hands over, it finds among what is there.

A link from an issued pass to a booking knows who books and not what. The guide knows what the target has on
its shelves and who the walk's people are, so that the step is one that a client might really take.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from contract_tests.api import Answer
from contract_tests.control import World
from contract_tests.given import Client, Given
from contract_tests.stock import LAGOS, Seat, Stock, Thing, Treatment, anything
from contract_tests.verdict import Blocked
from contract_tests.walk.told import Step, Told

DAY_MS = 86_400_000
SOON_MS = 90_000
GYMS, SEATS_A_GYM, SEATS_LOOKED_AT, TIMES_A_SPA = 5, 4, 240, 3
# what a walk leaves to the tests of lists, and what a start in the past or ahead would make of a pass
LEFT_OUT = {
    *("starting_after", "ending_before", "lat", "lon", "from", "to", "category", "tier", "city"),
    *("provider_id", "start_date", "status", "type", "service_ids"),
}
TAPPED_TWICE = {"purchase_copay", "confirm_class_booking", "confirm_spa_booking", "verify_lookup"}
CHANGE_A_PASS = {"update_issued_pass", "update_issued_pass_expiry", "rotate_passcode"}
GIVE_OR_TAKE = {"book_class", "confirm_class_booking", "cancel_booking", "reschedule_booking"}


@dataclass(frozen=True, slots=True)
class Shelves:
    """What there is to book and to buy, looked up once for a walk."""

    packages: list[Thing]
    seats: list[Seat]
    treatments: list[Treatment]
    credit_packages: list[Thing]
    stranger: Client | None = None  # another reseller's, to be looked up
    parts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, given: Given, parts: frozenset[str], stranger: Client | None) -> Shelves:
        """What the target does not have is not there, and the walk goes elsewhere."""
        stock = given.stock
        stock.package(anything, "at all")
        return cls(
            list(stock.packages),
            _seats(stock, None if "credits" in parts else False),
            _treatments(given) if "spa" in parts else [],
            list(stock.all("list_credit_packages")) if "credits" in parts else [],
            stranger,
            parts,
        )


def _seats(stock: Stock, priced: bool | None) -> list[Seat]:
    """A few instances at a few gyms, those with most to choose from first; one gym of each kind at least."""
    there: dict[str, list[Seat]] = {}
    for seat in itertools.islice(stock.seats(priced=priced), SEATS_LOOKED_AT):
        there.setdefault(str(seat.gym["id"]), []).append(seat)
    many = sorted(there.values(), key=lambda seats: -len(seats))
    kinds = {(s[0].gym.get("tier"), bool(s[0].gym.get("copay_available"))): s for s in reversed(many)}
    chosen = [*kinds.values(), *many]
    gyms = {str(seats[0].gym["id"]): seats for seats in chosen[: GYMS + len(kinds)]}
    return [seat for seats in gyms.values() for seat in _mixed(seats)[:SEATS_A_GYM]]


def _mixed(seats: list[Seat]) -> list[Seat]:
    """Those without a price and those with one in turn."""
    dear = [seat for seat in seats if seat.instance.get("credit_cost")]
    free = [seat for seat in seats if not seat.instance.get("credit_cost")]
    return [seat for pair in itertools.zip_longest(free, dear) for seat in pair if seat is not None]


def _treatments(given: Given) -> list[Treatment]:
    found: list[Treatment | None] = []
    for spa in given.stock.spas()[:4]:
        services = list(given.stock.services(spa)[:2])
        for chosen in [services[:1], services] if len(services) > 1 else [services] if services else []:
            found += [given.free_time(spa, chosen) for _ in range(TIMES_A_SPA)]
    return [treatment for treatment in found if treatment is not None]


@dataclass(slots=True)
class Guide:
    given: Given
    shelves: Shelves
    told: Callable[[], Told]
    clock: Callable[[], int]
    world: World | None = None

    @property
    def rng(self) -> random.Random:
        return self.given.rng

    def fill(self, step: Step) -> Step:
        """The step with what it lacks; what a link handed over stays."""
        query = {n: v for n, v in step.query.items() if n in step.handed or n not in LEFT_OUT}
        body = step.body
        if isinstance(body, Mapping):
            body = {n: v for n, v in body.items() if n in step.handed or n not in LEFT_OUT}
        step = replace(step, query=query, body=body)
        fill: Callable[[Step], Step] | None = getattr(self, f"_{step.operation}", None)
        return fill(step) if fill is not None else step

    def beginnings(self) -> list[Callable[[], Step]]:
        """People with a wide pass and a narrow one, classes and bookings, made as any client would."""
        packages, parts = sorted(self.shelves.packages, key=_width), self.shelves.parts
        for_whom = (packages[-1], self.rng.choice(packages), packages[0])
        classes = self.rng.sample(self.shelves.seats, min(3, len(self.shelves.seats)))
        spa_copays = {"spa", "copay"} <= parts and bool(self.shelves.treatments)
        cuts_short = self.world is not None and self.rng.random() < 0.5
        makes: list[tuple[Callable[[], Step], bool]] = [
            *((partial(self._issuing, package), True) for package in for_whom),
            *((partial(Step, "get_class", {"id": str(seat.class_["id"])}), True) for seat in classes),
            (partial(Step, "purchase_credits", body={}), bool(self.shelves.credit_packages)),
            (self._booking, True),
            (self._booking, True),
            (self._dear_booking, True),
            (self._moving, "reschedule" in parts),
            (partial(Step, "create_access_code", body={}), "access_codes" in parts),
            (partial(Step, "quote_spa_copay", {"id": ""}, body={}), spa_copays),
            (self._paying, spa_copays),
            (self._cutting_short, cuts_short),
        ]
        return [make for make, possible in makes if possible]

    def glances(self, step: Step, answer: Answer) -> list[Step]:
        """After what gives or takes a look at what it touched; now and then the client taps twice."""
        if not answer.succeeded:
            return []
        twice = step.operation in TAPPED_TWICE and self.rng.random() < 0.5
        booking = self.told().bookings.get(str(answer.get("booking_id") or answer.get("id")))
        looks = [replace(step, link=None)] * twice
        if step.operation in CHANGE_A_PASS:
            looks.append(Step("get_issued_pass", {"id": step.id}))
        if step.operation in GIVE_OR_TAKE and booking is not None:
            if self.shelves.credit_packages:
                looks.append(Step("get_client_credits", {"clientId": booking.client.id}))
            looks.append(Step("list_client_bookings", {"clientId": booking.client.id}))
            if booking.seat is not None:
                looks.append(Step("get_class", {"id": str(booking.seat.class_["id"])}))
        return looks

    def _issuing(self, package: Thing) -> Step:
        names = {"first_name": "Ifeoma", "last_name": "Contract"}
        return Step("issue_pass", body={"pass_id": package["id"], **names}, handed=frozenset({"pass_id"}))

    def _moving(self) -> Step:
        booking = next((b for b in self.told().bookings.values() if b.alive), None)
        return Step("reschedule_booking", {"id": booking.id if booking else "none"}, body={})

    def _paying(self) -> Step:
        """For the quote that costs most, if there is one."""
        quote = max(self.told().quotes.values(), key=lambda quote: quote.amount, default=None)
        who = {"client_id": quote.client.id, "provider_id": quote.provider["id"]} if quote else {}
        body = {**who, "quote_id": quote.id} if quote else {}
        return Step("purchase_copay", body=body, handed=frozenset(body))

    def _cutting_short(self) -> Step:
        pass_ = next(reversed(self.told().passes), "")
        return Step("update_issued_pass_expiry", {"id": pass_}, body={"expires_at": self.clock() + SOON_MS})

    def _booking(self) -> Step:
        return Step("book_class", body={"first_name": "Ifeoma", "last_name": "Contract"})

    def _dear_booking(self) -> Step:
        """By one who has credits, of a class that costs some."""
        step, rich = self._booking(), max(self.told().clients.values(), key=lambda c: c.balance, default=None)
        dear = [
            seat
            for seat in self.shelves.seats
            if rich is not None
            and rich.passes
            and 0 < (seat.instance.get("credit_cost") or 0) <= rich.balance
            if rich.passes[0].covers(seat.gym)
        ]
        if rich is None or not dear:
            return step
        who = {"client_id": rich.id, "user_pass_id": rich.passes[0].id}
        what = {"class_instance_id": self.rng.choice(dear).id}
        return replace(step, body={**step.sent, **who, **what}, handed=frozenset({*who, *what}))

    # who

    def _anybody(self, outside: Thing | None = None) -> dict[str, str]:
        """Somebody of ours, as a rule one who can do something, and a pass of hers: not one for `outside`."""
        told = self.told()
        passes = [p for p in told.passes.values() if not p.cancelled] or list(told.passes.values())
        if not passes:
            return {}
        outsiders = [p for p in passes if outside is not None and not p.covers(outside)]
        pass_ = self.rng.choice(outsiders if outsiders and self.rng.random() < 0.7 else passes)
        return {"client_id": pass_.client, "user_pass_id": pass_.id}

    def _with_people(self, step: Step, *, pass_: bool) -> Step:
        body = dict(step.sent)
        if "client_id" not in step.handed:
            body |= self._anybody()
        elif pass_ and "user_pass_id" not in step.handed:
            body |= self._pass_of(body["client_id"])
        if not pass_ and "user_pass_id" not in step.handed:
            body.pop("user_pass_id", None)
        return replace(step, body=body)

    def _pass_of(self, client_id: str) -> dict[str, str]:
        client, stranger = self.told().clients.get(client_id), self.shelves.stranger
        if stranger is not None and client_id == stranger.id:
            return {"user_pass_id": stranger.pass_id}
        return {"user_pass_id": self.rng.choice(client.passes).id} if client and client.passes else {}

    # passes

    def _issue_pass(self, step: Step) -> Step:
        known = list(self.told().clients)
        again = known and self.rng.random() < 0.3
        body = {
            **step.sent,
            "client_id": self.rng.choice(known) if again else self.given.new_id("walker"),
        }
        if "pass_id" not in step.handed:
            body["pass_id"] = self.rng.choice(self.shelves.packages)["id"]
        return replace(step, body=body)

    def _update_issued_pass(self, step: Step) -> Step:
        body = dict(step.sent)
        return replace(step, body=body if body else {"first_name": "Ngozi"})

    def _update_issued_pass_expiry(self, step: Step) -> Step:
        if "expires_at" in step.sent and self.clock() < step.sent["expires_at"] < self.clock() + DAY_MS:
            return step
        soon = self.world is not None and self.rng.random() < 0.6
        later = SOON_MS if soon else self.rng.randint(30, 700) * DAY_MS
        return replace(step, body={"expires_at": self.clock() + later})

    # classes

    def _book_class(self, step: Step) -> Step:
        step = self._with_people(step, pass_=True)
        if "class_instance_id" in step.handed or not self.shelves.seats:
            return step
        return replace(step, body={**step.sent, "class_instance_id": self.rng.choice(self.shelves.seats).id})

    def _reschedule_booking(self, step: Step) -> Step:
        booking = self.told().bookings.get(step.id)
        if booking is not None and booking.kind == "spa":
            free = self.rng.choice(self.shelves.treatments)
            return replace(step, body={"date": free.date, "time": free.time})
        choices = self.shelves.seats
        if booking is not None and booking.seat is not None and self.rng.random() < 0.9:
            gym = booking.seat.gym["id"]
            choices = [seat for seat in choices if seat.gym["id"] == gym] or [booking.seat]
        return replace(step, body={"class_instance_id": self.rng.choice(choices).id}) if choices else step

    def _confirm_class_booking(self, step: Step) -> Step:
        return replace(step, body={n: v for n, v in step.sent.items() if n in step.handed})

    _confirm_access_code = _confirm_class_booking

    def _list_client_bookings(self, step: Step) -> Step:
        query = dict(step.query)
        if self.rng.random() < 0.3:
            query["status"] = self.rng.choice(("CANCELLED", "RESCHEDULED", "PENDING"))
        return replace(step, query=query)

    # access codes and spas

    def _list_providers(self, step: Step) -> Step:
        spas = bool(self.shelves.treatments) and self.rng.random() < 0.5
        return replace(step, query={**step.query, **({"category": "SPA"} if spas else {})})

    def _create_access_code(self, step: Step) -> Step:
        step = self._with_people(step, pass_=self.rng.random() < 0.5)
        if "provider_id" in step.handed or not self.shelves.seats:
            return step
        gyms = [seat.gym for seat in self.shelves.seats]
        outside = [gym for gym in gyms if gym.get("copay_available") and not self._opens(step, gym)]
        gym = self.rng.choice(outside if outside and self.rng.random() < 0.3 else gyms)
        return replace(step, body={**step.sent, "provider_id": gym["id"]})

    def _opens(self, step: Step, gym: Thing) -> bool:
        client = self.told().clients.get(str(step.sent.get("client_id")))
        return client is None or any(pass_.covers(gym) for pass_ in client.passes)

    def _cancel_booking(self, step: Step) -> Step:
        known = list(self.told().bookings)
        return step if step.handed or not known else replace(step, path={"id": self.rng.choice(known)})

    _get_booking_status = _cancel_booking

    def _get_provider_availability(self, step: Step) -> Step:
        treatment = self._treatment_at(None)
        if "id" not in step.handed and treatment is not None:
            step = replace(step, path={"id": treatment.spa["id"]})
        date = dt.datetime.fromtimestamp(self.clock() / 1000, LAGOS) + dt.timedelta(
            days=self.rng.randint(1, 10)
        )
        return replace(step, query={**step.query, "date": date.date().isoformat()})

    def _quote_spa_copay(self, step: Step) -> Step:
        treatment = self._treatment_at(step.id if "id" in step.handed else None)
        if treatment is None:
            return self._with_people(step, pass_=False)
        if "client_id" not in step.handed:
            who = self._anybody(outside=treatment.spa)
            step = replace(step, body={**step.sent, "client_id": who.get("client_id", "nobody")})
        services = [str(service["id"]) for service in treatment.services]
        step = replace(step, body={n: v for n, v in step.sent.items() if n != "user_pass_id"})
        body = dict(step.sent) if "service_ids" in step.handed else {**step.sent, "service_ids": services}
        return replace(
            step, path=step.path if "id" in step.handed else {"id": treatment.spa["id"]}, body=body
        )

    def _book_spa(self, step: Step) -> Step:
        step = self._with_people(step, pass_=True)
        treatment = self._treatment_at(step.sent["provider_id"] if "provider_id" in step.handed else None)
        if treatment is None:
            return step
        fields = {n: v for n, v in treatment.fields().items() if n not in step.handed}
        return replace(step, body={**step.sent, **fields})

    def _treatment_at(self, spa: str | None) -> Treatment | None:
        free = [t for t in self.shelves.treatments if spa is None or t.spa["id"] == spa]
        return self.rng.choice(free) if free else None

    # money

    def _purchase_credits(self, step: Step) -> Step:
        body = dict(step.sent)
        if "client_id" not in step.handed:
            body["client_id"] = self._anybody().get("client_id", "nobody")
        if "package_id" not in step.handed and self.shelves.credit_packages:
            body["package_id"] = self.rng.choice(self.shelves.credit_packages)["id"]
        return replace(step, body=body)

    def _purchase_copay(self, step: Step) -> Step:
        """Of its three kinds the one that the link is for."""
        body = {n: v for n, v in step.sent.items() if n in step.handed}
        if not body.keys() & {"quote_id", "session_id", "copay_option_id"}:
            body |= self._option()
        if "client_id" not in body:
            gym = self.given.stock.provider(str(body.get("provider_id")))
            body["client_id"] = self._anybody(outside=gym).get("client_id", "nobody")
        return replace(step, body=body)

    def _option(self) -> dict[str, str]:
        gyms = {s.gym["id"]: s.gym for s in self.shelves.seats if s.gym.get("copay_available")}
        offered = [option for gym in gyms.values() for option in self.given.stock.options(gym)]
        if not offered:
            return {}
        option = self.rng.choice(offered)
        return {"provider_id": option["provider_id"], "copay_option_id": option["id"]}

    # lookups

    def _initiate_lookup(self, step: Step) -> Step:
        stranger = self.shelves.stranger
        return step if stranger is None else replace(step, body={**step.sent, "client_id": stranger.id})

    def _verify_lookup(self, step: Step) -> Step:
        if self.world is None or self.shelves.stranger is None:
            return step
        try:
            return replace(step, body={"access_code": self.world.code_sent_to(self.shelves.stranger.id)})
        except Blocked:
            return step


def _width(package: Thing) -> tuple[bool, int]:
    """How much a package opens: without limit before with one, then by its categories and tiers."""
    categories = package.get("categories") or []
    limited = any(category.get("visits_allowed") is not None for category in categories)
    return not limited, sum(len(category.get("tiers") or []) for category in categories)
