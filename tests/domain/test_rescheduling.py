"""Rescheduling: all in one step, or nothing."""

import pytest
from msgspec.structs import replace

from sandbox.domain import passes, rescheduling, studio, visits
from sandbox.domain.moments import DAY, HOUR, Millis, after, plus_months
from sandbox.domain.records import Account, Booking, CopayPurchase, Instance, Lot, Provider
from sandbox.domain.resources import named
from tests.domain.front_desk import (
    A_MONTH,
    TWO_VISITS,
    ask_quote,
    at_luxe,
    book_class,
    book_spa,
    buy_quote,
    cancel,
    confirm_class,
    give_credits,
    held,
    lagos,
    move_class,
    move_spa,
    open_class,
    open_spa,
    spa_wish,
    spots,
    status,
    town_with,
)
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, funds, issue, refused, reread


def add_instance(
    books: PaperBooks, id_: str, *, days: int = 3, class_id: str = "class_hiit", seats: int = 3
) -> None:
    like = named(books, Instance, "ci_hiit_open")
    starts = after(NOON, days * DAY)
    books.put(replace(like, id=id_, class_id=class_id, starts=starts, capacity=seats, seats={}))


# --- BOOK-12


def test_the_original_closes_and_a_new_booking_is_made() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    books.now = after(NOON, HOUR)
    new = move_class(books, old, "ci_yoga_last_seat")
    assert (status(books, old), status(books, new)) == ("RESCHEDULED", "PENDING")
    assert named(books, Booking, old.id).closed_at == books.now
    assert (new.instance_id, new.client_id, new.first_name) == ("ci_yoga_last_seat", "client_ada", "Ada")
    assert (spots(books, "ci_yoga_open"), spots(books, "ci_yoga_last_seat")) == (3, 0)


def test_a_move_that_is_refused_changes_nothing() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    book_class(books, issue(books, "client_bola"), "ci_yoga_last_seat")
    refused(move_class, books, old, "ci_yoga_last_seat", code="class_full")  # compares all books
    assert status(books, old) == "PENDING"


# --- BOOK-24: the old booking first


def test_a_cancelled_booking_is_refused_first() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    cancel(books, old)
    refused(move_class, books, old, "ci_yoga_last_seat", code="already_cancelled")


def test_a_booking_moves_once() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    move_class(books, old, "ci_yoga_last_seat")
    refused(move_class, books, old, "ci_workshop_open", code="booking_closed")


def test_less_than_six_hours_before_its_start_a_booking_stays() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    books.now = after(old.starts, -6 * HOUR + 1)
    refused(move_class, books, old, "ci_yoga_last_seat", code="booking_closed")
    books.now = after(old.starts, -6 * HOUR)
    assert move_class(books, old, "ci_yoga_last_seat").created == books.now


def test_an_instance_of_another_provider_does_not_fit_and_that_comes_before_the_state() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    cancel(books, old)
    refused(move_class, books, old, "ci_hiit_open", code="validation_error")


def test_an_unknown_instance_is_not_found_before_the_owner_is_asked() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    move = rescheduling.Move("ci_none")
    refused(rescheduling.reschedule, books, PARTNER, old.id, move, code="resource_not_found")
    move = rescheduling.Move("ci_yoga_last_seat")
    refused(rescheduling.reschedule, books, PARTNER, old.id, move, code="permission_denied")
    refused(rescheduling.reschedule, books, DEMO, "booking_none", move, code="resource_not_found")


@pytest.mark.parametrize(
    "move",
    [
        rescheduling.Move(),
        rescheduling.Move(None, "2026-05-15", "10:00"),
        rescheduling.Move("ci_yoga_last_seat", "2026-05-15"),
    ],
)
def test_a_class_moves_by_instance(move: rescheduling.Move) -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    refusal = refused(rescheduling.reschedule, books, DEMO, old.id, move, code="validation_error")
    assert "class_instance_id" in refusal.message


@pytest.mark.parametrize(
    "move",
    [
        rescheduling.Move(),
        rescheduling.Move(None, "2026-05-15"),
        rescheduling.Move(None, None, "10:00"),
        rescheduling.Move("ci_yoga_open"),
    ],
)
def test_a_spa_moves_by_date_and_time(move: rescheduling.Move) -> None:
    books, pass_ = town_with("pass_premium")
    old = book_spa(books, spa_wish(pass_))
    refusal = refused(rescheduling.reschedule, books, DEMO, old.id, move, code="validation_error")
    assert "date and time" in refusal.message


# --- BOOK-24: then as for a new one


def test_its_own_instance_is_no_move() -> None:
    books, pass_ = town_with("pass_premium")
    refused(move_class, books, book_class(books, pass_), "ci_yoga_open", code="slot_unavailable")


