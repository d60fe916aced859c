"""The world as people think of it."""

from datetime import date, timedelta

import pytest

from tests.control.tester import BOOK_ADA, InWorld, Tester

NOW = "2026-05-19T10:00:00Z"


@pytest.fixture
def frozen(tester: Tester) -> InWorld:
    return tester.new_world(now=NOW, frozen=True)


def test_clients_are_found_by_any_part_of_them(frozen: InWorld) -> None:
    for search in ("client_ada", "OKAFOR", "ada okafor", "ada.okafor@", "+2348000000001"):
        assert "client_ada" in [one["id"] for one in frozen.ask("GET", "/clients", search=search).data]
    assert frozen.ask("GET", "/clients", search="nobody at all").body == {
        "data": [],
        "total": 0,
        "next": None,
    }


def test_pages_of_clients_hold_each_of_them_once(frozen: InWorld) -> None:
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = frozen.ask("GET", "/clients", limit=50, **after).body
        seen += [one["id"] for one in page["data"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == len(set(seen)) == page["total"] > 300
    assert frozen.ask("GET", "/clients", after="nobody").status == 400


def test_a_dossier_tells_everything_of_a_client(frozen: InWorld) -> None:
    frozen.call("POST", "/bookings/class", {**BOOK_ADA, "class_instance_id": "ci_workshop_open"})
    frozen.call("POST", "/access-codes", {"client_id": "client_ada", "provider_id": "prov_fitzone"})
    frozen.call("POST", "/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_90_days"})
    dossier = frozen.ask("GET", "/clients/client_ada").body
    assert (dossier["first_name"], dossier["account"]) == ("Ada", "acct_demo")
    assert dossier["passes"][0]["id"] == "brgpass_ada"
    assert {one["category"] for one in dossier["passes"][0]["visits"]} == {"GYM", "SPA"}
    assert dossier["credits"]["balance"] == 50 - 5 + 25
    signed = [one["amount"] * (1 if one["type"] == "CREDIT" else -1) for one in dossier["credits"]["ledger"]]
    assert sum(signed) == dossier["credits"]["balance"]
    assert dossier["bookings"][0]["status"] == "PENDING"
    assert dossier["bookings"][0]["payment"]["credits"] == 5
    assert dossier["access_codes"][0]["qr_code"].startswith("data:image/")
    assert dossier["purchases"][0]["credits"] == 25


def test_a_dossier_follows_the_clock(frozen: InWorld) -> None:
    frozen.book()
    frozen.call("POST", "/access-codes", {"client_id": "client_ada", "provider_id": "prov_fitzone"})
    body = {
        **BOOK_ADA,
        "class_instance_id": "ci_hiit_open",
        "client_id": "client_standard",
        "user_pass_id": "brgpass_standard",
    }
    frozen.call("POST", "/bookings/class", body)
    frozen.call(
        "POST",
        "/providers/prov_zen/spa-copay-quote",
        {"client_id": "client_standard", "service_ids": ["svc_massage"]},
    )
    before = frozen.ask("GET", "/clients/client_standard").body
    assert (before["sessions"][0]["status"], before["quotes"][0]["status"]) == ("OPEN", "OPEN")
    frozen.advance("P10D")
    after = frozen.ask("GET", "/clients/client_standard").body
    assert (after["sessions"][0]["status"], after["quotes"][0]["status"]) == ("EXPIRED", "EXPIRED")
    ada = frozen.ask("GET", "/clients/client_ada").body
    assert (ada["bookings"][0]["status"], ada["access_codes"][0]["status"]) == ("COMPLETED", "EXPIRED")
    assert ada["access_codes"][0]["qr_code"] is None


def test_a_dossier_shows_co_pays_and_lookups_whoever_made_them(frozen: InWorld) -> None:
    frozen.call("POST", "/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
    buy = {
        "client_id": "client_standard",
        "provider_id": "prov_ironhouse",
        "copay_option_id": "copay_ironhouse_month",
    }
    assert frozen.call("POST", "/copay_purchases", buy).status == 201
    partner = frozen.ask("GET", "/clients/client_partner").body
    assert (partner["lookups"][0]["status"], partner["lookups"][0]["asked_by"]) == ("PENDING", "acct_demo")
    assert partner["messages"][0]["code"]
    copay = frozen.ask("GET", "/clients/client_standard").body["copays"][0]
    assert (copay["running"], copay["visits"], copay["used"]) == (True, 8, 0)


def test_every_client_of_the_crowd_has_a_dossier(frozen: InWorld) -> None:
    for one in frozen.ask("GET", "/clients", limit=1000).data[::10]:
        assert frozen.ask("GET", f"/clients/{one['id']}").status == 200


def test_an_unknown_client_is_not_found(frozen: InWorld) -> None:
    assert frozen.ask("GET", "/clients/nobody").code == "resource_not_found"


def test_providers_tell_what_opens_them(frozen: InWorld) -> None:
    every = {one["id"]: one for one in frozen.ask("GET", "/providers", limit=1000).data}
    assert every["prov_members_only"]["copay"] == "nothing"
    assert every["prov_ironhouse"]["copay"] == "options"
    assert every["prov_zen"]["copay"] == "quote"
    assert "pass_standard" in [one["id"] for one in every["prov_fitzone"]["covered_by"]]
    assert "pass_standard" not in [one["id"] for one in every["prov_ironhouse"]["covered_by"]]
    assert every["prov_zen"]["services"] == 2
    assert [one["id"] for one in frozen.ask("GET", "/providers", search="luxe").data] == ["prov_luxe"]


def test_a_week_agrees_with_the_api(frozen: InWorld) -> None:
    frozen.book()
    week = frozen.ask("GET", "/week").body
    days = [date.fromisoformat(one["date"]) for one in week["data"]]
    assert days == [date(2026, 5, 19) + timedelta(days=n) for n in range(7)]
    sessions = {one["id"]: one for day in week["data"] for one in day["sessions"]}
    assert week["total"] == len(sessions)
    told = frozen.call("GET", "/classes/class_yoga?from=2026-05-19&to=2026-05-25").body["instances"]
    for instance in told:
        assert sessions[instance["id"]]["spots_left"] == instance["spots_left"]
        assert sessions[instance["id"]]["time"] == instance["time"]
    assert sessions["ci_yoga_open"]["spots_left"] == 19


def test_a_week_can_begin_anywhere_and_be_one_providers(frozen: InWorld) -> None:
    week = frozen.ask("GET", "/week", **{"from": "2026-05-21", "provider_id": "prov_fitzone"}).body
    assert (week["from"], week["to"]) == ("2026-05-21", "2026-05-27")
    assert {one["provider_id"] for day in week["data"] for one in day["sessions"]} == {"prov_fitzone"}
    for wrong in ("2026-02-30", "yesterday", "9999-12-31"):
        assert frozen.ask("GET", "/week", **{"from": wrong}).status == 400


def test_what_comes_next_is_what_the_clock_then_does(frozen: InWorld) -> None:
    booking = frozen.book().body["booking_id"]
    coming = [one for one in frozen.ask("GET", "/upcoming", limit=1000).data if one["subject"] == booking]
    assert [one["what"].rpartition(" ")[2] for one in coming] == ["confirms", "begins", "ends"]
    for then, status in ((coming[0], "CONFIRMED"), (coming[1], "CONFIRMED"), (coming[2], "COMPLETED")):
        frozen.ask("POST", "/clock", {"set": then["at"]})
        assert frozen.call("GET", f"/bookings/{booking}").body["status"] == status


def test_what_comes_next_is_in_order_and_ahead(frozen: InWorld) -> None:
    told = frozen.ask("GET", "/upcoming", limit=500)
    moments = [one["at"] for one in told.data]
    assert moments == sorted(moments)
    assert moments[0] > "2026-05-19T10:00:00"
    assert told.body["total"] >= 500


def test_a_name_with_markup_comes_back_as_it_was_written(frozen: InWorld) -> None:
    name = "<script>alert(1)</script>"
    body = {"pass_id": "pass_premium", "client_id": "client_x", "first_name": name, "last_name": "O'Neill"}
    assert frozen.call("POST", "/issued_passes", body).status == 201
    assert frozen.ask("GET", "/clients/client_x").body["first_name"] == name
