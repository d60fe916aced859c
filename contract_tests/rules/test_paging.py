"""Lists: one envelope, whole pages, and a walk that misses nothing while others write."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.api import Answer, Api
from contract_tests.given import Client, Given
from contract_tests.judge import agree, falling, must, requirement, rising
from contract_tests.run import Lab
from contract_tests.verdict import Blocked

SHARED = ("list_providers", "list_classes", "list_passes", "list_credit_packages")
MOST_PAGES = 60


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the target, read page by page."""

    api: Api
    operation: str
    path: tuple[str, ...] = ()
    query: tuple[tuple[str, Any], ...] = ()

    def page(self, **query: Any) -> Answer:
        return self.api.call(self.operation, *self.path, **dict(self.query), **query)

    def forward(self, limit: int) -> Iterator[Answer]:
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = self.page(limit=limit, **after)
            yield page
            if not page["has_more"] or not page.ids:
                return
            after = {"starting_after": page.ids[-1]}

    def backward(self, limit: int, before: str) -> Iterator[Answer]:
        for _ in range(MOST_PAGES):
            page = self.page(limit=limit, ending_before=before)
            yield page
            if not page["has_more"] or not page.ids:
                return
            before = page.ids[0]

    def ids(self, limit: int = 100) -> list[str]:
        return [found for page in self.forward(limit) for found in page.ids]


@dataclass(frozen=True, slots=True)
class Diary:
    """A client with bookings of our own, oldest first."""

    client: Client
    bookings: list[str]
    list: Listing


@pytest.fixture
def diary(api: Api, given: Given) -> Callable[[int], Diary]:
    def keep(count: int) -> Diary:
        client, _ = given.insider()
        fits = _covered_by(client)
        seats = given.seats(fits, count, "that an unlimited gym pass covers")
        bookings = [given.booking(client, seat) for seat in seats]
        return Diary(client, bookings, Listing(api, "list_client_bookings", (client.id,)))

    return keep


def _covered_by(client: Client) -> Callable[[Any], bool]:
    tiers = {tier for c in client.package["categories"] if c["type"] == "GYM" for tier in c["tiers"]}
    return lambda gym: gym["category"] == "GYM" and gym["tier"] in tiers


def long_list(api: Api, more_than: int) -> Listing:
    """Any list with more items than that."""
    for operation in SHARED:
        listing = Listing(api, operation)
        if len(listing.ids()) > more_than:
            return listing
    raise Blocked(f"the target's inventory has no list of more than {more_than} items")


@requirement("PAGE-1.1")
@pytest.mark.parametrize("operation", SHARED)
def test_a_list_comes_in_its_envelope(api: Api, operation: str) -> None:
    answer = api.call(operation)
    body = answer.ok()
    agree("object", body.get("object"), "list", answer)
    must(isinstance(body.get("data"), list), "data to be a list", body.get("data"), answer)
    must(type(body.get("has_more")) is bool, "has_more to be true or false", body.get("has_more"), answer)
    must(isinstance(body.get("url"), str), "url to be a text", body.get("url"), answer)
    must(isinstance(body.get("message"), str), "message to be a text", body.get("message"), answer)


@requirement("PAGE-2.1", "PAGE-2.2", "PAGE-2.3")
def test_limit_says_how_many(api: Api, judging: Any) -> None:
    with judging("PAGE-2.1"):
        listing = long_list(api, 10)
        agree("items without limit", len(listing.page().data), 10)
    with judging("PAGE-2.2"):
        listing = long_list(api, 11)
        for limit in (2, 9, 11):
            page = listing.page(limit=limit)
            agree(f"items with limit {limit}", len(page.data), limit, page)
    with judging("PAGE-2.3"):
        listing = long_list(api, 1)
        agree("items with limit 1", len(listing.page(limit=1).data), 1)
        page = listing.page(limit=100)
        must(1 < len(page.data) <= 100, "up to 100 items", len(page.data), page)


@requirement("PAGE-2.4")
@pytest.mark.parametrize("limit", [0, 101, -1, 1000])
def test_a_limit_out_of_range_is_refused(api: Api, limit: int) -> None:
    api.list_providers(limit=limit).refused(400, "validation_error")
    api.list_passes(limit=limit).refused(400, "validation_error")


