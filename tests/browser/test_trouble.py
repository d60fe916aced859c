"""The server goes away and comes back; a token is asked for once; a door that is shut says so."""

from playwright.sync_api import expect

from tests.browser.console import CONSOLE, book, rows
from tests.running import RunningSandbox

TOKEN = "open-sesame-for-tests"


def test_a_server_that_went_away_is_noticed_and_waited_for(open_page, watch, tmp_path):
    watch.expected = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with RunningSandbox(database) as first:
        line = first.line()
        book(line)
        line.close()
        page = open_page(f"{first.url}{CONSOLE}#/default/requests")
        expect(rows(page)).to_have_count(1)
        port = int(first.url.rpartition(":")[2])
    expect(page.locator("#notice")).to_contain_text("does not answer")
    with RunningSandbox(database, port=port) as again:
        expect(page.locator("#notice")).to_be_hidden(timeout=20_000)
        line = again.line()
        line.get("/classes")
        line.close()
        expect(rows(page).first).to_contain_text("list_classes")


def test_a_token_is_asked_for_once_and_kept_for_the_tab(open_page, watch):
    watch.expected = ("401",)
    with RunningSandbox("sqlite://", 1, "--control-token", TOKEN) as guarded:
        page = open_page(f"{guarded.url}{CONSOLE}#/default/clients")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_have_count(1)
        dialog.get_by_label("Control token").fill("wrong")
        dialog.get_by_role("button", name="Open the console").click()
        dialog.get_by_label("Control token").fill(TOKEN)
        dialog.get_by_role("button", name="Open the console").click()
        expect(page.get_by_role("region", name="Clients, newest first")).to_be_visible()
        page.reload()
        expect(page.get_by_role("region", name="Clients, newest first")).to_be_visible()
        expect(dialog).to_have_count(0)
        page.goto(guarded.url)
        expect(page.locator(".refusal")).to_contain_text("control token")
        expect(page.locator("#list-curl")).to_contain_text("sk_sandbox_demo")


def test_a_control_api_that_is_off_is_told_in_its_own_words(open_page, watch):
    watch.expected = ("403",)
    with RunningSandbox("sqlite://", 1, "--host", "0.0.0.0") as open_to_all:
        url = open_to_all.url.replace("0.0.0.0", "127.0.0.1")
        page = open_page(f"{url}{CONSOLE}#/default/requests")
        expect(page.locator("#notice")).to_contain_text("The control API is off")
        page.goto(url)
        expect(page.locator(".refusal")).to_contain_text("The control API is off")
