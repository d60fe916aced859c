"""Sins against the conventions, errors, lists and keys: wrong as HTTP, right inside."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from sandbox import places
from sandbox.spec import Document
from sandbox.wire import JSON, Delayed, Request, Response
from tests.miniatures.craft import (
    Visit,
    body_of,
    control_layer,
    drop,
    each,
    edit,
    keep,
    layer,
    lines,
    put,
    refusal,
    refuses,
    says,
    stand_in_front,
    telling,
    to_ms,
    to_seconds,
    turn,
)

LISTS = (
    "list_passes list_providers list_pass_providers list_classes list_credit_packages list_issuers "
    "list_client_bookings list_gym_copay_options"
)
SINGLES = "get_issued_pass get_provider get_class get_booking_status get_client"
HTML = b"<html><body><h1>Bad Request</h1></body></html>"


def with_header(response: Response, name: str, value: str | None) -> Response:
    kept = tuple((n, v) for n, v in response.headers if n.lower() != name.lower())
    return msgspec.structs.replace(response, headers=kept if value is None else (*kept, (name, value)))


# --- conventions ----------------------------------------------------------------------------


@layer("CONV-1.1", base="/v2/api/business/reseller")
def the_base_path_is_version_2(visit: Visit) -> Response:
    return visit.go(path=visit.request.path.replace("/v2/", "/v3/", 1))


@layer("CONV-2.1 ERR-1.1")
def errors_are_web_pages(visit: Visit) -> Response:
    response = visit.go()
    return (
        with_header(telling(response, HTML), "Content-Type", "text/html")
        if response.status >= 400
        else response
    )


@layer("CONV-2.1")
def json_is_called_text(visit: Visit) -> Response:
    return with_header(visit.go(), "Content-Type", "text/plain")


@layer("CONV-2.2")
def only_forms_are_read(visit: Visit) -> Response:
    sent = visit.request.headers.get("content-type", "")
    if visit.operation == "issue_pass" and sent.startswith(JSON):
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("CONV-2.3")
def malformed_json_is_422(visit: Visit) -> Response:
    response = visit.go()
    return telling(response, response.body, 422) if visit.body is None else response


@layer("CONV-2.3")
def a_list_for_a_body_is_taken_as_empty(visit: Visit) -> Response:
    if visit.operation == "issue_pass" and not isinstance(visit.body, dict):
        return telling(visit.asked_again("GET", "/passes"), {}, 201)
    return visit.go()


@layer("CONV-2.4")
def any_content_type_is_json(visit: Visit) -> Response:
    return visit.with_header("content-type", JSON) if visit.request.body else visit.go()


says(
    "single_resources_are_wrapped",
    "CONV-3.1",
    "get_issued_pass get_booking_status get_client",
    lambda body: {"object": body["object"], "data": body},
)
says("resources_do_not_name_their_type", "CONV-3.2", SINGLES, put(object="resource"))
says("items_of_lists_do_not_name_their_type", "CONV-3.2", LISTS, each(drop("object")))


@layer("CONV-4.1")
def successes_have_no_request_id(visit: Visit) -> Response:
    response = visit.go()
    return with_header(response, "Bardge-Request-Id", None) if response.status < 300 else response


@layer("CONV-4.2")
def one_request_id_for_all(visit: Visit) -> Response:
    return with_header(visit.go(), "Bardge-Request-Id", "req_" + "0" * 32)


refuses("the_error_repeats_another_request_id", "CONV-4.3", "*", put(request_id="req_0123456789abcdef"))


@layer("CONV-4.4")
def unknown_paths_are_the_servers_own_404(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation is None and response.status == 404:
        return with_header(response, "Bardge-Request-Id", None)
    return response


@layer("CONV-4.1")
def request_ids_are_uuids(visit: Visit) -> Response:
    response = visit.go()
    found = (response.header("Bardge-Request-Id") or "")[4:]
    return with_header(response, "Bardge-Request-Id", f"{found[:8]}-{found[8:12]}-{found[12:]}")


PASS_TIMES = ("created", "start_date", "expires_at")
says("passes_in_seconds", "CONV-6.1", "issue_pass get_issued_pass", turn(*PASS_TIMES, by=to_seconds))
says("packages_in_seconds", "CONV-6.1", "list_passes", each(turn("created", by=to_seconds)))
says(
    "credit_transactions_in_seconds",
    "CONV-6.2",
    "get_client_credits",
    lines(turn("timestamp", by=to_seconds)),
)
says(
    "bookings_in_milliseconds",
    "CONV-6.3",
    "list_client_bookings",
    each(turn("created", "scheduled_for", by=to_ms)),
)
says(
    "access_codes_in_seconds", "CONV-6.4", "create_access_code", turn("created", "expires_at", by=to_seconds)
)
says("classes_in_milliseconds", "CONV-6.5", "get_class list_classes", turn("created", by=to_ms))


def _in_utc(body: dict[str, Any]) -> None:
    if "time" in body:
        hour = (int(body["time"][:2]) - 1) % 24
        body["time"] = f"{hour:02}{body['time'][2:]}"


says("times_of_day_are_utc", "CONV-6.6", "book_class", _in_utc)
says(
    "days_are_written_the_other_way",
    "CONV-6.7",
    "book_class",
    turn("date", by=lambda d: "/".join(d.split("-")[::-1])),
)
says(
    "dollars",
    "CONV-7.1",
    "list_passes list_credit_packages get_client_credits get_client",
    each(put(currency="USD")),
)
says("money_in_naira", "CONV-7.2", "list_passes", each(turn("price", by=lambda kobo: kobo / 100 + 0.5)))
says("ids_without_a_prefix", "CONV-8.1", "issue_pass", turn("transaction_id", by=lambda id_: id_[4:]))
says("a_tx_ref_in_small_letters", "CONV-8.2", "issue_pass", turn("tx_ref", by=str.lower))
says("statuses_in_small_letters", "CONV-9.1", "issue_pass get_issued_pass", turn("status", by=str.lower))
says(
    "cancelled_with_one_l",
    "CONV-9.2",
    "get_issued_pass get_booking_status",
    turn("status", by=lambda s: "CANCELED" if s == "CANCELLED" else s),
)
says("fields_without_a_value_are_left_out", "CONV-11.1", "get_client", drop("phone", "email"))
says("distance_is_left_out", "CONV-11.1", "list_providers", each(drop("distance_km")))


def _null_for_the_other(body: dict[str, Any]) -> None:
    if "session_id" in body:
        body["booking_id"] = None


says("null_for_what_is_of_another_outcome", "CONV-11.2 BOOK-19.1", "book_class", _null_for_the_other)
says(
    "sessions_in_milliseconds",
    "CONV-13.1",
    "book_class",
    turn("expires_at", by=to_ms),
)
says("the_last_change_in_milliseconds", "CONV-13.1", "get_booking_status", turn("updated", by=to_ms))
says("quotes_in_seconds", "CONV-13.2", "quote_spa_copay", turn("created", "expires_at", by=to_seconds))


def _lenient(name: str, breaks: str, operation: str, mend: Any) -> None:
    """A body is mended before it is read: what should be refused is taken."""

    def take(visit: Visit) -> Response:
        body = visit.body
        if visit.operation not in operation.split() or not isinstance(body, dict):
            return visit.go()
        mend(body)
        return visit.with_body(body)

    keep(name, breaks, lambda: stand_in_front(take))


def _names(change: Any) -> Any:
    def mend(body: dict[str, Any]) -> None:
        for name in ("first_name", "last_name"):
            if isinstance(body.get(name), str):
                body[name] = change(body[name])

    return mend


def _without_nulls(body: dict[str, Any]) -> None:
    for name in [name for name, value in body.items() if value is None]:
        del body[name]
    body.setdefault("first_name", "Nobody")


_lenient("long_names_are_cut", "CONV-14.1", "issue_pass", _names(lambda name: name[:100]))
_lenient(
    "blank_names_are_taken", "CONV-14.2", "issue_pass", _names(lambda name: (name.strip() and name) or "-")
)
_lenient(
    "control_characters_are_stripped",
    "CONV-14.3",
    "issue_pass",
    _names(lambda n: re.sub(r"[\x00-\x1f\x7f]", "", n)),
)
_lenient("null_is_as_good_as_nothing", "CONV-14.4", "issue_pass", _without_nulls)
_lenient(
    "ids_are_cleaned",
    "CONV-14.5",
    "issue_pass",
    turn("client_id", by=lambda id_: re.sub(r"[^A-Za-z0-9_.:-]", "", str(id_))[:60] or "somebody"),
)
_lenient(
    "service_ids_twice_are_once",
    "CONV-14.8",
    "book_spa",
    turn("service_ids", by=lambda ids: list(dict.fromkeys(ids)) if isinstance(ids, list) else ids),
)
_lenient(
    "seconds_are_taken_for_milliseconds",
    "CONV-14.9",
    "issue_pass update_issued_pass_expiry",
    turn("start_date", "expires_at", by=lambda t: t * 1000 if isinstance(t, int) and t < 10**11 else t),
)
_lenient("a_reason_is_cut", "CONV-14.10", "cancel_booking", turn("reason", by=lambda r: r[:500]))
_lenient(
    "texts_for_numbers_are_turned",
    "ERR-3.4",
    "issue_pass",
    turn("start_date", by=lambda t: int(t) if str(t).isdigit() else t),
)
_lenient("any_email_will_do", "ERR-3.4", "issue_pass", turn("email", by=lambda _: "a@example.com"))


@layer("CONV-14.6")
def odd_ids_in_a_path_are_400(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation == "get_provider" and response.status == 404:
        tail = visit.request.path.rpartition("/")[2]
        if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", tail):
            return refusal(visit, 400, "invalid_request_error", "validation_error")
    return response


@layer("CONV-14.7")
def a_prefix_is_demanded(visit: Visit) -> Response:
    body = visit.body
    if (
        visit.operation == "book_class"
        and isinstance(body, dict)
        and not str(body.get("class_instance_id")).startswith("ci_")
    ):
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


def _query(name: str, breaks: str, mend: Any) -> None:
    def take(visit: Visit) -> Response:
        pairs = parse_qsl(visit.request.query, keep_blank_values=True)
        mended = mend(visit, pairs)
        return visit.go() if mended is None else visit.go(query=urlencode(mended, safe=","))

    keep(name, breaks, lambda: stand_in_front(take))


Pairs = list[tuple[str, str]]


def _numbers(_: Visit, pairs: Pairs) -> Pairs:
    def read(value: str) -> str:
        try:
            return str(int(float(value)))
        except ValueError:
            return value

    return [(n, read(v) if n == "limit" else v) for n, v in pairs]


def _known_only(visit: Visit, pairs: Pairs) -> Pairs | None:
    return [(n, v) for n, v in pairs if n == "limit"] if visit.operation == "list_passes" else None


def _clamped(_: Visit, pairs: Pairs) -> Pairs:
    def clamp(value: str) -> str:
        return str(max(1, min(100, int(value)))) if re.fullmatch(r"-?\d+", value) else value

    return [(n, clamp(v) if n == "limit" else v) for n, v in pairs]


def _ten_for_nonsense(_: Visit, pairs: Pairs) -> Pairs:
    return [(n, "10" if n == "limit" and not re.fullmatch(r"-?\d+", v) else v) for n, v in pairs]


_query("limits_are_read_leniently", "CONV-15.1", _numbers)
_query("unknown_parameters_are_ignored", "CONV-15.2", _known_only)
_query("of_repeated_parameters_the_last_counts", "CONV-15.3", lambda _, pairs: list(dict(pairs).items()))
_query("empty_parameters_are_ignored", "CONV-15.4", lambda _, pairs: [(n, v) for n, v in pairs if v])
_query(
    "filters_in_any_case",
    "CONV-15.5",
    lambda _, p: [(n, v.upper() if n in ("category", "tier") else v) for n, v in p],
)
_query("limits_are_clamped", "PAGE-2.4", _clamped)
_query("nonsense_limits_are_ten", "PAGE-2.5", _ten_for_nonsense)
_query(
    "both_cursors_and_the_first_wins",
    "PAGE-3.4",
    lambda _, p: (
        [x for x in p if x[0] != "ending_before"]
        if {"starting_after", "ending_before"} <= {n for n, _ in p}
        else p
    ),
)
_query(
    "latitude_alone_is_ignored",
    "PAGE-5.3",
    lambda _, p: (
        p if len({"lat", "lon"} & {n for n, _ in p}) != 1 else [x for x in p if x[0] not in ("lat", "lon")]
    ),
)
_query(
    "places_off_the_globe_are_moved_onto_it", "PAGE-5.4", lambda _, p: [(n, _onto_globe(n, v)) for n, v in p]
)
_query("filters_move_the_cursor", "PAGE-10.1", lambda v, p: _no_cursor_with_status(v, p))


def _onto_globe(name: str, value: str) -> str:
    most = {"lat": 90.0, "lon": 180.0}.get(name)
    try:
        return value if most is None else str(max(-most, min(most, float(value))))
    except ValueError:
        return value


def _no_cursor_with_status(_: Visit, pairs: Pairs) -> Pairs:
    names = {n for n, _ in pairs}
    return (
        [x for x in pairs if x[0] not in ("starting_after", "ending_before")] if "status" in names else pairs
    )


@layer("CONV-15.6")
def a_filter_that_names_nothing_is_404(visit: Visit) -> Response:
    response = visit.go()
    wanted = dict(parse_qsl(visit.request.query)).keys() & {"category", "provider_id", "city"}
    if (
        visit.operation in ("list_classes", "list_providers")
        and wanted
        and not (body_of(response) or {}).get("data")
    ):
        return (
            refusal(visit, 404, "invalid_request_error", "resource_not_found")
            if response.status == 200
            else response
        )
    return response


@layer("CONV-16.1")
def a_charset_is_another_content_type(visit: Visit) -> Response:
    if "charset" in visit.request.headers.get("content-type", ""):
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("CONV-16.2")
def of_names_given_twice_the_first_counts(visit: Visit) -> Response:
    try:
        pairs = json.loads(visit.request.body or b"{}", object_pairs_hook=list)
    except ValueError:
        return visit.go()
    if (
        visit.operation != "issue_pass"
        or not isinstance(pairs, list)
        or not all(isinstance(p, tuple) for p in pairs)
    ):
        return visit.go()
    return visit.with_body(dict(reversed(pairs)))


@layer("CONV-16.3")
def five_point_zero_is_no_integer(visit: Visit) -> Response:
    if visit.operation == "confirm_class_booking" and b".0" in visit.request.body:
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


ISSUE_FIELDS = {"pass_id", "client_id", "first_name", "last_name", "email", "phone", "start_date", "tx_ref"}


def _known_fields(body: dict[str, Any]) -> None:
    for name in body.keys() - ISSUE_FIELDS:
        del body[name]


_lenient("unknown_fields_are_ignored", "CONV-16.4", "issue_pass", _known_fields)


@layer("CONV-16.5 ERR-6.8")
def a_large_body_is_refused_before_its_path(visit: Visit) -> Response:
    if visit.request.too_large:
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("CONV-16.6 IDEM-8.2")
def an_empty_body_is_no_json(visit: Visit) -> Response:
    if visit.operation == "cancel_booking" and not visit.request.body:
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("CONV-16.7")
def a_body_on_get_is_refused(visit: Visit) -> Response:
    if visit.request.method == "GET" and visit.request.body:
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("CONV-16.8")
def latin_letters_are_guessed(visit: Visit) -> Response:
    try:
        visit.request.body.decode()
    except UnicodeDecodeError:
        return visit.go(body=visit.request.body.decode("latin-1").encode())
    return visit.go()


@layer("CONV-17.1")
def head_is_not_allowed(visit: Visit) -> Response:
    if visit.request.method == "HEAD":
        return refusal(visit, 405, "invalid_request_error", "method_not_allowed")
    return visit.go()


@layer("CONV-17.2")
def allow_is_missing(visit: Visit) -> Response:
    return with_header(visit.go(), "Allow", None)


@layer("CONV-17.2 ERR-4.2")
def a_wrong_method_is_404(visit: Visit) -> Response:
    response = visit.go()
    if response.status == 405:
        return refusal(visit, 404, "invalid_request_error", "resource_not_found")
    return response


@layer("CONV-17.3")
def options_is_answered(visit: Visit) -> Response:
    if visit.request.method == "OPTIONS":
        return telling(visit.asked_again("GET", "/passes"), {}, 200)
    return visit.go()


@layer("CONV-17.4")
def a_trailing_slash_is_forgiven(visit: Visit) -> Response:
    return visit.go(path=visit.request.path.rstrip("/"))


@layer("CONV-17.4")
def paths_in_any_case(visit: Visit) -> Response:
    return (
        visit.go(path=visit.request.path.lower())
        if visit.request.path.lower().endswith("/passes")
        else visit.go()
    )


@control_layer("CONV-19.1")
def new_worlds_begin_long_ago(request: Request, ask: Any) -> Response:
    if request.method == "POST" and request.path.endswith("/worlds"):
        body = {"now": "2021-03-03T08:00:00Z", **json.loads(request.body or b"{}")}
        return ask(msgspec.structs.replace(request, body=json.dumps(body).encode()))
    return ask(request)


# --- authentication -------------------------------------------------------------------------


@layer("AUTH-1.1 AUTH-1.4")
def no_key_is_403(visit: Visit) -> Response:
    if "authorization" not in visit.request.headers:
        return refusal(visit, 403, "permission_error", "permission_denied")
    return visit.go()


@layer("AUTH-1.2")
def any_scheme_will_do(visit: Visit) -> Response:
    scheme, _, rest = visit.request.headers.get("authorization", "").partition(" ")
    return (
        visit.with_header("authorization", f"Bearer {rest}") if scheme in ("Basic", "Token") else visit.go()
    )


@layer("AUTH-1.2")
def the_key_alone_will_do(visit: Visit) -> Response:
    sent = visit.request.headers.get("authorization", "")
    return visit.with_header("authorization", f"Bearer {sent}") if sent.startswith("sk_") else visit.go()


@layer("AUTH-1.3")
def keys_are_compared_by_their_beginning(visit: Visit) -> Response:
    known = visit.state.setdefault("keys", set())
    response = visit.go()
    if response.status != 401:
        known.add(visit.key)
        return response
    for key in known:
        if len(visit.key) > 8 and (key.startswith(visit.key) or visit.key.startswith(key)):
            return visit.with_header("authorization", f"Bearer {key}")
    return response


@layer("AUTH-1.4")
def one_list_needs_no_key(visit: Visit) -> Response:
    response = visit.go()
    if response.status != 401:
        visit.state["key"] = visit.key
    elif visit.operation == "list_class_categories" and "key" in visit.state:
        return visit.with_header("authorization", f"Bearer {visit.state['key']}")
    return response


@layer("AUTH-1.4")
def ids_are_looked_up_before_the_key(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation == "get_client_credits" and response.status == 401:
        return refusal(visit, 404, "invalid_request_error", "resource_not_found")
    return response


refuses(
    "a_disabled_account_is_401",
    "AUTH-2.1 AUTH-2.2 ERR-6.2",
    "account_disabled",
    put(code="invalid_api_key", type="authentication_error"),
    401,
)
edit(
    "a_disabled_account_may_read",
    "AUTH-2.2",
    (
        "api.gateway.Gateway._answer",
        "auth.require_enabled(notes.visitor.account)",
        "request.method == 'GET' or auth.require_enabled(notes.visitor.account)",
    ),
)
edit(
    "an_account_is_checked_after_the_path",
    "ERR-6.2",
    (
        "api.gateway.Gateway._answer",
        "auth.require_enabled(notes.visitor.account)",
        "isinstance(found, Match) and auth.require_enabled(notes.visitor.account)",
    ),
)


def _rotation(change: Any) -> Any:
    def sin() -> None:
        from sandbox.control.gateway import Control

        known: dict[str, str] = {}
        original = Control.respond

        def respond(self: Control, request: Request) -> Any:
            old = re.search(r"/worlds/([^/]+)/accounts/([^/]+)/rotate-key", request.path)
            answer = original(self, request)
            if old and answer.status < 300:
                known[body_of(answer)["api_key"]] = "new"
            return answer

        Control.respond = respond  # type: ignore[method-assign]
        stand_in_front(lambda visit: change(visit, known))

    return sin


def _old_key_lives(visit: Visit, known: dict[str, str]) -> Response:
    response = visit.go()
    keys = visit.state.setdefault("keys", {})
    if response.status != 401:
        return response
    for fresh in known:
        if keys.get(visit.key) is not None:
            return visit.with_header("authorization", f"Bearer {fresh}")
    return response


def _remembering(visit: Visit, known: dict[str, str]) -> Response:
    answer = _old_key_lives(visit, known)
    if answer.status != 401:
        visit.state.setdefault("keys", {})[visit.key] = True
    return answer


def _new_key_sleeps(visit: Visit, known: dict[str, str]) -> Response:
    if visit.key in known:
        return refusal(visit, 401, "authentication_error", "invalid_api_key")
    return visit.go()


keep("the_old_key_lives_on", "AUTH-3.1", _rotation(_remembering))
keep("the_new_key_takes_a_while", "AUTH-3.2", _rotation(_new_key_sleeps))


def _open_to_others(name: str, breaks: str, noun: str) -> None:
    edit(
        name,
        breaks,
        (
            "domain.resources.require_own",
            "if resource.owner != caller.account_id:",
            f"if resource.owner != caller.account_id and resource.noun != {noun!r}:",
        ),
    )


_open_to_others("passes_are_open_to_all_resellers", "AUTH-4.1 AUTH-4.2", "issued pass")
_open_to_others("bookings_are_open_to_all_resellers", "AUTH-4.3", "booking")
_open_to_others("clients_are_open_to_all_resellers", "AUTH-4.4 PASS-15.1", "client")
_open_to_others("quotes_are_open_to_all_resellers", "AUTH-4.5", "quote")
_open_to_others("sessions_are_open_to_all_resellers", "BOOK-17.1", "session")
_open_to_others("lookups_are_open_to_all_resellers", "LOOK-8.2", "lookup")
refuses(
    "what_is_anothers_is_not_found",
    "AUTH-4.1 AUTH-4.3 AUTH-4.4",
    "permission_denied",
    put(code="resource_not_found", type="invalid_request_error"),
    404,
)


@layer("AUTH-4.2")
def a_refused_change_is_made_all_the_same(visit: Visit) -> Response:
    owners = visit.state.setdefault("owners", {})
    response = visit.go()
    if visit.operation == "issue_pass" and response.status == 201:
        owners[body_of(response)["id"]] = visit.key
    if visit.operation == "update_issued_pass" and response.status == 403:
        owner = owners.get(visit.request.path.rpartition("/")[2])
        if owner:
            visit.with_header("authorization", f"Bearer {owner}")
    return response


@layer("AUTH-5.1")
def every_reseller_has_its_own_shop(visit: Visit) -> Response:
    response = visit.go()
    first = visit.state.setdefault("first", {})
    if visit.operation == "list_providers" and response.status == 200:
        world = first.setdefault("key", visit.key)
        partner = visit.asked_again("GET", "/issuers")
        body = body_of(response)
        if visit.key != world and (body_of(partner) or {}).get("data") == []:
            body["data"] = body["data"][1:]
            return telling(response, body)
    return response


# --- errors ---------------------------------------------------------------------------------

refuses("errors_have_a_fifth_field", "ERR-1.1", "*", put(doc_url="https://example.com"))
refuses("errors_are_flat", "ERR-1.1", "*", lambda error: dict(error))
refuses(
    "validation_errors_have_a_type_of_their_own",
    "ERR-2.1 ERR-3.1",
    "validation_error",
    put(type="validation_error"),
)
refuses(
    "a_missing_key_is_an_invalid_request", "ERR-2.2", "invalid_api_key", put(type="invalid_request_error")
)
refuses(
    "a_403_is_of_type_authentication",
    "ERR-2.3",
    "permission_denied account_disabled provider_not_covered",
    put(type="authentication_error"),
)
refuses("conflicts_are_invalid_requests", "ERR-2.4 ERR-7.2", "409", put(type="invalid_request_error"))
refuses("a_405_is_of_type_api_error", "ERR-2.6", "method_not_allowed", put(type="api_error"))
refuses("a_full_class_is_400", "ERR-3.1 BOOK-5.1", "class_full", put(type="invalid_request_error"), 400)
refuses("an_unknown_pass_is_any_unknown_thing", "ERR-3.2", "pass_not_found", put(code="resource_not_found"))
refuses(
    "unknown_providers_have_a_code_of_their_own",
    "ERR-3.3",
    "get_provider:resource_not_found",
    put(code="provider_not_found"),
)
refuses("unknown_things_are_410", "ERR-3.3", "get_booking_status:resource_not_found", put(), 410)
refuses("validation_errors_are_422", "ERR-3.4 CONV-2.3", "validation_error", put(), 422)
refuses("codes_nobody_knows", "ERR-4.1 BOOK-11.2", "already_cancelled", put(code="cancelled_before"))
refuses("a_wrong_method_has_another_code", "ERR-4.2", "method_not_allowed", put(code="validation_error"))
refuses("messages_say_nothing", "ERR-5.1 ERR-5.2 BOOK-7.3", "*", put(message="Bad request."))
refuses(
    "the_first_fault_only", "ERR-5.2", "validation_error", turn("message", by=lambda text: text.split(";")[0])
)
refuses("a_413_is_of_type_api_error", "ERR-7.1", "payload_too_large", put(type="api_error"))
refuses(
    "a_cancelled_booking_is_an_idempotency_error",
    "ERR-7.2",
    "already_cancelled pass_not_active",
    put(type="idempotency_error"),
)


@layer("ERR-6.1")
def paths_are_matched_before_the_key(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation is None and response.status == 401:
        return refusal(visit, 404, "invalid_request_error", "resource_not_found")
    return response


@layer("ERR-6.3")
def packages_are_looked_up_before_the_body_is_read(visit: Visit) -> Response:
    response, body = visit.go(), visit.body
    of_nobody = isinstance(body, dict) and body.get("pass_id") == "pass_of_nobody"
    if visit.operation == "issue_pass" and response.status == 400 and of_nobody:
        return refusal(visit, 404, "invalid_request_error", "pass_not_found")
    return response


@layer("ERR-6.4")
def the_key_is_looked_up_before_the_body_is_read(visit: Visit) -> Response:
    used = visit.state.setdefault("used", set())
    key = visit.request.headers.get("idempotency-key")
    response = visit.go()
    if key and response.status < 300:
        used.add(key)
    if key in used and response.status == 400:
        return refusal(visit, 409, "idempotency_error", "idempotency_key_reused")
    return response


@layer("ERR-6.5")
def what_is_named_is_looked_up_before_the_key(visit: Visit) -> Response:
    response, body = visit.go(), visit.body
    if response.status == 409 and isinstance(body, dict) and body.get("pass_id") == "pass_of_nobody":
        return refusal(visit, 404, "invalid_request_error", "pass_not_found")
    return response


@layer("ERR-6.6")
def owners_come_before_unknown_ids(visit: Visit) -> Response:
    response, body = visit.go(), visit.body
    if visit.operation != "book_class" or response.status != 404 or not isinstance(body, dict):
        return response
    foreign = visit.asked_again("GET", f"/clients/{body.get('client_id')}").status == 403
    return refusal(visit, 403, "permission_error", "permission_denied") if foreign else response


edit(
    "state_comes_before_owners",
    "ERR-6.7",
    (
        "domain.bookings.cancel",
        "booking = own(books, caller, Booking, booking_id)\n",
        "found = books.find(Booking, booking_id)\n    found and require_open(found, books.now)\n    booking = own(books, caller, Booking, booking_id)\n",
    ),
)

# --- lists ----------------------------------------------------------------------------------

says("lists_without_a_message", "PAGE-1.1", LISTS, drop("message"))
says("lists_are_called_collections", "PAGE-1.1", LISTS, put(object="collection"))
says("lists_without_has_more", "PAGE-1.1", LISTS, drop("has_more"))
says("lists_tell_the_whole_url", "PAGE-1.2", "*", turn("url", by=lambda url: f"https://api.example.com{url}"))


@layer("PAGE-1.2")
def the_url_has_its_query(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.request.query and isinstance(body, dict) and "url" in body:
        return telling(response, {**body, "url": f"{body['url']}?{visit.request.query}"})
    return response


edit(
    "twenty_a_page",
    "PAGE-2.1",
    ("api.paging._limit", 'call.query.get("limit", DEFAULT_LIMIT)', 'call.query.get("limit", 20)'),
)
edit(
    "a_page_is_one_short",
    "PAGE-2.2 PAGE-2.1",
    ("api.paging._page", "del items[limit:]", "del items[max(limit - 1, 1):]"),
)
edit(
    "fifty_at_most",
    "PAGE-2.3 PAGE-7.1",
    (
        "api.paging._limit",
        'call.query.get("limit", DEFAULT_LIMIT)',
        'min(call.query.get("limit", DEFAULT_LIMIT), 1 if call.query.get("limit") == 100 else 100)',
    ),
)


@layer("PAGE-3.1 PAGE-7.1")
def a_page_begins_with_its_cursor(visit: Visit) -> Response:
    response = visit.go()
    query = dict(parse_qsl(visit.request.query))
    if "starting_after" not in query or response.status != 200:
        return response
    whole = body_of(visit.go(query="limit=100"))["data"]
    body, limit = body_of(response), int(query.get("limit", 10))
    body["data"] = [*(item for item in whole if item["id"] == query["starting_after"]), *body["data"]][:limit]
    return telling(response, body)


edit(
    "ending_before_begins_at_the_top",
    "PAGE-3.2 PAGE-7.2",
    ("api.paging._page", "else backward(ending_before)", "else iter(list(backward(ending_before))[::-1])"),
    ("api.paging._page", "    if ending_before is not None:\n        items.reverse()\n", ""),
)
edit(
    "ending_before_turns_the_page_round",
    "PAGE-3.3 PAGE-3.2",
    ("api.paging._page", "        items.reverse()\n", "        pass\n"),
)
edit(
    "an_unknown_cursor_is_the_beginning",
    "PAGE-4.1 PAGE-4.2 PAGE-10.2",
    (
        "api.paging._unknown_cursor",
        'return Refusal("validation_error", message, "PAGE-4")',
        'return Refusal("resource_not_found", message, "PAGE-4")',
    ),
)


@layer("PAGE-4.1 PAGE-4.2")
def an_unknown_cursor_is_an_empty_page(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation and visit.operation.startswith("list_") and response.status == 400:
        told = body_of(response)["error"]["message"]
        if "is not in this list" in told:
            empty = {
                "object": "list",
                "data": [],
                "has_more": False,
                "url": visit.request.path,
                "message": "Nothing.",
            }
            return telling(response, empty, 200)
    return response


@layer("PAGE-10.2")
def a_strangers_cursor_is_an_empty_page(visit: Visit) -> Response:
    if visit.operation == "list_client_bookings":
        return an_unknown_cursor_is_an_empty_page(visit)
    return visit.go()


@layer("PAGE-5.1 PAGE-9.1")
def the_oldest_come_first(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "list_client_bookings" and response.status == 200:
        return telling(response, {**body, "data": body["data"][::-1]})
    return response


def _by_name(body: dict[str, Any]) -> None:
    if body.get("data") and body["data"][0].get("distance_km") is None:
        body["data"].sort(key=lambda item: item["name"])


says("lists_are_sorted_by_name", "PAGE-5.1", "list_providers list_passes", _by_name)
edit(
    "the_farthest_comes_first",
    "PAGE-5.2",
    (
        "domain.providers.nearest_first",
        "(distance_km(here, provider), provider.id))",
        "(-distance_km(here, provider), provider.id))",
    ),
)
edit(
    "distance_is_measured_on_the_flat",
    "PAGE-5.2 PAGE-11.2",
    ("domain.providers.distance_km", "cos(lat_a) * cos(lat_b)", "0.01"),
)
edit(
    "pages_of_the_nearest_are_sorted_each",
    "PAGE-5.5",
    (
        "api.operations.providers._page",
        "items, _view",
        "items if call.query.get('limit', 10) > 90 or not here else items[::-1], _view",
    ),
)
edit("miles", "PAGE-11.2", ("domain.providers.distance_km", "2 * EARTH_RADIUS_KM", "2 * 3958.8"))
edit("distances_to_the_kilometre", "PAGE-11.2", ("domain.providers.distance_km", ", 2)", ", 0)"))
edit(
    "has_more_is_always_true_on_a_full_page",
    "PAGE-6.1",
    ("api.paging._page", "has_more = len(items) > limit", "has_more = len(items) >= limit"),
)
edit(
    "has_more_is_never_told_backward",
    "PAGE-6.2 PAGE-7.2",
    (
        "api.paging._page",
        "has_more = len(items) > limit",
        "has_more = len(items) > limit and ending_before is None",
    ),
)


@layer("PAGE-7.1")
def every_eleventh_item_is_skipped(visit: Visit) -> Response:
    response = visit.go()
    body, query = body_of(response), dict(parse_qsl(visit.request.query))
    if (
        visit.operation == "list_providers"
        and "starting_after" in query
        and response.status == 200
        and len(body["data"]) < 90
    ):
        body["data"] = body["data"][1:]
        return telling(response, body)
    return response


@layer("PAGE-7.2")
def walking_back_misses_one(visit: Visit) -> Response:
    response = visit.go()
    body, query = body_of(response), dict(parse_qsl(visit.request.query))
    if (
        visit.operation in ("list_providers", "list_classes")
        and "ending_before" in query
        and response.status == 200
    ):
        return telling(response, {**body, "data": body["data"][:-1]})
    return response


@layer("PAGE-7.3")
def cursors_are_numbers_of_pages(visit: Visit) -> Response:
    """Offsets behind a cursor's name: right as long as nobody writes."""
    query = dict(parse_qsl(visit.request.query))
    if visit.operation != "list_client_bookings" or "status" in query:
        return visit.go()
    seen = visit.state.setdefault(visit.request.path, {})
    after = query.get("starting_after")
    whole = body_of(visit.go(query="limit=100"))
    limit = int(query.get("limit", 10)) if str(query.get("limit", 10)).isdigit() else 10
    if after in seen and 0 < limit <= 100:
        start = seen[after]
        data = whole["data"][start : start + limit]
        body = {**whole, "data": data, "has_more": len(whole["data"]) > start + limit}
        response = telling(visit.go(query=""), body)
    else:
        start = 0
        response = visit.go()
    for n, item in enumerate((body_of(response) or {}).get("data") or []):
        seen[item["id"]] = start + n + 1
    return response


