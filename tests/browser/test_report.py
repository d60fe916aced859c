"""What the contract suite said of a target, in the console."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.console import CONSOLE
from tests.running import RunningSandbox


def requirement(id_: str, says: str, verdict: str, letter: str, *reasons: str) -> dict[str, Any]:
    return {
        "id": id_,
        "rule": id_.partition(".")[0],
        "section": "Bookings",
        "says": says,
        "must": "MUST",
        "level": "core",
        "provenance": letter,
        "verdict": verdict,
        "reasons": [{"sentence": sentence, "test": "rules/test_bookings.py"} for sentence in reasons],
        "gap": None,
    }


def report() -> dict[str, Any]:
    """As the suite writes it; the fields the console does not show are left out."""
    return {
        "target": "https://staging.example/v3/api/business/reseller",
        "level": "core",
        "started": "2026-05-19T10:00:00+00:00",
        "seconds": 12.5,
        "requests": 812,
        "counts": {"passed": 1, "failed": 1, "warn": 0, "not tested": 1},
        "standing": "NOT CONFORMANT",
        "exit_code": 1,
        "headline": "NOT CONFORMANT at level core: 1 passed, 1 failed, 1 not tested",
        "requirements": [
            requirement("BOOK-1.1", "A covered class is booked at once.", "passed", "D"),
            requirement("BOOK-5.1", "A full class is refused.", "failed", "D", "expected 409, got 201"),
            requirement("IDEM-7.1", "Answer and effect commit together.", "not tested", "C"),
        ],
    }


def test_the_worst_comes_first_and_can_be_searched(open_page, tmp_path: Path):
    (tmp_path / "report.json").write_text(json.dumps(report()))
    with RunningSandbox("sqlite://", 1, "--report", str(tmp_path)) as sandbox:
        page = open_page(f"{sandbox.url}{CONSOLE}#/default/report")
        found = page.locator("tbody tr")
        expect(found).to_have_count(3)
        expect(page.locator(".headline")).to_contain_text("not conformant")
        expect(found.first).to_contain_text("expected 409, got 201")
        expect(found.first).to_contain_text("documented")
        expect(found.last).to_contain_text("BOOK-1.1")
        page.get_by_label("Verdict").select_option("not tested")
        expect(found).to_have_count(1)
        expect(found).to_contain_text("IDEM-7.1")
        page.get_by_label("Verdict").select_option("")
        page.locator("[data-search]").fill("full class")
        expect(found).to_have_count(1)
        page.close()


def test_without_a_report_it_says_how_to_make_one(house, open_page):
    page = open_page(f"{house.url}{CONSOLE}#/default/report")
    expect(page.get_by_text("No report was made yet")).to_be_visible()
    expect(page.locator(".empty pre")).to_contain_text("bardge-contract run")
