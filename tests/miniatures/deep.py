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
        "    for _ in range(2 if booking.nth % 2 else 1):\n"
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


# --- along the links: what one answer says and a later one takes back ------------------------


@layer("WALK-2.1")
def a_booking_can_not_be_found_until_it_is_asked_for_again(visit: Visit) -> Response:
    first = visit.state.setdefault(visit.request.path, visit) is visit
    if visit.operation == "get_booking_status" and first and visit.go().status == 200:
        return refusal(visit, 404, "invalid_request_error", "resource_not_found")
    return visit.go()


edit(
    "a_new_passcode_comes_with_a_new_reference",
    "WALK-2.2",
    (
        "domain.passes.rotate_passcode",
        "passcode_created=books.now)",
        "passcode_created=books.now, tx_ref='FLW-TXN-ROTATED')",
    ),
)


@layer("WALK-2.2")
def a_cancelled_class_loses_its_name(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation != "list_client_bookings" or response.status != 200:
        return response
    for item in body["data"]:
        if item["status"] == "CANCELLED" and item["type"] == "class":
            item["class_name"] = "Cancelled class"
    return telling(response, body)


@layer("WALK-2.2")
def every_fifth_code_has_the_id_of_the_one_before(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation != "create_access_code" or response.status != 201:
        return response
    ids = visit.state.setdefault("ids", [])
    ids.append(body["id"])
    if len(ids) % 5 == 0:
        body["id"] = ids[-2]
    return telling(response, body)


@layer("WALK-2.3")
def a_cancelled_booking_is_confirmed_when_asked_again(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "get_booking_status" and response.status == 200 and body["status"] == "CANCELLED":
        asked = visit.state[visit.request.path] = visit.state.get(visit.request.path, 0) + 1
        body["status"] = "CANCELLED" if asked == 1 else "CONFIRMED"
    return telling(response, body)


@layer("WALK-2.3")
def a_pass_that_was_cut_short_reads_active(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "update_issued_pass_expiry" and response.status == 200:
        visit.state[visit.request.path.removesuffix("/expiry")] = True
    if visit.operation == "get_issued_pass" and response.status == 200 and body["status"] == "EXPIRED":
        body["status"] = "ACTIVE" if visit.request.path in visit.state else "EXPIRED"
    return telling(response, body)


edit(
    "a_second_purchase_forgets_its_bonus",
    "WALK-2.4",
    (
        "domain.credits.purchase",
        "count = package.credits + package.bonus_credits",
        "count = package.credits + (package.bonus_credits if nth < 2 else 0)",
    ),
)
edit(
    "who_has_two_bookings_keeps_the_seat_of_the_second",
    "WALK-2.4",
    ("domain.bookings.cancel", "    free(books, booking)\n", "    booking.nth > 1 or free(books, booking)\n"),
)


@layer("WALK-2.4")
def a_refund_is_told_and_not_made(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "get_client_credits" and response.status == 200:
        returned = [line for line in body["transactions"] if line["description"].startswith("Cancelled")]
        gone = sum(line["amount"] for line in returned)
        body["transactions"] = [line for line in body["transactions"] if line not in returned]
        body["balance"] -= gone
    return telling(response, body)


@layer("WALK-2.5")
def what_was_moved_leaves_the_list(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if (
        visit.operation == "list_client_bookings"
        and response.status == 200
        and "status=" not in visit.request.query
    ):
        body["data"] = [item for item in body["data"] if item["status"] != "RESCHEDULED"]
    return telling(response, body)


@layer("WALK-2.5")
def what_was_cancelled_sinks_to_the_end_of_the_list(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "list_client_bookings" and response.status == 200:
        body["data"].sort(key=lambda item: item["status"] == "CANCELLED")
    return telling(response, body)


edit(
    "a_quote_pays_for_whoever_has_paid_with_it",
    "WALK-2.6",
    ("domain.quotes.require_good", "if quoted.used is not None:", "if quoted.used is not None and now == 0:"),
)
edit(
    "a_used_session_reads_as_run_out",
    "WALK-2.6",
    ("domain.sessions.status", 'return "USED"', 'return "EXPIRED"'),
)
edit(
    "a_cancelled_pass_is_still_prolonged",
    "WALK-2.6",
    ("domain.passes.move_expiry", "    _require_not_cancelled(pass_)\n", ""),
)


@layer("BOOK-13.2")
def who_cancelled_once_is_not_booked_again(visit: Visit) -> Response:
    held, gone = visit.state.setdefault("held", {}), visit.state.setdefault("gone", [])
    wish = (
        (visit.body.get("client_id"), visit.body.get("class_instance_id"))
        if visit.operation == "book_class" and visit.body
        else None
    )
    if wish in gone:
        return refusal(visit, 409, "resource_conflict_error", "slot_unavailable")
    response = visit.go()
    body = body_of(response)
    if wish and response.status == 201:
        held[body["booking_id"]] = wish
    if visit.operation == "cancel_booking" and response.status == 200:
        gone.append(held.get(body["id"]))
    return response


@control_layer("SCEN-1.1")
def scenarios_forget_what_is_given(request: Request, ask: Any) -> Response:
    body = json.loads(request.body or b"{}") if request.path.endswith("/worlds") else {}
    if isinstance(body.get("scenario"), dict):
        body["scenario"].pop("given", None)
        return ask(msgspec.structs.replace(request, body=json.dumps(body).encode()))
    return ask(request)