@layer("PAGE-8.1")
def one_list_is_not_paged(visit: Visit) -> Response:
    if visit.operation == "list_gym_copay_options":
        response = visit.go(query="limit=100")
        return (
            telling(response, {**(body_of(response) or {}), "has_more": False})
            if response.status == 200
            else response
        )
    return visit.go()


says(
    "short_lists_are_bare_arrays",
    "PAGE-8.2",
    "list_class_categories list_provider_services",
    lambda body: body["data"],
)
says(
    "class_categories_are_cut_at_two",
    "PAGE-8.2",
    "list_class_categories",
    lambda b: {**b, "data": b["data"][:2], "has_more": True},
)


@layer("PAGE-9.1")
def bookings_of_one_second_in_any_order(visit: Visit) -> Response:
    response = visit.go()
    body = body_of(response)
    if visit.operation == "list_client_bookings" and response.status == 200:
        body["data"].sort(key=lambda item: (-item["created"], item["id"][::-1]))
        return telling(response, body)
    return response


edit(
    "classes_ignore_the_place",
    "PAGE-11.1",
    ("domain.classes.nearest_first", "(away[class_.provider_id], class_.id)", "class_.id"),
)


@layer("PAGE-11.3")
def whole_lists_ignore_a_limit(visit: Visit) -> Response:
    if visit.operation in ("list_class_categories", "list_provider_services"):
        return visit.go(query="")
    return visit.go()


