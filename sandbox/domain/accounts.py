"""The business account of a reseller: what it buys is debited in the same step (CONV-18)."""

from msgspec.structs import replace

from sandbox.domain.books import Books
from sandbox.domain.records import Account
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named

CURRENCY = "NGN"  # CONV-7


def naira(kobo: int) -> str:
    """Money as a message writes it: 'NGN 3,500.00'."""
    return f"{CURRENCY} {kobo // 100:,}.{kobo % 100:02}"


def can_pay(books: Books, account_id: str, kobo: int) -> bool:
    return named(books, Account, account_id).balance_kobo >= kobo


def debit(books: Books, account_id: str, kobo: int, what: str) -> None:
    """Take the price of `what` from the account, never below zero. The account is the last check (ERR-8)."""
    account = named(books, Account, account_id)
    if account.balance_kobo < kobo:
        message = (
            f"{what} costs {naira(kobo)}, and the business account holds {naira(account.balance_kobo)}. "
            "Top up the account (in the sandbox: the control API's accounts) and send the request again."
        )
        raise Refusal("account_balance_insufficient", message, "CONV-18")
    if kobo:
        books.put(replace(account, balance_kobo=account.balance_kobo - kobo))


def pay_back(books: Books, account_id: str, kobo: int) -> None:
    """Money returns to the account that paid (BOOK-23)."""
    account = named(books, Account, account_id)
    if kobo:
        books.put(replace(account, balance_kobo=account.balance_kobo + kobo))
