"""One public function for every operationId, one module for every tag.

They are bound by name. An operation of openapi.yaml that is marked `x-handler: required` and
has no function, or a function that no operation names, stops the start.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from inspect import getmembers, isfunction
from typing import TypeAlias

from sandbox.api.call import Call, Reply
from sandbox.domain.books import Books, Caller
from sandbox.spec import Operation, SpecError

Handler: TypeAlias = Callable[[Call, Caller, Books], Reply]

MODULES = ("passes", "providers", "access_codes", "bookings", "copay", "credits", "lookup")


def handlers() -> dict[str, Handler]:
    modules = [import_module(f"{__name__}.{name}") for name in MODULES]
    return {
        name: function
        for module in modules
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def bind(operations: Iterable[Operation], found: dict[str, Handler], document: str) -> None:
    """Refuse to start on a promise nobody keeps, or a handler nobody promised."""
    declared = {operation.id: operation for operation in operations}
    orphans = sorted(set(found) - set(declared))
    if orphans:
        raise SpecError(
            f"{document}: no operation is called {', '.join(orphans)}, but there is a handler of that name. "
            "Give the operation its operationId back, or remove the handler."
        )
    missing = sorted(
        name
        for name, operation in declared.items()
        if operation.raw.get("x-handler") == "required" and name not in found
    )
    if missing:
        raise SpecError(
            f"{document}: {', '.join(missing)} is marked `x-handler: required`, but has no handler. "
            "Write it in sandbox/api/operations, or remove the mark to have it answered from its schema."
        )
