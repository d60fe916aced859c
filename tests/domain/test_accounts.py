"""Business accounts: debited with each sale, never below zero (CONV-18)."""

import pytest

from sandbox.domain import accounts
from sandbox.domain.refusals import Refusal
from tests.domain.small_town import funds, small_town


def test_a_sale_takes_its_price_and_a_refund_brings_it_back() -> None:
    books = small_town()
    before = funds(books)
    accounts.debit(books, "acct_demo", 700, "A visit")
    assert funds(books) == before - 700
    accounts.pay_back(books, "acct_demo", 700)
    assert funds(books) == before


def test_an_account_can_be_emptied_but_not_overdrawn() -> None:
    books = small_town()
    everything = funds(books)
    assert accounts.can_pay(books, "acct_demo", everything)
    assert not accounts.can_pay(books, "acct_demo", everything + 1)
    with pytest.raises(Refusal) as refused:
        accounts.debit(books, "acct_demo", everything + 1, "The pass package 'pass_premium'")
    assert refused.value.code == "account_balance_insufficient"
    assert "'pass_premium' costs NGN 10,000,000.01" in refused.value.message
    assert "holds NGN 10,000,000.00" in refused.value.message
    assert funds(books) == everything
    accounts.debit(books, "acct_demo", everything, "Everything")
    assert funds(books) == 0
