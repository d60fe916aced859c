"""PASS-1 to PASS-16: which pass is active when, and what its visits do."""

import pytest

from sandbox.domain.moments import plus_months
from sandbox.domain.records import Account, IssuedPass
from tests.audit.counter import DAY, HOUR, MINUTE, Counter, refused

STANDARD = 8  # visits a month of pass_standard


def use_all(desk: Counter, pass_id: str, period: int) -> None:
    desk.change(IssuedPass, pass_id, used={f"GYM:{period}": STANDARD})


def test_a_pass_is_active_until_its_last_millisecond(desk: Counter) -> None:
    expires = desk.find(IssuedPass, "brgpass_ada").expires
    desk.to(expires - 1)
    assert desk.status("brgpass_ada") == "ACTIVE"
    desk.advance(1)
    assert desk.status("brgpass_ada") == "EXPIRED"
    desk.advance(-1)
    assert desk.status("brgpass_ada") == "ACTIVE"


def test_before_its_start_a_pass_reads_active_and_is_refused(desk: Counter) -> None:
    start = desk.world().now + HOUR
    later = desk.issue("client_new", "pass_premium", start_date=start)
    assert later.body["status"] == "ACTIVE"
    told = desk.book("ci_yoga_open", "new", later.body["id"])
    assert refused(told, 409, "pass_not_active")
    desk.advance(HOUR - 1)
    assert refused(desk.book("ci_yoga_open", "new", later.body["id"]), 409, "pass_not_active")
    desk.advance(1)
    assert desk.book("ci_yoga_open", "new", later.body["id"]).status == 201


def test_months_are_counted_from_the_first_start(desk: Counter) -> None:
    desk.set_clock("2027-01-31 10:00")
    issued = desk.issue("client_new", "pass_spa").body
    assert issued["expires_at"] == plus_months(desk.world().now, 1)
    desk.set_clock("2027-02-28 09:59")
    assert desk.status(issued["id"]) == "ACTIVE"
    desk.set_clock("2027-02-28 10:00")
    assert desk.status(issued["id"]) == "EXPIRED"
    assert plus_months(issued["start_date"], 2) - plus_months(issued["start_date"], 1) == 31 * DAY


def test_a_cap_used_up_before_the_last_month_leaves_the_pass_active(desk: Counter) -> None:
    use_all(desk, "brgpass_standard", 10)
    assert desk.status("brgpass_standard") == "ACTIVE"


def test_a_cap_used_up_in_the_last_month_reads_expired_but_still_sells_visits(desk: Counter) -> None:
    issued = desk.issue("client_new", "pass_standard").body
    use_all(desk, issued["id"], 11)
    desk.to(plus_months(issued["start_date"], 11) + DAY)
    assert desk.status(issued["id"]) == "EXPIRED"
    code = desk.ask_code("new", "prov_fitzone")
    assert (code.status, code.body["additional_visits_required"]) == (200, True)
    confirmed = desk.confirm("access_code", code, {"number_of_visits": 1, "duration": "MONTHLY"})
    assert confirmed.status == 201
    assert desk.status(issued["id"]) == "ACTIVE"
    desk.scan(confirmed, "prov_fitzone")
    assert desk.status(issued["id"]) == "EXPIRED"


def test_extending_the_expiry_moves_the_last_month(desk: Counter) -> None:
    issued = desk.issue("client_new", "pass_standard").body
    use_all(desk, issued["id"], 11)
    assert desk.status(issued["id"]) == "EXPIRED"
    body = {"expires_at": issued["expires_at"] + 1}  # one more millisecond is a thirteenth month
    assert desk.post(f"/issued_passes/{issued['id']}/expiry", body).status == 200
    assert desk.status(issued["id"]) == "ACTIVE"


def test_bringing_the_expiry_forward_moves_the_last_month_too(desk: Counter) -> None:
    issued = desk.issue("client_new", "pass_standard").body
    use_all(desk, issued["id"], 0)
    assert desk.status(issued["id"]) == "ACTIVE"
    path = f"/issued_passes/{issued['id']}/expiry"
    month_end = plus_months(issued["start_date"], 1)
    desk.post(path, {"expires_at": month_end + 1})
    assert desk.status(issued["id"]) == "ACTIVE"
    desk.post(path, {"expires_at": month_end})
    assert desk.status(issued["id"]) == "EXPIRED"


def test_bought_visits_past_the_expiry_are_of_use_again_once_it_is_extended(desk: Counter) -> None:
    session = desk.ask_code("visits_used", "prov_fitzone")
    desk.confirm("access_code", session, {"number_of_visits": 5, "duration": "ANNUALLY"})
    path = "/issued_passes/brgpass_visits_used/expiry"
    desk.post(path, {"expires_at": desk.world().now + HOUR})
    desk.advance(HOUR)
    assert refused(desk.ask_code("visits_used", "prov_fitzone"), 409, "pass_not_active")
    desk.post(path, {"expires_at": desk.world().now + DAY})
    assert desk.ask_code("visits_used", "prov_fitzone").status == 201


