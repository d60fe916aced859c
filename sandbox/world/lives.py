"""One person's life, told in the order it happened.

Every step asks what the API's rules would ask and leaves the records they would leave. What
does not work out (no visit left, too few credits, the room taken) simply did not happen.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from sandbox.domain import access_codes, copay, visits
from sandbox.domain.bookings import FREE_TO_CHANGE
from sandbox.domain.coverage import covering
from sandbox.domain.moments import (
    DAY,
    MINUTE,
    Millis,
    after,
    clock_time,
    day_text,
    end_of_day,
    months_in,
    plus_months,
)
from sandbox.domain.records import (
    AccessCode,
    Appointment,
    Booking,
    CheckIn,
    Client,
    CopayOption,
    CopayPurchase,
    CreditPackage,
    CreditPurchase,
    Hold,
    IssuedPass,
    Package,
    Payment,
    Provider,
    Record,
    Refund,
    Service,
)
from sandbox.world.chance import CAPITALS, CAPITALS_AND_DIGITS, invent_id, spell
from sandbox.world.people import PEOPLE, Person
from sandbox.world.purse import Purse
from sandbox.world.stage import Stage
from sandbox.world.town import House, Meeting

STUDIO_CANCELLED = "The studio cancelled the session"


class Treat(NamedTuple):
    """A service at a spa, at a moment counted from the world's first day."""

    house: House
    service: Service
    day: int
    at: int


class Step(NamedTuple):
    """Something done at a moment, which is counted from the world's first day."""

    at: int
    act: Callable[..., object]  # a method of Life, called with the moment and with these
    with_: tuple[Any, ...]


class Plan(NamedTuple):
    """A life before it is led: the same for every world of a seed, whatever the day."""

    person: Person
    began: int
    steps: tuple[Step, ...]


