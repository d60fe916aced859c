"""Booking a class: what is booked at once, what needs a session, what is refused, and in which order."""

import pytest
from msgspec.structs import replace

from sandbox.domain import class_bookings, passes, sessions, studio, visits
from sandbox.domain.moments import DAY, HOUR, MINUTE, SECOND, Millis, after, plus_months, seconds
from sandbox.domain.records import (
    Account,
    Booking,
    BookingSession,
    CopayOption,
    CopayPurchase,
    Instance,
    IssuedPass,
    Provider,
)
from sandbox.domain.resources import named
from sandbox.domain.sales import Order
from sandbox.domain.sessions import LIVES
from tests.domain.front_desk import (
    A_MONTH,
    A_YEAR,
    NOTHING_MORE,
    TWO_VISITS,
    book_class,
    buy_option,
    cancel,
    class_wish,
    confirm_class,
    give_credits,
    held,
    open_class,
    spots,
    status,
    town_with,
    try_class,
)
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, client, funds, issue, refused, reread, small_town


def use_up_visits(books: PaperBooks, pass_: IssuedPass) -> None:
    """Both visits of Ada's standard pass."""
    book_class(books, pass_, "ci_yoga_open")
    book_class(books, pass_, "ci_yoga_last_seat")
    add_instance(books, "ci_yoga_more", starts=NOON + 2 * DAY)


def add_instance(
    books: PaperBooks, id_: str, *, starts: int, class_id: str = "class_yoga", seats: int = 3
) -> None:
    like = named(books, Instance, "ci_yoga_open")
    books.put(replace(like, id=id_, class_id=class_id, starts=starts, capacity=seats, seats={}))


def session_status(books: PaperBooks, session: BookingSession) -> str:
    return sessions.status(named(books, BookingSession, session.id), books.now)


def empty_account(books: PaperBooks, account_id: str = "acct_demo") -> None:
    books.put(replace(named(books, Account, account_id), balance_kobo=0))


# --- BOOK-1: three outcomes


def test_a_covered_class_is_booked_at_once() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_)
    assert (booking.type, booking.client_id, booking.instance_id) == ("class", "client_ada", "ci_yoga_open")
    assert (booking.title, booking.provider_name, booking.pass_id) == ("yoga", "fitzone", pass_.id)
    assert status(books, booking) == "PENDING"


def test_an_unlimited_visit_is_deducted_too() -> None:
    books, pass_ = town_with("pass_premium")
    assert book_class(books, pass_).payment.visits == 1


def test_a_covered_class_without_visits_left_opens_a_session_that_sells_visits() -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    session = open_class(books, pass_, "ci_yoga_more")
    assert (session.due, session.option_ids) == ("VISITS", ())


def test_an_uncovered_class_opens_a_session_with_every_option_of_the_gym() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    assert session.due == "COPAY"
    assert set(session.option_ids) == {"copay_ironhouse_month", "copay_ironhouse_year"}


def test_opening_a_session_takes_nothing() -> None:
    books, pass_ = town_with("pass_standard")
    before = funds(books)
    open_class(books, pass_)
    assert funds(books) == before
    assert reread(books, pass_).used == {}


# --- BOOK-2: visits


def test_confirming_visits_debits_their_cost_raises_the_limit_and_books() -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    session = open_class(books, pass_, "ci_yoga_more")
    before = funds(books)
    booking = confirm_class(books, session, TWO_VISITS)
    assert before - funds(books) == 2 * visits.cost_per_visit(named(books, Provider, "prov_fitzone"))
    assert booking.payment.visits == 1
    package = passes.package_of(books, pass_)
    assert visits.left(reread(books, pass_), package, "GYM", books.now) == 1


@pytest.mark.parametrize("duration", ["MONTHLY", "ANNUALLY"])
def test_the_price_depends_on_the_number_of_visits_only(duration: str) -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    session = open_class(books, pass_, "ci_yoga_more")
    before = funds(books)
    confirm_class(books, session, Order(number_of_visits=3, duration=duration))
    assert before - funds(books) == 3 * visits.COST_PER_VISIT["STANDARD"]