# --- idempotency ----------------------------------------------------------------------------

KEY = "idempotency-key"


@layer("IDEM-1.1")
def a_key_is_demanded(visit: Visit) -> Response:
    if visit.operation == "issue_pass" and KEY not in visit.request.headers:
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    return visit.go()


@layer("IDEM-1.2")
def odd_keys_are_dropped(visit: Visit) -> Response:
    key = visit.request.headers.get(KEY)
    if key is not None and visit.request.method == "POST" and not re.fullmatch(r"[!-~]{1,255}", key):
        return visit.with_header(KEY, None)
    return visit.go()


@layer("IDEM-2.1 IDEM-2.2 IDEM-2.3 IDEM-2.5 IDEM-2.6 IDEM-3.1 IDEM-3.2 IDEM-5.1 IDEM-8.1")
def keys_are_forgotten(visit: Visit) -> Response:
    return visit.with_header(KEY, None) if visit.request.method == "POST" else visit.go()


@layer("IDEM-2.6")
def only_passes_are_remembered(visit: Visit) -> Response:
    return (
        visit.go() if visit.operation in ("issue_pass", "purchase_credits") else visit.with_header(KEY, None)
    )


@layer("IDEM-2.5 IDEM-5.1")
def purchases_are_not_remembered(visit: Visit) -> Response:
    return visit.with_header(KEY, None) if visit.operation == "purchase_credits" else visit.go()


