"""The last line of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contract_tests.exchange import without
from contract_tests.verdict import Judgement, Verdict, counts_against

if TYPE_CHECKING:
    from contract_tests.run import Run

ORDER = (
    Verdict.PASSED,
    Verdict.FAILED,
    Verdict.WARN,
    Verdict.BLOCKED,
    Verdict.ERROR,
    Verdict.DISABLED,
    Verdict.NOT_APPLICABLE,
    Verdict.NOT_TESTED,
)


def counts(judgements: Sequence[Judgement]) -> dict[str, int]:
    found = Counter(j.verdict for j in judgements)
    return {verdict.value: found[verdict] for verdict in ORDER}


def headline(run: Run, judgements: Sequence[Judgement]) -> str:
    """`CONFORMANT at level core: 210 passed, 0 failed, …`: what was not judged is always named."""
    if run.stopped is not None:
        return f"STOPPED: {without(run.not_to_be_told, run.stopped.sentence)}"
    told = [f"{n} {name}" for name, n in counts(judgements).items() if n or name in ("passed", "failed")]
    gaps = [j for j in judgements if j.gap]
    stale = [j for j in judgements if j.stale_gap]
    told += [f"{len(gaps)} known gaps"] * bool(gaps) + [f"{len(stale)} stale gaps"] * bool(stale)
    level = f"level {run.options.level}" + (", quick" if run.options.quick else "")
    return (
        f"{standing(run, judgements)} at {level}: {', '.join(told)}; "
        f"{run.wire.requests_sent} requests in {run.seconds:.1f} s"
    )


def standing(run: Run, judgements: Sequence[Judgement]) -> str:
    if any(counts_against(j, run.options.level) for j in judgements):
        return "NOT CONFORMANT"
    verdicts = {j.verdict for j in judgements}
    if Verdict.ERROR in verdicts or Verdict.PASSED not in verdicts:
        return "COULD NOT JUDGE"
    return "CONFORMANT"
