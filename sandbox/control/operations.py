"""Every operation of the control API and the function that carries it out, bound by name."""

from collections.abc import Iterable

from sandbox.control import (
    back_office,
    browse,
    clock,
    faults,
    journal,
    playing,
    sandbox_itself,
    scanner,
    scenarios,
    worlds,
)
from sandbox.control.call import Errand, Handler
from sandbox.spec import Operation

_MODULES = (
    back_office,
    browse,
    clock,
    faults,
    journal,
    playing,
    sandbox_itself,
    scanner,
    scenarios,
    worlds,
)


def _functions(second: str) -> dict[str, object]:
    """The public functions `(call, second)` of the modules: the second parameter says what one needs."""
    return {
        name: function
        for module in _MODULES
        for name, function in vars(module).items()
        if not name.startswith("_")
        and getattr(function, "__module__", "") == module.__name__
        and {"call", second} <= getattr(function, "__annotations__", {}).keys()
    }


HANDLERS: dict[str, Handler] = _functions("desk")  # type: ignore[assignment]  # bound by name and shape
ERRANDS: dict[str, Errand] = _functions("parts")  # type: ignore[assignment]  # the same


def bind(operations: Iterable[Operation]) -> None:
    """An operation without a function, or a function without an operation, refuses to start and is named."""
    declared = {operation.id for operation in operations}
    bound = HANDLERS.keys() | ERRANDS.keys()
    if declared != bound:
        without = ", ".join(sorted(declared - bound)) or "none"
        unasked = ", ".join(sorted(bound - declared)) or "none"
        message = f"control/openapi.yaml: operations without a function: {without}; the reverse: {unasked}."
        raise LookupError(message)
