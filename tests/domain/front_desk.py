"""What a tester does at the front desk of the small town: one short call for each step."""

from datetime import datetime
from typing import Any

from sandbox.domain import (
    access_codes,
    bookings,
    class_bookings,
    classes,
    copay_purchases,
    credits,
    quotes,
    rescheduling,
    spa_bookings,
)
from sandbox.domain.books import Caller
from sandbox.domain.moments import BUSINESS_ZONE, Millis, from_datetime
from sandbox.domain.records import (
    AccessCode,
    Booking,
    BookingSession,
    CopayPurchase,
    Instance,
    IssuedPass,
    Quote,
)
from sandbox.domain.resources import named
from sandbox.domain.sales import Order
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, client, issue, small_town

NOTHING_MORE = Order()
TWO_VISITS = Order(number_of_visits=2, duration="MONTHLY")
A_MONTH = Order(copay_package_id="copay_ironhouse_month")
A_YEAR = Order(copay_package_id="copay_ironhouse_year")


def town_with(package_id: str, credits_held: int = 0) -> tuple[PaperBooks, IssuedPass]:
    """The town, and Ada in it with one pass."""
    books = small_town()
    pass_ = issue(books, package_id=package_id)
    if credits_held:
        give_credits(books, credits_held)
    return books, pass_


def give_credits(books: PaperBooks, count: int, expires: Millis | None = None) -> None:
    credits.adjust(books, client(books), count, "Welcome", expires)


def held(books: PaperBooks, client_id: str = "client_ada") -> int:
    return credits.balance(books, client(books, client_id))


def lagos(text: str) -> Millis:
    """A moment as the clock in Lagos shows it: '2026-05-13 10:00'."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE))


# --- classes --------------------------------------------------------------------------------


def class_wish(pass_: IssuedPass, instance_id: str = "ci_yoga_open", **changed: str) -> Any:
    wish = {
        "class_instance_id": instance_id,
        "client_id": pass_.client_id,
        "first_name": "Ada",
        "last_name": "Obi",
        "user_pass_id": pass_.id,
    }
    return class_bookings.ClassWish(**{**wish, **changed})


def try_class(
    books: PaperBooks, pass_: IssuedPass, instance_id: str = "ci_yoga_open", caller: Caller = DEMO
) -> Booking | BookingSession:
    return class_bookings.book(books, caller, class_wish(pass_, instance_id))


def book_class(
    books: PaperBooks, pass_: IssuedPass, instance_id: str = "ci_yoga_open", caller: Caller = DEMO
) -> Booking:
    made = try_class(books, pass_, instance_id, caller)
    assert isinstance(made, Booking)
    return made


def open_class(
    books: PaperBooks, pass_: IssuedPass, instance_id: str = "ci_hiit_open", caller: Caller = DEMO
) -> BookingSession:
    made = try_class(books, pass_, instance_id, caller)
    assert isinstance(made, BookingSession)
    return made


def confirm_class(
    books: PaperBooks, session: BookingSession, order: Order = NOTHING_MORE, caller: Caller = DEMO
) -> Booking:
    return class_bookings.confirm(books, caller, session.id, order)


def spots(books: PaperBooks, instance_id: str = "ci_yoga_open") -> int:
    return classes.spots_left(named(books, Instance, instance_id), books.now)


# --- spas -----------------------------------------------------------------------------------


def spa_wish(pass_: IssuedPass, when: str = "2026-05-14 10:00", **changed: Any) -> Any:
    date, time = when.split()
    wish = {
        "provider_id": "prov_zen",
        "service_ids": ["svc_massage"],
        "date": date,
        "time": time,
        "client_id": pass_.client_id,
        "first_name": "Ada",
        "last_name": "Obi",
        "user_pass_id": pass_.id,
    }
    return spa_bookings.SpaWish(**{**wish, **changed})


def at_luxe(pass_: IssuedPass, when: str = "2026-05-14 10:00") -> Any:
    return spa_wish(pass_, when, provider_id="prov_luxe", service_ids=["svc_luxe_ritual"])


def open_spa(books: PaperBooks, wish: Any, caller: Caller = DEMO) -> BookingSession:
    return spa_bookings.book(books, caller, wish)


def confirm_spa(books: PaperBooks, session: BookingSession, caller: Caller = DEMO) -> Booking:
    return spa_bookings.confirm(books, caller, session.id)


def book_spa(books: PaperBooks, wish: Any) -> Booking:
    return confirm_spa(books, open_spa(books, wish))


# --- co-pays --------------------------------------------------------------------------------


def ask_quote(
    books: PaperBooks,
    provider_id: str = "prov_zen",
    service_ids: tuple[str, ...] = ("svc_massage",),
    pass_id: str | None = None,
) -> Quote:
    question = quotes.Question("client_ada", list(service_ids), pass_id)
    return quotes.quote(books, DEMO, provider_id, question)


def buy_quote(books: PaperBooks, quote: Quote) -> CopayPurchase:
    order = copay_purchases.SpaOrder(quote.client_id, quote.provider_id, quote.id)
    return copay_purchases.buy_for_spa(books, DEMO, order)


def buy_option(books: PaperBooks, option_id: str = "copay_ironhouse_month") -> CopayPurchase:
    order = copay_purchases.GymOrder("client_ada", "prov_ironhouse", option_id)
    return copay_purchases.buy_for_gym(books, DEMO, order)


# --- codes, and what comes after ------------------------------------------------------------


def ask_code(
    books: PaperBooks, provider_id: str = "prov_fitzone", pass_id: str | None = None
) -> AccessCode | BookingSession:
    wish = access_codes.CodeWish("client_ada", provider_id, pass_id)
    return access_codes.create(books, DEMO, wish)


def make_code(books: PaperBooks, provider_id: str = "prov_fitzone") -> AccessCode:
    made = ask_code(books, provider_id)
    assert isinstance(made, AccessCode)
    return made


def cancel(books: PaperBooks, booking: Booking, caller: Caller = DEMO) -> Booking:
    return bookings.cancel(books, caller, booking.id)


def move_class(books: PaperBooks, booking: Booking, instance_id: str) -> Booking:
    return rescheduling.reschedule(books, DEMO, booking.id, rescheduling.Move(instance_id))


def move_spa(books: PaperBooks, booking: Booking, when: str) -> Booking:
    date, time = when.split()
    return rescheduling.reschedule(books, DEMO, booking.id, rescheduling.Move(None, date, time))


def status(books: PaperBooks, booking: Booking) -> str:
    return bookings.status(named(books, Booking, booking.id), books.now)
