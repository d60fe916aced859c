"""Booking a spa: slots, rooms, two steps, and what pays."""

from datetime import date

import pytest
from msgspec.structs import replace

from sandbox.domain import spa
from sandbox.domain.moments import DAY, HOUR, MINUTE, SECOND, Millis, after, clock_time, seconds
from sandbox.domain.records import BookingSession, CopayPurchase, Provider, Service
from sandbox.domain.resources import named
from sandbox.domain.sessions import LIVES
from tests.domain.front_desk import (
    ask_quote,
    at_luxe,
    book_class,
    book_spa,
    buy_quote,
    cancel,
    confirm_spa,
    give_credits,
    held,
    lagos,
    open_spa,
    spa_wish,
    status,
    town_with,
)
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import NOON, PARTNER, funds, issue, refused, reread

THURSDAY = date(2026, 5, 14)


def slots(books: PaperBooks, *service_ids: str, on: date = THURSDAY) -> dict[str, bool]:
    services = [named(books, Service, id_) for id_ in service_ids]
    found = spa.slots(books, named(books, Provider, "prov_zen"), services, on)
    return {clock_time(starts): free for starts, free in found}


def free_slots(books: PaperBooks, *service_ids: str) -> list[str]:
    return [time for time, free in slots(books, *service_ids).items() if free]


# --- BOOK-22: which slots there are


def test_slots_are_every_half_hour_from_which_the_services_end_by_closing() -> None:
    books, _ = town_with("pass_premium")
    times = list(slots(books, "svc_massage"))
    assert (times[0], times[1], times[-1], len(times)) == ("09:00", "09:30", "20:00", 23)


def test_a_longer_treatment_has_an_earlier_last_slot() -> None:
    books, _ = town_with("pass_premium")
    assert list(slots(books, "svc_massage", "svc_facial"))[-1] == "19:30"


def test_without_services_the_shortest_is_meant() -> None:
    books, _ = town_with("pass_premium")
    assert slots(books) == slots(books, "svc_facial")


def test_a_spa_without_services_has_no_slots() -> None:
    books, _ = town_with("pass_premium")
    nothing = replace(named(books, Provider, "prov_zen"), id="prov_bare")
    assert spa.slots(books, nothing, [], THURSDAY) == []


def test_of_a_day_past_nothing_is_available() -> None:
    books, _ = town_with("pass_premium")
    assert not any(slots(books, on=date(2026, 5, 11)).values())
    assert not any(slots(books, on=date(1, 1, 1)).values())


def test_of_today_only_what_lies_ahead_is_available() -> None:
    books, _ = town_with("pass_premium")  # it is noon
    today = slots(books, on=date(2026, 5, 12))
    assert (today["11:30"], today["12:00"], today["12:30"]) == (False, False, True)


@pytest.mark.parametrize("when", ["08:30", "10:15", "20:30", "21:00", "00:00"])
def test_any_other_time_is_no_slot(when: str) -> None:
    books, pass_ = town_with("pass_premium")
    refused(open_spa, books, spa_wish(pass_, f"2026-05-14 {when}"), code="slot_unavailable")


@pytest.mark.parametrize("when", ["2026-05-12 12:00", "2026-05-11 10:00", "0001-01-01 00:00"])
def test_a_time_past_is_no_slot(when: str) -> None:
    books, pass_ = town_with("pass_premium")
    refused(open_spa, books, spa_wish(pass_, when), code="slot_unavailable")


def test_a_day_that_is_not_in_the_calendar_is_a_bad_request() -> None:
    books, pass_ = town_with("pass_premium")
    refused(open_spa, books, spa_wish(pass_, "2026-02-30 10:00"), code="validation_error")


def test_available_is_exactly_what_can_be_booked() -> None:
    books, pass_ = town_with("pass_premium")
    book_spa(books, spa_wish(pass_, "2026-05-14 11:00"))
    open_spa(books, spa_wish(pass_, "2026-05-14 15:30"))
    other = issue(books, "client_bola")
    for time, free in slots(books, "svc_massage").items():
        wish = spa_wish(other, f"2026-05-14 {time}")
        if free:
            trial = PaperBooks(books.now, records=dict(books.records))
            assert open_spa(trial, wish).provider_id == "prov_zen"
        else:
            refused(open_spa, books, wish, code="slot_unavailable")


