"""Lenient reading: parameters in every style and bodies of every kind, in the types of their schemas."""

import pytest

from sandbox.spec import BadRequest, UnsupportedMedia
from tests.spec.asking import asked

STYLES = asked("styles.yaml")
FORM = {"content-type": "application/x-www-form-urlencoded"}


def query(text: str) -> dict[str, object]:
    return dict(STYLES.ask("GET", f"/query?{text}", headers={}).query)


def form(text: str, headers: dict[str, str] | None = None) -> object:
    return STYLES.ask("POST", "/forms", text.encode(), headers or FORM).body


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("/simple/3,4,5", {"colour": [3, 4, 5]}),
        ("/simple/3", {"colour": [3]}),
        ("/label/.3.4", {"colour": [3, 4]}),
        ("/matrix/;R=100;G=200", {"colour": {"R": 100, "G": 200}}),
    ],
)
def test_path_styles_are_understood(target: str, value: object) -> None:
    assert STYLES.ask("GET", target, headers={}).path == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ids=1&ids=2", {"ids": [1, 2]}),
        ("ids=7", {"ids": [7]}),
        ("csv=a,b%2Cc", {"csv": ["a", "b,c"]}),
        ("csv=a%2cb%2Cc", {"csv": ["a", "b", "c"]}),  # as clients that encode every comma send it
        ("spaced=a%20b+c", {"spaced": ["a", "b", "c"]}),
        ("piped=1|2%7C3", {"piped": [1, 2, 3]}),
        ("filter[name]=ada&filter[age][gte]=5", {"filter": {"name": "ada", "age": {"gte": 5}}}),
        ("filter%5Btags%5D[]=a&filter[tags][]=b", {"filter": {"tags": ["a", "b"]}}),
        ("filter[tags]=a", {"filter": {"tags": "a"}}),
        ("x=1&y=2", {"point": {"x": 1, "y": 2}}),
        ("flag=true&ratio=1e-2", {"flag": True, "ratio": 0.01}),
        ("bare=", {}),
        ("json=%7B%22deep%22%3A1%7D", {"json": {"deep": 1}}),
        (
            "link=https://example.com/?a=b&x=1&y=2",
            {"link": "https://example.com/?a=b", "point": {"x": 1, "y": 2}},
        ),
        ("either=5", {"either": 5}),
        ("either=false", {"either": False}),
        ("one_or_many=5&one_or_many=6", {"one_or_many": [5, 6]}),
        ("one_or_many=few", {"one_or_many": "few"}),
        ("nobody=declared", {}),
    ],
)
def test_query_styles_are_understood(text: str, value: dict[str, object]) -> None:
    if text == "filter[tags]=a":  # one element of an array, without brackets
        value = {"filter": {"tags": ["a"]}}
    assert query(text) == value


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("ids=a", "query.ids[0]"),
        ("ids=", "query.ids[0]"),
        ("piped=1|b", "query.piped[1]"),
        ("filter[age][gte]=old", "query.filter.age.gte"),
        ("x=1", "query.point.y"),
        ("flag=maybe", "query.flag"),
        ("ratio=1,5", "query.ratio"),
        ("json=%7B", "query.json"),
        ("json=%7B%22deep%22%3A%22x%22%7D", "query.json.deep"),
        ("either=x", "query.either"),
    ],
)
def test_what_does_not_fit_its_schema_is_refused(text: str, where: str) -> None:
    assert where in STYLES.faults("GET", f"/query?{text}", headers={})


def test_an_operation_overrides_the_parameters_of_its_path() -> None:
    headers = {"x-level": "3", "x-tags": "a, b", "cookie": 'theme=dark; session="12"'}
    understood = STYLES.ask("GET", "/headers", headers=headers)
    assert understood.headers == {"x-level": 3, "x-tags": ["a", "b"]}
    assert understood.cookies == {"session": 12}
    assert set(STYLES.faults("GET", "/headers", headers={"x-level": "high"})) == {
        "header.X-Level",
        "cookie.session",
    }


def test_forms_become_the_types_of_their_schema() -> None:
    body = form("name=Ada+L&count=5&on=true&many=1&csv=a,b&inner%5Ba%5D=7")
    assert body == {
        "name": "Ada L",
        "count": 5,
        "on": True,
        "many": [1],
        "csv": ["a", "b"],
        "inner": {"a": 7},
    }
    assert form('name=x&inner={"a":1}&many[]=1&many[]=2') == {"name": "x", "inner": {"a": 1}, "many": [1, 2]}


