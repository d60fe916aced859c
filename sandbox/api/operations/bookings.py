"""Bookings: classes to choose from, seats and appointments booked, moved and cancelled."""

from typing import Any

from sandbox.api import paging
from sandbox.api.answers import bookings as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import bookings, class_bookings, classes, rescheduling, spa_bookings
from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import reach
from sandbox.domain.providers import point
from sandbox.domain.records import Booking, ClassCategory, StudioClass
from sandbox.domain.resources import named, own
from sandbox.domain.sales import Order


def list_class_categories(call: Call, caller: Caller, books: Books) -> Reply:
    shown = [answers.class_category(one) for one in books.falling(ClassCategory)]
    return paging.whole_list(call, shown, "Categories of classes, newest first.")


def list_classes(call: Call, caller: Caller, books: Books) -> Reply:
    here = point(call.query.get("lat"), call.query.get("lon"))
    wanted = classes.Wanted(call.query.get("category"), call.query.get("provider_id"))

    def view(one: StudioClass) -> dict[str, Any]:
        return answers.studio_class(books, one)

    if here is None:
        message = "Classes, the newest first."
        return paging.page_of_shelf(call, books, StudioClass, view, message=message, where=wanted.fits)
    near, message = classes.nearest_first(books, here), "Classes, the nearest first."
    return paging.page_of_sequence(call, near, view, message=message, where=wanted.fits)


def get_class(call: Call, caller: Caller, books: Books) -> Reply:
    days = classes.days(books, call.query.get("from"), call.query.get("to"))  # a 400 comes before a 404
    found = named(books, StudioClass, call.path["id"])
    instances = classes.timetable(books, found, days)
    return Reply(200, answers.timetable(books, found, instances))


def book_class(call: Call, caller: Caller, books: Books) -> Reply:
    made = class_bookings.book(books, caller, class_bookings.ClassWish(**call.body))
    if isinstance(made, Booking):
        return Reply(201, answers.class_booked(made, books.now), "BOOK-1")
    return Reply(200, answers.class_session(books, made), "BOOK-1")


def confirm_class_booking(call: Call, caller: Caller, books: Books) -> Reply:
    booked = class_bookings.confirm(books, caller, call.path["sessionId"], Order(**call.body))
    return Reply(201, answers.booking(booked, books.now, "The seat is booked."), "BOOK-17")


def book_spa(call: Call, caller: Caller, books: Books) -> Reply:
    opened = spa_bookings.book(books, caller, spa_bookings.SpaWish(**call.body))
    return Reply(200, answers.spa_session(books, opened), "BOOK-16")


def confirm_spa_booking(call: Call, caller: Caller, books: Books) -> Reply:
    booked = spa_bookings.confirm(books, caller, call.path["sessionId"])
    return Reply(201, answers.booking(booked, books.now, "The appointment is booked."), "BOOK-21")


def list_client_bookings(call: Call, caller: Caller, books: Books) -> Reply:
    client = reach(books, caller, call.path["clientId"])
    wanted = bookings.Wanted(call.query.get("status"), call.query.get("type"), books.now)
    return paging.page_of_shelf(
        call,
        books,
        Booking,
        lambda one: answers.booking(one, books.now),
        shelf=f"{caller.account_id}/{client.id}",
        message="Bookings you made for the client, newest first.",
        where=wanted.fits,
    )


def get_booking_status(call: Call, caller: Caller, books: Books) -> Reply:
    found = own(books, caller, Booking, call.path["id"])
    return Reply(200, answers.booking_status(found, books.now), "BOOK-8")


def cancel_booking(call: Call, caller: Caller, books: Books) -> Reply:
    cancelled = bookings.cancel(books, caller, call.path["id"], call.body.get("reason", ""))
    return Reply(200, answers.cancelled(cancelled, books.now), "BOOK-10")


def reschedule_booking(call: Call, caller: Caller, books: Books) -> Reply:
    moved = rescheduling.reschedule(books, caller, call.path["id"], rescheduling.Move(**call.body))
    return Reply(201, answers.booking(moved, books.now, "The booking was moved."), "BOOK-24")
