"""The journal: what was asked, answered, decided and changed, and nothing secret."""

import json
import subprocess

import pytest

from tests.control.tester import BOOK_ADA, InWorld, Tester


def test_an_entry_tells_the_whole_story(world: InWorld) -> None:
    told = world.book(Idempotency_Key="k")
    entry = world.ask("GET", "/requests").data[0]
    assert entry["id"] == told.response.header("Bardge-Request-Id")
    assert (entry["method"], entry["operation"], entry["status"]) == ("POST", "book_class", 201)
    assert (entry["caller"], entry["client_id"]) == ("demo", "client_ada")
    assert entry["request"]["body"] == BOOK_ADA
    assert entry["answer"]["body"] == told.body
    assert entry["rule"] == ["BOOK-1"]
    kinds = {change["kind"]: change for change in entry["changes"]}
    assert kinds["booking"]["before"] is None
    assert kinds["booking"]["after"]["client_id"] == "client_ada"
    assert kinds["class_instance"]["before"] != kinds["class_instance"]["after"]
    assert (entry["replayed"], entry["generated"], entry["fault"]) == (False, False, None)
    assert world.ask("GET", f"/requests/{entry['id']}").body == entry


def test_it_is_right_the_moment_the_answer_is_out(world: InWorld) -> None:
    for n in range(1, 30):
        world.call("GET", "/passes")
        assert world.ask("GET", "/requests", limit=1).body["total"] == n


@pytest.fixture
def busy(world: InWorld) -> InWorld:
    world.call("GET", "/passes")
    booking = world.book().body["booking_id"]
    world.book()
    world.call("GET", "/bookings/unknown")
    world.call("POST", f"/bookings/{booking}/cancel")
    world.call("GET", "/clients/client_low_credits")
    return world


@pytest.mark.parametrize(
    ("filters", "operations"),
    [
        ({"operation": "book_class"}, ["book_class", "book_class"]),
        ({"operation": "*", "limit": 2}, ["get_client", "cancel_booking"]),
        ({"status": "409"}, ["book_class"]),
        ({"status": "4xx"}, ["get_booking_status", "book_class"]),
        ({"client_id": "client_ada"}, ["cancel_booking", "book_class", "book_class"]),
        ({"client_id": "client_low_credits"}, ["get_client"]),
        ({"client_id": "nobody"}, []),
        ({"since": "9000-01-01T00:00:00Z"}, []),
        ({"operation": "book_class", "status": "201"}, ["book_class"]),
    ],
)
def test_it_can_be_asked(busy: InWorld, filters: dict[str, object], operations: list[str]) -> None:
    answer = busy.ask("GET", "/requests", **filters)
    assert [one["operation"] for one in answer.data] == operations
    if "limit" not in filters:
        assert answer.body["total"] == len(operations)
    else:
        assert answer.body["total"] == 6


def test_since_takes_the_moment_in(busy: InWorld) -> None:
    entries = busy.ask("GET", "/requests").data
    answer = busy.ask("GET", "/requests", since=entries[1]["at"])
    assert entries[1]["id"] in [one["id"] for one in answer.data]


@pytest.mark.parametrize(
    "wrong", [{"status": "4xy"}, {"limit": 0}, {"limit": 1001}, {"since": "yesterday"}, {"page": 2}]
)
def test_a_filter_that_means_nothing_is_refused(world: InWorld, wrong: dict[str, object]) -> None:
    assert world.ask("GET", "/requests", **wrong).status == 400


def test_no_secret_is_in_it_in_the_har_or_in_the_curl(world: InWorld) -> None:
    issued = world.call(
        "POST",
        "/issued_passes",
        {"pass_id": "pass_premium", "client_id": "n", "first_name": "A", "last_name": "B"},
    ).body
    world.call("POST", f"/issued_passes/{issued['id']}/passcode", {"passcode": issued["passcode"]})
    asked = world.call("POST", "/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"}).body
    code = world.ask("GET", "/messages").data[0]["code"]
    token = world.call("POST", f"/lookups/{asked['id']}/verify", {"access_code": code}).body["lookup_token"]
    world.call("GET", "/clients/client_partner", Bardge_Lookup_Token=token)
    world.call("GET", "/passes", key="sk_mistyped_but_nearly_right")
    world.call("GET", f"/issued_passes/{world.keys['demo']}")
    written = [str(world.ask("GET", "/requests").body), str(world.ask("GET", "/requests.har").body)]
    ids = [one["id"] for one in world.ask("GET", "/requests").data]
    written += [str(world.ask("GET", f"/requests/{one}/curl").body) for one in ids]
    written.append(str(world.ask("GET", "/export").body))
    for secret in (world.keys["demo"], token, issued["passcode"], "sk_mistyped_but_nearly_right"):
        assert not any(secret in text for text in written)


