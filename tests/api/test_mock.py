"""Any document mocked: which answer, in which form, and who is refused."""

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from random import Random
from typing import Any

import pytest

from sandbox.api.mock import Mock
from sandbox.spec import Document
from sandbox.wire import Request, Response
from tests.spec.asking import DOCUMENTS


@cache
def mock(name: str = "answers.yaml") -> Mock:
    return Mock(Document.load(DOCUMENTS / name))


def ask(target: str, method: str = "GET", body: bytes = b"", /, **headers: str) -> Response:
    path, _, query = target.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return mock().respond(Request(method, path, query, named, body))


def value_of(response: Response) -> Any:
    return json.loads(response.body)


# — choosing the answer —


def test_the_lowest_2xx_is_given_with_the_first_valid_example() -> None:
    response = ask("/v1/open/7")
    assert (response.status, value_of(response)) == (200, {"id": 1, "name": "Tom"})


def test_paths_are_served_below_the_first_server_and_at_the_root() -> None:
    assert ask("/open/7").body == ask("/v1/open/7").body
    assert ask("/v2/open/7").status == 404


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/ranges", 200, b"plain"),
        ("/fallback", 200, b'"quoted"'),
        ("/only-errors", 418, b""),
        ("/nothing", 200, b""),
    ],
)
def test_without_a_2xx_comes_the_range_then_default_then_the_first(
    path: str, status: int, body: bytes
) -> None:
    response = ask(path)
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize(
    ("prefer", "status", "body"),
    [
        ("code=404", 404, {"message": "gone"}),
        ("code=202", 202, None),
        ("code=409", 409, b"oops"),
        ("code=503, dynamic=true", 503, dict),
        ('code="404"', 404, {"message": "gone"}),
        ("respond-async; code=202", 202, None),
    ],
)
def test_prefer_code_falls_back_to_the_range_and_then_to_default(prefer: str, status: int, body: Any) -> None:
    response = ask("/open/7", prefer=prefer)
    assert response.status == status
    if isinstance(body, bytes):
        assert response.body == body
    elif isinstance(body, dict):
        assert value_of(response) == body


@pytest.mark.parametrize("wish", ["code=404", "code=9999", "code=abc", "code=100"])
def test_a_code_nobody_documented_is_a_404_that_says_so(wish: str) -> None:
    response = ask("/only-errors", prefer=wish)
    assert response.status == 404
    assert "Prefer one of: 418" in value_of(response)["detail"]


def test_prefer_example_picks_by_name_even_an_invalid_one() -> None:
    assert value_of(ask("/open/7", prefer="example=dog")) == {"id": 2, "name": "Rex"}
    assert value_of(ask("/open/7", prefer="example=broken")) == {"id": "x"}
    assert value_of(ask("/open/7?__example=dog")) == {"id": 2, "name": "Rex"}


def test_an_example_nobody_wrote_is_a_404_that_names_the_others() -> None:
    response = ask("/open/7", prefer="example=cow")
    assert response.status == 404
    assert "Known are: cat, dog, broken." in value_of(response)["detail"]
    assert ask("/only-errors", prefer="example=cow").status == 404


def test_dynamic_answers_are_made_vary_with_the_request_and_repeat_with_it() -> None:
    first, again = ask("/open/7", prefer="dynamic=true"), ask("/open/7", prefer="dynamic=true")
    assert first.body == again.body
    assert value_of(first) != {"id": 1, "name": "Tom"}
    assert ask("/open/7?limit=5", prefer="dynamic=true").body != first.body


def test_another_seed_makes_other_answers() -> None:
    other = Mock(mock().document, seed=7).respond(
        Request("GET", "/kinds", headers={"accept": "application/xml"})
    )
    assert other.body != ask("/kinds", accept="application/xml").body


# — the body —


