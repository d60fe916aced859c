"""Sessions: a booking or an access code that waits for its confirm (BOOK-4, BOOK-17)."""

from typing import Literal, TypeAlias

from msgspec.structs import replace

from sandbox.domain import classes, spa
from sandbox.domain.books import Books
from sandbox.domain.moments import MINUTE, Millis, after, clock_time, on_the_second
from sandbox.domain.records import BookingSession, Instance
from sandbox.domain.refusals import Refusal, not_found
from sandbox.domain.resources import named

LIVES = 15 * MINUTE

Opens: TypeAlias = Literal["class", "spa", "access_code"]
SessionStatus: TypeAlias = Literal["OPEN", "USED", "EXPIRED", "ENDED"]


def of_path(books: Books, session_id: str, opens: Opens) -> BookingSession:
    """The session of this kind; one of another kind is not found on this path (ERR-9)."""
    session = named(books, BookingSession, session_id)
    if session.opens != opens:
        hint = "A session is confirmed where it was opened: classes, spas and access codes have a path each."
        raise not_found(session.noun, session_id, hint)
    return session


def end(opens: Opens, opened: int) -> Millis:
    """A quarter of an hour later (BOOK-4)."""
    return as_told(opens, after(opened, LIVES))


def as_told(opens: Opens, moment: Millis) -> Millis:
    """A booking's session tells its end in seconds, an access code's in milliseconds (CONV-13)."""
    return moment if opens == "access_code" else on_the_second(moment)


def status(session: BookingSession, now: int) -> SessionStatus:
    """It confirms once, and lives a quarter of an hour (BOOK-4), if nothing ends it sooner (BOOK-18)."""
    if session.used is not None:
        return "USED"
    if session.ended is not None:
        return "ENDED"
    return "EXPIRED" if now >= session.expires else "OPEN"


def require_open(books: Books, session: BookingSession) -> None:
    state = status(session, books.now)
    if state == "USED":
        message = f"The session '{session.id}' was confirmed already. Open another one to book again."
        raise Refusal("session_used", message, "BOOK-4")
    if state == "EXPIRED":
        raise _expired(session, f"ran out at {clock_time(session.expires)}", "BOOK-4")
    if state == "ENDED" or not _holds_place(books, session):
        raise _expired(session, "ended when the client booked, or began to book, the same again", "BOOK-18")


def use_up(books: Books, session: BookingSession) -> None:
    books.put(replace(session, used=books.now))


def _holds_place(books: Books, session: BookingSession) -> bool:
    if session.opens == "class":
        return classes.holds_seat(named(books, Instance, session.instance_id), session)
    return session.opens == "access_code" or spa.holds_room(books, session)


def _expired(session: BookingSession, why: str, rule: str) -> Refusal:
    message = (
        f"The session '{session.id}' {why}. Make the request that opened it again, and confirm the new one."
    )
    return Refusal("session_expired", message, rule)
