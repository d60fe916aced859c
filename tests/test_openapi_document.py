"""openapi.yaml is the promise; these tests hold it to what the reference says of the API.

They read the file as an integrator's tools do, with plain YAML and stock validators, so that
they would also pass or fail without this sandbox.
"""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs
import openapi_spec_validator
import pytest
import segno
import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCE = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = yaml.load(SOURCE, Loader=yaml.CSafeLoader)
COMPONENTS = DOCUMENT["components"]
SCHEMAS = COMPONENTS["schemas"]
LAGOS = ZoneInfo("Africa/Lagos")

OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
POSTS = [name for name, (method, _, _) in OPERATIONS.items() if method == "post"]

# Method and path as the reference lists them, and the letter it gives them.
DECLARED = {
    "list_passes": "get /passes documented",
    "issue_pass": "post /issued_passes menu",
    "update_issued_pass": "post /issued_passes/{id} menu",
    "update_issued_pass_expiry": "post /issued_passes/{id}/expiry menu",
    "get_issued_pass": "get /issued_passes/{id} menu",
    "rotate_passcode": "post /issued_passes/{id}/passcode chosen",
    "list_providers": "get /providers documented",
    "list_pass_providers": "get /passes/{id}/providers documented",
    "get_provider": "get /providers/{id} chosen",
    "list_provider_services": "get /providers/{id}/services chosen",
    "get_provider_availability": "get /providers/{id}/availability chosen",
    "list_gym_copay_options": "get /providers/{providerBranchId}/gym-copay-options documented",
    "quote_spa_copay": "post /providers/{id}/spa-copay-quote documented",
    "create_access_code": "post /access-codes documented",
    "confirm_access_code": "post /access-codes/{sessionId}/confirm chosen",
    "list_class_categories": "get /class_categories menu",
    "list_classes": "get /classes documented",
    "get_class": "get /classes/{id} menu",
    "book_class": "post /bookings/class documented",
    "confirm_class_booking": "post /bookings/class/{sessionId}/confirm documented",
    "book_spa": "post /bookings/spa documented",
    "confirm_spa_booking": "post /bookings/spa/{sessionId}/confirm documented",
    "list_client_bookings": "get /clients/{clientId}/bookings documented",
    "get_booking_status": "get /bookings/{id} menu",
    "cancel_booking": "post /bookings/{id}/cancel menu",
    "reschedule_booking": "post /bookings/{id}/reschedule documented",
    "purchase_copay": "post /copay_purchases documented",
    "list_credit_packages": "get /credit_packages documented",
    "purchase_credits": "post /credit_purchases documented",
    "get_client_credits": "get /clients/{clientId}/credits sampled",
    "list_issuers": "get /issuers documented",
    "initiate_lookup": "post /lookups documented",
    "verify_lookup": "post /lookups/{id}/verify documented",
    "get_client": "get /clients/{clientId} menu",
    "update_lookup_settings": "post /lookup_settings chosen",
}

# The vendor's menu of schemas, whole and in its order.
MENU = (
    "PasscodeV3Request",
    "PurchaseSpaCoPayV3Request",
    "LookupInitiateV3Request",
    "ResellerV3PasscodeResponse",
    "ErrorDetail",
    "ResellerV3ErrorResponse",
    "LookupV3Response",
    "ResellerV3SpaCoPayPurchaseResponse",
    "LookupVerifyV3Request",
    "SpaCoPayQuoteV3Request",
    "IssuePassV3Request",
    "PassRef",
    "ResellerV3SpaCoPayQuoteResponse",
    "CategoryDetails",
    "ResellerV3IssuedPassResponse",
    "UpdateIssuedPassExpiryV3Request",
    "ResellerV3IssuedPassMessageResponse",
    "UpdateLookupEnabledRequest",
    "UpdateIssuedPassV3Request",
    "PurchaseGymCoPayV3Request",
    "PurchaseCoPayPackageV3Request",
    "PurchaseCreditsV3Request",
    "ResellerV3GymCoPayPurchaseResponse",
    "ResellerV3CreditPurchaseResponse",
    "ResellerV3CoPayPurchaseResponse",
    "RescheduleBookingV3Request",
    "RefundInfo",
    "PasscodeInfo",
    "ResellerV3BookingResponse",
    "BookSpaV3Request",
    "ResellerV3SpaBookingInitiateResponse",
    "BookClassV3Request",
    "CopayOption",
    "ResellerV3ProviderResponse",
    "ResellerV3ClassBookingInitiateResponse",
    "ResellerV3ServiceResponse",
    "ConfirmClassBookingV3Request",
    "ResellerV3SpaResponse",
    "AccessCodeV3Request",
    "ServicePreview",
    "ResellerV3AccessCodeResponse",
    "ResellerV3ListResponse",
    "ResellerV3AccessCodeSessionResponse",
    "ResellerV3AvailabilityResponse",
    "ConfirmAccessCodeV3Request",
    "ResellerV3ClientResponse",
    "CategoryDetail",
    "ResellerV3CreditsResponse",
    "ResellerV3PassResponse",
    "ResellerV3ClassInstanceResponse",
    "ResellerV3ClassResponse",
    "ResellerV3BookingStatusResponse",
)

