"""From a method and a raw path to an operation."""

import pytest

from sandbox.spec import Match, NoSuchPath, Router, WrongMethod
from sandbox.spec.document import Operation
from tests.spec.asking import asked


def operation(method: str, path: str) -> Operation:
    return Operation(
        id=f"{method} {path}", method=method, path=path, raw={}, parameters=(), content={}, has_body=False,
        body_required=False, responses={}, security=(), base_paths=(), tags=(), rules=(), paginated=False,
        idempotent=False,
    )  # fmt: skip


def found(router: Router, method: str, path: str) -> tuple[str, dict[str, str]]:
    match = router.match(method, path)
    assert isinstance(match, Match), match
    return match.operation.path, match.path_parameters


@pytest.fixture
def router() -> Router:
    pets = ["/pets", "/pets/mine", "/pets/{id}", "/pets/{id}/toys/{toy}", "/{any}/toys/new"]
    inside = ["/{owner}:adopt", "/files/{name}.{ext}", "/files/{name}.json"]
    others = ["/a b/{x}", "/v1/x?y", "/deep/{a}/b", "/deep/b/{c}"]
    reads = [operation("GET", path) for path in pets + inside + others]
    return Router([*reads, operation("POST", "/pets"), operation("PUT", "/pets/{pet}")])


def test_a_concrete_path_comes_before_a_templated_one(router: Router) -> None:
    assert found(router, "GET", "/pets/mine") == ("/pets/mine", {})
    assert found(router, "GET", "/pets/7") == ("/pets/{id}", {"id": "7"})


def test_two_templates_of_one_shape_are_both_reached_by_their_methods(router: Router) -> None:
    assert found(router, "PUT", "/pets/7") == ("/pets/{pet}", {"pet": "7"})


@pytest.mark.parametrize(
    "path", ["/pets/", "//pets", "/Pets", "/pets//toys/1", "/", "", "/pets/1/toys", "/nothing"]
)
def test_another_spelling_is_another_path(router: Router, path: str) -> None:
    assert isinstance(router.match("GET", path), NoSuchPath)


def test_two_operations_of_one_shape_and_method_are_both_found() -> None:
    router = Router([operation("GET", "/files/{id}"), operation("GET", "/files/{name}")])
    match = router.match("GET", "/files/x")
    assert isinstance(match, Match)
    assert [(one.operation.path, one.path_parameters) for one in match.others] == [
        ("/files/{name}", {"name": "x"})
    ]


def test_an_encoded_slash_stays_in_its_segment(router: Router) -> None:
    assert found(router, "GET", "/pets/a%2Fb") == ("/pets/{id}", {"id": "a/b"})
    assert isinstance(router.match("GET", "/pets%2Fmine"), NoSuchPath)


def test_segments_are_compared_decoded(router: Router) -> None:
    assert found(router, "GET", "/p%65ts/mine") == ("/pets/mine", {})
    assert found(router, "GET", "/a%20b/%C3%A9") == ("/a b/{x}", {"x": "é"})


def test_templates_inside_a_segment_are_matched(router: Router) -> None:
    assert found(router, "GET", "/ada:adopt") == ("/{owner}:adopt", {"owner": "ada"})
    assert found(router, "GET", "/files/a.b.json") == ("/files/{name}.json", {"name": "a.b"})
    assert found(router, "GET", "/files/a.tar.gz") == ("/files/{name}.{ext}", {"name": "a", "ext": "tar.gz"})


def test_of_two_templated_paths_the_one_that_leads_on_is_found(router: Router) -> None:
    assert found(router, "GET", "/cats/toys/new") == ("/{any}/toys/new", {"any": "cats"})
    assert found(router, "GET", "/pets/1/toys/new") == ("/pets/{id}/toys/{toy}", {"id": "1", "toy": "new"})
    assert found(router, "GET", "/deep/x/b") == ("/deep/{a}/b", {"a": "x"})


def test_a_wrong_method_names_the_declared_ones(router: Router) -> None:
    assert router.match("DELETE", "/pets") == WrongMethod(("GET", "POST"))
    assert router.match("OPTIONS", "/pets/7") == WrongMethod(("GET", "PUT"))
    assert router.match("PUT", "/pets/mine") == WrongMethod(("GET",))


def test_head_is_answered_by_get_and_by_nothing_else(router: Router) -> None:
    assert found(router, "HEAD", "/pets")[0] == "/pets"


def test_a_path_that_nobody_can_ask_for_hides_no_other(router: Router) -> None:
    assert [one.path for one in router.unreachable] == ["/v1/x?y"]
    assert isinstance(router.match("GET", "/v1/x"), NoSuchPath)


def test_bytes_that_are_no_utf_8_still_reach_the_operation_which_refuses_them(router: Router) -> None:
    assert found(router, "GET", "/pets/%ff") == ("/pets/{id}", {"id": "\udcff"})


def test_paths_lie_below_the_base_path_of_the_server() -> None:
    studio = asked("studio.yaml", strict=True)
    assert isinstance(studio.router.match("GET", "/v3/studio/bookings"), Match)
    assert isinstance(studio.router.match("GET", "/bookings"), NoSuchPath)
