"""What is inside is few, known and built the same every time."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import sbom

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def test_every_dependency_is_justified() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    told = set(re.findall(r"\| `([a-z0-9-]+)(?:\[[a-z]+\])?` \| [A-Z]", page))
    wanted = {Requirement(text).name for text in PROJECT["dependencies"]}
    wanted |= {Requirement(text).name for texts in EXTRAS.values() for text in texts}
    assert told == wanted


@pytest.mark.parametrize(
    ("package", "wanted"),
    [("sandbox", PROJECT["dependencies"] + EXTRAS["postgres"]), ("contract_tests", EXTRAS["contract"])],
)
def test_every_import_is_of_a_dependency_that_is_named(package: str, wanted: list[str]) -> None:
    """What comes along with something else today may not tomorrow."""
    named = {Requirement(text).name for text in PROJECT["dependencies"] + wanted}
    installed_by = metadata.packages_distributions()
    unnamed = {
        module: files
        for module, files in imports(ROOT / package).items()
        if not {canonicalize_name(name) for name in installed_by.get(module, [])} & named
    }
    if package == "sandbox":  # the pytest plugin is loaded by the pytest of whoever has it
        assert unnamed.pop("pytest") == {"pytest_plugin.py"}
    assert not unnamed


def imports(folder: Path) -> dict[str, set[str]]:
    """Modules from elsewhere, and the files that import them, in functions too."""
    known = {*sys.stdlib_module_names, "sandbox", "contract_tests"}
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for module in {name.partition(".")[0] for name in names} - known:
                found.setdefault(module, set()).add(str(file.relative_to(folder)))
    return found


@pytest.mark.parametrize(
    ("folder", "mark"),
    [
        ("sandbox/web/vendor/swagger-ui/swagger-ui-bundle.js", '"{version}"'),
        ("tests/browser/vendor/axe-core/axe.min.js", "/*! axe v{version}\n"),
    ],
)
def test_what_lies_in_the_repository_is_told_with_its_version_and_lies_there_with_its_licence(
    folder: str, mark: str
) -> None:
    file = ROOT / folder
    page = (ROOT / "docs" / "dependencies.md").read_text()
    row = next(line for line in page.splitlines() if f"`{file.parent.parent.relative_to(ROOT)}" in line)
    version = row.split("|")[2].strip()
    assert mark.format(version=version) in file.read_text()
    assert (file.parent / "LICENSE").stat().st_size > 1_000


def test_the_bill_of_materials_names_everything_with_its_licence() -> None:
    bill = sbom.bill(EXTRAS)
    listed = {one["name"]: one for one in bill["components"]}
    assert {Requirement(text).name for text in PROJECT["dependencies"]} <= set(listed)
    assert "werkzeug" in listed, "what a dependency brings along is listed too"
    unknown = [name for name, one in listed.items() if one["licenses"][0]["expression"] == "NOASSERTION"]
    assert not unknown
    assert {one["ref"] for one in bill["dependencies"]} >= {one["bom-ref"] for one in bill["components"]}


def test_the_wheel_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    wheels = [build(tmp_path / name) for name in ("one", "two")]
    assert wheels[0].name == wheels[1].name
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


def build(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1790000000"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel
