"""axe finds nothing serious on any page, in either theme; and every page fits a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console import book, rows

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = [
    "requests",
    "clients",
    "clients/client_ada",
    "week",
    "providers",
    "clock",
    "faults",
    "scenarios",
    "worlds",
    "desk",
    "report",
]
PHONE = 375


def faults(page: Page) -> list[str]:
    """What axe calls serious or critical, in a line each. It is put in past the page's own policy."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags}).then(found => found.violations)", WCAG_AA
    )
    return [
        f"{one['id']}: {one['help']} ({node['target']}: {node['failureSummary']})"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def settled(page: Page) -> None:
    expect(page.get_by_text("Looking…")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_start_page(house, open_page, theme):
    assert faults(open_page(house.url, theme=theme)) == []
    assert fits(open_page(house.url, theme=theme, width=PHONE))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_view_of_the_console(town, open_page, theme):
    line = town.line
    book(line)
    line.post("/access-codes", {"client_id": "client_ada", "provider_id": "prov_fitzone"})
    town.control("POST", "/faults", {"operation": "list_classes", "when": "before", "status": 503})
    town.control("POST", "/snapshots", {"name": "before"})
    page = open_page(town.place("requests"), theme=theme)
    for view in VIEWS:
        page.goto(town.place(view))
        expect(page.locator("main h1")).to_be_visible()
        settled(page)
        assert faults(page) == [], view


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_request_that_is_open_and_a_dialog(town, open_page, theme):
    book(town.line)
    town.line.get("/nowhere")
    page = open_page(town.place("requests"), theme=theme)
    for i in (0, 1):
        rows(page).nth(i).click()
        expect(page.locator(".journal-detail h2").first).to_be_visible()
        assert faults(page) == []
    page.goto(town.place("week"))
    page.locator("[data-key=ci_yoga_open]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []


def test_every_view_fits_a_phone(town, open_page):
    book(town.line)
    page = open_page(town.place("requests"), width=PHONE)
    for view in VIEWS:
        page.goto(town.place(view))
        expect(page.locator("main h1")).to_be_visible()
        settled(page)
        assert fits(page), view


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_reference(house, open_page, theme):
    page = open_page(f"{house.url}/_sandbox/reference#book_class", theme=theme)
    expect(page.locator(".opblock.is-open")).to_be_visible(timeout=45_000)
    assert faults(page) == []


def test_the_reference_fits_a_phone(house, open_page):
    page = open_page(f"{house.url}/_sandbox/reference#book_class", width=PHONE)
    expect(page.locator(".opblock.is-open")).to_be_visible(timeout=45_000)
    assert fits(page)