class Life:
    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage = stage
        self.person = person
        self.purse = Purse(stage.seed, person.id)
        self.passes: dict[str, IssuedPass] = {}
        self.packages: dict[str, Package] = {}
        self.bookings: dict[str, Booking] = {}
        self.copays: dict[str, CopayPurchase] = {}
        self.papers: dict[str, Record] = {}  # what never changes once written
        self._made: dict[str, int] = {}

    def tell(self, plan: Plan) -> list[Record]:
        """Does what was planned, and hands over what it left."""
        for step in plan.steps:
            step.act(self, Millis(self.stage.start + step.at), *step.with_)
        return [
            self._client(plan.began),
            *self.passes.values(),
            *self.bookings.values(),
            *self.copays.values(),
            *self.papers.values(),
            *self.purse.records,
        ]

    def _client(self, began: int) -> Client:
        person = self.person
        return Client(
            id=person.id,
            created=Millis(self.stage.start + began),
            nth=person.ordinal - PEOPLE,
            owner=person.account,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            phone=person.phone,
            credits_held=self.purse.held,
        )

    def _name(self, kind: str) -> tuple[str, int]:
        n = self._made.get(kind, 0)
        self._made[kind] = n + 1
        return invent_id(self.stage.seed, kind, self.person.id, n), n - 1000

    def _signed(self, now: Millis, nth: int) -> dict[str, Any]:
        """What everything she does has in common: when, and who for whom."""
        return {"created": now, "nth": nth, "owner": self.person.account, "client_id": self.person.id}

    # --- passes and credits ---

    def get_pass(self, now: Millis, package: Package, wait: int = 0) -> None:
        """A pass that begins after a while, or at once."""
        id_, nth = self._name("issued_pass")
        seed, starts = self.stage.seed, after(now, wait)
        pass_ = IssuedPass(
            id=id_,
            **self._signed(now, nth),
            package_id=package.id,
            starts=starts,
            expires=plus_months(starts, months_in(package.duration)),
            passcode=spell(seed, f"passcode/{id_}", CAPITALS_AND_DIGITS),
            passcode_created=now,
            transaction_id=invent_id(seed, "transaction", id_, 0),
            tx_ref="FLW-TXN-" + spell(seed, f"tx_ref/{id_}", CAPITALS),
        )
        self.passes[id_] = pass_
        self.packages[id_] = package
        granted = sum(rule.credit_allocated for rule in package.categories)
        if granted:
            self.purse.receive(now, granted, pass_.expires, ("grant", id_), f"Granted: {package.name}")

    def cancel_pass(self, now: Millis) -> None:
        pass_ = self._held(now)
        if pass_ is not None:
            self.passes[pass_.id] = replace(pass_, cancelled=now)

    def buy_credits(self, now: Millis, bundle: CreditPackage) -> None:
        id_, nth = self._name("credit_purchase")
        count = bundle.credits + bundle.bonus_credits
        expires = None if bundle.expires_in_days is None else after(now, bundle.expires_in_days * DAY)
        lot = self.purse.receive(now, count, expires, ("purchase", id_), f"Bought: {bundle.name}")
        self.papers[id_] = CreditPurchase(
            id=id_,
            **self._signed(now, nth),
            package_id=bundle.id,
            lot_id=lot.id,
            credits_added=count,
            price_kobo=bundle.price_kobo,
            expires=expires,
        )

    def be_given(self, now: Millis, count: int, why: str, lasts: int | None) -> None:
        expires = None if lasts is None else after(now, lasts)
        self.purse.receive(now, count, expires, ("adjustment", ""), why)

    def buy_copay(self, now: Millis, house: House, option: CopayOption) -> None:
        id_, nth = self._name("copay_purchase")
        self.copays[id_] = CopayPurchase(
            id=id_,
            **self._signed(now, nth),
            provider_id=house.provider.id,
            type="GYM",
            price_kobo=option.price_kobo,
            valid_until=plus_months(now, months_in(option.duration)),
            visits=option.visits,
        )

    # --- classes ---

    def book_class(self, now: Millis, house: House, met: Meeting, as_: str) -> bool:
        pass_ = self._held(now)
        if pass_ is None or as_ in self.bookings:
            return False
        class_, starts = met.timetable.class_, self.stage.starts(met)
        id_, nth = self._name("booking")
        if not self.stage.take_seat(met, self.person.id, id_):
            return False
        cost = class_.credit_cost if met.credit_cost is None else met.credit_cost
        payment = self._pay(now, pass_, house.provider, cost, lambda: _booked(class_.name, starts))
        if payment is None:
            self.stage.free_seat(met, self.person.id)
            return False
        self.bookings[as_] = Booking(
            id=id_,
            **self._signed(now, nth),
            first_name=self.person.first_name,
            last_name=self.person.last_name,
            type="class",
            provider_id=house.provider.id,
            provider_name=house.provider.name,
            title=class_.name,
            class_id=class_.id,
            instance_id=met.id,
            pass_id=pass_.id,
            starts=starts,
            ends=after(starts, class_.duration_minutes * MINUTE),
            payment=payment,
        )
        return True

    def cancel_class(self, now: Millis, met: Meeting, as_: str, reason: str) -> None:
        """By the client: what it took returns if she is six hours early. By the studio: always."""
        booking = self.bookings.get(as_)
        if booking is None or booking.closed is not None:
            return
        self.stage.free_seat(met, self.person.id)
        self._close(now, as_, reason, returns=_early(booking, now) or reason == STUDIO_CANCELLED)

    def move_class(self, now: Millis, house: House, met: Meeting, to: Meeting, as_: str) -> None:
        old = self.bookings.get(as_)
        if old is None or old.closed is not None or not _early(old, now):
            return
        if self.book_class(now, house, to, f"{as_}, moved"):
            self.stage.free_seat(met, self.person.id)
            self._give_back(now, old.payment, f"Rescheduled: {old.title}")
            self.bookings[as_] = replace(old, closed="RESCHEDULED", closed_at=now)

    # --- spas ---

    def book_spa(self, now: Millis, treat: Treat, as_: str) -> None:
        pass_, provider = self._held(now), treat.house.provider
        if pass_ is None:
            return
        id_, nth = self._name("booking")
        starts = Millis(self.stage.start + treat.at)
        ends = after(starts, treat.service.duration_minutes * MINUTE)
        hold = Hold(by=id_)
        wanted = Appointment(client_id=self.person.id, starts=starts, ends=ends, hold=hold)
        if not self.stage.take_room(treat.house, treat.day, wanted):
            return
        payment = self._pay_treat(now, pass_, treat, id_)
        if payment is None:
            self.stage.free_room(treat.house, treat.day, id_)
            return
        self.bookings[as_] = Booking(
            id=id_,
            **self._signed(now, nth),
            first_name=self.person.first_name,
            last_name=self.person.last_name,
            type="spa",
            provider_id=provider.id,
            provider_name=provider.name,
            title=treat.service.name,
            service_ids=(treat.service.id,),
            pass_id=pass_.id,
            starts=starts,
            ends=ends,
            payment=payment,
        )

    def _pay_treat(self, now: Millis, pass_: IssuedPass, treat: Treat, booking_id: str) -> Payment | None:
        """A visit or credits where the pass covers the spa, else a co-pay bought just before."""
        provider, service = treat.house.provider, treat.service
        if covering(self.packages[pass_.id], provider) is None:
            return self._pay_spa_copay(now, treat, booking_id)
        starts = self.stage.start + treat.at
        return self._pay(now, pass_, provider, service.credit_cost, lambda: _booked(service.name, starts))

    def _pay_spa_copay(self, now: Millis, treat: Treat, booking_id: str) -> Payment:
        id_, nth = self._name("copay_purchase")
        bought = Millis(now - 2 * MINUTE)
        price = copay.spa_amount(treat.house.provider, (treat.service,), bought)
        self.copays[id_] = CopayPurchase(
            id=id_,
            **self._signed(bought, nth),
            provider_id=treat.house.provider.id,
            type="SPA",
            price_kobo=price,
            valid_until=after(bought, copay.SPA_COPAY_LIVES),
            service_ids=(treat.service.id,),
            spent_on=booking_id,
        )
        return Payment(copay_id=id_, copay_kobo=price, payer=self.person.account)

    def cancel_spa(self, now: Millis, treat: Treat, as_: str) -> None:
        booking = self.bookings.get(as_)
        if booking is not None:
            self.stage.free_room(treat.house, treat.day, booking.id)
            self._close(now, as_, "", returns=_early(booking, now))

    # --- visits ---

    def check_in(self, now: Millis, house: House) -> None:
        pass_, provider = self._held(now), house.provider
        id_ = f"{self.person.id}:{provider.id}:{day_text(now)}"
        if pass_ is None or id_ in self.papers:
            return
        cost = provider.check_in_credit_cost
        payment = self._pay(now, pass_, provider, cost, lambda: f"Checked in: {provider.name}")
        if payment is None:
            return
        code = self._write_code(Millis(now - 3 * MINUTE), pass_, provider, used=now)
        _, nth = self._name("check_in")
        self.papers[id_] = CheckIn(
            id=id_,
            created=now,
            nth=nth,
            client_id=self.person.id,
            provider_id=provider.id,
            access_code_id=code.id,
            payment=payment,
        )

    def ask_for_code(self, now: Millis, house: House) -> None:
        """A code that was made and never shown at the door."""
        pass_ = self._held(now)
        if pass_ is not None and covering(self.packages[pass_.id], house.provider):
            self._write_code(now, pass_, house.provider)

    def _write_code(
        self, now: Millis, pass_: IssuedPass, provider: Provider, used: Millis | None = None
    ) -> AccessCode:
        id_, nth = self._name("access_code")
        code = AccessCode(
            id=id_,
            **self._signed(now, nth),
            provider_id=provider.id,
            pass_id=pass_.id,
            code=spell(self.stage.seed, f"code/{id_}", access_codes.ALPHABET, access_codes.LENGTH),
            expires=end_of_day(now),
            used=used,
        )
        self.papers[id_] = code
        return code

    # --- what pays, and its way back ---

    def _held(self, now: Millis) -> IssuedPass | None:
        """The pass she used then: the newest that had begun, was not over and not cancelled."""
        usable = (
            pass_
            for pass_ in reversed(self.passes.values())
            if pass_.starts <= now < pass_.expires and pass_.cancelled is None
        )
        return next(usable, None)

    def _pay(
        self, now: Millis, pass_: IssuedPass, provider: Provider, cost: int | None, what: Callable[[], str]
    ) -> Payment | None:
        package = self.packages[pass_.id]
        running = None if covering(package, provider) else self._running_copay(now, provider)
        if covering(package, provider) is None and running is None:
            return None
        if cost is not None:
            spent = self.purse.spend(now, cost, what())
            return None if spent is None else Payment(pass_id=pass_.id, credits=spent)
        if running is not None:
            self.copays[running.id] = replace(running, used=running.used + 1)
            return Payment(copay_id=running.id)
        taken = visits.take(pass_, package, provider.category, now)
        if taken is None:
            return None
        self.passes[pass_.id] = taken[0]
        return taken[1]

    def _running_copay(self, now: Millis, provider: Provider) -> CopayPurchase | None:
        bought = (one for one in self.copays.values() if one.provider_id == provider.id and one.type == "GYM")
        return next((one for one in bought if copay.runs(one, now)), None)

    def _close(self, now: Millis, as_: str, reason: str, *, returns: bool) -> None:
        booking = self.bookings[as_]
        refund = self._give_back(now, booking.payment, f"Cancelled: {booking.title}") if returns else Refund()
        self.bookings[as_] = replace(booking, closed="CANCELLED", closed_at=now, refund=refund, reason=reason)

    def _give_back(self, now: Millis, payment: Payment, why: str) -> Refund:
        if payment.category is not None:
            self.passes[payment.pass_id] = visits.give_back(self.passes[payment.pass_id], payment)
        elif payment.visits:
            purchase = self.copays[payment.copay_id]
            self.copays[purchase.id] = replace(purchase, used=purchase.used - 1)
        return Refund(
            visits_restored=payment.visits,
            credits_refunded=self.purse.take_back(now, payment.credits, why),
            amount_kobo=payment.copay_kobo,
        )


def _booked(name: str, starts: int) -> str:
    return f"Booked: {name}, {day_text(starts)} {clock_time(starts)}"


def _early(booking: Booking, now: int) -> bool:
    return now <= booking.starts - FREE_TO_CHANGE