@pytest.mark.parametrize(("text", "where"), [("count=5", "body.name"), ("name=x&count=many", "body.count")])
def test_a_form_off_its_schema_is_refused(text: str, where: str) -> None:
    assert where in STYLES.faults("POST", "/forms", text.encode(), FORM)


def multipart(*parts: str) -> bytes:
    return "".join(f"--xx\r\n{part}\r\n" for part in parts).encode() + b"--xx--\r\n"


MULTIPART = {"content-type": 'multipart/form-data; boundary="xx"'}
NAME = 'Content-Disposition: form-data; name="name"\r\n\r\nAda'


def test_multipart_holds_files_json_and_repeated_fields() -> None:
    body = multipart(
        NAME,
        'Content-Disposition: form-data; name="many"\r\n\r\n1',
        'Content-Disposition: form-data; name="many"\r\n\r\n2',
        'Content-Disposition: form-data; name="inner"\r\nContent-Type: application/json\r\n\r\n{"a": 1}',
        'Content-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\x01\x02',
    )
    understood = STYLES.ask("POST", "/forms", body, MULTIPART).body
    assert understood == {"name": "Ada", "many": [1, 2], "inner": {"a": 1}, "file": "\x01\x02"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (multipart(NAME), {"content-type": "multipart/form-data"}),
        (b"--xx\r\n" + NAME.encode(), MULTIPART),
        (b"nothing of the kind", MULTIPART),
        (multipart("no blank line"), MULTIPART),
    ],
)
def test_broken_multipart_is_refused(body: bytes, headers: dict[str, str]) -> None:
    assert "body" in STYLES.faults("POST", "/forms", body, headers)


def test_a_vendor_type_of_json_and_a_range_of_types_are_taken() -> None:
    assert form('{"a": 1}', {"content-type": "application/merge-patch+json; charset=utf-8"}) == {"a": 1}
    assert form("abc", {"content-type": "text/csv"}) == "abc"
    assert "body" in STYLES.faults("POST", "/forms", b"ab", {"content-type": "text/csv"})


def test_a_type_that_is_not_documented_is_unsupported() -> None:
    with pytest.raises(UnsupportedMedia):
        form("a", {"content-type": "application/pdf"})


def test_xml_must_be_well_formed_and_is_read_no_further() -> None:
    headers = {"content-type": "application/xml"}
    assert form("<form><name>Ada</name></form>", headers) == "<form><name>Ada</name></form>"
    assert "in line 1" in STYLES.faults("POST", "/forms", b"<form>", headers)["body"]
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert "entity" in STYLES.faults("POST", "/forms", bomb, headers)["body"]


def test_a_body_may_come_without_a_content_type() -> None:
    assert form("name=x", {"content-type": ""}) == {"name": "x"}


def test_a_body_nobody_asked_for_is_let_pass_and_one_on_delete_is_read() -> None:
    assert STYLES.ask("GET", "/query", b"\xff", headers={}).body is None
    assert STYLES.ask("DELETE", "/forms", b'{"why":"x"}').body == {"why": "x"}
    assert STYLES.ask("DELETE", "/forms").body is None
    with pytest.raises(BadRequest):
        STYLES.ask("DELETE", "/forms", b"{}")


def test_what_only_answers_carry_is_not_asked_for_and_let_pass() -> None:
    assert STYLES.ask("POST", "/secret", b'{"name":null,"password":"p"}').body == {
        "name": None,
        "password": "p",
    }
    assert STYLES.ask("POST", "/secret", b'{"id":1,"name":"a","password":"p"}').body["id"] == 1
    faults = STYLES.faults("POST", "/secret", b'{"id":"x","age":0}')
    assert set(faults) == {
        "body.id",
        "body.name",
        "body.password",
        "body.age",
    }


def test_an_int32_is_no_larger_than_its_format() -> None:
    assert "body.age" in STYLES.faults("POST", "/secret", b'{"name":"a","password":"p","age":2147483648}')


@pytest.mark.parametrize("body", [b"[7]", b"[7,7,7,7]"])
def test_a_list_is_told_how_many_of_what_it_must_contain(body: bytes) -> None:
    assert "of which 2 to 3 must each be 7" in STYLES.faults("POST", "/bingo", body)["body"]


def test_patterns_of_another_dialect_are_rewritten_or_told_and_left_out() -> None:
    odd = asked("odd.yaml")
    assert "query.q" in odd.faults("GET", "/search?q=a%20b", headers={})
    assert odd.ask("GET", "/search?q=a-b&p=anything", headers={}).query == {"q": "a-b", "p": "anything"}
    assert any("'(unclosed'" in trouble.message for trouble in odd.document.troubles)
