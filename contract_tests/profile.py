"""What a target says of itself: which parts it has, what it will never have, and its known gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from contract_tests.requirement import NEEDS, PARTS, Requirement, Requirements, UnknownRequirement

FIELDS = {"name", "target", "control", "parts", "lacks", "gaps"}
GAP_FIELDS = {"requirement", "reason", "until"}


class UnreadableProfile(Exception):
    """The profile file is not one."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A promise that the target is known not to keep, why, and until when that is put up with."""

    requirement: str
    reason: str
    until: dt.date

    def holds(self, today: dt.date) -> bool:
        return today <= self.until


@dataclass(frozen=True, slots=True)
class Profile:
    name: str = "everything"
    target: str | None = None
    control: str | None = None
    parts: frozenset[str] = frozenset(PARTS)
    lacks: frozenset[str] = frozenset()
    gaps: Mapping[str, Gap] = field(default_factory=dict)

    def leaves_out(self, requirement: Requirement) -> str | None:
        """The sentence that makes a requirement n/a for this target, or None where it applies."""
        if requirement.part != "core" and requirement.part not in self.parts:
            return f"the profile {self.name!r} does not declare the part {requirement.part!r}"
        for need in requirement.needs:
            if need in self.lacks or (
                need != "partner" and need != "disabled_key" and "control" in self.lacks
            ):
                return f"the profile {self.name!r} says that the target has no {need.replace('_', ' ')}"
        return None


def read_profile(path: Path, requirements: Requirements) -> Profile:
    """Reads and checks a profile; a gap that names nothing is refused rather than carried along."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as problem:
        raise UnreadableProfile(f"{path}: {problem}") from problem
    if not isinstance(document, dict):
        raise UnreadableProfile(f"{path}: a profile is a mapping with {', '.join(sorted(FIELDS))}")
    _only(path, document, FIELDS)
    gaps = [_gap(path, entry, requirements) for entry in document.get("gaps") or []]
    return Profile(
        name=str(document.get("name", path.stem)),
        target=document.get("target"),
        control=document.get("control"),
        parts=_words(path, document, "parts", PARTS),
        lacks=_words(path, document, "lacks", NEEDS),
        gaps={gap.requirement: gap for gap in gaps},
    )


def _only(path: Path, document: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(document) - known):
        raise UnreadableProfile(f"{path}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _words(path: Path, document: Mapping[str, Any], name: str, known: tuple[str, ...]) -> frozenset[str]:
    words = document.get(name, known if name == "parts" else [])
    if not isinstance(words, list | tuple) or set(words) - set(known):
        raise UnreadableProfile(f"{path}: {name} is a list of {', '.join(known)}; got {words!r}")
    return frozenset(words)


def _gap(path: Path, entry: Mapping[str, Any], requirements: Requirements) -> Gap:
    if not isinstance(entry, dict) or set(entry) != GAP_FIELDS or not str(entry["reason"]).strip():
        raise UnreadableProfile(f"{path}: a gap has requirement, reason and until (a date); got {entry!r}")
    if entry["requirement"] not in requirements:
        raise UnreadableProfile(f"{path}: {UnknownRequirement(str(entry['requirement']))}")
    if not isinstance(entry["until"], dt.date):
        raise UnreadableProfile(f"{path}: until of {entry['requirement']} is a date such as 2026-12-31")
    return Gap(entry["requirement"], str(entry["reason"]), entry["until"])