# --- BOOK-15: rooms


def test_a_slot_takes_the_sum_of_its_services_minutes() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_spa(books, spa_wish(pass_, service_ids=["svc_massage", "svc_facial"]))
    assert booking.ends - booking.starts == 90 * MINUTE


def test_a_booking_takes_the_room_for_as_long_as_it_lasts() -> None:
    books, pass_ = town_with("pass_premium")  # one room
    book_spa(books, spa_wish(pass_, "2026-05-14 11:00"))
    taken = [time for time, free in slots(books, "svc_massage").items() if not free]
    assert taken == ["10:30", "11:00", "11:30"]


def test_with_a_second_room_both_can_be_used() -> None:
    books, pass_ = town_with("pass_premium")
    books.put(replace(named(books, Provider, "prov_zen"), rooms=2))
    book_spa(books, spa_wish(pass_, "2026-05-14 11:00"))
    assert slots(books, "svc_massage")["11:00"]
    book_spa(books, spa_wish(issue(books, "client_bola"), "2026-05-14 11:30"))
    taken = [time for time, free in slots(books, "svc_facial").items() if not free]
    assert taken == ["11:30"], "only there do both overlap"


def test_two_that_follow_each_other_fit_into_one_room() -> None:
    books, pass_ = town_with("pass_premium")
    book_spa(books, spa_wish(pass_, "2026-05-14 11:00"))
    assert book_spa(books, spa_wish(issue(books, "client_bola"), "2026-05-14 12:00"))


def test_long_slots_are_refused_for_one_busy_moment_within() -> None:
    books, pass_ = town_with("pass_premium")
    book_spa(books, spa_wish(pass_, "2026-05-14 11:00", service_ids=["svc_facial"]))
    long = spa_wish(
        issue(books, "client_bola"), "2026-05-14 10:00", service_ids=["svc_massage", "svc_facial"]
    )
    refused(open_spa, books, long, code="slot_unavailable")


# --- the two steps


def test_the_first_step_says_what_the_second_takes() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    assert (session.due, session.copay_kobo, session.credits_required) == ("NOTHING", 0, 0)
    assert session.starts == lagos("2026-05-14 10:00")


def test_a_session_holds_its_room_until_it_lapses() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    assert "10:00" not in free_slots(books, "svc_massage")
    books.now = after(NOON, LIVES)
    assert "10:00" in free_slots(books, "svc_massage")
    refused(confirm_spa, books, session, code="session_expired")


def test_a_session_and_its_room_are_over_at_the_very_second_that_its_answer_tells() -> None:
    books, pass_ = town_with("pass_premium")
    books.now = after(NOON, 789)
    session = open_spa(books, spa_wish(pass_))
    told = Millis(seconds(session.expires) * SECOND)
    assert told == after(NOON, LIVES)
    books.now = told
    assert "10:00" in free_slots(books, "svc_massage")
    refused(confirm_spa, books, session, code="session_expired")
    books.now = after(told, -1)
    assert "10:00" not in free_slots(books, "svc_massage")
    assert confirm_spa(books, session).type == "spa"


def test_confirming_books() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_spa(books, spa_wish(pass_, service_ids=["svc_facial", "svc_massage"]))
    assert (booking.type, booking.title, booking.provider_name) == ("spa", "facial, massage", "zen")
    assert status(books, booking) == "PENDING"


def test_a_session_confirms_once() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    confirm_spa(books, session)
    refused(confirm_spa, books, session, code="session_used")


def test_a_session_is_its_openers() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    refused(confirm_spa, books, session, PARTNER, code="permission_denied")


def test_a_class_session_is_not_found_here() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    books.put(replace(session, opens="class"))
    refused(confirm_spa, books, session, code="resource_not_found")


def test_a_slot_that_passed_before_the_confirm_is_gone() -> None:
    books, pass_ = town_with("pass_premium")
    books.now = lagos("2026-05-14 09:50")
    session = open_spa(books, spa_wish(pass_))
    books.now = lagos("2026-05-14 10:00")
    refused(confirm_spa, books, session, code="slot_unavailable")


def test_a_pass_that_was_cancelled_meanwhile_is_refused() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    books.put(replace(reread(books, pass_), cancelled=books.now))
    refused(confirm_spa, books, session, code="pass_not_active")


