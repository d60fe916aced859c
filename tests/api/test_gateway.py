"""The journey: its order, its envelope, its faults, and that it never raises."""

import re

import msgspec
import pytest

from sandbox.domain.records import Account
from sandbox.errors import CATALOGUE
from sandbox.wire import Delayed, Request
from tests.api.in_process import BASE, Desk

BOOKING = {
    "class_instance_id": "ci_yoga_open",
    "client_id": "client_ada",
    "first_name": "Ada",
    "last_name": "Obi",
    "user_pass_id": "brgpass_ada",
}
BUY = {"client_id": "client_ada", "package_id": "cpkg_50"}


def balance(desk: Desk) -> int:
    return desk.get("/clients/client_ada/credits").body["balance"]


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        (lambda d: d.get("/passes", key=None), 401, "invalid_api_key"),
        (lambda d: d.get("/passes", key="nobody"), 401, "invalid_api_key"),
        (lambda d: d.get("/passes", authorization="Basic abc"), 401, "invalid_api_key"),
        (lambda d: d.get("/nowhere", key=None), 401, "invalid_api_key"),
        (lambda d: d.get("/passes", key="disabled"), 403, "account_disabled"),
        (lambda d: d.get("/nowhere", key="disabled"), 403, "account_disabled"),
        (lambda d: d.get("/nowhere"), 404, "resource_not_found"),
        (lambda d: d.get("/passes/"), 404, "resource_not_found"),
        (lambda d: d.get("//passes"), 404, "resource_not_found"),
        (lambda d: d.get("/Passes"), 404, "resource_not_found"),
        (lambda d: d.ask("DELETE", "/passes"), 405, "method_not_allowed"),
        (lambda d: d.ask("OPTIONS", "/passes"), 405, "method_not_allowed"),
        (lambda d: d.get("/passes?limit=0"), 400, "validation_error"),
        (lambda d: d.get("/issued_passes/no%20such"), 404, "pass_not_found"),
        (lambda d: d.get("/bookings/%2F"), 404, "resource_not_found"),
        (lambda d: d.post("/credit_purchases", b"{"), 400, "validation_error"),
        (lambda d: d.post("/credit_purchases", BUY, content_type="text/plain"), 400, "validation_error"),
        (lambda d: d.get("/issued_passes/brgpass_nobody"), 404, "pass_not_found"),
        (lambda d: d.get("/issued_passes/brgpass_partner"), 403, "permission_denied"),
    ],
)
def test_every_refusal_has_the_envelope_its_code_and_its_type(desk, told, status, code):
    answer = told(desk)
    assert (answer.status, answer.code) == (status, code)
    error = answer.body["error"]
    assert set(answer.body) == {"error"}
    assert set(error) == {"type", "code", "message", "request_id"}
    assert error["type"] == CATALOGUE[code].type
    assert error["request_id"] == answer.header("Bardge-Request-Id")
    assert answer.header("Content-Type") == "application/json"


def test_405_names_the_methods_there_are(desk):
    assert desk.ask("PATCH", "/passes").header("Allow") == "GET"
    assert set(desk.ask("PUT", "/issued_passes/x").header("Allow").split(", ")) == {"GET", "POST"}


def test_every_answer_has_a_request_id_of_its_own(desk):
    ids = {desk.get("/passes").header("Bardge-Request-Id") for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch("req_[0-9a-f]{32}", one) for one in ids)


def test_head_answers_as_get_does(desk):
    head, get = desk.ask("HEAD", "/passes"), desk.get("/passes")
    assert (head.status, head.body) == (get.status, get.body)  # the door leaves the body out


def test_a_body_over_the_limit_is_refused_after_the_key_and_before_anything_else(desk):
    headers = {"authorization": "Bearer sk_sandbox_demo", "content-type": "application/json"}
    big = Request("POST", BASE + "/credit_purchases", "", headers, b"", too_large=True)
    assert (desk.send(big).status, desk.send(big).code) == (413, "payload_too_large")
    assert desk.send(Request("POST", big.path, "", {}, b"", too_large=True)).status == 401


def test_all_the_faults_of_a_body_are_told_at_once(desk):
    message = desk.post("/credit_purchases", {"client_id": 5, "packageid": "x"}).message
    assert all(word in message for word in ("client_id", "packageid", "package_id"))


def test_a_refusal_changes_nothing_and_says_so_in_the_journal(desk):
    before = balance(desk)
    assert desk.post("/credit_purchases", {**BUY, "package_id": "cpkg_none"}).status == 404
    entry = desk.last_entry()
    assert (entry["status"], entry["operation"], entry["changes"]) == (404, "purchase_credits", [])
    assert balance(desk) == before


