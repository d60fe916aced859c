"""A whole world written down as a scenario, and brought back from it: base, changes, time, faults.

What is secret is left out and made anew; docs/decisions/0142 tells why the rest is what it is.
"""

from typing import Any

import msgspec

from sandbox.control.call import Desk
from sandbox.control.refusals import unfit
from sandbox.control.scenario_files import Export
from sandbox.control.times import moment_of, reachable
from sandbox.domain.moments import Millis, rfc3339
from sandbox.domain.records import KINDS, IssuedPass, Record
from sandbox.world import faults
from sandbox.world.world import World

PASSCODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def start_of(export: Export) -> Millis:
    return reachable(moment_of(export.start, "exported.start"))


def export(desk: Desk, title: str) -> dict[str, Any]:
    """The world as a scenario's document: base, records that changed, counts of names given, faults, time."""
    world, state = desk.world, desk.state
    world.write_out()
    records = {
        kind: [_shown(msgspec.json.decode(body)) for body in desk.rows.all_of_kind(state.id, kind)]
        for kind in KINDS
    }
    document: dict[str, Any] = {
        "title": title,
        "why": f"Exported from the world '{state.id}' at {rfc3339(state.now)} of its time.",
        "now": rfc3339(state.now),
    }
    if not state.clock.running:
        document["frozen"] = True
    left = [one for fault, hits in faults.set_faults(desk.rows, state.id) if (one := _left(fault, hits))]
    if left:
        document["faults"] = left
    document["exported"] = {
        "seed": state.seed,
        "start": rfc3339(state.start),
        "records": {kind: shown for kind, shown in records.items() if shown},
        "counters": [list(counter) for counter in desk.rows.counters(state.id)],
    }
    return document


def text_of(document: dict[str, Any]) -> str:
    """YAML with a record to a line; every value is written as JSON, which YAML reads as it is."""
    inside = document["exported"]
    lines = [f"{name}: {_json(document[name])}" for name in document if name not in ("faults", "exported")]
    if "faults" in document:
        lines += ["faults:", *(f"  - {_json(fault)}" for fault in document["faults"])]
    lines += ["exported:", f"  seed: {inside['seed']}", f"  start: {_json(inside['start'])}"]
    lines += ["  records:" if inside["records"] else "  records: {}"]
    for kind, records in inside["records"].items():
        lines += [f"    {kind}:", *(f"      - {_json(record)}" for record in records)]
    lines += ["  counters:" if inside["counters"] else "  counters: []"]
    lines += [f"    - {_json(counter)}" for counter in inside["counters"]]
    return "\n".join(lines) + "\n"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """Without what is secret: a passcode is made anew when the record is loaded."""
    return {name: value for name, value in record.items() if name != "passcode"}


def _left(fault: faults.Fault, hits: int) -> dict[str, Any] | None:
    """The fault as it would have to be set now, to strike as often as it still will."""
    shown: dict[str, Any] = msgspec.to_builtins(fault)
    shown.pop("id", None)
    shown.setdefault("operation", "*")
    shown.setdefault("when", "before")
    over = max(hits - fault.skip, 0)
    if fault.times is not None:
        if fault.times <= over:
            return None
        shown["times"] = fault.times - over
    if fault.skip:
        shown["skip"] = max(fault.skip - hits, 0)
    return shown


def restore(world: World, export: Export) -> None:
    for kind, written in export.records.items():
        if kind not in KINDS:
            raise unfit(f"exported.records.{kind}: no record is of this kind.")
        for n, values in enumerate(written):
            world.put(_record(world, KINDS[kind], values, f"exported.records.{kind}[{n}]"))
    world.write_out()
    counted = [counter for counter in export.counters if counter[0] != "fault"]
    world.rows.set_counters(world.state.id, counted)


def _record(world: World, kind: type[Record], values: dict[str, Any], where: str) -> Record:
    if kind is IssuedPass:
        values = {**values, "passcode": _passcode(world, str(values.get("id")))}
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as reason:
        raise unfit(f"{where}: {reason}. Write it as an export does.") from None


def _passcode(world: World, pass_id: str) -> str:
    """The cast's own is known to everybody; any other is made anew."""
    known = world.base.find(IssuedPass.kind, pass_id)
    if isinstance(known, IssuedPass):
        return known.passcode
    chance, size = world.draw("passcode of an export", pass_id), len(PASSCODE_ALPHABET)
    return "".join(PASSCODE_ALPHABET[chance // size**n % size] for n in range(8))