def test_an_account_that_cannot_pay_leaves_the_session_open() -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    session = open_class(books, pass_, "ci_yoga_more")
    rich = named(books, Account, "acct_demo")
    empty_account(books)
    refused(confirm_class, books, session, TWO_VISITS, code="account_balance_insufficient")
    books.put(rich)
    assert confirm_class(books, session, TWO_VISITS).payment.visits == 1


# --- BOOK-3: a co-pay


def test_confirming_a_copay_debits_the_account_activates_it_and_books() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    before = funds(books)
    booking = confirm_class(books, session, A_MONTH)
    assert before - funds(books) == 1_500_000
    bought = named(books, CopayPurchase, booking.payment.copay_id)
    assert (bought.visits, bought.used, bought.valid_until) == (2, 1, plus_months(NOON, 1))
    assert booking.payment.visits == 1


def test_a_running_copay_covers_its_gym() -> None:
    books, pass_ = town_with("pass_standard")
    confirm_class(books, open_class(books, pass_), A_MONTH)
    add_instance(books, "ci_hiit_late", starts=NOON + 3 * DAY, class_id="class_hiit")
    before = funds(books)
    booking = book_class(books, pass_, "ci_hiit_late")
    assert funds(books) == before
    assert named(books, CopayPurchase, booking.payment.copay_id).used == 2


def test_a_copay_whose_visits_are_used_covers_nothing_any_more() -> None:
    books, pass_ = town_with("pass_standard")
    confirm_class(books, open_class(books, pass_), A_MONTH)
    for nth in (3, 4):
        add_instance(books, f"ci_hiit_{nth}", starts=NOON + nth * DAY, class_id="class_hiit")
    book_class(books, pass_, "ci_hiit_3")
    assert open_class(books, pass_, "ci_hiit_4").due == "COPAY"


# --- BOOK-4: sessions


def test_a_session_holds_its_seat_until_it_lapses() -> None:
    books, pass_ = town_with("pass_standard")
    open_class(books, pass_)
    assert spots(books, "ci_hiit_open") == 2
    books.now = after(NOON, LIVES - 1)
    assert spots(books, "ci_hiit_open") == 2
    books.now = after(NOON, LIVES)
    assert spots(books, "ci_hiit_open") == 3


def test_the_last_seat_is_free_for_another_once_the_session_has_lapsed() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_hiit_last", starts=NOON + DAY, class_id="class_hiit", seats=1)
    open_class(books, pass_, "ci_hiit_last")
    other = issue(books, "client_bola")
    refused(try_class, books, other, "ci_hiit_last", code="class_full")
    books.now = after(NOON, LIVES)
    assert book_class(books, other, "ci_hiit_last").client_id == "client_bola"


def test_a_session_and_its_seat_are_over_at_the_very_second_that_its_answer_tells() -> None:
    books, pass_ = town_with("pass_standard")
    books.now = after(NOON, 789)
    session = open_class(books, pass_)
    told = Millis(seconds(session.expires) * SECOND)
    assert told == after(NOON, LIVES)
    books.now = told
    assert spots(books, "ci_hiit_open") == 3
    refused(confirm_class, books, session, A_MONTH, code="session_expired")
    books.now = after(told, -1)
    assert spots(books, "ci_hiit_open") == 2
    assert confirm_class(books, session, A_MONTH).type == "class"


def test_a_session_lives_fifteen_minutes() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.now = after(NOON, 15 * MINUTE)
    refused(confirm_class, books, session, A_MONTH, code="session_expired")
    books.now = after(NOON, 15 * MINUTE - 1)
    assert confirm_class(books, session, A_MONTH).instance_id == "ci_hiit_open"


def test_a_session_confirms_once() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    confirm_class(books, session, A_MONTH)
    refused(confirm_class, books, session, A_MONTH, code="session_used")


def test_a_used_session_says_so_even_when_it_would_have_lapsed() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    confirm_class(books, session, A_MONTH)
    books.now = after(NOON, DAY)
    refused(confirm_class, books, session, A_MONTH, code="session_used")


def test_turning_the_clock_back_does_not_revive_a_seat_that_was_given_away() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_hiit_last", starts=NOON + DAY, class_id="class_hiit", seats=1)
    session = open_class(books, pass_, "ci_hiit_last")
    books.now = after(NOON, HOUR)
    book_class(books, issue(books, "client_bola"), "ci_hiit_last")
    books.now = NOON
    refused(confirm_class, books, session, A_MONTH, code="session_expired")


