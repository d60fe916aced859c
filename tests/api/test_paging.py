"""PAGE-1 to PAGE-10, through the gateway: on a shelf (packages) and on a list in hand (providers)."""

from itertools import chain

import pytest
from msgspec.structs import replace

from sandbox.domain.records import CreditPackage
from tests.api.in_process import BASE, Desk


def packages(desk: Desk, n: int) -> list[str]:
    """`n` further credit packages, made one after another; their ids, newest first."""
    below = desk.world().find(CreditPackage, "cpkg_50")
    now = desk.world().now
    made = [replace(below, id=f"cpkg_{i:03}", created=now + i // 3, nth=i + 1) for i in range(n)]
    desk.put(*made)
    return [one.id for one in reversed(made)]


def ids(answer) -> list[str]:
    return [item["id"] for item in answer.body["data"]]


def test_the_envelope_names_the_list_without_the_query(desk):
    body = desk.get("/credit_packages?limit=2").body
    assert (body["object"], body["url"]) == ("list", BASE + "/credit_packages")
    assert isinstance(body["has_more"], bool)
    assert isinstance(body["message"], str)


def test_ten_if_nothing_is_said(desk):
    packages(desk, 15)
    answer = desk.get("/credit_packages")
    assert len(answer.body["data"]) == 10
    assert answer.body["has_more"] is True


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "%2B5", "5&limit=6", "1e1", "٥"])
def test_a_limit_out_of_range_is_refused_and_never_clamped(desk, limit):
    answer = desk.get(f"/credit_packages?limit={limit}")
    assert (answer.status, answer.code) == (400, "validation_error")
    assert "limit" in answer.message


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_following_the_cursor_yields_each_once_and_walks_back_over_the_same(desk, limit):
    made = packages(desk, 20)
    whole = ids(desk.get("/credit_packages?limit=100"))
    assert whole[:20] == made
    forward, after = [], ""
    while True:
        page = desk.get(f"/credit_packages?limit={limit}{after}")
        forward.append(ids(page))
        if not page.body["has_more"]:
            break
        after = f"&starting_after={forward[-1][-1]}"
    assert list(chain.from_iterable(forward)) == whole
    backward, before = [], whole[-1]
    while True:
        page = desk.get(f"/credit_packages?limit={limit}&ending_before={before}")
        backward = ids(page) + backward
        if not page.body["has_more"]:
            break
        before = backward[0]
    assert backward == whole[:-1]


def test_the_page_before_a_cursor_ends_just_before_it(desk):
    made = packages(desk, 10)
    answer = desk.get(f"/credit_packages?limit=3&ending_before={made[6]}")
    assert ids(answer) == made[3:6]
    assert answer.body["has_more"] is True
    assert desk.get(f"/credit_packages?limit=3&ending_before={made[3]}").body["has_more"] is False


def test_both_cursors_or_an_unknown_one_are_refused(desk):
    first, second = packages(desk, 2)
    both = desk.get(f"/credit_packages?starting_after={first}&ending_before={second}")
    unknown = desk.get("/credit_packages?starting_after=cpkg_nothing")
    other_list = desk.get("/credit_packages?starting_after=pass_premium")
    assert [answer.code for answer in (both, unknown, other_list)] == ["validation_error"] * 3
    assert "starting_after" in unknown.message


def test_pages_stay_right_while_items_come_and_go(desk):
    made = packages(desk, 9)
    first = ids(desk.get("/credit_packages?limit=3"))
    newest = replace(desk.world().find(CreditPackage, made[0]), id="cpkg_later", nth=99)
    withdrawn = replace(desk.world().find(CreditPackage, first[-1]), state="ARCHIVED")
    desk.put(newest, withdrawn)
    second = ids(desk.get(f"/credit_packages?limit=3&starting_after={first[-1]}"))
    assert second == made[3:6]


def walk(desk: Desk, path: str) -> list[dict]:
    page, items = desk.get(path), []
    while True:
        items += page.body["data"]
        if not page.body["has_more"]:
            return items
        page = desk.get(f"{path}&starting_after={items[-1]['id']}")


def test_nearness_is_an_order_that_pages_keep(desk):
    near = "/providers?lat=6.45&lon=3.4"
    items = walk(desk, f"{near}&limit=100")
    assert [(one["distance_km"], one["id"]) for one in items] == sorted(
        (one["distance_km"], one["id"]) for one in items
    )
    assert walk(desk, f"{near}&limit=7") == items
    assert len(items) > 100


def test_half_a_place_is_refused(desk):
    assert desk.get("/providers?lat=6.45").code == "validation_error"
    assert desk.get("/providers?lat=91&lon=3").code == "validation_error"


def test_an_unpaged_list_takes_no_page_parameters(desk):
    assert desk.get("/class_categories").status == 200
    assert desk.get("/class_categories?limit=5").code == "validation_error"
