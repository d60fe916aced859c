"""The nouns: everything a world remembers, one frozen value each.

A record knows its `kind`, the `shelf` it is listed on and its place there (`place`, then
`nth`). Shelves are how related records are found without a query language: the bookings a
reseller made for a client stand on the shelf `"acct_demo/client_ada"`, a client's passes on
`"client_ada"`. Money is in kobo, moments are `Millis`.
"""

from typing import ClassVar, Literal

import msgspec

from sandbox.domain.moments import FOREVER, Millis

Category = Literal["GYM", "SPA"]
Tier = Literal["STANDARD", "PREMIUM"]


# Records are trees of plain values, never part of a cycle: the collector is spared the thousands of a crowd.
class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    kind: ClassVar[str]
    noun: ClassVar[str]  # as messages call it

    id: str
    created: Millis = Millis(0)
    nth: int = 0  # made as the nth of its kind on its parent: breaks ties of one millisecond (PAGE-9)

    @property
    def shelf(self) -> str:
        return ""

    @property
    def place(self) -> int:
        return self.created


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A value inside a record."""


# --- who ------------------------------------------------------------------------------------


class Account(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A reseller. Its issuer id is what others look it up by."""

    kind: ClassVar[str] = "account"
    noun: ClassVar[str] = "account"

    name: str
    enabled: bool = True
    lookup_enabled: bool = False
    balance_kobo: int = 0

    @property
    def issuer_id(self) -> str:
        return "iss_" + self.name


