"""Nothing is lost and nothing is made: thousands of random steps, and bugs planted to be found."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec.structs import replace

from sandbox.domain import (
    accounts,
    bookings,
    check_ins,
    classes,
    clients,
    credits,
    quotes,
    sessions,
    spa,
    stays,
    visits,
)
from sandbox.domain.books import Books
from sandbox.domain.records import Client, CopayPurchase, Instance, Payment
from sandbox.domain.resources import named
from tests.domain.business import REACHED, Business

AT_LEAST, AT_MOST = 12, 40  # times ten walks of sixty steps

CORNERS = (
    *(
        "paid by credits",
        "paid by own visit",
        "paid by bought visit",
        "paid by gym co-pay",
        "paid by spa co-pay",
    ),
    *("class session: COPAY", "class session: VISITS", "code session: COPAY", "code session: VISITS"),
    *("spa session: COPAY", "spa session: NOTHING", "confirm class", "confirm spa", "confirm access_code"),
    *("cancelled early", "cancelled late", "reschedule class", "reschedule spa", "scan", "verify"),
    *("refund", "adjust", "visits bought", "buy gym co-pay", "buy spa co-pay", "complete", "miss"),
    *("status PENDING", "status CONFIRMED", "status COMPLETED", "status CANCELLED", "status RESCHEDULED"),
    *("book class: class_full", "book class: slot_unavailable", "book class: validation_error"),
    *("book spa: slot_unavailable", "confirm spa: copay_required", "scan: code_used"),
    *("buy credits: account_balance_insufficient", "cancel: already_cancelled", "cancel: permission_denied"),
)


def walk_ten(number: int, *phases: Phase) -> None:
    """Ten walks of their own: beyond ten Hypothesis mostly varies where it has been."""
    run_state_machine_as_test(
        seed(number)(type("Business", (Business,), {})),
        settings=settings(
            max_examples=10,
            stateful_step_count=60,
            derandomize=True,  # the same walks everywhere, until the rules or the machine change
            database=None,
            deadline=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_is_lost_and_nothing_is_made_on_any_walk() -> None:
    REACHED.clear()
    missed = list(CORNERS)
    for number in range(AT_MOST):
        walk_ten(number, Phase.generate, Phase.shrink)
        missed = [corner for corner in CORNERS if not REACHED[corner]]
        if number >= AT_LEAST and not missed:
            break
    assert not missed, f"no walk came there: {missed}"
    assert REACHED.total() > 5_000


# --- and it would have noticed --------------------------------------------------------------

BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {}


def bug(module: Any) -> Callable[[Callable[..., Any]], None]:
    """Planted under its own name: the docstring says what is wrong with it."""

    def plant(wrong: Callable[..., Any]) -> None:
        assert wrong.__doc__
        assert hasattr(module, wrong.__name__)
        BUGS[wrong.__doc__] = (module, wrong.__name__, wrong)

    return plant


@bug(accounts)
def debit(books: Books, account_id: str, kobo: int, what: str) -> None:
    """Sales are free."""


@bug(accounts)
def pay_back(books: Books, account_id: str, kobo: int) -> None:
    """Refunds of money are promised and not paid."""


@bug(visits)
def give_back(pass_: Any, payment: Payment) -> Any:
    """Visits never return."""
    return pass_


@bug(visits)
def period_of(start: int, duration: str, moment: int) -> int:
    """The first month never ends."""
    return 0


@bug(credits)
def balance(books: Books, client: Client) -> int:
    """Lapsed credits stay in the balance."""
    return client.credits_held


@bug(credits)
def _is_over(books: Books, lot: Any) -> bool:
    """Credits return to lots that lapsed or were refunded."""
    return False


@bug(credits)
def _write_line(books: Books, client_id: str, line: Any, lot_id: str = "") -> None:
    """The ledger forgets what it is told."""


@bug(credits)
def require(books: Books, client: Client, cost: int, returning: Any = ()) -> None:
    """Credits are spent that nobody has."""


@bug(classes)
def require_seat(instance: Instance, client_id: str, now: int) -> None:
    """A full class sells another seat."""
    classes.require_running(instance, now)


@bug(classes)
def free_seat(books: Books, instance: Instance, client_id: str) -> None:
    """A cancelled booking keeps its seat."""


@bug(classes)
def require_running(instance: Instance, now: int) -> None:
    """A class is booked while it runs, and what refuses it later has changed its seats in place."""
    instance.seats.clear()


@bug(spa)
def _has_room(slot: Any, taken: Any) -> bool:
    """A spa has as many rooms as one likes."""
    return True


@bug(spa)
def free_room(books: Books, provider_id: str, starts: int, by: str) -> None:
    """A cancelled treatment keeps its room."""


@bug(clients)
def _opens(books: Books, caller: Any, token: str, client: Client) -> bool:
    """A token opens clients for ever."""
    return True


@bug(bookings)
def early(booking: Any, now: int) -> bool:
    """A late cancel returns everything."""
    return True


@bug(bookings)
def require_open(booking: Any, now: int) -> None:
    """What was cancelled can be cancelled again."""


@bug(bookings)
def confirms_at(booking: Any) -> int:
    """The venue never confirms."""
    return int(booking.ends)


@bug(sessions)
def use_up(books: Books, session: Any) -> None:
    """A session confirms as often as one likes."""


@bug(quotes)
def require_good(quoted: Any, now: int) -> None:
    """A quote is used again and again."""


@bug(check_ins)
def _require_good(code: Any, now: int) -> None:
    """A code opens the door twice."""


@bug(stays)
def _use_copay(books: Books, purchase: CopayPurchase, booking_id: str) -> Payment:
    """A co-pay never ends."""
    kobo = purchase.price_kobo if purchase.service_ids else 0
    return Payment(copay_id=purchase.id, copay_kobo=kobo, payer=purchase.owner)


@bug(stays)
def require_credits(books: Books, stay: stays.Stay) -> None:
    """A refusal leaves a trace."""
    client = named(books, Client, stay.client.id)
    books.put(replace(client, last_name=client.last_name + "!"))
    credits.require(books, client, stay.credit_cost or 0)


@pytest.mark.parametrize("wrong", BUGS)
def test_a_planted_bug_does_not_survive_the_walks(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, planted = BUGS[wrong]
    monkeypatch.setattr(module, name, planted)
    with pytest.raises(AssertionError):
        walk_on()


def walk_on() -> None:
    for number in range(AT_MOST):
        walk_ten(number, Phase.generate)