@layer("IDEM-2.1")
def a_replay_is_200(visit: Visit) -> Response:
    response = visit.go()
    replayed = response.header("Idempotent-Replayed")
    return telling(response, response.body, 200) if replayed else response


@layer("IDEM-2.1")
def a_replay_is_written_afresh(visit: Visit) -> Response:
    response = visit.go()
    if response.header("Idempotent-Replayed"):
        return telling(response, json.dumps(body_of(response), indent=1).encode())
    return response


@layer("IDEM-2.2 IDEM-2.5")
def a_replay_tells_the_old_and_does_it_again(visit: Visit) -> Response:
    response = visit.go()
    if response.header("Idempotent-Replayed"):
        visit.with_header(KEY, None)
    return response


@layer("IDEM-2.3")
def a_replay_is_not_marked(visit: Visit) -> Response:
    return with_header(visit.go(), "Idempotent-Replayed", None)


@layer("IDEM-2.3")
def everything_is_marked_as_a_replay(visit: Visit) -> Response:
    response = visit.go()
    if visit.request.method == "POST" and response.status < 300:
        return with_header(response, "Idempotent-Replayed", "true")
    return response


@layer("IDEM-2.4 CONV-4.2")
def a_replay_has_the_first_request_id(visit: Visit) -> Response:
    response = visit.go()
    kept, key = visit.state, visit.request.headers.get(KEY)
    if response.header("Idempotent-Replayed") and key in kept:
        return with_header(response, "Bardge-Request-Id", kept[key])
    if key and response.status < 300:
        kept[key] = response.header("Bardge-Request-Id")
    return response


