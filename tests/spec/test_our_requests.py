"""Strict reading: the conventions of our own API (CONV-14 to 17, PAGE-2, IDEM-1), and messages that teach."""

import time

import pytest

from sandbox.spec import BadRequest, UnsupportedMedia
from tests.spec.asking import JSON, asked

STUDIO = asked("studio.yaml", strict=True)
WHOLE = b'{"client_id":"client_ada","first_name":"Ada"%s}'


def body_faults(body: bytes) -> dict[str, str]:
    return STUDIO.faults("POST", "/bookings", body)


def with_(fields: str) -> bytes:
    return WHOLE % (b"," + fields.encode())


# — query —


def test_parameters_come_as_their_types() -> None:
    understood = STUDIO.ask("GET", "/bookings?limit=5&lat=-12.5&status=PENDING&starting_after=b_1")
    assert understood.query == {"limit": 5, "lat": -12.5, "status": "PENDING", "starting_after": "b_1"}


@pytest.mark.parametrize(
    ("query", "where", "message"),
    [
        ("limit=0", "query.limit", "is 0, which is out of range. Send an integer from 1 to 100."),
        ("limit=101", "query.limit", "is 101, which is out of range"),
        ("limit=1.0", "query.limit", 'is "1.0". Send an integer from 1 to 100, in plain digits.'),
        ("limit=%2B5", "query.limit", 'is "+5"'),
        ("limit=%D9%A5", "query.limit", "in plain digits"),
        ("limit=1e1", "query.limit", "in plain digits"),
        ("limit=" + "9" * 5000, "query.limit", "in plain digits"),
        ("limit=", "query.limit", "is empty. Send an integer from 1 to 100, or leave it out where it is"),
        ("limit", "query.limit", "is empty"),
        ("limit=1&limit=1", "query.limit", "is given twice. Send it once."),
        ("limits=1", "query.limits", "is an unknown parameter: did you mean `limit`?"),
        ("nonsense=1", "query.nonsense", "is an unknown parameter. Leave it out; taken are `limit`"),
        ("status=pending", "query.status", 'is "pending"; letter case counts. Send "PENDING".'),
        ("status=LOST", "query.status", 'is "LOST". Send one of "PENDING", "CONFIRMED", "CANCELLED".'),
        ("lat=.5", "query.lat", "Send a number from -90 to 90."),
        ("lat=NaN", "query.lat", "Send a number from -90 to 90."),
        ("lat=1e400", "query.lat", "Send a number from -90 to 90."),
        ("date=2024-02-30", "query.date", "Send a date as YYYY-MM-DD."),
        ("starting_after=%ff", "query.starting_after", "is not UTF-8"),
        ("starting_after=a%00", "query.starting_after", "control character U+0000"),
    ],
)
def test_a_query_off_the_conventions_is_refused_in_words(query: str, where: str, message: str) -> None:
    assert message in STUDIO.faults("GET", f"/bookings?{query}")[where]


def test_all_faults_of_a_request_are_told_at_once() -> None:
    faults = STUDIO.faults("POST", "/bookings?x=1", b'{"client_id":5}', {**JSON, "idempotency-key": "a b"})
    assert set(faults) == {"query.x", "header.Idempotency-Key", "body.client_id", "body.first_name"}


# — path and headers —


@pytest.mark.parametrize("tail", ["a%2Fb", "a%20b", "%ff", "a%0A", "a" * 65, "é"])
def test_what_cannot_be_an_id_is_a_fault_of_the_path(tail: str) -> None:
    with pytest.raises(BadRequest) as refused:
        STUDIO.ask("GET", f"/bookings/{tail}")
    assert [fault.where for fault in refused.value.path_faults] == ["path.id"]


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256])
def test_an_idempotency_key_is_1_to_255_visible_characters(key: str) -> None:
    assert "header.Idempotency-Key" in STUDIO.faults(
        "POST", "/bookings", WHOLE % b"", {**JSON, "idempotency-key": key}
    )


