"""Classes: the timetable, seats, prices and status, as lists show them."""

from datetime import date

import pytest
from msgspec.structs import replace

from sandbox.domain import classes
from sandbox.domain.moments import DAY, Millis, after, midnight
from sandbox.domain.providers import Point
from sandbox.domain.records import Hold, Instance, Provider, StudioClass
from sandbox.domain.resources import named
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import NOON, refused, small_town


def days(books: PaperBooks, first: str | None = None, last: str | None = None) -> list[str]:
    yoga = named(books, StudioClass, "class_yoga")
    return [one.id for one in classes.timetable(books, yoga, classes.days(books, first, last))]


def add(books: PaperBooks, id_: str, starts: int) -> None:
    books.put(replace(named(books, Instance, "ci_yoga_open"), id=id_, starts=Millis(starts)))


# --- BOOK-25: from and to


def test_the_timetable_is_in_time_order() -> None:
    books = small_town()
    add(books, "ci_first", NOON + DAY)
    assert days(books) == ["ci_first", "ci_yoga_open", "ci_yoga_last_seat"]


def test_it_shows_today_and_thirteen_more_days() -> None:
    books = small_town()
    add(books, "ci_this_morning", midnight(date(2026, 5, 12)))
    add(books, "ci_yesterday", midnight(date(2026, 5, 12)) - 1)
    add(books, "ci_last_day", midnight(date(2026, 5, 26)) - 1)
    add(books, "ci_too_late", midnight(date(2026, 5, 26)))
    assert days(books) == ["ci_this_morning", "ci_yoga_open", "ci_yoga_last_seat", "ci_last_day"]


def test_both_ends_are_included() -> None:
    assert days(small_town(), "2026-05-14", "2026-05-14") == ["ci_yoga_open"]
    assert days(small_town(), "2026-05-15", "2026-05-16") == ["ci_yoga_last_seat"]


def test_the_past_can_be_looked_at() -> None:
    books = small_town()
    books.now = after(NOON, 20 * DAY)
    assert days(books, "2026-05-14", "2026-05-15") == ["ci_yoga_open", "ci_yoga_last_seat"]


def test_thirteen_days_after_a_named_first_one() -> None:
    books = small_town()
    add(books, "ci_june", midnight(date(2026, 6, 14)) - 1)
    assert days(books, "2026-06-01") == ["ci_june"]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-05-14", "2026-05-13"), ("2026-05-01", "2026-06-01"), (None, "2026-05-11"), ("2026-02-30", None)],
)
def test_a_range_that_is_reversed_too_long_or_no_day_is_refused(first: str | None, last: str | None) -> None:
    refused(days, small_town(), first, last, code="validation_error")


def test_thirty_one_days_are_the_most() -> None:
    assert len(days(small_town(), "2026-05-01", "2026-05-31")) == 2


def test_the_last_days_of_the_calendar_are_days_too() -> None:
    assert days(small_town(), "9999-12-25") == []
    assert days(small_town(), "0001-01-01", "0001-01-31") == []


# --- status, seats, price


def test_the_status_follows_the_clock_unless_the_studio_cancelled() -> None:
    instance = named(small_town(), Instance, "ci_yoga_open")
    assert classes.status(instance, instance.starts) == "SCHEDULED"
    assert classes.status(instance, instance.ends - 1) == "SCHEDULED"
    assert classes.status(instance, instance.ends) == "COMPLETED"
    assert classes.status(replace(instance, cancelled=NOON), instance.ends) == "CANCELLED"


def test_spots_left_are_capacity_less_bookings_open_sessions_and_what_the_studio_sold() -> None:
    instance = named(small_town(), Instance, "ci_yoga_open")
    booked = {"client_a": Hold(by="booking_1"), "client_b": Hold(by="sess_1", until=after(NOON, 1))}
    taken = replace(instance, capacity=10, taken_elsewhere=4, seats=booked)
    assert classes.spots_left(taken, NOON) == 4
    assert classes.spots_left(taken, NOON + 1) == 5


def test_one_session_can_have_its_own_price() -> None:
    books = small_town()
    workshop = named(books, StudioClass, "class_workshop")
    assert classes.credit_cost(named(books, Instance, "ci_workshop_open"), workshop) == 5
    assert classes.credit_cost(named(books, Instance, "ci_workshop_override"), workshop) == 8
    assert (
        classes.credit_cost(named(books, Instance, "ci_yoga_open"), named(books, StudioClass, "class_yoga"))
        is None
    )


# --- PAGE-11: the order of the list


def test_with_a_place_the_classes_of_the_nearest_provider_come_first_ties_by_id() -> None:
    books = small_town()
    books.put(replace(named(books, Provider, "prov_members_only"), lat=9.0, lon=7.4))
    books.put(replace(named(books, Provider, "prov_ironhouse"), lat=6.6, lon=3.4))
    ordered = [one.id for one in classes.nearest_first(books, Point(6.45, 3.39))]
    assert ordered == ["class_workshop", "class_yoga", "class_hiit", "class_members"]


def test_a_list_is_filtered_by_category_and_provider() -> None:
    yoga = named(small_town(), StudioClass, "class_yoga")
    assert classes.Wanted().fits(yoga)
    assert classes.Wanted("cat_all", "prov_fitzone").fits(yoga)
    assert not classes.Wanted("cat_none").fits(yoga)
    assert not classes.Wanted(provider_id="prov_zen").fits(yoga)
