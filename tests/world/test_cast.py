"""The cast keeps the promises of the documentation, at whatever hour a world starts."""

from datetime import date

import pytest

from sandbox.domain import classes, copay, credits, passes, spa, visits
from sandbox.domain.coverage import covering
from sandbox.domain.moments import DAY, HOUR, Millis, midnight
from sandbox.domain.records import (
    Account,
    Client,
    CopayOption,
    CreditPackage,
    Instance,
    IssuedPass,
    Package,
    Provider,
    Service,
    StudioClass,
)
from sandbox.domain.resources import named
from tests.world.town_books import A_TUESDAY, CAST, base_of, books_at

LEAP_DAY, NEW_YEAR, MONTH_END = date(2028, 2, 29), date(2027, 1, 1), date(2026, 10, 31)
HOURS = (0, 12, 23)


def test_the_keys_open_the_three_accounts() -> None:
    assert CAST.api_keys == {
        "acct_demo": "sk_sandbox_demo",
        "acct_partner": "sk_sandbox_partner",
        "acct_disabled": "sk_sandbox_disabled",
    }
    accounts = {id_: named(books_at(), Account, id_) for id_ in CAST.api_keys}
    assert [account.name for account in accounts.values()] == ["demo", "partner", "disabled"]
    assert {account.balance_kobo for account in accounts.values()} == {100_000_000_000}
    assert [account.enabled for account in accounts.values()] == [True, True, False]
    assert [account.lookup_enabled for account in accounts.values()] == [False, True, False]
    assert accounts["acct_partner"].issuer_id == "iss_partner"


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize("day", [A_TUESDAY, LEAP_DAY, NEW_YEAR, MONTH_END])
@pytest.mark.parametrize(
    ("client_id", "pass_id", "status", "credit_balance"),
    [
        ("client_ada", "brgpass_ada", "ACTIVE", 50),
        ("client_low_credits", "brgpass_low_credits", "ACTIVE", 2),
        ("client_no_credits", "brgpass_no_credits", "ACTIVE", 0),
        ("client_expired", "brgpass_expired", "EXPIRED", 0),
        ("client_cancelled", "brgpass_cancelled", "CANCELLED", 0),
        ("client_visits_used", "brgpass_visits_used", "ACTIVE", 0),
        ("client_standard", "brgpass_standard", "ACTIVE", 0),
        ("client_partner", "brgpass_partner", "ACTIVE", 0),
    ],
)
def test_everyone_holds_what_the_cast_list_says(
    client_id: str, pass_id: str, status: str, credit_balance: int, day: date, hour: int
) -> None:
    books = books_at(hour, day=day)
    client, pass_ = named(books, Client, client_id), named(books, IssuedPass, pass_id)
    assert [held.id for held in books.rising(IssuedPass, client_id)] == [pass_id]
    assert passes.status(pass_, named(books, Package, pass_.package_id), books.now) == status
    assert credits.balance(books, client) == credit_balance
    assert client.owner == pass_.owner == ("acct_partner" if "partner" in client_id else "acct_demo")


def test_one_client_has_no_pass() -> None:
    books = books_at()
    assert named(books, Client, "client_no_pass").owner == "acct_demo"
    assert list(books.rising(IssuedPass, "client_no_pass")) == []


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize("day", [A_TUESDAY, LEAP_DAY, NEW_YEAR, MONTH_END, date(2027, 3, 15)])
def test_all_visits_of_the_month_are_used_and_the_pass_is_active(day: date, hour: int) -> None:
    books = books_at(hour, day=day)
    pass_, package = named(books, IssuedPass, "brgpass_visits_used"), named(books, Package, "pass_standard")
    assert visits.left(pass_, package, "GYM", books.now) == 0
    assert visits.left(pass_, package, "GYM", books.now + 5 * DAY) == 0
    assert sum(pass_.used.values()) == 8
    fresh = named(books, IssuedPass, "brgpass_standard")
    assert visits.left(fresh, package, "GYM", books.now) == 8


@pytest.mark.parametrize(
    ("package_id", "opens", "shut"),
    [
        ("pass_premium", ("fitzone", "ironhouse", "members_only", "zen", "luxe", "creditgym"), ()),
        ("pass_standard", ("fitzone", "creditgym"), ("ironhouse", "members_only", "zen", "luxe")),
        ("pass_spa", ("zen", "luxe"), ("fitzone", "ironhouse", "members_only", "creditgym")),
    ],
)
def test_packages_open_what_they_say(package_id: str, opens: tuple[str, ...], shut: tuple[str, ...]) -> None:
    package = named(books_at(), Package, package_id)
    covered = {
        name for name in (*opens, *shut) if covering(package, named(books_at(), Provider, f"prov_{name}"))
    }
    assert covered == set(opens)


def test_packages_are_as_long_as_they_say() -> None:
    premium, standard, spa_month = (
        named(books_at(), Package, id_) for id_ in ("pass_premium", "pass_standard", "pass_spa")
    )
    assert (premium.duration, standard.duration, spa_month.duration) == ("annually", "annually", "monthly")
    rules = [*premium.categories, *standard.categories, *spa_month.categories]
    assert {rule.duration for rule in rules} == {"monthly"}
    assert [rule.visits_allowed for rule in rules] == [None, None, 8, 4]
    assert [rule.credit_allocated for rule in rules] == [0, 0, 0, 20]