def test_a_success_is_journalled_with_what_it_changed(desk):
    answer = desk.post("/bookings/class", BOOKING)
    entry = desk.last_entry()
    assert entry["id"] == answer.header("Bardge-Request-Id")
    assert (entry["caller"], entry["client_id"], entry["rule"]) == ("demo", "client_ada", ["BOOK-1"])
    assert {change["kind"] for change in entry["changes"]} >= {"booking", "class_instance"}
    assert "sk_sandbox_demo" not in str(entry)


def test_an_unknown_key_is_journalled_in_the_default_world_without_the_key(desk):
    desk.get("/passes", authorization="Bearer sk_mistyped_key_here")
    entry = desk.last_entry()
    assert (entry["status"], entry["caller"]) == (401, None)
    assert "mistyped" not in str(entry)


class Boom(Exception):
    pass


def test_an_unexpected_failure_is_a_500_in_the_envelope_and_undoes_everything(caplog):
    def purchase_credits(call, caller, books):
        account = books.find(Account, caller.account_id)
        books.put(msgspec.structs.replace(account, balance_kobo=0))
        raise Boom

    desk = Desk()
    desk.gateway._handlers = {**desk.gateway._handlers, "purchase_credits": purchase_credits}
    answer = desk.post("/credit_purchases", BUY)
    assert (answer.status, answer.code) == (500, "internal_error")
    assert answer.header("Bardge-Request-Id") in answer.message
    assert desk.world().find(Account, "acct_demo").balance_kobo > 0
    assert desk.last_entry()["status"] == 500
    assert "Boom" in caplog.text
    desk.close()


def test_an_answer_off_the_spec_is_found_before_the_commit():
    desk = Desk()
    original = desk.gateway._handlers["purchase_credits"]

    def purchase_credits(call, caller, books):
        reply = original(call, caller, books)
        return type(reply)(201, {**reply.body, "balance": "fifty"})

    desk.gateway._handlers = {**desk.gateway._handlers, "purchase_credits": purchase_credits}
    before = balance(desk)
    answer = desk.post("/credit_purchases", BUY)
    assert answer.status == 500
    assert "purchase_credits" in answer.message
    assert "$.balance" in answer.message
    assert balance(desk) == before
    desk.close()


def test_a_fault_before_the_work_leaves_it_undone(desk):
    before = balance(desk)
    answer = desk.post("/credit_purchases", BUY, sandbox_fault="before; status=503")
    assert (answer.status, answer.body["error"]["type"]) == (503, "api_error")
    assert desk.last_entry()["fault"] == "before; status=503"
    assert balance(desk) == before


def test_a_fault_after_the_work_loses_the_answer_and_the_retry_finds_it(desk):
    before = balance(desk)
    lost = desk.post("/credit_purchases", BUY, idempotency_key="k", sandbox_fault="after; status=503")
    assert lost.status == 503
    assert balance(desk) == before + 50
    again = desk.post("/credit_purchases", BUY, idempotency_key="k")
    assert (again.status, again.header("Idempotent-Replayed")) == (201, "true")
    assert balance(desk) == before + 50


def test_a_dropped_connection_keeps_the_answer_for_the_door_to_cut(desk):
    response = desk.get("/passes", sandbox_fault="after; drop=half_body").response
    assert (response.status, response.drop) == (200, "half_body")


def test_rate_limiting_tells_when_to_come_back(desk):
    answer = desk.get("/passes", sandbox_fault="before; code=rate_limited")
    assert (answer.status, answer.code, answer.header("Retry-After")) == (429, "rate_limited", "1")


def test_a_delay_is_given_back_to_the_door_which_knows_how_to_wait(desk):
    headers = {"authorization": "Bearer sk_sandbox_demo", "sandbox-fault": "before; delay_ms=250"}
    waiting = desk.gateway.respond(Request("GET", BASE + "/passes", "", headers))
    assert isinstance(waiting, Delayed)
    assert waiting.seconds == 0.25
    assert waiting.then().status == 200


def test_a_fault_nobody_understands_is_refused_with_an_example(desk):
    answer = desk.get("/passes", sandbox_fault="sometimes")
    assert answer.status == 400
    assert "after; status=503" in answer.message


def test_plain_http_is_refused_where_tls_is_demanded():
    desk = Desk(only_tls=True)
    assert "https" in desk.get("/passes").message
    headers = {"authorization": "Bearer sk_sandbox_demo"}
    assert desk.send(Request("GET", BASE + "/passes", "", headers, secure=True)).status == 200
    desk.close()


def test_what_happens_to_a_key_while_a_write_waits_for_its_turn_counts(desk: Desk, monkeypatch):
    """The world of a waiting request is dropped just before its turn: refused, not broken."""
    waiting = desk.worlds.touch

    def drop_meanwhile(state) -> None:
        with desk.store.write(state.id) as rows:
            desk.worlds.drop(rows, state.id)
        waiting(state)

    monkeypatch.setattr(desk.worlds, "touch", drop_meanwhile)
    told = desk.post("/credit_purchases", BUY)
    assert (told.status, told.code) == (401, "invalid_api_key")
