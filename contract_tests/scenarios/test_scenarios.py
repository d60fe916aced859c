"""Every shipped scenario is played as it is written, in a world of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_tests.api import Api
from contract_tests.control import Control
from contract_tests.judge import requirement
from contract_tests.ledger import Ledger
from contract_tests.run import Run
from contract_tests.scenarios.story import Story, control_paths, read_scenario, scenario_files
from contract_tests.target import Wire
from contract_tests.verdict import Blocked, Broken


@pytest.fixture(scope="module")
def control(run: Run) -> Control:
    if not run.options.control:
        raise Blocked("scenarios are played in worlds of their own: run with --control URL")
    # stories tell of 429 themselves: none is waited out
    wire = Wire(rate=run.options.rate, timeout=run.options.timeout, patience=0)
    return Control(wire, run.options.control, run.options.control_token)


@pytest.fixture(scope="module")
def paths(control: Control) -> dict[str, tuple[str, str]]:
    return control_paths(control)


def _of_faults(scenario: dict[str, Any]) -> bool:
    return any(
        "fault" in str(step.get("control", "")) + str(step.get("headers", "")).lower()
        for step in scenario.get("steps") or []
    )


@requirement("SCEN-1.1")
@pytest.mark.parametrize("file", scenario_files(), ids=lambda file: file.stem)
def test_a_scenario_goes_as_it_is_told(
    run: Run, control: Control, paths: dict[str, tuple[str, str]], file: Path
) -> None:
    scenario = read_scenario(file)
    world = control.new_world(scenario=scenario)
    try:
        # what goes wrong on purpose says nothing of the target
        ledger = Ledger() if scenario.get("faults") or _of_faults(scenario) else run.ledger
        apis = {n: Api(control.wire, run.base, key, run.promise, ledger, n) for n, key in world.keys.items()}
        story = Story(world, apis, paths, world.now())
        for number, step in enumerate(scenario.get("steps") or [], start=1):
            try:
                story.play(step)
            except Broken as broken:
                title = step.get("title", "without a title")
                raise Broken(
                    f"step {number} of {file.stem} ({title}): {broken.expected}", broken.got, broken.exchange
                ) from broken
    finally:
        world.drop()
