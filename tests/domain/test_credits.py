"""Credits: lots, their order, their lapse and return, and a ledger that always sums to the balance."""

from msgspec.structs import replace

from sandbox.domain import credits
from sandbox.domain.books import Caller
from sandbox.domain.credits import PurchaseRefund
from sandbox.domain.moments import DAY, HOUR, Millis, after
from sandbox.domain.records import Account, CreditPackage, CreditPurchase, Lot, Spent
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, client, funds, issue, refused, small_town


def town_with_ada() -> PaperBooks:
    books = small_town()
    issue(books)
    return books


def buy(books: PaperBooks, package_id: str = "cpkg_50", caller: Caller = DEMO) -> CreditPurchase:
    return credits.purchase(books, caller, "client_ada", package_id)


def add(books: PaperBooks, amount: int, expires: int | None = None) -> Lot:
    credits.adjust(books, client(books), amount, "A gift", None if expires is None else Millis(expires))
    return max(books.rising(Lot, "client_ada/open"), key=lambda lot: lot.nth)


def balance(books: PaperBooks) -> int:
    """The balance, held against everything that must agree with it (CRED-9)."""
    ada = client(books)
    lines = list(credits.ledger(books, ada))
    moments = [line.moment for line in lines]
    signed = sum(line.amount if line.type == "CREDIT" else -line.amount for line in lines)
    assert moments == sorted(moments, reverse=True)
    assert all(line.amount > 0 for line in lines)
    assert signed == credits.balance(books, ada) >= 0
    assert ada.credits_held == sum(lot.remaining for lot in books.rising(Lot, "client_ada/open"))
    return credits.balance(books, ada)


def told(books: PaperBooks) -> list[tuple[str, int, str]]:
    return [(line.type, line.amount, line.description) for line in credits.ledger(books, client(books))]


# --- buying


def test_a_purchase_adds_credits_and_bonus_and_debits_the_price_alone() -> None:
    books = town_with_ada()
    before = funds(books)
    bought = buy(books, "cpkg_10_plus_2")
    assert (bought.credits_added, balance(books)) == (12, 12)
    assert named(books, CreditPurchase, bought.id) == bought
    assert before - funds(books) == 1_000_000
    assert told(books) == [("CREDIT", 12, "Bought: Ten and two")]


def test_every_purchase_has_its_own_expiry_of_whole_days() -> None:
    books = town_with_ada()
    first = buy(books, "cpkg_90_days")
    books.now = after(NOON, HOUR)
    second = buy(books, "cpkg_90_days")
    assert (first.expires, second.expires) == (NOON + 90 * DAY, NOON + 90 * DAY + HOUR)
    assert buy(books).expires is None


def test_a_draft_and_an_archived_package_are_not_for_sale() -> None:
    books = town_with_ada()
    books.put(replace(named(books, CreditPackage, "cpkg_50"), state="ARCHIVED"))
    for package_id in ("cpkg_draft", "cpkg_50", "cpkg_unknown"):
        refused(credits.purchase, books, DEMO, "client_ada", package_id, code="resource_not_found")


def test_credits_are_bought_for_ones_own_clients() -> None:
    books = town_with_ada()
    refused(credits.purchase, books, PARTNER, "client_ada", "cpkg_50", code="permission_denied")
    refused(credits.purchase, books, PARTNER, "client_nobody", "cpkg_50", code="resource_not_found")
    # What doesn't exist is said before whose it is (ERR-6).
    refused(credits.purchase, books, PARTNER, "client_ada", "cpkg_unknown", code="resource_not_found")


def test_an_account_that_cannot_pay_buys_no_credits() -> None:
    books = town_with_ada()
    books.put(replace(named(books, Account, "acct_demo"), balance_kobo=4_999_999))
    refused(credits.purchase, books, DEMO, "client_ada", "cpkg_50", code="account_balance_insufficient")


# --- lapsing


def test_credits_leave_the_balance_the_millisecond_they_lapse() -> None:
    books = town_with_ada()
    add(books, 7, expires=NOON + DAY)
    books.now = after(NOON, DAY - 1)
    assert balance(books) == 7
    books.now = after(NOON, DAY)
    assert balance(books) == 0


