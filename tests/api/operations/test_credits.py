"""The operations on credits: what a call gets in reply, field by field."""

import pytest
from msgspec.structs import replace

from sandbox.api.call import Call
from sandbox.api.operations import credits as operations
from sandbox.domain.moments import DAY
from sandbox.domain.records import CreditPackage
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named
from tests.domain.small_town import DEMO, NOON, PARTNER, issue, refused, small_town

LIST = Call("list_credit_packages", "/credit_packages")
HER_CREDITS = Call("get_client_credits", "/clients/client_ada/credits", path={"clientId": "client_ada"})


def purchase(package_id: str) -> Call:
    body = {"client_id": "client_ada", "package_id": package_id}
    return Call("purchase_credits", "/credit_purchases", body=body)


def test_packages_on_sale_are_listed_newest_first() -> None:
    reply = operations.list_credit_packages(LIST, DEMO, small_town())
    assert [one["id"] for one in reply.body["data"]] == ["cpkg_90_days", "cpkg_10_plus_2", "cpkg_50"]
    assert reply.body["data"][1] == {
        "object": "credit_package",
        "id": "cpkg_10_plus_2",
        "name": "Ten and two",
        "credits": 10,
        "bonus_credits": 2,
        "amount": 1_000_000,
        "currency": "NGN",
        "expires_in_days": None,
        "created": 0,
    }


def test_a_package_withdrawn_between_pages_still_serves_as_a_cursor_and_a_draft_never_does() -> None:
    books = small_town()
    books.put(replace(named(books, CreditPackage, "cpkg_10_plus_2"), state="ARCHIVED"))
    onward = replace_query(LIST, starting_after="cpkg_10_plus_2")
    page = operations.list_credit_packages(onward, DEMO, books).body
    assert [one["id"] for one in page["data"]] == ["cpkg_50"]
    with pytest.raises(Refusal, match="cpkg_draft"):
        operations.list_credit_packages(replace_query(LIST, starting_after="cpkg_draft"), DEMO, books)


def test_a_purchase_is_answered_with_all_its_fields() -> None:
    books = small_town()
    issue(books)
    operations.purchase_credits(purchase("cpkg_10_plus_2"), DEMO, books)
    reply = operations.purchase_credits(purchase("cpkg_90_days"), DEMO, books)
    assert reply.status == 201
    assert reply.body == {
        "object": "credit_purchase",
        "id": reply.body["id"],
        "client_id": "client_ada",
        "package_id": "cpkg_90_days",
        "credits_added": 30,
        "amount": 2_500_000,
        "currency": "NGN",
        "balance": 42,
        "expires_at": NOON + 90 * DAY,
        "created": NOON,
        "message": "The credits were bought.",
    }


def test_a_clients_credits_are_balance_and_ledger() -> None:
    books = small_town()
    issue(books)
    operations.purchase_credits(purchase("cpkg_10_plus_2"), DEMO, books)
    assert operations.get_client_credits(HER_CREDITS, DEMO, books).body == {
        "object": "credits",
        "balance": 12,
        "currency": "NGN",
        "transactions": [
            {"type": "CREDIT", "amount": 12, "description": "Bought: Ten and two", "timestamp": NOON}
        ],
        "message": "The client's credits.",
    }
    refused(operations.get_client_credits, HER_CREDITS, PARTNER, books, code="permission_denied")


def replace_query(call: Call, **query: str) -> Call:
    return Call(call.operation_id, call.url, query=query)
