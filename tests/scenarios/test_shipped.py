"""The scenarios that come with the sandbox: each loads, each plays, and none that was promised is missing."""

from pathlib import Path

import pytest

from sandbox import places
from tests.control.tester import InWorld, Tester

NAMES = sorted(file.stem for file in places.SCENARIOS.glob("*.yaml"))

PROMISED = {
    "book a covered class": "covered_class",
    "run out of visits and buy more": "visits_used_up",
    "book an uncovered gym through a co-pay": "uncovered_gym",
    "be refused at a members-only gym": "members_only_gym",
    "book a spa with credits, too few, top up, retry with the same key": "spa_with_credits",
    "let a quote expire": "quote_expired",
    "lose the last seat to another": "last_seat",
    "cancel early and late": "cancel_early_and_late",
    "reschedule": "reschedule",
    "expire and revive a pass": "expire_and_revive",
    "look up the partner's client and make an access code for her": "lookup_a_client",
    "expired pass": "expired_pass",
    "cancelled pass": "cancelled_pass",
    "visits used up": "visits_used_up",
    "low credits": "low_credits",
    "credits expiring tomorrow": "credits_expiring_tomorrow",
    "full class": "full_class",
    "co-pay active": "copay_active",
    "lost answer": "lost_answer",
    "rate limited": "rate_limited",
    "slow partner": "slow_partner",
    "vendor down for three calls": "vendor_down",
    "disabled account": "disabled_account",
    "rotated key": "rotated_key",
    "lookup turned off": "lookup_turned_off",
    "refunded package": "refunded_package",
    "peak prices": "peak_prices",
    "month-end visit reset": "month_end_visit_reset",
    "end of business day": "end_of_business_day",
}


def test_every_situation_that_was_promised_is_there() -> None:
    assert set(PROMISED.values()) <= set(NAMES)
    assert len(NAMES) >= 25


def played(world: InWorld, scenario: str, **how: object) -> list[str]:
    run = world.ask("POST", "/scenarios/run", {"scenario": scenario, **how})
    assert run.status == 200, run.body
    problems = [
        f"{one['step']}. {one['title']}: {one['problems']}" for one in run.body["steps"] if not one["passed"]
    ]
    assert run.body["passed"] is (not problems)
    if not problems:
        assert len(run.body["steps"]) == run.body["total"] > 0
    return problems


@pytest.mark.parametrize("name", NAMES)
def test_it_plays(world: InWorld, name: str) -> None:
    assert played(world, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_it_plays_a_second_time_in_a_world_that_was_used(world: InWorld, name: str) -> None:
    played(world, name)
    world.advance("P3D")
    assert played(world, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_laid_over_a_world_that_is_in_use(world: InWorld, name: str) -> None:
    world.book()
    assert world.ask("POST", "/scenarios/load", {"scenario": name}).status == 200
    assert world.ask("GET", "/clients/client_ada").status == 200


@pytest.mark.parametrize("now", ["2026-02-28T22:59:59Z", "2026-12-31T23:30:00Z", "2028-02-29T05:00:00Z"])
def test_they_play_on_whatever_day_it_is(tester: Tester, now: str) -> None:
    world = tester.new_world(now=now)
    for name in NAMES:
        assert played(world, name) == [], name


def test_a_sandbox_can_start_in_one() -> None:
    tester = Tester(scenario="disabled_account")
    try:
        assert tester.default().call("GET", "/passes").code == "account_disabled"
        assert tester.ask("GET", "/worlds/default").body["scenario"] == "disabled_account"
    finally:
        tester.close()


def test_a_sandbox_can_start_in_one_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("title: Mine\ngiven:\n  accounts:\n    - { id: acct_demo, balance: 7 }\n")
    tester = Tester(scenario=str(file))
    try:
        assert tester.default().ask("GET", "/accounts/demo").body["balance"] == 7
        tester.default().ask("POST", "/reset")
        assert tester.default().ask("GET", "/accounts/demo").body["balance"] == 7
    finally:
        tester.close()


def test_they_are_listed_with_what_they_are_about(tester: Tester) -> None:
    listed = tester.ask("GET", "/scenarios")
    assert [one["name"] for one in listed.data] == NAMES
    assert all(one["title"] and one["why"] and one["steps"] for one in listed.data)
    shown = tester.ask("GET", "/scenarios/low_credits").body
    assert shown["text"].startswith("title:")
    assert shown["document"]["steps"][0]["call"] == "book_class"


def test_each_is_checked_as_its_author_would(tester: Tester) -> None:
    from sandbox.control.situations import try_out
    from sandbox.world.fixtures import read_cast

    cast = read_cast(places.FIXTURES)
    for scenario in tester.sandbox.control.parts.scenarios.every():
        try_out(tester.sandbox.control.parts.scenarios, scenario, cast)


def test_they_play_on_every_store(tester_on: Tester) -> None:
    world = tester_on.new_world()
    for name in NAMES:
        assert played(world, name) == [], name
