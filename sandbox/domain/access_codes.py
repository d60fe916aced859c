"""Access codes: what a client shows at the door, made on an active pass and good for the day (CODE)."""

from dataclasses import dataclass

from sandbox.domain import passes, sales, sessions, stays
from sandbox.domain.books import Books, Caller
from sandbox.domain.clients import require_reach
from sandbox.domain.moments import end_of_day
from sandbox.domain.records import AccessCode, BookingSession, Client, CopayOption, IssuedPass, Provider
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named
from sandbox.domain.sales import Order
from sandbox.domain.stays import TO_BUY, Stay

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U: nobody misreads one at a door
LENGTH = 10


@dataclass(frozen=True, slots=True)
class CodeWish:
    client_id: str
    provider_id: str
    user_pass_id: str | None = None


def create(books: Books, caller: Caller, wish: CodeWish) -> AccessCode | BookingSession:
    """A code if something will pay at the door; else a session like a class's, without a seat (CODE-7)."""
    client = named(books, Client, wish.client_id)
    provider = named(books, Provider, wish.provider_id)
    pass_ = None if wish.user_pass_id is None else named(books, IssuedPass, wish.user_pass_id)
    require_reach(books, caller, client)
    if pass_ is not None:
        passes.require_held_by(caller, client, pass_)
    stay = stays.at_the_door(stays.on_pass(books, client, provider, pass_))
    how = stays.means(books, stay)
    if how in TO_BUY and provider.category == "SPA":
        raise _nothing_sold_at(stay)
    options = stays.copay_options(books, stay, how)
    if how in TO_BUY:
        return _open_session(books, caller, stay, options)
    return _issue(books, caller.account_id, stay)


def confirm(books: Books, caller: Caller, session_id: str, order: Order) -> AccessCode:
    """Sell what is still due, and make the code. What was bought is used at the scanner (CODE-5)."""
    session = sessions.of_path(books, session_id, "access_code")
    pass_ = named(books, IssuedPass, session.pass_id)
    client = named(books, Client, session.client_id)
    provider = named(books, Provider, session.provider_id)
    stay = stays.at_the_door(Stay(client, pass_, passes.package_of(books, pass_), provider))
    sales.require_fitting(books, caller, session, stay, order)
    sessions.require_open(books, session)
    sales.require_complete(stays.means(books, stay), order)
    passes.require_active(pass_, books.now)
    paid_up = sales.sell(books, session.owner, stay, order)
    sessions.use_up(books, session)
    return _issue(books, session.owner, paid_up)


def _nothing_sold_at(stay: Stay) -> Refusal:
    """CODE-7: a spa sells neither options nor visits at its door."""
    message = (
        f"The pass '{stay.pass_.id}' does not cover {stay.provider.name} or has no visit left there, and a "
        "spa sells neither visits nor co-pays at its door. Make an appointment with POST /bookings/spa."
    )
    return Refusal("provider_not_covered", message, "CODE-7")


def _issue(books: Books, owner: str, stay: Stay) -> AccessCode:
    id_, nth = books.name(AccessCode, stay.client.id)
    made = AccessCode(
        id=id_,
        nth=nth,
        created=books.now,
        owner=owner,
        client_id=stay.client.id,
        provider_id=stay.provider.id,
        pass_id=stay.pass_.id,
        code=_spell(books.draw("access code", id_)),
        expires=end_of_day(books.now),
    )
    books.put(made)
    return made


def _spell(chance: int) -> str:
    letters = []
    for _ in range(LENGTH):
        chance, letter = divmod(chance, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def _open_session(books: Books, caller: Caller, stay: Stay, options: list[CopayOption]) -> BookingSession:
    id_, nth = books.name(BookingSession, stay.client.id)
    session = BookingSession(
        id=id_,
        nth=nth,
        created=books.now,
        owner=caller.account_id,
        opens="access_code",
        client_id=stay.client.id,
        pass_id=stay.pass_.id,
        provider_id=stay.provider.id,
        due="COPAY" if options else "VISITS",
        option_ids=tuple(option.id for option in options),
        expires=sessions.end("access_code", books.now),
    )
    books.put(session)
    return session