class Client(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "client"
    noun: ClassVar[str] = "client"

    owner: str
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    credits_held: int = 0  # the sum of what remains in all lots, lapsed ones included


# --- what is sold ---------------------------------------------------------------------------


class CategoryRule(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One category of a package: which providers it covers and how often."""

    type: Category
    tiers: tuple[Tier, ...]
    duration: Literal["monthly", "annually"] = "monthly"
    credit_allocated: int = 0
    visits_allowed: int | None = None  # None: no limit


class Package(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "pass"
    noun: ClassVar[str] = "pass package"

    name: str
    description: str
    price_kobo: int
    duration: Literal["monthly", "annually"]
    categories: tuple[CategoryRule, ...]
    payment_model: Literal["SUBSCRIPTION", "ONE_TIME"] = "SUBSCRIPTION"


class CreditPackage(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "credit_package"
    noun: ClassVar[str] = "credit package"

    name: str
    credits: int
    bonus_credits: int = 0
    price_kobo: int = 0
    expires_in_days: int | None = None
    state: Literal["DRAFT", "PUBLISHED", "ARCHIVED"] = "PUBLISHED"

    @property
    def shelf(self) -> str:
        """Drafts apart: no list ever showed one, so none is a cursor; an archived one still is (PAGE-10)."""
        return "drafts" if self.state == "DRAFT" else ""


class Provider(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "provider"
    noun: ClassVar[str] = "provider"

    name: str
    category: Category
    tier: Tier
    address: str
    city: str
    country: str = "Nigeria"
    lat: float
    lon: float
    accepts_credits: bool = False
    check_in_credit_cost: int | None = None
    rooms: int = 2  # of a spa: treatments that can run side by side


class Service(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "service"
    noun: ClassVar[str] = "service"

    provider_id: str
    name: str
    description: str
    duration_minutes: int
    price_kobo: int
    credit_cost: int | None = None

    @property
    def shelf(self) -> str:
        return self.provider_id


class CopayOption(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "copay_option"
    noun: ClassVar[str] = "co-pay option"

    provider_id: str
    name: str
    price_kobo: int
    duration: Literal["MONTHLY", "ANNUALLY"]
    visits: int | None = None

    @property
    def shelf(self) -> str:
        return self.provider_id


class ClassCategory(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "class_category"
    noun: ClassVar[str] = "class category"

    name: str


class StudioClass(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "class"
    noun: ClassVar[str] = "class"

    name: str
    description: str
    category: str
    provider_id: str
    duration_minutes: int
    credit_cost: int | None = None


class Hold(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A seat or a room that is taken: by a booking, or by an open session until it lapses."""

    by: str  # booking_… or sess_…
    until: Millis | None = None  # None: a booking holds it for good

    def alive(self, now: int) -> bool:
        return self.until is None or now < self.until


class Instance(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "class_instance"
    noun: ClassVar[str] = "class instance"

    class_id: str
    starts: Millis
    duration_minutes: int
    capacity: int
    taken_elsewhere: int = 0  # seats sold by the studio itself, to people no reseller knows
    credit_cost: int | None = None  # an override for this one session (CRED-3)
    cancelled: Millis | None = None
    seats: dict[str, Hold] = {}  # by client: nobody holds two seats of one session (BOOK-13)

    @property
    def shelf(self) -> str:
        return self.class_id

    @property
    def place(self) -> int:
        return self.starts

    @property
    def ends(self) -> Millis:
        return Millis(self.starts + self.duration_minutes * 60_000)


class Appointment(Part, frozen=True, kw_only=True, omit_defaults=True):
    client_id: str
    starts: Millis
    ends: Millis
    hold: Hold


class SpaDay(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The rooms of one spa on one day; its id is `prov_zen:2026-05-19`."""

    kind: ClassVar[str] = "spa_day"
    noun: ClassVar[str] = "day at the spa"

    appointments: tuple[Appointment, ...] = ()


# --- what a client holds --------------------------------------------------------------------


class BoughtVisits(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Visits sold on top of a pass's own (BOOK-2, BOOK-20)."""

    category: Category
    count: int
    used: int = 0
    bought: Millis
    lapses: Millis


class IssuedPass(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "issued_pass"
    noun: ClassVar[str] = "issued pass"

    owner: str
    client_id: str
    package_id: str
    starts: Millis
    expires: Millis
    cancelled: Millis | None = None
    passcode: str
    passcode_created: Millis = Millis(0)
    transaction_id: str
    tx_ref: str
    used: dict[str, int] = {}  # visits used: "GYM:3" is the fourth period of the GYM category
    bought: tuple[BoughtVisits, ...] = ()

    @property
    def shelf(self) -> str:
        return self.client_id


class Lot(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Credits that came together and lapse together (CRED-1, CRED-6)."""

    kind: ClassVar[str] = "lot"
    noun: ClassVar[str] = "credit lot"

    client_id: str
    source: Literal["purchase", "grant", "adjustment"]
    source_id: str = ""  # the purchase or the pass it came from
    granted: int
    remaining: int
    expires: Millis | None = None

    @property
    def shelf(self) -> str:
        """Lots with something left stand in the order they are spent; empty ones out of the way."""
        return f"{self.client_id}/{'open' if self.remaining else 'spent'}"

    @property
    def place(self) -> int:
        return FOREVER if self.expires is None else self.expires


class Transaction(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a client's credit ledger."""

    kind: ClassVar[str] = "transaction"
    noun: ClassVar[str] = "transaction"

    client_id: str
    type: Literal["CREDIT", "DEBIT"]
    amount: int
    description: str
    lot_id: str = ""

    @property
    def shelf(self) -> str:
        return self.client_id


class CreditPurchase(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "credit_purchase"
    noun: ClassVar[str] = "credit purchase"

    owner: str
    client_id: str
    package_id: str
    lot_id: str
    credits_added: int
    price_kobo: int
    expires: Millis | None = None
    refunded: Millis | None = None

    @property
    def shelf(self) -> str:
        return self.client_id


class CopayPurchase(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "copay_purchase"
    noun: ClassVar[str] = "co-pay purchase"

    owner: str
    client_id: str
    provider_id: str
    type: Literal["GYM", "SPA", "PACKAGE"]
    price_kobo: int
    valid_until: Millis
    visits: int | None = None  # of a gym: None is no limit
    used: int = 0
    service_ids: tuple[str, ...] = ()  # of a spa: exactly these (COPAY-6)
    spent_on: str | None = None  # of a spa: the booking it pays

    @property
    def shelf(self) -> str:
        return f"{self.client_id}:{self.provider_id}"


# --- what is under way ----------------------------------------------------------------------


class Quote(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "quote"
    noun: ClassVar[str] = "quote"

    owner: str
    client_id: str
    provider_id: str
    service_ids: tuple[str, ...]
    pass_id: str = ""  # the pass whose cover it asked about: the purchase asks about the same one
    amount_kobo: int
    expires: Millis
    used: Millis | None = None

    @property
    def shelf(self) -> str:
        return self.client_id


class BookingSession(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A class, a spa slot or an access code that waits for its confirm (BOOK-4)."""

    kind: ClassVar[str] = "session"
    noun: ClassVar[str] = "session"

    owner: str
    opens: Literal["class", "spa", "access_code"]
    client_id: str
    first_name: str = ""
    last_name: str = ""
    pass_id: str
    provider_id: str
    class_id: str = ""
    instance_id: str = ""
    starts: Millis = Millis(0)
    service_ids: tuple[str, ...] = ()
    due: Literal["COPAY", "VISITS", "NOTHING"] = "NOTHING"
    option_ids: tuple[str, ...] = ()  # the co-pay options it offered
    copay_kobo: int = 0
    credits_required: int = 0
    expires: Millis
    used: Millis | None = None
    ended: Millis | None = None  # another session or booking took over its seat (BOOK-18)

    @property
    def shelf(self) -> str:
        return self.client_id


class Spent(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Credits taken from one lot."""

    lot_id: str
    amount: int


class Payment(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What a booking or check-in took, and from where, so that all of it can go back."""

    pass_id: str = ""
    category: Category | None = None
    period: int | None = None  # a visit of the pass's own period (unlimited ones too)
    bought: int | None = None  # the moment at which the bought visits it used were bought
    bought_lapses: int | None = None  # and at which they lapse: one moment can sell a month's and a year's
    copay_id: str = ""  # the gym co-pay whose visit it used, or the spa co-pay that paid
    credits: tuple[Spent, ...] = ()
    copay_kobo: int = 0  # of a spa co-pay: what was paid, by whom
    payer: str = ""

    @property
    def visits(self) -> int:
        """`visits_deducted`: 1 when a visit pays, of whatever sort; 0 when credits do (PASS-10)."""
        used_gym_copay = bool(self.copay_id) and not self.copay_kobo
        return int(self.period is not None or self.bought is not None or used_gym_copay)

    @property
    def credits_taken(self) -> int:
        return sum(spent.amount for spent in self.credits)


class Refund(Part, frozen=True, kw_only=True, omit_defaults=True):
    visits_restored: int = 0
    credits_refunded: int = 0
    amount_kobo: int = 0


class Booking(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "booking"
    noun: ClassVar[str] = "booking"

    owner: str  # who made it, which with a lookup token is not who issued the client's pass
    client_id: str
    first_name: str
    last_name: str
    type: Literal["class", "spa"]
    provider_id: str
    provider_name: str
    title: str  # the class's name, or the services' names joined by ", "
    class_id: str = ""
    instance_id: str = ""
    service_ids: tuple[str, ...] = ()
    pass_id: str
    starts: Millis
    ends: Millis
    payment: Payment
    closed: Literal["CANCELLED", "RESCHEDULED", "COMPLETED"] | None = None  # by an act, not by the clock
    closed_at: Millis | None = None
    confirmed_at: Millis | None = None  # by the back office, sooner than the venue would have
    no_show: bool = False
    refund: Refund | None = None
    reason: str = ""  # why it was cancelled, as whoever cancelled it said

    @property
    def shelf(self) -> str:
        return f"{self.owner}/{self.client_id}"


class AccessCode(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "access_code"
    noun: ClassVar[str] = "access code"

    owner: str
    client_id: str
    provider_id: str
    pass_id: str
    code: str
    expires: Millis
    used: Millis | None = None

    @property
    def shelf(self) -> str:
        return self.code


class CheckIn(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An accepted scan; its id is `client:provider:day`, one visit a day (CODE-6)."""

    kind: ClassVar[str] = "check_in"
    noun: ClassVar[str] = "check-in"

    client_id: str
    provider_id: str
    access_code_id: str
    payment: Payment

    @property
    def shelf(self) -> str:
        return self.client_id


# --- lookups, messages, acts ----------------------------------------------------------------


class Lookup(Record, frozen=True, kw_only=True, omit_defaults=True):
    kind: ClassVar[str] = "lookup"
    noun: ClassVar[str] = "lookup"

    owner: str
    issuer: str  # the account looked into
    client_id: str
    code: str
    expires: Millis
    wrong_attempts: int = 0
    verified: Millis | None = None

    @property
    def shelf(self) -> str:
        return self.client_id


class LookupToken(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a verified lookup opened. Its id is a digest: the token itself is told once (LOOK-1)."""

    kind: ClassVar[str] = "lookup_token"
    noun: ClassVar[str] = "lookup token"

    owner: str
    issuer: str
    client_id: str
    lookup_id: str
    expires: Millis

    @property
    def shelf(self) -> str:
        return self.client_id


class Message(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was sent to a client's phone."""

    kind: ClassVar[str] = "message"
    noun: ClassVar[str] = "message"

    client_id: str
    text: str
    code: str


class Act(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the back office's log: who did what, to what, and why."""

    kind: ClassVar[str] = "act"
    noun: ClassVar[str] = "act"

    who: str
    what: str
    subject: str
    why: str = ""


KINDS: dict[str, type[Record]] = {record.kind: record for record in Record.__subclasses__()}
