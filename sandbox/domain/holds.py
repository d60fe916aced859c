"""Holds on seats and rooms: a booking's for good, an open session's until it lapses."""

from msgspec.structs import replace

from sandbox.domain.books import Books
from sandbox.domain.records import BookingSession, Hold


def take_over(books: Books, earlier: Hold | None) -> None:
    """The session that held this place ends (BOOK-18), unless it is the one that is just being confirmed."""
    session = None if earlier is None else books.find(BookingSession, earlier.by)
    if session is not None and session.used is None:
        books.put(replace(session, ended=books.now))
