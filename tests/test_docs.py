"""The documentation, executed: what a page tells to type is typed, and what it promises must come."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contract_tests.profile import read_profile
from contract_tests.requirement import read_requirements
from tests.conftest import missing

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MARK = "<!-- run -->"
PAGES = sorted(path for path in DOCS.rglob("*.md") if MARK in path.read_text())
LINKING = sorted(DOCS.glob("*.md")) + sorted((DOCS / "how-to").glob("*.md"))


def steps(page: Path) -> list[tuple[str, list[str]]]:
    """The commands after the mark, up to the words they promise, each with those words."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text().split(MARK, 1)[1], re.DOTALL | re.MULTILINE)
    found: list[tuple[str, list[str]]] = []
    command: list[str] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("# → "):
            if command:
                found.append(("\n".join(command), []))
                command = []
            found[-1][1].append(line.removeprefix("# → "))
        else:
            command.append(line)
    return [*found, ("\n".join(command), [])] if command else found


def test_the_pages_to_execute_are_there():
    names = {page.stem for page in PAGES}
    assert {"tour", "make-payment-retries-safe", "test-expiry-without-waiting", "write-a-scenario"} <= names
    assert sum(len(promised) for page in PAGES for _, promised in steps(page)) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_keeps_what_it_promises(page, running_sandbox, tmp_path):
    if "\nnode " in page.read_text() and shutil.which("node") is None:
        missing("node")
    sandbox = running_sandbox()
    script = ["set -euo pipefail"]
    for command, _ in steps(page):
        script += [command, "echo; echo '=== next'"]
    whole = "\n".join(script).replace("http://127.0.0.1:4010", sandbox.url)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", whole],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    outputs = done.stdout.split("=== next\n")
    for (command, promised), output in zip(steps(page), outputs, strict=False):
        for words in promised:
            assert words in output, f"{command}\npromised {words}, answered {output}\n{done.stderr}"
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.stem)
def test_every_link_and_picture_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith(("http", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        where = (page.parent / target).resolve() if target else page
        assert where.exists(), link
        if anchor and where.suffix == ".md":
            assert anchor in anchors(where), link


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_the_index_leads_to_every_page():
    linked = set(re.findall(r"\]\(([^)#\s]+)", (DOCS / "README.md").read_text()))
    pages = {str(path.relative_to(DOCS)) for path in LINKING} - {"README.md"}
    assert pages <= linked, "Add the page to docs/README.md, so that somebody finds it."


def test_the_profile_of_the_how_to_can_be_read(tmp_path):
    page = (DOCS / "how-to" / "verify-your-implementation.md").read_text()
    block = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    (tmp_path / "staging.yaml").write_text(block[1])
    requirements = read_requirements()
    profile = read_profile(tmp_path / "staging.yaml", requirements)
    assert profile.lacks == {"control"}
    assert set(profile.gaps) == {"PAGE-3.2"}
