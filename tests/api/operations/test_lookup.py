"""The operations of lookup: what a call gets in reply, field by field."""

from typing import Any

import pytest
from msgspec.structs import replace

from sandbox.api.call import Call
from sandbox.api.operations import lookup as operations
from sandbox.domain import lookup
from sandbox.domain.books import Caller
from sandbox.domain.moments import DAY, MINUTE
from sandbox.domain.records import Account, Lookup
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, issue, small_town

BEGIN = Call("initiate_lookup", "/lookups", body={"issuer_id": "iss_partner", "client_id": "client_partner"})


def partners_client() -> PaperBooks:
    books = small_town()
    issue(books, "client_partner", caller=PARTNER)
    return books


def issuers(books: PaperBooks, caller: Caller = DEMO, **query: str) -> list[str]:
    reply = operations.list_issuers(Call("list_issuers", "/issuers", query=query), caller, books)
    return [one["id"] for one in reply.body["data"]]


def verified(books: PaperBooks) -> dict[str, Any]:
    id_ = operations.initiate_lookup(BEGIN, DEMO, books).body["id"]
    code = named(books, Lookup, id_).code
    call = Call("verify_lookup", f"/lookups/{id_}/verify", path={"id": id_}, body={"access_code": code})
    return operations.verify_lookup(call, DEMO, books).body


def test_issuers_are_the_other_resellers_with_lookup_on() -> None:
    books = small_town()
    for account in list(books.rising(Account)):
        books.put(replace(account, lookup_enabled=True))
    assert issuers(books) == ["iss_disabled", "iss_partner"]
    assert issuers(books, PARTNER) == ["iss_disabled", "iss_demo"]
    call = Call("list_issuers", "/issuers", query={"limit": 1})
    page = operations.list_issuers(call, DEMO, books).body
    assert page["data"] == [{"object": "issuer", "id": "iss_disabled", "name": "disabled", "created": 0}]
    assert page["has_more"]
    assert issuers(books, starting_after="iss_disabled") == ["iss_partner"]


def test_an_issuer_who_left_still_serves_as_a_cursor_and_oneself_never_does() -> None:
    books = small_town()
    assert issuers(books) == ["iss_partner"]
    assert issuers(books, starting_after="iss_disabled") == ["iss_partner"]
    for cursor in ("iss_demo", "acct_partner"):
        with pytest.raises(Refusal, match="not in this list"):
            issuers(books, starting_after=cursor)


def test_a_lookup_begins_pending() -> None:
    reply = operations.initiate_lookup(BEGIN, DEMO, partners_client())
    assert reply.status == 201
    assert reply.body == {
        "object": "lookup",
        "id": reply.body["id"],
        "issuer_id": "iss_partner",
        "client_id": "client_partner",
        "status": "PENDING",
        "expires_at": NOON + 10 * MINUTE,
        "created": NOON,
        "message": "The client was sent a code.",
    }


def test_a_verified_lookup_tells_its_token() -> None:
    answer = verified(partners_client())
    assert answer["status"] == "VERIFIED"
    assert answer["issuer_id"] == "iss_partner"
    assert answer["token_expires_at"] == NOON + 90 * DAY
    assert answer["lookup_token"].startswith("lkpt_")


def test_a_client_is_shown_with_passes_and_balance_to_who_holds_the_token() -> None:
    books = partners_client()
    newer = issue(books, "client_partner", "pass_spa", caller=PARTNER)
    call = Call("get_client", "/clients/client_partner", path={"clientId": "client_partner"})
    guest = Caller(DEMO.account_id, verified(books)["lookup_token"])
    answer = operations.get_client(call, guest, books).body
    assert answer == operations.get_client(call, PARTNER, books).body
    assert [one["name"] for one in answer.pop("passes")] == ["Spa", "Premium"]
    assert answer == {
        "object": "client",
        "id": "client_partner",
        "first_name": "Ada",
        "last_name": "Obi",
        "email": None,
        "phone": None,
        "credit_balance": 20,
        "currency": "NGN",
        "created": NOON,
    }
    refs = operations.get_client(call, PARTNER, books).body["passes"]
    assert refs[0] == {
        "id": newer.id,
        "pass_id": "pass_spa",
        "name": "Spa",
        "status": "ACTIVE",
        "expires_at": newer.expires,
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_lookup_settings_are_ones_own(enabled: bool) -> None:
    books = small_town()
    lookup.switch(books, PARTNER, not enabled)
    call = Call("update_lookup_settings", "/lookup_settings", body={"enabled": enabled})
    answer = operations.update_lookup_settings(call, DEMO, books).body
    assert (answer["object"], answer["enabled"]) == ("lookup_settings", enabled)
    assert named(books, Account, "acct_demo").lookup_enabled is enabled
    assert named(books, Account, "acct_partner").lookup_enabled is not enabled
