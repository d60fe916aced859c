"""The operations on providers, over the whole journey: cast and crowd, every answer on the document."""

from typing import Any

import pytest

from tests.api.in_process import NOON, Desk

IKEJA = "lat=6.6018&lon=3.3515"


def walk(desk: Desk, path: str, query: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """All pages of a list, by starting_after."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = desk.ask("GET", f"{path}?limit={limit}&{query}{after}".rstrip("&?"))
        assert page.status == 200, page.body
        found += page.body["data"]
        if not page.body["has_more"]:
            return found
        after = ("&" if query else "") + f"starting_after={found[-1]['id']}"


def test_all_providers_are_listed_once_the_cast_first(desk: Desk) -> None:
    found = walk(desk, "/providers")
    assert [one["id"] for one in found[:6]] == [
        "prov_creditgym",
        "prov_fitzone",
        "prov_ironhouse",
        "prov_luxe",
        "prov_members_only",
        "prov_zen",
    ]
    assert len(found) == len({one["id"] for one in found}) == 126
    assert all(one["distance_km"] is None for one in found)
    created = [one["created"] for one in found]
    assert created == sorted(created, reverse=True)


def test_the_nearest_come_first_on_every_page(desk: Desk) -> None:
    found = walk(desk, "/providers", IKEJA, limit=17)
    order = [(one["distance_km"], one["id"]) for one in found]
    assert order == sorted(order)
    assert len(found) == 126
    assert order[0][0] < 3 < 500 < order[-1][0]


def test_pages_walk_back_over_the_same_providers(desk: Desk) -> None:
    forward = [one["id"] for one in walk(desk, "/providers", IKEJA, limit=40)]
    page = desk.ask("GET", f"/providers?{IKEJA}&limit=100&ending_before={forward[100]}").body
    assert [one["id"] for one in page["data"]] == forward[:100]
    assert page["has_more"] is False
    page = desk.ask("GET", f"/providers?{IKEJA}&limit=10&ending_before={forward[100]}").body
    assert [one["id"] for one in page["data"]] == forward[90:100]
    assert page["has_more"] is True


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [("category=SPA", "category", "SPA"), ("tier=PREMIUM", "tier", "PREMIUM"), ("city=Kano", "city", "Kano")],
)
def test_filters_keep_what_fits(desk: Desk, query: str, field: str, value: str) -> None:
    everyone = walk(desk, "/providers")
    fitting = [one["id"] for one in everyone if one[field] == value]
    assert 0 < len(fitting) < len(everyone)
    assert [one["id"] for one in walk(desk, "/providers", query, limit=7)] == fitting


def test_a_city_nobody_lives_in_is_an_empty_list(desk: Desk) -> None:
    page = desk.ask("GET", "/providers?city=Atlantis")
    assert (page.status, page.body["data"], page.body["has_more"]) == (200, [], False)


def test_a_cursor_outlives_its_filter(desk: Desk) -> None:
    gym_as_cursor = desk.ask("GET", "/providers?category=SPA&limit=1&starting_after=prov_fitzone")
    assert [one["id"] for one in gym_as_cursor.body["data"]] == ["prov_luxe"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("lat=6.5", "lon"),
        ("lon=3.4", "lat"),
        ("lat=91&lon=3", "lat"),
        ("lat=6&lon=181", "lon"),
        ("category=gym", "category"),
        ("tier=GOLD", "tier"),
        ("starting_after=prov_nothing", "starting_after"),
        ("page=2", "page"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_name(desk: Desk, query: str, says: str) -> None:
    refused = desk.ask("GET", f"/providers?{query}")
    assert (refused.status, refused.code) == (400, "validation_error")
    assert says in refused.message


@pytest.mark.parametrize("package", ["pass_premium", "pass_standard", "pass_spa"])
def test_the_covered_are_as_many_as_the_package_counts(desk: Desk, package: str) -> None:
    counts = {one["id"]: one["provider_count"] for one in walk(desk, "/passes")}
    covered = walk(desk, f"/passes/{package}/providers")
    assert len(covered) == counts[package] > 0


def test_an_issued_pass_lists_what_its_package_does(desk: Desk) -> None:
    of_package = walk(desk, "/passes/pass_standard/providers", IKEJA)
    assert walk(desk, "/passes/brgpass_standard/providers", IKEJA) == of_package
    assert {(one["category"], one["tier"]) for one in of_package} == {("GYM", "STANDARD")}


def test_what_a_pass_does_not_cover_is_no_cursor_of_its_list(desk: Desk) -> None:
    refused = desk.ask("GET", "/passes/pass_standard/providers?starting_after=prov_zen")
    assert (refused.status, refused.code) == (400, "validation_error")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/passes/pass_nothing/providers", 404, "pass_not_found"),
        ("/passes/brgpass_partner/providers", 403, "permission_denied"),
        ("/providers/prov_nothing", 404, "resource_not_found"),
        ("/providers/client_ada", 404, "resource_not_found"),
        ("/providers/prov_nothing/services", 404, "resource_not_found"),
        ("/providers/prov_nothing/availability?date=2026-09-22", 404, "resource_not_found"),
        (
            "/providers/prov_zen/availability?date=2026-09-22&service_ids=svc_nothing",
            404,
            "resource_not_found",
        ),
        (
            "/providers/prov_zen/availability?date=2026-09-22&service_ids=svc_luxe_ritual",
            400,
            "validation_error",
        ),
        (
            "/providers/prov_zen/availability?date=2026-09-22&service_ids=svc_facial,svc_facial",
            400,
            "validation_error",
        ),
        ("/providers/prov_fitzone/availability?date=2026-09-22", 400, "validation_error"),
        ("/providers/prov_zen/availability", 400, "validation_error"),
        ("/providers/prov_zen/availability?date=2026-02-30", 400, "validation_error"),
        ("/providers/prov_zen/availability?date=22-09-2026", 400, "validation_error"),
    ],
)
def test_what_is_not_there_or_does_not_fit_is_refused(desk: Desk, path: str, status: int, code: str) -> None:
    refused = desk.ask("GET", path)
    assert (refused.status, refused.code) == (status, code), refused.body


def test_a_gym_is_shown_with_all_its_fields(desk: Desk) -> None:
    found = desk.ask("GET", "/providers/prov_creditgym").body
    assert found | {"created": 0} == {
        "object": "provider",
        "id": "prov_creditgym",
        "name": "Creditgym Yaba",
        "category": "GYM",
        "tier": "STANDARD",
        "address": "112 Herbert Macaulay Way, Yaba",
        "city": "Lagos",
        "country": "Nigeria",
        "lat": 6.5095,
        "lon": 3.3711,
        "distance_km": None,
        "copay_available": False,
        "accepts_credits": True,
        "check_in_credit_cost": 3,
        "created": 0,
    }


def test_a_spa_is_shown_with_its_services(desk: Desk) -> None:
    found = desk.ask("GET", "/providers/prov_zen").body
    assert found["copay_available"] is True
    assert found["services"] == [
        {
            "id": "svc_facial",
            "name": "Hydrating Facial",
            "duration_minutes": 45,
            "price": 1_800_000,
            "credit_cost": None,
        },
        {
            "id": "svc_massage",
            "name": "Deep Tissue Massage",
            "duration_minutes": 60,
            "price": 2_500_000,
            "credit_cost": None,
        },
    ]


def test_the_list_and_the_single_view_agree(desk: Desk) -> None:
    for listed in walk(desk, "/providers"):
        shown = desk.ask("GET", f"/providers/{listed['id']}").body
        shown.pop("services", None)
        assert shown == listed


def test_services_are_listed_in_full_and_a_gym_has_none(desk: Desk) -> None:
    spa = desk.ask("GET", "/providers/prov_luxe/services").body
    assert [(one["id"], one["credit_cost"], one["provider_id"]) for one in spa["data"]] == [
        ("svc_luxe_ritual", 10, "prov_luxe")
    ]
    assert spa["has_more"] is False
    gym = desk.ask("GET", "/providers/prov_fitzone/services")
    assert (gym.status, gym.body["data"]) == (200, [])
    assert desk.ask("GET", "/providers/prov_luxe/services?limit=1").status == 400


def test_slots_run_every_half_hour_until_the_services_end_by_closing(desk: Desk) -> None:
    path = "/providers/prov_zen/availability?date=2026-09-22"
    shortest = desk.ask("GET", path).body["slots"]
    assert (shortest[0]["time"], shortest[-1]["time"], len(shortest)) == ("09:00", "20:00", 23)
    both = desk.ask("GET", f"{path}&service_ids=svc_facial,svc_massage").body["slots"]
    assert (both[0]["time"], both[-1]["time"]) == ("09:00", "19:00")
    assert all(slot["available"] for slot in both)
    assert both[1]["scheduled_for"] - both[0]["scheduled_for"] == 1800


def test_nothing_is_available_in_the_past(desk: Desk) -> None:
    past = desk.ask("GET", "/providers/prov_zen/availability?date=2020-01-01")
    assert past.status == 200
    assert not any(slot["available"] for slot in past.body["slots"])
    today = desk.ask("GET", "/providers/prov_zen/availability?date=2026-09-21").body["slots"]
    assert [slot["available"] for slot in today] == [slot["scheduled_for"] * 1000 > NOON for slot in today]
    assert any(slot["available"] for slot in today)
