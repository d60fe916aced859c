"""A small town to try rules in: three resellers, three packages, six providers, all by hand.

It is noon in Lagos on Tuesday, 12 May 2026. Names are those of the cast, so that a test reads
like the documentation; numbers are smaller, so that it reads without a calculator.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from sandbox.domain import passes
from sandbox.domain.books import Caller
from sandbox.domain.moments import BUSINESS_ZONE, DAY, Millis, after, from_datetime
from sandbox.domain.records import (
    Account,
    Category,
    CategoryRule,
    Client,
    CopayOption,
    CreditPackage,
    Instance,
    IssuedPass,
    Package,
    Provider,
    Record,
    Service,
    StudioClass,
    Tier,
)
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks

NOON = from_datetime(datetime(2026, 5, 12, 12, tzinfo=BUSINESS_ZONE))
DEMO, PARTNER = Caller("acct_demo"), Caller("acct_partner")
BOTH: tuple[Tier, ...] = ("STANDARD", "PREMIUM")
ADA: Mapping[str, str] = {"first_name": "Ada", "last_name": "Obi"}


def small_town() -> PaperBooks:
    books = PaperBooks(now=NOON)
    for nth, record in enumerate((*ACCOUNTS, *PACKAGES, *PROVIDERS, *PRICES, *CLASSES)):
        books.put(replace(record, nth=nth))
    return books


def issue(
    books: PaperBooks,
    client_id: str = "client_ada",
    package_id: str = "pass_premium",
    *,
    caller: Caller = DEMO,
    starts: Millis | None = None,
) -> IssuedPass:
    return passes.issue(books, caller, passes.Order(package_id, client_id, ADA, starts))


def refused(act: Callable[..., Any], *args: Any, code: str) -> Refusal:
    """The act is refused with this code, and the books are as before."""
    books = next((arg for arg in args if isinstance(arg, PaperBooks)), PaperBooks())
    before = dict(books.records)
    with pytest.raises(Refusal) as refusal:
        act(*args)
    assert refusal.value.code == code
    assert books.records == before or refusal.value.leaves_trace
    return refusal.value


def client(books: PaperBooks, id_: str = "client_ada") -> Client:
    return named(books, Client, id_)


def reread(books: PaperBooks, pass_: IssuedPass) -> IssuedPass:
    return named(books, IssuedPass, pass_.id)


def funds(books: PaperBooks, account_id: str = "acct_demo") -> int:
    return named(books, Account, account_id).balance_kobo


def _provider(id_: str, category: Category, tier: Tier, check_in_credits: int | None = None) -> Provider:
    return Provider(
        id=id_,
        name=id_.removeprefix("prov_"),
        category=category,
        tier=tier,
        address="1 Marina",
        city="Lagos",
        lat=6.45,
        lon=3.39,
        accepts_credits=id_ in ("prov_fitzone", "prov_luxe", "prov_creditgym"),
        check_in_credit_cost=check_in_credits,
        rooms=1,
    )


def _service(id_: str, provider_id: str, minutes: int, credit_cost: int | None = None) -> Service:
    return Service(
        id=id_,
        provider_id=provider_id,
        name=id_.removeprefix("svc_"),
        description="",
        duration_minutes=minutes,
        price_kobo=1_000_001,
        credit_cost=credit_cost,
    )


def _class(id_: str, provider_id: str, credit_cost: int | None = None) -> StudioClass:
    return StudioClass(
        id=id_,
        name=id_.removeprefix("class_"),
        description="",
        category="cat_all",
        provider_id=provider_id,
        duration_minutes=60,
        credit_cost=credit_cost,
    )


def _instance(
    id_: str, class_id: str, days_ahead: int, seats: int, credit_cost: int | None = None
) -> Instance:
    return Instance(
        id=id_,
        class_id=class_id,
        starts=after(NOON, days_ahead * DAY),
        duration_minutes=60,
        capacity=seats,
        credit_cost=credit_cost,
    )


ACCOUNTS: tuple[Record, ...] = (
    Account(id="acct_demo", name="demo", balance_kobo=1_000_000_000),
    Account(id="acct_partner", name="partner", lookup_enabled=True, balance_kobo=1_000_000_000),
    Account(id="acct_disabled", name="disabled", enabled=False, balance_kobo=1_000_000_000),
)

PACKAGES: tuple[Record, ...] = (
    Package(
        id="pass_premium",
        name="Premium",
        description="Everything",
        price_kobo=5_000_000,
        duration="annually",
        categories=(CategoryRule(type="GYM", tiers=BOTH), CategoryRule(type="SPA", tiers=BOTH)),
    ),
    Package(
        id="pass_standard",
        name="Standard",
        description="Two visits a month to plain gyms",
        price_kobo=2_000_000,
        duration="annually",
        categories=(CategoryRule(type="GYM", tiers=("STANDARD",), visits_allowed=2),),
    ),
    Package(
        id="pass_spa",
        name="Spa",
        description="One visit a month to any spa, and 20 credits",
        price_kobo=3_000_000,
        duration="monthly",
        categories=(CategoryRule(type="SPA", tiers=BOTH, visits_allowed=1, credit_allocated=20),),
    ),
)

PROVIDERS: tuple[Record, ...] = (
    _provider("prov_fitzone", "GYM", "STANDARD"),
    _provider("prov_ironhouse", "GYM", "PREMIUM"),
    _provider("prov_members_only", "GYM", "PREMIUM"),
    _provider("prov_creditgym", "GYM", "STANDARD", check_in_credits=3),
    _provider("prov_zen", "SPA", "STANDARD"),
    _provider("prov_luxe", "SPA", "PREMIUM"),
    _service("svc_massage", "prov_zen", 60),
    _service("svc_facial", "prov_zen", 30),
    _service("svc_luxe_ritual", "prov_luxe", 90, credit_cost=10),
)

PRICES: tuple[Record, ...] = (
    CopayOption(
        id="copay_ironhouse_month",
        provider_id="prov_ironhouse",
        name="A month",
        price_kobo=1_500_000,
        duration="MONTHLY",
        visits=2,
    ),
    CopayOption(
        id="copay_ironhouse_year",
        provider_id="prov_ironhouse",
        name="A year",
        price_kobo=9_000_000,
        duration="ANNUALLY",
    ),
    CreditPackage(id="cpkg_50", name="Fifty", credits=50, price_kobo=5_000_000),
    CreditPackage(id="cpkg_10_plus_2", name="Ten and two", credits=10, bonus_credits=2, price_kobo=1_000_000),
    CreditPackage(
        id="cpkg_90_days", name="For a season", credits=30, price_kobo=2_500_000, expires_in_days=90
    ),
    CreditPackage(id="cpkg_draft", name="Not yet", credits=1, price_kobo=1, state="DRAFT"),
)

CLASSES: tuple[Record, ...] = (
    _class("class_yoga", "prov_fitzone"),
    _class("class_hiit", "prov_ironhouse"),
    _class("class_members", "prov_members_only"),
    _class("class_workshop", "prov_fitzone", credit_cost=5),
    _instance("ci_yoga_open", "class_yoga", 2, 3),
    _instance("ci_yoga_last_seat", "class_yoga", 3, 1),
    _instance("ci_hiit_open", "class_hiit", 2, 3),
    _instance("ci_members_open", "class_members", 2, 3),
    _instance("ci_workshop_open", "class_workshop", 4, 3),
    _instance("ci_workshop_override", "class_workshop", 4, 3, credit_cost=8),
)