def test_an_example_nearly_right_keeps_what_is_right() -> None:
    value = value_of(ask("/repaired"))
    assert (value["id"], value["note"]) == (7, "fine")
    assert isinstance(value["price"], float | int)
    assert len(value["when"]) == 10


def test_json_written_into_a_string_is_read() -> None:
    assert value_of(ask("/stringly")) == {"a": 1}


def test_a_made_answer_repeats_the_id_asked_for_and_what_was_sent() -> None:
    response = ask("/open/41", "POST", b'{"id": 3, "name": "Ada"}', content_type="application/json")
    assert response.status == 201
    assert (value_of(response)["id"], value_of(response)["name"]) == (41, "Ada")


def test_head_and_204_have_no_body() -> None:
    head = ask("/open/7", "HEAD")
    assert (head.status, head.body, head.header("Content-Type")) == (200, b"", "application/json")
    gone = ask("/open/7", "DELETE")
    assert (gone.status, gone.body, gone.header("Content-Type")) == (204, b"", None)


def test_documented_headers_are_sent_but_none_that_frames_the_message() -> None:
    response = ask("/open/7")
    assert response.header("X-Rate") == "3"
    assert response.header("X-Next") == "a b"
    assert response.header("X-Tags") == "a,a"
    assert {name for name, _ in response.headers} == {"Content-Type", "X-Rate", "X-Next", "X-Tags"}
    assert ask("/open/7", "OPTIONS").header("Allow") == "GET"


# — its form —


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        ("", "application/json", b'{"id":5,"name":"Ada"}'),
        ("*/*", "application/json", b'{"id":5,"name":"Ada"}'),
        ("application/*;q=0.5, text/html", "text/html; charset=utf-8", b"<p>hi</p>"),
        ("text/html;q=0.1, application/json;q=0.2", "application/json", b'{"id":5,"name":"Ada"}'),
        ("application/vnd.pet+json", "application/vnd.pet+json;version=2", b'{"id":6,"name":"Bo"}'),
        ("application/vnd.pet+json;version=2", "application/vnd.pet+json;version=2", b'{"id":6,"name":"Bo"}'),
        ("text/plain", "text/plain; charset=utf-8", b'"as it is"'),
        ("APPLICATION/JSON; charset=utf-8", "application/json", b'{"id":5,"name":"Ada"}'),
        ("application/json;q=0, text/html", "text/html; charset=utf-8", b"<p>hi</p>"),
    ],
)
def test_accept_chooses_the_form(accept: str, content_type: str, body: bytes) -> None:
    response = ask("/kinds", accept=accept)
    assert (response.header("Content-Type"), response.body) == (content_type, body)


def test_a_range_becomes_a_concrete_type() -> None:
    assert ask("/kinds", accept="image/*").body[:8] == b"\x89PNG\r\n\x1a\n"
    assert ask("/kinds", accept="image/*").header("Content-Type") == "image/png"
    assert ask("/kinds", accept="image/gif").header("Content-Type") == "image/gif"
    assert ask("/anything").header("Content-Type") == "application/json"
    assert ask("/kinds", accept="application/pdf").body.startswith(b"%PDF")


def test_xml_follows_the_names_the_document_gives() -> None:
    pet = ET.fromstring(ask("/kinds", accept="application/xml").body)
    assert pet.tag == "pet"
    assert pet.attrib["id"].isdecimal()
    assert [child.tag for child in pet] == ["name", "tags"]
    assert {tag.tag for tag in pet[1]} == {"tag"}


def test_csv_has_a_line_of_names() -> None:
    assert ask("/kinds", accept="text/csv").body.splitlines()[0].startswith(b"id,name")


@pytest.mark.parametrize(
    "accept", ["application/vnd.other+json", "audio/ogg", "application/vnd.pet+json;version=3"]
)
def test_what_no_form_satisfies_is_406_and_says_what_there_is(accept: str) -> None:
    response = ask("/kinds", accept=accept)
    assert response.status == 406
    assert "application/json" in value_of(response)["detail"]


