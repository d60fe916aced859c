"""Co-pay: a gym's options, a spa's quotes, and buying either."""

from sandbox.api import paging
from sandbox.api.answers import copay as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import copay, copay_purchases, quotes
from sandbox.domain.books import Books, Caller
from sandbox.domain.copay_purchases import GymOrder, PackageOrder, SpaOrder
from sandbox.domain.records import CopayOption, Provider
from sandbox.domain.resources import named


def list_gym_copay_options(call: Call, caller: Caller, books: Books) -> Reply:
    gym = named(books, Provider, call.path["providerBranchId"])
    copay.require_gym(gym)
    message = "Co-pay options of the gym, newest first."
    return paging.page_of_shelf(call, books, CopayOption, answers.copay_option, shelf=gym.id, message=message)


def quote_spa_copay(call: Call, caller: Caller, books: Books) -> Reply:
    quoted = quotes.quote(books, caller, call.path["id"], quotes.Question(**call.body))
    return Reply(201, answers.quote(books, quoted), "COPAY-5")


def purchase_copay(call: Call, caller: Caller, books: Books) -> Reply:
    if "quote_id" in call.body:
        bought = copay_purchases.buy_for_spa(books, caller, SpaOrder(**call.body))
    elif "session_id" in call.body:
        bought = copay_purchases.buy_for_session(books, caller, PackageOrder(**call.body))
    else:
        bought = copay_purchases.buy_for_gym(books, caller, GymOrder(**call.body))
    return Reply(201, answers.copay_purchase(bought), "COPAY-7")
