"""The console as a person uses it: what is where, and how one gets there."""

import os
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.running import Line

CONSOLE = "/_sandbox/console"
ADA = {
    "client_id": "client_ada",
    "first_name": "Ada",
    "last_name": "Okafor",
    "user_pass_id": "brgpass_ada",
}


@dataclass(frozen=True, slots=True)
class Town:
    """A world, how to speak to its API, and where the console shows it."""

    url: str
    world: str
    key: str
    line: Line

    def place(self, view: str) -> str:
        return place_of(self.url, view, self.world)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.line.ask(method, f"/_sandbox/worlds/{self.world}{path}", body)
        assert answer.status < 400, answer.raw
        return answer.body


def slack() -> float:
    """How much longer everything takes because others use the machine as well; 1 where nobody does."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def place_of(url: str, view: str, world: str = "default") -> str:
    return f"{url}{CONSOLE}#/{world}/{view}"


def rows(page: Page) -> Locator:
    return page.locator(".journal li a")


def book(line: Line, instance: str = "ci_yoga_open", **headers: str) -> str:
    """The booking's id."""
    answer = line.post("/bookings/class", {"class_instance_id": instance, **ADA}, **headers)
    assert answer.status == 201, answer.raw
    booking: str = answer.body["booking_id"]
    return booking


def said(page: Page, text: str) -> None:
    """A word in passing."""
    expect(page.locator(".toast", has_text=text).last).to_be_visible()


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def confirm(page: Page, button: str) -> None:
    page.locator("dialog").get_by_role("button", name=button, exact=True).click()
