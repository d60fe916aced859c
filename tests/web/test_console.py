"""The pages as they are sent: what is in them, what guards them, and what they never give away."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from sandbox import errors
from sandbox.app import create_app
from sandbox.settings import Settings
from sandbox.web import console, reference

PAGES = ["/", "/_sandbox/console", "/_sandbox/reference"]
WEB = Path(console.__file__).parent


@pytest.fixture(scope="module")
def client():
    app = create_app(Settings())
    yield app.test_client()
    app.extensions["sandbox"].close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_nothing_from_elsewhere_and_nothing_inline(client, path):
    page = client.get(path)
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text), "a script of its own"
    assert not re.search(r"\s(style|on\w+)=", page.text), "a style or a handler in an attribute"
    sources = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert sources
    assert all(source.startswith("/") for source in sources)
    for source in sources:
        assert client.get(source).status_code == 200, source


def test_every_file_of_the_console_is_served_as_what_it_is(client):
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    for file in sorted(console.FILES.iterdir()):
        answer = client.get(f"/_sandbox/console/{file.name}")
        if file.suffix in kinds:
            assert answer.content_type.startswith(kinds[file.suffix])
            again = client.get(
                f"/_sandbox/console/{file.name}", headers={"If-None-Match": answer.headers["ETag"]}
            )
            assert again.status_code == 304
        else:
            assert answer.status_code == 404, "templates are no files"


@pytest.mark.parametrize(
    "name", ["..%2f..%2fconsole.py", "console.py", "nothing.js", "%00.js", "a" * 300 + ".js", "README.md"]
)
def test_nothing_else_is_served(client, name):
    assert client.get(f"/_sandbox/console/{name}").status_code == 404
    assert client.get(f"/_sandbox/vendor/{name}").status_code == 404


def test_no_file_of_ours_makes_markup_of_data():
    """Whatever is shown goes through text nodes."""
    for file in console.FILES.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", file.read_text()
        ), file


def test_a_link_to_the_sandbox_itself_leads_to_the_console(client):
    for path in ("/_sandbox", "/_sandbox/"):
        assert client.get(path).headers["Location"] == "/_sandbox/console"


# --- the start page ---


def test_the_start_page_names_the_address_it_was_asked_at(client):
    page = client.get("/", headers={"Host": "localhost:4321"})
    assert "http://localhost:4321/v3/api/business/reseller" in page.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:4010@evil.example", "a'b\"<i>", "127.0.0.1$(id)"]
)
def test_a_foreign_host_is_not_put_into_a_line_to_paste(client, host):
    page = client.get("/", headers={"Host": host})
    assert (
        host not in page.text.replace("which is not this server", "").split('id="base"')[1].split("role=")[0]
    )
    assert "http://127.0.0.1:4010/v3/api/business/reseller" in page.text


def test_a_page_behind_tls_says_https(client):
    assert "https://localhost/v3" in client.get("/", headers={"X-Forwarded-Proto": "https"}).text


def test_without_control_the_start_page_shows_the_documented_keys_and_no_world():
    app = create_app(Settings(host="0.0.0.0"))
    page = app.test_client().get("/").text
    app.extensions["sandbox"].close()
    assert "The control API is off" in page
    assert "sk_sandbox_demo" in page
    assert 'id="now"' not in page


# --- rules in plain words ---


def test_the_console_knows_every_rule_error_and_operation_in_words(client):
    told = client.get("/_sandbox/console/rules.json").json
    document = client.get("/openapi.json").json
    operations = [one for path in document["paths"].values() for one in path.values() if "operationId" in one]
    assert {one["id"] for one in told["operations"]} == {one["operationId"] for one in operations}
    assert set(told["codes"]) == set(errors.CATALOGUE)
    for rule in {rule for one in operations for rule in one["x-rules"]}:
        assert told["rules"][rule]["says"], rule
    for rule in told["rules"].values():
        assert {letter for _, letter in rule["says"]} <= set(reference.KINDS)


# --- the reference ---


def test_every_operation_parameter_answer_and_field_carries_its_own_mark(client):
    document = client.get("/_sandbox/reference/openapi.json").json
    for path in document["paths"].values():
        for operation in (one for one in path.values() if "operationId" in one):
            assert operation["x-provenance"] in reference.KINDS
    for kind in ("schemas", "parameters", "responses"):
        for name, one in document["components"][kind].items():
            assert one["x-provenance"] in reference.KINDS, name
    marks = [field["x-provenance"] for field in fields(list(document["components"]["schemas"].values()))]
    assert len(marks) > 300
    assert set(marks) == set(reference.KINDS)


def fields(part):
    """Every property of every schema, however deep."""
    if isinstance(part, list):
        for one in part:
            yield from fields(one)
    elif isinstance(part, dict):
        for name, one in part.items():
            if name == "properties" and isinstance(one, dict):
                yield from one.values()
            if name not in ("example", "examples", "const", "enum"):
                yield from fields(one)


def test_a_field_that_says_nothing_is_known_as_its_object_is():
    raw = {
        "components": {
            "schemas": {
                "Pass": {
                    "x-provenance": "sampled",
                    "properties": {
                        "id": {"type": "string"},
                        "livemode": {"x-provenance": "chosen", "type": "boolean"},
                        "parts": {"items": {"properties": {"name": {"type": "string"}}}},
                    },
                }
            }
        }
    }
    marked = reference.marked(raw)["components"]["schemas"]["Pass"]["properties"]
    assert marked["id"]["x-provenance"] == "sampled"
    assert marked["livemode"]["x-provenance"] == "chosen"
    assert marked["parts"]["items"]["properties"]["name"]["x-provenance"] == "sampled"
    assert "x-provenance" not in raw["components"]["schemas"]["Pass"]["properties"]["id"], (
        "the document is a copy"
    )


def test_the_reference_says_of_every_error_what_to_do(client):
    page = client.get("/_sandbox/reference").text
    for entry in errors.CATALOGUE.values():
        assert f'id="error-{entry.code}"' in page
    assert json.loads(client.get("/openapi.json").data)["info"]["title"] in page


def test_what_is_vendored_is_what_was_taken():
    """Somebody who edits a vendored file in passing is told; an update changes these lines and the README."""
    taken = {
        "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
        "LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    }
    for name, digest in taken.items():
        assert sha256((WEB / "vendor" / "swagger-ui" / name).read_bytes()).hexdigest() == digest
