"""The README's tour, executed: each command in a shell, each promised word in its output."""

import re
import subprocess
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
ROOT = README.parent


def tour() -> list[tuple[str, list[str]]]:
    """The shell blocks after the marker, command by command, each with the words it promises."""
    text = README.read_text().split("<!-- tour -->")[1].split("\n## ")[0]
    steps: list[tuple[str, list[str]]] = []
    command: list[str] = []
    for line in "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        if line.startswith("# → "):
            if command:
                steps.append(("\n".join(command), []))
                command = []
            steps[-1][1].append(line.removeprefix("# → "))
        else:
            command.append(line)
    return steps


def test_the_tour_promises_something():
    assert len(tour()) >= 7


def test_every_step_of_the_tour_answers_what_it_promises(running_sandbox):
    sandbox = running_sandbox()
    script = ["set -euo pipefail"]
    for command, _ in tour():
        script += [command, "echo; echo '=== next'"]
    whole = "\n".join(script).replace("http://127.0.0.1:4010", sandbox.url)
    done = subprocess.run(["bash", "-c", whole], capture_output=True, text=True, timeout=30)
    outputs = done.stdout.split("=== next\n")
    for (command, promised), output in zip(tour(), outputs, strict=False):
        for words in promised:
            assert words in output, f"{command}\npromised {words}, answered {output or done.stderr}"
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README.read_text()))))
def test_every_link_of_the_readme_leads_somewhere(link):
    assert link.startswith("http") or (ROOT / link).exists(), link
