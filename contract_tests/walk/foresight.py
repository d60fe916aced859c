"""How a step has to end, where what was told so far is enough to say so; `None` where it is not.

The order of the refusals is the contract's: what the path and the body name, then the session or quote, the
pass, the instance, the coverage, the credits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from contract_tests.stock import Seat, Stock, Thing
from contract_tests.walk.told import RETURNS_BEFORE_MS, Booking, Client, Pass, Session, Step, Told

SECOND = 1000


@dataclass(frozen=True, slots=True)
class End:
    """The status a step must end with and, of a refusal, the code."""

    status: int
    code: str | None = None
    rule: str | None = None  # what another status breaks
    code_rule: str | None = None  # what another code breaks
    unless: str | None = None  # a refusal that others may have caused


def refused(status: int, code: str, rule: str, code_rule: str | None = None) -> End:
    return End(status, code, rule, code_rule or rule)


def inactive(pass_: Pass, cancelled: str, expired: str) -> End:
    """Without an active pass nothing is had; which rule says so depends on how it ended."""
    return refused(409, "pass_not_active", cancelled if pass_.cancelled else expired, "PASS-2.2")


@dataclass(slots=True)
class Foresight:
    told: Told
    stock: Stock
    clock: Callable[[], int]
    alone: bool

    def of(self, step: Step) -> End | None:
        look: Callable[[Step], End | None] | None = getattr(self, step.operation, None)
        return look(step) if look is not None else None

    # passes

    def get_issued_pass(self, step: Step) -> End | None:
        return End(200, rule="PASS-4.4") if step.id in self.told.passes else None

    def update_issued_pass(self, step: Step) -> End | None:
        pass_ = self.told.passes.get(step.id)
        if pass_ is None:
            return None
        if pass_.cancelled:
            return refused(409, "pass_not_active", "PASS-4.2")
        return End(200, rule="PASS-1.4" if "status" in step.sent else "PASS-13.2")

    def update_issued_pass_expiry(self, step: Step) -> End | None:
        pass_ = self.told.passes.get(step.id)
        if pass_ is None:
            return None
        if pass_.cancelled:
            return refused(409, "pass_not_active", "PASS-4.2")
        return End(200, rule="PASS-4.5" if step.sent["expires_at"] < pass_.expires else "PASS-4.1")

    def rotate_passcode(self, step: Step) -> End | None:
        pass_ = self.told.passes.get(step.id)
        if pass_ is None or pass_.cancelled:
            return None
        if step.sent.get("passcode") == pass_.passcode:
            return End(200, rule="PASS-17.2")
        return refused(400, "validation_error", "PASS-17.2")

    # classes

    def book_class(self, step: Step) -> End | None:
        client, pass_, seat = self._who_where(step)
        if client is None or pass_ is None or seat is None or pass_.client != client.id:
            return None
        return self._pass_and_seat(client, pass_, seat) or self._coverage(client, pass_, seat)

    def _who_where(self, step: Step) -> tuple[Client | None, Pass | None, Seat | None]:
        if step.token is not None:
            return None, None, None
        return (
            self.told.clients.get(str(step.sent.get("client_id"))),
            self.told.passes.get(str(step.sent.get("user_pass_id"))),
            self.told.seats.get(str(step.sent.get("class_instance_id"))),
        )

    def _pass_and_seat(self, client: Client, pass_: Pass, seat: Seat) -> End | None:
        now = self.clock()
        if not pass_.active(now):
            return inactive(pass_, "PASS-2.1", "PASS-2.3")
        if seat.starts * SECOND <= now:
            return refused(409, "class_started", "BOOK-14.1") if self.alone else None
        if client.holds(seat.id):
            return refused(409, "slot_unavailable", "BOOK-13.1")
        if self.alone and self.told.spots.get(seat.id) == 0 and not self.told.holding(client, seat):
            return refused(409, "class_full", "BOOK-5.1")
        return None

    def _coverage(self, client: Client, pass_: Pass, seat: Seat) -> End | None:
        """The outcomes of BOOK-1 for a seat that can be had."""
        if seat.instance.get("status", "SCHEDULED") != "SCHEDULED":
            return None
        end = self._covered(client, pass_, seat) if pass_.covers(seat.gym) else self._uncovered(client, seat)
        return None if end is None else replace(end, unless=self._full_by_others(client, seat))

    def _covered(self, client: Client, pass_: Pass, seat: Seat) -> End | None:
        cost = _cost(seat)
        if not cost:
            return End(201, rule="BOOK-1.1") if pass_.unlimited_at(seat.gym) else None
        if not seat.gym.get("accepts_credits"):
            return None
        return self._too_few(client, seat) or End(201, rule="BOOK-7.1")

    def _too_few(self, client: Client, seat: Seat) -> End | None:
        few = client.balance < _cost(seat)
        return refused(400, "validation_error", "BOOK-7.2") if few else None

    def _uncovered(self, client: Client, seat: Seat) -> End | None:
        gym = str(seat.gym["id"])
        if client.bought_copay(gym):
            return End(201, rule="BOOK-3.2") if client.runs_copay(gym) and not _cost(seat) else None
        if not seat.gym.get("copay_available"):
            return refused(403, "provider_not_covered", "BOOK-6.1", "BOOK-6.2")
        if _cost(seat) and not seat.gym.get("accepts_credits"):
            return None
        return self._too_few(client, seat) or End(200, rule="BOOK-1.3")

    def _full_by_others(self, client: Client, seat: Seat) -> str | None:
        """How many spots are left is known only where nobody else books, and once they were told."""
        known = self.alone and seat.id in self.told.spots
        return None if known or self.told.holding(client, seat) else "class_full"

    def confirm_class_booking(self, step: Step) -> End | None:
        session = self.told.class_sessions.get(step.id)
        if session is None or session.seat is None or session.pass_ is None:
            return None
        over = self._over(session)
        if over is not None:
            return over
        paid = self._payment(session, step)
        if paid is not None and not session.pass_.active(self.clock()):
            return inactive(session.pass_, "BOOK-17.4", "BOOK-17.4")
        return None if session.client.holds(session.seat.id) or _cost(session.seat) else paid

    def _over(self, session: Session) -> End | None:
        if session.over == "used":
            return refused(409, "session_used", "BOOK-4.5")
        if session.over:
            return refused(409, "session_expired", "BOOK-18.1")
        if self.clock() >= session.expires:
            return refused(409, "session_expired", "BOOK-4.2")
        return None

    def _payment(self, session: Session, step: Step) -> End | None:
        gym = str((session.provider or {}).get("id"))
        if session.copay_due:
            if session.paid or session.client.runs_copay(gym):
                return End(201, rule="BOOK-17.2")
            if session.client.bought_copay(gym):
                return None
            offered = step.sent.get("copay_package_id") in session.options
            return End(201, rule="BOOK-3.1") if offered else None
        buys = "number_of_visits" in step.sent and "duration" in step.sent
        return End(201, rule="BOOK-2.1") if session.visits_due and buys else None

    def cancel_booking(self, step: Step) -> End | None:
        booking = self.told.bookings.get(step.id)
        return None if booking is None else self._ended(booking) or self._not_begun(booking, "BOOK-9.2")

    def _ended(self, booking: Booking) -> End | None:
        if booking.ended == "CANCELLED":
            return refused(409, "already_cancelled", "BOOK-11.1", "BOOK-11.2")
        return refused(409, "booking_closed", "BOOK-11.3") if booking.ended else None

    def _not_begun(self, booking: Booking, rule: str) -> End | None:
        return End(200, rule=rule) if booking.starts > self.clock() + 60 * SECOND else None

    def reschedule_booking(self, step: Step) -> End | None:
        booking = self.told.bookings.get(step.id)
        to = self.told.seats.get(str(step.sent.get("class_instance_id")))
        if booking is None or booking.seat is None or booking.pass_ is None or to is None:
            return None
        if to.gym["id"] != booking.seat.gym["id"]:
            return refused(400, "validation_error", "BOOK-24.3")
        if booking.ended == "CANCELLED":
            return refused(409, "already_cancelled", "BOOK-24.1")
        if booking.ended:
            return refused(409, "booking_closed", "BOOK-24.1")
        if booking.starts - self.clock() < RETURNS_BEFORE_MS + 60 * SECOND:
            return None
        return self._move(booking, booking.seat, booking.pass_, to)

    def _move(self, booking: Booking, old: Seat, pass_: Pass, to: Seat) -> End | None:
        if pass_.active(self.clock()) and to.id == old.id:
            return refused(409, "slot_unavailable", "BOOK-24.4")
        client = booking.client
        refusal = self._pass_and_seat(client, pass_, to)
        if refusal is not None:
            return refusal
        plain = pass_.unlimited_at(to.gym) and not _cost(to)
        end = End(201, rule="BOOK-12.1", unless=self._full_by_others(client, to))
        return end if plain and to.instance.get("status", "SCHEDULED") == "SCHEDULED" else None

    def get_booking_status(self, step: Step) -> End | None:
        return End(200, rule="BOOK-1.5") if step.id in self.told.bookings else None

    def list_client_bookings(self, step: Step) -> End | None:
        return End(200, rule="BOOK-1.5") if step.id in self.told.clients and step.token is None else None

    # money

    def purchase_credits(self, step: Step) -> End | None:
        client = self.told.clients.get(str(step.sent.get("client_id")))
        known = client is not None and bool(client.active(self.clock()))
        return End(201, rule="CRED-1.1") if known else None

    def get_client_credits(self, step: Step) -> End | None:
        return End(200, rule="CRED-9.1") if step.id in self.told.clients and step.token is None else None

    def get_client(self, step: Step) -> End | None:
        return End(200, rule="PASS-3.1") if step.id in self.told.clients and step.token is None else None

    def purchase_copay(self, step: Step) -> End | None:
        client = self.told.clients.get(str(step.sent.get("client_id")))
        if client is None or step.token is not None:
            return None
        if "quote_id" in step.sent:
            return self._pay_quote(client, step)
        if "session_id" in step.sent:
            return self._pay_session(client, step)
        return self._buy_option(client, step)

    def _pay_quote(self, client: Client, step: Step) -> End | None:
        quote = self.told.quotes.get(str(step.sent["quote_id"]))
        if quote is None or quote.client is not client or quote.provider["id"] != step.sent["provider_id"]:
            return None
        if quote.used:
            return refused(409, "quote_used", "COPAY-2.6")
        if self.clock() >= quote.expires:
            return refused(409, "quote_expired", "COPAY-2.5")
        if len(client.passes) != 1:  # which of them the quote was made with is the target's to know
            return None
        if not client.active(self.clock()):
            return refused(409, "pass_not_active", "COPAY-7.3")
        if not quote.amount:
            return refused(409, "copay_not_required", "COPAY-7.4")
        covered = any(pass_.covers(quote.provider) for pass_ in client.active(self.clock()))
        return None if covered else End(201, rule="COPAY-2.1")

    def _pay_session(self, client: Client, step: Step) -> End | None:
        session = self.told.class_sessions.get(str(step.sent["session_id"]))
        if session is None or session.client is not client or not session.copay_due or session.pass_ is None:
            return None
        over = self._over(session)
        if over is not None:
            return over
        gym = str((session.provider or {}).get("id"))
        fits = step.sent.get("copay_package_id") in session.options
        simple = fits and session.pass_.active(self.clock()) and not client.bought_copay(gym)
        return End(201, rule="COPAY-7.1") if simple and len(client.active(self.clock())) == 1 else None

    def _buy_option(self, client: Client, step: Step) -> End | None:
        gym = self.stock.provider(str(step.sent.get("provider_id")))
        if gym is None or step.sent.get("copay_option_id") not in self._option_ids(gym):
            return None
        active = client.active(self.clock())
        if not active:
            return refused(409, "pass_not_active", "COPAY-7.3")
        if any(pass_.unlimited_at(gym) for pass_ in active):
            return refused(409, "copay_not_required", "COPAY-1.1", "COPAY-1.2")
        if any(pass_.covers(gym) for pass_ in active):
            return None
        if client.runs_copay(str(gym["id"])):
            return refused(409, "copay_not_required", "COPAY-4.4")
        return None if client.bought_copay(str(gym["id"])) else End(201, rule="COPAY-1.3")

    def _option_ids(self, gym: Thing) -> list[str]:
        if gym.get("category") != "GYM" or not gym.get("copay_available"):
            return []
        return [str(option["id"]) for option in self.stock.options(gym)]

    # access codes

    def create_access_code(self, step: Step) -> End | None:
        client = self.told.clients.get(str(step.sent.get("client_id")))
        place = self.stock.provider(str(step.sent.get("provider_id")))
        if client is None or place is None or step.token is not None:
            return None
        active = client.active(self.clock())
        if "user_pass_id" in step.sent:
            pass_ = self.told.passes.get(str(step.sent["user_pass_id"]))
            if pass_ is None or pass_.client != client.id:
                return None
            active = [pass_] if pass_.active(self.clock()) else []
        if not active:
            return refused(409, "pass_not_active", "CODE-1.2", "PASS-2.2")
        return self._code(client, place, active)

    def _code(self, client: Client, place: Thing, passes: list[Pass]) -> End | None:
        if place.get("check_in_credit_cost") is not None:
            return None
        if any(pass_.unlimited_at(place) for pass_ in passes):
            return End(201, rule="CODE-1.1")
        if any(pass_.covers(place) for pass_ in passes):
            return None
        if place.get("category") == "SPA":
            return refused(403, "provider_not_covered", "CODE-7.4")
        if client.bought_copay(str(place["id"])):
            return None
        if place.get("copay_available"):
            return End(200, rule="CODE-7.1")
        return refused(403, "provider_not_covered", "CODE-7.3")

    # spas

    def confirm_spa_booking(self, step: Step) -> End | None:
        session = self.told.spa_sessions.get(step.id)
        if session is None or session.pass_ is None or session.provider is None:
            return None
        over = self._over(session)
        if over is not None:
            return over
        if not session.pass_.active(self.clock()):
            return inactive(session.pass_, "BOOK-17.4", "BOOK-17.4")
        if session.copay_due:
            paid = (str(session.provider["id"]), session.services) in session.client.spa_copays
            return None if paid else refused(409, "copay_required", "BOOK-16.2")
        plain = session.pass_.unlimited_at(session.provider) and not session.credits
        return End(201, rule="BOOK-22.2") if plain else None

    # lookups

    def verify_lookup(self, step: Step) -> End | None:
        known = step.id in self.told.verified
        return refused(409, "lookup_not_pending", "LOOK-1.3") if known else None


def _cost(seat: Seat) -> int:
    return int(seat.instance.get("credit_cost") or 0)
