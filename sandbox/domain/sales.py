"""What a confirm sells: visits on top of a pass, or a co-pay (BOOK-2, BOOK-3)."""

from dataclasses import dataclass, replace
from typing import Literal

from sandbox.domain import accounts, visits
from sandbox.domain.books import Books, Caller
from sandbox.domain.moments import months_in, plus_months
from sandbox.domain.records import BookingSession, CopayOption, CopayPurchase
from sandbox.domain.refusals import does_not_fit
from sandbox.domain.resources import named, require_own
from sandbox.domain.stays import Means, Stay, means


@dataclass(frozen=True, slots=True)
class Order:
    """What a confirm says. A field that does not apply may be there and is ignored."""

    copay_package_id: str | None = None
    number_of_visits: int | None = None
    duration: str | None = None


def require_fitting(books: Books, caller: Caller, session: BookingSession, stay: Stay, order: Order) -> None:
    """The session is the caller's, and what was chosen, where a co-pay is due, was offered (COPAY-7)."""
    applies = means(books, stay) == "BUY_COPAY" and order.copay_package_id is not None
    chosen = order.copay_package_id if applies else None
    option = None if chosen is None else named(books, CopayOption, chosen)
    require_own(caller, session)
    if option is not None:
        require_offered(session, option)


def require_offered(session: BookingSession, option: CopayOption) -> None:
    """COPAY-7: a session is paid with one of the options it offered."""
    if option.id not in session.option_ids:
        offered = ", ".join(session.option_ids) or "none"
        message = f"The session '{session.id}' did not offer the co-pay '{option.id}'. It offered: {offered}."
        raise does_not_fit(message, "COPAY-7")


def require_complete(how: Means, order: Order) -> None:
    """BOOK-19: what is still due has to be chosen; where nothing is, `{}` confirms."""
    needed: dict[str, object] = {}
    if how == "BUY_COPAY":
        needed = {"copay_package_id": order.copay_package_id}
    if how == "BUY_VISITS":
        needed = {"number_of_visits": order.number_of_visits, "duration": order.duration}
    missing = [f"body.{name}" for name, value in needed.items() if value is None]
    if missing:
        due = "a co-pay" if how == "BUY_COPAY" else "more visits"
        message = f"{' and '.join(missing)}: missing. To confirm this session, {due} must be bought first."
        raise does_not_fit(message, "BOOK-19")


def sell(books: Books, buyer: str, stay: Stay, order: Order) -> Stay:
    """Sell what is still due, and no more (BOOK-17). The account is the last to refuse (ERR-8)."""
    how = means(books, stay)
    if how == "BUY_COPAY":
        assert order.copay_package_id is not None
        sell_copay(books, buyer, stay, named(books, CopayOption, order.copay_package_id))
    if how == "BUY_VISITS":
        assert order.number_of_visits is not None
        assert order.duration is not None
        return _sell_visits(books, buyer, stay, (order.number_of_visits, order.duration))
    return stay


def sell_copay(
    books: Books, buyer: str, stay: Stay, option: CopayOption, type_: Literal["GYM", "PACKAGE"] = "GYM"
) -> CopayPurchase:
    """The co-pay of a gym: from now for its duration, or for as many visits as it has (COPAY-4)."""
    accounts.debit(books, buyer, option.price_kobo, f"The co-pay '{option.id}'")
    shelf = f"{stay.client.id}:{stay.provider.id}"
    id_, nth = books.name(CopayPurchase, shelf)
    bought = CopayPurchase(
        id=id_,
        nth=nth,
        created=books.now,
        owner=buyer,
        client_id=stay.client.id,
        provider_id=stay.provider.id,
        type=type_,
        price_kobo=option.price_kobo,
        valid_until=plus_months(books.now, months_in(option.duration)),
        visits=option.visits,
    )
    books.put(bought)
    return bought


def _sell_visits(books: Books, buyer: str, stay: Stay, wanted: tuple[int, str]) -> Stay:
    """Cost per visit times their number, whatever the duration (BOOK-20)."""
    count, duration = wanted
    price = visits.cost_per_visit(stay.provider) * count
    accounts.debit(books, buyer, price, f"{count} more visits at {stay.provider.name}")
    pass_ = visits.buy(stay.pass_, stay.provider.category, count, duration, books.now)
    books.put(pass_)
    return replace(stay, pass_=pass_)
