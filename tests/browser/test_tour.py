"""The five minutes of docs/tour.md, with the console open beside the terminal."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.console import ADA, clipboard, place_of, rows, said
from tests.running import RunningSandbox

MORNING = "2026-05-19T09:00:00+01:00"
CHIDI = {
    "client_id": "client_low_credits",
    "first_name": "Chidi",
    "last_name": "Eze",
    "user_pass_id": "brgpass_low_credits",
}


class Terminal:
    """The window beside the browser."""

    def __init__(self, url: str) -> None:
        self.base = f"{url}/v3/api/business/reseller"

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, timeout=30, check=False
        )

    def post(self, path: str, body: dict[str, Any], key: str) -> subprocess.CompletedProcess[str]:
        return self.run(
            f"curl -s {self.base}{path} -H 'Authorization: Bearer sk_sandbox_demo' "
            f"-H 'Content-Type: application/json' -H 'Idempotency-Key: {key}' -d '{json.dumps(body)}'"
        )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Those of the documentation are made anew only when somebody asks for it."""
    if os.environ.get("BARDGE_TESTS_SCREENSHOTS") != "1":
        return tmp_path
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS


def test_the_tour(open_page, pictures):
    with RunningSandbox("sqlite://", 1, "--now", MORNING) as sandbox:
        page = open_page(sandbox.url)
        walk(page, Terminal(sandbox.url), sandbox, pictures)
        page.close()  # before the sandbox stops: it would notice


def walk(page: Page, terminal: Terminal, sandbox: RunningSandbox, pictures: Path) -> None:
    def picture(name: str) -> None:
        page.screenshot(path=pictures / f"{name}.png")

    def go(view: str) -> None:
        page.goto(place_of(sandbox.url, view))

    # start → copy curl → list classes
    picture("start")
    page.get_by_role("button", name="Copy the curl command that lists classes").click()
    expect(page.locator("[data-copy]", has_text="Copied").first).to_be_visible()
    assert '"object":"list"' in terminal.run(clipboard(page)).stdout

    # → book → see it in the journal
    go("week")
    soon = page.locator(".day.today .session:not(.full, .completed):not(:has(.cost))").last
    session = soon.get_attribute("data-key")
    picture("week")
    booked = terminal.post("/bookings/class", {"class_instance_id": session, **ADA}, "first-seat")
    assert '"status":"PENDING"' in booked.stdout, booked.stdout
    go("requests")
    expect(rows(page).first).to_contain_text("book_class")
    rows(page).first.click()
    expect(page.locator(".journal-detail")).to_contain_text("BOOK-1")
    picture("request")

    # → lose the next answer by a fault → retry with the same key → see it was not booked twice
    go("faults")
    page.get_by_label("Operation", exact=True).select_option("book_class")
    page.get_by_role("button", name="Next answer gets lost").click()
    expect(page.locator("tbody tr")).to_contain_text("armed")
    picture("faults")
    asked = {"class_instance_id": "ci_yoga_open", **ADA}
    assert terminal.post("/bookings/class", asked, "second-seat").returncode == 52  # an empty reply
    again = terminal.post("/bookings/class", asked, "second-seat")
    booking = json.loads(again.stdout)["booking_id"]
    go("requests")
    expect(rows(page).nth(0)).to_contain_text("Replayed")
    expect(rows(page).nth(1)).to_contain_text("Lost")
    rows(page).nth(1).click()
    expect(page.locator(".strip.fault")).to_be_visible()
    picture("journal")
    go("clients/client_ada")
    expect(page.locator(".timeline").get_by_text(booking)).to_have_count(1)
    expect(page.locator(".moment:not(.now)")).to_have_count(2)

    # → advance a day → booking completed
    go("clock")
    page.get_by_role("button", name="+1 day").click()
    said(page, "Wed, 20 May 2026")
    picture("clock")
    go("clients/client_ada")
    expect(page.locator(".moment.completed")).to_have_count(1)
    picture("client")

    # → load `low_credits` → be refused → buy → succeed
    go("scenarios")
    page.locator("[data-search]").fill("low_credits")
    page.get_by_role("button", name="Load low_credits", exact=True).click()
    said(page, "in the situation low_credits")
    picture("scenarios")
    workshop = {"class_instance_id": "ci_workshop_open", **CHIDI}
    refused = terminal.post("/bookings/class", workshop, "workshop")
    assert '"code":"validation_error"' in refused.stdout
    bought = {"client_id": "client_low_credits", "package_id": "cpkg_10_plus_2"}
    assert '"balance":14' in terminal.post("/credit_purchases", bought, "top-up").stdout
    assert '"booking_id"' in terminal.post("/bookings/class", workshop, "workshop").stdout
    go("requests")
    expect(rows(page).nth(0)).to_contain_text("201 OK")
    expect(rows(page).nth(2)).to_contain_text("400 Refused")
    rows(page).nth(2).click()
    expect(page.locator(".journal-detail")).to_contain_text("What to do:")
    picture("refusal")
    go("clients/client_low_credits")
    expect(page.locator(".balance")).to_contain_text("9")


def test_the_pictures_of_reference_and_night(house, town, open_page, pictures):
    page = open_page(f"{house.url}/_sandbox/reference#book_class")
    expect(page.locator(".opblock.is-open")).to_be_visible(timeout=45_000)
    page.screenshot(path=pictures / "reference.png")
    for path in ("/classes", "/nowhere", "/passes", "/providers?limit=0"):
        town.line.get(path)
    night = open_page(town.place("requests"), theme="dark")
    rows(night).first.click()
    expect(night.locator(".journal-detail h2").first).to_be_visible()
    night.screenshot(path=pictures / "night.png")
    phone = open_page(town.place("clients/client_ada"), theme="dark", width=375, height=760)
    expect(phone.locator(".balance")).to_be_visible()
    phone.screenshot(path=pictures / "phone.png")
    assert all((pictures / f"{name}.png").stat().st_size > 10_000 for name in ("reference", "night", "phone"))
