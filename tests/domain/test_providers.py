"""Providers: great-circle distances, one order, filters, and what a package opens."""

import pytest

from sandbox.domain import providers
from sandbox.domain.coverage import covering
from sandbox.domain.providers import Point, Wanted
from sandbox.domain.records import IssuedPass, Package, Provider
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named
from tests.domain.small_town import DEMO, PARTNER, issue, small_town


def provider(id_: str = "prov_x", lat: float = 0.0, lon: float = 0.0, city: str = "Lagos") -> Provider:
    return Provider(
        id=id_, name="X", category="GYM", tier="STANDARD", address="1 Road", city=city, lat=lat, lon=lon
    )


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((6.4541, 3.3947), (6.4541, 3.3947), 0.0),  # on the spot
        ((6.4541, 3.3947), (9.0765, 7.3986), 528.76),  # Lagos to Abuja
        ((51.5074, -0.1278), (48.8566, 2.3522), 343.56),  # London to Paris
        ((0.0, 0.0), (0.0, 180.0), 20015.11),  # half around the equator
        ((90.0, 0.0), (-90.0, 77.0), 20015.11),  # from pole to pole
        ((0.0, 179.9), (0.0, -179.9), 22.24),  # across the date line, the short way
    ],
)
def test_distance_is_the_great_circle_to_two_decimals(
    here: tuple[float, float], there: tuple[float, float], km: float
) -> None:
    assert providers.distance_km(Point(*here), provider(lat=there[0], lon=there[1])) == km
    assert providers.distance_km(Point(*there), provider(lat=here[0], lon=here[1])) == km


def test_the_nearest_come_first_and_ties_go_by_id() -> None:
    far, near = provider("prov_a", lat=1.0), provider("prov_z", lat=0.1)
    twins = [provider("prov_c", lon=0.5), provider("prov_b", lon=-0.5)]
    ordered = providers.nearest_first([far, *twins, near], Point(0.0, 0.0))
    assert [one.id for one in ordered] == ["prov_z", "prov_b", "prov_c", "prov_a"]


def test_ties_are_those_of_the_distance_that_is_shown() -> None:
    a_metre_nearer = [provider("prov_z", lat=0.10000), provider("prov_a", lat=0.10001)]
    here = Point(0.0, 0.0)
    assert len({providers.distance_km(here, one) for one in a_metre_nearer}) == 1
    assert [one.id for one in providers.nearest_first(a_metre_nearer, here)] == ["prov_a", "prov_z"]


@pytest.mark.parametrize(
    ("lat", "lon", "missing"), [(6.5, None, "lon"), (None, 3.4, "lat"), (0.0, None, "lon")]
)
def test_half_a_place_is_refused(lat: float | None, lon: float | None, missing: str) -> None:
    with pytest.raises(Refusal, match=f"query.{missing}: is missing") as refused:
        providers.point(lat, lon)
    assert (refused.value.code, refused.value.rule) == ("validation_error", "PAGE-5")


def test_no_place_is_no_place_and_zero_is_one() -> None:
    assert providers.point(None, None) is None
    assert providers.point(0.0, 0.0) == Point(0.0, 0.0)


def test_filters_hold_together() -> None:
    one = provider(city="Kano")
    assert Wanted().fits(one)
    assert Wanted("GYM", "STANDARD", "Kano").fits(one)
    assert not Wanted("SPA").fits(one)
    assert not Wanted(tier="PREMIUM").fits(one)
    assert not Wanted(city="kano").fits(one)  # as it is spelled in the answers


def test_what_a_package_opens_is_listed_for_it_and_for_the_pass_issued_from_it() -> None:
    books = small_town()
    standard = named(books, Package, "pass_standard")
    issued = issue(books, package_id="pass_standard")
    assert providers.package_behind(books, DEMO, "pass_standard") == standard
    assert providers.package_behind(books, DEMO, issued.id) == standard
    everyone = providers.in_order(books, None)
    covered = providers.covered_by(standard, everyone)
    assert 0 < len(covered) < len(everyone)
    assert {one.id for one in everyone if covering(standard, one)} == {one.id for one in covered}


def test_the_order_of_the_list_is_the_order_of_what_is_covered() -> None:
    books = small_town()
    premium = named(books, Package, "pass_premium")
    nearest = providers.in_order(books, Point(6.45, 3.40))
    assert providers.covered_by(premium, nearest) == nearest  # premium opens all, and keeps their order


def test_another_resellers_issued_pass_is_not_ones_own_to_ask_about() -> None:
    books = small_town()
    issued = issue(books)
    with pytest.raises(Refusal) as refused:
        providers.package_behind(books, PARTNER, issued.id)
    assert refused.value.code == "permission_denied"
    assert named(books, IssuedPass, issued.id) == issued


def test_an_id_that_is_neither_package_nor_pass_is_not_found_as_a_pass() -> None:
    with pytest.raises(Refusal) as refused:
        providers.package_behind(small_town(), DEMO, "pass_nothing")
    assert refused.value.code == "pass_not_found"
    assert "package and no issued pass" in str(refused.value)
