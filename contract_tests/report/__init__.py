"""Reports of a run: for machines (JSON, JUnit), for people (HTML), for a README (badge)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contract_tests.report.badge import badge
from contract_tests.report.document import describe
from contract_tests.report.html import page
from contract_tests.report.junit import junit
from contract_tests.verdict import Judgement

if TYPE_CHECKING:
    from contract_tests.run import Run


def write_reports(run: Run, judgements: Sequence[Judgement], code: int) -> None:
    """Writes all four into the folder asked for; without one, nothing."""
    folder = run.options.report
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    document = describe(run, judgements, code)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    (folder / "junit.xml").write_text(junit(document), encoding="utf-8")
    (folder / "report.html").write_text(page(document), encoding="utf-8")
    (folder / "badge.svg").write_text(badge(document), encoding="utf-8")
