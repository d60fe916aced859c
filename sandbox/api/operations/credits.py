"""Credits: packages, purchases, and a client's balance and ledger."""

from sandbox.api import paging
from sandbox.api.answers import credits as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import clients, credits
from sandbox.domain.books import Books, Caller
from sandbox.domain.records import CreditPackage


def list_credit_packages(call: Call, caller: Caller, books: Books) -> Reply:
    return paging.page_of_shelf(
        call,
        books,
        CreditPackage,
        answers.credit_package,
        message="Credit packages on sale, newest first.",
        where=credits.on_sale,
    )


def purchase_credits(call: Call, caller: Caller, books: Books) -> Reply:
    bought = credits.purchase(books, caller, call.body["client_id"], call.body["package_id"])
    client = clients.own(books, caller, bought.client_id)
    return Reply(201, answers.credit_purchase(bought, credits.balance(books, client)), "CRED-2")


def get_client_credits(call: Call, caller: Caller, books: Books) -> Reply:
    client = clients.reach(books, caller, call.path["clientId"])
    answer = answers.client_credits(credits.balance(books, client), credits.ledger(books, client))
    return Reply(200, answer, "CRED-9")
