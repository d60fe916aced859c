"""The world as people think of it: clients, the week, providers."""

from playwright.sync_api import Route, expect

from tests.browser.console import book, confirm, said


def test_a_clients_page_shows_all_she_has(town, open_page):
    line = town.line
    booking = book(line)
    asked = {"client_id": "client_ada", "provider_id": "prov_fitzone"}
    code = line.post("/access-codes", asked).body["access_code"]
    line.post("/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_90_days"})
    page = open_page(town.place("clients/client_ada"))
    passes = page.locator(".card", has=page.get_by_role("heading", name="Passes"))
    expect(passes).to_contain_text("1 visit used, no limit")
    credits_ = page.locator(".card", has=page.get_by_role("heading", name="Credits"))
    expect(credits_.locator(".balance")).to_contain_text("75")
    expect(credits_).to_contain_text("25 of 25")
    expect(credits_).to_contain_text("Ledger, 2 lines")
    bookings = page.locator(".timeline")
    expect(bookings).to_contain_text(booking)
    expect(bookings).to_contain_text("Now, ")
    shown = page.get_by_role("img", name=f"QR code of {code}")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.naturalWidth") > 20, "the image of the code could not be shown"


def test_her_page_follows_what_happens(town, open_page):
    page = open_page(town.place("clients/client_ada"))
    expect(page.get_by_text("No bookings")).to_be_visible()
    book(town.line)
    expect(page.locator(".timeline")).to_contain_text("pending")
    town.control("POST", "/clock", {"advance": "P6D"})
    expect(page.locator(".timeline")).to_contain_text("completed")


def test_a_lookup_code_is_read_off_her_phone(town, open_page):
    asked = {"issuer_id": "iss_partner", "client_id": "client_partner"}
    assert town.line.post("/lookups", asked).status == 201
    page = open_page(town.place("clients/client_partner"))
    expect(page.locator(".messages")).to_contain_text("code")
    expect(page.locator(".card", has_text="Lookups")).to_contain_text("pending")


def test_credits_are_given_at_the_desk_with_a_reason(town, open_page):
    page = open_page(town.place("clients/client_no_credits"))
    page.get_by_role("button", name="Give or take").click()
    page.get_by_label("How many").fill("7")
    page.get_by_label("Reason").fill("The shower was cold")
    confirm(page, "Adjust")
    said(page, "The balance is 7")
    expect(page.locator(".balance")).to_contain_text("7")
    expect(page.get_by_role("region", name="Ledger, newest first")).to_contain_text("The shower was cold")


def test_the_directory_finds_by_name_and_opens_by_keyboard(town, open_page):
    page = open_page(town.place("clients"))
    expect(page.get_by_role("region", name="Clients, newest first")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("okafor")
    expect(page.get_by_role("link", name="Ada Okafor")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Okafor")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Clients", level=1)).to_be_visible()


def test_the_week_shows_the_seats_that_are_left(town, open_page):
    page = open_page(town.place("week"))
    page.get_by_label("Only the cast").check()
    last = page.locator("[data-key=ci_yoga_last_seat]")
    expect(last).to_contain_text("1 of 20 left")
    expect(page.locator("[data-key=ci_yoga_full]")).to_contain_text("full")
    book(town.line, "ci_yoga_last_seat")
    expect(last).to_contain_text("full")
    last.click()
    expect(page.get_by_role("dialog")).to_contain_text("client_ada")


def test_the_studio_cancels_a_session_and_everything_returns(town, open_page):
    book(town.line)
    page = open_page(town.place("week"))
    page.get_by_label("Only the cast").check()
    page.locator("[data-key=ci_yoga_open]").click()
    page.get_by_label("Cancel this session").check()
    confirm(page, "Change it")
    said(page, "Cancelled")
    expect(page.locator("[data-key=ci_yoga_open]")).to_contain_text("cancelled")
    page.goto(town.place("clients/client_ada"))
    expect(page.locator(".timeline")).to_contain_text("Returned: 1 visit")


def test_a_provider_says_what_covers_it_and_why(town, open_page):
    page = open_page(town.place("providers"))
    page.locator("[data-search]").fill("prov_ironhouse")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Premium")
    expect(row).to_contain_text("Each has a GYM category with tier PREMIUM")
    expect(row).to_contain_text("Else a co-pay from its options")
    page.locator("[data-search]").fill("prov_members_only")
    expect(row).to_contain_text("Nothing else opens it")


def test_the_cast_is_told_from_the_crowd(town, open_page):
    asked = {
        "pass_id": "pass_premium",
        "client_id": "client_mine",
        "first_name": "Kemi",
        "last_name": "Bello",
    }
    town.line.post("/issued_passes", asked)
    page = open_page(town.place("clients"))
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_label("Only the cast, and yours").check()
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.locator("tbody")).to_contain_text("client_mine")
    expect(page.locator("tbody")).to_contain_text("client_partner")


def test_a_filter_holds_although_news_come_before_its_answer(town, open_page):
    page = open_page(town.place("providers"))
    rows = page.locator("tbody tr")
    expect(rows.nth(10)).to_be_visible()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/providers?*", hold_the_first)
    page.get_by_label("Category and tier").select_option("SPA PREMIUM")
    with page.expect_response("**/providers?*"):  # what is asked because of the booking
        book(town.line)
    held[0].continue_()
    for kind in ("GYM", "STANDARD"):
        expect(rows.filter(has_text=kind)).to_have_count(0)
    expect(rows.first).to_contain_text("SPA")
