"""Lists: one envelope, one way of paging, for every operation the document marks (PAGE-1 to PAGE-11).

A cursor is an id. It is found among all items of the list, filters aside, so it goes on
working when its item has left the filter (PAGE-10). Pages run in the list's own order in both
directions; `has_more` speaks of the direction paged in (PAGE-6).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sandbox.api.call import Call, Reply
from sandbox.domain.books import Books, Spot, spot
from sandbox.domain.records import Record
from sandbox.domain.refusals import Refusal

R = TypeVar("R", bound=Record)
View = Callable[[R], dict[str, Any]]

DEFAULT_LIMIT = 10  # PAGE-2


def whole_list(call: Call, data: list[dict[str, Any]], message: str) -> Reply:
    """A list that is not paged: all of it, in the same envelope (PAGE-8)."""
    return _envelope(call, data, has_more=False, message=message)


def page_of_shelf(
    call: Call,
    books: Books,
    kind: type[R],
    view: View[R],
    *,
    shelf: str = "",
    message: str,
    where: Callable[[R], bool] | None = None,
) -> Reply:
    """A page of what stands on a shelf, newest first (PAGE-5)."""

    def spot_of(cursor: str) -> Spot:
        record = books.find(kind, cursor)
        if record is None or record.shelf != shelf:
            raise _unknown_cursor(call, cursor)
        return spot(record)

    def onward(cursor: str | None) -> Iterator[R]:
        return books.falling(kind, shelf, spot_of(cursor) if cursor else None, first)

    def backward(cursor: str) -> Iterator[R]:
        return books.rising(kind, shelf, spot_of(cursor), first)

    first = _limit(call) + 1
    return _page(call, onward, backward, view, message, where)


def page_of_sequence(
    call: Call,
    items: Sequence[R],
    view: View[R],
    *,
    message: str,
    where: Callable[[R], bool] | None = None,
) -> Reply:
    """A page of a list that is in hand and in order: by nearness, say (PAGE-11)."""

    def index_of(cursor: str) -> int:
        found = next((n for n, item in enumerate(items) if item.id == cursor), None)
        if found is None:
            raise _unknown_cursor(call, cursor)
        return found

    def onward(cursor: str | None) -> Iterator[R]:
        return iter(items[index_of(cursor) + 1 :] if cursor else items)

    def backward(cursor: str) -> Iterator[R]:
        return iter(items[: index_of(cursor)][::-1])

    return _page(call, onward, backward, view, message, where)


def _page(
    call: Call,
    onward: Callable[[str | None], Iterable[R]],
    backward: Callable[[str], Iterable[R]],
    view: View[R],
    message: str,
    where: Callable[[R], bool] | None,
) -> Reply:
    limit = _limit(call)
    starting_after, ending_before = call.query.get("starting_after"), call.query.get("ending_before")
    found = onward(starting_after) if ending_before is None else backward(ending_before)
    items = list(islice(found if where is None else filter(where, found), limit + 1))
    has_more = len(items) > limit
    del items[limit:]
    if ending_before is not None:
        items.reverse()
    return _envelope(call, [view(item) for item in items], has_more=has_more, message=message)


def _limit(call: Call) -> int:
    limit: int = call.query.get("limit", DEFAULT_LIMIT)
    return limit


def require_one_direction(query: Mapping[str, Any]) -> None:
    """PAGE-3. Whatever the list is of: parameters are looked at before resources (ERR-6)."""
    if "starting_after" in query and "ending_before" in query:
        message = "query: starting_after and ending_before exclude each other. Send one of them."
        raise Refusal("validation_error", message, "PAGE-3")


def _envelope(call: Call, data: list[dict[str, Any]], *, has_more: bool, message: str) -> Reply:
    body = {"object": "list", "data": data, "has_more": has_more, "url": call.url, "message": message}
    return Reply(200, body)


def _unknown_cursor(call: Call, cursor: str) -> Refusal:
    name = "starting_after" if call.query.get("starting_after") == cursor else "ending_before"
    message = f"query.{name}: '{cursor}' is not in this list. Use the id of an item a page of it has shown."
    return Refusal("validation_error", message, "PAGE-4")
