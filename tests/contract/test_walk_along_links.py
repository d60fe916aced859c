"""The walk along the links: what its oracle notices, and that it is never green for not having walked."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.answered import parsed
from contract_tests.api import Answer, Api
from contract_tests.exchange import Exchange
from contract_tests.ledger import Ledger
from contract_tests.promise import read_promise
from contract_tests.stock import Stock
from contract_tests.target import Wire
from contract_tests.walk.oracle import Oracle
from contract_tests.walk.told import Step
from tests.contract import fakes

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_780_000_000_000
LATER = NOW + 30 * 86_400_000
PACKAGE = {
    "id": "pass_all",
    "categories": [{"type": "GYM", "tiers": ["STANDARD"], "visits_allowed": None}],
}
GYM = {"id": "prov_gym", "name": "Gym", "category": "GYM", "tier": "STANDARD", "copay_available": False}
CLASS = {"id": "class_yoga", "name": "Yoga", "provider_id": "prov_gym"}
INSTANCE = {
    "id": "ci_yoga",
    "date": "2026-06-01",
    "time": "10:00",
    "scheduled_for": LATER // 1000,
    "capacity": 10,
    "spots_left": 4,
    "credit_cost": None,
    "status": "SCHEDULED",
}
CREDITS = {"id": "cpkg_10", "credits": 10, "bonus_credits": 2}
ISSUED = {
    "object": "issued_pass",
    "id": "brgpass_1",
    "client_id": "walker",
    "pass_id": "pass_all",
    "status": "ACTIVE",
    "start_date": NOW,
    "expires_at": LATER,
    "passcode": "ABCD1234",
    "categories": [],
}
BOOKED = {
    "object": "class_booking_initiation",
    "booking_id": "booking_1",
    "status": "PENDING",
    "class_name": "Yoga",
    "provider_name": "Gym",
    **{name: INSTANCE[name] for name in ("date", "time", "scheduled_for")},
}
WISH = {"client_id": "walker", "user_pass_id": "brgpass_1", "class_instance_id": "ci_yoga"}
Say = Callable[..., None]


def answered(status: int, body: Any) -> Answer:
    raw = json.dumps(body).encode()
    exchange = Exchange("GET", "http://127.0.0.1:1/", {}, None, status, {}, raw, 1.0)
    return Answer(exchange, parsed(raw))


def refusal(status: int, code: str) -> Answer:
    return answered(status, {"error": {"code": code, "message": "No."}})


@pytest.fixture
def oracle() -> Oracle:
    """One that knows a client with a pass, her booking and the class, told as a right target would."""
    api = Api(Wire(), "http://127.0.0.1:1", "sk", read_promise(), Ledger())
    stock = Stock(api, random.Random(1), lambda: NOW)
    lists = {"list_passes": [PACKAGE], "list_providers": [GYM], "list_credit_packages": [CREDITS]}
    stock._lists.update(lists)  # type: ignore[arg-type]  # an inventory that was read already
    made = Oracle(stock, lambda: NOW, alone=True)
    tell(made, Step("issue_pass", body={"pass_id": "pass_all", "client_id": "walker"}), answered(201, ISSUED))
    tell(made, Step("get_class", {"id": "class_yoga"}), answered(200, CLASS | {"instances": [INSTANCE]}))
    tell(made, Step("book_class", body=WISH), answered(201, BOOKED))
    assert not made.findings
    assert not made.lost
    return made


def tell(oracle: Oracle, step: Step, answer: Answer) -> list[tuple[str, ...]]:
    """What it holds against that answer."""
    oracle.hear(step, oracle.foresee(step), answer)
    return [finding.requirements for finding in oracle.findings]


def status_of_booking(status: str) -> Answer:
    return answered(200, {"object": "booking_status", "id": "booking_1", "status": status})


CANCELLED = {
    **{n: v for n, v in BOOKED.items() if n != "booking_id"},
    "object": "booking",
    "id": "booking_1",
    "status": "CANCELLED",
    "refund": {"credits_refunded": 0},
}
CANCEL = Step("cancel_booking", {"id": "booking_1"})
ASK = Step("get_booking_status", {"id": "booking_1"})
LIST = Step("list_client_bookings", {"clientId": "walker"})
BUY = Step("purchase_credits", body={"client_id": "walker", "package_id": "cpkg_10"})
READ = Step("get_issued_pass", {"id": "brgpass_1"})


def test_a_right_target_is_believed(oracle: Oracle) -> None:
    assert not tell(oracle, ASK, status_of_booking("PENDING"))
    assert not tell(oracle, CANCEL, answered(200, CANCELLED))
    assert not tell(oracle, CANCEL, refusal(409, "already_cancelled"))
    assert not tell(oracle, ASK, status_of_booking("CANCELLED"))
    assert not tell(oracle, READ, answered(200, ISSUED))


@pytest.mark.parametrize(
    ("step", "answer", "broken"),
    [
        (ASK, refusal(404, "resource_not_found"), ("WALK-2.1",)),
        (ASK, status_of_booking("COMPLETED"), ("WALK-2.3", "BOOK-8.1")),
        (READ, answered(200, ISSUED | {"client_id": "another"}), ("WALK-2.2",)),
        (READ, answered(200, ISSUED | {"expires_at": LATER + 1}), ("WALK-2.2", "PASS-4.4")),
        (READ, answered(200, ISSUED | {"status": "EXPIRED"}), ("WALK-2.3", "PASS-1.1")),
        (LIST, answered(200, {"data": [], "has_more": False}), ("WALK-2.5", "BOOK-1.5")),
        (
            BUY,
            answered(201, {"id": "crp_1", "credits_added": 10, "balance": 10}),
            ("WALK-2.4", "CRED-1.1"),
        ),
        (BUY, answered(201, {"id": "crp_1", "credits_added": 12, "balance": 11}), ("WALK-2.4", "CRED-1.3")),
        (
            Step("get_class", {"id": "class_yoga"}),
            answered(200, CLASS | {"instances": [INSTANCE]}),
            ("WALK-2.4", "BOOK-25.1"),
        ),
        (
            Step("book_class", body=WISH),
            answered(201, BOOKED | {"booking_id": "b2"}),
            ("WALK-2.6", "BOOK-13.1"),
        ),
    ],
)
def test_a_contradiction_names_the_rule_it_breaks(
    oracle: Oracle, step: Step, answer: Answer, broken: tuple[str, ...]
) -> None:
    assert tell(oracle, step, answer) == [broken]


def test_what_was_cancelled_stays_so(oracle: Oracle) -> None:
    tell(oracle, CANCEL, answered(200, CANCELLED))
    assert tell(oracle, ASK, status_of_booking("CONFIRMED")) == [("WALK-2.3", "BOOK-9.2")]


def test_the_second_cancellation_is_refused_as_such(oracle: Oracle) -> None:
    tell(oracle, CANCEL, answered(200, CANCELLED))
    assert tell(oracle, CANCEL, refusal(409, "booking_closed")) == [("WALK-2.6", "BOOK-11.2")]


def test_after_the_first_contradiction_nothing_more_is_held_against_it(oracle: Oracle) -> None:
    assert len(tell(oracle, ASK, status_of_booking("COMPLETED"))) == 1
    assert len(tell(oracle, READ, answered(200, ISSUED | {"client_id": "another"}))) == 1


def test_a_passcode_is_never_told(oracle: Oracle) -> None:
    tell(oracle, READ, answered(200, ISSUED | {"passcode": "WRONG999"}))
    told = str(oracle.findings[0].broken)
    assert oracle.findings[0].requirements == ("WALK-2.2", "PASS-17.2")
    assert "WRONG999" not in told
    assert "ABCD1234" not in told


def test_a_walk_that_leads_nowhere_is_not_green(tmp_path: Path) -> None:
    with fakes.served(fakes.empty_lists) as target:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "contract_tests", "run", "--target", target, "--key", fakes.KEY),
                *("--level", "full", "--only", "WALK-2", "--report", str(tmp_path), "--format", "json"),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    verdicts = {entry["verdict"] for entry in told["requirements"] if entry["id"].startswith("WALK-2.")}
    assert verdicts == {"blocked"}