@requirement("PAGE-2.5")
@pytest.mark.parametrize("limit", ["ten", "1.5", "null", "true"])
def test_a_limit_that_is_no_integer_is_refused(api: Api, limit: str) -> None:
    api.send("GET", "/providers", query=f"limit={limit}").refused(400, "validation_error")


@requirement("PAGE-3.1", "PAGE-3.2", "PAGE-3.3", "PAGE-6.1", "PAGE-6.2")
def test_cursors_cut_the_list_where_they_say(diary: Callable[[int], Diary], judging: Any) -> None:
    kept = diary(5)
    newest = kept.bookings[::-1]
    with judging("PAGE-3.1"):
        page = kept.list.page(limit=2, starting_after=newest[1])
        agree("the two after the second", page.ids, newest[2:4], page)
        page = kept.list.page(limit=3, starting_after=newest[4])
        agree("what follows the last", page.ids, [], page)
    with judging("PAGE-3.2"):
        page = kept.list.page(limit=2, ending_before=newest[3])
        agree("the two before the fourth", page.ids, newest[1:3], page)
        page = kept.list.page(limit=2, ending_before=newest[0])
        agree("what precedes the first", page.ids, [], page)
    with judging("PAGE-3.3"):
        page = kept.list.page(limit=10, ending_before=newest[4])
        agree("the four before the last", page.ids, newest[:4], page)
        page = kept.list.page(limit=10, starting_after=newest[0])
        agree("the four after the first", page.ids, newest[1:], page)
    with judging("PAGE-6.1"):
        for limit, more in ((4, True), (5, False), (6, False)):
            page = kept.list.page(limit=limit)
            agree(f"has_more of 5 items with limit {limit}", page["has_more"], more, page)
        page = kept.list.page(limit=2, starting_after=newest[2])
        agree("has_more of the last page", page["has_more"], False, page)
    with judging("PAGE-6.2"):
        page = kept.list.page(limit=2, ending_before=newest[3])
        agree("has_more with one item before the page", page["has_more"], True, page)
        page = kept.list.page(limit=3, ending_before=newest[3])
        agree("has_more with nothing before the page", page["has_more"], False, page)


@requirement("PAGE-3.4")
def test_both_cursors_are_refused(api: Api) -> None:
    for operation in SHARED:
        ids = api.call(operation, limit=2).ids
        answer = api.call(operation, starting_after=ids[0], ending_before=ids[-1])
        answer.refused(400, "validation_error")


@requirement("PAGE-4.1", "PAGE-4.2")
def test_a_cursor_that_names_nothing_is_refused(api: Api, given: Given, judging: Any) -> None:
    with judging("PAGE-4.1"):
        for operation in SHARED:
            api.call(operation, starting_after=given.new_id("nobody")).refused(400, "validation_error")
            api.call(operation, ending_before=given.new_id("nobody")).refused(400, "validation_error")
    with judging("PAGE-4.2"):
        package = api.list_passes(limit=1).ids[0]
        api.list_providers(starting_after=package).refused(400, "validation_error")


@requirement("PAGE-5.1", "PAGE-9.1")
def test_the_newest_comes_first(api: Api, diary: Callable[[int], Diary], judging: Any) -> None:
    kept = diary(4)
    with judging("PAGE-5.1"):
        for operation in SHARED:
            page = api.call(operation, limit=100)
            must(
                falling(item.get("created", 0) for item in page.data),
                "created never rising",
                _created(page),
                page,
            )
        page = kept.list.page()
        agree("the newest booking", page.ids[0], kept.bookings[-1], page)
        covered = api.list_pass_providers(kept.client.package["id"], limit=100)
        must(
            falling(item.get("created", 0) for item in covered.data),
            "created never rising",
            _created(covered),
            covered,
        )
    with judging("PAGE-9.1"):
        page = kept.list.page()
        agree("bookings, newest first", page.ids, kept.bookings[::-1], page)


def _created(page: Answer) -> list[Any]:
    return [item.get("created") for item in page.data][:12]


