"""Reports of a run: for machines (JSON, JUnit), for people (HTML), for a README (badge)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from contract_tests.exchange import without
from contract_tests.report.badge import badge
from contract_tests.report.document import describe
from contract_tests.report.html import page
from contract_tests.report.junit import junit
from contract_tests.verdict import Judgement

if TYPE_CHECKING:
    from contract_tests.run import Run


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


WRITERS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "json": ("report.json", _as_json),
    "junit": ("junit.xml", junit),
    "html": ("report.html", page),
    "badge": ("badge.svg", badge),
}
FORMATS = tuple(WRITERS)


def write_reports(run: Run, judgements: Sequence[Judgement], code: int) -> None:
    """Writes them into the folder asked for; without one, nothing."""
    folder = run.options.report
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    document = without(run.not_to_be_told, describe(run, judgements, code))
    for name in run.options.formats:
        file, made = WRITERS[name]
        (folder / file).write_text(made(document), encoding="utf-8")
