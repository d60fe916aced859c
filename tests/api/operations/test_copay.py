"""The operations on co-pays: what a call gets in reply, field by field."""

from typing import Any

import pytest

from sandbox.api.call import Call, Reply
from sandbox.api.operations import copay as operations
from sandbox.domain.moments import DAY, MINUTE, plus_months
from tests.domain.front_desk import open_class, town_with
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, refused, small_town


def options(books: PaperBooks, provider_id: str) -> Reply:
    call = Call("list_gym_copay_options", "/options", path={"providerBranchId": provider_id})
    return operations.list_gym_copay_options(call, DEMO, books)


def quote(books: PaperBooks) -> dict[str, Any]:
    body = {"client_id": "client_ada", "service_ids": ["svc_massage"]}
    call = Call("quote_spa_copay", "/quote", path={"id": "prov_zen"}, body=body)
    reply = operations.quote_spa_copay(call, DEMO, books)
    assert reply.status == 201
    return reply.body


def purchase(books: PaperBooks, **body: str) -> dict[str, Any]:
    call = Call("purchase_copay", "/copay_purchases", body={"client_id": "client_ada", **body})
    reply = operations.purchase_copay(call, DEMO, books)
    assert reply.status == 201
    return reply.body


def test_the_options_of_a_gym_newest_first() -> None:
    shown = options(small_town(), "prov_ironhouse").body["data"]
    assert [one["id"] for one in shown] == ["copay_ironhouse_year", "copay_ironhouse_month"]
    assert shown[1] == {
        "object": "copay_option",
        "id": "copay_ironhouse_month",
        "provider_id": "prov_ironhouse",
        "name": "A month",
        "amount": 1_500_000,
        "currency": "NGN",
        "duration": "MONTHLY",
        "visits": 2,
    }
    assert shown[0]["visits"] is None


def test_a_gym_without_options_has_an_empty_list_and_a_spa_has_none() -> None:
    assert options(small_town(), "prov_members_only").body["data"] == []
    refused(options, small_town(), "prov_zen", code="validation_error")
    refused(options, small_town(), "prov_none", code="resource_not_found")


def test_a_quote_lasts_ten_minutes() -> None:
    books, _ = town_with("pass_standard")
    body = quote(books)
    assert body == {
        "object": "spa_copay_quote",
        "id": body["id"],
        "provider_id": "prov_zen",
        "client_id": "client_ada",
        "services": [
            {
                "id": "svc_massage",
                "name": "massage",
                "duration_minutes": 60,
                "price": 1_000_001,
                "credit_cost": None,
            }
        ],
        "copay_required": True,
        "amount": 1_000_001,
        "currency": "NGN",
        "expires_at": NOON + 10 * MINUTE,
        "created": NOON,
        "message": "Buy this quote within 10 minutes.",
    }


def test_a_covered_client_is_quoted_nothing() -> None:
    books, _ = town_with("pass_premium")
    body = quote(books)
    assert (body["copay_required"], body["amount"]) == (False, 0)


@pytest.mark.parametrize(
    ("option_id", "months", "told"),
    [
        ("copay_ironhouse_month", 1, "for 2 visits until 2026-06-12"),
        ("copay_ironhouse_year", 12, "until 2027-05-12"),
    ],
)
def test_a_gyms_co_pay_is_bought(option_id: str, months: int, told: str) -> None:
    books, _ = town_with("pass_standard")
    body = purchase(books, provider_id="prov_ironhouse", copay_option_id=option_id)
    message = body.pop("message")
    assert told in message
    assert body == {
        "object": "copay_purchase",
        "copay_purchase_id": body["copay_purchase_id"],
        "type": "GYM",
        "client_id": "client_ada",
        "provider_id": "prov_ironhouse",
        "amount": 1_500_000 if months == 1 else 9_000_000,
        "currency": "NGN",
        "status": "COMPLETED",
        "valid_until": plus_months(NOON, months),
        "created": NOON,
    }


def test_a_spas_quote_is_bought() -> None:
    books, _ = town_with("pass_standard")
    body = purchase(books, provider_id="prov_zen", quote_id=quote(books)["id"])
    assert (body["type"], body["amount"], body["valid_until"]) == ("SPA", 1_000_001, NOON + DAY)


def test_what_a_session_asks_is_bought() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    body = purchase(books, copay_package_id="copay_ironhouse_year", session_id=session.id)
    assert (body["type"], body["provider_id"], body["amount"]) == ("PACKAGE", "prov_ironhouse", 9_000_000)
    assert body["message"].endswith("Confirm the session.")