RULES = {
    f"{family}-{number}"
    for family, count in {
        "CONV": 19,
        "AUTH": 5,
        "ERR": 9,
        "PAGE": 11,
        "IDEM": 8,
        "PASS": 16,
        "CODE": 8,
        "BOOK": 26,
        "COPAY": 7,
        "CRED": 10,
        "LOOK": 8,
    }.items()
    for number in range(1, count + 1)
}

# ERR-2 to ERR-4 and ERR-7: what each code is, whichever operation answers it.
CODES = {
    "validation_error": ("400", "invalid_request_error", "documented"),
    "invalid_api_key": ("401", "authentication_error", "documented"),
    "account_disabled": ("403", "permission_error", "documented"),
    "permission_denied": ("403", "permission_error", "documented"),
    "provider_not_covered": ("403", "permission_error", "chosen"),
    "invalid_lookup_token": ("403", "permission_error", "chosen"),
    "resource_not_found": ("404", "invalid_request_error", "documented"),
    "pass_not_found": ("404", "invalid_request_error", "documented"),
    "idempotency_key_reused": ("409", "idempotency_error", "documented"),
    "idempotency_key_in_use": ("409", "idempotency_error", "chosen"),
    "slot_unavailable": ("409", "resource_conflict_error", "documented"),
    "class_full": ("409", "resource_conflict_error", "documented"),
    "pass_not_active": ("409", "resource_conflict_error", "chosen"),
    "already_cancelled": ("409", "resource_conflict_error", "chosen"),
    "booking_closed": ("409", "resource_conflict_error", "chosen"),
    "class_started": ("409", "resource_conflict_error", "chosen"),
    "session_expired": ("409", "resource_conflict_error", "chosen"),
    "session_used": ("409", "resource_conflict_error", "chosen"),
    "copay_required": ("409", "resource_conflict_error", "chosen"),
    "copay_not_required": ("409", "resource_conflict_error", "chosen"),
    "quote_expired": ("409", "resource_conflict_error", "chosen"),
    "quote_used": ("409", "resource_conflict_error", "chosen"),
    "lookup_not_pending": ("409", "resource_conflict_error", "chosen"),
    "credits_not_accepted": ("409", "resource_conflict_error", "chosen"),
    "account_balance_insufficient": ("409", "resource_conflict_error", "chosen"),
    "payload_too_large": ("413", "invalid_request_error", "chosen"),
    "rate_limited": ("429", "api_error", "chosen"),
    "internal_error": ("500", "api_error", "chosen"),
}

every_operation = pytest.mark.parametrize("name", list(OPERATIONS))
every_post = pytest.mark.parametrize("name", POSTS)


