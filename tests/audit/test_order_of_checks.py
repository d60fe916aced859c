"""ERR-6, ERR-8, ERR-9: which of several refusals comes first."""

import pytest

from sandbox.domain.records import Account, Instance, Provider
from tests.audit.counter import Counter, refused

BOTH = "starting_after=a&ending_before=b"


@pytest.mark.parametrize(
    "path",
    [
        f"/clients/nobody/bookings?{BOTH}",
        f"/clients/client_partner/bookings?{BOTH}",
        f"/passes/nothing/providers?{BOTH}",
        f"/providers/nowhere/gym-copay-options?{BOTH}",
        "/passes/nothing/providers?lat=1",
        "/classes/nothing?from=2026-09-30&to=2026-09-01",
        "/classes/nothing?from=2026-09-01&to=2026-10-02",
        "/classes/nothing?from=2026-02-30",
        "/providers/nowhere/availability?date=2026-02-30",
    ],
)
def test_parameters_are_refused_before_anything_is_looked_for(desk: Counter, path: str) -> None:
    assert refused(desk.get(path), 400, "validation_error")


def test_a_key_that_was_used_is_refused_before_anything_is_looked_for(desk: Counter) -> None:
    desk.post("/lookup_settings", {"enabled": True}, Idempotency_Key="k")
    again = desk.post("/bookings/nothing/cancel", None, Idempotency_Key="k")
    assert refused(again, 409, "idempotency_key_reused")


def test_a_body_that_does_not_fit_is_refused_before_its_key(desk: Counter) -> None:
    desk.post("/lookup_settings", {"enabled": True}, Idempotency_Key="k")
    again = desk.post("/lookup_settings", {"enabled": "yes"}, Idempotency_Key="k")
    assert refused(again, 400, "validation_error")


def test_of_a_purchase_the_client_is_looked_for_before_the_provider_and_that_before_the_rest(
    desk: Counter,
) -> None:
    for body, missing in [
        ({"client_id": "x1", "provider_id": "x2", "quote_id": "x3"}, "x1"),
        ({"client_id": "client_ada", "provider_id": "x2", "quote_id": "x3"}, "x2"),
        ({"client_id": "client_ada", "provider_id": "prov_zen", "quote_id": "x3"}, "x3"),
        ({"client_id": "client_partner", "copay_package_id": "x2", "session_id": "x3"}, "x2"),
        (
            {"client_id": "client_partner", "copay_package_id": "copay_ironhouse_year", "session_id": "x3"},
            "x3",
        ),
    ]:
        told = desk.post("/copay_purchases", body)
        assert refused(told, 404, "resource_not_found")
        assert f"'{missing}'" in told.message


def test_a_bad_token_is_refused_after_the_404_and_before_what_does_not_fit(desk: Counter) -> None:
    bad = {"Bardge_Lookup_Token": "lkpt_wrong_wrong"}
    assert refused(desk.book("ci_yoga_open", "ada", "brgpass_none", **bad), 404, "pass_not_found")
    assert refused(desk.book("ci_yoga_open", "ada", "brgpass_standard", **bad), 403, "invalid_lookup_token")


def test_coverage_comes_before_the_provider_that_takes_no_credits(desk: Counter) -> None:
    desk.change(Instance, "ci_members_open", credit_cost=1)
    assert refused(desk.book("ci_members_open", "standard"), 403, "provider_not_covered")


def test_an_uncovered_client_meets_the_credits_before_a_session_is_opened(desk: Counter) -> None:
    desk.change(Instance, "ci_hiit_open", credit_cost=4)
    assert refused(desk.book("ci_hiit_open", "standard"), 409, "credits_not_accepted")
    desk.change(Provider, "prov_ironhouse", accepts_credits=True)
    assert refused(desk.book("ci_hiit_open", "standard"), 400, "validation_error")
    assert desk.seats("ci_hiit_open") == 16
    desk.adjust("client_standard", 4)
    assert desk.book("ci_hiit_open", "standard").body["copay_required"] is True


def test_the_account_is_the_last_to_refuse_a_confirm(desk: Counter) -> None:
    desk.change(Instance, "ci_hiit_open", credit_cost=4)
    desk.change(Provider, "prov_ironhouse", accepts_credits=True)
    desk.adjust("client_standard", 4)
    session = desk.book("ci_hiit_open", "standard")
    desk.change(Account, "acct_demo", balance_kobo=0)
    desk.adjust("client_standard", -1)
    option = {"copay_package_id": "copay_ironhouse_month"}
    assert refused(desk.confirm("class", session, option), 400, "validation_error")
    desk.adjust("client_standard", 1)
    assert refused(desk.confirm("class", session, option), 409, "account_balance_insufficient")


@pytest.mark.parametrize(
    "body", [{}, {"date": "2026-09-30", "time": "10:00"}, {"class_instance_id": "ci_hiit_open"}]
)
def test_a_move_that_does_not_fit_is_a_400_even_for_a_cancelled_booking(
    desk: Counter, body: dict[str, str]
) -> None:
    booking = desk.booked("ci_yoga_open", "ada")
    desk.cancel(booking)
    assert refused(desk.post(f"/bookings/{booking}/reschedule", body), 400, "validation_error")
    fitting = {"class_instance_id": "ci_yoga_open"}
    assert refused(desk.post(f"/bookings/{booking}/reschedule", fitting), 409, "already_cancelled")


def test_a_pass_of_another_client_is_told_whose_it_is(desk: Counter) -> None:
    told = desk.book("ci_yoga_open", "ada", "brgpass_standard")
    assert refused(told, 400, "validation_error")
    assert "belongs to the client 'client_standard', not to 'client_ada'" in told.message
