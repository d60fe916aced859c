"""Several targets side by side: one row per requirement that anybody answers differently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

MARKS = {
    "passed": "[green]✓[/]",
    "failed": "[red]✗ failed[/]",
    "warn": "[yellow]≠ differs[/]",
    "blocked": "[magenta]blocked[/]",
    "error": "[red]error[/]",
    "n/a": "[dim]n/a[/]",
    "disabled": "[dim]left out[/]",
    "not tested": "[dim]not tested[/]",
}


class NotAReport(Exception):
    """The file is not a report.json of this suite."""


def read_report(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise NotAReport(f"{path}: {problem}") from problem
    if not isinstance(document, dict) or document.get("suite") != "bardge-contract":
        raise NotAReport(f"{path}: not a report.json of bardge-contract")
    return document


def matrix(paths: Sequence[Path], *, everything: bool = False) -> Table:
    documents = [read_report(path) for path in paths]
    table = Table(title="requirements by target", header_style="bold", caption=_caption(documents))
    table.add_column("requirement")
    table.add_column("says", max_width=70)
    for path, document in zip(paths, documents, strict=True):
        table.add_column(
            f"{path.stem if path.stem != 'report' else path.parent.name}\n{document['standing']}"
        )
    verdicts = [{r["id"]: r["verdict"] for r in document["requirements"]} for document in documents]
    sentences = {r["id"]: r["says"] for document in documents for r in document["requirements"]}
    for name, says in sentences.items():
        row = [verdict.get(name, "-") for verdict in verdicts]
        if everything or len(set(row)) > 1 or set(row) & {"failed", "blocked", "error"}:
            table.add_row(name, says, *(MARKS.get(verdict, verdict) for verdict in row))
    return table


def _caption(documents: Sequence[dict[str, Any]]) -> str:
    return " · ".join(
        f"{d['target']}: {d['counts']['passed']} passed, {d['counts']['failed']} failed" for d in documents
    )
