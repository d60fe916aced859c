"""The oracle of the walk along the links: what was told before, held against every later answer.

What it finds it keeps: raised inside Hypothesis it would be tried again, against a target whose state has
moved on. A finding names the sentence of WALK-2 that it breaks and, where there is one, the rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from contract_tests.api import Answer
from contract_tests.stock import Seat, Stock, Thing
from contract_tests.verdict import Broken
from contract_tests.walk.foresight import SECOND, End, Foresight
from contract_tests.walk.told import Booking, Client, Pass, Quote, Session, Step, Told, facts_in

TAKES, SAME, STATUS, BALANCE, LISTED, ENDS = (f"WALK-2.{n}" for n in range(1, 7))
# when an answer is not even of its own shape, which the standing promises say
MISREAD = (Broken, TypeError, ValueError, LookupError, AttributeError)
NAMES = ("first_name", "last_name", "email", "phone")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the target said that cannot be, and every requirement it breaks with that."""

    requirements: tuple[str, ...]
    broken: Broken


@dataclass(slots=True)
class Oracle:
    stock: Stock
    clock: Callable[[], int]
    alone: bool  # in a world of our own, whose clock stands still
    told: Told = field(default_factory=Told)
    findings: list[Finding] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)
    lost: bool = False  # once target and walk have parted, what follows says nothing

    def begin(self, seats: Iterable[Seat]) -> None:
        """Another scenario: new people, and nothing carried over but what was made."""
        self.told, self.lost = Told(made=self.told.made, seats={seat.id: seat for seat in seats}), False

    def foresee(self, step: Step) -> End | None:
        return Foresight(self.told, self.stock, self.clock, self.alone).of(step)

    def hear(self, step: Step, end: End | None, answer: Answer) -> None:
        if self.lost:
            return
        try:
            self._end(step, end, answer)
            if answer.succeeded:
                self._same(answer)
                hear = getattr(self, step.operation, None)
                if hear is not None:
                    hear(step, answer)
        except MISREAD:
            self.lost = True

    def moved_on(self) -> None:
        """The clock was moved: seats that others held may be free again."""
        self.told.spots.clear()

    def _holds(
        self, sentence: str, rule: str | None, kept: bool, expected: str, got: Any, answer: Answer
    ) -> None:
        if self.lost:
            return
        self.judged[sentence] += 1
        if not kept:
            names = (sentence, rule) if rule else (sentence,)
            self.findings.append(Finding(names, Broken(expected, str(got)[:240], answer.exchange)))
            self.lost = True

    def _end(self, step: Step, end: End | None, answer: Answer) -> None:
        if end is None:
            return
        code = answer.error.get("code")
        told = f"{step.operation} to end with {end.status} {end.code or ''}".rstrip()
        if code is not None and code == end.unless:
            return
        missing = answer.status == 404 and end.code is None
        self._holds(TAKES, None, not missing, f"{step.operation} to know what it was handed", code, answer)
        self._holds(ENDS, end.rule, answer.status == end.status, told, answer.in_words(), answer)
        if end.code is not None:
            self._holds(ENDS, end.code_rule, code == end.code, told, answer.in_words(), answer)

    def _same(self, answer: Answer) -> None:
        """Whatever an earlier answer said of a thing and this one says too, it says alike."""
        for thing, facts in facts_in(answer.body):
            known = self.told.facts.setdefault(thing, {})
            for name, value in facts.items():
                what = f"{name} of {thing[0]} {thing[1]} to be {known.get(name)!r}, as told before"
                self._holds(SAME, None, known.get(name, value) == value, what, repr(value), answer)
                known[name] = value

    def _asked(self, step: Step, answer: Answer) -> None:
        """The answer is about what the path names."""
        self._holds(SAME, None, answer["id"] == step.id, f"id to be {step.id}", answer["id"], answer)

    def _new(self, id_: str, answer: Answer) -> None:
        self._holds(SAME, None, id_ not in self.told.made, "an id never given before", id_, answer)
        self.told.made.add(id_)

    # passes

    def issue_pass(self, step: Step, answer: Answer) -> None:
        sent, package = step.sent, self._package(step.sent["pass_id"])
        self._new(answer["id"], answer)
        for name in ("client_id", "pass_id", *(["tx_ref"] if "tx_ref" in sent else [])):
            rule = "PASS-13.4" if name == "tx_ref" else None
            self._holds(SAME, rule, answer[name] == sent[name], f"{name} as sent", answer[name], answer)
        client = self.told.client(sent["client_id"])
        pass_ = Pass(
            answer["id"],
            client.id,
            package,
            answer["start_date"],
            answer["expires_at"],
            answer["passcode"],
        )
        self._pass_status(pass_, answer["status"], answer)
        client.passes.append(pass_)
        client.balance += sum(c.get("credit_allocated") or 0 for c in answer["categories"])
        client.names |= {name: sent[name] for name in NAMES if name in sent}
        self.told.passes[pass_.id] = pass_

    def _package(self, package_id: str) -> Thing:
        return next(p for p in self.stock.packages if p["id"] == package_id)

    def get_issued_pass(self, step: Step, answer: Answer) -> None:
        self._asked(step, answer)
        pass_ = self.told.passes.get(step.id)
        if pass_ is None:
            return
        what = f"expires_at to be {pass_.expires}, as last told"
        expires = answer["expires_at"]
        self._holds(SAME, "PASS-4.4", expires == pass_.expires, what, expires, answer)
        same = answer["passcode"] == pass_.passcode
        self._holds(SAME, "PASS-17.2", same, "the passcode told last", "another one", answer)
        self._pass_status(pass_, answer["status"], answer)

    def _pass_status(self, pass_: Pass, status: str, answer: Answer) -> None:
        due: tuple[str, ...]
        if pass_.cancelled:
            due, rule = ("CANCELLED",), "PASS-1.4"
        elif self.clock() >= pass_.expires:
            due, rule = ("EXPIRED",), "PASS-1.2"
        elif pass_.always_has_visits:
            due, rule = ("ACTIVE",), "PASS-1.1"
        else:
            due, rule = ("ACTIVE", "EXPIRED"), "PASS-1.1"
        what = f"status of {pass_.id} to be {' or '.join(due)}"
        self._holds(STATUS, rule, status in due, what, status, answer)

    def update_issued_pass(self, step: Step, answer: Answer) -> None:
        pass_ = self.told.passes.get(step.id)
        if pass_ is None:
            return
        self._asked(step, answer)
        pass_.cancelled = pass_.cancelled or step.sent.get("status") == "CANCELLED"
        self.told.client(pass_.client).names |= {n: step.sent[n] for n in NAMES if n in step.sent}

    def update_issued_pass_expiry(self, step: Step, answer: Answer) -> None:
        pass_ = self.told.passes.get(step.id)
        if pass_ is not None:
            self._asked(step, answer)
            pass_.expires = step.sent["expires_at"]

    def rotate_passcode(self, step: Step, answer: Answer) -> None:
        pass_, told = self.told.passes.get(step.id), answer["passcode_info"]
        if pass_ is not None:
            whose = told["issued_pass_id"]
            self._holds(SAME, None, whose == pass_.id, f"issued_pass_id to be {pass_.id}", whose, answer)
            fresh = told["passcode"] != pass_.passcode
            self._holds(SAME, "PASS-17.1", fresh, "a new passcode", "the old one", answer)
            pass_.passcode = told["passcode"]

    def get_client(self, step: Step, answer: Answer) -> None:
        self._asked(step, answer)
        client = self.told.clients.get(step.id)
        if client is None:
            return
        for name, value in client.names.items():
            what = f"{name} to be {value!r}, as given last"
            self._holds(SAME, "PASS-13.2", answer[name] == value, what, repr(answer[name]), answer)
        listed = {entry["id"]: entry for entry in answer["passes"]}
        for pass_ in client.passes:
            what = f"the pass {pass_.id} among the client's"
            self._holds(LISTED, "PASS-3.2", pass_.id in listed, what, sorted(listed), answer)
            self._pass_status(pass_, listed[pass_.id]["status"], answer)
        self._balance(client, answer["credit_balance"], None, answer)

    # classes

    def get_class(self, step: Step, answer: Answer) -> None:
        self._asked(step, answer)
        gym = self.stock.provider(answer["provider_id"])
        for instance in answer["instances"]:
            self._spots(instance, answer)
            self.told.spots[instance["id"]] = instance["spots_left"]
            if gym is not None:
                self.told.seats[instance["id"]] = Seat(instance, dict(answer.body), gym)

    def _spots(self, instance: Thing, answer: Answer) -> None:
        left, known = instance["spots_left"], self.told.spots.get(instance["id"])
        what = f"spots_left of {instance['id']} to be "
        kept = 0 <= left <= instance["capacity"]
        self._holds(BALANCE, None, kept, f"{what}0 to {instance['capacity']}", left, answer)
        if self.alone and known is not None:
            self._holds(BALANCE, "BOOK-25.1", left == known, f"{what}{known}", left, answer)

    def book_class(self, step: Step, answer: Answer) -> None:
        seat = self.told.seats.get(step.sent["class_instance_id"])
        if seat is None or step.token is not None:
            self._strange(seat)
            self.lost = self.lost or step.token is None
            return
        client = self.told.client(step.sent["client_id"])
        pass_ = self.told.passes.get(step.sent["user_pass_id"])
        earlier = self.told.holding(client, seat)
        for session in earlier:
            session.over = "replaced"
        self.told.take_spot(seat, 1 - len(earlier))
        self._class_shown(seat, answer)
        if answer.status == 201:
            self._book(answer["booking_id"], client, pass_, seat, answer)
        else:
            self._open_class(client, pass_, seat, answer)

    def _strange(self, seat: Seat | None) -> None:
        """Somebody of whom nothing is known took a seat or gave it back."""
        if seat is None:
            self.told.spots.clear()
        else:
            self.told.spots.pop(seat.id, None)

    def _class_shown(self, seat: Seat, answer: Answer) -> None:
        due = {
            "class_name": seat.class_.get("name"),
            "provider_name": seat.gym.get("name"),
            **{name: seat.instance.get(name) for name in ("date", "time", "scheduled_for")},
        }
        for name, value in due.items():
            what = f"{name} to be {value!r}, as of the instance booked"
            self._holds(SAME, "BOOK-1.1", answer[name] == value, what, repr(answer[name]), answer)

    def _book(self, id_: str, client: Client, pass_: Pass | None, seat: Seat, answer: Answer) -> None:
        self._new(id_, answer)
        cost = int(seat.instance.get("credit_cost") or 0)
        booking = Booking(
            id_, client, self.clock(), seat.starts * SECOND, "class", seat=seat, pass_=pass_, paid=cost
        )
        self._booking_status(booking, answer["status"], answer)
        client.balance -= cost
        gym = str(seat.gym["id"])
        if gym in client.copays and pass_ is not None and not pass_.covers(seat.gym):
            client.copays[gym] += 1
        client.bookings.append(booking)
        self.told.bookings[id_] = booking

    def _open_class(self, client: Client, pass_: Pass | None, seat: Seat, answer: Answer) -> None:
        self._new(answer["session_id"], answer)
        self.told.class_sessions[answer["session_id"]] = Session(
            answer["session_id"],
            client,
            answer["expires_at"] * SECOND,
            pass_,
            seat=seat,
            provider=seat.gym,
            copay_due=answer["copay_required"],
            visits_due=answer["additional_visits_required"],
            options=tuple(option["id"] for option in answer.get("copay_options") or []),
        )

    def confirm_class_booking(self, step: Step, answer: Answer) -> None:
        session = self.told.class_sessions.get(step.id)
        if session is None or session.seat is None:
            self._strange(None)
            return
        session.over, gym = "used", str(session.seat.gym["id"])
        if session.copay_due and not session.client.bought_copay(gym):
            session.client.copays[gym] = 0
        self._class_shown(session.seat, answer)
        self._book(answer["id"], session.client, session.pass_, session.seat, answer)

    def cancel_booking(self, step: Step, answer: Answer) -> None:
        self._asked(step, answer)
        booking = self.told.bookings.get(step.id)
        if booking is None:
            self._strange(None)
            return
        refund, due = answer["refund"]["credits_refunded"], booking.returns_at(self.clock())
        self._holds(BALANCE, "BOOK-10.2", refund == due, f"credits_refunded to be {due}", refund, answer)
        self._leave(booking, "CANCELLED")
        self._booking_status(booking, answer["status"], answer)

    def _leave(self, booking: Booking, status: str) -> None:
        booking.client.balance += booking.returns_at(self.clock())
        booking.ended = status
        if booking.seat is not None:
            self.told.take_spot(booking.seat, -1)

    def reschedule_booking(self, step: Step, answer: Answer) -> None:
        booking = self.told.bookings.get(step.id)
        to = self.told.seats.get(str(step.sent.get("class_instance_id")))
        if booking is None:
            self._strange(None)
            return
        self._leave(booking, "RESCHEDULED")
        if to is not None:
            for session in self.told.holding(booking.client, to):
                session.over = "replaced"
                self.told.take_spot(to, -1)
            self.told.take_spot(to, 1)
            self._class_shown(to, answer)
            self._book(answer["id"], booking.client, booking.pass_, to, answer)
        else:
            self._spa_booking(answer, booking.client, booking.pass_, booking.paid)

    def get_booking_status(self, step: Step, answer: Answer) -> None:
        self._asked(step, answer)
        booking = self.told.bookings.get(step.id)
        if booking is not None:
            self._booking_status(booking, answer["status"], answer)

    def _booking_status(self, booking: Booking, status: str, answer: Answer) -> None:
        due = booking.statuses(self.clock(), self.alone)
        rules = {"CANCELLED": "BOOK-9.2", "RESCHEDULED": "BOOK-12.2", "CONFIRMED": "BOOK-8.2"}
        what = f"status of {booking.id} to be {' or '.join(due)}"
        self._holds(STATUS, rules.get(due[-1], "BOOK-8.1"), status in due, what, status, answer)

    def list_client_bookings(self, step: Step, answer: Answer) -> None:
        client = self.told.clients.get(step.id)
        if client is None or step.token is not None:
            return
        wanted, kind = step.query.get("status"), step.query.get("type")
        if wanted is not None and not self.alone and wanted not in ("CANCELLED", "RESCHEDULED"):
            return
        fit = [
            booking
            for booking in reversed(client.bookings)
            if wanted in (None, *booking.statuses(self.clock(), self.alone)) and kind in (None, booking.kind)
        ]
        limit = int(step.query.get("limit", 10))
        due, told = [booking.id for booking in fit[:limit]], [item["id"] for item in answer.data]
        rule = "BOOK-1.5" if set(due) - set(told) else "PAGE-9.1" if set(due) == set(told) else "BOOK-25.8"
        self._holds(LISTED, rule, told == due, f"the bookings {due}", told, answer)
        more = answer["has_more"]
        self._holds(LISTED, "PAGE-6.1", more == (len(fit) > limit), "has_more to say so", more, answer)
        for item in answer.data:
            self._booking_status(self.told.bookings[item["id"]], item["status"], answer)

    # money

    def purchase_credits(self, step: Step, answer: Answer) -> None:
        client, added = self.told.client(step.sent["client_id"]), answer["credits_added"]
        package = next(
            (p for p in self.stock.all("list_credit_packages") if p["id"] == step.sent["package_id"]), None
        )
        self._new(answer["id"], answer)
        if package is not None:
            due = package["credits"] + package["bonus_credits"]
            self._holds(BALANCE, "CRED-1.1", added == due, f"credits_added to be {due}", added, answer)
        client.balance += added
        self._balance(client, answer["balance"], "CRED-1.3", answer)

    def get_client_credits(self, step: Step, answer: Answer) -> None:
        client = self.told.clients.get(step.id)
        if client is not None:
            self._balance(client, answer["balance"], "CRED-10.2", answer)

    def _balance(self, client: Client, balance: int, rule: str | None, answer: Answer) -> None:
        what = f"the balance of {client.id} to be {client.balance}"
        self._holds(BALANCE, rule, balance == client.balance, what, balance, answer)

    def quote_spa_copay(self, step: Step, answer: Answer) -> None:
        client, spa = self.told.clients.get(step.sent["client_id"]), self.stock.provider(step.id)
        self._new(answer["id"], answer)
        if client is not None and spa is not None:
            services = frozenset(step.sent["service_ids"])
            self.told.quotes[answer["id"]] = Quote(
                answer["id"], client, spa, services, answer["amount"], answer["expires_at"]
            )

    def purchase_copay(self, step: Step, answer: Answer) -> None:
        self._new(answer["copay_purchase_id"], answer)
        client = self.told.clients.get(step.sent["client_id"])
        if client is None:
            return
        quote = self.told.quotes.get(str(step.sent.get("quote_id")))
        if quote is not None:
            quote.used = True
            due = answer["amount"] == quote.amount
            self._holds(BALANCE, "COPAY-2.1", due, f"amount {quote.amount}", answer["amount"], answer)
            client.spa_copays.add((str(quote.provider["id"]), quote.services))
            return
        session = self.told.class_sessions.get(str(step.sent.get("session_id")))
        if session is not None:
            session.paid = True
        client.copays[str(answer["provider_id"])] = 0

    # access codes

    def create_access_code(self, step: Step, answer: Answer) -> None:
        if answer.status == 201:
            self._new(answer["id"], answer)
            return
        self._new(answer["session_id"], answer)
        client = self.told.clients.get(step.sent["client_id"])
        if client is not None and step.token is None:
            self.told.code_sessions[answer["session_id"]] = Session(
                answer["session_id"],
                client,
                answer["expires_at"],
                None,
                provider=self.stock.provider(step.sent["provider_id"]),
                copay_due=answer["copay_required"],
                visits_due=answer["additional_visits_required"],
                options=tuple(option["id"] for option in answer.get("copay_options") or []),
            )

    def confirm_access_code(self, step: Step, answer: Answer) -> None:
        self._new(answer["id"], answer)
        session = self.told.code_sessions.get(step.id)
        if session is None:
            return
        session.over, gym = "used", str(answer["provider_id"])
        if session.copay_due and not session.client.bought_copay(gym):
            session.client.copays[gym] = 0

    # spas

    def book_spa(self, step: Step, answer: Answer) -> None:
        client = self.told.clients.get(step.sent["client_id"])
        self._new(answer["session_id"], answer)
        if client is None or step.token is not None:
            return
        slot = (step.sent["provider_id"], answer["scheduled_for"])
        for session in self.told.spa_sessions.values():
            if session.client is client and session.slot == slot and not session.over:
                session.over = "replaced"
        self.told.spa_sessions[answer["session_id"]] = Session(
            answer["session_id"],
            client,
            answer["expires_at"] * SECOND,
            self.told.passes.get(step.sent["user_pass_id"]),
            provider=self.stock.provider(step.sent["provider_id"]),
            services=frozenset(step.sent["service_ids"]),
            copay_due=answer["copay_required"],
            credits=answer["credits_required"],
            slot=slot,
        )

    def confirm_spa_booking(self, step: Step, answer: Answer) -> None:
        session = self.told.spa_sessions.get(step.id)
        if session is None:
            return
        session.over = "used"
        if session.provider is not None:
            session.client.spa_copays.discard((str(session.provider["id"]), session.services))
        self._spa_booking(answer, session.client, session.pass_, session.credits)

    def _spa_booking(self, answer: Answer, client: Client, pass_: Pass | None, paid: int) -> None:
        self._new(answer["id"], answer)
        starts = answer["scheduled_for"] * SECOND
        booking = Booking(answer["id"], client, self.clock(), starts, "spa", pass_=pass_, paid=paid)
        client.balance -= paid
        self._booking_status(booking, answer["status"], answer)
        client.bookings.append(booking)
        self.told.bookings[booking.id] = booking

    # lookups

    def verify_lookup(self, step: Step, answer: Answer) -> None:
        self._asked(step, answer)
        status = answer["status"]
        self._holds(STATUS, "LOOK-1.1", status == "VERIFIED", "status to be VERIFIED", status, answer)
        self.told.verified.add(step.id)
