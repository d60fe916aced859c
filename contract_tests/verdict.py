"""What a run says of each requirement, and of the target as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from contract_tests.exchange import Exchange
from contract_tests.requirement import Level, Requirement


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"  # the implementation breaks it
    WARN = "warn"  # a SHOULD, or at level core a chosen rule, is answered differently
    BLOCKED = "blocked"  # a prerequisite is missing, so nobody knows
    NOT_APPLICABLE = "n/a"  # the profile says that the target has no such part
    DISABLED = "disabled"  # the operator left it out (--only, --quick)
    ERROR = "error"  # the suite broke, which says nothing about the target
    NOT_TESTED = "not tested"  # excluded, with a reason, in requirements.yaml


class Broken(AssertionError):
    """The target does not keep a promise. The sentence is for someone who never saw this code."""

    def __init__(self, expected: str, got: str, exchange: Exchange | None = None) -> None:
        self.expected, self.got, self.exchange = expected, got, exchange
        asked = f" ({exchange.request_line()})" if exchange else ""
        super().__init__(f"expected {expected}, got {got}{asked}")


class Blocked(Exception):
    """Something this judgement stands on is missing: inventory, a key, a clock, a working set-up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason for a verdict other than passed."""

    sentence: str
    test: str
    exchange: Exchange | None = None


@dataclass(slots=True)
class Judgement:
    """Everything learnt about one requirement in one run."""

    requirement: Requirement
    verdict: Verdict
    reasons: list[Finding] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    gap: str | None = None  # the reason a profile gives for expecting this failure
    stale_gap: bool = False  # the profile expects a failure that no longer happens
    times: int = 0  # how often it was judged


CONFORMANT, NOT_CONFORMANT, COULD_NOT_JUDGE = 0, 1, 2


def exit_code(judgements: Iterable[Judgement], level: Level) -> int:
    """0 conformant, 1 not, 2 could not judge. Nothing judged is never a 0."""
    judged = list(judgements)
    verdicts = Counter(j.verdict for j in judged)
    if any(counts_against(j, level) for j in judged):
        return NOT_CONFORMANT
    if verdicts[Verdict.ERROR] or not verdicts[Verdict.PASSED]:
        return COULD_NOT_JUDGE
    return CONFORMANT


def counts_against(judgement: Judgement, level: Level) -> bool:
    if judgement.stale_gap:
        return True
    if judgement.gap is not None:
        return False
    return judgement.verdict in (Verdict.FAILED, Verdict.BLOCKED) and judgement.requirement.binds(level)
