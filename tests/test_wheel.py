"""What is installed is what works: the wheel alone, from a directory that is not ours."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """With the wheel first on the path, in its own folder, far from the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_wheel_carries_its_data(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for needed in (
        "sandbox/_data/openapi.yaml",
        "sandbox/_data/fixtures/clients.yaml",
        "sandbox/_data/scenarios/scenario.schema.json",
        "sandbox/control/openapi.yaml",
        "sandbox/py.typed",
        "contract_tests/requirements.yaml",
        "contract_tests/py.typed",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]


def test_the_wheel_answers_a_request(installed: Path):
    code = (
        "import sandbox, sys; assert sandbox.__file__.startswith(sys.argv[1]), sandbox.__file__\n"
        "from sandbox.app import create_app\n"
        "key = {'Authorization': 'Bearer sk_sandbox_demo'}\n"
        "answer = create_app().test_client().get('/v3/api/business/reseller/passes', headers=key)\n"
        "print(answer.status_code, answer.json['data'][0]['object'])"
    )
    done = run(installed, "-c", code, str(installed))
    assert done.stdout.strip() == "200 pass", done.stderr


@pytest.mark.parametrize("package", ["sandbox", "contract_tests"])
def test_both_commands_help(installed: Path, package: str):
    done = run(installed, "-m", package, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_the_contract_suite_knows_its_requirements_without_the_checkout(installed: Path):
    done = run(installed, "-m", "contract_tests", "explain", "PAGE-3")
    assert done.returncode == 0, done.stderr
    assert "PAGE-3" in done.stdout


def test_without_its_extra_the_contract_suite_explains_and_says_what_a_run_needs(installed: Path):
    bare = "import sys; sys.modules |= dict.fromkeys(('pytest', 'schemathesis'))\n"
    code = bare + "from contract_tests.__main__ import main; main(sys.argv[1:])"
    explained = run(installed, "-c", code, "explain", "PAGE-3")
    assert explained.returncode == 0, explained.stderr
    judged = run(installed, "-c", code, "run", "--target", "http://127.0.0.1:9", "--key", "k")
    assert judged.returncode == 2, judged.stderr
    assert "COULD NOT JUDGE: pytest, schemathesis not installed" in judged.stdout
    assert "pip install 'bardge-sandbox[contract]'" in judged.stdout


def test_nothing_of_ours_names_where_it_was_made():
    """No path of a machine and no registry's host in any file that is committed."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    telling = re.compile(
        r"/(?:work|root|home/[a-z]+)/(?!sandbox\b)[\w.-]+/|files\.pythonhosted|registry\.npmjs"
    )
    found = []
    for name in files:
        if name.endswith((".png", ".svg")) or name == "tests/test_wheel.py":
            continue
        text = (ROOT / name).read_text(errors="replace")
        found += [f"{name}: {match[0]}" for match in telling.finditer(text)]
    assert found == []
