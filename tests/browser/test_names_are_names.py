"""A client called `<script>alert(1)</script>` is a client with an odd name, everywhere."""

from playwright.sync_api import Page, expect

from tests.browser.console import Town, confirm, rows

NAME = "<script>alert(1)</script>"
EVIL = '"><img src=x onerror=alert(1)>'


def move_in(town: Town) -> None:
    asked = {"pass_id": "pass_premium", "client_id": "client_odd", "first_name": NAME, "last_name": EVIL}
    issued = town.line.post("/issued_passes", asked)
    assert issued.status == 201
    booking = {"class_instance_id": "ci_yoga_open", "user_pass_id": issued.body["id"]}
    names = {key: asked[key] for key in ("client_id", "first_name", "last_name")}
    assert town.line.post("/bookings/class", booking | names).status == 201
    scanned = {"client_id": "client_odd", "provider_id": "prov_fitzone"}
    assert town.line.post("/access-codes", scanned).status == 201
    town.control("POST", "/clients/client_odd/credits/adjust", {"amount": 5, "reason": NAME + EVIL})
    package = {"name": NAME, "credits": 1, "amount": 0, "why": EVIL}
    town.control("POST", "/credit-packages", package)
    town.line.get(f"/clients/{NAME.replace('/', '%2F')}/credits")


def is_only_text(page: Page) -> None:
    """It is on the page, and none of it became an element."""
    expect(page.get_by_text(NAME).first).to_be_visible()
    assert page.locator("main img[src='x'], main script").count() == 0


def test_in_the_directory_and_in_her_dossier(town, open_page):
    move_in(town)
    page = open_page(town.place("clients"))
    page.locator("[data-search]").fill("<script>")
    is_only_text(page)
    page.get_by_role("link", name=f"{NAME} {EVIL}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{NAME} {EVIL}")
    expect(page.locator(".card", has_text="Ledger")).to_contain_text(NAME)
    is_only_text(page)


def test_in_the_journal(town, open_page):
    move_in(town)
    page = open_page(town.place("requests"))
    page.get_by_label("Operation").select_option("issue_pass")
    rows(page).first.click()
    expect(page.locator(".journal-detail .json").first).to_contain_text(NAME)
    expect(page.locator(".journal-detail .diff").first).to_be_visible()
    is_only_text(page)


def test_at_the_desk_and_in_a_scenario(town, open_page):
    move_in(town)
    page = open_page(town.place("desk"))
    is_only_text(page)
    page.goto(town.place("requests"))
    page.get_by_role("button", name="Save as scenario").click()
    page.get_by_label("Title").fill(NAME)
    confirm(page, "Make it")
    expect(page.locator("dialog pre")).to_contain_text(NAME)
    assert page.locator("dialog script, dialog img").count() == 0


def test_in_the_name_of_a_world(house, open_page, watch):
    watch.expected = ("404",)
    page = open_page(f"{house.url}/_sandbox/console#/{NAME.replace('/', '%2F')}/requests")
    expect(page.locator("#notice")).to_contain_text(NAME)