def test_accept_is_ignored_where_the_answer_has_no_content() -> None:
    assert ask("/open/7", "DELETE", accept="audio/ogg").status == 204
    assert ask("/only-errors", accept="audio/ogg").status == 418


# — refusing —


def test_a_path_nobody_documented_is_a_404_and_the_near_one_is_named() -> None:
    assert "/kinds is. Ask for that." in value_of(ask("/kinds/"))["detail"]
    assert ask("/nowhere").header("Content-Type") == "application/problem+json"


def test_a_wrong_method_is_a_405_with_allow() -> None:
    response = ask("/kinds", "POST")
    assert (response.status, response.header("Allow")) == (405, "GET")


def test_a_bad_request_gets_the_documents_own_answer_whatever_is_preferred() -> None:
    response = ask("/open/41", "POST", b'{"name": 5}', content_type="application/json", prefer="code=201")
    assert (response.status, response.body) == (422, b"")
    assert "body.name is the number 5" in str(response.header("Sandbox-Reason"))


def test_a_range_or_default_of_the_document_serves_as_its_refusal() -> None:
    response = ask("/open/7?limit=11")
    assert (response.status, response.body) == (400, b"oops")


def test_another_content_type_gets_the_documents_415() -> None:
    response = ask("/open/41", "POST", b"<a/>", content_type="application/xml")
    assert (response.status, value_of(response)) == (415, {"error": "type"})


def test_without_a_documented_refusal_a_problem_tells_every_fault() -> None:
    studio = mock("styles.yaml")
    response = studio.respond(Request("GET", "/query", "flag=maybe&ratio=x"))
    assert (response.status, response.header("Content-Type")) == (422, "application/problem+json")
    problem = value_of(response)
    assert [fault["where"] for fault in problem["faults"]] == ["query.flag", "query.ratio"]
    assert 'is "maybe". Send true or false.' in problem["detail"]


def test_a_body_too_large_is_refused() -> None:
    request = Request("POST", "/open/7", headers={"content-type": "application/json"}, too_large=True)
    assert mock().respond(request).status == 413


def test_an_operation_whose_file_is_missing_says_so_and_the_others_are_served() -> None:
    shelter = mock("shelter/openapi.yaml")
    assert shelter.respond(Request("GET", "/pets")).status == 200
    response = shelter.respond(Request("GET", "/owners"))
    assert response.status == 501
    assert "schemas/missing.yaml does not exist" in value_of(response)["detail"]
    assert any("schemas/missing.yaml" in line for line in shelter.troubles())


def test_an_odd_document_is_served_and_read_as_yaml_1_2() -> None:
    odd = mock("odd.yaml")
    value = value_of(odd.respond(Request("GET", "/feed/2024-01-31.json")))
    assert (value["day"], value["at"]) == ("2024-01-31", "12:30")
    assert value["open"] in ("yes", "no", "on", "off")
    assert isinstance(value["price"], float | int)
    assert any("cannot be asked for" in line for line in odd.troubles())


def test_of_two_paths_of_one_shape_the_one_whose_values_fit_is_meant() -> None:
    odd = mock("odd.yaml")
    assert odd.respond(Request("GET", "/files/7")).body == b"number"
    assert odd.respond(Request("GET", "/files/seven")).body == b"name"


# — credentials —

BASIC = "Basic dXNlcjpwYXNz"


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/bearer", {"authorization": "bearer abc"}),
        ("/bearer", {"authorization": "BEARER abc"}),
        ("/basic", {"authorization": BASIC}),
        ("/header-key", {"x_key": "k"}),
        ("/query-key?key=k", {}),
        ("/cookie-key", {"cookie": "a=b; sid=1"}),
        ("/oauth", {"authorization": "Bearer t"}),
        ("/both?key=k", {"x_key": "k"}),
        ("/optional", {}),
        ("/unknown", {}),
    ],
)
def test_who_brings_credentials_is_let_in(target: str, headers: dict[str, str]) -> None:
    assert ask(target, **headers).status == 200


