"""Scenarios: listed, read, loaded into a world; and worlds written down as one."""

from typing import Any

from sandbox.control import exports, situations, views
from sandbox.control.call import Call, Desk, Parts, Reply, listed
from sandbox.control.scenario_files import Scenario


def list_scenarios(call: Call, parts: Parts) -> Reply:
    return listed([_summary(scenario) for scenario in parts.scenarios.every()])


def get_scenario(call: Call, parts: Parts) -> Reply:
    scenario = parts.scenarios.find(call.path["scenario"])
    return Reply({**_summary(scenario), "document": scenario.document, "text": scenario.text})


def load_scenario(call: Call, desk: Desk) -> Reply:
    """On top of the world as it stands; what begins a world, in its place."""
    scenario = desk.parts.scenarios.wanted(call.body["scenario"])
    if situations.is_a_beginning(scenario):
        world = situations.begin_anew(desk, scenario)
    else:
        world = desk.world
        situations.lay(desk.parts, world, scenario)
        world.write_out()
    desk.parts.worlds.give_keys(world)
    return Reply(views.world(desk.parts.worlds, world))


def export_world(call: Call, desk: Desk) -> Reply:
    title = call.query.get("title", f"The world {desk.state.id}")
    return Reply(exports.text_of(exports.export(desk, title)), media_type="application/yaml")


def _summary(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "why": scenario.why,
        "steps": len(scenario.steps),
    }
