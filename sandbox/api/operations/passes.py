"""Passes: packages to choose from, passes issued, changed, cancelled and read."""

from sandbox.api import paging
from sandbox.api.answers import passes as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import coverage, passes
from sandbox.domain.books import Books, Caller
from sandbox.domain.records import IssuedPass, Package, Provider
from sandbox.domain.resources import own


def list_passes(call: Call, caller: Caller, books: Books) -> Reply:
    providers = coverage.tally(books.rising(Provider))
    return paging.page_of_shelf(
        call,
        books,
        Package,
        lambda one: answers.package(one, providers),
        message="Pass packages, newest first.",
    )


def issue_pass(call: Call, caller: Caller, books: Books) -> Reply:
    body = call.body
    order = passes.Order(
        body["pass_id"], body["client_id"], body, starts=body.get("start_date"), tx_ref=body.get("tx_ref")
    )
    issued = passes.issue(books, caller, order)
    package = passes.package_of(books, issued)
    return Reply(201, answers.issued_pass(issued, package, books.now, "The pass was issued."))


def update_issued_pass(call: Call, caller: Caller, books: Books) -> Reply:
    pass_id = call.path["id"]
    if "status" in call.body:  # the document allows one word here: CANCELLED
        passes.cancel(books, caller, pass_id, call.body)
        return Reply(200, answers.changed(pass_id, "The pass was cancelled."), "PASS-13")
    passes.update(books, caller, pass_id, call.body)
    return Reply(200, answers.changed(pass_id, "The pass was updated."), "PASS-13")


def update_issued_pass_expiry(call: Call, caller: Caller, books: Books) -> Reply:
    passes.move_expiry(books, caller, call.path["id"], call.body["expires_at"])
    return Reply(200, answers.changed(call.path["id"], "The pass has a new expiry."), "PASS-4")


def get_issued_pass(call: Call, caller: Caller, books: Books) -> Reply:
    found = own(books, caller, IssuedPass, call.path["id"])
    package = passes.package_of(books, found)
    return Reply(200, answers.issued_pass(found, package, books.now, "The issued pass."))


def rotate_passcode(call: Call, caller: Caller, books: Books) -> Reply:
    rotated = passes.rotate_passcode(books, caller, call.path["id"], call.body["passcode"])
    return Reply(200, answers.passcode(rotated))
