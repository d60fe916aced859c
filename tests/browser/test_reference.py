"""The API reference: what is known of each part, what to do about an error, and calls that really happen."""

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 45_000  # ms; the renderer reads a document of a quarter of a megabyte


def opened(page: Page, operation: str) -> Page:
    expect(page.locator(f"[id$=-{operation}].is-open")).to_be_visible(timeout=PATIENCE)
    return page


def test_every_operation_and_every_field_says_where_it_is_from(house, open_page):
    page = opened(open_page(f"{house.url}/_sandbox/reference#get_client_credits"), "get_client_credits")
    expect(page.locator(".opblock")).to_have_count(35)
    expect(page.locator(".opblock-summary .provenance")).to_have_count(35)
    here = page.locator(".opblock.is-open")
    here.locator("[data-name=model]").first.click()
    field = here.locator(".json-schema-2020-12-property", has_text="balance").first
    expect(field.locator(".provenance").first).to_have_text("sampled")
    expect(here.locator(".response-col_description .provenance").first).to_be_visible()


def test_an_error_and_a_rule_are_explained_where_they_are_named(house, open_page):
    page = opened(open_page(f"{house.url}/_sandbox/reference#book_class"), "book_class")
    kept = page.locator(".opblock.is-open .kept")
    kept.get_by_role("link", name="class_full").click()
    expect(page.locator("#error-class_full")).to_be_in_viewport()
    expect(page.locator("#error-class_full")).to_contain_text("What to do:")
    kept.get_by_role("link", name="BOOK-7", exact=True).click()
    expect(page.locator("#rule-BOOK-7")).to_contain_text("Too few credits are refused")
    expect(page.locator("#rule-BOOK-7 li").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_call_is_made_with_the_key_that_was_filled_in(town, open_page, theme):
    page = opened(open_page(f"{town.url}/_sandbox/reference#list_classes", theme=theme), "list_classes")
    page.get_by_label("Try it as").select_option(label=f"demo, world {town.world}")
    page.locator(".opblock.is-open .execute").click()
    answer = page.locator(".live-responses-table .response")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"object": "list"')
    journal = town.control("GET", "/requests")["data"]
    assert [one["operation"] for one in journal] == ["list_classes"]
    assert journal[0]["caller"] == "demo"
