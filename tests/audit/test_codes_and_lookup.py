"""CODE-1 to CODE-8 and LOOK-1 to LOOK-8."""

import pytest

from sandbox.domain.records import AccessCode, Account, LookupToken
from sandbox.domain.refusals import Refusal
from tests.api.in_process import Told
from tests.audit.counter import DAY, HOUR, MINUTE, Counter, refused

WISH = {"first_name": "Bola", "last_name": "Ade"}


def rejected(desk: Counter, code: Told, provider_id: str) -> str:
    with pytest.raises(Refusal) as no:
        desk.scan(code, provider_id)
    return no.value.code


def test_a_code_is_over_at_the_last_millisecond_of_the_business_day(desk: Counter) -> None:
    desk.set_clock("2026-09-21 23:00")
    code = desk.ask_code("ada", "prov_fitzone")
    end = code.body["expires_at"]
    assert end == desk.world().now + HOUR - 1
    desk.to(end)
    assert rejected(desk, code, "prov_fitzone") == "code_expired"
    desk.advance(-1)
    desk.scan(code, "prov_fitzone")


def test_the_scanner_says_unknown_before_expired_before_used_before_second(desk: Counter) -> None:
    first, second = desk.ask_code("ada", "prov_fitzone"), desk.ask_code("ada", "prov_fitzone")
    assert second.status == 201
    assert rejected(desk, first, "prov_ironhouse") == "code_unknown"
    assert desk.scan(first, "prov_fitzone").payment.visits == 1
    assert rejected(desk, first, "prov_fitzone") == "code_used"
    assert rejected(desk, second, "prov_fitzone") == "second_code_same_visit"
    desk.advance(DAY)
    assert rejected(desk, first, "prov_fitzone") == "code_expired"
    desk.scan(desk.ask_code("ada", "prov_fitzone"), "prov_fitzone")


def test_a_second_code_of_the_visit_is_said_before_the_pass(desk: Counter) -> None:
    first, second = desk.ask_code("ada", "prov_fitzone"), desk.ask_code("ada", "prov_fitzone")
    other = desk.ask_code("ada", "prov_ironhouse")
    desk.scan(first, "prov_fitzone")
    desk.post("/issued_passes/brgpass_ada", {"status": "CANCELLED"})
    assert rejected(desk, second, "prov_fitzone") == "second_code_same_visit"
    assert rejected(desk, other, "prov_ironhouse") == "pass_not_active"


def test_credits_are_taken_at_the_check_in_and_not_when_the_code_is_made(desk: Counter) -> None:
    poor = desk.ask_code("no_credits", "prov_creditgym")
    assert poor.status == 201
    assert rejected(desk, poor, "prov_creditgym") == "insufficient_credits"
    rich = desk.ask_code("ada", "prov_creditgym")
    assert desk.balance("client_ada") == 50
    accepted = desk.scan(rich, "prov_creditgym")
    assert (accepted.payment.visits, accepted.payment.credits_taken) == (0, 3)
    assert desk.balance("client_ada") == 47


def test_at_a_spa_a_client_uncovered_or_without_visits_gets_no_code(desk: Counter) -> None:
    assert refused(desk.ask_code("standard", "prov_zen"), 403, "provider_not_covered")
    assert desk.ask_code("ada", "prov_zen").status == 201


def test_a_gym_without_options_is_out_of_reach(desk: Counter) -> None:
    assert refused(desk.ask_code("standard", "prov_members_only"), 403, "provider_not_covered")
    assert refused(desk.ask_code("no_pass", "prov_members_only"), 409, "pass_not_active")


def test_one_path_knows_no_session_of_another(desk: Counter) -> None:
    session = desk.ask_code("visits_used", "prov_fitzone").body["session_id"]
    for path in (f"/bookings/class/{session}/confirm", f"/bookings/spa/{session}/confirm"):
        assert refused(desk.post(path), 404, "resource_not_found")


def test_the_visits_a_code_session_sells_are_used_at_the_scanner(desk: Counter) -> None:
    session = desk.ask_code("visits_used", "prov_fitzone")
    before = desk.funds()
    code = desk.confirm("access_code", session, {"number_of_visits": 1, "duration": "MONTHLY"})
    assert before - desk.funds() == session.body["cost_per_visit"]
    booked = desk.book("ci_yoga_open", "visits_used")  # the visit goes to who comes first
    assert booked.status == 201
    assert rejected(desk, code, "prov_fitzone") == "visits_used_up"


