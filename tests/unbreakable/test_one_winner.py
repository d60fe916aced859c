"""Sixty-four clients fight for one last thing through four processes. One gets it; nobody sees a 5xx."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import LONG
from tests.running import Answer, Line, RunningSandbox
from tests.unbreakable.crowd import CLIENTS, Act, Crowd

ROUNDS = int(os.environ.get("BARDGE_TESTS_ROUNDS", "200" if LONG else "2"))
WORKERS = 4

pytestmark = [pytest.mark.xdist_group("one winner"), pytest.mark.timeout(3600 if LONG else 120)]

NAMES = {"first_name": "Ngozi", "last_name": "Eze"}


@dataclass
class Arena:
    """A sandbox of four processes, and sixty-four clients who hold premium passes."""

    crowd: Crowd
    line: Line
    passes: list[tuple[str, str]]

    def issue(self, pass_id: str = "pass_premium") -> tuple[str, str]:
        """A new client's id and pass."""
        client = f"client_{uuid.uuid4().hex}"
        issued = self.line.post("/issued_passes", {"pass_id": pass_id, "client_id": client, **NAMES})
        assert issued.status == 201, issued.raw
        return client, issued.body["id"]


@contextmanager
def arena(database: str) -> Iterator[Arena]:
    with RunningSandbox(database, WORKERS) as sandbox:
        crowd = Crowd(sandbox)
        here = Arena(crowd, sandbox.line(), [])
        here.passes += [here.issue() for _ in range(CLIENTS)]
        yield here
        crowd.close()
        here.line.close()


@pytest.fixture(scope="module", params=["file", "postgres"])
def fight(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    if request.param == "file":
        folder: Path = tmp_path_factory.mktemp("one-winner")
        with arena(f"sqlite:///{folder}/sandbox.db") as here:
            yield here
        return
    cluster = request.getfixturevalue("postgres_cluster")
    with postgres.new_database(cluster, f"test_{uuid.uuid4().hex}") as url, arena(url) as here:
        yield here


def booking(here: Arena, instance: str, member: int) -> dict[str, str]:
    client, pass_ = here.passes[member]
    return {"class_instance_id": instance, "client_id": client, "user_pass_id": pass_, **NAMES}


def posting(path: str, body: dict[str, str]) -> Act:
    return lambda _, line: line.post(path, body)


def spots_left(here: Arena, class_: str, instance: str) -> int:
    shown = here.line.get(f"/classes/{class_}").body["instances"]
    left: int = next(one["spots_left"] for one in shown if one["id"] == instance)
    return left


def test_the_last_seat_goes_to_one(fight: Arena) -> None:
    def book(member: int, line: Line) -> Answer:
        return line.post("/bookings/class", booking(fight, "ci_yoga_last_seat", member))

    for _ in range(ROUNDS):
        outcome = fight.crowd.rush(book)
        assert outcome.refusals == {"409 class_full": CLIENTS - 1}
        assert spots_left(fight, "class_yoga", "ci_yoga_last_seat") == 0
        fight.line.post(f"/bookings/{outcome.the_winner.body['booking_id']}/cancel")
        assert spots_left(fight, "class_yoga", "ci_yoga_last_seat") == 1


def test_the_last_credits_are_spent_once(fight: Arena) -> None:
    """Twelve credits, and two sessions at five and eight: one of the two, once."""
    client, pass_ = fight.issue()
    bought = fight.line.post("/credit_purchases", {"client_id": client, "package_id": "cpkg_10_plus_2"})
    assert bought.body["balance"] == 12
    wishes = ("ci_workshop_open", "ci_workshop_override")

    def book(member: int, line: Line) -> Answer:
        wish = wishes[member % 2]
        body = {"class_instance_id": wish, "client_id": client, "user_pass_id": pass_, **NAMES}
        return line.post("/bookings/class", body)

    for _ in range(ROUNDS):
        winner = fight.crowd.rush(book).the_winner
        left = fight.line.get(f"/clients/{client}/credits").body["balance"]
        assert left in (12 - 5, 12 - 8)
        fight.line.post(f"/bookings/{winner.body['booking_id']}/cancel")
        assert fight.line.get(f"/clients/{client}/credits").body["balance"] == 12


def test_a_quote_is_paid_once(fight: Arena) -> None:
    wish = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
    for _ in range(ROUNDS):
        quote = fight.line.post("/providers/prov_zen/spa-copay-quote", wish).body["id"]
        body = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quote}
        outcome = fight.crowd.rush(posting("/copay_purchases", body))
        assert outcome.the_winner.status == 201
        assert outcome.refusals == {"409 quote_used": CLIENTS - 1}


def test_a_session_is_confirmed_once(fight: Arena) -> None:
    order = {"copay_package_id": "copay_ironhouse_month"}
    for _ in range(ROUNDS):
        client, pass_ = fight.issue("pass_standard")
        body = {"class_instance_id": "ci_hiit_open", "client_id": client, "user_pass_id": pass_, **NAMES}
        opened = fight.line.post("/bookings/class", body)
        assert opened.status == 200, opened.raw
        confirm = f"/bookings/class/{opened.body['session_id']}/confirm"
        outcome = fight.crowd.rush(posting(confirm, order))
        assert outcome.refusals == {"409 session_used": CLIENTS - 1}
        fight.line.post(f"/bookings/{outcome.the_winner.body['id']}/cancel")


def test_one_idempotency_key_buys_once(fight: Arena) -> None:
    client, _ = fight.issue()
    for round_ in range(1, ROUNDS + 1):
        key = uuid.uuid4().hex
        body = {"client_id": client, "package_id": "cpkg_50"}

        def buy(_: int, line: Line, key: str = key, body: dict[str, str] = body) -> Answer:
            return line.post("/credit_purchases", body, Idempotency_Key=key)

        outcome = fight.crowd.rush(buy)
        assert len(outcome.winners) == CLIENTS
        assert len({answer.raw for answer in outcome.answers}) == 1
        first = [a for a in outcome.answers if "idempotent-replayed" not in a.headers]
        assert len(first) == 1
        assert len({answer.headers["bardge-request-id"] for answer in outcome.answers}) == CLIENTS
        assert fight.line.get(f"/clients/{client}/credits").body["balance"] == 50 * round_


def test_a_lookup_code_is_taken_once(fight: Arena) -> None:
    for _ in range(ROUNDS):
        lookup, code = looked_up(fight)
        outcome = fight.crowd.rush(posting(f"/lookups/{lookup}/verify", {"access_code": code}))
        assert outcome.the_winner.body["lookup_token"].startswith("lkpt_")
        assert outcome.refusals == {"409 lookup_not_pending": CLIENTS - 1}


def test_five_wrong_codes_close_a_lookup_however_many_come_at_once(fight: Arena) -> None:
    for _ in range(ROUNDS):
        lookup, code = looked_up(fight)

        def guess(member: int, line: Line, lookup: str = lookup, right: int = int(code)) -> Answer:
            wrong = f"{(right + 1 + member) % 1_000_000:06}"
            return line.post(f"/lookups/{lookup}/verify", {"access_code": wrong})

        outcome = fight.crowd.rush(guess)
        assert outcome.refusals == {"400 validation_error": 5, "409 lookup_not_pending": CLIENTS - 5}


def looked_up(here: Arena) -> tuple[str, str]:
    """A new lookup's id, and the code that its client was sent."""
    wish = {"issuer_id": "iss_partner", "client_id": "client_partner"}
    lookup = here.line.post("/lookups", wish).body["id"]
    messages = here.line.ask("GET", "/_sandbox/worlds/default/messages").body["data"]
    return lookup, messages[0]["code"]
