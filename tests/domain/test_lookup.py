"""Lookup: a code to the client's phone, five wrong ones, a token told once."""

import pytest
from msgspec.structs import replace

from sandbox.domain import lookup
from sandbox.domain.clients import digest
from sandbox.domain.moments import MINUTE, after
from sandbox.domain.records import Account, Lookup, LookupToken, Message
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, issue, refused, small_town


def partners_client() -> PaperBooks:
    books = small_town()
    issue(books, "client_partner", caller=PARTNER)
    return books


def begin(books: PaperBooks) -> Lookup:
    return lookup.initiate(books, DEMO, "iss_partner", "client_partner")


def wrong(pending: Lookup) -> str:
    return f"{(int(pending.code) + 1) % 1_000_000:06}"


def test_the_client_is_sent_a_code_of_six_digits() -> None:
    books = partners_client()
    pending = begin(books)
    message = next(books.falling(Message))
    assert message.client_id == "client_partner"
    assert message.code == pending.code
    assert pending.code in message.text
    assert len(pending.code) == 6
    assert pending.code.isdigit()


def test_the_right_code_is_worth_a_token_kept_as_a_digest_only() -> None:
    books = partners_client()
    pending = begin(books)
    verified, secret, token = lookup.verify(books, DEMO, pending.id, pending.code)
    assert verified.verified == NOON
    assert secret.startswith("lkpt_")
    assert token.id == digest(secret) != secret
    assert named(books, LookupToken, token.id) == token
    assert not any(secret in repr(record) for record in books.records.values())


@pytest.mark.parametrize("issuer_id", ["iss_nobody", "iss_demo", "iss_disabled", "acct_partner"])
def test_only_other_resellers_with_lookup_on_can_be_looked_up(issuer_id: str) -> None:
    books = partners_client()
    books.put(replace(named(books, Account, "acct_demo"), lookup_enabled=True))  # oneself is still not
    refused(lookup.initiate, books, DEMO, issuer_id, "client_partner", code="resource_not_found")


def test_an_issuer_who_turned_lookup_off_is_not_found() -> None:
    books = partners_client()
    lookup.switch(books, PARTNER, False)
    refused(lookup.initiate, books, DEMO, "iss_partner", "client_partner", code="resource_not_found")
    lookup.switch(books, PARTNER, True)
    assert begin(books)


@pytest.mark.parametrize("client_id", ["client_nobody", "client_ada"])
def test_only_clients_of_that_issuer_can_be_looked_up(client_id: str) -> None:
    books = partners_client()
    issue(books, "client_ada")
    refused(lookup.initiate, books, DEMO, "iss_partner", client_id, code="resource_not_found")


def test_another_resellers_lookup_cannot_be_verified() -> None:
    books = partners_client()
    pending = begin(books)
    refused(lookup.verify, books, PARTNER, pending.id, pending.code, code="permission_denied")
    refused(lookup.verify, books, DEMO, "lkp_nothing", pending.code, code="resource_not_found")


def test_four_wrong_codes_are_forgiven() -> None:
    books = partners_client()
    pending = begin(books)
    for left in (4, 3, 2, 1):
        refusal = refused(lookup.verify, books, DEMO, pending.id, wrong(pending), code="validation_error")
        assert refusal.leaves_trace
        assert f"Attempts left: {left}." in refusal.message
    assert lookup.verify(books, DEMO, pending.id, pending.code)


def test_the_fifth_wrong_code_closes_the_lookup() -> None:
    books = partners_client()
    pending = begin(books)
    for _ in range(5):
        refused(lookup.verify, books, DEMO, pending.id, wrong(pending), code="validation_error")
    refused(lookup.verify, books, DEMO, pending.id, pending.code, code="lookup_not_pending")
    refused(lookup.verify, books, DEMO, pending.id, wrong(pending), code="lookup_not_pending")


def test_a_code_lives_ten_minutes() -> None:
    books = partners_client()
    pending = begin(books)
    books.now = after(NOON, 10 * MINUTE)
    refused(lookup.verify, books, DEMO, pending.id, pending.code, code="lookup_not_pending")
    books.now = after(NOON, 10 * MINUTE - 1)
    assert lookup.verify(books, DEMO, pending.id, pending.code)


def test_a_lookup_is_verified_once() -> None:
    books = partners_client()
    pending = begin(books)
    lookup.verify(books, DEMO, pending.id, pending.code)
    refused(lookup.verify, books, DEMO, pending.id, pending.code, code="lookup_not_pending")
