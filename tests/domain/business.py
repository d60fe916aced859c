"""The whole business as a machine that can be walked through at random.

Each step asks the rules for something and tells the reference what came of it; after each step
the two must agree, and whatever was refused must have changed nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar, cast

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from sandbox.domain import (
    access_codes,
    bookings,
    check_ins,
    class_bookings,
    classes,
    copay_purchases,
    credits,
    lookup,
    passes,
    quotes,
    rescheduling,
    spa,
    spa_bookings,
    studio,
)
from sandbox.domain.access_codes import CodeWish
from sandbox.domain.books import Caller
from sandbox.domain.class_bookings import ClassWish
from sandbox.domain.copay_purchases import GymOrder, PackageOrder, SpaOrder
from sandbox.domain.moments import DAY, HOUR, MINUTE, Millis, after, clock_time, day_of, day_text
from sandbox.domain.quotes import Question
from sandbox.domain.records import (
    AccessCode,
    Account,
    Booking,
    BookingSession,
    CheckIn,
    Client,
    CopayOption,
    CopayPurchase,
    CreditPackage,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lookup,
    Lot,
    Package,
    Payment,
    Provider,
    Quote,
    Record,
    Service,
    SpaDay,
    StudioClass,
)
from sandbox.domain.refusals import Refusal
from sandbox.domain.rescheduling import Move
from sandbox.domain.resources import named
from sandbox.domain.sales import Order
from sandbox.domain.spa_bookings import SpaWish
from tests.domain.paper_books import PaperBooks
from tests.domain.reference import SIX_HOURS, Copay, Entry, PurseLot, Reference, Slip, Stay, VisitBook
from tests.domain.small_town import ADA, DEMO, PARTNER, small_town

T = TypeVar("T")
R = TypeVar("R", bound=Record)

CLIENTS = {"client_ada": DEMO, "client_bola": DEMO, "client_partner": PARTNER}
TREATMENTS = {
    ("svc_massage",): "prov_zen",
    ("svc_facial", "svc_massage"): "prov_zen",
    ("svc_luxe_ritual",): "prov_luxe",
}
DOORS = ("prov_fitzone", "prov_fitzone", "prov_creditgym", "prov_ironhouse", "prov_zen", "prov_members_only")
PRICE_OF_A_VISIT = {"STANDARD": 350_000, "PREMIUM": 600_000}
JUMPS = (
    *(
        30_000,
        MINUTE,
        5 * MINUTE,
        11 * MINUTE,
        16 * MINUTE,
        HOUR,
        5 * HOUR,
        22 * HOUR,
        DAY,
        9 * DAY,
        31 * DAY,
    ),
    *(-MINUTE, -10 * MINUTE, -2 * HOUR, -DAY, -10 * DAY),
)
GONE = ("CANCELLED", "RESCHEDULED")

nth = st.integers(min_value=0, max_value=11)  # picks one of what there is
rarely = st.integers(min_value=0, max_value=11).map(lambda n: n == 11)
client_ids = st.sampled_from(sorted(CLIENTS))
treatments = st.sampled_from(sorted(TREATMENTS))
some_orders = st.builds(
    Order,
    copay_package_id=st.sampled_from(["copay_ironhouse_month", "copay_ironhouse_year", None]),
    number_of_visits=st.sampled_from([1, 2, None]),
    duration=st.sampled_from(["MONTHLY", "ANNUALLY", None]),
)


class Business(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books: PaperBooks = small_town()
        standard = named(self.books, Package, "pass_standard")
        one_a_month = replace(standard.categories[0], visits_allowed=1)
        self.books.put(replace(standard, categories=(one_a_month,)))  # so that visits soon run out
        self.reference = Reference({one.id: one.balance_kobo for one in self.every(Account)})
        self.purchased: dict[str, PurseLot] = {}
        self.confirmed: set[str] = set()  # sessions
        self.refusal = ""  # the code of the latest one
        self.token: str | None = None  # the demo reseller's, for the partner's client
        self.token_until = 0

    # --- how a step is taken

    def attempt(self, what: str, act: Callable[..., T], *args: Any) -> T | None:
        """What the act did, or None if it was refused: then nothing may have changed."""
        before = self.everything()
        refused: Refusal | None = None
        try:
            done = act(self.books, *args)
        except Refusal as refusal:
            refused = refusal
        if refused is None:
            self.reached(what)
            return done
        self.reached(f"{what}: {refused.code}")
        self.refusal = refused.code
        assert refused.leaves_trace or self.everything() == before, f"'{what}' was refused and left a trace"
        return None

    def attempt_for(
        self, client_id: str, what: str, act: Callable[..., T], caller: Caller, *args: Any
    ) -> T | None:
        """As above, for a client: only her own reseller may, or who holds a token that opens her."""
        done = self.attempt(what, act, caller, *args)
        assert done is None or self.may_reach(client_id, caller)
        return done

    def may_reach(self, client_id: str, caller: Caller) -> bool:
        if caller.lookup_token is None:
            return caller == CLIENTS[client_id]
        lookup_is_on = named(self.books, Account, PARTNER.account_id).lookup_enabled
        alive = caller.lookup_token == self.token and self.books.now < self.token_until
        return client_id == "client_partner" and alive and lookup_is_on

    def reached(self, what: str) -> None:
        REACHED[what] += 1

    def everything(self) -> tuple[dict[tuple[str, str], bytes], dict[tuple[str, str], int]]:
        """Down to the last byte, so that a mapping changed in place is seen too."""
        encoded = {key: msgspec.json.encode(record) for key, record in self.books.records.items()}
        return encoded, dict(self.books.counters)

    def every(self, kind: type[R]) -> list[R]:
        return [cast(R, one) for (name, _), one in self.books.records.items() if name == kind.kind]

    def one(self, kind: type[R], n: int) -> R | None:
        """One of the newest few of a kind."""
        newest = self.every(kind)[-5:]
        return newest[n % len(newest)] if newest else None

    def pass_of(self, client_id: str, n: int) -> IssuedPass:
        """Mostly one that can be used."""
        held = [one for one in self.every(IssuedPass) if one.client_id == client_id]
        usable = [one for one in held if passes.usable(one, self.books.now)]
        chosen = usable if usable and n != 11 else held
        return chosen[n % len(chosen)]

    def instance(self, n: int) -> Instance:
        """Mostly one that lies ahead."""
        every = self.every(Instance)
        ahead = [one for one in every if self.books.now < one.starts and one.cancelled is None]
        chosen = ahead[-4:] if ahead and n != 11 else every
        return chosen[n % len(chosen)]

    def session(self, n: int) -> BookingSession | None:
        """Mostly one that is still open."""
        every = self.every(BookingSession)
        open_ = [one for one in every if one.used is None and self.books.now < one.expires]
        chosen = open_ if open_ and n != 11 else every
        return chosen[n % len(chosen)] if chosen else None

    def booking(self, n: int) -> Booking | None:
        """Mostly one that still runs."""
        every = self.every(Booking)
        running = [one for one in every if one.closed is None and self.books.now < one.starts]
        chosen = running if running and n != 11 else every
        return chosen[n % len(chosen)] if chosen else None

    def caller(self, client_id: str, n: int) -> Caller:
        """Who may: the client's own reseller, or the other one with a token. Now and then who may not."""
        mine = CLIENTS[client_id]
        if n == 11:
            return PARTNER if mine is DEMO else DEMO
        if n % 2 and mine is PARTNER and self.token is not None:
            return Caller(DEMO.account_id, self.token)
        return mine

    def slot(self, days: int, half_hours: int) -> Millis:
        """A half hour of a day from today on. Lagos is an hour ahead, all year."""
        midnight = self.books.now - (self.books.now + HOUR) % DAY
        return Millis(midnight + days * DAY + half_hours * 30 * MINUTE)

    # --- what the reference is told

    def stay_of(self, made: Booking | BookingSession) -> Stay:
        if made.instance_id:
            instance = named(self.books, Instance, made.instance_id)
            class_ = named(self.books, StudioClass, instance.class_id)
            costs = [class_.credit_cost if instance.credit_cost is None else instance.credit_cost]
        else:
            costs = [named(self.books, Service, id_).credit_cost for id_ in made.service_ids]
        priced = [cost for cost in costs if cost is not None]
        return Stay(
            client_id=made.client_id,
            book=self.reference.visit_books[made.pass_id],
            provider=named(self.books, Provider, made.provider_id),
            cost=sum(priced) if priced else None,
            service_ids=frozenset(made.service_ids),
        )

    def enter(self, booking: Booking) -> None:
        """The reference pays on its own account; both must have paid alike."""
        slip = self.reference.pay(self.stay_of(booking), self.books.now, booking.payment.copay_id)
        self.compare(booking.payment, slip)
        self.reference.entries[booking.id] = Entry(slip, self.books.now, booking.starts, booking.ends)

    def compare(self, paid: Payment, slip: Slip) -> None:
        assert paid.visits == slip.visits
        assert [part.amount for part in paid.credits] == [amount for _, amount in slip.parts]
        assert paid.period == (slip.period[1] if slip.period else None)
        assert paid.bought_lapses == (slip.lot.lapses if slip.lot else None)
        assert paid.copay_kobo == slip.kobo
        self.reached(f"paid by {slip.way}")

    def close(self, booking: Booking, how: str, *, returns: bool) -> None:
        """Closed once, and what returns is all that was paid, or nothing."""
        entry = self.reference.entries[booking.id]
        assert entry.closed is None, f"{booking.id} was {entry.closed} and became {how}"
        entry.closed = how
        if returns:
            self.reference.give_back(entry.slip, self.reference.visit_books[booking.pass_id], self.books.now)
        refund = named(self.books, Booking, booking.id).refund
        if how == "CANCELLED":
            assert refund is not None
            given = (refund.visits_restored, refund.credits_refunded, refund.amount_kobo)
            paid = (entry.slip.visits, entry.slip.credits, entry.slip.kobo)
            assert given == (paid if returns else (0, 0, 0))

    def sold(self, account_id: str, kobo: int) -> None:
        self.reference.funds[account_id] -= kobo

    def note_copay(self, bought: CopayPurchase) -> None:
        kept = Copay(
            price=bought.price_kobo,
            payer=bought.owner,
            until=bought.valid_until,
            visits=1 if bought.service_ids else bought.visits,
            service_ids=frozenset(bought.service_ids),
        )
        self.reference.copays.setdefault((bought.client_id, bought.provider_id), {})[bought.id] = kept
        self.sold(bought.owner, bought.price_kobo)

    def note_visits(self, before: IssuedPass, session: BookingSession) -> None:
        """What was added to the pass has been paid for."""
        provider = named(self.books, Provider, session.provider_id)
        known = {(lot.bought, lot.lapses): lot.count for lot in before.bought}
        for lot in named(self.books, IssuedPass, before.id).bought:
            added = lot.count - known.get((lot.bought, lot.lapses), 0)
            if added:
                duration = "MONTHLY" if lot.lapses - lot.bought <= 31 * DAY else "ANNUALLY"
                self.reference.visit_books[before.id].buy(lot.category, added, duration, self.books.now)
                self.sold(session.owner, added * PRICE_OF_A_VISIT[provider.tier])
                self.reached("visits bought")

    # --- passes

    @initialize()
    def open_for_business(self) -> None:
        for client_id, package_id in (
            ("client_ada", "pass_standard"),
            ("client_ada", "pass_spa"),
            ("client_bola", "pass_standard"),
            ("client_partner", "pass_standard"),
            ("client_partner", "pass_premium"),
        ):
            self.issue(client_id, package_id, 0)
        for class_id, hours in (
            ("class_hiit", 8),
            ("class_yoga", 5),
            ("class_yoga", 30),
            ("class_workshop", 90),
        ):
            self.schedule_instance(class_id, hours, 2)
        for client_id in CLIENTS:
            self.buy_credits(client_id, "cpkg_10_plus_2", 0)

    @rule(
        client_id=client_ids,
        package_id=st.sampled_from(["pass_standard", "pass_spa", "pass_premium"]),
        days=st.sampled_from([0, 0, -20, 1, -400]),
    )
    def issue(self, client_id: str, package_id: str, days: int) -> None:
        order = passes.Order(package_id, client_id, ADA, after(self.books.now, days * DAY))
        made = self.attempt("issue", passes.issue, CLIENTS[client_id], order)
        if made is None:
            return
        package = named(self.books, Package, package_id)
        self.reference.visit_books[made.id] = VisitBook(package, made.starts)
        self.sold(made.owner, package.price_kobo)
        granted = sum(category.credit_allocated for category in package.categories)
        if granted:
            self.reference.purse(client_id).add(granted, made.expires)

    @rule(n=nth, days=st.sampled_from([300, 40, 40, 1, -1]), cancel=rarely)
    def change_pass(self, n: int, days: int, cancel: bool) -> None:
        pass_ = self.one(IssuedPass, n)
        assert pass_ is not None
        caller = Caller(pass_.owner)
        if cancel:
            self.attempt("cancel pass", passes.cancel, caller, pass_.id, {})
        else:
            moved = after(self.books.now, days * DAY)
            self.attempt("move expiry", passes.move_expiry, caller, pass_.id, moved)

    # --- credits

    @rule(
        client_id=client_ids,
        package_id=st.sampled_from(["cpkg_10_plus_2", "cpkg_90_days", "cpkg_50", "cpkg_draft"]),
        n=nth,
    )
    def buy_credits(self, client_id: str, package_id: str, n: int) -> None:
        caller = self.caller(client_id, n)
        bought = self.attempt("buy credits", credits.purchase, caller, client_id, package_id)
        if bought is None:
            return
        package = named(self.books, CreditPackage, package_id)
        days = package.expires_in_days
        expires = None if days is None else self.books.now + days * DAY
        count = package.credits + package.bonus_credits
        self.purchased[bought.id] = self.reference.purse(client_id).add(count, expires)
        self.sold(bought.owner, package.price_kobo)

    @rule(n=nth)
    def refund_credits(self, n: int) -> None:
        bought = self.one(CreditPurchase, n)
        if bought is not None:
            self.refund(bought)

    def refund(self, bought: CreditPurchase) -> None:
        refund = self.attempt("refund", credits.refund_purchase, bought, "Moved away")
        if refund is None:
            return
        lot = self.purchased[bought.id]
        assert refund.used == lot.granted - lot.left
        assert refund.voided == (0 if lot.over(self.books.now) else lot.left)
        lot.left, lot.void = 0, True
        self.reference.funds[bought.owner] += bought.price_kobo
        assert refund.balance == self.reference.purse(bought.client_id).balance(self.books.now)

    @rule(client_id=client_ids, amount=st.integers(-6, 12), days=st.sampled_from([None, 1, 1, 40, 0]))
    def adjust_credits(self, client_id: str, amount: int, days: int | None) -> None:
        expires = None if days is None else after(self.books.now, days * DAY)
        lines = len(list(credits.ledger(self.books, named(self.books, Client, client_id))))
        adjusted = named(self.books, Client, client_id)
        self.attempt("adjust", credits.adjust, adjusted, amount, "For balance", expires)
        if len(list(credits.ledger(self.books, named(self.books, Client, client_id)))) == lines:
            return
        if amount > 0:
            self.reference.purse(client_id).add(amount, expires)
        else:
            self.reference.purse(client_id).spend(-amount, self.books.now)

    # --- the world around

    @rule(jump=st.sampled_from(JUMPS))
    def set_clock(self, jump: int) -> None:
        self.books.now = after(self.books.now, jump)

    @rule(n=nth, off=rarely, wrong=rarely)
    def meddle(self, n: int, off: bool, wrong: bool) -> None:
        """Empty or fill an account, or look up the partner's client."""
        if n < 4:
            self.set_funds(DEMO if n % 2 else PARTNER, 1_600_000 if n < 2 else 10**9)
        else:
            lookup.switch(self.books, PARTNER, not off)
            self.look_up(wrong=wrong)

    def set_funds(self, caller: Caller, kobo: int) -> None:
        self.books.put(replace(named(self.books, Account, caller.account_id), balance_kobo=kobo))
        self.reference.funds[caller.account_id] = kobo

    def look_up(self, *, wrong: bool) -> None:
        pending = self.attempt("look up", lookup.initiate, DEMO, "iss_partner", "client_partner")
        if pending is None:
            return
        code = f"{(int(pending.code) + 1) % 10**6:06}" if wrong else pending.code
        verified = self.attempt("verify", lookup.verify, DEMO, pending.id, code)
        assert (verified is None) is wrong
        assert named(self.books, Lookup, pending.id).wrong_attempts == int(wrong)
        if verified is not None:
            self.token, self.token_until = verified[1], self.books.now + 90 * DAY

    @rule(
        class_id=st.sampled_from(
            ["class_yoga", "class_yoga", "class_hiit", "class_workshop", "class_members"]
        ),
        hours=st.sampled_from([8, 3, 7, 30, 90]),
        seats=st.integers(1, 2),
        elsewhere=st.integers(0, 1),
    )
    def schedule_instance(self, class_id: str, hours: int, seats: int, elsewhere: int = 0) -> None:
        id_, order = self.books.name(Instance, class_id)
        starts = after(self.books.now, hours * HOUR)
        made = Instance(
            id=id_,
            nth=order,
            class_id=class_id,
            starts=starts,
            duration_minutes=60,
            capacity=seats + elsewhere,
            taken_elsewhere=elsewhere,
        )
        self.books.put(made)

    @rule(n=nth, cost=st.sampled_from([None, 3, 0]), capacity=st.integers(0, 3), cancel=rarely)
    def change_instance(self, n: int, cost: int | None, capacity: int, cancel: bool) -> None:
        instance = self.instance(n)
        if cancel:
            self.cancel_instance(instance)
        elif n % 2:
            self.attempt("price", studio.price_instance, instance, cost)
        else:
            self.attempt("resize", studio.resize_instance, instance, capacity)

    def cancel_instance(self, instance: Instance) -> None:
        entries = self.reference.entries
        held = [one for one in self.every(Booking) if one.instance_id == instance.id]
        running = [one for one in held if entries[one.id].closed is None]
        if self.attempt("cancel instance", studio.cancel_instance, instance) is not None:
            for booking in running:
                self.close(booking, "CANCELLED", returns=True)
                self.reached("cancelled by the studio")

    @rule(n=nth, act=st.sampled_from(["confirm", "confirm", "complete", "miss"]))
    def mark_booking(self, n: int, act: str) -> None:
        booking = self.booking(n)
        if booking is None:
            return
        acts: dict[str, Callable[..., Booking]] = {
            "confirm": studio.confirm_booking,
            "complete": studio.complete_booking,
            "miss": studio.miss_booking,
        }
        entry = self.reference.entries[booking.id]
        pending = entry.status(self.books.now) == "PENDING"
        if self.attempt(act, acts[act], booking) is None:
            return
        if act != "confirm":
            assert entry.closed not in GONE
            entry.closed = "COMPLETED"
        elif pending:
            entry.confirmed = self.books.now

    # --- bookings

    @rule(client_id=client_ids, i=nth, p=nth, n=nth, confirm=st.booleans())
    def book_class(self, client_id: str, i: int, p: int, n: int, confirm: bool) -> None:
        instance, pass_ = self.instance(i), self.pass_of(client_id, p)
        caller = self.caller(client_id, n)
        wish = ClassWish(instance.id, client_id, "Ada", "Obi", pass_.id)
        made = self.attempt_for(client_id, "book class", class_bookings.book, caller, wish)
        if isinstance(made, BookingSession):
            self.reached(f"class session: {made.due}")
            assert self.reference.way(self.stay_of(made), self.books.now) is None
            if confirm:
                self.confirm(made, Order("copay_ironhouse_month", 2, "MONTHLY"))
        elif made is not None:
            assert made.owner == caller.account_id
            self.enter(made)

    @rule(
        client_id=client_ids,
        wanted=treatments,
        when=st.tuples(st.integers(0, 2), st.integers(17, 42)),
        p=nth,
        n=nth,
    )
    def book_spa(
        self, client_id: str, wanted: tuple[str, ...], when: tuple[int, int], p: int, n: int
    ) -> None:
        starts = self.slot(*when)
        wish = SpaWish(
            provider_id=TREATMENTS[wanted],
            service_ids=list(wanted),
            date=day_text(starts),
            time=clock_time(starts),
            client_id=client_id,
            first_name="Ada",
            last_name="Obi",
            user_pass_id=self.pass_of(client_id, p).id,
        )
        free, hers = self.free_slot(wish, starts), self.holds_slot(client_id, starts)
        caller = self.caller(client_id, n)
        opened = self.attempt_for(client_id, "book spa", spa_bookings.book, caller, wish)
        if opened is None:
            assert not (free and self.refusal == "slot_unavailable"), "a slot shown as free was refused"
        else:
            assert free or hers, "a slot shown as taken was given away"
            way = self.reference.way(self.stay_of(opened), self.books.now)
            assert opened.due == ("COPAY" if way is None else "NOTHING")
            self.reached(f"spa session: {opened.due}")
            if way is not None and n % 2:
                self.confirm(opened, Order())

    def free_slot(self, wish: SpaWish, starts: Millis) -> bool:
        """Whether the availability shows the slot as free (BOOK-22)."""
        provider = named(self.books, Provider, wish.provider_id)
        services = [named(self.books, Service, id_) for id_ in wish.service_ids]
        return dict(spa.slots(self.books, provider, services, day_of(starts))).get(starts, False)

    def holds_slot(self, client_id: str, starts: Millis) -> bool:
        """An open session of her own is no obstacle to her (BOOK-18), though others see it."""
        sessions = self.every(BookingSession)
        return any(
            one.client_id == client_id and one.starts == starts and one.used is None for one in sessions
        )

    @rule(n=nth, order=some_orders)
    def confirm_one(self, n: int, order: Order) -> None:
        session = self.session(n)
        if session is not None:
            self.confirm(session, order)

    def confirm(self, session: BookingSession, order: Order) -> None:
        acts: dict[str, Callable[..., Booking | AccessCode]] = {
            "class": class_bookings.confirm,
            "access_code": access_codes.confirm,
            "spa": lambda books, caller, id_, _: spa_bookings.confirm(books, caller, id_),
        }
        pass_before = named(self.books, IssuedPass, session.pass_id)
        copays_before = {one.id for one in self.every(CopayPurchase)}
        act, caller = acts[session.opens], Caller(session.owner)
        made = self.attempt(f"confirm {session.opens}", act, caller, session.id, order)
        if made is None:
            return
        assert session.id not in self.confirmed, "confirmed twice"
        assert self.books.now < session.expires
        self.confirmed.add(session.id)
        for bought in self.every(CopayPurchase):
            if bought.id not in copays_before:
                self.note_copay(bought)
        self.note_visits(pass_before, session)
        if isinstance(made, Booking):
            assert made.owner == session.owner
            self.enter(made)

    @rule(n=nth, by_a_stranger=rarely)
    def cancel_booking(self, n: int, by_a_stranger: bool) -> None:
        booking = self.booking(n)
        if booking is None:
            return
        stranger = PARTNER if booking.owner == DEMO.account_id else DEMO
        made = self.cancel(booking, stranger if by_a_stranger else Caller(booking.owner))
        assert not (made and by_a_stranger)

    @rule(n=nth)
    def move_away(self, n: int) -> None:
        """Her purchases are refunded, then what was booked with those credits is cancelled."""
        paid = [one for one in self.every(Booking) if one.payment.credits and one.closed is None]
        if paid:
            booking = paid[n % len(paid)]
            for bought in self.every(CreditPurchase):
                if bought.client_id == booking.client_id and bought.refunded is None:
                    self.refund(bought)
            self.cancel(booking, Caller(booking.owner))

    def cancel(self, booking: Booking, caller: Caller) -> Booking | None:
        cancelled = self.attempt("cancel", bookings.cancel, caller, booking.id)
        if cancelled is not None:
            assert self.books.now < booking.starts
            early = booking.starts - self.books.now >= SIX_HOURS
            self.reached("cancelled early" if early else "cancelled late")
            self.close(booking, "CANCELLED", returns=early)
        return cancelled

    @rule(n=nth, i=nth, when=st.tuples(st.integers(0, 2), st.integers(18, 40)))
    def reschedule(self, n: int, i: int, when: tuple[int, int]) -> None:
        booking, instance = self.booking(n), self.instance(i)
        if booking is None:
            return
        starts = self.slot(*when)
        move = Move(class_instance_id=instance.id)
        if booking.type == "spa":
            move = Move(date=day_text(starts), time=clock_time(starts))
        what, caller = f"reschedule {booking.type}", Caller(booking.owner)
        made = self.attempt(what, rescheduling.reschedule, caller, booking.id, move)
        if made is None:
            return
        assert booking.starts - self.books.now >= SIX_HOURS
        slip = self.reference.entries[booking.id].slip
        moves_along = slip.way == "spa co-pay"
        self.close(booking, "RESCHEDULED", returns=not moves_along)
        if moves_along:
            self.compare(made.payment, slip)
            self.reference.entries[made.id] = Entry(slip, self.books.now, made.starts, made.ends)
        else:
            self.enter(made)

    # --- co-pays

    @rule(client_id=client_ids, wanted=treatments, n=nth)
    def ask_quote(self, client_id: str, wanted: tuple[str, ...], n: int) -> None:
        asked = Question(client_id, list(wanted))
        caller = self.caller(client_id, n)
        self.attempt_for(client_id, "quote", quotes.quote, caller, TREATMENTS[wanted], asked)

    @rule(n=nth)
    def pay_what_a_session_asks(self, n: int) -> None:
        """The way an integrator goes: session, quote or option, co-pay, confirm."""
        waiting = [one for one in self.every(BookingSession) if one.due == "COPAY" and not one.used][-3:]
        if not waiting:
            return
        session = waiting[n % len(waiting)]
        caller = self.caller(session.client_id, 6)
        if session.opens == "spa":
            asked = Question(session.client_id, list(session.service_ids), session.pass_id)
            quoted = self.attempt("quote", quotes.quote, caller, session.provider_id, asked)
            if quoted is not None:
                self.buy_quoted(quoted)
        else:
            option_id = "copay_ironhouse_year" if n % 3 else "copay_ironhouse_month"
            order = PackageOrder(session.client_id, option_id, session.id)
            bought = self.attempt("buy for session", copay_purchases.buy_for_session, caller, order)
            if bought is not None:
                self.note_copay(bought)
        self.confirm(session, Order())

    @rule(n=nth)
    def buy_spa_copay(self, n: int) -> None:
        quoted = self.one(Quote, n)
        if quoted is not None:
            self.buy_quoted(quoted)

    def buy_quoted(self, quoted: Quote) -> None:
        order = SpaOrder(quoted.client_id, quoted.provider_id, quoted.id)
        caller = Caller(
            quoted.owner, self.token if quoted.owner != CLIENTS[quoted.client_id].account_id else None
        )
        bought = self.attempt("buy spa co-pay", copay_purchases.buy_for_spa, caller, order)
        if bought is not None:
            assert bought.price_kobo == quoted.amount_kobo > 0
            assert quoted.used is None
            self.note_copay(bought)

    @rule(client_id=client_ids, n=nth, m=nth)
    def buy_gym_copay(self, client_id: str, n: int, m: int) -> None:
        option = self.one(CopayOption, n)
        assert option is not None
        order = GymOrder(client_id, option.provider_id, option.id)
        caller = self.caller(client_id, m)
        bought = self.attempt_for(client_id, "buy gym co-pay", copay_purchases.buy_for_gym, caller, order)
        if bought is not None:
            assert bought.price_kobo == option.price_kobo
            self.note_copay(bought)

    # --- at the door

    @rule(client_id=client_ids, provider_id=st.sampled_from(DOORS), p=nth, n=nth, scan=st.booleans())
    def make_code(self, client_id: str, provider_id: str, p: int, n: int, scan: bool) -> None:
        pass_id = self.pass_of(client_id, p).id if p % 3 else None
        wish = CodeWish(client_id, provider_id, pass_id)
        caller = self.caller(client_id, n)
        made = self.attempt_for(client_id, "make code", access_codes.create, caller, wish)
        if isinstance(made, BookingSession):
            self.reached(f"code session: {made.due}")
            self.confirm(made, Order("copay_ironhouse_month", 1, "ANNUALLY"))
        elif made is not None and scan:
            self.scan_code(made, provider_id)

    @rule(n=nth, elsewhere=rarely)
    def scan(self, n: int, elsewhere: bool) -> None:
        code = self.one(AccessCode, n)
        if code is not None:
            self.scan_code(code, "prov_zen" if elsewhere else code.provider_id)

    def scan_code(self, code: AccessCode, at: str) -> None:
        scanned = self.attempt("scan", check_ins.scan, code.code, at)
        if scanned is None:
            return
        assert code.used is None, "a code opened a door twice"
        assert self.books.now < code.expires
        assert at == code.provider_id
        provider = named(self.books, Provider, at)
        visit_book = self.reference.visit_books[code.pass_id]
        stay = Stay(code.client_id, visit_book, provider, provider.check_in_credit_cost)
        slip = self.reference.pay(stay, self.books.now, scanned.payment.copay_id)
        self.compare(scanned.payment, slip)

    # --- what must hold after every step

    @invariant()
    def credits_and_ledger_agree(self) -> None:
        for client in self.every(Client):
            balance = credits.balance(self.books, client)
            ledger = list(credits.ledger(self.books, client))
            lots = [lot for lot in self.every(Lot) if lot.client_id == client.id]
            assert balance == self.reference.purse(client.id).balance(self.books.now) >= 0
            assert balance == sum(line.amount if line.type == "CREDIT" else -line.amount for line in ledger)
            assert client.credits_held == sum(lot.remaining for lot in lots)
            assert all(lot.granted >= lot.remaining >= 0 for lot in lots)
            assert all(line.amount > 0 for line in ledger)
            assert all(new.moment >= old.moment for new, old in pairwise(ledger))

    @invariant()
    def visits_agree(self) -> None:
        for pass_ in self.every(IssuedPass):
            kept = self.reference.visit_books[pass_.id]
            used = {key: count for key, count in pass_.used.items() if count}
            assert used == {f"{category}:{period}": n for (category, period), n in kept.used.items() if n}
            for category in kept.package.categories:
                cap = category.visits_allowed
                counts = [n for (type_, _), n in kept.used.items() if type_ == category.type]
                assert all(n >= 0 and (cap is None or n <= cap) for n in counts)
            assert sum(lot.used for lot in pass_.bought) == sum(lot.used for lot in kept.bought)
            assert sum(lot.count for lot in pass_.bought) == sum(lot.count for lot in kept.bought)
            assert all(lot.count >= lot.used >= 0 for lot in pass_.bought)

    @invariant()
    def visits_used_are_those_of_bookings_kept_and_check_ins(self) -> None:
        """PASS-10, counted anew from what bookings and check-ins say of themselves."""
        kept = [one for one in self.every(Booking) if not self.reference.entries[one.id].slip.returned]
        paid = [one.payment for one in kept] + [one.payment for one in self.every(CheckIn)]
        used = Counter(payment.pass_id for payment in paid if payment.category is not None)
        for pass_ in self.every(IssuedPass):
            assert used[pass_.id] == sum(pass_.used.values()) + sum(lot.used for lot in pass_.bought)

    @invariant()
    def copays_agree(self) -> None:
        for bought in self.every(CopayPurchase):
            kept = self.reference.copays[bought.client_id, bought.provider_id][bought.id]
            assert kept.used == (int(bought.spent_on is not None) if bought.service_ids else bought.used)
            assert kept.used >= 0
            assert kept.visits is None or kept.used <= kept.visits

    @invariant()
    def money_agrees(self) -> None:
        for account in self.every(Account):
            assert account.balance_kobo == self.reference.funds[account.id] >= 0

    @invariant()
    def no_seat_is_sold_twice(self) -> None:
        sold: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for booking in self.every(Booking):
            if booking.instance_id and self.reference.entries[booking.id].closed not in GONE:
                assert booking.client_id not in sold[booking.instance_id], "one client holds two seats"
                sold[booking.instance_id][booking.client_id] = booking.id
        for instance in self.every(Instance):
            if instance.cancelled is not None:
                continue  # nobody sits there any more
            seats = {who: hold for who, hold in instance.seats.items() if hold.alive(self.books.now)}
            assert {who: hold.by for who, hold in seats.items() if hold.until is None} == sold[instance.id]
            left = instance.capacity - instance.taken_elsewhere - len(seats)
            assert classes.spots_left(instance, self.books.now) == left >= 0

    @invariant()
    def no_room_is_sold_twice(self) -> None:
        entries, days = self.reference.entries, self.every(SpaDay)
        for day in days:
            rooms = named(self.books, Provider, day.id.partition(":")[0]).rooms
            living = [one for one in day.appointments if one.hold.alive(self.books.now)]
            for moment in (one.starts for one in living):
                assert sum(one.starts <= moment < one.ends for one in living) <= rooms
        held = {one.hold.by for day in days for one in day.appointments if one.hold.until is None}
        spa_bookings_ = [one for one in self.every(Booking) if one.type == "spa"]
        assert held == {one.id for one in spa_bookings_ if entries[one.id].closed not in GONE}

    @invariant()
    def every_status_is_what_was_done_and_what_time_did(self) -> None:
        for booking in self.every(Booking):
            expected = self.reference.entries[booking.id].status(self.books.now)
            assert bookings.status(booking, self.books.now) == expected
            self.reached(f"status {expected}")


REACHED: Counter[str] = Counter()  # what walks met, so that a test can say that they went everywhere