# --- lookup ---------------------------------------------------------------------------------


def open_lookup(desk: Counter) -> tuple[str, str]:
    told = desk.post("/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
    return f"/lookups/{told.body['id']}/verify", desk.code_sent()


def wrong(code: str) -> dict[str, str]:
    return {"access_code": f"{(int(code) + 1) % 1_000_000:06}"}


def test_the_fifth_wrong_code_is_still_a_400_and_closes_the_lookup(desk: Counter) -> None:
    path, code = open_lookup(desk)
    assert refused(desk.post(path, {"access_code": "12345"}), 400, "validation_error")  # no attempt
    for _ in range(5):
        assert refused(desk.post(path, wrong(code)), 400, "validation_error")
    assert refused(desk.post(path, {"access_code": code}), 409, "lookup_not_pending")


def test_a_wrong_code_is_counted_under_the_same_key_too(desk: Counter) -> None:
    path, code = open_lookup(desk)
    for _ in range(5):
        assert refused(desk.post(path, wrong(code), Idempotency_Key="k"), 400, "validation_error")
    assert refused(desk.post(path, wrong(code), Idempotency_Key="k"), 409, "lookup_not_pending")


def test_after_four_wrong_ones_the_right_one_verifies_and_is_replayed_with_its_token(desk: Counter) -> None:
    path, code = open_lookup(desk)
    for _ in range(4):
        desk.post(path, wrong(code))
    first = desk.post(path, {"access_code": code}, Idempotency_Key="k")
    assert first.status == 200
    assert refused(desk.post(path, {"access_code": code}), 409, "lookup_not_pending")
    desk.advance(DAY - 1)
    again = desk.post(path, {"access_code": code}, Idempotency_Key="k")
    assert again.response.body == first.response.body
    assert again.header("Idempotent-Replayed") == "true"
    assert again.header("Bardge-Request-Id") != first.header("Bardge-Request-Id")
    desk.advance(1)
    told = desk.post(path, {"access_code": code}, Idempotency_Key="k")
    assert refused(told, 409, "lookup_not_pending")


def test_a_code_is_over_at_ten_minutes(desk: Counter) -> None:
    path, code = open_lookup(desk)
    desk.advance(10 * MINUTE)
    assert refused(desk.post(path, {"access_code": code}), 409, "lookup_not_pending")
    desk.advance(-1)
    assert desk.post(path, {"access_code": code}).status == 200


def test_verifying_anothers_lookup_is_a_403_and_no_attempt(desk: Counter) -> None:
    path, code = open_lookup(desk)
    for _ in range(6):
        assert refused(desk.post(path, wrong(code), key="partner"), 403, "permission_denied")
    assert desk.post(path, {"access_code": code}).status == 200


def test_oneself_an_issuer_that_is_off_and_a_client_of_another_are_not_found(desk: Counter) -> None:
    for issuer, client in [
        ("iss_demo", "client_ada"),
        ("iss_disabled", "client_x"),
        ("iss_partner", "client_ada"),
    ]:
        told = desk.post("/lookups", {"issuer_id": issuer, "client_id": client})
        assert refused(told, 404, "resource_not_found")
    assert [one["id"] for one in desk.get("/issuers").body["data"]] == ["iss_partner"]


OPENED_BY_TOKEN = {
    "create_access_code": (
        "POST",
        "/access-codes",
        {"client_id": "client_partner", "provider_id": "prov_fitzone"},
    ),
    "book_class": (
        "POST",
        "/bookings/class",
        WISH
        | {
            "class_instance_id": "ci_yoga_open",
            "client_id": "client_partner",
            "user_pass_id": "brgpass_partner",
        },
    ),
    "book_spa": (
        "POST",
        "/bookings/spa",
        WISH
        | {
            "provider_id": "prov_zen",
            "service_ids": ["svc_massage"],
            "date": "2026-09-23",
            "time": "10:00",
            "client_id": "client_partner",
            "user_pass_id": "brgpass_partner",
        },
    ),
    "quote_spa_copay": (
        "POST",
        "/providers/prov_zen/spa-copay-quote",
        {"client_id": "client_partner", "service_ids": ["svc_massage"]},
    ),
    "get_client": ("GET", "/clients/client_partner", None),
    "get_client_credits": ("GET", "/clients/client_partner/credits", None),
    "list_client_bookings": ("GET", "/clients/client_partner/bookings", None),
}


@pytest.mark.parametrize("operation", OPENED_BY_TOKEN)
def test_a_token_opens_its_client_while_it_lives_and_the_issuer_lets_it(
    desk: Counter, operation: str
) -> None:
    method, path, body = OPENED_BY_TOKEN[operation]
    token = {"Bardge_Lookup_Token": desk.token()}
    assert refused(desk.ask(method, path, body), 403, "permission_denied")
    assert refused(desk.ask(method, path, body, Bardge_Lookup_Token=""), 403, "invalid_lookup_token")
    desk.change(Account, "acct_partner", lookup_enabled=False)
    assert refused(desk.ask(method, path, body, **token), 403, "invalid_lookup_token")
    desk.change(Account, "acct_partner", lookup_enabled=True)
    assert desk.ask(method, path, body, **token).status in (200, 201)


def test_a_token_lives_ninety_days(desk: Counter) -> None:
    token = {"Bardge_Lookup_Token": desk.token()}
    desk.advance(90 * DAY - 1)
    assert desk.get("/clients/client_partner", **token).status == 200
    desk.advance(1)
    assert refused(desk.get("/clients/client_partner", **token), 403, "invalid_lookup_token")


def test_a_token_is_checked_even_for_ones_own_client_and_ignored_elsewhere(desk: Counter) -> None:
    token = {"Bardge_Lookup_Token": desk.token()}
    assert refused(desk.get("/clients/client_ada", **token), 403, "invalid_lookup_token")
    assert refused(desk.get("/clients/client_ada", Bardge_Lookup_Token="x"), 403, "invalid_lookup_token")
    assert desk.get("/issued_passes/brgpass_ada", Bardge_Lookup_Token="x").status == 200
    assert refused(desk.get("/issued_passes/brgpass_partner", **token), 403, "permission_denied")
    order = {"client_id": "client_partner", "package_id": "cpkg_50"}
    assert refused(desk.post("/credit_purchases", order, **token), 403, "permission_denied")


def test_a_token_opens_nothing_to_its_issuer_or_a_third_reseller(desk: Counter) -> None:
    token = {"Bardge_Lookup_Token": desk.token()}
    told = desk.get("/clients/client_partner", key="partner", **token)
    assert refused(told, 403, "invalid_lookup_token")


def test_what_a_token_made_is_its_makers_and_the_clients_visit_is_used(desk: Counter) -> None:
    token = {"Bardge_Lookup_Token": desk.token()}
    booked = desk.book("ci_yoga_open", "partner", **token).body["booking_id"]
    assert refused(desk.get(f"/bookings/{booked}", key="partner"), 403, "permission_denied")
    assert desk.get("/clients/client_partner/bookings", key="partner").body["data"] == []
    listed = desk.get("/clients/client_partner/bookings", **token).body["data"]
    assert [one["id"] for one in listed] == [booked]
    cursor = desk.get(f"/clients/client_partner/bookings?starting_after={booked}", key="partner")
    assert refused(cursor, 400, "validation_error")
    theirs = desk.book("ci_yoga_open", "partner", key="partner")
    assert refused(theirs, 409, "slot_unavailable")  # one seat a client, whoever booked it
    assert refused(desk.cancel(booked, key="partner"), 403, "permission_denied")
    assert desk.cancel(booked).status == 200  # without the token


def test_the_makers_account_pays(desk: Counter) -> None:
    package = {"pass_id": "pass_standard", "client_id": "client_theirs", **WISH}
    issued = desk.post("/issued_passes", package, key="partner").body["id"]
    token = {"Bardge_Lookup_Token": desk.token("client_theirs")}
    session = desk.book("ci_hiit_open", "theirs", issued, **token)
    ours, theirs = desk.funds(), desk.funds("partner")
    option = {"copay_package_id": "copay_ironhouse_month"}
    assert refused(desk.confirm("class", session, option, key="partner"), 403, "permission_denied")
    assert desk.confirm("class", session, option).status == 201
    assert (desk.funds() < ours, desk.funds("partner")) == (True, theirs)


def test_the_token_itself_is_kept_nowhere(desk: Counter) -> None:
    secret = desk.token()
    assert secret not in str(desk.world().all(LookupToken))
    assert not [one for one in desk.world().all(AccessCode) if secret in str(one)]
