"""Faults: set, shown with how often they struck, removed."""

from typing import Any

import msgspec

from sandbox.control.call import Call, Desk, Reply, listed
from sandbox.control.refusals import unfit, unknown
from sandbox.spec import Document
from sandbox.world.faults import Fault, set_faults
from sandbox.world.faults import add_fault as set_one

EVERY = "*"


def list_faults(call: Call, desk: Desk) -> Reply:
    seed = desk.state.seed
    return listed([_view(fault, hits, seed) for fault, hits in set_faults(desk.rows, desk.state.id)])


def add_fault(call: Call, desk: Desk) -> Reply:
    require_operation(desk.parts.document, call.body["operation"], "body.operation")
    fault = set_one(desk.rows, desk.state.id, msgspec.convert(call.body, Fault))
    desk.save(faults=desk.state.faults + 1)
    return Reply(_view(fault, 0, desk.state.seed), 201)


def clear_faults(call: Call, desk: Desk) -> Reply:
    every = set_faults(desk.rows, desk.state.id)
    for fault, _ in every:
        desk.rows.drop_fault(desk.state.id, fault.id)
    desk.save(faults=0)
    return Reply({"removed": len(every)})


def remove_fault(call: Call, desk: Desk) -> Reply:
    if not desk.rows.drop_fault(desk.state.id, call.path["fault"]):
        raise unknown("fault", call.path["fault"], "GET …/faults lists those that are set.")
    desk.save(faults=max(desk.state.faults - 1, 0))
    return Reply({"removed": 1})


def require_operation(document: Document, name: str, where: str) -> None:
    """A fault on an operation that does not exist would wait for ever."""
    names = [operation.id for operation in document.operations]
    if name == EVERY or name in names:
        return
    from difflib import get_close_matches  # only where somebody mistyped

    close = get_close_matches(name, names, n=1)
    meant = f" Did you mean '{close[0]}'?" if close else ""
    raise unfit(f"{where}: '{name}' is no operation.{meant} Write an operationId, or * for all.")


def _view(fault: Fault, hits: int, seed: int) -> dict[str, Any]:
    return {
        "id": fault.id,
        "operation": fault.operation,
        "match": fault.match,
        "when": fault.when,
        "status": fault.status,
        "code": fault.code,
        "delay_ms": fault.delay_ms or None,
        "drop": fault.drop,
        "times": fault.times,
        "skip": fault.skip,
        "probability": fault.probability,
        "matched": hits,
        "struck": _struck(fault, hits, seed),
    }


def _struck(fault: Fault, hits: int, seed: int) -> int:
    if fault.probability is not None:
        return sum(fault.strikes(hit, seed) for hit in range(1, hits + 1))
    turns = max(hits - fault.skip, 0)
    return turns if fault.times is None else min(turns, fault.times)