def resolve(node: Any) -> Any:
    """What a node says, its own words winning over those of what it refers to."""
    if isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return {**resolve(target), **{key: value for key, value in node.items() if key != "$ref"}}
    return node


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": COMPONENTS}, validate_formats=True
    )


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Compiled once for each shared schema; `format` counts, as it does in the sandbox."""
    if set(schema) == {"$ref"}:
        return _validator(schema["$ref"].removeprefix("#/components/schemas/"))
    return jsonschema_rs.Draft202012Validator({**schema, "components": COMPONENTS}, validate_formats=True)


def is_valid(schema: str, value: object) -> bool:
    return _validator(schema).is_valid(value)


def parameters(name: str) -> list[dict[str, Any]]:
    return [resolve(one) for one in OPERATIONS[name][2].get("parameters", [])]


def parameter_names(name: str, place: str) -> set[str]:
    return {one["name"] for one in parameters(name) if one["in"] == place}


def responses(name: str) -> dict[str, dict[str, Any]]:
    return {status: resolve(one) for status, one in OPERATIONS[name][2]["responses"].items()}


def refusals(name: str) -> dict[str, dict[str, Any]]:
    return {status: one for status, one in responses(name).items() if status >= "400"}


def successes(name: str) -> dict[str, dict[str, Any]]:
    return {status: one for status, one in responses(name).items() if status < "400"}


def examples_of(media: dict[str, Any]) -> dict[str, Any]:
    """The examples of one body by name; the only one has none."""
    if "example" in media:
        return {"": media["example"]}
    return {key: resolve(one)["value"] for key, one in media.get("examples", {}).items()}


def media_of(holder: dict[str, Any]) -> dict[str, Any]:
    assert list(holder["content"]) == ["application/json"]
    media: dict[str, Any] = holder["content"]["application/json"]
    return media


def bodies() -> Iterator[Any]:
    """Every example of a request or an answer, with the schema it has to fit."""
    for name, (_, _, operation) in OPERATIONS.items():
        holders = {"request": operation["requestBody"]} if "requestBody" in operation else {}
        for place, holder in (holders | responses(name)).items():
            media = media_of(holder)
            for key, value in examples_of(media).items():
                yield pytest.param(media["schema"], value, id=f"{name}-{place}-{key}".rstrip("-"))


def nested(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping within a value, itself included."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nested(value)
    elif isinstance(node, list):
        for value in node:
            yield from nested(value)


def request_schemas() -> dict[str, dict[str, Any]]:
    """The object schemas that requests are made of, the branches of a choice instead of the choice."""
    found: dict[str, dict[str, Any]] = {}
    for name in POSTS:
        reference = media_of(OPERATIONS[name][2]["requestBody"])["schema"]["$ref"]
        schema = SCHEMAS[reference.rsplit("/", 1)[1]]
        for branch in schema.get("oneOf", [{"$ref": reference}]):
            found[branch["$ref"].rsplit("/", 1)[1]] = resolve(branch)
    return found


# The document as a whole


def test_it_is_a_valid_openapi_3_1_document() -> None:
    openapi_spec_validator.validate(DOCUMENT)
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["servers"][0]["url"] == "/v3/api/business/reseller"


def test_it_declares_every_operation_of_the_reference_and_no_other() -> None:
    declared = {name: whole.rsplit(" ", 1)[0] for name, whole in DECLARED.items()}
    assert {name: f"{method} {path}" for name, (method, path, _) in OPERATIONS.items()} == declared


@pytest.mark.parametrize("schema", MENU)
def test_every_schema_of_the_vendors_menu_is_defined(schema: str) -> None:
    assert schema in SCHEMAS


def test_the_menu_is_whole() -> None:
    assert len(set(MENU)) == 52


def test_one_bearer_key_guards_every_operation() -> None:
    assert DOCUMENT["security"] == [{"BearerKey": []}]
    assert COMPONENTS["securitySchemes"]["BearerKey"]["scheme"] == "bearer"
    assert not [name for name, (_, _, operation) in OPERATIONS.items() if "security" in operation]


def scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalars(key)
            yield from scalars(value)


def kind_in_yaml_1_2(text: str) -> str:
    if text in ("", "~", "null", "Null", "NULL"):
        return "null"
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return "bool"
    if re.fullmatch(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", text):
        return "int"
    number = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    return "float" if re.fullmatch(number, text) else "str"


def test_yaml_1_1_and_1_2_read_the_same_document() -> None:
    # Unquoted, 1.1 takes 2026-06-12 for a date, 12:30 for 750 and `no` for false; 1.2 takes them for text.
    root = yaml.compose(SOURCE, Loader=yaml.CSafeLoader)
    assert root is not None
    differing = [
        f"line {one.start_mark.line + 1}: {one.value}"
        for one in scalars(root)
        if one.style is None and one.tag.rsplit(":", 1)[1] != kind_in_yaml_1_2(one.value)
    ]
    assert differing == []


def test_it_is_written_for_people() -> None:
    assert not [number for number, line in enumerate(SOURCE.splitlines(), 1) if len(line) > 120]
    assert not re.search(r"<<:|: [&*]\w", SOURCE), "no anchors, aliases or merge keys"


# Operations


@every_operation
def test_an_operation_says_what_it_is_and_where_we_know_it_from(name: str) -> None:
    operation = OPERATIONS[name][2]
    assert operation["summary"]
    assert len(operation["description"]) > 40
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["x-provenance"] in {"documented", "sampled", "menu", "chosen"}
    assert operation["x-handler"] == "required"


@every_operation
def test_provenance_is_that_of_the_reference(name: str) -> None:
    assert OPERATIONS[name][2]["x-provenance"] == DECLARED[name].split()[2]


@every_operation
def test_an_operation_names_rules_that_exist(name: str) -> None:
    rules = OPERATIONS[name][2]["x-rules"]
    assert rules
    assert set(rules) <= RULES
    assert len(rules) == len(set(rules))


def test_every_rule_is_named_somewhere() -> None:
    named = {rule for _, _, operation in OPERATIONS.values() for rule in operation["x-rules"]}
    assert named | set(DOCUMENT["x-rules"]) == RULES


@every_operation
def test_the_rules_of_an_operation_follow_from_what_it_takes_and_answers(name: str) -> None:
    operation = OPERATIONS[name][2]
    rules, codes = set(operation["x-rules"]), set(operation["x-codes"])
    if operation.get("x-paginated"):
        assert {f"PAGE-{number}" for number in range(1, 11)} <= rules
    if "lat" in parameter_names(name, "query"):
        assert "PAGE-11" in rules
    if "Bardge-Lookup-Token" in parameter_names(name, "header"):
        assert {"LOOK-2", "LOOK-5", "LOOK-7"} <= rules
    if "permission_denied" in codes:
        assert "AUTH-4" in rules
    if "account_balance_insufficient" in codes:
        assert "CONV-18" in rules
    if {"session_expired", "session_used"} & codes:
        assert {"BOOK-4", "BOOK-17"} <= rules


@every_operation
def test_path_parameters_are_those_of_the_path(name: str) -> None:
    path = OPERATIONS[name][1]
    assert parameter_names(name, "path") == set(re.findall(r"{(\w+)}", path))
    for one in parameters(name):
        if one["in"] == "path":
            assert one["x-not-found"] in {"resource_not_found", "pass_not_found"}
            assert one["x-not-found"] in OPERATIONS[name][2]["x-codes"]


@every_post
def test_a_post_can_be_retried_with_an_idempotency_key(name: str) -> None:
    operation = OPERATIONS[name][2]
    key = next(one for one in parameters(name) if one["name"] == "Idempotency-Key")
    assert operation["x-idempotent"] is True
    assert not key.get("required", False)
    check = validator(key["schema"])
    assert all(map(check.is_valid, ("a", "~" * 255, "6f1c9a52-8a0e")))
    assert not any(map(check.is_valid, ("", "~" * 256, "two words", "tab\t", "é")))
    assert {f"IDEM-{number}" for number in range(1, 9)} <= set(operation["x-rules"])
    for answer in successes(name).values():
        assert "Idempotent-Replayed" in answer["headers"]


def test_only_a_post_takes_an_idempotency_key() -> None:
    keyed = {name for name in OPERATIONS if "Idempotency-Key" in parameter_names(name, "header")}
    assert keyed == set(POSTS)
    assert {name for name, (_, _, operation) in OPERATIONS.items() if operation.get("x-idempotent")} == set(
        POSTS
    )


def test_the_lists_of_page_8_are_paginated_and_no_others() -> None:
    paginated = {path for _, path, operation in OPERATIONS.values() if operation.get("x-paginated")}
    assert paginated == {
        "/passes",
        "/passes/{id}/providers",
        "/providers",
        "/providers/{providerBranchId}/gym-copay-options",
        "/issuers",
        "/classes",
        "/clients/{clientId}/bookings",
        "/credit_packages",
    }
    for name, (_, path, _) in OPERATIONS.items():
        page = {"limit", "starting_after", "ending_before"}
        assert parameter_names(name, "query") & page == (page if path in paginated else set())


def test_the_lookup_token_is_taken_where_look_5_says() -> None:
    taking = {name for name in OPERATIONS if "Bardge-Lookup-Token" in parameter_names(name, "header")}
    assert taking == {
        "create_access_code",
        "book_class",
        "book_spa",
        "quote_spa_copay",
        "purchase_copay",
        "get_client",
        "get_client_credits",
        "list_client_bookings",
    }
    refusing = {name for name, (_, _, one) in OPERATIONS.items() if "invalid_lookup_token" in one["x-codes"]}
    assert refusing == taking


@every_post
def test_a_body_is_required_exactly_where_a_field_is(name: str) -> None:
    body = OPERATIONS[name][2]["requestBody"]
    schema = resolve(media_of(body)["schema"])
    needs_a_field = bool(schema.get("required") or schema.get("oneOf") or schema.get("minProperties"))
    assert body["required"] is needs_a_field


# Answers


@every_operation
def test_every_answer_carries_a_request_id(name: str) -> None:
    for answer in responses(name).values():
        header = resolve(answer["headers"]["Bardge-Request-Id"])
        assert header["required"] is True
        check = validator(header["schema"])
        assert check.is_valid("req_" + "0123456789abcdef" * 2)
        assert check.is_valid("req_AbC12345")
        assert not check.is_valid("req_1234567")


@every_operation
def test_an_operation_documents_each_status_it_can_answer(name: str) -> None:
    method, path, _ = OPERATIONS[name]
    expected = {"400", "401", "403", "429", "500"} | ({"409", "413"} if method == "post" else set())
    names_something = "{" in path or "404" in refusals(name)
    assert set(refusals(name)) == expected | ({"404"} if names_something else set())


@every_operation
def test_codes_are_those_of_the_examples_and_each_under_its_status(name: str) -> None:
    shown: list[str] = []
    for status, answer in refusals(name).items():
        for key, value in examples_of(media_of(answer)).items():
            error = value["error"]
            assert key == error["code"]
            assert CODES[key][:2] == (status, error["type"])
            shown.append(key)
    assert OPERATIONS[name][2]["x-codes"] == shown


def test_every_code_but_the_one_for_methods_is_answered_by_some_operation() -> None:
    # No operation answers 405, since another method is another operation; info tells of it.
    answered = {code for _, _, operation in OPERATIONS.values() for code in operation["x-codes"]}
    assert answered == set(CODES)
    assert "method_not_allowed" in DOCUMENT["info"]["description"]


@every_operation
def test_error_responses_say_where_we_know_them_from(name: str) -> None:
    for answer in refusals(name).values():
        examples = media_of(answer)["examples"]
        provenance = {key: resolve(one)["x-provenance"] for key, one in examples.items()}
        assert provenance == {key: CODES[key][2] for key in provenance}
        if "documented" in provenance.values():
            assert answer["x-provenance"] == "documented"
        for one in map(resolve, examples.values()):
            assert one["summary"]
            assert one["description"].endswith("."), "what to do, as a sentence"


def test_too_many_requests_says_when_to_come_back() -> None:
    assert "Retry-After" in COMPONENTS["responses"]["RateLimited"]["headers"]


@pytest.mark.parametrize(("schema", "value"), list(bodies()))
def test_every_example_fits_its_schema(schema: dict[str, Any], value: Any) -> None:
    validator(schema).validate(value)


@every_operation
def test_every_request_and_success_has_an_example(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    holders = [*successes(name).values(), *([operation["requestBody"]] if "requestBody" in operation else [])]
    for holder in holders:
        assert examples_of(media_of(holder))


def test_dates_and_times_in_examples_agree_with_the_moment() -> None:
    stamped = [one for one in nested(DOCUMENT["paths"]) if isinstance(one.get("scheduled_for"), int)]
    assert len(stamped) > 8
    for one in stamped:
        there = datetime.fromtimestamp(one["scheduled_for"], UTC).astimezone(LAGOS)
        assert one.get("time", f"{there:%H:%M}") == f"{there:%H:%M}"
        assert one.get("date", f"{there:%Y-%m-%d}") == f"{there:%Y-%m-%d}"


def test_the_qr_codes_in_examples_are_those_of_their_access_codes() -> None:
    codes = [one for one in nested(DOCUMENT["paths"]) if isinstance(one.get("qr_code"), str)]
    assert codes
    for one in codes:
        assert base64.b64decode(one["qr_code"].partition(",")[2], validate=True).startswith(b"\x89PNG")
        drawn = segno.make(one["access_code"], micro=False)
        assert one["qr_code"] == drawn.png_data_uri(scale=3, border=4)


# Schemas


@pytest.mark.parametrize("schema", list(SCHEMAS))
def test_a_schema_says_where_we_know_it_from(schema: str) -> None:
    assert SCHEMAS[schema]["x-provenance"] in {"documented", "sampled", "menu", "chosen"}


@pytest.mark.parametrize("schema", list(SCHEMAS))
def test_every_required_field_is_declared(schema: str) -> None:
    for one in nested(SCHEMAS[schema]):
        if isinstance(one.get("required"), list):
            assert set(one["required"]) <= set(one.get("properties", {}))


@pytest.mark.parametrize("schema", list(request_schemas()))
def test_a_request_takes_nothing_unknown_and_no_null(schema: str) -> None:
    definition = request_schemas()[schema]
    assert definition["type"] == "object"
    assert definition["additionalProperties"] is False
    for field, one in definition.get("properties", {}).items():
        assert not validator(one).is_valid(None), field
        plain = resolve(one)
        bounded = plain.get("type") != "string" or {"enum", "const", "maxLength", "pattern"} & set(plain)
        assert bounded, f"{field} is not bounded"


def test_every_example_of_a_field_fits_it() -> None:
    shown = [part for part in nested(SCHEMAS) if isinstance(part.get("examples"), list)]
    assert len(shown) > 20
    for part in shown:
        for value in part["examples"]:
            validator(part).validate(value)


def test_answers_are_open_but_for_errors() -> None:
    closed = {name for name, schema in SCHEMAS.items() if "additionalProperties" in schema}
    assert closed - set(request_schemas()) == {"ErrorDetail", "ResellerV3ErrorResponse"}


def test_an_answered_object_has_every_field_it_lists() -> None:
    # CONV-11; a booking's refund is the one field that belongs to a single operation.
    sent = request_schemas()
    for name, schema in SCHEMAS.items():
        if name in sent:
            continue
        for part in (schema, *schema.get("allOf", [])):
            missing = set(part.get("properties", {})) - set(part.get("required", []))
            narrowed = {"type", "status", "category", "copay_required", "additional_visits_required", "data"}
            assert missing <= (narrowed if part is not schema else {"refund"}), name


def test_null_is_answered_only_for_what_is_unknown_or_unbounded() -> None:
    nullable = set()
    for name, schema in SCHEMAS.items():
        for part in nested(schema):
            for field, one in part.get("properties", {}).items():
                if "null" in resolve(one).get("type", []):
                    nullable.add((name, field))
    assert nullable == {
        ("CategoryDetail", "visits_allowed"),
        ("CategoryDetails", "visits_allowed"),
        ("CopayOption", "visits"),
        ("CreditPackage", "expires_in_days"),
        ("ResellerV3ClassInstanceResponse", "credit_cost"),
        ("ResellerV3ClassResponse", "credit_cost"),
        ("ResellerV3ClientResponse", "email"),
        ("ResellerV3ClientResponse", "phone"),
        ("ResellerV3CreditPurchaseResponse", "expires_at"),
        ("ResellerV3ProviderResponse", "check_in_credit_cost"),
        ("ResellerV3ProviderResponse", "distance_km"),
        ("ResellerV3ServiceResponse", "credit_cost"),
        ("ServicePreview", "credit_cost"),
    }


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ("Id", ["a", "brgpass_ada", "A-z_0.9:x", "x" * 64], ["", "x" * 65, "a b", "a/b", "é", 7]),
        (
            "Text",
            ["a", " a ", "Ọlá", "O'Neil", "x" * 100],
            ["", " ", "\u3000", "a\tb", "a\n", "a\x7f", "x" * 101],
        ),
        ("Reason", ["x" * 500], ["x" * 501, "  "]),
        (
            "Date",
            ["2026-06-12"],
            ["2026-6-12", "2026-02-30", "12-06-2026", "2026-06-12T00:00:00Z", "٢٠٢٦-06-12"],
        ),
        ("ClockTime", ["00:00", "23:59"], ["24:00", "7:00", "07:60", "07:00:00", "0700"]),
        (
            "SentEpochMilliseconds",
            [946684800000, 4102444799999],
            [1781082000, 946684799999, 4102444800000, 1.5],
        ),
        (
            "UpdateIssuedPassV3Request",
            [{"email": "x" * 100, "phone": "12345"}],
            [{"email": "x" * 101}, {"phone": " "}, {"phone": "+234\n8031234567"}],
        ),
        ("Passcode", ["K7QX42MD"], ["k7qx42md", "K7QX42M", "K7QX42MDD"]),
        (
            "ServiceIds",
            [["svc_a"], ["svc_a", "svc_b"]],
            [[], ["svc_a", "svc_a"], [str(n) for n in range(21)], "svc_a"],
        ),
        ("Kobo", [0, 5, 5.0], [-1, 0.5, "5", True]),
        ("EpochSeconds", [0, 1781082000], [1781082000000, "1781082000"]),
        (
            "LookupVerifyV3Request",
            [{"access_code": "012345"}],
            [{"access_code": 12345}, {"access_code": "12345"}, {}],
        ),
        (
            "UpdateIssuedPassV3Request",
            [{"status": "CANCELLED"}],
            [{}, {"status": "ACTIVE"}, {"status": "cancelled"}],
        ),
        ("UpdateLookupEnabledRequest", [{"enabled": False}], [{"enabled": "false"}, {"enabled": 0}]),
        (
            "ConfirmClassBookingV3Request",
            [{}, {"number_of_visits": 100, "duration": "ANNUALLY"}],
            [
                {"number_of_visits": 0},
                {"number_of_visits": 101},
                {"duration": "monthly"},
                {"copay_package_id": None},
            ],
        ),
    ],
)
def test_what_fits_and_what_does_not(schema: str, right: list[Any], wrong: list[Any]) -> None:
    assert [value for value in right if not is_valid(schema, value)] == []
    assert [value for value in wrong if is_valid(schema, value)] == []


def test_a_purchase_is_exactly_one_of_three() -> None:
    whose = {"client_id": "client_standard"}
    gym = whose | {"provider_id": "prov_ironhouse", "copay_option_id": "copay_ironhouse_month"}
    spa = whose | {"provider_id": "prov_zen", "quote_id": "quote_1"}
    package = whose | {"copay_package_id": "copay_ironhouse_month", "session_id": "sess_1"}
    assert all(is_valid("CoPayPurchaseRequest", body) for body in (gym, spa, package))
    assert not any(is_valid("CoPayPurchaseRequest", body) for body in (gym | spa, gym | package, whose, {}))


def _answer(name: str, status: str, example: str = "") -> dict[str, Any]:
    return dict(examples_of(media_of(responses(name)[status]))[example])


def _without(answer: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != field}


def test_a_booked_class_names_its_booking() -> None:
    booked = _answer("book_class", "201")
    assert not is_valid("ClassBookingMade", _without(booked, "booking_id"))
    assert not is_valid("ClassBookingMade", booked | {"copay_required": True})


@pytest.mark.parametrize(
    ("example", "due"), [("visits_due", "cost_per_visit"), ("copay_due", "copay_options")]
)
@pytest.mark.parametrize(
    ("name", "schema"),
    [("book_class", "ClassBookingSession"), ("create_access_code", "ResellerV3AccessCodeSessionResponse")],
)
def test_a_session_says_what_is_due(name: str, schema: str, example: str, due: str) -> None:
    session = _answer(name, "200", example)
    assert is_valid(schema, session)
    assert not is_valid(schema, _without(session, due))
    assert not is_valid(schema, _without(session, "session_id"))
    assert not is_valid(schema, session | {"copay_required": False, "additional_visits_required": False})


def test_a_booking_has_the_fields_of_its_type() -> None:
    seat, treatment = _answer("confirm_class_booking", "201"), _answer("confirm_spa_booking", "201")
    assert "visits_deducted" not in treatment
    assert not is_valid("ResellerV3BookingResponse", seat | {"type": "spa"})
    assert not is_valid("ResellerV3BookingResponse", treatment | {"type": "class"})
    assert not is_valid("ResellerV3BookingResponse", _without(seat, "visits_deducted"))
    assert not is_valid("ResellerV3BookingResponse", _without(treatment, "service_name"))
    assert not is_valid("CancelledBooking", seat)


def test_a_spa_comes_with_its_services() -> None:
    spa = _answer("get_provider", "200", "spa")
    assert not is_valid("ProviderDetail", _without(spa, "services"))
    assert is_valid("ProviderDetail", _without(spa, "services") | {"category": "GYM"})


# Links


def links() -> Iterator[Any]:
    for name in OPERATIONS:
        for status, answer in successes(name).items():
            for key, link in answer.get("links", {}).items():
                yield pytest.param(name, status, link, id=f"{name}-{status}-{key}")


def _followed(expression: str, name: str, status: str) -> list[Any]:
    """What a runtime expression finds in each of the operation's own examples."""
    source, _, pointer = expression.partition("#/")
    if source == "$response.body":
        media = media_of(responses(name)[status])
    elif source == "$request.body":
        media = media_of(OPERATIONS[name][2]["requestBody"])
    else:
        place, _, parameter = source.removeprefix("$request.").partition(".")
        assert parameter in parameter_names(name, place)
        return [parameter]
    found = []
    for value in examples_of(media).values():
        for part in pointer.split("/"):
            if isinstance(value, list):
                value = value[int(part)] if int(part) < len(value) else None
            else:
                value = (value or {}).get(part)
        found.append(value)
    return [value for value in found if value is not None]