# --- BOOK-5, BOOK-9: capacity


def test_a_full_instance_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    book_class(books, issue(books, "client_bola"), "ci_yoga_last_seat")
    refusal = refused(try_class, books, pass_, "ci_yoga_last_seat", code="class_full")
    assert "spots_left" in refusal.message


def test_seats_the_studio_sold_itself_count() -> None:
    books, pass_ = town_with("pass_premium")
    books.put(replace(named(books, Instance, "ci_yoga_open"), taken_elsewhere=3))
    assert spots(books) == 0
    refused(try_class, books, pass_, code="class_full")


def test_capacity_is_never_exceeded() -> None:
    books = small_town()
    made = [issue(books, f"client_{n}") for n in range(5)]
    for pass_ in made[:3]:
        book_class(books, pass_)
    for pass_ in made[3:]:
        refused(try_class, books, pass_, code="class_full")
    assert spots(books) == 0


def test_cancelling_frees_the_seat_for_another() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_class(books, pass_, "ci_yoga_last_seat")
    assert spots(books, "ci_yoga_last_seat") == 0
    cancel(books, booking)
    assert spots(books, "ci_yoga_last_seat") == 1
    assert book_class(books, issue(books, "client_bola"), "ci_yoga_last_seat")


# --- BOOK-6


def test_an_uncovered_gym_without_options_is_out_of_reach() -> None:
    books, pass_ = town_with("pass_standard")
    refusal = refused(try_class, books, pass_, "ci_members_open", code="provider_not_covered")
    assert pass_.id in refusal.message


# --- BOOK-7: credits


def test_a_class_with_a_credit_cost_is_paid_in_credits_and_takes_no_visit() -> None:
    books, pass_ = town_with("pass_standard", credits_held=9)
    booking = book_class(books, pass_, "ci_workshop_open")
    assert held(books) == 4
    assert (booking.payment.credits_taken, booking.payment.visits) == (5, 0)
    assert reread(books, pass_).used == {}


def test_one_session_can_cost_more_than_its_class() -> None:
    books, pass_ = town_with("pass_premium", credits_held=9)
    book_class(books, pass_, "ci_workshop_override")
    assert held(books) == 1


def test_too_few_credits_are_refused_with_balance_and_cost() -> None:
    books, pass_ = town_with("pass_premium", credits_held=4)
    refusal = refused(try_class, books, pass_, "ci_workshop_open", code="validation_error")
    assert "5 credits" in refusal.message
    assert "balance of 4" in refusal.message
    assert held(books) == 4


def test_credits_pay_even_where_no_visit_is_left() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    use_up_visits(books, pass_)
    assert book_class(books, pass_, "ci_workshop_open").payment.credits_taken == 5


def test_credits_do_not_replace_a_pass_that_covers() -> None:
    books, pass_ = town_with("pass_standard", credits_held=50)
    studio.price_instance(books, named(books, Instance, "ci_members_open"), 5)
    refused(try_class, books, pass_, "ci_members_open", code="provider_not_covered")


def test_a_price_in_credits_at_a_gym_that_takes_none_is_refused() -> None:
    books, pass_ = town_with("pass_premium", credits_held=50)
    studio.price_instance(books, named(books, Instance, "ci_hiit_open"), 5)
    refused(try_class, books, pass_, "ci_hiit_open", code="credits_not_accepted")


def _gym_that_takes_credits(books: PaperBooks) -> None:
    books.put(replace(named(books, Provider, "prov_ironhouse"), accepts_credits=True))
    studio.price_instance(books, named(books, Instance, "ci_hiit_open"), 5)


def test_an_uncovered_class_priced_in_credits_needs_the_copay_and_then_takes_credits_not_its_visit() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    _gym_that_takes_credits(books)
    session = open_class(books, pass_)
    assert session.due == "COPAY"
    booking = confirm_class(books, session, A_MONTH)
    assert (booking.payment.credits_taken, booking.payment.visits, held(books)) == (5, 0, 0)
    bought = next(iter(books.rising(CopayPurchase, "client_ada:prov_ironhouse")))
    assert bought.used == 0


