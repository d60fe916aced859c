"""requirements.yaml and the suite are held to each other, both ways."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from contract_tests.promise import read_promise
from contract_tests.requirement import NEEDS, PARTS, Requirement, UnknownRequirement, read_requirements

SUITE = Path(__file__).resolve().parents[2] / "contract_tests"
LAYERS = ("rules", "generated", "walk", "scenarios")
REQUIREMENTS = read_requirements()


def marked_tests() -> dict[str, set[str]]:
    """test → the requirements it is marked with, read from the source of every layer."""
    found: dict[str, set[str]] = {}
    for layer in LAYERS:
        for file in sorted((SUITE / layer).glob("test_*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    found[f"{layer}/{file.name}::{node.name}"] = marks_of(node)
    return found


def marks_of(node: ast.FunctionDef) -> set[str]:
    calls = [d for d in node.decorator_list if isinstance(d, ast.Call)]
    marks = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "requirement"]
    return {arg.value for mark in marks for arg in mark.args if isinstance(arg, ast.Constant)}


TESTS = marked_tests()


def test_there_are_enough_sentences() -> None:
    assert len(REQUIREMENTS) >= 150


def test_no_id_is_used_twice() -> None:
    ids = re.findall(r"- id: (\S+)", (SUITE / "requirements.yaml").read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids)) == len(REQUIREMENTS)


@pytest.mark.parametrize("requirement", REQUIREMENTS.values(), ids=lambda r: r.id)
def test_a_sentence_is_whole(requirement: Requirement) -> None:
    assert requirement.says.endswith(".")
    assert requirement.why
    assert requirement.breaks
    assert requirement.part in PARTS
    assert set(requirement.needs) <= set(NEEDS)
    assert set(requirement.operations) <= set(read_promise().operations)
    assert (requirement.level == "core") == (requirement.provenance in "DS")
    assert bool(requirement.tested_by) != bool(requirement.excluded), "a test, or a reason why not"


def test_every_test_named_exists_and_is_marked_with_the_sentence() -> None:
    for requirement in REQUIREMENTS.values():
        for test in requirement.tested_by:
            if test != "standing":
                assert requirement.id in TESTS[test], f"{test} is not marked with {requirement.id}"


def test_every_mark_is_named_by_its_sentence() -> None:
    for test, marks in TESTS.items():
        assert marks, f"{test} judges nothing"
        for mark in marks:
            assert test in REQUIREMENTS[mark].tested_by, f"{mark} does not name {test}"


def test_standing_promises_are_judged_where_every_answer_is() -> None:
    sources = (SUITE / "standing.py").read_text("utf-8") + (SUITE / "api.py").read_text("utf-8")
    judged = set(re.findall(r'"([A-Z]+-\d+(?:\.\d+)?)"', sources))
    for requirement in REQUIREMENTS.values():
        if "standing" in requirement.tested_by and requirement.rule != "OP":
            assert requirement.id in judged


def test_every_operation_has_its_requirement() -> None:
    operations = {name.removeprefix("OP-") for name in REQUIREMENTS if name.startswith("OP-")}
    assert operations == set(read_promise().operations)


# where a test takes its world from says what it needs
FIXTURE_NEEDS = {"lab": {"control", "clock", "back_office", "scanner", "messages"}, "partner": {"partner"}}


def test_a_test_in_a_world_of_its_own_says_so() -> None:
    for test, marks in TESTS.items():
        path, _, name = test.partition("::")
        tree = ast.parse((SUITE / path).read_text(encoding="utf-8"))
        node = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
        used = {argument.arg for argument in node.args.args}
        if used == {"lab"} or used == {"lab", "judging"}:
            for mark in marks:
                needs = set(REQUIREMENTS[mark].needs)
                others = [t for t in REQUIREMENTS[mark].tested_by if t != test]
                assert needs & FIXTURE_NEEDS["lab"] or others, (
                    f"{mark} is judged in {test}, but needs nothing"
                )


@pytest.mark.parametrize("name", ["PAGE-3.1", "page-3.1", "Page-3", "page"])
def test_a_name_is_understood_in_either_case(name: str) -> None:
    assert "PAGE-3.1" in [requirement.id for requirement in REQUIREMENTS.named(name)]


def test_an_unknown_name_is_refused_in_words() -> None:
    with pytest.raises(UnknownRequirement, match="NOPE-1"):
        REQUIREMENTS.named("NOPE-1")


def test_the_suite_never_imports_the_sandbox() -> None:
    for file in SUITE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "sandbox" for name in names), file