# --- BOOK-18


def test_the_same_client_and_time_again_ends_the_earlier_session_and_takes_its_room() -> None:
    books, pass_ = town_with("pass_premium")  # one room only
    first = open_spa(books, spa_wish(pass_))
    second = open_spa(books, spa_wish(pass_, service_ids=["svc_facial"]))
    refused(confirm_spa, books, first, code="session_expired")
    assert named(books, BookingSession, first.id).ended == books.now
    assert confirm_spa(books, second).title == "facial"


def test_turning_the_clock_back_does_not_revive_a_room_that_was_given_away() -> None:
    books, pass_ = town_with("pass_premium")
    session = open_spa(books, spa_wish(pass_))
    books.now = after(NOON, LIVES)
    book_spa(books, spa_wish(issue(books, "client_bola")))
    books.now = NOON
    refused(confirm_spa, books, session, code="session_expired")


def test_another_client_cannot_take_it_over() -> None:
    books, pass_ = town_with("pass_premium")
    open_spa(books, spa_wish(pass_))
    refused(open_spa, books, spa_wish(issue(books, "client_bola")), code="slot_unavailable")


def test_a_session_for_another_time_of_the_day_goes_on() -> None:
    books, pass_ = town_with("pass_premium")
    first = open_spa(books, spa_wish(pass_))
    open_spa(books, spa_wish(pass_, "2026-05-14 15:00"))
    assert confirm_spa(books, first).starts == lagos("2026-05-14 10:00")


# --- BOOK-21: visits and credits


def test_a_covered_booking_takes_a_spa_visit_at_confirm() -> None:
    books, pass_ = town_with("pass_spa")
    session = open_spa(books, spa_wish(pass_))
    assert reread(books, pass_).used == {}
    confirm_spa(books, session)
    assert reread(books, pass_).used == {"SPA:0": 1}


def test_with_no_visit_left_it_counts_as_uncovered() -> None:
    books, pass_ = town_with("pass_spa")
    book_spa(books, spa_wish(pass_))
    session = open_spa(books, spa_wish(pass_, "2026-05-14 15:00"))
    assert (session.due, session.copay_kobo) == ("COPAY", 1_000_001)


def test_services_priced_in_credits_take_those_instead_of_a_visit() -> None:
    books, pass_ = town_with("pass_spa")  # which brings 20 credits
    session = open_spa(books, at_luxe(pass_))
    assert (session.due, session.copay_kobo, session.credits_required) == ("NOTHING", 0, 10)
    assert held(books) == 20
    booking = confirm_spa(books, session)
    assert (held(books), booking.payment.credits_taken, reread(books, pass_).used) == (10, 10, {})


def test_the_credits_of_several_services_are_summed() -> None:
    books, pass_ = town_with("pass_premium", credits_held=15)
    ritual = named(books, Service, "svc_luxe_ritual")
    books.put(replace(ritual, id="svc_bath", duration_minutes=30, credit_cost=5))
    books.put(replace(ritual, id="svc_tea", duration_minutes=30, credit_cost=None))
    services = ["svc_luxe_ritual", "svc_bath", "svc_tea"]
    wish = spa_wish(pass_, provider_id="prov_luxe", service_ids=services)
    assert open_spa(books, wish).credits_required == 15


def test_too_few_credits_are_refused_before_a_session_is_opened_and_again_at_confirm() -> None:
    books, pass_ = town_with("pass_premium", credits_held=9)
    refusal = refused(open_spa, books, at_luxe(pass_), code="validation_error")
    assert "10 credits" in refusal.message
    assert "balance of 9" in refusal.message
    give_credits(books, 1)
    session = open_spa(books, at_luxe(pass_))
    book_class(books, pass_, "ci_workshop_open")
    refused(confirm_spa, books, session, code="validation_error")
    give_credits(books, 5)
    assert confirm_spa(books, session).payment.credits_taken == 10


def test_an_uncovered_booking_is_paid_by_its_copay_alone() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_spa(books, at_luxe(pass_))
    assert (session.due, session.copay_kobo, session.credits_required) == ("COPAY", 2_000_002, 0)
    buy_quote(books, ask_quote(books, "prov_luxe", ("svc_luxe_ritual",)))
    booking = confirm_spa(books, session)
    assert (booking.payment.copay_kobo, booking.payment.credits_taken) == (2_000_002, 0)


