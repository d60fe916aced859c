"""What is inside is few, known and built the same every time."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

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
