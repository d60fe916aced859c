"""The kill matrix: which miniature broke what, and whether the suite said so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contract_tests.requirement import Requirements
from tests.miniatures.craft import Miniature


@dataclass(frozen=True, slots=True)
class Fate:
    miniature: Miniature
    exit_code: int
    failed: tuple[str, ...]
    seconds: float
    trouble: str = ""  # what the server said if there is no report

    @property
    def unnamed(self) -> list[str]:
        """What it breaks and the suite did not name."""
        return [name for name in self.miniature.breaks if name not in self.failed]

    @property
    def killed(self) -> bool:
        return self.exit_code == 1 and not self.unnamed


def uncovered(bank: Iterable[Miniature], requirements: Requirements) -> list[str]:
    """Every MUST that is tested wants a miniature that breaks it."""
    broken = {name for miniature in bank for name in miniature.breaks}
    return [r.id for r in requirements.values() if r.must == "MUST" and not r.excluded and r.id not in broken]


def page(fates: Sequence[Fate], requirements: Requirements) -> str:
    return "\n".join(_page(fates, requirements)) + "\n"


def _page(fates: Sequence[Fate], requirements: Requirements) -> Iterator[str]:
    killed = sum(fate.killed for fate in fates)
    yield "# Kill matrix"
    yield ""
    yield (
        "What the contract suite is worth: each line of the first table is a *miniature*, an implementation wrong in "
        "one way and named after it. It is killed when the suite, run as it is at level full, fails **and** names "
        "every requirement the miniature breaks. Made by `make mutants`."
    )
    yield ""
    rate = 100 * killed / len(fates) if fates else 0
    yield f"**{killed} of {len(fates)} killed ({rate:.1f} %).**"
    yield ""
    yield "| miniature | breaks | killed |"
    yield "|---|---|---|"
    for fate in fates:
        mark = "yes" if fate.killed else f"**no**: {', '.join(fate.unnamed)}"
        name = fate.miniature.name.replace("_", " ")
        yield f"| {name} | {', '.join(fate.miniature.breaks)} | {mark} |"
    yield ""
    yield "## By requirement"
    yield ""
    yield "| requirement | says | killed by |"
    yield "|---|---|---|"
    killers = defaultdict(list)
    for fate in fates:
        for name in fate.miniature.breaks:
            if name in fate.failed:
                killers[name].append(fate.miniature.name.replace("_", " "))
    for requirement in requirements.values():
        if requirement.excluded is None:
            told = "; ".join(killers[requirement.id]) or (
                "SHOULD" if requirement.must == "SHOULD" else "**nobody**"
            )
            yield f"| {requirement.id} | {requirement.says} | {told} |"
