"""The operations on access codes: what a call gets in reply, field by field."""

from msgspec.structs import replace

from sandbox.api.call import Call, Reply
from sandbox.api.operations import access_codes as operations
from sandbox.domain.books import Caller
from sandbox.domain.moments import MINUTE, end_of_day
from tests.domain.front_desk import town_with
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, refused


def create(books: PaperBooks, provider_id: str = "prov_fitzone") -> Reply:
    body = {"client_id": "client_ada", "provider_id": provider_id}
    return operations.create_access_code(Call("create_access_code", "/access-codes", body=body), DEMO, books)


def confirm(books: PaperBooks, session_id: str, caller: Caller = DEMO) -> Reply:
    path, body = {"sessionId": session_id}, {"copay_package_id": "copay_ironhouse_month"}
    call = Call("confirm_access_code", "/confirm", path=path, body=body)
    return operations.confirm_access_code(call, caller, books)


def test_a_code_and_its_image() -> None:
    books, _ = town_with("pass_premium")
    reply = create(books)
    image = reply.body.pop("qr_code")
    assert image.startswith("data:image/png;base64,")
    assert reply.status == 201
    assert reply.body == {
        "object": "access_code",
        "id": reply.body["id"],
        "access_code": reply.body["access_code"],
        "client_id": "client_ada",
        "provider_id": "prov_fitzone",
        "expires_at": end_of_day(NOON),
        "created": NOON,
        "message": "Show this code at the door before midnight.",
    }


def test_a_session_where_a_copay_is_due() -> None:
    books, _ = town_with("pass_standard")
    reply = create(books, "prov_ironhouse")
    assert reply.status == 200
    options = reply.body.pop("copay_options")
    assert {one["id"] for one in options} == {"copay_ironhouse_month", "copay_ironhouse_year"}
    assert reply.body == {
        "object": "access_code_session",
        "session_id": reply.body["session_id"],
        "copay_required": True,
        "additional_visits_required": False,
        "currency": "NGN",
        "expires_at": NOON + 15 * MINUTE,
        "message": "Something has to be bought first. Choose it, and confirm within 15 minutes.",
    }


def test_a_session_where_visits_are_due() -> None:
    books, pass_ = town_with("pass_standard")
    books.put(replace(pass_, used={"GYM:0": 2}))
    body = create(books).body
    assert (body["copay_required"], body["additional_visits_required"]) == (False, True)
    assert body["cost_per_visit"] == 350_000
    assert "copay_options" not in body


def test_confirming_makes_the_code() -> None:
    books, _ = town_with("pass_standard")
    session_id = create(books, "prov_ironhouse").body["session_id"]
    refused(confirm, books, session_id, PARTNER, code="permission_denied")
    refused(confirm, books, "sess_none", code="resource_not_found")
    reply = confirm(books, session_id)
    assert (reply.status, reply.body["object"], reply.body["provider_id"]) == (
        201,
        "access_code",
        "prov_ironhouse",
    )
