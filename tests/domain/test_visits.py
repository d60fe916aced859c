"""Visits: capped per calendar period, bought on top, and returned where they came from."""

from msgspec.structs import replace

from sandbox.domain import visits
from sandbox.domain.moments import DAY, Millis, after, plus_months
from sandbox.domain.records import IssuedPass, Package, Payment, Provider
from sandbox.domain.resources import named
from tests.domain.small_town import NOON, small_town

BOOKS = small_town()
NEXT_MONTH = plus_months(NOON, 1)


def package(id_: str = "pass_standard") -> Package:
    return named(BOOKS, Package, id_)


def new_pass() -> IssuedPass:
    """Two gym visits a month, from noon on the 12th, for a year."""
    return IssuedPass(
        id="brgpass_standard",
        owner="acct_demo",
        client_id="client_standard",
        package_id="pass_standard",
        starts=NOON,
        expires=plus_months(NOON, 12),
        passcode="",
        transaction_id="",
        tx_ref="",
    )


def take(pass_: IssuedPass, now: int = NOON) -> tuple[IssuedPass, Payment]:
    taken = visits.take(pass_, package(), "GYM", now)
    assert taken is not None
    return taken


def left(pass_: IssuedPass, now: int = NOON) -> int | None:
    return visits.left(pass_, package(), "GYM", now)


def worn_out(now: int = NOON) -> IssuedPass:
    return take(take(new_pass(), now)[0], now)[0]


def test_a_capped_pass_has_its_visits_and_no_more() -> None:
    assert left(new_pass()) == 2
    assert left(worn_out()) == 0
    assert visits.take(worn_out(), package(), "GYM", NOON) is None


def test_an_unlimited_pass_never_runs_out() -> None:
    pass_ = new_pass()
    for _ in range(100):
        taken = visits.take(pass_, package("pass_premium"), "GYM", NOON)
        assert taken is not None
        pass_, payment = taken
        assert payment.visits == 1  # PASS-10: unlimited ones count as deducted too
    assert visits.left(pass_, package("pass_premium"), "GYM", NOON) is None


def test_a_new_period_starts_on_the_calendar_day_the_pass_started() -> None:
    assert left(worn_out(), NEXT_MONTH - 1) == 0
    assert left(worn_out(), NEXT_MONTH) == 2


def test_a_pass_from_the_31st_renews_on_the_last_day_of_shorter_months() -> None:
    january_31 = Millis(plus_months(NOON, -4) + 19 * DAY)
    pass_ = replace(new_pass(), starts=january_31, used={"GYM:0": 2})
    february_28, march_31 = plus_months(january_31, 1), plus_months(january_31, 2)
    assert (left(pass_, february_28 - 1), left(pass_, february_28)) == (0, 2)
    assert march_31 - february_28 == 31 * DAY


def test_a_category_the_package_lacks_has_no_visits() -> None:
    assert visits.left(new_pass(), package(), "SPA", NOON) == 0
    assert visits.take(new_pass(), package(), "SPA", NOON) is None


def test_a_returned_visit_goes_back_to_its_period() -> None:
    pass_, payment = take(worn_out(), NEXT_MONTH)
    returned = visits.give_back(pass_, payment)
    assert left(returned, NEXT_MONTH) == 2
    assert left(returned, NOON) == 0


def test_bought_visits_are_used_after_the_periods_own() -> None:
    pass_ = visits.buy(new_pass(), "GYM", 3, "MONTHLY", NOON)
    assert left(pass_) == 5
    for _ in range(2):
        pass_, payment = take(pass_)
        assert payment.period == 0
    pass_, payment = take(pass_)
    assert (payment.period, payment.bought, payment.visits) == (None, NOON, 1)
    assert left(pass_) == 2


