"""Never red by accident: against the right sandbox the suite is green, on every store and beside another run.

In memory everything runs, generated cases and walks too, as `make contract` does; elsewhere the rules.
With BARDGE_TESTS_LONG=1 everything runs everywhere, ten times in a row, each time with another seed.
"""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contract_tests.__main__ import REQUESTS
from tests import contract_run
from tests.conftest import LONG, StartSandbox

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # on a busy machine; on an idle one it takes a fraction of that
IN_MEMORY = "sqlite://"
WITHOUT_CONTROL = ROOT / "contract_tests" / "profiles" / "without-control.yaml"
SEEDS = [str(seed) for seed in range(1, 11)] if LONG else ["1"]
LEAST_KEPT = 400  # requirements that a run with a control API has to have seen kept

pytestmark = pytest.mark.timeout((PATIENCE + 20) * len(SEEDS))


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
    quick = [] if LONG or database == IN_MEMORY else ["--quick"]
    url = running_sandbox(database).url
    for seed in SEEDS:
        told = judge(contract_run.command(url, "--seed", seed, *quick), tmp_path / f"report{seed}")
        assert told["counts"]["passed"] >= LEAST_KEPT
        expected = REQUESTS["quick with control" if quick else "whole with control"]
        assert told["requests"] == pytest.approx(expected, rel=0.15), "what is told before a run is measured"


def test_two_runs_at_once_in_the_same_world_are_green(running_sandbox: StartSandbox, tmp_path: Path) -> None:
    """Without a control API both live in the default world, with the same keys and the same inventory."""
    alone = ["--profile", str(WITHOUT_CONTROL), *([] if LONG else ["--quick"])]
    for seed in SEEDS:
        url = running_sandbox().url  # anew: twelve runs would spend all the money of the account
        seeds = (seed, f"{seed}0")
        commands = [without_control(contract_run.command(url, *alone, "--seed", one)) for one in seeds]
        with ThreadPoolExecutor(len(commands)) as side_by_side:
            first, second = side_by_side.map(judge, commands, [tmp_path / one for one in seeds])
        assert first["counts"]["passed"] == second["counts"]["passed"] > LEAST_KEPT / 2


def test_a_token_before_the_control_api_changes_nothing(
    running_sandbox: StartSandbox, tmp_path: Path
) -> None:
    url = running_sandbox("sqlite://", 1, "--control-token", "for-the-tester").url
    given = ("--control-token", "for-the-tester", "--only", "SCEN-1", "--only", "CONV-19")
    assert judge(contract_run.command(url, *given), tmp_path / "report")["counts"]["passed"] >= 2


def without_control(command: list[str]) -> list[str]:
    at = command.index("--control")
    return command[:at] + command[at + 2 :]
