"""The promises, one sentence each: what `requirements.yaml` holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

Letter = Literal["D", "S", "M", "C"]
Level = Literal["core", "full"]

PROVENANCE = {
    "D": "documented",  # the vendor's prose says so
    "S": "sampled",  # a sample of the vendor's shows it
    "M": "menu",  # the vendor names it and says no more
    "C": "chosen",  # the vendor is silent: another answer may be right as well
}
PARTS = ("core", "copay", "credits", "spa", "lookup", "reschedule", "access_codes")
NEEDS = ("control", "clock", "messages", "scanner", "back_office", "scenarios", "partner", "disabled_key")
REQUIREMENTS = Path(__file__).with_name("requirements.yaml")


class UnknownRequirement(Exception):
    """Someone named a requirement or a rule that `requirements.yaml` does not hold."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no requirement and no rule is called {name!r}; `bardge-contract requirements` lists all"
        )


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence that an implementation keeps or breaks."""

    id: str
    rule: str
    section: str
    says: str
    provenance: Letter
    must: Literal["MUST", "SHOULD"]
    level: Level
    part: str
    source: str
    why: str
    breaks: str
    operations: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    tested_by: tuple[str, ...] = ()
    excluded: str | None = None

    @property
    def family(self) -> str:
        return self.rule.split("-")[0]

    def binds(self, level: Level) -> bool:
        """Does breaking it at this level make a target non-conformant?"""
        return self.must == "MUST" and (level == "full" or self.level == "core")


class Requirements(Mapping[str, Requirement]):
    """All requirements of one version of the contract, by id, in the order of the file."""

    def __init__(self, version: str, requirements: Iterable[Requirement]) -> None:
        self.version = version
        self._by_id = {requirement.id: requirement for requirement in requirements}

    def __getitem__(self, name: str) -> Requirement:
        return self._by_id[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def named(self, name: str) -> list[Requirement]:
        """The requirements meant by an id (`PAGE-3.1`), a rule (`page-3`) or a family (`PAGE`)."""
        meant = name.lower()
        found = [r for r in self.values() if meant in (r.id.lower(), r.rule.lower(), r.family.lower())]
        if not found:
            raise UnknownRequirement(name)
        return found


@lru_cache
def read_requirements(path: Path = REQUIREMENTS) -> Requirements:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return Requirements(str(document["contract"]), list(_sentences(document)))


def _sentences(document: Mapping[str, Any]) -> Iterator[Requirement]:
    for section in document["sections"]:
        for rule in section["rules"]:
            for sentence in rule["sentences"]:
                yield _requirement(section["name"], rule, sentence)


def _requirement(section: str, rule: Mapping[str, Any], sentence: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=sentence["id"],
        rule=rule["rule"],
        section=section,
        says=sentence["says"],
        provenance=cast(Letter, sentence["provenance"]),
        must=sentence["must"],
        level=sentence["level"],
        part=sentence.get("part", rule.get("part", "core")),
        source=sentence["source"],
        why=rule["why"],
        breaks=rule["breaks"],
        operations=tuple(sentence.get("operations", rule.get("operations", ()))),
        needs=tuple(sentence.get("needs", ())),
        tested_by=tuple(sentence.get("tested_by", ())),
        excluded=sentence.get("excluded"),
    )
