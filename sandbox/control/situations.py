"""Putting a world into a scenario's situation: as it begins, or on top of what is there."""

import dataclasses
from typing import Any

import msgspec
from msgspec.structs import replace

from sandbox.control import exports
from sandbox.control.call import Desk, Parts
from sandbox.control.refusals import unfit
from sandbox.control.scenario_files import Scenario, ScenarioShelf
from sandbox.control.times import reachable
from sandbox.domain.moments import Millis, day_of
from sandbox.domain.records import Lot, Record
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


def plan(parts: Parts, wish: NewWorld, scenario: Scenario | None) -> tuple[NewWorld, Prepare | None]:
    """How a world that is to start in a scenario is made."""
    if scenario is None:
        return wish, None
    told_now = wish.now
    if scenario.export is not None:
        wish = dataclasses.replace(wish, seed=scenario.export.seed, now=exports.start_of(scenario.export))
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
        state = replace(state, seed=scenario.export.seed, given_now=exports.start_of(scenario.export))
    elif names_a_day(scenario):
        state = replace(state, given_now=_moment(scenario, A_DAY))

    def prepare(world: World) -> None:
        _change_state(world, given_now=told_now)  # what the scenario says holds for this beginning only
        lay(desk.parts, world, scenario)

    return worlds.reset(desk.rows, state, remembered(scenario), prepare)


def lay(parts: Parts, world: World, scenario: Scenario) -> None:
    """Lay the scenario over the world as it stands: its time, its records, its faults. All, or a mistake."""
    if scenario.export is not None:
        exports.restore(world, scenario.export)
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


def _set_clock(world: World, moment: int) -> None:
    _change_state(world, clock=world.state.clock.set_to(moment))
    world.now = Millis(moment)


def _change_state(world: World, **changed: Any) -> None:
    world.state = replace(world.state, **changed)
    world.rows.put_world(world.state.id, write_state(world.state))
