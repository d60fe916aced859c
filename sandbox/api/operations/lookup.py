"""Lookup: issuers, the code a client hands over, the token it is worth, and what the token shows."""

from msgspec.structs import replace

from sandbox.api import paging
from sandbox.api.answers import lookup as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import clients, credits, lookup, passes
from sandbox.domain.books import Books, Caller
from sandbox.domain.records import Account
from sandbox.domain.resources import named


def list_issuers(call: Call, caller: Caller, books: Books) -> Reply:
    # As an issuer a reseller goes by its issuer id: that is what the cursors name.
    issuers = [replace(one, id=one.issuer_id) for one in lookup.other_resellers(books, caller)]
    message = "Resellers whose clients can be looked up, newest first."
    return paging.page_of_sequence(
        call, issuers, answers.issuer, message=message, where=lambda one: one.lookup_enabled
    )


def initiate_lookup(call: Call, caller: Caller, books: Books) -> Reply:
    pending = lookup.initiate(books, caller, call.body["issuer_id"], call.body["client_id"])
    return Reply(201, answers.pending_lookup(pending, call.body["issuer_id"]))


def verify_lookup(call: Call, caller: Caller, books: Books) -> Reply:
    verified, secret, token = lookup.verify(books, caller, call.path["id"], call.body["access_code"])
    issuer = named(books, Account, verified.issuer)
    return Reply(200, answers.verified_lookup(verified, issuer.issuer_id, secret, token), "LOOK-1")


def get_client(call: Call, caller: Caller, books: Books) -> Reply:
    client = clients.reach(books, caller, call.path["clientId"])
    held = passes.of_client(books, client)
    return Reply(200, answers.client(client, credits.balance(books, client), held, books.now))


def update_lookup_settings(call: Call, caller: Caller, books: Books) -> Reply:
    lookup.switch(books, caller, call.body["enabled"])
    return Reply(200, answers.lookup_settings(call.body["enabled"]), "LOOK-7")
