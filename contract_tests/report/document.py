"""A run as one JSON document; every other report is made from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from contract_tests.report.headline import counts, headline, standing
from contract_tests.standing import CHOSEN_CODES, DOCUMENTED_CODES
from contract_tests.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from contract_tests.run import Run

SHOWN_WHEN_PASSED = 3


def suite_version() -> str:
    try:
        return version("bardge-sandbox")
    except PackageNotFoundError:
        return "unknown"


def describe(run: Run, judgements: Sequence[Judgement], code: int) -> dict[str, Any]:
    return {
        "suite": "bardge-contract",
        "suite_version": suite_version(),
        "contract": run.requirements.version,
        "document": _document(run),
        "target": run.base,
        "control": bool(run.options.control),
        "profile": run.profile.name,
        "level": run.options.level,
        "quick": run.options.quick,
        "only": list(run.options.only),
        "seed": run.options.seed,
        "prefix": run.prefix,
        "reference": run.options.reference,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "requests": run.wire.requests_sent,
        "counts": counts(judgements),
        "standing": standing(run, judgements) if run.stopped is None else "STOPPED",
        "exit_code": code,
        "headline": headline(run, judgements),
        "notes": run.notes,
        "requirements": [_requirement(judgement) for judgement in judgements],
        "coverage": _coverage(run),
    }


def _document(run: Run) -> dict[str, str]:
    info = run.promise.document.get("info", {})
    text = json.dumps(run.promise.document, sort_keys=True, default=str).encode()
    return {
        "title": str(info.get("title")),
        "version": str(info.get("version")),
        "sha256": hashlib.sha256(text).hexdigest(),
    }


def _requirement(judgement: Judgement) -> dict[str, Any]:
    requirement = judgement.requirement
    telling = judgement.verdict in (Verdict.FAILED, Verdict.WARN, Verdict.BLOCKED, Verdict.ERROR)
    shown = judgement.exchanges if telling else judgement.exchanges[-SHOWN_WHEN_PASSED:]
    return {
        "id": requirement.id,
        "rule": requirement.rule,
        "section": requirement.section,
        "says": requirement.says,
        "must": requirement.must,
        "level": requirement.level,
        "provenance": requirement.provenance,
        "source": requirement.source,
        "part": requirement.part,
        "needs": list(requirement.needs),
        "operations": list(requirement.operations),
        "why": requirement.why,
        "breaks": requirement.breaks,
        "verdict": judgement.verdict.value,
        "times": judgement.times,
        "reasons": [{"sentence": f.sentence, "test": f.test} for f in judgement.reasons],
        "gap": judgement.gap,
        "stale_gap": judgement.stale_gap,
        "exchanges": [exchange.shown() for exchange in shown],
    }


def _coverage(run: Run) -> dict[str, Any]:
    """Every operation and every error code of the catalogue: what was seen, and what never was."""
    operations = []
    for name, operation in run.promise.operations.items():
        seen = {str(status): n for (o, status), n in sorted(run.ledger.calls.items()) if o == name}
        codes = sorted({code for o, code in run.ledger.codes if o == name})
        operations.append(
            {
                "operation": name,
                "method": operation.method,
                "path": operation.path,
                "statuses": seen,
                "codes": codes,
                "succeeded": run.ledger.reached(name),
            }
        )
    seen_codes = {code for _, code in run.ledger.codes}
    catalogue = [{"code": code, "seen": code in seen_codes} for code in {**DOCUMENTED_CODES, **CHOSEN_CODES}]
    return {"operations": operations, "codes": catalogue}
