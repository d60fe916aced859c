"""The Schemathesis command line, as somebody would run it who has only openapi.yaml and a URL, finds nothing.

All checks and all phases are on; schemathesis.toml says what is set, and why. The contract suite has the same
engine, but with checks and ids of its own: here nobody steers. About two thousand requests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract_tests.promise import read_promise
from tests.conftest import StartSandbox
from tests.running import BASE

DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"
SETTINGS = Path(__file__).parent / "schemathesis.toml"
HOOKS = Path(__file__).parent / "schemathesis_hooks.py"
KEY = "sk_sandbox_demo"


def run_schemathesis(url: str, folder: Path, key: str, *options: str) -> tuple[int, str, Any]:
    """Exit code, what it said, and its report."""
    report = folder / "report.json"
    command = [str(Path(sys.executable).parent / "st"), "--config-file", str(SETTINGS), "run", str(DOCUMENT)]
    command += ["--url", url + BASE, "--no-color", "--report", "json", "--report-json-path", str(report)]
    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "BARDGE_WITNESS_KEY": key, "SCHEMATHESIS_HOOKS": str(HOOKS)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, json.loads(report.read_text())


@pytest.mark.timeout(240)
def test_with_all_checks_on_it_finds_nothing(running_sandbox: StartSandbox, tmp_path: Path) -> None:
    code, said, report = run_schemathesis(running_sandbox().url, tmp_path, KEY)
    assert code == 0, said
    assert report["operations"]["tested"] == len(read_promise().operations)
    assert {phase: told["status"] for phase, told in report["phases"].items()} == dict.fromkeys(
        ("examples", "coverage", "fuzzing", "stateful"), "success"
    )
    assert len(accepted(report)) >= 20, (
        "too few operations ever said yes: the rest of the checks saw refusals"
    )


def accepted(report: Any) -> set[str]:
    """Operations that took at least one request for good."""
    return {
        name for name, phases in report["valid_rates"].items() if any(p["accepted"] for p in phases.values())
    }


def test_it_would_notice_a_key_that_opens_nothing(running_sandbox: StartSandbox, tmp_path: Path) -> None:
    """Refusals are documented answers: without this, a run that sees nothing else would be a good one."""
    few = ("--phases", "coverage", "--include-operation-id", "list_credit_packages")
    code, said, _ = run_schemathesis(running_sandbox().url, tmp_path, "sk_of_nobody", *few)
    assert code == 1, said