@requirement("PAGE-5.2", "PAGE-5.5", "PAGE-11.2", "PAGE-11.4")
def test_with_a_place_the_nearest_comes_first(api: Api, given: Given, judging: Any) -> None:
    here = given.stock.providers[-1]
    place = (("lat", here["lat"]), ("lon", here["lon"]))
    listing = Listing(api, "list_providers", (), place)
    nearest = [item for page in listing.forward(100) for item in page.data]
    with judging("PAGE-5.2"):
        away = [_kilometres(here, item) for item in nearest]
        must(rising(round(km, 1) for km in away), "distances never falling", away[:12])
        must(away[0] < 0.01, "the provider at that place first", nearest[0])
    with judging("PAGE-5.5"):
        agree("pages of 7", [i for page in listing.forward(7) for i in page.ids], [i["id"] for i in nearest])
        package = given.ample("GYM")["id"]
        covered = Listing(api, "list_pass_providers", (package,), place)
        away = [_kilometres(here, item) for page in covered.forward(9) for item in page.data]
        must(rising(round(km, 1) for km in away), "distances never falling", away[:12])
    with judging("PAGE-11.4"):
        told_of_all = {item["id"]: item["distance_km"] for item in nearest}
        shown = api.list_pass_providers(given.ample("GYM")["id"], lat=here["lat"], lon=here["lon"], limit=5)
        told = {item["id"]: item["distance_km"] for item in shown.data}
        agree("distance_km of covered providers", told, {one: told_of_all[one] for one in told}, shown)
    with judging("PAGE-11.2"):
        for item in nearest[:40]:
            expected = _kilometres(here, item)
            told = item["distance_km"]
            must(abs(told - expected) <= max(0.02, expected * 0.006), f"about {expected:.2f} km", told)
            must(abs(told * 100 - round(told * 100)) < 1e-6, "two decimals", told)
        for lat, lon in ((59.9, -149.9), (-33.9, 151.2)):  # far away a flat map is no map
            for item in api.list_providers(lat=lat, lon=lon, limit=5).data:
                expected = _kilometres({"lat": lat, "lon": lon}, item)
                far = abs(item["distance_km"] - expected)
                must(far <= expected * 0.006, f"about {expected:.0f} km", item["distance_km"])
        plain = api.list_providers(limit=3)
        agree("distance_km without a place", {item["distance_km"] for item in plain.data}, {None}, plain)


def _kilometres(one: Any, other: Any) -> float:
    a, b, c, d = map(math.radians, (one["lat"], one["lon"], other["lat"], other["lon"]))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(half)))


@requirement("PAGE-5.3", "PAGE-5.4")
def test_a_place_is_two_numbers_on_the_globe(api: Api, judging: Any) -> None:
    with judging("PAGE-5.3"):
        api.list_providers(lat=6.5).refused(400, "validation_error")
        api.list_providers(lon=3.4).refused(400, "validation_error")
        api.list_classes(lat=6.5).refused(400, "validation_error")
    with judging("PAGE-5.4"):
        for lat, lon in ((90.1, 3.4), (-91, 3.4), (6.5, 180.5), (6.5, -181), ("north", 3.4)):
            api.list_providers(lat=lat, lon=lon).refused(400, "validation_error")


