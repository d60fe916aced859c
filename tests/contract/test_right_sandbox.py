"""Never red by accident: against the right sandbox the suite is green, on every store and beside another run.

In memory everything runs, generated cases and walks too, as `make contract` does; elsewhere the rules.
"""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests import contract_run
from tests.conftest import StartSandbox

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # on a busy machine; on an idle one it takes a fraction of that
IN_MEMORY = "sqlite://"
WITHOUT_CONTROL = ROOT / "contract_tests" / "profiles" / "without-control.yaml"
LEAST_KEPT = 400  # requirements that a run with a control API has to have seen kept

pytestmark = pytest.mark.timeout(PATIENCE + 20)


def judge(command: list[str], report: Path) -> Any:
    """The report of a run that has to be green."""
    done = subprocess.run(
        [*command, "--report", str(report), "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    told = json.loads((report / "report.json").read_text())
    assert not told["counts"].get("blocked"), (
        "a target with a control API, or a profile without one, has no excuse"
    )
    return told


def test_it_is_green_on_every_store(database: str, running_sandbox: StartSandbox, tmp_path: Path) -> None:
    everything = database == IN_MEMORY
    url = running_sandbox(database).url
    told = judge(contract_run.command(url, *([] if everything else ["--quick"])), tmp_path / "report")
    assert told["counts"]["passed"] >= LEAST_KEPT


def test_two_runs_at_once_in_the_same_world_are_green(running_sandbox: StartSandbox, tmp_path: Path) -> None:
    """Without a control API both live in the default world, with the same keys and the same inventory."""
    url = running_sandbox().url
    alone = ["--quick", "--profile", str(WITHOUT_CONTROL)]
    commands = [without_control(contract_run.command(url, *alone, "--seed", seed)) for seed in ("1", "2")]
    with ThreadPoolExecutor(len(commands)) as side_by_side:
        reports = [tmp_path / "one", tmp_path / "two"]
        first, second = side_by_side.map(judge, commands, reports)
    assert first["counts"]["passed"] == second["counts"]["passed"] > LEAST_KEPT / 2


def without_control(command: list[str]) -> list[str]:
    at = command.index("--control")
    return command[:at] + command[at + 2 :]
