"""What the studio and the dashboard do, and the log of it."""

import pytest

from tests.control.tester import BOOK_ADA, InWorld

WORKSHOP = {**BOOK_ADA, "class_instance_id": "ci_workshop_open"}


def test_a_draft_is_nobodys_until_it_is_published(world: InWorld) -> None:
    draft = world.ask(
        "POST", "/credit-packages", {"name": "Summer", "credits": 20, "bonus_credits": 5, "amount": 100}
    )
    assert (draft.status, draft.body["state"]) == (201, "DRAFT")
    buy = {"client_id": "client_no_credits", "package_id": draft.body["id"]}
    shown = [one["id"] for one in world.call("GET", "/credit_packages").data]
    assert draft.body["id"] not in shown
    assert world.call("POST", "/credit_purchases", buy).status == 404
    world.ask("POST", f"/credit-packages/{draft.body['id']}/publish", {"why": "season"})
    assert draft.body["id"] in [one["id"] for one in world.call("GET", "/credit_packages").data]
    assert world.call("POST", "/credit_purchases", buy).body["credits_added"] == 25
    edited = world.ask(
        "PATCH", f"/credit-packages/{draft.body['id']}", {"credits": 30, "expires_in_days": 10}
    )
    assert (edited.body["credits"], edited.body["expires_in_days"]) == (30, 10)
    assert world.call("POST", "/credit_purchases", buy).body["credits_added"] == 35
    world.ask("POST", f"/credit-packages/{draft.body['id']}/archive")
    assert draft.body["id"] not in [one["id"] for one in world.call("GET", "/credit_packages").data]
    assert world.call("POST", "/credit_purchases", buy).status == 404
    states = {one["id"]: one["state"] for one in world.ask("GET", "/credit-packages").data}
    assert states[draft.body["id"]] == "ARCHIVED"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": " ", "credits": 1, "amount": 1},
        {"name": "x", "credits": 0, "amount": 1},
        {"name": "x", "credits": 1, "amount": -1},
    ],
)
def test_a_package_that_cannot_be_is_refused(world: InWorld, wrong: dict[str, object]) -> None:
    assert world.ask("POST", "/credit-packages", wrong).status == 400


def test_one_session_can_have_a_price_of_its_own(world: InWorld) -> None:
    path = "/class-instances/ci_workshop_open"
    assert world.ask("GET", path).body["credit_cost"] == 5
    assert world.ask("PATCH", path, {"credit_cost": 9}).body["credit_cost_override"] == 9
    world.call("POST", "/bookings/class", WORKSHOP)
    assert world.call("GET", "/clients/client_ada/credits").body["balance"] == 41
    assert world.ask("PATCH", path, {"credit_cost": None}).body["credit_cost"] == 5
    assert world.ask("GET", "/class-instances/ci_workshop_override").body["credit_cost"] == 8


def test_capacity_never_falls_below_what_is_taken(world: InWorld) -> None:
    world.book()
    assert world.ask("PATCH", "/class-instances/ci_yoga_open", {"capacity": 1}).body["spots_left"] == 0
    assert world.ask("PATCH", "/class-instances/ci_yoga_full", {"capacity": 5}).status == 400
    other = {**BOOK_ADA, "client_id": "client_low_credits", "user_pass_id": "brgpass_low_credits"}
    assert world.call("POST", "/bookings/class", other).code == "class_full"


def test_a_cancelled_session_cancels_its_bookings_and_everything_returns(world: InWorld) -> None:
    booking = world.call("POST", "/bookings/class", WORKSHOP).body["booking_id"]
    cancelled = world.ask("PATCH", "/class-instances/ci_workshop_open", {"status": "CANCELLED", "why": "ill"})
    assert cancelled.body["status"] == "CANCELLED"
    assert world.call("GET", f"/bookings/{booking}").body["status"] == "CANCELLED"
    assert world.call("GET", "/clients/client_ada/credits").body["balance"] == 50
    assert (
        world.ask("PATCH", "/class-instances/ci_workshop_open", {"status": "CANCELLED"}).code
        == "already_cancelled"
    )
    assert world.call("POST", "/bookings/class", WORKSHOP).code == "slot_unavailable"


def test_credits_are_given_and_taken_with_a_reason(world: InWorld) -> None:
    path = "/clients/client_low_credits/credits/adjust"
    given = world.ask("POST", path, {"amount": 10, "reason": "cold shower"})
    assert (given.body["balance"], given.body["ledger"][0]["description"]) == (12, "cold shower")
    taken = world.ask("POST", path, {"amount": -3, "reason": "counted twice"})
    assert taken.body["balance"] == 9
    too_many = world.ask("POST", path, {"amount": -10, "reason": "too many"})
    assert (too_many.status, "Take away 9 at most" in str(too_many.body)) == (400, True)
    lapsing = {"amount": -1, "reason": "x", "expires_at": "2100-01-01T00:00:00Z"}
    assert world.ask("POST", path, lapsing).status == 400
    assert world.ask("POST", path, {"amount": 1}).status == 400
    assert world.ask("POST", path, {"amount": 1, "reason": "  "}).status == 400
    assert world.ask("POST", path, {"amount": 0, "reason": "x"}).status == 400
    assert world.ask("GET", "/clients/client_low_credits/credits").body["balance"] == 9


def test_given_credits_may_lapse(world: InWorld) -> None:
    world.ask("POST", "/clock", {"set": "2026-05-19T10:00:00Z"})
    world.ask(
        "POST",
        "/clients/client_low_credits/credits/adjust",
        {"amount": 10, "reason": "x", "expires_at": "2026-05-20T10:00:00Z"},
    )
    assert world.ask("GET", "/clients/client_low_credits/credits").body["balance"] == 12
    world.advance("P1D")
    told = world.ask("GET", "/clients/client_low_credits/credits").body
    assert told["balance"] == 2
    assert [lot["lapsed"] for lot in told["lots"]] == [True, False]
    past = {"amount": 1, "reason": "x", "expires_at": "2026-05-19T10:00:00Z"}
    assert world.ask("POST", "/clients/client_low_credits/credits/adjust", past).status == 400


