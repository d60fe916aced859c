"""The commonest complaint about conformance suites: green while nothing was tested."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import fakes

ROOT = Path(__file__).resolve().parents[2]
NOT_CONFORMANT, COULD_NOT_JUDGE = 1, 2


def judge(target: str, *options: str, key: str = fakes.KEY) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "contract_tests",
        "run",
        "--target",
        target,
        "--key",
        key,
        "--quick",
        *options,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (fakes.refuses_every_key, COULD_NOT_JUDGE),
        (fakes.always_failing, COULD_NOT_JUDGE),
        (fakes.a_web_page_not_found, COULD_NOT_JUDGE),
        (fakes.always_ok, NOT_CONFORMANT),
        (fakes.a_web_page, NOT_CONFORMANT),
        (fakes.empty_lists, NOT_CONFORMANT),
        (fakes.any_key_will_do, NOT_CONFORMANT),
        (fakes.refuses_strangers_with_403, NOT_CONFORMANT),
        (fakes.refuses_strangers_in_html, NOT_CONFORMANT),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_is_no_implementation_is_never_green(behaviour: fakes.Behaviour, code: int) -> None:
    with fakes.served(behaviour) as target:
        done = judge(target)
    assert done.returncode == code, done.stdout + done.stderr
    assert not done.stdout.startswith("CONFORMANT")


def test_what_is_said_of_many_requirements_is_said_once() -> None:
    with fakes.served(fakes.empty_lists) as target:
        told = judge(target).stderr.splitlines()
    repeated = [line for line in told if line.endswith("no package with unlimited GYM visits")]
    assert len(repeated) == 1
    assert re.match(r"[A-Z]+-\d+\.\d+ and \d+ more ", repeated[0])


def test_nobody_at_home_is_one_sentence_and_code_2() -> None:
    done = judge("http://127.0.0.1:9/v3/api/business/reseller")
    assert done.returncode == COULD_NOT_JUDGE
    assert done.stdout.strip().splitlines()[-1].startswith("STOPPED: the target can't be reached")


def test_a_control_api_that_is_not_there_is_code_2() -> None:
    with fakes.served(fakes.empty_lists) as target:
        done = judge(target, "--control", "http://127.0.0.1:9/_sandbox")
    assert done.returncode == COULD_NOT_JUDGE
    assert "control API" in done.stdout


@pytest.mark.parametrize(
    ("flag", "key", "told"),
    [
        ("--partner-key", "sk_of_nobody", "the partner's key was refused"),
        ("--partner-key", fakes.KEY, "--partner-key is the same as --key"),
        ("--disabled-key", fakes.KEY, "--disabled-key is the same as --key"),
    ],
)
def test_a_mistyped_key_of_somebody_else_is_not_held_against_the_target(
    flag: str, key: str, told: str
) -> None:
    with fakes.served(fakes.empty_lists) as target:
        done = judge(target, flag, key)
    assert done.returncode == COULD_NOT_JUDGE, done.stdout
    assert told in done.stdout


def test_a_key_accepted_from_anybody_names_the_requirement(tmp_path: Path) -> None:
    with fakes.served(fakes.any_key_will_do) as target:
        judge(target, "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    verdicts = {entry["id"]: entry["verdict"] for entry in report["requirements"]}
    assert verdicts["AUTH-1.3"] == verdicts["AUTH-1.1"] == "failed"


def test_an_unknown_requirement_selects_nothing_and_is_no_pass() -> None:
    with fakes.served(fakes.empty_lists) as target:
        done = judge(target, "--only", "PAGE-99")
    assert done.returncode not in (0, NOT_CONFORMANT)


def test_without_a_key_nothing_is_judged() -> None:
    command = [sys.executable, "-m", "contract_tests", "run", "--target", "http://127.0.0.1:9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == COULD_NOT_JUDGE
    assert "--key" in done.stderr
