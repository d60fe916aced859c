"""Clients belong to who issued to them; a lookup token opens one of another reseller's."""

from sandbox.domain import clients, lookup, passes
from sandbox.domain.books import Caller
from sandbox.domain.moments import DAY, after
from sandbox.domain.records import Client, Lookup
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, PARTNER, client, issue, refused, small_town


def partners_client() -> PaperBooks:
    books = small_town()
    issue(books, "client_partner", caller=PARTNER)
    issue(books, "client_ada")
    return books


def with_token(books: PaperBooks, client_id: str = "client_partner") -> Caller:
    pending = lookup.initiate(books, DEMO, "iss_partner", client_id)
    _, secret, _ = lookup.verify(books, DEMO, pending.id, named(books, Lookup, pending.id).code)
    return Caller(DEMO.account_id, secret)


def test_ones_own_client_is_reached_without_a_token() -> None:
    books = partners_client()
    assert clients.reach(books, DEMO, "client_ada") == client(books)
    assert clients.own(books, DEMO, "client_ada") == client(books)


def test_another_resellers_client_is_refused_without_a_token() -> None:
    books = partners_client()
    refused(clients.reach, books, DEMO, "client_partner", code="permission_denied")
    refused(clients.own, books, DEMO, "client_partner", code="permission_denied")


def test_an_unknown_client_is_not_found_even_with_a_token() -> None:
    books = partners_client()
    for caller in (DEMO, with_token(books)):
        refused(clients.reach, books, caller, "client_nobody", code="resource_not_found")
    refused(clients.own, books, DEMO, "client_nobody", code="resource_not_found")


def test_a_token_opens_its_client_where_tokens_count_and_nowhere_else() -> None:
    books = partners_client()
    caller = with_token(books)
    assert clients.reach(books, caller, "client_partner") == named(books, Client, "client_partner")
    refused(clients.own, books, caller, "client_partner", code="permission_denied")


def test_a_token_for_another_client_is_invalid_even_with_ones_own() -> None:
    books = partners_client()
    issue(books, "client_other", caller=PARTNER)
    caller = with_token(books)
    for client_id in ("client_other", "client_ada"):
        refused(clients.reach, books, caller, client_id, code="invalid_lookup_token")
    assert clients.own(books, caller, "client_ada")  # where no token counts, one sent is ignored


def test_a_made_up_token_is_invalid() -> None:
    books = partners_client()
    refused(
        clients.reach, books, Caller("acct_demo", "lkpt_x"), "client_partner", code="invalid_lookup_token"
    )


def test_a_token_works_for_the_reseller_who_verified_only() -> None:
    books = partners_client()
    stolen = Caller("acct_disabled", with_token(books).lookup_token)
    refused(clients.reach, books, stolen, "client_partner", code="invalid_lookup_token")


def test_a_token_lives_ninety_days() -> None:
    books = partners_client()
    caller = with_token(books)
    books.now = after(books.now, 90 * DAY - 1)
    assert clients.reach(books, caller, "client_partner")
    books.now = after(books.now, 1)
    refused(clients.reach, books, caller, "client_partner", code="invalid_lookup_token")


def test_tokens_sleep_while_their_issuer_has_lookup_off() -> None:
    books = partners_client()
    caller = with_token(books)
    lookup.switch(books, PARTNER, False)
    refused(clients.reach, books, caller, "client_partner", code="invalid_lookup_token")
    lookup.switch(books, PARTNER, True)
    assert clients.reach(books, caller, "client_partner")


def test_a_token_lets_the_clients_pass_be_named() -> None:
    books = partners_client()
    caller = with_token(books)
    theirs = issue(books, "client_partner", caller=PARTNER)
    another = issue(books, "client_other", caller=PARTNER)
    mine = issue(books, "client_ada")
    met = clients.reach(books, caller, "client_partner")
    passes.require_held_by(caller, met, theirs)
    refused(passes.require_held_by, caller, met, another, code="permission_denied")
    refused(passes.require_held_by, caller, met, mine, code="validation_error")
