"""Worlds, clock, faults, scenarios, scanner and desk, by hand."""

from playwright.sync_api import expect

from tests.browser.console import ADA, book, confirm, rows, said


def test_the_clock_is_moved_stopped_and_set(town, open_page):
    town.control("POST", "/clock", {"set": "2027-03-04T10:00:00+01:00"})
    page = open_page(town.place("clock"))
    face = page.locator("[data-clock]")
    page.get_by_role("button", name="Stop the clock").click()
    expect(page.get_by_text("standing still")).to_be_visible()
    page.get_by_role("button", name="+1 day").click()
    expect(face).to_contain_text("Fri, 5 Mar 2027, 10:0")
    page.get_by_role("button", name="+1 hour").click()
    expect(face).to_contain_text("11:0")
    page.get_by_role("button", name="End of month").click()
    expect(face).to_have_text("Wed, 31 Mar 2027, 23:59:00")
    page.get_by_label("Any time, in Lagos").fill("2027-06-01T08:30:00")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(face).to_have_text("Tue, 1 Jun 2027, 08:30:00")
    expect(page.locator("#clock")).to_contain_text("Tue, 1 Jun 2027, 08:30:00")
    page.get_by_role("button", name="Let it run").click()
    expect(page.locator(".head").get_by_text("running")).to_be_visible()


def test_what_happens_next_can_be_gone_to(town, open_page):
    book(town.line)
    page = open_page(town.place("clock"))
    confirms = page.locator("tbody tr", has_text="the venue confirms").first
    confirms.get_by_role("button").click()
    said(page, "It is")
    expect(page.locator("tbody tr", has_text="the venue confirms")).to_have_count(0)
    assert town.line.get("/clients/client_ada/bookings").body["data"][0]["status"] == "CONFIRMED"


def test_a_fault_for_one_operation_strikes_once(town, open_page):
    page = open_page(town.place("faults"))
    expect(page.get_by_text("Everything goes right")).to_be_visible()
    page.get_by_label("Operation", exact=True).select_option("list_classes")
    page.get_by_role("button", name="Next call fails").click()
    row = page.locator("tbody tr")
    expect(row).to_contain_text("armed")
    assert town.line.get("/passes").status == 200
    assert town.line.get("/classes").status == 503
    assert town.line.get("/classes").status == 200
    expect(row).to_contain_text("1 of 1 times")
    expect(row).to_contain_text("spent")
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("Everything goes right")).to_be_visible()


def test_a_fault_of_ones_own(town, open_page):
    page = open_page(town.place("faults"))
    page.get_by_text("Your own").click()
    page.get_by_label("Error code").fill("class_full")
    page.get_by_label("Only for client").fill("client_ada")
    page.get_by_role("button", name="Set it").click()
    expect(page.locator("tbody tr")).to_contain_text("only where client_id is client_ada")
    asked = {"class_instance_id": "ci_yoga_open", **ADA}
    assert town.line.post("/bookings/class", asked).code == "class_full"


def test_a_scenario_is_loaded_and_its_steps_are_watched(town, open_page):
    page = open_page(town.place("scenarios"))
    page.locator("[data-search]").fill("low_credits")
    page.get_by_role("button", name="Read low_credits", exact=True).click()
    expect(page.locator("dialog pre")).to_contain_text("title:")
    confirm(page, "Close")
    page.get_by_role("button", name="Load low_credits", exact=True).click()
    said(page, "in the situation low_credits")
    assert town.line.get("/clients/client_low_credits/credits").body["balance"] == 2
    page.get_by_role("button", name="Run low_credits", exact=True).click()
    confirm(page, "Run it")
    expect(page.locator(".verdict")).to_contain_text("All 5 steps passed")
    expect(page.locator(".steps li")).to_have_count(5)
    page.locator(".steps").get_by_role("link", name="request").first.click()
    expect(page.locator(".journal-detail")).to_contain_text("book_class")


def test_a_world_is_made_switched_to_snapshotted_branched_and_dropped(house, open_page):
    page = open_page(f"{house.url}/_sandbox/console#/default/worlds")
    page.get_by_role("button", name="New world").click()
    page.get_by_label("Name").fill("by-hand")
    confirm(page, "Make it")
    said(page, "by-hand is made")
    expect(page.get_by_label("World", exact=True)).to_have_value("by-hand")
    key = page.locator("tr", has_text="shown here").get_by_title("Copy the key of demo").inner_text()
    line = house.line(key)
    page.get_by_role("button", name="Take a snapshot").click()
    page.get_by_label("Name").fill("before")
    confirm(page, "Take it")
    expect(page.locator("tbody tr", has_text="before")).to_be_visible()
    book(line)
    page.get_by_role("button", name="Restore before").click()
    said(page, "by-hand is as it was")
    assert line.get("/clients/client_ada/bookings").body["data"] == []
    book(line)
    page.get_by_role("button", name="Branch from before").click()
    page.get_by_label("Name").fill("branch")
    confirm(page, "Make it")
    expect(page.get_by_label("World", exact=True)).to_have_value("branch")
    for name in ("branch", "by-hand"):
        page.get_by_role("button", name=f"Drop {name}").click()
        confirm(page, "Drop it")
        said(page, f"{name} is gone")
    expect(page.get_by_label("World", exact=True)).to_have_value("default")
    line.close()


def test_a_reset_begins_anew(town, open_page):
    book(town.line)
    page = open_page(town.place("worlds"))
    page.get_by_role("button", name=f"Reset {town.world}").click()
    confirm(page, "Reset")
    said(page, "begins anew")
    assert town.line.get("/clients/client_ada/bookings").body["data"] == []


def test_the_scanner_opens_the_door_once(town, open_page, watch):
    watch.expected = ("409",)
    asked = {"client_id": "client_ada", "provider_id": "prov_fitzone"}
    code = town.line.post("/access-codes", asked).body["access_code"]
    page = open_page(town.place("desk"))
    page.get_by_label("Access code").fill(code)
    page.get_by_role("button", name="Scan").click()
    expect(page.locator(".lamp")).to_contain_text("The door opens")
    page.get_by_role("button", name="Scan").click()
    expect(page.locator(".lamp")).to_contain_text("code_used")


def test_an_account_is_switched_off_and_on(town, open_page):
    page = open_page(town.place("desk"))
    demo = page.get_by_role("region", name="Accounts").locator("tr", has_text="iss_demo")
    demo.get_by_role("button", name="Switch off").click()
    expect(demo).to_contain_text("switched off")
    assert town.line.get("/classes").code == "account_disabled"
    demo.get_by_role("button", name="Enable").click()
    expect(demo).to_contain_text("enabled")
    assert town.line.get("/classes").status == 200


def test_a_credit_package_is_drafted_and_published(town, open_page):
    page = open_page(town.place("desk"))
    page.get_by_role("button", name="Draft one").click()
    page.get_by_label("Name").fill("Rainy season")
    confirm(page, "Draft it")
    drafted = page.locator("tr", has_text="Rainy season")
    expect(drafted).to_contain_text("draft")
    drafted.get_by_role("button").click()
    expect(drafted).to_contain_text("published")
    on_sale = [one["name"] for one in town.line.get("/credit_packages").body["data"]]
    assert "Rainy season" in on_sale


def test_what_was_done_in_the_console_is_not_in_the_journal(town, open_page):
    page = open_page(town.place("clock"))
    page.get_by_role("button", name="+1 hour").click()
    said(page, "It is")
    town.line.get("/classes")
    page.goto(town.place("requests"))
    expect(rows(page)).to_have_count(1)
