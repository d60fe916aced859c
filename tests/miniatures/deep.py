"""Sins that no rule test is looking for: what generated cases and long walks are there to find."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from sandbox.wire import Request, Response
from tests.miniatures.craft import Visit, body_of, control_layer, edit, layer, refusal, telling


@layer("GEN-1.1 OPS-2.1")
def letters_beyond_ascii_are_a_server_error(visit: Visit) -> Response:
    body = visit.body
    texts = [value for value in body.values() if isinstance(value, str)] if isinstance(body, dict) else []
    if visit.operation == "update_issued_pass" and not all(text.isascii() for text in texts):
        return refusal(visit, 500, "api_error", "internal_error")
    return visit.go()


@layer("GEN-1.2")
def an_odd_date_is_a_teapot(visit: Visit) -> Response:
    response = visit.go()
    odd = visit.operation == "get_provider_availability" and response.status == 400
    return telling(response, response.body, 418) if odd else response


@layer("GEN-1.3")
def a_switch_takes_anything(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation == "purchase_credits" and response.status == 400:
        return telling(visit.asked_again("GET", "/passes"), {}, 201)
    return response


@layer("GEN-1.4")
def names_have_english_letters(visit: Visit) -> Response:
    body = visit.body
    name = str(body.get("first_name", "Ada")) if isinstance(body, dict) else "Ada"
    if visit.operation == "update_issued_pass" and not name.replace(" ", "").isalpha():
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("GEN-1.5")
def a_patch_is_as_good_as_a_post(visit: Visit) -> Response:
    if visit.request.method == "PATCH" and visit.request.path.endswith("/expiry"):
        return telling(visit.asked_again("GET", "/passes"), {}, 200)
    return visit.go()


edit(
    "what_was_moved_returns_twice",
    "WALK-1.1",
    (
        "domain.rescheduling._move_class",
        '    stays.give_back(books, booking.client_id, booking.payment, f"Rescheduled: {booking.title}")\n',
        "    for _ in range(2 if booking.nth % 3 == 2 else 1):\n"
        "        stays.give_back(books, booking.client_id, booking.payment, 'Rescheduled')\n",
    ),
)


@layer("WALK-1.2")
def old_bookings_are_called_completed(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "list_client_bookings" and response.status == 200 and len(body["data"]) > 5:
        body["data"][5]["status"] = "COMPLETED"
        return telling(response, body)
    return response


edit(
    "a_seat_is_lost_with_every_second_move",
    "WALK-1.3",
    (
        "domain.rescheduling._leave",
        "    bookings.free(books, booking)\n",
        "    booking.nth % 2 or bookings.free(books, booking)\n",
    ),
)
edit(
    "a_refused_booking_costs_a_credit",
    "WALK-1.4",
    (
        "domain.classes.require_seat",
        'raise Refusal("slot_unavailable", message, "BOOK-13")',
        'raise Refusal("slot_unavailable", message, "BOOK-13", leaves_trace=True)',
    ),
    (
        "domain.class_bookings.book",
        "    classes.require_seat(instance, client.id, books.now)\n",
        "    from sandbox.domain import credits\n"
        "    held = credits.balance(books, client)\n"
        "    mine = instance.seats.get(client.id)\n"
        "    if held > 20 and mine is not None and mine.until is None:\n"
        "        credits.spend(books, client, 1, 'for nothing')\n"
        "    classes.require_seat(instance, client.id, books.now)\n",
    ),
)


@layer("WALK-1.5")
def the_third_cancellation_is_refused(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation == "cancel_booking" and response.status == 409:
        said = visit.state.setdefault((visit.key, visit.request.path), [])
        said.append(1)
        if len(said) > 2:
            return refusal(visit, 409, "resource_conflict_error", "booking_closed")
    return response


@control_layer("SCEN-1.1")
def scenarios_forget_what_is_given(request: Request, ask: Any) -> Response:
    body = json.loads(request.body or b"{}") if request.path.endswith("/worlds") else {}
    if isinstance(body.get("scenario"), dict):
        body["scenario"].pop("given", None)
        return ask(msgspec.structs.replace(request, body=json.dumps(body).encode()))
    return ask(request)
