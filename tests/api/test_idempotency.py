"""IDEM-1 to IDEM-8, through the gateway."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.domain.moments import DAY
from tests.api.in_process import Desk

BUY = {"client_id": "client_ada", "package_id": "cpkg_50"}


def buy(desk: Desk, key: str, body=BUY, **more):
    return desk.post("/credit_purchases", body, idempotency_key=key, **more)


def balance(desk: Desk) -> int:
    return desk.get("/clients/client_ada/credits").body["balance"]


def test_the_first_success_comes_again_byte_for_byte_under_a_new_request_id(desk):
    first, again = buy(desk, "k"), buy(desk, "k")
    assert first.response.body == again.response.body
    assert (first.status, again.status) == (201, 201)
    assert first.header("Bardge-Request-Id") != again.header("Bardge-Request-Id")
    assert (first.header("Idempotent-Replayed"), again.header("Idempotent-Replayed")) == (None, "true")
    assert balance(desk) == 100


def test_key_order_white_space_and_5_0_for_5_do_not_matter(desk):
    assert buy(desk, "k", b'{"client_id":"client_ada","package_id":"cpkg_50"}').status == 201
    again = buy(desk, "k", b'{ "package_id" : "cpkg_50",\n"client_id":"client_ada" }')
    assert again.header("Idempotent-Replayed") == "true"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/credit_purchases", {**BUY, "package_id": "cpkg_10_plus_2"}),
        ("/issued_passes/brgpass_ada", {"first_name": "Ada"}),
    ],
)
def test_another_body_or_operation_under_the_key_is_refused(desk, path, body):
    buy(desk, "k")
    answer = desk.post(path, body, idempotency_key="k")
    assert (answer.status, answer.code) == (409, "idempotency_key_reused")
    assert answer.body["error"]["type"] == "idempotency_error"
    assert balance(desk) == 100


def test_a_refusal_frees_the_key(desk):
    assert buy(desk, "k", {**BUY, "package_id": "cpkg_none"}).status == 404
    assert buy(desk, "k").status == 201


def test_keys_belong_to_the_reseller(desk):
    buy(desk, "k")
    other = desk.post("/credit_purchases", {"client_id": "client_partner", "package_id": "cpkg_50"}, "partner", idempotency_key="k")  # fmt: skip # noqa: E501
    assert (other.status, other.header("Idempotent-Replayed")) == (201, None)


def test_a_key_is_kept_for_24_hours_of_the_worlds_clock(desk):
    buy(desk, "k")
    desk.advance(DAY - 1)
    assert buy(desk, "k").header("Idempotent-Replayed") == "true"
    desk.advance(1)
    assert buy(desk, "k").header("Idempotent-Replayed") is None
    assert balance(desk) == 150


@pytest.mark.parametrize("key", ["", "with space", "ü", "x" * 256])
def test_a_key_that_is_not_1_to_255_visible_characters_is_refused(desk, key):
    answer = buy(desk, key)
    assert (answer.status, answer.code) == (400, "validation_error")
    assert "Idempotency-Key" in answer.message


def test_the_key_is_ignored_on_get(desk):
    assert desk.get("/passes", idempotency_key="with space").status == 200


def test_the_key_is_judged_before_the_resources(desk):
    buy(desk, "k")
    unknown = buy(desk, "k", {"client_id": "client_unknown", "package_id": "cpkg_50"})
    assert unknown.code == "idempotency_key_reused"


def test_a_session_that_is_over_is_replayed_all_the_same(desk):
    body = {
        "class_instance_id": "ci_hiit_open",
        "client_id": "client_standard",
        "first_name": "Bola",
        "last_name": "Obi",
        "user_pass_id": "brgpass_standard",
    }
    first = desk.post("/bookings/class", body, idempotency_key="k")
    desk.advance(DAY // 2)
    again = desk.post("/bookings/class", body, idempotency_key="k")
    assert first.status == again.status == 200
    assert first.response.body == again.response.body


def test_of_many_at_once_one_takes_effect(desk):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: buy(desk, "k"), range(64)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.response.body for answer in answers}) == 1
    assert balance(desk) == 100
