"""Putting a world into a scenario's situation, and writing a world down as one."""

import dataclasses
from typing import Any

import msgspec
from msgspec.structs import replace

from sandbox.control.call import Desk, Parts
from sandbox.control.refusals import unfit
from sandbox.control.scenario_files import Export, Scenario, ScenarioShelf
from sandbox.control.times import moment_of, reachable
from sandbox.domain.moments import Millis, day_of, rfc3339
from sandbox.domain.records import KINDS, IssuedPass, Lot, Record
from sandbox.world import dates, faults
from sandbox.world.base import Bases
from sandbox.world.clock import real_now
from sandbox.world.desk import Desk as PlacingDesk
from sandbox.world.fixtures import Cast, place
from sandbox.world.state import write_state
from sandbox.world.world import World
from sandbox.world.worlds import NewWorld, Prepare

A_DAY, ANOTHER_DAY = Millis(10**12), Millis(2 * 10**12)  # any two will do
LONGEST_KEPT = 65_536  # characters of a nameless scenario that a world remembers, to be reset to
PASSCODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def plan(parts: Parts, wish: NewWorld, scenario: Scenario | None) -> tuple[NewWorld, Prepare | None]:
    """How a world that is to start in a scenario is made."""
    if scenario is None:
        return wish, None
    told_now = wish.now
    if scenario.export is not None:
        wish = dataclasses.replace(wish, seed=scenario.export.seed, now=_start(scenario.export))
    elif wish.now is None and names_a_day(scenario):
        wish = dataclasses.replace(wish, now=_moment(scenario, A_DAY))

    def prepare(world: World) -> None:
        _change_state(world, given_now=told_now)
        lay(parts, world, scenario)

    return dataclasses.replace(wish, scenario=remembered(scenario)), prepare


def remembered(scenario: Scenario) -> str | None:
    """What the world keeps, so that a reset finds the way back: a name, or a text that is not too long."""
    if scenario.name is not None:
        return scenario.name
    text = scenario.text or msgspec.json.encode(scenario.document).decode() + "\n"
    return text if len(text) <= LONGEST_KEPT else None


def begin_anew(desk: Desk, scenario: Scenario | None) -> World:
    """Reset the world, into a scenario or into none."""
    worlds, state = desk.parts.worlds, desk.state
    if scenario is None:
        return worlds.reset(desk.rows, state)
    told_now = state.given_now
    if scenario.export is not None:
        state = replace(state, seed=scenario.export.seed, given_now=_start(scenario.export))
    elif names_a_day(scenario):
        state = replace(state, given_now=_moment(scenario, A_DAY))

    def prepare(world: World) -> None:
        _change_state(world, given_now=told_now)  # what the scenario says holds for this beginning only
        lay(desk.parts, world, scenario)

    return worlds.reset(desk.rows, state, remembered(scenario), prepare)


def lay(parts: Parts, world: World, scenario: Scenario) -> None:
    """Lay the scenario over the world as it stands: its time, its records, its faults. All, or a mistake."""
    if scenario.export is not None:
        _restore(world, scenario.export)
    if scenario.now is not None:
        _set_clock(world, _moment(scenario, world.now))
    if scenario.frozen:
        _change_state(world, clock=world.state.clock.freeze())
    desk = PlacingDesk(world.now, world.find, lambda kind: (one.id for one in world.all(kind)))
    place(scenario.givens, desk, parts.scenarios.fits)
    for record in desk.placed.values():
        _put(world, record)
    for fault in scenario.faults:
        faults.add_fault(world.rows, world.state.id, fault)
    if scenario.faults:
        _change_state(world, faults=world.state.faults + len(scenario.faults))


def try_out(scenarios: ScenarioShelf, scenario: Scenario, cast: Cast) -> None:
    """Lay its records over the cast, for the mistakes that show only there."""
    now = real_now() if scenario.now is None else _moment(scenario, real_now())
    base = Bases(cast).at(1, day_of(now))
    desk = PlacingDesk(now, lambda kind, id_: base.find(kind.kind, id_))
    place(scenario.givens, desk, scenarios.fits)


def _put(world: World, record: Record) -> None:
    """A record that is new stands behind those that were made in the same moment (PAGE-9)."""
    if world.find(type(record), record.id) is None:
        parent = record.client_id if isinstance(record, Lot) else record.shelf
        _, nth = world.name(type(record), parent)
        record = replace(record, nth=nth)
    world.put(record)


def is_a_beginning(scenario: Scenario) -> bool:
    """Can it not be laid over what is there? An export is a whole world; a day of the calendar needs one."""
    return scenario.export is not None or names_a_day(scenario)


def names_a_day(scenario: Scenario) -> bool:
    """Around which cast and crowd are to be laid out; `+0d 17:30` is a time of any day."""
    if scenario.now is None:
        return False
    return _moment(scenario, A_DAY) == _moment(scenario, ANOTHER_DAY)


def _moment(scenario: Scenario, start: Millis) -> Millis:
    assert scenario.now is not None
    try:
        return reachable(dates.moment(scenario.now, start))
    except ValueError as reason:
        raise unfit(f"now: {reason}") from None


def _start(export: Export) -> Millis:
    return reachable(moment_of(export.start, "exported.start"))


def _set_clock(world: World, moment: int) -> None:
    _change_state(world, clock=world.state.clock.set_to(moment))
    world.now = Millis(moment)


def _change_state(world: World, **changed: Any) -> None:
    world.state = replace(world.state, **changed)
    world.rows.put_world(world.state.id, write_state(world.state))


# --- exports ---


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


def export_text(document: dict[str, Any]) -> str:
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


def _restore(world: World, export: Export) -> None:
    for kind, written in export.records.items():
        if kind not in KINDS:
            raise unfit(f"exported.records.{kind}: no record is of this kind.")
        for n, values in enumerate(written):
            world.put(_record(world, KINDS[kind], values, f"exported.records.{kind}[{n}]"))
    world.write_out()
    for kind, parent, count in export.counters:
        if kind != "fault":
            world.rows.set_counter(world.state.id, kind, parent, count)


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