@pytest.mark.parametrize(
    ("target", "headers", "challenge"),
    [
        ("/bearer", {}, 'Bearer realm="sandbox"'),
        ("/bearer", {"authorization": "Bearer "}, "Bearer"),
        ("/bearer", {"authorization": BASIC}, "Bearer"),
        ("/basic", {}, 'Basic realm="sandbox"'),
        ("/basic", {"authorization": "Basic !!!"}, "Basic"),
        ("/basic", {"authorization": "Basic YWJj"}, "Basic"),
        ("/header-key", {}, 'ApiKey realm="sandbox", name="X-Key", in="header"'),
        ("/query-key?key=", {}, 'name="key", in="query"'),
        ("/cookie-key", {"cookie": "sidx=1"}, 'name="sid", in="cookie"'),
        ("/oauth", {}, "Bearer"),
        ("/both?key=k", {}, "ApiKey"),
    ],
)
def test_who_brings_none_is_refused_with_a_challenge(
    target: str, headers: dict[str, str], challenge: str
) -> None:
    response = ask(target, **headers)
    assert response.status == 401
    assert challenge in str(response.header("WWW-Authenticate"))


def test_credentials_come_before_validation_and_the_document_words_the_refusal() -> None:
    assert value_of(ask("/bearer?limit=x", prefer="code=200")) == {"error": "who"}
    assert "Authorization: Basic" in value_of(ask("/basic"))["detail"]


# — whatever comes —

JUNK = [
    "",
    "%",
    "%zz",
    "%ff",
    "%00",
    "{}",
    "..",
    "é",
    "[]",
    "=",
    "&&",
    "a[b][c]=1",
    "a=1&a=2",
    '"',
    "1e999",
    "9" * 400,
]
JUNK += [
    "x" * 5000,
    "true",
    "-1",
    "1.5",
    "a,b",
    "%7C",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b"\xff",
    b"--x\r\n\r\n--x--",
    b"a=1&b[c]=2",
    b"null",
    b"<a/>",
    b"[" * 5000,
    b'{"a":1e999}',
]
TYPES = [
    "",
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
]


@pytest.mark.parametrize(
    "name", ["styles.yaml", "answers.yaml", "odd.yaml", "evil.yaml", "studio.yaml", "shapes30.yaml"]
)
def test_nothing_a_client_sends_and_nothing_an_author_writes_breaks_it(name: str) -> None:
    served, random = mock(name), Random(name)
    for operation in served.document.operations:
        for _ in range(25):
            path = re.sub(r"\{[^}]*\}", lambda _: random.choice(JUNK), operation.path)
            names = [parameter.name for parameter in operation.parameters if parameter.place == "query"]
            query = "&".join(f"{one}={random.choice(JUNK)}" for one in [*names, random.choice(JUNK)])
            headers = {key: random.choice(JUNK) for key in ("accept", "prefer", "cookie", "x-key", "x-level")}
            headers |= {"authorization": "Bearer t", "content-type": random.choice(TYPES)}
            response = served.respond(Request(operation.method, path, query, headers, random.choice(BODIES)))
            assert 200 <= response.status < 600
            assert all("\n" not in text.encode("latin-1").decode("latin-1") for _, text in response.headers)


def test_a_document_full_of_mistakes_tells_them_and_serves_the_rest() -> None:
    evil = mock("evil.yaml")
    told = "\n".join(evil.troubles())
    assert "leads back to itself" in told
    assert "there is no `Missing`" in told
    assert (
        value_of(evil.respond(Request("GET", "/any"))) == 1
        or evil.respond(Request("GET", "/any")).status == 200
    )
    assert evil.respond(Request("GET", "/self")).status == 501
    assert evil.respond(Request("GET", "/weird")).status == 200
