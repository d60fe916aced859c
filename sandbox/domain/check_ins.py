"""The scanner at a provider's door: it accepts a code once, and takes what pays (CODE-3 to CODE-6)."""

from msgspec.structs import replace

from sandbox.domain import credits, passes, stays
from sandbox.domain.books import Books
from sandbox.domain.moments import clock_time, day_text
from sandbox.domain.records import AccessCode, CheckIn, Client, IssuedPass, Provider
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named
from sandbox.domain.stays import Stay


def scan(books: Books, access_code: str, provider_id: str) -> CheckIn:
    """CODE-6 orders: unknown, expired, used, second of a visit, pass, coverage, visits or credits."""
    provider = named(books, Provider, provider_id)
    code = _known(books, access_code, provider)
    _require_good(code, books.now)
    id_ = f"{code.client_id}:{provider.id}:{day_text(books.now)}"
    if books.find(CheckIn, id_) is not None:
        message = (
            f"The client '{code.client_id}' checked in at {provider.name} today. One visit a day is one code."
        )
        raise Refusal("second_code_same_visit", message, "CODE-3")
    pass_ = named(books, IssuedPass, code.pass_id)
    passes.require_active(pass_, books.now)
    client = named(books, Client, code.client_id)
    stay = stays.at_the_door(Stay(client, pass_, passes.package_of(books, pass_), provider))
    _require_means(books, stay)
    return _accept(books, code, stay, id_)


def _known(books: Books, access_code: str, provider: Provider) -> AccessCode:
    """A code of another provider is as unknown here as one that was never made (CODE-6)."""
    made = books.rising(AccessCode, access_code)
    here = next((code for code in made if code.provider_id == provider.id), None)
    if here is None:
        message = (
            f"{provider.name} knows no such code. A code opens the provider it was made for, and no other."
        )
        raise Refusal("code_unknown", message, "CODE-6")
    return here


def _require_good(code: AccessCode, now: int) -> None:
    if now >= code.expires:
        message = (
            f"The code expired on {day_text(code.expires)} at {clock_time(code.expires)}. Make a new one."
        )
        raise Refusal("code_expired", message, "CODE-2")
    if code.used is not None:
        message = f"The code was used at {clock_time(code.used)}. A code opens a door once."
        raise Refusal("code_used", message, "CODE-3")


def _require_means(books: Books, stay: Stay) -> None:
    how = stays.means(books, stay)
    if how == "BUY_COPAY":
        raise stays.not_covered(stay)
    if how == "BUY_VISITS":
        message = f"The pass '{stay.pass_.id}' has no visit left. Buy visits, or wait for its next period."
        raise Refusal("visits_used_up", message, "CODE-5")
    held = credits.balance(books, stay.client)
    if stay.credit_cost is not None and held < stay.credit_cost:
        message = (
            f"A check-in costs {stay.credit_cost} credits, and the client '{stay.client.id}' has a balance "
            f"of {held}. Buy credits and scan again."
        )
        raise Refusal("insufficient_credits", message, "CODE-5")


def _accept(books: Books, code: AccessCode, stay: Stay, id_: str) -> CheckIn:
    _, nth = books.name(CheckIn, stay.client.id)
    check_in = CheckIn(
        id=id_,
        nth=nth,
        created=books.now,
        client_id=stay.client.id,
        provider_id=stay.provider.id,
        access_code_id=code.id,
        payment=stays.pay(books, stay, f"Checked in: {stay.provider.name}"),
    )
    books.put(check_in)
    books.put(replace(code, used=books.now))
    return check_in
