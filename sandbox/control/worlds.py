"""Worlds: made, read, reset, dropped; and the snapshots they can return to."""

from typing import Any

from sandbox.control import situations, views
from sandbox.control.call import Call, Desk, Reply, listed
from sandbox.control.refusals import refused, unfit, unknown
from sandbox.control.times import moment_of, reachable
from sandbox.domain.moments import rfc3339
from sandbox.world.state import WorldState
from sandbox.world.world import World
from sandbox.world.worlds import NewWorld, WorldExists, WorldUnknown, snapshot_id


def list_worlds(call: Call, desk: Desk) -> Reply:
    worlds = desk.parts.worlds
    return listed([_view(desk, worlds.enter(desk.rows, state)) for state in worlds.states(desk.rows)])


def create_world(call: Call, desk: Desk) -> Reply:
    body = call.body or {}
    now = reachable(moment_of(body["now"], "body.now")) if "now" in body else None
    plan = NewWorld(
        id=body.get("id"),
        seed=body.get("seed"),
        now=now,
        frozen=body.get("frozen", False),
        scenario=None,
        ttl_seconds=body.get("ttl_seconds"),
        header_faults=body.get("header_faults", True),
    )
    try:
        world = _branch(desk, plan, body) if "from_snapshot" in body else _make(desk, plan, body)
    except WorldExists:
        hint = "Choose another id, or leave it out and one is chosen for you."
        raise refused("world_exists", f"There is a world '{plan.id}' already. {hint}") from None
    return Reply(_view(desk, world), 201)


def get_world(call: Call, desk: Desk) -> Reply:
    return Reply(_view(desk, desk.world))


def delete_world(call: Call, desk: Desk) -> Reply:
    if desk.state.id == WorldState.DEFAULT:
        hint = "POST /_sandbox/worlds/default/reset begins it anew."
        raise refused(
            "world_stays",
            f"The world 'default' cannot be dropped: keys nobody knows are refused in it. {hint}",
        )
    desk.parts.worlds.drop(desk.rows, desk.state.id)
    return Reply({"removed": 1})


def reset_world(call: Call, desk: Desk) -> Reply:
    body = call.body or {}
    wanted = body.get("scenario", desk.state.scenario)  # null asks for none
    scenario = None if wanted is None else desk.parts.scenarios.wanted(wanted)
    world = situations.begin_anew(desk, scenario)
    return Reply(_view(desk, world))


# --- snapshots ---


def list_snapshots(call: Call, desk: Desk) -> Reply:
    taken = desk.parts.worlds.snapshots(desk.rows, desk.state.id)
    return listed([_snapshot(snapshot) for snapshot in taken])


def take_snapshot(call: Call, desk: Desk) -> Reply:
    name = call.body["name"]
    try:
        taken = desk.parts.worlds.take_snapshot(desk.rows, desk.state, name)
    except WorldExists:
        hint = "Delete it first, or choose another name."
        message = f"The world '{desk.state.id}' has a snapshot '{name}' already. {hint}"
        raise refused("snapshot_exists", message) from None
    return Reply(_snapshot(taken), 201)


def delete_snapshot(call: Call, desk: Desk) -> Reply:
    taken = _snapshot_of(desk, desk.state.id, call.path["snapshot"])
    desk.rows.drop_world(taken.id)
    return Reply({"removed": 1})


def restore_snapshot(call: Call, desk: Desk) -> Reply:
    worlds, name = desk.parts.worlds, call.path["snapshot"]
    _snapshot_of(desk, desk.state.id, name)
    back = worlds.restore(desk.rows, desk.state, name)
    return Reply(_view(desk, worlds.enter(desk.rows, back)))


def _make(desk: Desk, plan: NewWorld, body: dict[str, Any]) -> World:
    scenario = desk.parts.scenarios.wanted(body["scenario"]) if "scenario" in body else None
    plan, prepare = situations.plan(desk.parts, plan, scenario)
    return desk.parts.worlds.make(desk.rows, plan, prepare)


def _branch(desk: Desk, plan: NewWorld, body: dict[str, Any]) -> World:
    clashing = [name for name in ("scenario", "seed", "now", "frozen") if name in body]
    if clashing:
        message = f"body.{clashing[0]}: a world from a snapshot has the snapshot's. Leave it out."
        raise unfit(message)
    snapshot = _any_snapshot(desk, body["from_snapshot"])
    return desk.parts.worlds.make_from_snapshot(desk.rows, snapshot, plan)


def _any_snapshot(desk: Desk, name: str) -> WorldState:
    """`WORLD@NAME`, or a name alone where only one world has a snapshot of it."""
    world, at, rest = name.partition("@")
    if at:
        return _snapshot_of(desk, world, rest)
    found = desk.parts.worlds.snapshots_named(desk.rows, name)
    if not found:
        raise unknown("snapshot", name, "GET /_sandbox/worlds/{world}/snapshots lists a world's.")
    if len(found) > 1:
        whose = " or ".join(f"'{state.snapshot_of}@{name}'" for state in found)
        raise unfit(f"body.from_snapshot: several worlds have a snapshot '{name}'. Write {whose}.")
    return found[0]


def _snapshot_of(desk: Desk, world: str, name: str) -> WorldState:
    try:
        return desk.parts.worlds.state(desk.rows, snapshot_id(world, name))
    except WorldUnknown:
        hint = f"GET /_sandbox/worlds/{world}/snapshots lists them."
        raise unknown(f"snapshot of the world '{world}' called", name, hint) from None


def _view(desk: Desk, world: World) -> dict[str, Any]:
    return views.world(desk.parts.worlds, world)


def _snapshot(state: WorldState) -> dict[str, Any]:
    return {
        "name": state.snapshot,
        "world": state.snapshot_of,
        "taken_at": rfc3339(state.made),
        "now": rfc3339(state.now),
        "running": state.ran,
    }