@pytest.mark.parametrize(("name", "status", "link"), list(links()))
def test_a_link_leads_to_an_operation_with_values_that_fit_it(
    name: str, status: str, link: dict[str, Any]
) -> None:
    target = link["operationId"]
    known = {one["name"]: one for one in parameters(target)}
    for key, expression in link.get("parameters", {}).items():
        for value in _followed(expression, name, status):
            schema = known[key]["schema"]
            # A list in a query may be given as its one item.
            as_sent = [value] if resolve(schema).get("type") == "array" else value
            validator(schema).validate(as_sent)
    if "requestBody" not in link:
        return
    schema = resolve(media_of(OPERATIONS[target][2]["requestBody"])["schema"])
    properties = {
        key: one
        for branch in schema.get("oneOf", [schema])
        for key, one in resolve(branch).get("properties", {}).items()
    }
    for key, value in link["requestBody"].items():
        for item in value if isinstance(value, list) else [value]:
            dynamic = isinstance(item, str) and item.startswith("$")
            for found in _followed(item, name, status) if dynamic else [item]:
                as_sent = [found] if isinstance(value, list) else found
                validator(properties[key]).validate(as_sent)


@pytest.mark.parametrize(
    "walk",
    [
        "list_passes issue_pass get_issued_pass update_issued_pass_expiry update_issued_pass",
        "issue_pass book_class confirm_class_booking get_booking_status cancel_booking",
        "list_classes get_class book_class reschedule_booking cancel_booking",
        "list_provider_services book_spa confirm_spa_booking get_booking_status reschedule_booking",
        "list_providers quote_spa_copay purchase_copay",
        "list_providers list_gym_copay_options purchase_copay create_access_code confirm_access_code",
        "list_credit_packages purchase_credits get_client_credits",
        "list_issuers initiate_lookup verify_lookup create_access_code",
    ],
)
def test_links_walk_through_the_life_of_things(walk: str) -> None:
    steps = walk.split()
    for here, there in pairwise(steps):
        reached = {
            link["operationId"]
            for answer in successes(here).values()
            for link in answer.get("links", {}).values()
        }
        assert there in reached, f"{here} has no link to {there}"