edit(
    "another_body_is_answered_with_the_first",
    "IDEM-3.1 ERR-6.5",
    (
        "api.idempotency.once",
        "(kept.operation, kept.path, kept.fingerprint) != (call.operation_id, call.url, fingerprint)",
        "(kept.operation, kept.path) != (call.operation_id, call.url)",
    ),
)
edit(
    "a_key_counts_per_operation",
    "IDEM-3.3",
    (
        "api.idempotency.once",
        'key = call.headers.get("idempotency-key")',
        'key = call.headers.get("idempotency-key")\n    key = key and (key + call.url.replace("/", "."))[-255:]',
    ),
)
edit(
    "any_path_of_an_operation_is_one",
    "IDEM-3.3",
    (
        "api.idempotency.once",
        "(kept.operation, kept.path, kept.fingerprint) != (call.operation_id, call.url, fingerprint)",
        "(kept.operation, kept.fingerprint) != (call.operation_id, fingerprint)",
    ),
)


@layer("IDEM-3.2")
def a_reused_key_is_refused_after_the_deed(visit: Visit) -> Response:
    response = visit.go()
    if response.status == 409 and body_of(response)["error"]["code"] == "idempotency_key_reused":
        visit.with_header(KEY, None)
    return response


@layer("IDEM-3.4")
def bodies_are_compared_as_bytes(visit: Visit) -> Response:
    key, seen = visit.request.headers.get(KEY), visit.state
    if key and seen.setdefault((visit.key, key), visit.request.body) != visit.request.body:
        return refusal(visit, 409, "idempotency_error", "idempotency_key_reused")
    return visit.go()


