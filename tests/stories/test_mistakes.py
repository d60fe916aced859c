"""The mistakes an integrator really makes, on every operation that takes a body: refused, and told why."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stories.integrator import Integrator, Told

PEOPLE = {"first_name": "Ada", "last_name": "Obi"}
GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "issue_pass": (
        "/issued_passes",
        {"pass_id": "pass_standard", "client_id": "client_new", **PEOPLE, "start_date": 1_780_000_000_000},
    ),
    "update_issued_pass": ("/issued_passes/brgpass_ada", {"email": "ada@example.com"}),
    "update_issued_pass_expiry": ("/issued_passes/brgpass_ada/expiry", {"expires_at": 1_900_000_000_000}),
    "rotate_passcode": ("/issued_passes/brgpass_ada/passcode", {"passcode": "ADAADA01"}),
    "quote_spa_copay": (
        "/providers/prov_zen/spa-copay-quote",
        {"client_id": "client_standard", "service_ids": ["svc_massage"]},
    ),
    "create_access_code": ("/access-codes", {"client_id": "client_ada", "provider_id": "prov_fitzone"}),
    "book_class": (
        "/bookings/class",
        {
            "class_instance_id": "ci_yoga_open",
            "client_id": "client_ada",
            **PEOPLE,
            "user_pass_id": "brgpass_ada",
        },
    ),
    "book_spa": (
        "/bookings/spa",
        {
            "provider_id": "prov_zen",
            "service_ids": ["svc_massage"],
            "date": "2026-05-14",
            "time": "10:00",
            "client_id": "client_ada",
            **PEOPLE,
            "user_pass_id": "brgpass_ada",
        },
    ),
    "purchase_credits": ("/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_50"}),
    "initiate_lookup": ("/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"}),
    "update_lookup_settings": ("/lookup_settings", {"enabled": True}),
}
OPTIONAL = {"start_date", "email"}


def fields() -> Iterator[Any]:
    for operation, (_, body) in GOOD.items():
        for name in body:
            yield pytest.param(operation, name, id=f"{operation}-{name}")


every_field = pytest.mark.parametrize(("operation", "field"), list(fields()))


def send(desk: Integrator, operation: str, **changed: Any) -> Told:
    """The good request with some fields changed; None leaves one out."""
    path, body = GOOD[operation]
    return desk.post(path, {name: value for name, value in {**body, **changed}.items() if value is not ...})


def told_about(told: Told, field: str) -> None:
    assert told.refusal == (400, "validation_error")
    assert f"body.{field}" in told.message, told.message
    assert len(told.message) > len(f"body.{field} is wrong"), "and what would be right"


@pytest.mark.parametrize("operation", GOOD)
def test_the_request_is_good_as_it_stands(desk: Integrator, operation: str) -> None:
    assert send(desk, operation).status in (200, 201)


@every_field
def test_a_field_that_is_missing_is_named(desk: Integrator, operation: str, field: str) -> None:
    told = send(desk, operation, **{field: ...})
    if operation == "update_issued_pass":
        assert told.refusal == (400, "validation_error"), "nothing to change is a mistake as well"
    elif field in OPTIONAL:
        assert told.status in (200, 201)
    else:
        told_about(told, field)


@every_field
def test_null_is_not_a_value(desk: Integrator, operation: str, field: str) -> None:
    told_about(send(desk, operation, **{field: None}), field)


@every_field
def test_a_value_of_the_wrong_type_is_named(desk: Integrator, operation: str, field: str) -> None:
    value = GOOD[operation][1][field]
    wrong = str(value) if isinstance(value, int) else 5
    told_about(send(desk, operation, **{field: wrong}), field)


@every_field
def test_an_empty_value_is_named(desk: Integrator, operation: str, field: str) -> None:
    empty = [] if isinstance(GOOD[operation][1][field], list) else ""
    told_about(send(desk, operation, **{field: empty}), field)


@pytest.mark.parametrize(
    ("operation", "field"), [(op, name) for op, (_, body) in GOOD.items() for name in body if "_" in name]
)
def test_a_field_in_camel_case_is_unknown(desk: Integrator, operation: str, field: str) -> None:
    head, *rest = field.split("_")
    camel = head + "".join(part.capitalize() for part in rest)
    told_about(send(desk, operation, **{field: ..., camel: GOOD[operation][1][field]}), camel)


@pytest.mark.parametrize("operation", GOOD)
def test_an_unknown_field_is_named(desk: Integrator, operation: str) -> None:
    told_about(send(desk, operation, surprise=1), "surprise")


def test_all_the_faults_of_a_body_are_told_at_once(desk: Integrator) -> None:
    told = desk.post("/bookings/class", {"client_id": 7, "surprise": True})
    for field in ("class_instance_id", "first_name", "last_name", "user_pass_id", "client_id", "surprise"):
        assert f"body.{field}" in told.message


@pytest.mark.parametrize(
    ("operation", "field"),
    [(op, name) for op, (_, body) in GOOD.items() for name in body if name.endswith("_id")],
)
def test_a_trailing_space_in_an_id_is_told(desk: Integrator, operation: str, field: str) -> None:
    told_about(send(desk, operation, **{field: GOOD[operation][1][field] + " "}), field)


@pytest.mark.parametrize(
    ("operation", "changed", "field"),
    [
        ("issue_pass", {"start_date": 1_780_000_000}, "start_date"),  # seconds for milliseconds
        ("update_issued_pass_expiry", {"expires_at": 1_900_000_000}, "expires_at"),
        ("update_issued_pass_expiry", {"expires_at": "2030-01-01"}, "expires_at"),
        ("update_issued_pass_expiry", {"expires_at": 1_500_000_000_000}, "expires_at"),  # the past
        ("update_issued_pass", {"status": "cancelled"}, "status"),
        ("update_issued_pass", {"status": "ACTIVE"}, "status"),
        ("book_spa", {"date": "14/05/2026"}, "date"),
        ("book_spa", {"date": "2026-02-30"}, "date"),
        ("book_spa", {"date": "2026-5-14"}, "date"),
        ("book_spa", {"time": "10"}, "time"),
        ("book_spa", {"time": "24:00"}, "time"),
        ("book_spa", {"time": "10:00:00"}, "time"),
        ("book_spa", {"service_ids": "svc_massage"}, "service_ids"),
        ("book_spa", {"service_ids": ["svc_massage", "svc_massage"]}, "service_ids"),
        ("book_spa", {"service_ids": [1]}, "service_ids"),
        ("book_class", {"first_name": "   "}, "first_name"),
        ("book_class", {"last_name": "x" * 101}, "last_name"),
        ("book_class", {"first_name": "A\nB"}, "first_name"),
        ("update_lookup_settings", {"enabled": "true"}, "enabled"),
        ("update_lookup_settings", {"enabled": 1}, "enabled"),
    ],
)
def test_a_value_of_the_wrong_form_is_told(
    desk: Integrator, operation: str, changed: dict[str, Any], field: str
) -> None:
    told_about(send(desk, operation, **changed), field)


@pytest.mark.parametrize(
    ("operation", "changed", "refusal"),
    [
        ("book_class", {"class_instance_id": "ci_nowhere"}, (404, "resource_not_found")),
        ("book_class", {"client_id": "client_nobody"}, (404, "resource_not_found")),
        ("book_class", {"user_pass_id": "brgpass_none"}, (404, "pass_not_found")),
        ("book_class", {"user_pass_id": "client_ada"}, (404, "pass_not_found")),  # an id of another kind
        ("book_class", {"client_id": "client_partner"}, (403, "permission_denied")),
        ("book_class", {"user_pass_id": "brgpass_partner"}, (403, "permission_denied")),
        ("book_class", {"user_pass_id": "brgpass_standard"}, (400, "validation_error")),
        ("book_class", {"client_id": "Client_Ada"}, (404, "resource_not_found")),  # case matters
        ("book_spa", {"provider_id": "prov_fitzone"}, (400, "validation_error")),
        ("book_spa", {"service_ids": ["svc_luxe_ritual"]}, (400, "validation_error")),
        ("book_spa", {"date": "2026-05-11"}, (409, "slot_unavailable")),  # the past
        ("book_spa", {"date": "2020-05-14"}, (409, "slot_unavailable")),
        ("book_spa", {"date": "0001-01-01", "time": "00:00"}, (409, "slot_unavailable")),
        ("book_spa", {"date": "9999-12-31", "time": "23:30"}, (409, "slot_unavailable")),
        ("book_spa", {"time": "10:10"}, (409, "slot_unavailable")),
        ("quote_spa_copay", {"client_id": "client_partner"}, (403, "permission_denied")),
        ("quote_spa_copay", {"service_ids": ["svc_none"]}, (404, "resource_not_found")),
        ("create_access_code", {"provider_id": "prov_none"}, (404, "resource_not_found")),
        ("create_access_code", {"client_id": "client_no_pass"}, (409, "pass_not_active")),
        ("create_access_code", {"client_id": "client_expired"}, (409, "pass_not_active")),
        ("create_access_code", {"client_id": "client_cancelled"}, (409, "pass_not_active")),
        ("purchase_credits", {"client_id": "client_partner"}, (403, "permission_denied")),
        ("purchase_credits", {"package_id": "pass_premium"}, (404, "resource_not_found")),
        ("issue_pass", {"client_id": "client_partner"}, (403, "permission_denied")),
        ("issue_pass", {"pass_id": "cpkg_50"}, (404, "pass_not_found")),
        ("rotate_passcode", {"passcode": "WRONG001"}, (400, "validation_error")),
        ("initiate_lookup", {"issuer_id": "iss_demo"}, (404, "resource_not_found")),
        ("initiate_lookup", {"client_id": "client_ada"}, (404, "resource_not_found")),
    ],
)
def test_what_does_not_exist_belong_or_fit_is_told_with_its_id(
    desk: Integrator, operation: str, changed: dict[str, Any], refusal: tuple[int, str]
) -> None:
    before = desk.funds()
    told = send(desk, operation, **changed)
    assert told.refusal == refusal
    assert desk.funds() == before


def confirm(desk: Integrator, kind: str, order: Any) -> Told:
    """Confirm a class session that waits for a co-pay or for visits."""
    client = {"copay": "standard", "visits": "visits_used"}[kind]
    instance = {"copay": "ci_hiit_open", "visits": "ci_yoga_open"}[kind]
    session = desk.book(instance, f"client_{client}", f"brgpass_{client}")["session_id"]
    return desk.post(f"/bookings/class/{session}/confirm", order)


@pytest.mark.parametrize(
    ("kind", "order", "field"),
    [
        ("copay", {}, "copay_package_id"),
        ("copay", {"number_of_visits": 2, "duration": "MONTHLY"}, "copay_package_id"),
        ("visits", {}, "number_of_visits"),
        ("visits", {"number_of_visits": 2}, "duration"),
        ("visits", {"number_of_visits": "2", "duration": "MONTHLY"}, "number_of_visits"),
        ("visits", {"number_of_visits": 0, "duration": "MONTHLY"}, "number_of_visits"),
        ("visits", {"number_of_visits": 101, "duration": "MONTHLY"}, "number_of_visits"),
        ("visits", {"number_of_visits": 1.5, "duration": "MONTHLY"}, "number_of_visits"),
        ("visits", {"number_of_visits": True, "duration": "MONTHLY"}, "number_of_visits"),
        ("visits", {"number_of_visits": 2, "duration": "monthly"}, "duration"),
        ("visits", {"number_of_visits": 2, "duration": "WEEKLY"}, "duration"),
    ],
)
def test_a_confirm_that_does_not_say_what_to_buy_is_told(
    desk: Integrator, kind: str, order: dict[str, Any], field: str
) -> None:
    told_about(confirm(desk, kind, order), field)


def test_a_confirm_with_5_0_buys_five(desk: Integrator) -> None:
    assert confirm(desk, "visits", {"number_of_visits": 5.0, "duration": "ANNUALLY"}).status == 201


@pytest.mark.parametrize("order", [{"copay_package_id": "copay_nowhere"}, {"copay_package_id": "cpkg_50"}])
def test_an_option_that_is_none_is_not_found(desk: Integrator, order: dict[str, Any]) -> None:
    assert confirm(desk, "copay", order).refusal == (404, "resource_not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"client_id": "client_standard"},
        {"client_id": "client_standard", "provider_id": "prov_ironhouse"},
        {"client_id": "client_standard", "copay_option_id": "copay_ironhouse_month"},
        {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": 5},
        {
            "client_id": "client_standard",
            "provider_id": "prov_ironhouse",
            "copay_option_id": "copay_ironhouse_month",
            "quote_id": "quote_1",
        },
    ],
)
def test_a_co_pay_purchase_is_one_of_three_things(desk: Integrator, body: dict[str, Any]) -> None:
    told = desk.post("/copay_purchases", body)
    assert told.refusal == (400, "validation_error")
    assert "body" in told.message


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/classes?limit=0", "limit"),
        ("/classes?lat=6.4", "lon"),
        ("/classes?lat=91&lon=0", "lat"),
        ("/classes?Category=cat_yoga", "Category"),
        ("/classes/class_yoga?from=tomorrow", "from"),
        ("/classes/class_yoga?from=2026-05-20&to=2026-05-19", "from"),
        ("/classes/class_yoga?from=2026-05-01&to=2026-06-01", "31"),
        ("/classes/class_yoga?from=2026-02-30", "from"),
        ("/clients/client_ada/bookings?status=pending", "status"),
        ("/clients/client_ada/bookings?type=GYM", "type"),
        ("/providers/prov_zen/availability?date=2026-02-30", "date"),
        ("/providers/prov_zen/availability", "date"),
        ("/providers/prov_fitzone/availability?date=2026-05-14", "GYM"),
        ("/providers/prov_zen/gym-copay-options", "SPA"),
    ],
)
def test_a_query_that_is_wrong_is_told(desk: Integrator, path: str, word: str) -> None:
    told = desk.get(path)
    assert told.refusal == (400, "validation_error")
    assert word in told.message