def test_a_lapse_stands_in_the_ledger_at_the_moment_it_happened() -> None:
    books = town_with_ada()
    add(books, 7, expires=NOON + DAY)
    books.now = after(NOON, 2 * DAY)
    add(books, 3)
    assert told(books) == [("CREDIT", 3, "A gift"), ("DEBIT", 7, "Credits expired"), ("CREDIT", 7, "A gift")]
    assert [line.moment - NOON for line in credits.ledger(books, client(books))] == [2 * DAY, DAY, 0]
    assert balance(books) == 3


def test_a_clock_set_back_brings_lapsed_credits_back() -> None:
    books = town_with_ada()
    add(books, 7, expires=NOON + DAY)
    books.now = after(NOON, DAY)
    assert balance(books) == 0
    books.now = NOON
    assert balance(books) == 7


# --- spending


def test_lots_are_spent_soonest_expiry_first_then_oldest() -> None:
    books = town_with_ada()
    never = add(books, 5)
    older, newer = add(books, 5, expires=NOON + 9 * DAY), add(books, 5, expires=NOON + 9 * DAY)
    soonest = add(books, 5, expires=NOON + DAY)
    assert credits.spend(books, client(books), 17, "A class") == (
        Spent(lot_id=soonest.id, amount=5),
        Spent(lot_id=older.id, amount=5),
        Spent(lot_id=newer.id, amount=5),
        Spent(lot_id=never.id, amount=2),
    )
    assert balance(books) == 3
    assert told(books)[0] == ("DEBIT", 17, "A class")


def test_lapsed_credits_cannot_be_spent() -> None:
    books = town_with_ada()
    add(books, 7, expires=NOON + DAY)
    live = add(books, 3)
    books.now = after(NOON, DAY)
    assert credits.spend(books, client(books), 3, "A class") == (Spent(lot_id=live.id, amount=3),)
    refused(credits.spend, books, client(books), 1, "A class", code="validation_error")


def test_credits_can_be_spent_until_the_millisecond_they_lapse() -> None:
    books = town_with_ada()
    add(books, 7, expires=NOON + DAY)
    books.now = after(NOON, DAY - 1)
    credits.spend(books, client(books), 7, "A class")
    assert balance(books) == 0


def test_too_few_credits_are_refused_with_balance_and_cost() -> None:
    books = town_with_ada()
    add(books, 2)
    refusal = refused(credits.require, books, client(books), 5, code="validation_error")
    assert refusal.rule == "BOOK-7"
    assert "costs 5 credits" in refusal.message
    assert "balance of 2" in refusal.message
    credits.require(books, client(books), 2)


def test_what_costs_nothing_leaves_no_line() -> None:
    books = town_with_ada()
    assert credits.spend(books, client(books), 0, "A class") == ()
    assert told(books) == []


# --- returning


def test_returned_credits_go_back_to_the_lots_they_came_from() -> None:
    books = town_with_ada()
    first, second = add(books, 5, expires=NOON + DAY), add(books, 5)
    spent = credits.spend(books, client(books), 8, "A class")
    assert credits.give_back(books, "client_ada", spent, "Cancelled: a class") == 8
    assert [named(books, Lot, lot.id).remaining for lot in (first, second)] == [5, 5]
    assert named(books, Lot, first.id).expires == NOON + DAY
    assert balance(books) == 10


def test_what_returns_to_a_lapsed_lot_is_gone_again_and_the_ledger_shows_both() -> None:
    books = town_with_ada()
    add(books, 5, expires=NOON + DAY)
    spent = credits.spend(books, client(books), 5, "A class")
    books.now = after(NOON, DAY)
    assert credits.give_back(books, "client_ada", spent, "Cancelled: a class") == 5
    assert balance(books) == 0
    assert [line[:2] for line in told(books)] == [("DEBIT", 5), ("CREDIT", 5), ("DEBIT", 5), ("CREDIT", 5)]
    books.now = NOON
    assert balance(books) == 0