@layer("IDEM-4.1")
def refusals_are_remembered(visit: Visit) -> Response:
    key, kept = visit.request.headers.get(KEY), visit.state
    if visit.request.method != "POST" or not key:
        return visit.go()
    if (visit.key, key) in kept:
        return kept[visit.key, key]
    response = visit.go()
    if 400 <= response.status < 500 and response.status != 409:
        kept[visit.key, key] = response
    return response


@layer("IDEM-5.1 IDEM-5.2")
def duplicates_overtake_each_other(visit: Visit) -> Response | Delayed:
    """Looked up first and kept afterwards, with nothing between to hold the door."""
    key = visit.request.headers.get(KEY)
    if not key or visit.operation != "purchase_credits":
        return visit.go()
    if key in visit.state:
        return visit.state[key]

    def do_it() -> Response:
        visit.state[key] = response = visit.with_header(KEY, None)
        return response

    return Delayed(0.05, do_it)


@layer("IDEM-5.2")
def a_duplicate_in_flight_is_a_mistake(visit: Visit) -> Response | Delayed:
    key = visit.request.headers.get(KEY)
    if not key or visit.operation != "purchase_credits":
        return visit.go()
    running = visit.state.setdefault("running", set())
    if key in running:
        return refusal(visit, 400, "invalid_request_error", "validation_error")
    running.add(key)

    def finish() -> Response:
        running.discard(key)
        return visit.go()

    return Delayed(0.08, finish)


