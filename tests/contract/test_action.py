"""action.yml does on a runner what its inputs say; its script is run here as GitHub runs it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import StartSandbox
from tests.contract import fakes
from tests.running import BASE

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
JUDGE = next(step for step in STEPS if step.get("id") == "judge")
# what GitHub runs a bash step with
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
KEYS = {
    "BARDGE_CONTRACT_KEY": "sk_sandbox_demo",
    "BARDGE_CONTRACT_PARTNER_KEY": "sk_sandbox_partner",
    "BARDGE_CONTRACT_DISABLED_KEY": "sk_sandbox_disabled",
    "BARDGE_CONTRACT_CONTROL_TOKEN": "",
}


def flags_of_run() -> set[str]:
    command = [sys.executable, "-m", "contract_tests", "run", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    return set(re.findall(r"--[a-z][a-z-]*", told))


def test_every_flag_it_passes_exists() -> None:
    passed = set(re.findall(r"--[a-z][a-z-]*", JUDGE["run"]))
    assert {"--target", "--level", "--report", "--control", "--profile"} <= passed <= flags_of_run()


def test_every_input_reaches_a_step() -> None:
    used = {name for step in STEPS for name in re.findall(r"inputs\.([a-z-]+)", str(step))}
    assert used == set(ACTION["inputs"])


def test_an_input_is_never_part_of_the_script() -> None:
    """It comes by the environment, so that nothing in it is run."""
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def judge(tmp_path: Path, **environment: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and the page's summary."""
    asked = {name: environment.get(name, "") for name in JUDGE["env"] if name not in KEYS}
    output, summary = tmp_path / "output", tmp_path / "summary.md"
    places = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*BASH, JUDGE["run"]],
        cwd=tmp_path,
        env={**os.environ, **KEYS, **asked, **places, "PATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert output.exists(), done.stderr
    told = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return done.returncode, told, summary.read_text()


def test_a_right_target_passes_and_the_outputs_say_so(running_sandbox: StartSandbox, tmp_path: Path) -> None:
    url = running_sandbox().url
    wanted = {"TARGET": url + BASE, "CONTROL": url + "/_sandbox", "LEVEL": "full"}
    code, told, page = judge(tmp_path, **wanted, REPORT="kept", ARGUMENTS="--quick --only PASS-1")
    assert (code, told["exit-code"]) == (0, "0")
    assert told["summary"].startswith("CONFORMANT at level full, quick")
    assert told["summary"] in page
    assert {file.name for file in (tmp_path / "kept").iterdir()} == {
        "badge.svg",
        "junit.xml",
        "report.html",
        "report.json",
    }


@pytest.mark.parametrize(
    ("behaviour", "code"), [(fakes.always_ok, 1), (fakes.refuses_every_key, 2)], ids=["wrong", "no key"]
)
def test_the_exit_code_of_the_suite_is_that_of_the_step(
    behaviour: fakes.Behaviour, code: int, tmp_path: Path
) -> None:
    with fakes.served(behaviour) as target:
        ended, told, _ = judge(
            tmp_path, TARGET=target, LEVEL="core", REPORT="kept", ARGUMENTS="--quick --only PAGE-1"
        )
    assert (ended, told["exit-code"]) == (code, str(code))
