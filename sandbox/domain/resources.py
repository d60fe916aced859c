"""The resources a request names: they exist, and they are the caller's (ERR-6).

An operation that names several asks for all of them first and for their owners after, in the
order section 5 lists the fields. So the two questions are two functions.
"""

from typing import ClassVar, Protocol, TypeVar

from sandbox.domain.books import Books, Caller
from sandbox.domain.records import Booking, Client, IssuedPass, Lookup, Package, Record
from sandbox.domain.refusals import Refusal, not_found, of_another_reseller

R = TypeVar("R", bound=Record)
Mine = TypeVar("Mine", Booking, Client, IssuedPass, Lookup)


class Owned(Protocol):
    noun: ClassVar[str]

    @property
    def id(self) -> str: ...

    @property
    def owner(self) -> str: ...


def named(books: Books, kind: type[R], id_: str) -> R:
    """The record of that id, or a 404 that says what was looked for."""
    found = books.find(kind, id_)
    if found is not None:
        return found
    if issubclass(kind, Package | IssuedPass):  # the vendor has a code of its own for both (ERR-3)
        raise Refusal("pass_not_found", f"No {kind.noun} has the id '{id_}'.", "ERR-3")
    raise not_found(kind.noun, id_)


def require_own(caller: Caller, resource: Owned) -> None:
    """AUTH-4: another reseller's resource is not to be read or changed."""
    if resource.owner != caller.account_id:
        raise of_another_reseller(resource.noun, resource.id)


def own(books: Books, caller: Caller, kind: type[Mine], id_: str) -> Mine:
    """For operations that name one resource only: it exists and is the caller's."""
    found = named(books, kind, id_)
    require_own(caller, found)
    return found