def test_providers_are_what_they_are_known_for() -> None:
    books = books_at()
    providers = {
        name: named(books, Provider, f"prov_{name}")
        for name in ("fitzone", "ironhouse", "members_only", "zen", "luxe", "creditgym")
    }
    assert {name: (one.category, one.tier) for name, one in providers.items()} == {
        "fitzone": ("GYM", "STANDARD"),
        "ironhouse": ("GYM", "PREMIUM"),
        "members_only": ("GYM", "PREMIUM"),
        "zen": ("SPA", "STANDARD"),
        "luxe": ("SPA", "PREMIUM"),
        "creditgym": ("GYM", "STANDARD"),
    }
    assert providers["creditgym"].check_in_credit_cost == 3
    assert {name for name, one in providers.items() if one.accepts_credits} == {
        "fitzone",
        "luxe",
        "creditgym",
    }
    assert {name for name, one in providers.items() if copay.available(books, one)} == {
        "ironhouse",
        "zen",
        "luxe",
    }
    options = {
        option.id: (option.duration, option.visits) for option in books.rising(CopayOption, "prov_ironhouse")
    }
    assert options == {
        "copay_ironhouse_month": ("MONTHLY", 8),
        "copay_ironhouse_year": ("ANNUALLY", None),
    }


@pytest.mark.parametrize(
    ("instance_id", "class_id", "provider_id", "spots_left", "cost"),
    [
        ("ci_yoga_open", "class_yoga", "prov_fitzone", 20, None),
        ("ci_yoga_last_seat", "class_yoga", "prov_fitzone", 1, None),
        ("ci_yoga_full", "class_yoga", "prov_fitzone", 0, None),
        ("ci_hiit_open", "class_hiit", "prov_ironhouse", 16, None),
        ("ci_members_open", "class_members", "prov_members_only", 8, None),
        ("ci_workshop_open", "class_workshop", "prov_fitzone", 12, 5),
        ("ci_workshop_override", "class_workshop", "prov_fitzone", 12, 8),
    ],
)
def test_instances_have_the_seats_and_prices_they_are_named_after(
    instance_id: str, class_id: str, provider_id: str, spots_left: int, cost: int | None
) -> None:
    books = books_at()
    instance, class_ = named(books, Instance, instance_id), named(books, StudioClass, class_id)
    assert (instance.class_id, class_.provider_id) == (class_id, provider_id)
    assert classes.spots_left(instance, books.now) == spots_left
    assert classes.credit_cost(instance, class_) == cost


@pytest.mark.parametrize("day", [A_TUESDAY, LEAP_DAY, NEW_YEAR, MONTH_END])
def test_instances_lie_two_to_five_days_ahead_whatever_the_hour(day: date) -> None:
    first, last = midnight(day), Millis(midnight(day) + DAY - 1)
    cast = [one for one in base_of(day=day).all("class_instance") if one.id.count("_") > 1]
    assert len(cast) == 7
    for one in cast:
        assert isinstance(one, Instance)
        assert last + 2 * DAY <= one.starts <= first + 5 * DAY


def test_services_and_credit_packages_are_priced_as_documented() -> None:
    books = books_at()
    assert {one.id: one.credit_cost for one in books.rising(Service, "prov_zen")} == {
        "svc_massage": None,
        "svc_facial": None,
    }
    assert [(one.id, one.credit_cost) for one in books.rising(Service, "prov_luxe")] == [
        ("svc_luxe_ritual", 10)
    ]
    bundles = [named(books, CreditPackage, id_) for id_ in ("cpkg_50", "cpkg_10_plus_2", "cpkg_90_days")]
    assert [(one.credits, one.bonus_credits) for one in bundles] == [(50, 0), (10, 2), (25, 0)]
    assert [one.expires_in_days for one in bundles] == [None, None, 90]


def test_both_spas_have_room_all_day_tomorrow() -> None:
    books = books_at(12)
    for spa_id in ("prov_zen", "prov_luxe"):
        slots = spa.slots(books, named(books, Provider, spa_id), (), date(2026, 5, 13))
        assert len(slots) > 20
        assert all(free for _, free in slots)


def test_the_cast_heads_every_list_by_rising_id() -> None:
    for kind, ids in (
        ("pass", ["pass_premium", "pass_spa", "pass_standard"]),
        ("class", ["class_hiit", "class_members", "class_workshop", "class_yoga"]),
        ("credit_package", ["cpkg_10_plus_2", "cpkg_50", "cpkg_90_days"]),
    ):
        newest_first = [record.id for record in reversed(base_of().shelf(kind, ""))]
        assert newest_first[: len(ids)] == ids


def test_nothing_of_the_cast_happened_after_the_world_began() -> None:
    for seed in (1, 7):
        base = base_of(seed)
        for kind in ("client", "issued_pass", "lot", "transaction", "check_in", "access_code"):
            assert all(record.created <= midnight(A_TUESDAY) - HOUR // 2 for record in base.all(kind)), kind