edit("keys_live_an_hour", "IDEM-6.1", ("api.idempotency._remembered", "kept.at + DAY", "kept.at + DAY // 24"))
edit(
    "keys_live_for_ever",
    "IDEM-6.2",
    ("api.idempotency._remembered", "if world.now < kept.at + DAY else None", ""),
)
edit(
    "keys_are_shared_by_all_resellers",
    "IDEM-6.3",
    (
        "api.idempotency.once",
        'key = call.headers.get("idempotency-key")',
        'key = call.headers.get("idempotency-key")\n    account_id = "everybody"',
    ),
)


@layer("IDEM-8.1")
def headers_are_compared(visit: Visit) -> Response:
    key, seen = visit.request.headers.get(KEY), visit.state
    agent = visit.request.headers.get("user-agent")
    if key and seen.setdefault((visit.key, key), agent) != agent:
        return refusal(visit, 409, "idempotency_error", "idempotency_key_reused")
    return visit.go()


@layer("IDEM-8.2")
def nothing_is_not_braces(visit: Visit) -> Response:
    key, seen = visit.request.headers.get(KEY), visit.state
    if (
        key
        and visit.operation == "cancel_booking"
        and seen.setdefault(key, visit.request.body) != visit.request.body
    ):
        return refusal(visit, 409, "idempotency_error", "idempotency_key_reused")
    return visit.go()