# --- BOOK-16


def test_an_uncovered_booking_confirms_only_after_the_copay_was_bought() -> None:
    books, pass_ = town_with("pass_standard")
    session = open_spa(books, spa_wish(pass_))
    assert session.due == "COPAY"
    refused(confirm_spa, books, session, code="copay_required")
    bought = buy_quote(books, ask_quote(books))
    booking = confirm_spa(books, session)
    assert named(books, CopayPurchase, bought.id).spent_on == booking.id


def test_where_the_copay_is_already_bought_nothing_is_due() -> None:
    books, pass_ = town_with("pass_standard")
    buy_quote(books, ask_quote(books))
    session = open_spa(books, spa_wish(pass_))
    assert (session.due, session.copay_kobo) == ("NOTHING", 0)
    assert confirm_spa(books, session).payment.copay_kobo == 1_000_001


def test_what_is_paid_is_the_quotes_whatever_the_session_showed() -> None:
    books, pass_ = town_with("pass_standard")
    books.now = lagos("2026-05-12 17:00")
    session = open_spa(books, spa_wish(pass_))
    quote = ask_quote(books)
    assert session.copay_kobo == quote.amount_kobo == 1_200_001
    books.now = lagos("2026-05-12 17:05")
    before = funds(books)
    buy_quote(books, quote)
    assert before - funds(books) == 1_200_001


# --- ERR-6, ERR-9


def test_resources_are_looked_for_in_the_order_of_the_fields() -> None:
    books, pass_ = town_with("pass_premium")
    for wrong, looked_for in (
        (spa_wish(pass_, provider_id="prov_none", service_ids=["svc_none"]), "prov_none"),
        (spa_wish(pass_, service_ids=["svc_massage", "svc_none"], client_id="client_none"), "svc_none"),
        (spa_wish(pass_, client_id="client_none", user_pass_id="brgpass_none"), "client_none"),
    ):
        assert looked_for in refused(open_spa, books, wrong, code="resource_not_found").message
    refused(open_spa, books, spa_wish(pass_, user_pass_id="brgpass_none"), code="pass_not_found")


def test_another_resellers_client_is_refused_before_what_does_not_fit() -> None:
    books, pass_ = town_with("pass_premium")
    refused(open_spa, books, spa_wish(pass_, provider_id="prov_fitzone"), PARTNER, code="permission_denied")


def test_a_gym_is_no_spa() -> None:
    books, pass_ = town_with("pass_premium")
    refused(open_spa, books, spa_wish(pass_, provider_id="prov_fitzone"), code="validation_error")


def test_a_service_of_another_spa_does_not_fit() -> None:
    books, pass_ = town_with("pass_premium")
    wish = spa_wish(pass_, service_ids=["svc_massage", "svc_luxe_ritual"])
    refusal = refused(open_spa, books, wish, code="validation_error")
    assert "prov_luxe" in refusal.message


def test_a_pass_of_another_client_does_not_fit() -> None:
    books, pass_ = town_with("pass_premium")
    other = issue(books, "client_bola")
    refused(open_spa, books, spa_wish(pass_, user_pass_id=other.id), code="validation_error")


def test_the_pass_is_refused_before_the_slot_and_the_slot_before_the_credits() -> None:
    books, pass_ = town_with("pass_premium")
    refused(open_spa, books, at_luxe(pass_, "2026-05-14 08:00"), code="slot_unavailable")
    books.put(replace(reread(books, pass_), cancelled=books.now))
    refused(open_spa, books, at_luxe(pass_, "2026-05-14 08:00"), code="pass_not_active")


def test_cancelling_frees_the_room() -> None:
    books, pass_ = town_with("pass_premium")
    booking = book_spa(books, spa_wish(pass_))
    assert "10:00" not in free_slots(books, "svc_massage")
    cancel(books, booking)
    assert "10:00" in free_slots(books, "svc_massage")


def test_the_clock_on_the_wall_is_that_of_lagos() -> None:
    books, pass_ = town_with("pass_premium")
    assert book_spa(books, spa_wish(pass_, "2026-05-14 09:00")).starts == NOON + 2 * DAY - 3 * HOUR