def test_too_few_credits_are_refused_before_a_session_is_opened() -> None:
    books, pass_ = town_with("pass_standard", credits_held=4)
    _gym_that_takes_credits(books)
    refused(try_class, books, pass_, "ci_hiit_open", code="validation_error")


# --- BOOK-13, BOOK-14, BOOK-26


def test_one_client_cannot_hold_two_bookings_of_one_instance() -> None:
    books, pass_ = town_with("pass_premium")
    book_class(books, pass_)
    refused(try_class, books, pass_, code="slot_unavailable")


def test_not_even_through_two_resellers_or_two_passes() -> None:
    books, pass_ = town_with("pass_premium")
    book_class(books, pass_)
    refused(try_class, books, issue(books), code="slot_unavailable")


def test_a_cancelled_booking_does_not_count() -> None:
    books, pass_ = town_with("pass_premium")
    cancel(books, book_class(books, pass_))
    assert book_class(books, pass_)


def test_an_instance_that_has_begun_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    books.now = named(books, Instance, "ci_yoga_open").starts
    refused(try_class, books, pass_, code="class_started")
    books.now = after(books.now, -1)
    assert book_class(books, pass_)


def test_an_instance_the_studio_cancelled_cannot_be_booked_or_confirmed() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    studio.cancel_instance(books, named(books, Instance, "ci_hiit_open"))
    refused(confirm_class, books, session, A_MONTH, code="slot_unavailable")
    refused(try_class, books, issue(books, "client_bola"), "ci_hiit_open", code="slot_unavailable")


# --- BOOK-17: confirming looks afresh


def test_a_session_is_confirmed_by_the_reseller_who_opened_it() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    refused(confirm_class, books, session, A_MONTH, PARTNER, code="permission_denied")


def test_a_copay_bought_meanwhile_is_not_paid_twice() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    buy_option(books)
    before = funds(books)
    booking = confirm_class(books, session, A_YEAR)
    assert funds(books) == before
    assert named(books, CopayPurchase, booking.payment.copay_id).price_kobo == 1_500_000


def test_where_nothing_is_due_any_more_an_empty_body_confirms() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    buy_option(books)
    assert confirm_class(books, session, NOTHING_MORE).payment.copay_id


def test_a_visit_returned_meanwhile_is_used_instead_of_a_bought_one() -> None:
    books, pass_ = town_with("pass_standard")
    first = book_class(books, pass_, "ci_yoga_open")
    book_class(books, pass_, "ci_yoga_last_seat")
    add_instance(books, "ci_yoga_more", starts=NOON + 2 * DAY)
    session = open_class(books, pass_, "ci_yoga_more")
    cancel(books, first)
    before = funds(books)
    assert confirm_class(books, session, TWO_VISITS).payment.period == 0
    assert funds(books) == before


def test_confirming_needs_the_pass_still() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.put(replace(reread(books, pass_), cancelled=books.now))
    refused(confirm_class, books, session, A_MONTH, code="pass_not_active")


def test_confirming_needs_a_class_that_has_not_begun() -> None:
    books, pass_ = town_with("pass_standard")
    books.now = after(named(books, Instance, "ci_hiit_open").starts, -MINUTE)
    session = open_class(books, pass_)
    books.now = after(books.now, MINUTE)
    refused(confirm_class, books, session, A_MONTH, code="class_started")


def test_confirming_does_not_look_at_the_seat_it_holds() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_hiit_last", starts=NOON + DAY, class_id="class_hiit", seats=1)
    session = open_class(books, pass_, "ci_hiit_last")
    assert confirm_class(books, session, A_MONTH).instance_id == "ci_hiit_last"
    assert spots(books, "ci_hiit_last") == 0


def test_credits_spent_meanwhile_are_missed_at_the_confirm_and_the_session_stays_open() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    _gym_that_takes_credits(books)
    session = open_class(books, pass_)
    book_class(books, pass_, "ci_workshop_open")
    refused(confirm_class, books, session, A_MONTH, code="validation_error")
    give_credits(books, 5)
    assert confirm_class(books, session, A_MONTH).payment.credits_taken == 5


# --- BOOK-18: the same again


