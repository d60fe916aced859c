"""Loading documents: strictly our own, leniently anybody's."""

from pathlib import Path

import pytest

from sandbox.spec import Document, SpecError
from tests.spec.asking import DOCUMENTS

SOUND = """openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /a/{id}:
    get:
      operationId: get_a
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses: {"200": {description: Yes.}}
"""


def strictly(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    return Document.load(path, strict=True)


def test_an_operation_tells_what_the_document_says_of_it() -> None:
    document = Document.load(DOCUMENTS / "studio.yaml", strict=True)
    operation = document.operation("list_bookings")
    assert document.base_paths == ("/v3/studio",)
    assert (operation.method, operation.path) == ("GET", "/bookings")
    assert operation.paginated
    assert operation.rules == ("PAGE-1", "PAGE-2")
    assert operation.success_statuses == (200,)
    assert [parameter.name for parameter in operation.parameters][:2] == ["limit", "starting_after"]
    assert document.operation("make_booking").body_required
    assert document.operation("cancel_booking").has_body
    assert not document.operation("cancel_booking").body_required


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("openapi: 3.1.0", "swagger: '2.0'", "openapi.yaml:1: this is Swagger 2.0. Convert it"),
        ("openapi: 3.1.0", "openapi: 4.0.0", "openapi.yaml:1: OpenAPI 4.0.0 is not known here"),
        ("paths:", "path:", "openapi.yaml:1: `paths` is missing"),
        ('info: {title: T, version: "1"}', "info: {title: T}", "openapi.yaml:2: `info` needs"),
        ("operationId: get_a", "summary: x", "openapi.yaml:5: GET /a/{id} has no operationId"),
        ("name: id,", "name: di,", "openapi.yaml:5: GET /a/{id} does not declare its path parameter `id`"),
        ("required: true, ", "", "openapi.yaml:8: the path parameter `id` needs `required: true`"),
        ("schema: {type: string}", "schema: {type: strng}", "openapi.yaml:8: this schema is not valid"),
        ("schema: {type: string}", "schema: {pattern: '('}", "openapi.yaml:8: `(` is no regular expression"),
        (
            "schema: {type: string}",
            "schema: {$ref: '#/components/schemas/X'}",
            "openapi.yaml:8: the reference",
        ),
        (
            "description: Yes.",
            "summary: x",
            "openapi.yaml:9: the response 200 of GET /a/{id} has no `description`",
        ),
        ('"200":', '"2000":', "openapi.yaml:9: `2000` is no status"),
        ("in: path", "in: pth", "openapi.yaml:8: `id` needs `in`"),
        ("  /a/{id}:", "  a/{id}:", "openapi.yaml:4: the path `a/{id}` does not begin with a slash"),
        ("    get:", "    get: &x\n      <<: 5", "`<<` takes a map"),
    ],
)
def test_an_unsound_document_of_ours_refuses_the_start_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in SOUND
    with pytest.raises(SpecError) as refused:
        strictly(tmp_path, SOUND.replace(old, new, 1))
    assert message in str(refused.value)


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    text = SOUND.replace("operationId: get_a", "summary: x").replace("description: Yes.", "summary: x")
    with pytest.raises(SpecError) as refused:
        strictly(tmp_path, text)
    assert len(str(refused.value).splitlines()) == 2


def test_two_operations_of_one_name_are_told(tmp_path: Path) -> None:
    again = SOUND[SOUND.index("  /a/{id}:") :].replace("/a/", "/b/")
    with pytest.raises(SpecError, match=r"`get_a` also names GET /a/{id}"):
        strictly(tmp_path, SOUND + again)


def test_our_own_openapi_yaml_is_sound() -> None:
    document = Document.load(Path(__file__).parents[2] / "openapi.yaml", strict=True)
    assert len(document.operations) > 30


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no such file"):
        Document.load(tmp_path / "nothing.yaml")


def test_an_odd_document_is_served_and_says_what_is_odd() -> None:
    document = Document.load(DOCUMENTS / "odd.yaml")
    told = "\n".join(map(str, document.troubles))
    assert "odd.yaml:7: the status 200 is a number" in told
    assert "GET /feed/{day}.{format}: does not declare its path parameter `day`" in told
    assert "GET /feed/{day}.{format}: does not describe its response 200" in told
    assert "POST /search: shares its operationId `search`" in told
    assert "POST /search: documents no response" in told
    assert "GET /search: has a parameter without `name`" in told
    assert "GET no/slash: has a response `ok`, which is no status" in told
    assert len(document.operations) == 7


def test_references_to_files_beside_the_document_are_followed() -> None:
    document = Document.load(DOCUMENTS / "shelter" / "openapi.yaml")
    pets = document.operation("list_pets")
    assert pets.parameters[0].schema == {"type": "integer", "maximum": 50}
    assert [operation.id for operation in document.operations] == ["list_pets"]


def test_a_missing_file_costs_its_operation_and_not_the_start() -> None:
    document = Document.load(DOCUMENTS / "shelter" / "openapi.yaml")
    assert "the file schemas/missing.yaml does not exist" in document.reasons["GET /owners"]
    assert "lies outside the document's directory" in document.reasons["GET /escape"]
    assert "is on the network" in document.reasons["GET /remote"]
