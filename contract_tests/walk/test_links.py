"""Along the links of openapi.yaml, with the walk's own memory as the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.generated.cases import schema_of
from contract_tests.given import Client, Given
from contract_tests.judge import must, requirement
from contract_tests.promise import Promise
from contract_tests.run import Lab, Run
from contract_tests.verdict import Blocked
from contract_tests.walk.guide import Guide, Shelves
from contract_tests.walk.links import Clock, Walk, along_links
from contract_tests.walk.oracle import BALANCE, ENDS, LISTED, SAME, STATUS, TAKES, Oracle

LEAST_FOLLOWED = 0.4  # of the links there are, so many have to have led to a success


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk that is over, and the links that it might have followed."""

    walk: Walk
    links: int


@pytest.fixture(scope="module")
def walked(run: Run) -> Iterator[Walked]:
    """The walk, in a world whose clock stands still where there is one: then nothing lapses on the way."""
    lab = run.lab() if run.home is not None and "clock" not in run.profile.lacks else None
    try:
        yield _walk(run, lab)
    finally:
        if lab is not None:
            lab.world.drop()


def _walk(run: Run, lab: Lab | None) -> Walked:
    desk = run.desk()
    api = lab.api if lab else desk.api
    clock = Clock.of(lab.world, lab.now_ms()) if lab else Clock(run.now_ms)
    given = Given(api, f"{run.prefix}w", run.rng("links"), clock.now, desk.given.bookings)
    stranger = _stranger(lab) if lab and "lookup" in run.profile.parts else None
    shelves = Shelves.of(given, run.profile.parts, stranger)
    oracle = Oracle(given.stock, clock.now, alone=lab is not None)
    guide = Guide(given, shelves, lambda: oracle.told, clock.now, lab.world if lab else None)
    walk = Walk(api, guide, oracle, clock)
    absent = [name for name in run.promise.operations if _absent(run, name, stranger)]
    schema = schema_of(run.promise, run.options.seed, run.base, mode="positive")
    along_links(schema.exclude(operation_id=absent) if absent else schema, walk, run.options.seed)
    if not walk.steps:
        raise Blocked(f"the walk along the links took no step: {walk.stopped or 'no list led anywhere'}")
    return Walked(walk, _links(run.promise, absent))


def _absent(run: Run, operation: str, stranger: Client | None) -> bool:
    requirement = run.requirements[f"OP-{operation}"]
    unknown = stranger is None and operation in ("list_issuers", "initiate_lookup", "verify_lookup")
    return unknown or run.profile.leaves_out(requirement) is not None


def _stranger(lab: Lab) -> Client | None:
    """A client of the other reseller, whom one has to look up; without her the walk goes elsewhere."""
    with suppress(Blocked):
        lab.partner.update_lookup_settings(enabled=True).given("turn lookup on")
        return lab.partner_given.client()
    return None


def _links(promise: Promise, absent: list[str]) -> int:
    """How many links there are between operations the walk may use."""
    return sum(
        link["operationId"] not in absent
        for name, operation in promise.operations.items()
        if name not in absent
        for response in operation.definition["responses"].values()
        for link in promise.resolve(response).get("links", {}).values()
    )


@requirement("WALK-2.1", "WALK-2.2", "WALK-2.3", "WALK-2.4", "WALK-2.5", "WALK-2.6")
def test_no_answer_on_the_way_contradicts_an_earlier_one(run: Run, walked: Walked, judging: Any) -> None:
    oracle = walked.walk.oracle
    for finding in oracle.findings:
        for name in finding.requirements[1:]:
            run.ledger.broke(name, f"on a walk along the links: {finding.broken}", finding.broken.exchange)
    for sentence in (TAKES, SAME, STATUS, BALANCE, LISTED, ENDS):
        with judging(sentence):
            if sentence == TAKES:
                _went_far_enough(walked)
            for finding in oracle.findings:
                if sentence in finding.requirements:
                    raise finding.broken
            if not oracle.judged[sentence]:
                raise Blocked("the walk along the links told nothing that this could be judged by")


def _went_far_enough(walked: Walked) -> None:
    walk, least = walked.walk, round(walked.links * LEAST_FOLLOWED)
    expected = f"at least {least} of {walked.links} links to lead to a success"
    must(len(walk.followed) >= least, expected, f"{len(walk.followed)}. {walk.stopped}".strip())