def test_opening_another_session_ends_the_earlier_one_and_takes_over_its_seat() -> None:
    books, pass_ = town_with("pass_standard")
    first, second = open_class(books, pass_), open_class(books, pass_)
    assert spots(books, "ci_hiit_open") == 2
    refused(confirm_class, books, first, A_MONTH, code="session_expired")
    assert [session_status(books, one) for one in (first, second)] == ["ENDED", "OPEN"]
    assert confirm_class(books, second, A_MONTH)
    assert session_status(books, second) == "USED"


def test_taking_over_ones_own_seat_works_in_a_full_class() -> None:
    books, pass_ = town_with("pass_standard")
    add_instance(books, "ci_hiit_last", starts=NOON + DAY, class_id="class_hiit", seats=1)
    open_class(books, pass_, "ci_hiit_last")
    assert open_class(books, pass_, "ci_hiit_last").due == "COPAY"


def test_booking_ends_an_open_session_for_the_same_instance() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    buy_option(books)
    booking = book_class(books, pass_, "ci_hiit_open")
    refused(confirm_class, books, session, A_MONTH, code="session_expired")
    cancel(books, booking)
    refused(confirm_class, books, session, A_MONTH, code="session_expired")
    assert spots(books, "ci_hiit_open") == 3


# --- BOOK-19 and COPAY-7: what a confirm says


def test_a_confirm_that_lacks_what_is_due_is_told_the_field() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    refusal = refused(confirm_class, books, session, NOTHING_MORE, code="validation_error")
    assert "body.copay_package_id" in refusal.message


@pytest.mark.parametrize(
    ("order", "lacking"),
    [
        (Order(), ["number_of_visits", "duration"]),
        (Order(number_of_visits=1), ["duration"]),
        (Order(duration="MONTHLY"), ["number_of_visits"]),
    ],
)
def test_a_confirm_of_visits_needs_number_and_duration(order: Order, lacking: list[str]) -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    session = open_class(books, pass_, "ci_yoga_more")
    refusal = refused(confirm_class, books, session, order, code="validation_error")
    assert all(field in refusal.message for field in lacking)


def test_a_session_that_is_over_says_so_before_it_misses_a_field() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.now = after(NOON, LIVES)
    refused(confirm_class, books, session, NOTHING_MORE, code="session_expired")


def test_fields_that_do_not_apply_are_ignored() -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    session = open_class(books, pass_, "ci_yoga_more")
    order = Order(copay_package_id="copay_unknown", number_of_visits=1, duration="ANNUALLY")
    assert confirm_class(books, session, order).payment.bought == NOON


def test_an_option_that_does_not_exist_is_not_found() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    order = Order(copay_package_id="copay_unknown")
    refused(confirm_class, books, session, order, code="resource_not_found")


def test_an_option_the_session_did_not_offer_is_refused() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.put(
        CopayOption(
            id="copay_new", provider_id="prov_ironhouse", name="New", price_kobo=1, duration="MONTHLY"
        )
    )
    order = Order(copay_package_id="copay_new")
    refusal = refused(confirm_class, books, session, order, code="validation_error")
    assert "copay_ironhouse_month" in refusal.message


def test_a_session_of_another_kind_is_not_found() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.put(replace(session, opens="access_code"))
    refused(confirm_class, books, session, A_MONTH, code="resource_not_found")


# --- BOOK-20: bought visits


def test_bought_visits_are_used_after_the_periods_own() -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    confirm_class(books, open_class(books, pass_, "ci_yoga_more"), TWO_VISITS)
    books.now = after(plus_months(NOON, 1), -1)  # still the first month
    add_instance(books, "ci_june", starts=NOON + 40 * DAY)
    assert book_class(books, pass_, "ci_june").payment.bought == NOON
    books.now = plus_months(NOON, 1)
    add_instance(books, "ci_july", starts=NOON + 41 * DAY)
    assert book_class(books, pass_, "ci_july").payment.period == 1


def test_bought_visits_lapse_after_their_month() -> None:
    books, pass_ = town_with("pass_standard")
    use_up_visits(books, pass_)
    books.now = after(NOON, DAY)
    confirm_class(books, open_class(books, pass_, "ci_yoga_more"), TWO_VISITS)
    package = passes.package_of(books, pass_)
    lapse = plus_months(NOON + DAY, 1)
    assert visits.left(reread(books, pass_), package, "GYM", lapse - 1) == 3
    assert visits.left(reread(books, pass_), package, "GYM", lapse) == 2