def test_a_declared_header_is_handed_over_by_its_lower_case_name() -> None:
    headers = {**JSON, "idempotency-key": "k-1"}
    assert STUDIO.ask("POST", "/bookings", WHOLE % b"", headers).headers == {"idempotency-key": "k-1"}


# — bodies —


def test_a_whole_number_written_with_a_fraction_is_that_integer() -> None:
    seats = STUDIO.ask("POST", "/bookings", with_('"seats":5.0')).body["seats"]
    assert seats == 5
    assert isinstance(seats, int)


def test_of_a_name_given_twice_the_last_counts() -> None:
    assert STUDIO.ask("POST", "/bookings", with_('"seats":1,"seats":2')).body["seats"] == 2


@pytest.mark.parametrize(
    ("field", "where", "message"),
    [
        ('"seats":"5"', "body.seats", 'is the string "5" where an integer is wanted: drop the quotes.'),
        ('"seats":true', "body.seats", "true and false are no numbers"),
        ('"seats":5.5', "body.seats", "no fraction"),
        ('"seats":null', "body.seats", "Leave the field out instead of null"),
        ('"seats":[5]', "body.seats", "is a list of 1 where an integer is wanted"),
        ('"gift":"true"', "body.gift", "drop the quotes"),
        ('"price":"1.5"', "body.price", "drop the quotes"),
        (
            '"client_id":5',
            "body.client_id",
            "is the number 5 where a string is wanted: put it in double quotes.",
        ),
        ('"client_id":" a"', "body.client_id", 'is " a" with spaces around it. Send "a" without them.'),
        ('"status":" PENDING"', "body.status", 'Send "PENDING" without them.'),
        ('"status":"PENDNIG"', "body.status", 'did you mean "PENDING"?'),
        ('"status":"confirmed"', "body.status", "letter case counts"),
        ('"start_date":1735689600', "body.start_date", "looks like seconds; multiply by 1000"),
        ('"first_name":"   "', "body.first_name", "is blank"),
        ('"first_name":""', "body.first_name", "is empty"),
        (
            '"first_name":"' + "x" * 101 + '"',
            "body.first_name",
            "has 101 characters; at most 100 are taken. Shorten it.",
        ),
        ('"first_name":"a\\u0000b"', "body.first_name", "control character U+0000 at position 1. Remove it."),
        ('"first_name":"a\\nb"', "body.first_name", "control character U+000A"),
        ('"first_name":"a\u0085b"', "body.first_name", "control character U+0085"),
        ('"service_ids":[]', "body.service_ids", "is an empty list. Send at least 1 item."),
        ('"service_ids":"a"', "body.service_ids", "put it in square brackets"),
        ('"service_ids":["a","a"]', "body.service_ids", 'names something twice. It is "a".'),
        ('"service_ids":["a",5]', "body.service_ids[1]", "put it in double quotes"),
        ('"Seats":5', "body.Seats", "is an unknown field: did you mean `seats`?"),
        ('"nonsense":5', "body.nonsense", "is an unknown field. Leave it out; this takes also"),
        ('"guest":{"nam":"x"}', "body.guest.nam", "did you mean `name`?"),
        ('"guest":{}', "body.guest.name", "is missing. Send a string of 1 to 100 characters"),
        ('"seats":123456789012345678901234567890', "body.seats", "out of range"),
    ],
)
def test_a_faulty_field_is_told_what_came_and_what_to_do(field: str, where: str, message: str) -> None:
    assert message in body_faults(with_(field))[where]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is missing. Send application/json with `client_id`, `first_name`."),
        (b"  ", "is empty"),
        (b'{"a":1,}', "a comma stands before a closing bracket"),
        (b"{'a':1}", "double quotes"),
        (b'{"a":', "is not JSON"),
        (b'{"a":1} x', "is not JSON"),
        (b'{"a":NaN}', "NaN or Infinity"),
        (b'{"a":1e400}', "holds a number that is too large: 1e400 is out of range."),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a":"\\ud800"}', "half of a surrogate pair"),
        (b'{"a":"\xff"}', "is not UTF-8"),
        (b"[" * 10_000, "nested too deeply"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "nested too deeply"),
        (b"[]", "is an empty list where an object is wanted"),
        (b'"x"', 'is "x" where an object is wanted'),
        (b"null", "is null, where an object is wanted. Send an object."),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_and_nothing_breaks(body: bytes, message: str) -> None:
    assert message in body_faults(body)["body"]


