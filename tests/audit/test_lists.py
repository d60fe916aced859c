"""PAGE-1 to PAGE-11 on every list there is."""

from typing import Any

import pytest

from sandbox.domain.providers import Point, distance_km
from sandbox.domain.records import CreditPackage, Provider
from tests.api.in_process import BASE
from tests.audit.counter import Counter, refused

HERE = "lat=6.5&lon=3.4"
PAGED = [
    "/passes",
    "/passes/pass_premium/providers",
    f"/passes/brgpass_ada/providers?{HERE}",
    "/providers",
    f"/providers?{HERE}",
    "/providers?category=SPA&tier=PREMIUM",
    "/providers/prov_ironhouse/gym-copay-options",
    "/issuers",
    "/classes",
    f"/classes?{HERE}",
    "/clients/client_ada/bookings",
    "/clients/client_ada/bookings?status=PENDING&type=class",
    "/credit_packages",
]
WHOLE = ["/class_categories", "/providers/prov_zen/services"]


def joined(path: str, more: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{more}"


def page(desk: Counter, path: str, more: str) -> dict[str, Any]:
    told = desk.get(joined(path, more))
    assert told.status == 200, told.body
    return told.body


def ids(body: dict[str, Any]) -> list[str]:
    return [one["id"] for one in body["data"]]


def walk(desk: Counter, path: str, limit: int, way: str = "starting_after", cursor: str = "") -> list[str]:
    """All the ids from one end of the list, or from a cursor, to the other end."""
    found: list[str] = []
    while True:
        body = page(desk, path, f"limit={limit}" + (f"&{way}={cursor}" if cursor else ""))
        assert len(body["data"]) <= limit
        found = found + ids(body) if way == "starting_after" else ids(body) + found
        if not body["has_more"]:
            return found
        assert len(body["data"]) == limit
        cursor = found[-1] if way == "starting_after" else found[0]


@pytest.fixture
def busy(desk: Counter) -> Counter:
    """Ada has five bookings of one frozen moment, one of them cancelled."""
    for instance in ("ci_yoga_open", "ci_yoga_last_seat", "ci_hiit_open", "ci_members_open"):
        desk.booked(instance, "ada")
    desk.cancel(desk.booked("ci_workshop_open", "ada"))
    return desk


@pytest.mark.parametrize("path", PAGED)
def test_following_either_cursor_yields_each_item_once_in_one_order(busy: Counter, path: str) -> None:
    whole = walk(busy, path, 100)
    assert len(set(whole)) == len(whole) > 0
    limit = min(max(len(whole) // 3, 1), 100)
    assert walk(busy, path, limit) == whole
    assert walk(busy, path, limit, "ending_before", whole[-1]) == whole[:-1]


@pytest.mark.parametrize("path", PAGED + WHOLE)
def test_a_list_says_where_it_is(busy: Counter, path: str) -> None:
    body = busy.get(path).body
    assert set(body) == {"object", "data", "has_more", "url", "message"}
    assert (body["object"], body["url"]) == ("list", BASE + path.partition("?")[0])
    assert len(body["data"]) <= 10 or path in WHOLE


@pytest.mark.parametrize("path", WHOLE)
@pytest.mark.parametrize("parameter", ["limit=1", "starting_after=x"])
def test_a_list_that_is_not_paged_takes_no_page_parameters(desk: Counter, path: str, parameter: str) -> None:
    assert refused(desk.get(joined(path, parameter)), 400, "validation_error")


@pytest.mark.parametrize("path", PAGED)
@pytest.mark.parametrize(
    "wrong", ["limit=0", "limit=101", "starting_after=booking_x", "limit=1&limit=1", "page=2"]
)
def test_a_parameter_that_does_not_fit_is_refused(desk: Counter, path: str, wrong: str) -> None:
    assert refused(desk.get(joined(path, wrong)), 400, "validation_error")


def test_of_one_moment_what_was_made_later_comes_first(busy: Counter) -> None:
    named = [one["class_name"] for one in busy.get("/clients/client_ada/bookings").body["data"]]
    assert len({one["created"] for one in busy.get("/clients/client_ada/bookings").body["data"]}) == 1
    assert [name for name in named if "Yoga" in name] == named[3:]


def test_a_cursor_that_left_the_filter_still_works(busy: Counter) -> None:
    path = "/clients/client_ada/bookings"
    pending = walk(busy, f"{path}?status=PENDING", 100)
    busy.cancel(pending[1])
    assert walk(busy, f"{path}?status=PENDING", 100, cursor=pending[1]) == pending[2:]
    assert walk(busy, f"{path}?status=PENDING", 100, "ending_before", pending[1]) == pending[:1]
    assert pending[1] in walk(busy, f"{path}?status=CANCELLED", 100, cursor=walk(busy, path, 100)[0])


def test_a_package_that_was_withdrawn_is_still_a_cursor_and_a_draft_never_was(desk: Counter) -> None:
    whole = walk(desk, "/credit_packages", 100)
    desk.change(CreditPackage, whole[0], state="ARCHIVED")
    assert walk(desk, "/credit_packages", 100, cursor=whole[0]) == whole[1:]
    desk.change(CreditPackage, whole[1], state="DRAFT")
    assert refused(desk.get(f"/credit_packages?starting_after={whole[1]}"), 400, "validation_error")


def test_what_is_added_meanwhile_disturbs_no_walk(busy: Counter) -> None:
    path = "/clients/client_ada/bookings"
    first = ids(page(busy, path, "limit=2"))
    rest = walk(busy, path, 100, cursor=first[-1])
    new = busy.booked("ci_workshop_open", "ada")
    assert walk(busy, path, 2, cursor=first[-1]) == rest
    assert walk(busy, path, 2, "ending_before", first[0]) == [new]


def test_a_provider_the_pass_does_not_cover_is_no_cursor_in_its_list(desk: Counter) -> None:
    path = "/passes/pass_standard/providers"
    assert refused(desk.get(f"{path}?starting_after=prov_ironhouse"), 400, "validation_error")
    assert desk.get(f"{path}?starting_after=prov_fitzone").status == 200


def test_providers_come_nearest_first_and_say_how_far(desk: Counter) -> None:
    shown = desk.get(f"/providers?limit=100&{HERE}").body["data"]
    far = [(one["distance_km"], one["id"]) for one in shown]
    assert far == sorted(far)
    for one in shown[:5]:
        assert one["distance_km"] == distance_km(Point(6.5, 3.4), desk.find(Provider, one["id"]))
    assert desk.get("/providers?limit=1").body["data"][0]["distance_km"] is None


def test_classes_follow_the_nearness_of_their_provider(desk: Counter) -> None:
    shown = desk.get(f"/classes?limit=100&{HERE}").body["data"]
    far = [
        (distance_km(Point(6.5, 3.4), desk.find(Provider, one["provider_id"])), one["id"]) for one in shown
    ]
    assert far == sorted(far)


@pytest.mark.parametrize(
    "path", ["/providers?city=Atlantis", "/classes?category=cat_x", "/classes?provider_id=x"]
)
def test_a_filter_that_names_nothing_gives_an_empty_list(desk: Counter, path: str) -> None:
    told = desk.get(path)
    assert (told.status, told.body["data"], told.body["has_more"]) == (200, [], False)


@pytest.mark.parametrize("path", ["/providers?category=gym", "/clients/client_ada/bookings?status=pending"])
def test_a_filter_outside_its_words_is_refused(desk: Counter, path: str) -> None:
    assert refused(desk.get(path), 400, "validation_error")