def test_a_pass_that_lapses_before_the_confirm_is_refused_and_extended_confirms(desk: Counter) -> None:
    path = "/issued_passes/brgpass_standard/expiry"
    desk.post(path, {"expires_at": desk.world().now + MINUTE})
    session = desk.book("ci_hiit_open", "standard")
    desk.advance(MINUTE)
    option = {"copay_package_id": "copay_ironhouse_month"}
    before = desk.funds()
    assert refused(desk.confirm("class", session, option), 409, "pass_not_active")
    assert desk.funds() == before
    desk.post(path, {"expires_at": desk.world().now + DAY})
    assert desk.confirm("class", session, option).status == 201


def test_cancelling_a_pass_leaves_its_bookings(desk: Counter) -> None:
    booking = desk.booked("ci_yoga_open", "ada")
    desk.post("/issued_passes/brgpass_ada", {"status": "CANCELLED"})
    assert desk.get(f"/bookings/{booking}").body["status"] == "PENDING"
    assert desk.cancel(booking).body["refund"]["visits_restored"] == 1
    later = {"expires_at": desk.world().now + DAY}
    assert refused(desk.post("/issued_passes/brgpass_ada/expiry", later), 409, "pass_not_active")
    assert refused(desk.post("/issued_passes/brgpass_ada", {"email": "a@b.ng"}), 409, "pass_not_active")


def test_without_a_pass_named_one_with_visits_comes_first_then_the_soonest_to_expire(desk: Counter) -> None:
    used = desk.issue("client_new", "pass_standard").body["id"]
    use_all(desk, used, 0)
    long = desk.issue("client_new", "pass_premium").body
    short = desk.issue("client_new", "pass_premium").body
    desk.post(f"/issued_passes/{short['id']}/expiry", {"expires_at": long["expires_at"] - 1})
    desk.post(f"/issued_passes/{used}/expiry", {"expires_at": long["expires_at"] - 2})
    code = desk.ask_code("new", "prov_fitzone")
    assert desk.scan(code, "prov_fitzone").payment.pass_id == short["id"]


def test_the_grant_of_credits_lapses_when_the_pass_would_have(desk: Counter) -> None:
    issued = desk.issue("client_new", "pass_spa").body
    desk.post(f"/issued_passes/{issued['id']}/expiry", {"expires_at": issued["expires_at"] + DAY})
    desk.to(issued["expires_at"] - 1)
    assert desk.balance("client_new") == 20
    desk.advance(1)
    assert desk.balance("client_new") == 0
    assert desk.status(issued["id"]) == "ACTIVE"


def test_the_names_given_last_are_the_clients(desk: Counter) -> None:
    desk.issue("client_new", "pass_spa", email="first@example.ng")
    second = desk.issue("client_new", "pass_spa", first_name="Ngozi", tx_ref="mine-1").body
    assert second["tx_ref"] == "mine-1"
    client = desk.get("/clients/client_new").body
    assert (client["first_name"], client["email"], client["phone"]) == ("Ngozi", "first@example.ng", None)
    assert client["passes"][0]["id"] == second["id"]  # the newest first


def test_a_wrong_passcode_is_a_400_and_the_old_one_stops_working(desk: Counter) -> None:
    path = "/issued_passes/brgpass_ada/passcode"
    old = desk.get("/issued_passes/brgpass_ada").body["passcode"]
    new = desk.post(path, {"passcode": old}).body["passcode_info"]["passcode"]
    assert new != old
    assert refused(desk.post(path, {"passcode": old}), 400, "validation_error")
    assert desk.post(path, {"passcode": new}).status == 200


def test_issuing_without_funds_changes_nothing(desk: Counter) -> None:
    desk.change(Account, "acct_demo", balance_kobo=1)
    assert refused(desk.issue("client_new", "pass_spa"), 409, "account_balance_insufficient")
    assert refused(desk.get("/clients/client_new"), 404, "resource_not_found")
    assert desk.funds() == 1


@pytest.mark.parametrize("passcode", ["wrong", "WRONG001", "x" * 100])
def test_whatever_shape_a_wrong_passcode_has_the_pass_and_its_owner_are_asked_first(
    desk: Counter, passcode: str
) -> None:
    for pass_id, status, code in [
        ("brgpass_nobody", 404, "pass_not_found"),
        ("brgpass_partner", 403, "permission_denied"),
        ("brgpass_ada", 400, "validation_error"),
    ]:
        told = desk.post(f"/issued_passes/{pass_id}/passcode", {"passcode": passcode})
        assert refused(told, status, code)
        assert passcode not in told.message
