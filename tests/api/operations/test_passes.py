"""The operations on passes: what a call gets in reply, field by field."""

from typing import Any

from sandbox.api.call import Call, Reply
from sandbox.api.operations import passes as operations
from sandbox.domain.books import Caller
from sandbox.domain.moments import DAY, after
from tests.domain.paper_books import PaperBooks
from tests.domain.small_town import DEMO, NOON, PARTNER, client, refused, small_town

ISSUE = {"pass_id": "pass_spa", "client_id": "client_ada", "first_name": "Ada", "last_name": "Obi"}


def issued(books: PaperBooks, **more: Any) -> dict[str, Any]:
    return operations.issue_pass(
        Call("issue_pass", "/issued_passes", body={**ISSUE, **more}), DEMO, books
    ).body


def about(pass_id: str, body: Any = None) -> Call:
    return Call("update_issued_pass", f"/issued_passes/{pass_id}", path={"id": pass_id}, body=body)


def read(books: PaperBooks, pass_id: str, caller: Caller = DEMO) -> dict[str, Any]:
    return operations.get_issued_pass(about(pass_id), caller, books).body


def test_packages_are_listed_newest_first_with_all_their_fields() -> None:
    reply = operations.list_passes(Call("list_passes", "/passes"), DEMO, small_town())
    assert [one["id"] for one in reply.body["data"]] == ["pass_spa", "pass_standard", "pass_premium"]
    assert reply.body["data"][0] == {
        "object": "pass",
        "id": "pass_spa",
        "name": "Spa",
        "description": "One visit a month to any spa, and 20 credits",
        "price": 3_000_000,
        "currency": "NGN",
        "duration": "monthly",
        "categories": [
            {
                "type": "SPA",
                "tiers": ["STANDARD", "PREMIUM"],
                "duration": "monthly",
                "credit_allocated": 20,
                "visits_allowed": 1,
            }
        ],
        "livemode": False,
        "created": 0,
        "payment_model": "SUBSCRIPTION",
        "provider_count": 2,
    }


def test_an_issued_pass_is_answered_with_all_its_fields_and_reads_the_same() -> None:
    books = small_town()
    answer = issued(books, tx_ref="ours-1")
    assert {name: answer[name] for name in answer if name not in ("id", "passcode", "transaction_id")} == {
        "object": "issued_pass",
        "status": "ACTIVE",
        "categories": [{"type": "SPA", "duration": "MONTHLY", "credit_allocated": 20, "visits_allowed": 1}],
        "created": NOON,
        "message": "The pass was issued.",
        "client_id": "client_ada",
        "tx_ref": "ours-1",
        "pass_id": "pass_spa",
        "pass_name": "Spa",
        "start_date": NOON,
        "expires_at": NOON + 31 * DAY,
    }
    assert {**read(books, answer["id"]), "message": answer["message"]} == answer


def test_issuing_answers_201() -> None:
    call = Call("issue_pass", "/issued_passes", body={**ISSUE, "start_date": NOON + DAY})
    reply = operations.issue_pass(call, DEMO, small_town())
    assert (reply.status, reply.body["start_date"]) == (201, NOON + DAY)


def test_an_update_changes_the_client_and_a_cancel_the_pass() -> None:
    books = small_town()
    id_ = issued(books)["id"]
    reply = operations.update_issued_pass(about(id_, {"email": "ada@example.ng"}), DEMO, books)
    assert (reply.status, reply.body["object"], reply.body["id"]) == (200, "issued_pass", id_)
    assert client(books).email == "ada@example.ng"
    assert read(books, id_)["status"] == "ACTIVE"
    operations.update_issued_pass(about(id_, {"status": "CANCELLED"}), DEMO, books)
    assert read(books, id_)["status"] == "CANCELLED"


def test_a_new_expiry_is_read_back() -> None:
    books = small_town()
    id_ = issued(books)["id"]
    moved = after(NOON, 400 * DAY)
    reply = operations.update_issued_pass_expiry(about(id_, {"expires_at": moved}), DEMO, books)
    assert set(reply.body) == {"object", "id", "message"}
    assert read(books, id_)["expires_at"] == moved


def test_another_resellers_pass_is_not_shown() -> None:
    books = small_town()
    id_ = issued(books)["id"]
    refused(read, books, id_, PARTNER, code="permission_denied")
    refused(read, books, "brgpass_x", code="pass_not_found")


def test_a_rotated_passcode_is_the_one_the_pass_then_has() -> None:
    books = small_town()
    answer = issued(books)
    reply: Reply = operations.rotate_passcode(
        about(answer["id"], {"passcode": answer["passcode"]}), DEMO, books
    )
    info = reply.body["passcode_info"]
    assert reply.body["object"] == "passcode"
    assert info == {"passcode": info["passcode"], "issued_pass_id": answer["id"], "created": NOON}
    assert read(books, answer["id"])["passcode"] == info["passcode"] != answer["passcode"]