def test_its_own_slot_is_no_move() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_spa(books, spa_wish(pass_))
    refused(move_spa, books, old, "2026-05-14 10:00", code="slot_unavailable")


def test_its_own_room_is_free_to_it() -> None:
    books, pass_ = town_with("pass_premium")  # one room
    old = book_spa(books, spa_wish(pass_, "2026-05-14 10:00"))
    new = move_spa(books, old, "2026-05-14 10:30")
    assert (new.starts, new.service_ids) == (lagos("2026-05-14 10:30"), old.service_ids)
    other = issue(books, "client_bola")
    refused(open_spa, books, spa_wish(other, "2026-05-14 10:00"), code="slot_unavailable")
    assert book_spa(books, spa_wish(other, "2026-05-14 09:30"))


def test_anothers_room_is_not() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_spa(books, spa_wish(pass_, "2026-05-14 10:00"))
    book_spa(books, spa_wish(issue(books, "client_bola"), "2026-05-14 12:00"))
    refused(move_spa, books, old, "2026-05-14 11:30", code="slot_unavailable")


def test_the_pass_is_refused_before_the_new_instance() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    passes.cancel(books, DEMO, pass_.id, {})
    refused(move_class, books, old, "ci_yoga_open", code="pass_not_active")


def test_an_instance_that_has_begun_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_, "ci_yoga_last_seat")
    books.now = named(books, Instance, "ci_yoga_open").starts
    refused(move_class, books, old, "ci_yoga_open", code="class_started")


def test_an_instance_the_studio_cancelled_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    studio.cancel_instance(books, named(books, Instance, "ci_yoga_last_seat"))
    refused(move_class, books, old, "ci_yoga_last_seat", code="slot_unavailable")


# --- what was paid returns, and the new price is taken


def test_the_visit_returns_and_is_taken_again() -> None:
    books, pass_ = town_with("pass_standard")
    old = book_class(books, pass_)
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))  # the other visit is used as well
    move_class(books, old, "ci_yoga_last_seat")
    assert reread(books, pass_).used == {"GYM:0": 2}


def test_a_visit_of_last_month_returns_there_and_this_months_is_taken() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_far", days=40, class_id="class_yoga")
    add_instance(books, "ci_farther", days=41, class_id="class_yoga")
    old = book_class(books, pass_, "ci_far")
    books.now = plus_months(NOON, 1)
    move_class(books, old, "ci_farther")
    assert reread(books, pass_).used == {"GYM:0": 0, "GYM:1": 1}


def test_where_visits_would_have_to_be_bought_it_is_refused() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_far", days=40, class_id="class_yoga")
    add_instance(books, "ci_farther", days=41, class_id="class_yoga")
    old = book_class(books, pass_, "ci_far")
    books.now = plus_months(NOON, 1)
    books.put(replace(reread(books, pass_), used={"GYM:0": 1, "GYM:1": 2}))
    refused(move_class, books, old, "ci_farther", code="copay_required")


def test_credits_return_and_the_new_price_is_taken_from_them_too() -> None:
    books, pass_ = town_with("pass_premium", credits_held=8)
    old = book_class(books, pass_, "ci_workshop_open")
    assert held(books) == 3
    new = move_class(books, old, "ci_workshop_override")  # 8: the 3 left and the 5 that return
    assert (held(books), new.payment.credits_taken) == (0, 8)


def test_credits_that_lapsed_do_not_help_to_pay() -> None:
    books, pass_ = town_with("pass_premium", credits_held=3)
    give_credits(books, 5, expires=after(NOON, HOUR))
    old = book_class(books, pass_, "ci_workshop_open")
    books.now = after(NOON, HOUR)
    refusal = refused(move_class, books, old, "ci_workshop_override", code="validation_error")
    assert "balance of 3" in refusal.message


def test_a_cheaper_session_leaves_the_difference() -> None:
    books, pass_ = town_with("pass_premium", credits_held=8)
    old = book_class(books, pass_, "ci_workshop_override")
    move_class(books, old, "ci_workshop_open")
    assert held(books) == 3
    assert sum(lot.remaining for lot in books.rising(Lot, "client_ada/open")) == 3


def test_from_credits_to_a_visit() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    new = move_class(books, book_class(books, pass_, "ci_workshop_open"), "ci_yoga_open")
    assert (held(books), new.payment.visits, reread(books, pass_).used) == (5, 1, {"GYM:0": 1})


def test_a_price_in_credits_where_none_are_taken_is_refused() -> None:
    books, pass_ = town_with("pass_premium", credits_held=50)
    old = book_class(books, pass_, "ci_hiit_open")
    add_instance(books, "ci_hiit_dear")
    studio.price_instance(books, named(books, Instance, "ci_hiit_dear"), 5)
    refused(move_class, books, old, "ci_hiit_dear", code="credits_not_accepted")