def test_a_refund_voids_what_is_left_and_pays_back(world: InWorld) -> None:
    before = world.ask("GET", "/accounts/demo").body["balance"]
    bought = world.call(
        "POST", "/credit_purchases", {"client_id": "client_no_credits", "package_id": "cpkg_10_plus_2"}
    ).body
    assert world.ask("GET", "/accounts/demo").body["balance"] == before - bought["amount"]
    refund = world.ask("POST", f"/credit-purchases/{bought['id']}/refund", {"reason": "mistake"})
    assert refund.body == {"used": 0, "voided": 12, "balance": 0}
    assert world.ask("GET", "/accounts/demo").body["balance"] == before
    assert (
        world.ask("POST", f"/credit-purchases/{bought['id']}/refund", {"reason": "again"}).code
        == "already_refunded"
    )
    assert world.ask("POST", "/credit-purchases/crp_unknown/refund", {"reason": "x"}).status == 404
    assert world.ask("POST", f"/credit-purchases/{bought['id']}/refund", {}).status == 400


def test_an_account_is_found_by_id_and_by_name(world: InWorld) -> None:
    assert world.ask("GET", "/accounts/acct_demo").body == world.ask("GET", "/accounts/demo").body
    assert world.ask("GET", "/accounts/nobody").status == 404
    assert [one["name"] for one in world.ask("GET", "/accounts").data] == ["demo", "partner", "disabled"]


def test_an_account_can_be_disabled_emptied_and_hidden(world: InWorld) -> None:
    world.ask("PATCH", "/accounts/partner", {"lookup_enabled": False})
    assert world.call("GET", "/issuers").data == []
    world.ask("PATCH", "/accounts/demo", {"balance": 10})
    buy = {"client_id": "client_ada", "package_id": "cpkg_50"}
    assert world.call("POST", "/credit_purchases", buy).code == "account_balance_insufficient"
    world.ask("POST", "/accounts/demo", {"enabled": False})
    assert world.call("GET", "/passes").code == "account_disabled"
    assert world.ask("PATCH", "/accounts/demo", {}).status == 400
    assert world.ask("PATCH", "/accounts/demo", {"balance": -1}).status == 400
    assert world.ask("PATCH", "/accounts/demo", {"name": "other"}).status == 400


def test_a_rotated_key_is_refused_at_once(world: InWorld) -> None:
    fresh = world.ask("POST", "/accounts/demo/rotate-key").body["api_key"]
    assert world.call("GET", "/passes").code == "invalid_api_key"
    assert world.call("GET", "/passes", key=fresh).status == 200
    assert world.ask("GET", "/accounts/demo").body["api_key"] == fresh


def test_a_booking_can_be_confirmed_completed_or_missed(world: InWorld) -> None:
    booking = world.book().body["booking_id"]
    assert world.ask("GET", f"/bookings/{booking}").body["status"] == "PENDING"
    assert world.ask("PATCH", f"/bookings/{booking}", {"status": "CONFIRMED"}).body["status"] == "CONFIRMED"
    assert world.call("GET", f"/bookings/{booking}").body["status"] == "CONFIRMED"
    missed = world.ask("PATCH", f"/bookings/{booking}", {"no_show": True, "why": "not there"}).body
    assert (missed["status"], missed["no_show"], missed["refund"]) == ("COMPLETED", True, None)
    assert world.call("POST", f"/bookings/{booking}/cancel").code == "booking_closed"
    assert world.ask("PATCH", f"/bookings/{booking}", {"status": "CANCELLED"}).status == 400
    assert world.ask("PATCH", "/bookings/booking_unknown", {"status": "CONFIRMED"}).status == 404


def test_what_was_cancelled_cannot_be_completed(world: InWorld) -> None:
    booking = world.book().body["booking_id"]
    world.call("POST", f"/bookings/{booking}/cancel")
    assert world.ask("PATCH", f"/bookings/{booking}", {"status": "COMPLETED"}).code == "already_cancelled"
    assert world.ask("GET", "/acts").data == []


def test_every_act_is_logged_with_who_what_and_why(world: InWorld) -> None:
    body = b'{"amount": 5, "reason": "the shower was cold"}'
    path = f"/worlds/{world.id}/clients/client_ada/credits/adjust"
    world.tester.ask("POST", path, body, content_type="application/json", sandbox_actor="Yemi at the desk")
    world.ask("PATCH", "/accounts/demo", {"enabled": False, "why": "unpaid"})
    world.ask("PATCH", "/accounts/demo", {"balance": -1})
    newest, first = world.ask("GET", "/acts").data
    assert (first["who"], first["subject"], first["why"]) == (
        "Yemi at the desk",
        "client_ada",
        "the shower was cold",
    )
    assert first["what"] == "adjusted credits by +5"
    assert (newest["who"], newest["what"], newest["why"]) == (
        "back office",
        "changed enabled to False",
        "unpaid",
    )


def test_the_back_office_of_one_world_touches_no_other(world: InWorld) -> None:
    other = world.tester.new_world()
    world.ask("PATCH", "/accounts/demo", {"balance": 1})
    world.ask("PATCH", "/class-instances/ci_yoga_open", {"status": "CANCELLED"})
    assert other.ask("GET", "/accounts/demo").body["balance"] == 100_000_000_000
    assert other.book().status == 201
