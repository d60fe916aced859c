"""Why a mutant may survive, as somebody looked and said: `equivalent.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import yaml

from tests.mutations.mutant import Mutant

FILE = Path(__file__).with_name("equivalent.yaml")

Content: TypeAlias = tuple[str, str, str, str]
Explained: TypeAlias = "Mapping[Content, Reason]"


@dataclass(frozen=True, slots=True)
class Reason:
    kind: Literal["equivalent", "unpromised"]
    why: str


def read_explained(file: Path = FILE) -> Explained:
    groups = yaml.safe_load(file.read_text("utf-8"))
    return {
        (one["file"], one.get("function", ""), one["was"], one["becomes"]): Reason(
            group["kind"], group["why"]
        )
        for group in groups
        for one in group["mutants"]
    }


def stale(explained: Explained, every: Iterable[Mutant]) -> list[Content]:
    """Explanations of what nobody can write any more."""
    there = {mutant.content for mutant in every}
    return [content for content in explained if content not in there]