@requirement("PAGE-7.1", "PAGE-7.2")
def test_a_walk_yields_each_item_once_both_ways(api: Api, judging: Any) -> None:
    listings = [Listing(api, operation) for operation in SHARED]
    for listing in listings:
        whole = listing.ids(100)
        small = max(1, len(whole) // 8)
        with judging("PAGE-7.1"):
            walked = listing.ids(small)
            agree(f"items walked twice in {listing.operation}", len(walked) - len(set(walked)), 0)
            agree(f"{listing.operation} in pages of {small}", walked, whole)
        with judging("PAGE-7.2"):
            back: list[str] = []
            for page in listing.backward(small, whole[-1]):
                back = page.ids + back
            agree(f"{listing.operation} walked back", back, whole[:-1])


@requirement("PAGE-7.3")
def test_a_walk_stays_true_while_items_are_added(
    api: Api, given: Given, diary: Callable[[int], Diary]
) -> None:
    kept = diary(4)
    newest = kept.bookings[::-1]
    first = kept.list.page(limit=2)
    agree("the first page", first.ids, newest[:2], first)
    taken = {line["scheduled_for"] for line in kept.list.page(limit=100).data}
    fresh = [
        s for s in given.seats(_covered_by(kept.client), 12, "that the pass covers") if s.starts not in taken
    ]
    added = next((a["booking_id"] for s in fresh if (a := given.book(kept.client, s)).succeeded), None)
    if added is None:
        raise Blocked("no further class could be booked between two pages")
    api.cancel_booking(newest[0]).given("cancel a booking")
    second = kept.list.page(limit=2, starting_after=first.ids[-1])
    agree("the second page, an item added and one cancelled meanwhile", second.ids, newest[2:], second)
    back = kept.list.page(limit=10, ending_before=newest[2])
    agree("the walk back", back.ids, [added, *newest[:2]], back)


@requirement("PAGE-8.1", "PAGE-8.2")
def test_the_long_lists_are_paged_and_the_short_ones_whole(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    given.booking(client, seat)
    gym = next((g for g in given.stock.gyms() if g.get("copay_available")), None)
    listings = [
        *(Listing(api, operation) for operation in (*SHARED, "list_issuers")),
        Listing(api, "list_pass_providers", (client.package["id"],)),
        Listing(api, "list_client_bookings", (client.id,)),
    ]
    if gym is not None:
        listings.append(Listing(api, "list_gym_copay_options", (gym["id"],)))
    with judging("PAGE-8.1"):
        for listing in listings:
            two = listing.page(limit=2)
            one = listing.page(limit=1)
            agree(f"{listing.operation} with limit 1", one.ids, two.ids[:1], one)
            agree(f"has_more of {listing.operation}", one["has_more"], len(two.ids) == 2, one)
            if one.ids:
                rest = listing.page(limit=1, starting_after=one.ids[0])
                agree(f"{listing.operation} after the first", rest.ids, two.ids[1:], rest)
    with judging("PAGE-8.2"):
        spa = given.stock.spas()[0]
        for whole in (api.list_class_categories(), api.list_provider_services(spa["id"])):
            must(bool(whole.data), "the whole list", "an empty one", whole)
            agree("has_more", whole["has_more"], False, whole)


@requirement("PAGE-10.1")
def test_a_cursor_works_though_its_item_left_the_filter(api: Api, diary: Callable[[int], Diary]) -> None:
    kept = diary(3)
    oldest, middle, newest = kept.bookings
    for booking in (oldest, newest):
        api.cancel_booking(booking).given("cancel a booking")
    page = kept.list.page(status="CANCELLED", starting_after=middle)
    agree("cancelled bookings after one that is not", page.ids, [oldest], page)
    page = kept.list.page(status="CANCELLED", ending_before=middle)
    agree("cancelled bookings before one that is not", page.ids, [newest], page)


@requirement("PAGE-10.2")
def test_another_clients_booking_is_no_cursor(diary: Callable[[int], Diary]) -> None:
    mine, hers = diary(1), diary(1)
    mine.list.page(starting_after=hers.bookings[0]).refused(400, "validation_error")


@requirement("PAGE-10.3")
def test_what_was_withdrawn_is_still_a_cursor_and_a_draft_is_none(lab: Lab) -> None:
    package = lab.world.draft_package(
        name="For a while", credits=5, bonus_credits=0, amount=50_000, expires_in_days=None
    )
    page = lab.api.list_credit_packages
    page(starting_after=package).refused(400, "validation_error")
    lab.world.publish(package)
    following = page(starting_after=package, limit=100).ids
    lab.world.archive(package)
    must(package not in page(limit=100).ids, "a withdrawn package not listed", "listed")
    agree("packages after it", page(starting_after=package, limit=100).ids, following)


@requirement("PAGE-11.1")
def test_classes_follow_the_nearness_of_their_gym(api: Api, given: Given) -> None:
    gyms = {gym["id"]: gym for gym in given.stock.gyms()}
    here = gyms[given.stock.classes[-1]["provider_id"]]
    page = api.list_classes(lat=here["lat"], lon=here["lon"], limit=50)
    away = [round(_kilometres(here, gyms[item["provider_id"]]), 1) for item in page.data]
    must(bool(away) and rising(away), "distances never falling", away[:12], page)
    agree("the nearest gym's class first", away[0], 0.0, page)
    there = [item["id"] for item in page.data if item["provider_id"] == here["id"]]
    agree("classes of one gym", there, sorted(there), page)


@requirement("PAGE-11.3")
def test_whole_lists_take_no_page_parameters(api: Api, given: Given) -> None:
    api.list_class_categories(limit=5).refused(400, "validation_error")
    api.list_provider_services(given.stock.spas()[0]["id"], limit=5).refused(400, "validation_error")


@requirement("PAGE-9.2")
def test_of_one_moment_the_later_comes_first(lab: Lab) -> None:
    client, _ = lab.given.insider()
    seats = lab.given.seats(_covered_by(client), 6, "that an unlimited gym pass covers")
    made = [lab.given.booking(client, seat) for seat in seats]  # the clock stands still
    agree("bookings, newest first", lab.api.list_client_bookings(client.id).ids, made[::-1])
    lasting = lab.api.list_client_bookings(client.id, limit=2, starting_after=made[3])
    agree("a page of them", lasting.ids, made[1:3][::-1], lasting)


@requirement("PAGE-6.3")
def test_has_more_speaks_of_what_the_filter_lets_through(api: Api, diary: Callable[[int], Diary]) -> None:
    kept = diary(3)
    oldest, middle, _ = kept.bookings
    api.cancel_booking(middle).given("cancel a booking")
    page = kept.list.page(status="CANCELLED", limit=1)
    agree("ids and has_more of the only cancelled one", (page.ids, page["has_more"]), ([middle], False), page)
    page = kept.list.page(status="CANCELLED", limit=1, ending_before=oldest)
    agree("ids and has_more before the oldest", (page.ids, page["has_more"]), ([middle], False), page)


@requirement("PAGE-10.4")
def test_the_nearest_are_filtered_after_the_cursor_is_found(api: Api, given: Given) -> None:
    here = given.stock.providers[0]
    place = {"lat": here["lat"], "lon": here["lon"]}
    whole = [
        item
        for page in Listing(api, "list_providers", (), tuple(place.items())).forward(100)
        for item in page.data
    ]
    spa = next((n for n, item in enumerate(whole) if item["category"] == "SPA"), None)
    if spa is None:
        raise Blocked("the target's inventory has no spa")
    page = api.list_providers(**place, category="GYM", starting_after=whole[spa]["id"], limit=5)
    gyms = [item["id"] for item in whole[spa + 1 :] if item["category"] == "GYM"][:5]
    agree("gyms farther away than a spa", page.ids, gyms, page)


@requirement("PAGE-4.3", "PAGE-4.4")
def test_what_a_list_never_shows_is_no_cursor_of_it(api: Api, given: Given, judging: Any) -> None:
    with judging("PAGE-4.3"):
        packages = [
            p for p in given.stock.packages if any(not _opens(p, one) for one in given.stock.providers)
        ]
        if not packages:
            raise Blocked("every package of the target covers every provider")
        left_out = next(one["id"] for one in given.stock.providers if not _opens(packages[0], one))
        answer = api.list_pass_providers(packages[0]["id"], starting_after=left_out)
        answer.refused(400, "validation_error")
    with judging("PAGE-4.4"):
        gyms = [g for g in given.stock.gyms() if g.get("copay_available")]
        if len(gyms) < 2:
            raise Blocked("the target's inventory has no two gyms with co-pay options")
        foreign = given.stock.options(gyms[1])[0]["id"]
        api.list_gym_copay_options(gyms[0]["id"], starting_after=foreign).refused(400, "validation_error")


def _opens(package: Any, provider: Any) -> bool:
    kinds = {(c["type"], tier) for c in package["categories"] for tier in c["tiers"]}
    return (provider["category"], provider["tier"]) in kinds