def test_of_bought_visits_the_soonest_to_lapse_are_used_first() -> None:
    pass_ = visits.buy(worn_out(), "GYM", 1, "ANNUALLY", NOON)
    pass_ = visits.buy(pass_, "GYM", 1, "MONTHLY", NOON + 1)
    pass_, first = take(pass_, NOON + 2)
    pass_, second = take(pass_, NOON + 2)
    assert (first.bought, second.bought) == (NOON + 1, NOON)
    assert left(pass_, NOON + 2) == 0


def test_bought_visits_last_a_month_or_a_year_and_no_moment_longer() -> None:
    month = visits.buy(worn_out(), "GYM", 1, "MONTHLY", NOON + DAY)
    lapse = plus_months(NOON + DAY, 1)
    used_again = replace(month, used={**month.used, "GYM:1": 2})
    assert (left(used_again, lapse - 1), left(used_again, lapse)) == (1, 0)
    year = visits.buy(worn_out(), "GYM", 1, "ANNUALLY", NOON + DAY)
    assert left(year, lapse) == 3


def test_visits_bought_in_one_millisecond_find_their_way_back() -> None:
    """A frozen clock sells a month's and a year's visits in one moment."""
    pass_ = visits.buy(worn_out(), "GYM", 1, "ANNUALLY", NOON)
    pass_ = visits.buy(pass_, "GYM", 1, "MONTHLY", NOON)
    pass_ = visits.buy(pass_, "GYM", 1, "MONTHLY", NOON)
    pass_, first = take(pass_)
    pass_, second = take(pass_)
    pass_, third = take(pass_)
    year, month = plus_months(NOON, 12), NEXT_MONTH
    assert [first.bought_lapses, second.bought_lapses, third.bought_lapses] == [month, month, year]
    returned = visits.give_back(pass_, third)
    assert {(lot.lapses, lot.count, lot.used) for lot in returned.bought} == {(year, 1, 0), (month, 2, 2)}


def test_a_bought_visit_that_returns_after_its_lapse_stays_lapsed() -> None:
    pass_, payment = take(visits.buy(worn_out(), "GYM", 1, "MONTHLY", NOON))
    later = after(NEXT_MONTH, DAY)
    assert left(visits.give_back(pass_, payment), later) == left(pass_, later) == 2


def test_what_was_not_paid_with_a_visit_returns_none() -> None:
    assert visits.give_back(worn_out(), Payment(pass_id="brgpass_standard")) == worn_out()


def test_all_visits_are_used_when_the_last_period_is() -> None:
    """PASS-11: a month used up before the last one brings new visits; the last one does not."""
    pass_ = replace(new_pass(), used={"GYM:0": 2, "GYM:10": 2})
    assert not visits.all_used(pass_, package(), NOON)
    assert visits.all_used(replace(pass_, used={"GYM:11": 2}), package(), NOON)


def test_the_last_period_is_that_of_the_expiry_as_it_now_stands() -> None:
    ends_this_month = replace(worn_out(), expires=NEXT_MONTH)
    assert visits.all_used(ends_this_month, package(), NOON)
    one_moment_more = replace(ends_this_month, expires=after(NEXT_MONTH, 1))
    assert not visits.all_used(one_moment_more, package(), NOON)


def test_visits_bought_keep_a_worn_out_pass_going_until_they_lapse() -> None:
    pass_ = visits.buy(replace(worn_out(), expires=NEXT_MONTH), "GYM", 1, "MONTHLY", NOON - DAY)
    assert not visits.all_used(pass_, package(), NOON)
    assert visits.all_used(pass_, package(), plus_months(NOON - DAY, 1))


def test_one_unlimited_category_is_never_all_used() -> None:
    assert not visits.all_used(new_pass(), package("pass_premium"), NOON)


def test_a_visit_costs_more_at_a_premium_gym() -> None:
    standard, premium = named(BOOKS, Provider, "prov_fitzone"), named(BOOKS, Provider, "prov_ironhouse")
    assert 0 < visits.cost_per_visit(standard) < visits.cost_per_visit(premium)
