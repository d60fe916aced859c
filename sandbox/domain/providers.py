"""Providers: where they are, how far that is, and which of them a list is to show."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from sandbox.domain.books import Books, Caller
from sandbox.domain.coverage import covering
from sandbox.domain.records import IssuedPass, Package, Provider, Service
from sandbox.domain.refusals import Refusal
from sandbox.domain.resources import named, require_own

EARTH_RADIUS_KM = 6371.0088  # the mean radius


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list; None wants everything."""

    category: str | None = None
    tier: str | None = None
    city: str | None = None

    def fits(self, provider: Provider) -> bool:
        return (
            self.category in (None, provider.category)
            and self.tier in (None, provider.tier)
            and self.city in (None, provider.city)
        )


def point(lat: float | None, lon: float | None) -> Point | None:
    """The place that distances are measured from, if one was sent: both of the two, or neither (PAGE-5)."""
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        missing, sent = ("lat", "lon") if lat is None else ("lon", "lat")
        message = f"query.{missing}: is missing beside {sent}. Send both for the nearest first, or neither."
        raise Refusal("validation_error", message, "PAGE-5")
    return Point(lat, lon)


def distance_km(here: Point, provider: Provider) -> float:
    """The great-circle distance, to two decimals (PAGE-11)."""
    lat_a, lat_b = radians(here.lat), radians(provider.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(provider.lon - here.lon) / 2
    square = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return round(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(square))), 2)


def newest_first(books: Books) -> list[Provider]:
    return list(books.falling(Provider))


def nearest_first(providers: Iterable[Provider], here: Point) -> list[Provider]:
    """By the distance that is shown, ties by id: a total order, so pages keep it (PAGE-5)."""
    return sorted(providers, key=lambda provider: (distance_km(here, provider), provider.id))


def in_order(books: Books, here: Point | None) -> list[Provider]:
    """All providers, the nearest first where a place is given, else the newest."""
    newest = newest_first(books)
    return newest if here is None else nearest_first(newest, here)


def package_behind(books: Books, caller: Caller, pass_id: str) -> Package:
    """The package meant by the id of a package, which is everyone's, or of an issued pass of one's own."""
    issued = books.find(IssuedPass, pass_id)
    if issued is not None:
        require_own(caller, issued)
        return named(books, Package, issued.package_id)
    package = books.find(Package, pass_id)
    if package is None:
        message = f"No pass package and no issued pass has the id '{pass_id}'."
        raise Refusal("pass_not_found", message, "ERR-3")
    return package


def covered_by(package: Package, providers: Iterable[Provider]) -> list[Provider]:
    """PASS-5: those whose type and tier a category of the package has."""
    return [provider for provider in providers if covering(package, provider)]


def services_of(books: Books, provider: Provider) -> list[Service]:
    """Newest first; a gym has none (ERR-9)."""
    return list(books.falling(Service, provider.id))