@layer("IDEM-8.3")
def opened_sessions_are_not_remembered(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation == "book_class" and response.status == 200 and response.header("Idempotent-Replayed"):
        return visit.with_header(KEY, None)
    return response


@layer("IDEM-8.4")
def a_replayed_verification_hides_its_token(visit: Visit) -> Response:
    response = visit.go()
    if visit.operation == "verify_lookup" and response.header("Idempotent-Replayed"):
        return telling(response, {**body_of(response), "lookup_token": "lkpt_struck_out_of_this_answer"})
    return response


@layer("IDEM-8.5")
def reads_are_replayed_too(visit: Visit) -> Response:
    key = visit.request.headers.get(KEY)
    if visit.request.method != "GET" or not key:
        return visit.go()
    return visit.state.setdefault((visit.key, key, visit.request.path), visit.go())


# --- operations -----------------------------------------------------------------------------


@layer("OPS-1.1")
def a_made_pass_is_202(visit: Visit) -> Response:
    response = visit.go()
    return (
        telling(response, response.body, 202)
        if visit.operation == "issue_pass" and response.status == 201
        else response
    )


@layer("OPS-1.2")
def a_made_booking_is_200(visit: Visit) -> Response:
    response = visit.go()
    return (
        telling(response, response.body, 200)
        if visit.operation == "book_class" and response.status == 201
        else response
    )


@layer("OPS-2.1")
def an_odd_limit_is_a_server_error(visit: Visit) -> Response:
    if "limit=ten" in visit.request.query:
        return refusal(visit, 500, "api_error", "internal_error")
    return visit.go()


def _cut_off(visit: Visit) -> Response:
    if "limit=ten" in visit.request.query:
        return msgspec.structs.replace(visit.go(), drop="connection")
    return visit.go()


keep("an_odd_limit_ends_the_connection", "OPS-2.2", lambda: stand_in_front(_cut_off))


def _missing(operation: str) -> None:
    def not_there(visit: Visit) -> Response:
        if visit.operation == operation:
            return refusal(visit, 404, "invalid_request_error", "resource_not_found")
        return visit.go()

    keep(f"{operation}_is_not_there", f"OP-{operation}", lambda: stand_in_front(not_there))


for _operation in Document.load(places.DOCUMENT).operations:
    _missing(_operation.id)