def test_a_hundred_thousand_unknown_fields_are_answered_with_fifty_faults() -> None:
    body = b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}"
    with pytest.raises(BadRequest) as refused:
        STUDIO.ask("POST", "/bookings", body)
    assert len(refused.value.faults) == 50


def test_long_values_are_never_echoed_whole() -> None:
    secret = "sk_sandbox_" + "s" * 80
    message = body_faults(with_(f'"status":"{secret}"'))["body.status"]
    assert secret not in message
    assert "(91 characters)" in message


def test_a_missing_field_that_came_under_another_name_is_recognised() -> None:
    faults = body_faults(b'{"clientId":"a","first_name":"b"}')
    assert "`clientId` came instead. Name it `client_id`" in faults["body.client_id"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/xml", "application/json; charset=latin-1"]
)
def test_another_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMedia) as refused:
        STUDIO.ask("POST", "/bookings", WHOLE % b"", {"content-type": content_type} if content_type else {})
    assert refused.value.faults[0].where == "header.Content-Type"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"'],
)
def test_json_in_utf_8_may_say_so(content_type: str) -> None:
    assert (
        STUDIO.ask("POST", "/bookings", WHOLE % b"", {"content-type": content_type}).body["first_name"]
        == "Ada"
    )


@pytest.mark.parametrize("body", [b"", b"{}", b" {} ", b"{ }", b"\n"])
@pytest.mark.parametrize("headers", [{}, JSON, {"content-type": "image/png"}])
def test_where_no_field_is_required_none_empty_and_braces_are_the_same(
    body: bytes, headers: dict[str, str]
) -> None:
    assert STUDIO.ask("POST", "/bookings/b_1/cancel", body, headers).body == {}
    assert STUDIO.ask("POST", "/bookings/b_1/confirm", body, headers).body in (None, {})


def test_an_operation_without_a_body_takes_no_field() -> None:
    assert "body.a" in STUDIO.faults("POST", "/bookings/b_1/confirm", b'{"a":1}')


def test_a_body_on_get_is_ignored() -> None:
    assert STUDIO.ask("GET", "/bookings", b"\xff not json", {"content-type": "x/y"}).body is None


# — several shapes —


def test_of_several_shapes_the_nearest_is_named_with_what_it_lacks() -> None:
    faults = STUDIO.faults("POST", "/bookings/class", b'{"client_id":"a","quote_id":5}')
    assert "Nearest is SpaPurchase {client_id, quote_id}; to be it, correct: quote_id." in faults["body"]
    assert "put it in double quotes" in faults["body.quote_id"]


def test_a_slip_in_a_name_still_finds_the_shape_that_was_meant() -> None:
    faults = STUDIO.faults("POST", "/bookings/class", b'{"client_id":"a","qoute_id":"b"}')
    assert "Nearest is SpaPurchase" in faults["body"]
    assert "did you mean `quote_id`?" in faults["body.qoute_id"]


@pytest.mark.parametrize("start", [b" ", b"{ ", b",", b"'"])
def test_a_large_body_of_nothing_takes_no_time(start: bytes) -> None:
    began = time.process_time()
    assert "body" in STUDIO.faults("POST", "/bookings/b_1/cancel", start + start[-1:] * 1_000_000 + b"x")
    assert time.process_time() - began < 1