def test_what_is_about_to_return_counts_unless_its_lot_is_over() -> None:
    books = town_with_ada()
    add(books, 5, expires=NOON + DAY)
    add(books, 1)
    spent = credits.spend(books, client(books), 5, "A class")
    credits.require(books, client(books), 6, spent)
    refused(credits.require, books, client(books), 7, spent, code="validation_error")
    books.now = after(NOON, DAY)
    refused(credits.require, books, client(books), 2, spent, code="validation_error")


# --- the studio's acts


def test_an_adjustment_needs_a_reason_and_the_ledger_keeps_it() -> None:
    books = town_with_ada()
    refused(credits.adjust, books, client(books), 5, " ", code="validation_error")
    refused(credits.adjust, books, client(books), 0, "Nothing", code="validation_error")
    credits.adjust(books, client(books), 5, "Sorry for the cold shower")
    assert told(books) == [("CREDIT", 5, "Sorry for the cold shower")]


def test_an_adjustment_takes_away_what_is_there_and_no_more() -> None:
    books = town_with_ada()
    add(books, 5)
    credits.adjust(books, client(books), -3, "Counted twice")
    assert balance(books) == 2
    refused(credits.adjust, books, client(books), -3, "Counted twice", code="validation_error")


def test_an_adjustment_cannot_be_lapsed_from_the_start() -> None:
    books = town_with_ada()
    refused(credits.adjust, books, client(books), 5, "Late", NOON, code="validation_error")


def test_a_refund_voids_what_is_left_bonus_included_and_pays_the_price_back() -> None:
    books = town_with_ada()
    before = funds(books)
    bought = buy(books, "cpkg_10_plus_2")
    add(books, 1)
    credits.spend(books, client(books), 3, "A class")
    refund = credits.refund_purchase(books, bought, "Moved away")
    # Both lots never lapse; the older one, the purchase's, was spent from.
    assert refund == PurchaseRefund(used=3, voided=9, balance=1)
    assert balance(books) == 1
    assert funds(books) == before
    assert told(books)[0] == ("DEBIT", 9, "Refunded: Moved away")


def test_a_refund_never_makes_the_balance_negative() -> None:
    books = town_with_ada()
    bought = buy(books, "cpkg_10_plus_2")
    credits.spend(books, client(books), 12, "Classes")
    assert credits.refund_purchase(books, bought, "Moved away") == PurchaseRefund(
        used=12, voided=0, balance=0
    )
    assert balance(books) == 0


def test_a_purchase_is_refunded_once() -> None:
    books = town_with_ada()
    bought = buy(books)
    credits.refund_purchase(books, bought, "Moved away")
    again = named(books, CreditPurchase, bought.id)
    refused(credits.refund_purchase, books, again, "Moved away", code="already_refunded")


def test_credits_that_return_after_their_purchase_was_refunded_are_gone() -> None:
    books = town_with_ada()
    bought = buy(books)
    spent = credits.spend(books, client(books), 5, "A class")
    credits.refund_purchase(books, bought, "Moved away")
    credits.give_back(books, "client_ada", spent, "Cancelled: a class")
    assert balance(books) == 0


def test_a_purchase_refunded_the_moment_it_lapses_has_nothing_left_to_void() -> None:
    books = town_with_ada()
    bought = buy(books, "cpkg_90_days")
    books.now = after(NOON, 90 * DAY)
    assert credits.refund_purchase(books, bought, "Ill") == PurchaseRefund(used=0, voided=0, balance=0)
    assert told(books)[0] == ("DEBIT", 30, "Credits expired")


def test_refunding_a_lapsed_purchase_leaves_the_lapse_where_it_was() -> None:
    books = town_with_ada()
    bought = buy(books, "cpkg_90_days")
    credits.spend(books, client(books), 10, "Classes")
    books.now = after(NOON, 100 * DAY)
    lapse = told(books)[0]
    assert credits.refund_purchase(books, bought, "Ill") == PurchaseRefund(used=10, voided=0, balance=0)
    assert told(books)[0] == lapse == ("DEBIT", 20, "Credits expired")
    assert next(credits.ledger(books, client(books))).moment == NOON + 90 * DAY
    for moment in (NOON, after(NOON, 200 * DAY)):
        books.now = moment
        assert balance(books) == 0
