"""Generated requests to every operation: what is valid by the document, and what is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema

from contract_tests.api import Api
from contract_tests.exchange import Exchange
from contract_tests.generated.cases import schema_of, steer
from contract_tests.judge import requirement
from contract_tests.promise import read_promise
from contract_tests.run import Run
from contract_tests.verdict import Blocked

# which sentence a finding of Schemathesis breaks; what is not here the standing promises judge
SENTENCES = {
    "ST101": "GEN-1.1",
    "ST102": "GEN-1.1",
    "ST103": "GEN-1.2",
    "ST201": "GEN-1.3",
    "ST202": "GEN-1.4",
    "ST203": "GEN-1.3",
    "ST204": "GEN-1.5",
    "ST205": "GEN-1.5",
}
# would change the account itself, and with it what others see
NOT_ON_SHARED_TARGETS = {"update_lookup_settings"}

NOWHERE = "http://127.0.0.1/v3/api/business/reseller"


def _document(run: Run | None) -> BaseSchema:
    """openapi.yaml for the run of this process; without one the tests are only collected."""
    if run is None:
        return schema_of(read_promise(), 1, NOWHERE)
    schema = schema_of(run.promise, run.options.seed, run.base)
    return schema if run.options.control else schema.exclude(operation_id=sorted(NOT_ON_SHARED_TARGETS))


SCHEMA = _document(Run.current)


@pytest.fixture(scope="module")
def known(run: Run) -> dict[str, str]:
    """Ids of our own, by the place where a generated case would have a made-up one."""
    given = run.desk().given
    found: dict[str, str] = {}
    try:
        client, seat = given.insider()
        booking = given.booking(client, seat)
        found |= {
            "client_id": client.id,
            "clientId": client.id,
            "user_pass_id": client.pass_id,
            "pass_id": client.package["id"],
            "passes/id": client.package["id"],
            "issued_passes/id": client.pass_id,
            "class_instance_id": seat.id,
            "classes/id": seat.class_["id"],
            "provider_id": seat.gym["id"],
            "providers/id": seat.gym["id"],
            "providerBranchId": seat.gym["id"],
            "bookings/id": booking,
        }
        spa = given.stock.spas()[0]["id"]
        found |= {
            f"/providers/{{id}}/{what}": spa for what in ("availability", "services", "spa-copay-quote")
        }
    except Blocked:
        pass  # the cases then meet unknown ids, which is what they would do by themselves
    return found


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


@requirement("GEN-1.1", "GEN-1.2", "GEN-1.3", "GEN-1.4", "GEN-1.5")
@SCHEMA.parametrize()
def test_generated_cases(case: Any, run: Run, known: dict[str, str], session: requests.Session) -> None:
    desk = run.desk()
    steer(case, known)
    run.wire.pace.wait()
    run.wire.requests_sent += 1
    authorization = {"Authorization": f"Bearer {desk.api.key}"}
    started = time.perf_counter()
    response = case.call(session=session, headers=authorization)
    exchange = _witness(desk.api, response, (time.perf_counter() - started) * 1000)
    try:
        case.validate_response(
            response,
            headers=authorization,
            excluded_checks=[checks.response_schema_conformance, checks.ignored_auth],
            transport_kwargs={"session": session},
        )
    except FailureGroup as group:
        for failure in group.exceptions:
            _record(run, failure, exchange)


def _record(run: Run, failure: Any, exchange: Exchange) -> None:
    """Kept and never raised: Hypothesis would repeat it against a target whose state has moved on."""
    sentence = SENTENCES.get(failure.code)
    if sentence is not None:
        told = " ".join(str(failure.message).split())[:300]
        line = exchange.request_line()
        run.ledger.broke(sentence, f"{failure.title}: {told}; answered {exchange.status} ({line})", exchange)


def _witness(api: Api, response: Any, milliseconds: float) -> Exchange:
    asked = response.request
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body
    headers = {name: values[0] for name, values in response.headers.items()}
    return api.witness(
        str(asked.method),
        str(asked.url),
        {str(n): str(v) for n, v in asked.headers.items()},
        body if isinstance(body, bytes) else None,
        (response.status_code, headers, response.content, milliseconds),
    ).exchange