def test_a_gym_copays_visit_returns_and_is_used_again() -> None:
    books, pass_ = town_with("pass_standard")
    old = confirm_class(books, open_class(books, pass_), A_MONTH)
    add_instance(books, "ci_hiit_late", days=4)
    add_instance(books, "ci_hiit_later", days=5)
    book_class(books, pass_, "ci_hiit_late")  # the second and last visit of the co-pay
    new = move_class(books, old, "ci_hiit_later")
    assert new.payment == old.payment
    assert named(books, CopayPurchase, old.payment.copay_id).used == 2


def test_a_gym_copay_that_ran_out_by_date_pays_no_move() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_far", days=40)
    add_instance(books, "ci_farther", days=41)
    old = confirm_class(books, open_class(books, pass_, "ci_far"), A_MONTH)
    books.now = plus_months(NOON, 1)
    refused(move_class, books, old, "ci_farther", code="copay_required")


def test_from_a_copays_visit_to_credits() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    books.put(replace(named(books, Provider, "prov_ironhouse"), accepts_credits=True))
    old = confirm_class(books, open_class(books, pass_), A_MONTH)
    add_instance(books, "ci_hiit_dear")
    studio.price_instance(books, named(books, Instance, "ci_hiit_dear"), 5)
    new = move_class(books, old, "ci_hiit_dear")
    assert (new.payment.credits_taken, named(books, CopayPurchase, old.payment.copay_id).used) == (5, 0)


def test_a_bought_visit_returns_and_is_used_again() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(replace(reread(books, pass_), used={"GYM:0": 2}))
    old = confirm_class(books, open_class(books, pass_, "ci_yoga_open"), TWO_VISITS)
    new = move_class(books, old, "ci_yoga_last_seat")
    assert new.payment == old.payment
    package = passes.package_of(books, pass_)
    assert visits.left(reread(books, pass_), package, "GYM", books.now) == 1


def test_a_spa_copay_moves_along() -> None:
    books, pass_ = town_with("pass_standard")
    bought = buy_quote(books, ask_quote(books))
    old = book_spa(books, spa_wish(pass_))
    before = funds(books)
    books.now = lagos("2026-05-13 18:00")  # peak, and a day later than the co-pay could have been used
    new = move_spa(books, old, "2026-05-15 10:00")
    assert (funds(books), new.payment) == (before, old.payment)
    assert named(books, CopayPurchase, bought.id).spent_on == new.id
    refund = cancel(books, new).refund
    assert refund is not None
    assert refund.amount_kobo == 1_000_001


def test_a_spa_visit_and_a_spas_credits_return_and_are_taken_again() -> None:
    books, pass_ = town_with("pass_spa")
    visit = book_spa(books, spa_wish(pass_))
    move_spa(books, visit, "2026-05-14 15:00")
    assert reread(books, pass_).used == {"SPA:0": 1}
    paid = book_spa(books, at_luxe(pass_))
    move_spa(books, paid, "2026-05-14 15:00")
    assert held(books) == 10


def test_a_spa_visit_that_no_longer_pays_would_need_a_copay() -> None:
    books, pass_ = town_with("pass_spa")
    old = book_spa(books, spa_wish(pass_))
    books.put(replace(reread(books, pass_), used={"SPA:0": 2}))  # beyond its limit: the return is not enough
    refused(move_spa, books, old, "2026-05-14 15:00", code="copay_required")


def test_moving_needs_nothing_of_the_account() -> None:
    books, pass_ = town_with("pass_premium")
    old = book_class(books, pass_)
    books.put(replace(named(books, Account, "acct_demo"), balance_kobo=0))
    assert move_class(books, old, "ci_yoga_last_seat")


def test_moving_ends_an_open_session_for_the_new_instance() -> None:
    books, pass_ = town_with("pass_standard")
    old = confirm_class(books, open_class(books, pass_), A_MONTH)
    add_instance(books, "ci_hiit_late", days=4, seats=1)
    books.put(replace(named(books, CopayPurchase, old.payment.copay_id), used=2))
    session = open_class(books, pass_, "ci_hiit_late")
    move_class(books, old, "ci_hiit_late")
    refused(confirm_class, books, session, A_MONTH, code="session_expired")


def test_there_and_back_again_leaves_one_booking_and_one_visit() -> None:
    books, pass_ = town_with("pass_standard")
    first = book_class(books, pass_)
    second = move_class(books, first, "ci_yoga_last_seat")
    books.now = Millis(NOON + HOUR)
    third = move_class(books, second, "ci_yoga_open")
    open_ones = [one.id for one in books.rising(Booking, "acct_demo/client_ada") if one.closed is None]
    assert open_ones == [third.id]
    assert reread(books, pass_).used == {"GYM:0": 1}
