"""The scanner: what it accepts, what it takes, and in which order it refuses."""

from msgspec.structs import replace

from sandbox.domain import access_codes, check_ins, passes
from sandbox.domain.moments import DAY, after, end_of_day, plus_months
from sandbox.domain.records import AccessCode, CheckIn, CopayPurchase
from sandbox.domain.resources import named
from tests.domain.front_desk import buy_option, give_credits, held, lagos, make_code, town_with
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, issue, refused, reread


def scan(books: PaperBooks, code: AccessCode, provider_id: str | None = None) -> CheckIn:
    return check_ins.scan(books, code.code, provider_id or code.provider_id)


def test_an_accepted_code_takes_a_visit_and_is_used() -> None:
    books, pass_ = town_with("pass_standard")
    code = make_code(books)
    accepted = scan(books, code)
    assert (accepted.client_id, accepted.provider_id) == ("client_ada", "prov_fitzone")
    assert (accepted.access_code_id, accepted.payment.visits) == (code.id, 1)
    assert reread(books, pass_).used == {"GYM:0": 1}
    refused(scan, books, code, code="code_used")


def test_the_visit_counts_in_the_period_of_the_scan() -> None:
    books, pass_ = town_with("pass_standard")
    books.now = plus_months(NOON, 1)
    scan(books, make_code(books))
    assert reread(books, pass_).used == {"GYM:1": 1}


def test_at_a_gym_that_takes_credits_they_are_taken_and_no_visit() -> None:
    books, pass_ = town_with("pass_standard", credits_held=4)
    code = make_code(books, "prov_creditgym")
    assert held(books) == 4
    accepted = scan(books, code)
    assert (held(books), accepted.payment.credits_taken, accepted.payment.visits) == (1, 3, 0)
    assert reread(books, pass_).used == {}


def test_a_spas_check_in_takes_a_spa_visit() -> None:
    books, pass_ = town_with("pass_spa")
    scan(books, make_code(books, "prov_zen"))
    assert reread(books, pass_).used == {"SPA:0": 1}


def test_a_gym_copay_pays_with_one_of_its_visits() -> None:
    books, _ = town_with("pass_standard")
    bought = buy_option(books)
    accepted = scan(books, make_code(books, "prov_ironhouse"))
    assert (accepted.payment.copay_id, accepted.payment.visits) == (bought.id, 1)
    assert named(books, CopayPurchase, bought.id).used == 1


# --- refusals


def test_a_code_nobody_made_is_unknown() -> None:
    books, _ = town_with("pass_standard")
    refused(check_ins.scan, books, "0000000000", "prov_fitzone", code="code_unknown")


def test_a_code_of_another_provider_is_unknown_there() -> None:
    books, _ = town_with("pass_premium")
    code = make_code(books)
    refused(scan, books, code, "prov_ironhouse", code="code_unknown")
    assert scan(books, code)


def test_an_unknown_provider_is_not_found() -> None:
    books, _ = town_with("pass_premium")
    refused(scan, books, make_code(books), "prov_none", code="resource_not_found")


def test_a_code_expires_with_the_day() -> None:
    books, _ = town_with("pass_premium")
    code = make_code(books)
    books.now = end_of_day(NOON)
    refused(scan, books, code, code="code_expired")
    books.now = after(end_of_day(NOON), -1)
    assert scan(books, code)


def test_a_second_code_for_the_same_visit_is_refused() -> None:
    books, pass_ = town_with("pass_standard")
    first, second = make_code(books), make_code(books)
    scan(books, first)
    refused(scan, books, second, code="second_code_same_visit")
    assert reread(books, pass_).used == {"GYM:0": 1}


def test_another_day_or_another_provider_is_another_visit() -> None:
    books, _ = town_with("pass_premium")
    scan(books, make_code(books))
    assert scan(books, make_code(books, "prov_ironhouse"))
    books.now = lagos("2026-05-13 00:00")
    assert scan(books, make_code(books))


def test_a_pass_that_lapsed_by_then_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    code = make_code(books)
    passes.cancel(books, DEMO, pass_.id, {})
    refused(scan, books, code, code="pass_not_active")


def test_a_copay_that_ran_out_by_then_covers_nothing() -> None:
    books, _ = town_with("pass_standard")
    bought = buy_option(books)
    code = make_code(books, "prov_ironhouse")
    books.put(replace(bought, used=2))
    refused(scan, books, code, code="provider_not_covered")


def test_visits_used_by_then_are_missed() -> None:
    books, pass_ = town_with("pass_standard")
    code = make_code(books)
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    refused(scan, books, code, code="visits_used_up")


def test_spa_visits_used_by_then_are_missed() -> None:
    books, pass_ = town_with("pass_spa")
    code = make_code(books, "prov_zen")
    books.put(replace(reread(books, pass_), used={"SPA:0": 1}))
    refused(scan, books, code, code="visits_used_up")


def test_too_few_credits_are_refused_and_the_code_stays_good() -> None:
    books, _ = town_with("pass_standard", credits_held=2)
    code = make_code(books, "prov_creditgym")
    refusal = refused(scan, books, code, code="insufficient_credits")
    assert "balance of 2" in refusal.message
    give_credits(books, 1)
    assert scan(books, code)


# --- CODE-6: the order


def test_expired_comes_before_used() -> None:
    books, _ = town_with("pass_premium")
    code = make_code(books)
    scan(books, code)
    books.now = after(NOON, DAY)
    refused(scan, books, code, code="code_expired")


def test_the_second_of_a_visit_comes_before_the_pass() -> None:
    books, pass_ = town_with("pass_premium")
    first, second = make_code(books), make_code(books)
    scan(books, first)
    passes.cancel(books, DEMO, pass_.id, {})
    refused(scan, books, second, code="second_code_same_visit")


def test_the_pass_comes_before_its_visits_and_the_coverage_before_the_credits() -> None:
    books, pass_ = town_with("pass_standard")
    code = make_code(books)
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    visitless = reread(books, pass_)
    books.put(replace(visitless, cancelled=NOON))
    refused(scan, books, code, code="pass_not_active")
    at_creditgym = replace(code, id="code_x", provider_id="prov_creditgym")
    books.put(at_creditgym)
    books.put(replace(visitless, package_id="pass_spa"))
    refused(scan, books, at_creditgym, code="provider_not_covered")


def test_two_clients_visit_side_by_side() -> None:
    books, _ = town_with("pass_premium")
    issue(books, "client_bola")
    mine = make_code(books)
    wish = access_codes.CodeWish("client_bola", "prov_fitzone")
    theirs = access_codes.create(books, DEMO, wish)
    assert isinstance(theirs, AccessCode)
    scan(books, mine)
    assert scan(books, theirs).client_id == "client_bola"
