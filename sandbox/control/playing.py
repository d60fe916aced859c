"""Scenarios played in a world, and made from what was played there."""

from typing import Any

from sandbox.control import recording, situations
from sandbox.control.call import Call, Desk, Parts, Reply
from sandbox.control.exchanges import ToGateway
from sandbox.control.journal import wanted as wanted_entries
from sandbox.control.refusals import unfit
from sandbox.control.scenario_files import Scenario
from sandbox.control.scenario_run import CannotBePlayed, Outcome, Run, Stage, play
from sandbox.world.world import World

CONTROL_BASE = "/_sandbox"


def run_scenario(call: Call, parts: Parts) -> Reply:
    scenario = parts.scenarios.wanted(call.body["scenario"])
    world_id = call.path["world"]
    with parts.worlds.store.write(world_id) as rows:
        desk = Desk(parts, rows, parts.worlds.state(rows, world_id))
        world = _stage_set(desk, scenario, fresh=call.body.get("fresh", True))
        keys = {account.name: key for account, key in parts.worlds.accounts(world)}
    stage = Stage(
        api=ToGateway(parts.api.respond, parts.document.base_paths[0]),
        keys=keys,
        document=parts.document,
        control=ToGateway(parts.control.let_in, CONTROL_BASE),
        control_document=parts.own_document,
        world=world_id,
    )
    try:
        return Reply(_view(play(scenario, stage)))
    except CannotBePlayed as reason:
        raise unfit(str(reason)) from None


def record_scenario(call: Call, parts: Parts) -> Reply:
    body = call.body or {}
    with parts.worlds.store.read() as rows:
        state = parts.worlds.state(rows, call.path["world"])
    entries, _ = parts.worlds.journal.page(state.id, wanted_entries(body), 1_000)
    if "requests" in body:
        entries = [entry for entry in entries if entry["id"] in body["requests"]]
    entries = entries[: body.get("last", len(entries))]
    if not entries:
        raise unfit("Nothing in the journal fits. Make some requests first, or ask for more of them.")
    entries.reverse()
    document = recording.scenario_of(entries, parts.document, body.get("title"), body.get("why"))
    text = recording.text_of(document)
    parts.scenarios.wanted(text)  # what is recorded can be played
    answer = {"title": document["title"], "steps": len(document["steps"]), "document": document, "text": text}
    return Reply(answer)


def _stage_set(desk: Desk, scenario: Scenario, *, fresh: bool) -> World:
    if fresh or situations.is_a_beginning(scenario):
        return situations.begin_anew(desk, scenario)
    situations.lay(desk.parts, desk.world, scenario)
    desk.world.write_out()
    desk.parts.worlds.give_keys(desk.world)
    return desk.world


def _view(run: Run) -> dict[str, Any]:
    return {
        "name": run.scenario.name,
        "title": run.scenario.title,
        "passed": run.passed,
        "steps": [_outcome(outcome) for outcome in run.outcomes],
        "total": len(run.scenario.steps),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "step": outcome.step,
        "title": outcome.title,
        "kind": outcome.kind,
        "passed": outcome.passed,
        "status": outcome.status,
        "request_id": outcome.request_id,
        "problems": list(outcome.problems),
        "saved": dict(outcome.saved),
    }
