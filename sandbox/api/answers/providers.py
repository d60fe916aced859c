"""Providers, their services and free slots as the API shows them.

Times are in milliseconds, but for slots, which are in seconds as bookings are (CONV-13).
"""

from collections.abc import Iterable
from typing import Any

from sandbox.domain import copay
from sandbox.domain.accounts import CURRENCY
from sandbox.domain.books import Books
from sandbox.domain.moments import Millis, clock_time, seconds
from sandbox.domain.providers import Point, distance_km
from sandbox.domain.records import Provider, Service


def provider(books: Books, one: Provider, here: Point | None = None) -> dict[str, Any]:
    return {
        "object": "provider",
        "id": one.id,
        "name": one.name,
        "category": one.category,
        "tier": one.tier,
        "address": one.address,
        "city": one.city,
        "country": one.country,
        "lat": one.lat,
        "lon": one.lon,
        "distance_km": None if here is None else distance_km(here, one),
        "copay_available": copay.available(books, one),
        "accepts_credits": one.accepts_credits,
        "check_in_credit_cost": one.check_in_credit_cost,
        "created": one.created,
    }


def service(one: Service) -> dict[str, Any]:
    return {
        "object": "service",
        "id": one.id,
        "provider_id": one.provider_id,
        "name": one.name,
        "description": one.description,
        "duration_minutes": one.duration_minutes,
        "price": one.price_kobo,
        "currency": CURRENCY,
        "credit_cost": one.credit_cost,
        "created": one.created,
    }


def service_preview(one: Service) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "duration_minutes": one.duration_minutes,
        "price": one.price_kobo,
        "credit_cost": one.credit_cost,
    }


def availability(one: Provider, date: str, slots: Iterable[tuple[Millis, bool]]) -> dict[str, Any]:
    return {
        "object": "availability",
        "provider_id": one.id,
        "date": date,
        "slots": [_slot(starts, free) for starts, free in slots],
    }


def _slot(starts: Millis, free: bool) -> dict[str, Any]:
    return {"time": clock_time(starts), "scheduled_for": seconds(starts), "available": free}
