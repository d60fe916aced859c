"""Before any test: can this target be judged at all? One sentence if not."""

from __future__ import annotations

import datetime as dt
import secrets
from email.utils import parsedate_to_datetime

from contract_tests.api import Answer, Api
from contract_tests.target import Unreachable
from contract_tests.verdict import COULD_NOT_JUDGE, NOT_CONFORMANT, Blocked

READS = ("list_passes", "list_providers", "list_classes", "list_credit_packages")


class Stopped(Exception):
    """The run ends before it began; the sentence and the exit code say why."""

    def __init__(self, sentence: str, code: int, requirement: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.requirement = sentence, code, requirement


def inspect(api: Api) -> list[str]:
    """Stops the run where judging is impossible or pointless; otherwise returns what is worth knowing."""
    first = _accepted(api)
    notes = [*_seeded(api, first), *_skewed(first)]
    refused = _ask(api, "list_passes", key=f"sk_unknown_{secrets.token_hex(8)}")
    if refused.succeeded:
        api.ledger.broke(
            "AUTH-1.3", "expected 401 for a key nobody was given, got a success", refused.exchange
        )
        notes.append("the target accepts a key that nobody was given")
    return notes


def inspect_others(api: Api, *, partner: str | None, disabled: str | None) -> None:
    """A mistyped key of another reseller would make a right target look wrong."""
    for name, key in (("partner", partner), ("disabled", disabled)):
        if key == api.key:
            raise Stopped(f"--{name}-key is the same as --key: another reseller is meant", COULD_NOT_JUDGE)
    if partner:
        answer = _ask(api, "list_passes", key=partner)
        if answer.status in (401, 403):
            raise Stopped(
                f"the partner's key was refused: list_passes answered {answer.in_words()}", COULD_NOT_JUDGE
            )


def _accepted(api: Api) -> Answer:
    answers = []
    for read in READS:
        answer = _ask(api, read)
        if answer.status in (401, 403):
            raise Stopped(f"the key was refused: {read} answered {answer.in_words()}", COULD_NOT_JUDGE)
        if answer.succeeded and isinstance(answer.get("data"), list):
            return answer
        answers.append(answer)
    succeeded = next((answer for answer in answers if answer.succeeded), None)
    if succeeded is not None:
        sentence = f"{READS[0]} succeeds, but not with a JSON list of the API: {succeeded.in_words()}"
        api.ledger.broke("PAGE-1.1", sentence, succeeded.exchange)
        raise Stopped(sentence, NOT_CONFORMANT, "PAGE-1.1")
    told = f"{answers[0].exchange.request_line()} answered {answers[0].in_words()}"
    raise Stopped(
        f"no list can be read, so the key can't be checked: {told}; --target is the base URL with its path, "
        "such as http://127.0.0.1:4010/v3/api/business/reseller",
        COULD_NOT_JUDGE,
    )


def _ask(api: Api, operation: str, key: str | None = None) -> Answer:
    try:
        return api.call(operation, limit=1, key=key)
    except Blocked as problem:
        if isinstance(problem.__cause__, Unreachable):
            raise Stopped(f"the target can't be reached: {problem}", COULD_NOT_JUDGE) from problem
        raise


def _seeded(api: Api, first: Answer) -> list[str]:
    if first.data or any(_ask(api, read).get("data") for read in READS):
        return []
    return ["every list is empty: what needs inventory will be blocked"]


def _skewed(answer: Answer) -> list[str]:
    date = answer.header("Date")
    if not date:
        return []
    try:
        ahead = (parsedate_to_datetime(date) - dt.datetime.now(dt.UTC)).total_seconds()
    except (TypeError, ValueError):
        return [f"the Date header can't be read: {date!r}"]
    if abs(ahead) < 120:
        return []
    return [f"the target's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} ours"]