def test_a_curl_line_asks_the_same(world: InWorld) -> None:
    world.call("POST", "/lookup_settings", {"enabled": True}, Idempotency_Key="it's mine")
    entry = world.ask("GET", "/requests").data[0]
    curl = world.ask("GET", f"/requests/{entry['id']}/curl").body
    echoed = subprocess.run(
        ["bash", "-c", f"curl() {{ printf '%s\\n' \"$@\"; }}; {curl}"],
        capture_output=True,
        text=True,
        check=True,
        env={"BARDGE_KEY": "sk_here"},
    ).stdout.splitlines()
    assert "http://127.0.0.1:4010/v3/api/business/reseller/lookup_settings" in echoed
    assert "Authorization: Bearer sk_here" in echoed
    assert "idempotency-key: it's mine" in echoed
    assert json.loads(echoed[echoed.index("--data-raw") + 1]) == {"enabled": True}


def test_the_har_holds_every_exchange_oldest_first(busy: InWorld) -> None:
    har = busy.ask("GET", "/requests.har").body["log"]
    assert har["version"] == "1.2"
    assert [one["response"]["status"] for one in har["entries"]] == [200, 201, 409, 404, 200, 200]
    posted = har["entries"][1]["request"]
    assert json.loads(posted["postData"]["text"]) == BOOK_ADA
    assert all(one["request"]["url"].startswith("http://127.0.0.1:4010/v3/") for one in har["entries"])


def test_a_request_can_be_repeated(world: InWorld) -> None:
    world.book(Idempotency_Key="k")
    first = world.ask("GET", "/requests").data[0]
    again = world.ask("POST", f"/requests/{first['id']}/repeat").body
    assert (again["status"], again["headers"]["Idempotent-Replayed"]) == (201, "true")
    assert world.ask("GET", f"/requests/{again['request_id']}").body["replayed"] is True


def test_a_repeat_uses_the_callers_present_key(world: InWorld) -> None:
    world.call("GET", "/passes")
    first = world.ask("GET", "/requests").data[0]
    world.ask("POST", "/accounts/demo/rotate-key")
    assert world.ask("POST", f"/requests/{first['id']}/repeat").body["status"] == 200


def test_what_held_a_secret_cannot_be_repeated(world: InWorld) -> None:
    world.call("POST", "/issued_passes/brgpass_ada/passcode", {"passcode": "ADAADA01"})
    first = world.ask("GET", "/requests").data[0]
    assert world.ask("POST", f"/requests/{first['id']}/repeat").code == "cannot_be_repeated"


def test_it_can_be_emptied(busy: InWorld) -> None:
    assert busy.ask("DELETE", "/requests").body == {"removed": 6}
    assert busy.ask("GET", "/requests").body == {"data": [], "total": 0}
    assert busy.ask("GET", "/requests/req_00000000000000000000000000000000").status == 404


def test_the_control_api_leaves_no_trace_in_it(world: InWorld) -> None:
    world.ask("GET", "/clock")
    world.advance("P1D")
    world.ask("GET", "/nope")
    assert world.ask("GET", "/requests").data == []


def test_it_works_on_every_store(tester_on: Tester) -> None:
    world = tester_on.new_world()
    world.call("GET", "/passes")
    booking = world.book().body["booking_id"]
    world.call("POST", f"/bookings/{booking}/cancel")
    assert [one["operation"] for one in world.ask("GET", "/requests", client_id="client_ada").data] == [
        "cancel_booking",
        "book_class",
    ]
    assert world.ask("GET", "/requests", status="2xx", limit=1).body["total"] == 3
    assert world.ask("DELETE", "/requests").body == {"removed": 3}
    assert world.ask("GET", "/requests").data == []


def test_resets_and_the_journals_carrier_do_not_wait_for_each_other(tester_on: Tester) -> None:
    world = tester_on.new_world()
    for _ in range(60):
        world.call("GET", "/passes")
        assert world.ask("POST", "/reset").status == 200
        assert world.ask("GET", "/requests").data == []
    world.call("GET", "/passes")
    assert len(world.ask("GET", "/requests").data) == 1