# --- ERR-6, ERR-8, ERR-9: the order of refusals


def test_the_instance_is_looked_for_before_the_client_and_the_client_before_the_pass() -> None:
    books, pass_ = town_with("pass_premium")
    nowhere = class_wish(pass_, "ci_none", client_id="client_none", user_pass_id="brgpass_none")
    assert "ci_none" in refused(class_bookings.book, books, DEMO, nowhere, code="resource_not_found").message
    nobody = class_wish(pass_, client_id="client_none", user_pass_id="brgpass_none")
    assert (
        "client_none" in refused(class_bookings.book, books, DEMO, nobody, code="resource_not_found").message
    )
    no_pass = class_wish(pass_, user_pass_id="brgpass_none")
    refused(class_bookings.book, books, DEMO, no_pass, code="pass_not_found")


def test_an_unknown_pass_is_not_found_before_the_client_is_anothers() -> None:
    books, pass_ = town_with("pass_premium")
    wish = class_wish(pass_, user_pass_id="brgpass_none")
    refused(class_bookings.book, books, PARTNER, wish, code="pass_not_found")


def test_another_resellers_client_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    refused(try_class, books, pass_, "ci_yoga_open", PARTNER, code="permission_denied")


def test_a_pass_of_another_client_does_not_fit() -> None:
    books, pass_ = town_with("pass_premium")
    other = issue(books, "client_bola")
    wish = class_wish(pass_, user_pass_id=other.id)
    refused(class_bookings.book, books, DEMO, wish, code="validation_error")


def test_the_pass_is_refused_before_the_instance() -> None:
    books, pass_ = town_with("pass_premium")
    books.now = named(books, Instance, "ci_yoga_open").starts
    books.put(replace(reread(books, pass_), cancelled=books.now))
    refused(try_class, books, pass_, code="pass_not_active")


def test_begun_is_refused_before_held_and_held_before_full() -> None:
    books, pass_ = town_with("pass_premium")
    book_class(books, pass_, "ci_yoga_last_seat")
    refused(try_class, books, pass_, "ci_yoga_last_seat", code="slot_unavailable")
    books.now = named(books, Instance, "ci_yoga_last_seat").starts
    refused(try_class, books, pass_, "ci_yoga_last_seat", code="class_started")


def test_full_is_refused_before_the_coverage() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(replace(named(books, Instance, "ci_members_open"), taken_elsewhere=3))
    refused(try_class, books, pass_, "ci_members_open", code="class_full")


def test_the_coverage_is_refused_before_the_credits() -> None:
    books, pass_ = town_with("pass_standard")
    studio.price_instance(books, named(books, Instance, "ci_members_open"), 500)
    refused(try_class, books, pass_, "ci_members_open", code="provider_not_covered")


def test_the_credits_are_refused_before_the_account() -> None:
    books, pass_ = town_with("pass_standard", credits_held=5)
    _gym_that_takes_credits(books)
    session = open_class(books, pass_)
    book_class(books, pass_, "ci_workshop_open")
    empty_account(books)
    refused(confirm_class, books, session, A_MONTH, code="validation_error")


def test_the_session_is_refused_before_the_pass() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_class(books, pass_)
    books.put(replace(reread(books, pass_), cancelled=books.now))
    books.now = after(NOON, LIVES)
    refused(confirm_class, books, session, A_MONTH, code="session_expired")


# --- what a booking remembers


def test_a_booking_stands_on_its_makers_shelf_in_the_order_of_making() -> None:
    books, pass_ = town_with("pass_premium")
    first, second = book_class(books, pass_), book_class(books, pass_, "ci_hiit_open")
    assert [one.id for one in books.falling(Booking, "acct_demo/client_ada")] == [second.id, first.id]


def test_the_names_on_a_booking_change_nothing_about_the_client() -> None:
    books, pass_ = town_with("pass_premium")
    made = class_bookings.book(books, DEMO, class_wish(pass_, first_name="Someone", last_name="Else"))
    assert isinstance(made, Booking)
    assert (made.first_name, client(books).first_name) == ("Someone", "Ada")
