"""From what was seen to a verdict, an exit code and a report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from contract_tests.exchange import Exchange
from contract_tests.profile import Gap, Profile, UnreadableProfile, read_profile
from contract_tests.promise import read_promise
from contract_tests.requirement import read_requirements
from contract_tests.run import Options, Run
from contract_tests.verdict import Verdict, exit_code

REQUIREMENTS = read_requirements()
PROMISE = read_promise()
TARGET = "http://127.0.0.1:1/v3/api/business/reseller"


def run_of(profile: Profile | None = None, **options: object) -> Run:
    asked = Options(target=TARGET, key="sk", **options)  # type: ignore[arg-type]  # only what a test sets
    return Run(asked, REQUIREMENTS, PROMISE, profile or Profile())


def everything_kept(run: Run) -> Run:
    for name in REQUIREMENTS:
        run.ledger.kept(name)
    return run


def verdict_of(run: Run, name: str) -> Verdict:
    return next(j.verdict for j in run.judgements() if j.requirement.id == name)


def code_of(run: Run) -> int:
    return exit_code(run.judgements(), run.options.level)


def test_everything_kept_is_conformant() -> None:
    assert code_of(everything_kept(run_of(level="full"))) == 0


def test_nothing_seen_is_never_conformant() -> None:
    assert code_of(run_of()) != 0
    assert code_of(run_of(profile=Profile(parts=frozenset()))) != 0


def test_a_broken_documented_rule_fails_at_core() -> None:
    run = everything_kept(run_of())
    run.ledger.broke("PAGE-3.1", "expected this, got that")
    assert verdict_of(run, "PAGE-3.1") == Verdict.FAILED
    assert code_of(run) == 1


def test_a_different_choice_is_reported_at_core_and_fails_at_full() -> None:
    core, full = everything_kept(run_of()), everything_kept(run_of(level="full"))
    for run in (core, full):
        run.ledger.broke("BOOK-8.2", "expected CONFIRMED, got PENDING")
    assert (verdict_of(core, "BOOK-8.2"), code_of(core)) == (Verdict.WARN, 0)
    assert (verdict_of(full, "BOOK-8.2"), code_of(full)) == (Verdict.FAILED, 1)


def test_a_should_never_fails() -> None:
    run = everything_kept(run_of(level="full"))
    run.ledger.broke("CONV-4.5", "expected 32 hex digits")
    assert (verdict_of(run, "CONV-4.5"), code_of(run)) == (Verdict.WARN, 0)


def test_blocked_counts_as_not_conformant() -> None:
    run = everything_kept(run_of())
    run.ledger.block("AUTH-3.1", "needs a back office")
    assert verdict_of(run, "AUTH-3.1") == Verdict.BLOCKED
    assert code_of(run) == 1


def test_what_the_profile_says_is_not_there_is_not_applicable() -> None:
    run = everything_kept(run_of(profile=Profile(parts=frozenset({"core"}), lacks=frozenset({"clock"}))))
    assert verdict_of(run, "CRED-1.1") == Verdict.NOT_APPLICABLE
    assert verdict_of(run, "BOOK-8.2") == Verdict.NOT_APPLICABLE
    assert verdict_of(run, "PAGE-3.1") == Verdict.PASSED


def test_without_any_control_what_needs_it_is_not_applicable() -> None:
    run = everything_kept(run_of(profile=Profile(lacks=frozenset({"control"}))))
    assert verdict_of(run, "CODE-3.2") == Verdict.NOT_APPLICABLE
    assert verdict_of(run, "AUTH-4.1") == Verdict.PASSED


def test_the_suites_own_fault_is_an_error_and_code_2() -> None:
    run = everything_kept(run_of())
    run.ledger.err("PAGE-3.1", "KeyError: 'id'")
    assert verdict_of(run, "PAGE-3.1") == Verdict.ERROR
    assert code_of(run) == 2


def test_what_the_operator_leaves_out_is_shown() -> None:
    run = everything_kept(run_of(only=("PAGE-3",)))
    assert verdict_of(run, "PAGE-3.1") == Verdict.PASSED
    assert verdict_of(run, "PAGE-2.1") == Verdict.DISABLED


def test_an_excluded_sentence_is_not_tested_and_never_passed() -> None:
    assert verdict_of(everything_kept(run_of()), "IDEM-7.1") == Verdict.NOT_TESTED


def gap(until: dt.date) -> Profile:
    return Profile(gaps={"PAGE-3.1": Gap("PAGE-3.1", "cursors come in spring", until)})


def test_a_known_gap_is_put_up_with_until_it_expires() -> None:
    ahead, past = dt.date(2999, 1, 1), dt.date(2000, 1, 1)
    for until, code in ((ahead, 0), (past, 1)):
        run = everything_kept(run_of(profile=gap(until)))
        run.ledger.broke("PAGE-3.1", "expected this, got that")
        assert code_of(run) == code


def test_a_gap_that_was_closed_fails_until_it_is_struck_off() -> None:
    assert code_of(everything_kept(run_of(profile=gap(dt.date(2999, 1, 1))))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "colour: red",
        "parts: [yoga]",
        "gaps: [{requirement: PAGE-99, reason: r, until: 2999-01-01}]",
        "gaps: [{requirement: PAGE-3.1, reason: '', until: 2999-01-01}]",
        "gaps: [{requirement: PAGE-3.1, reason: r, until: soon}]",
        "gaps: [{requirement: PAGE-3.1, reason: r}]",
    ],
)
def test_a_profile_with_a_mistake_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableProfile):
        read_profile(file, REQUIREMENTS)


def test_a_profile_is_read(tmp_path: Path) -> None:
    file = tmp_path / "staging.yaml"
    gaps = "gaps: [{requirement: PAGE-3.1, reason: soon, until: 2999-01-01}]"
    file.write_text(f"parts: [core, spa]\nlacks: [clock]\n{gaps}\n", encoding="utf-8")
    profile = read_profile(file, REQUIREMENTS)
    assert profile.parts == {"core", "spa"}
    assert profile.gaps["PAGE-3.1"].reason == "soon"


def test_no_secret_survives_in_what_is_shown() -> None:
    exchange = Exchange(
        method="POST",
        url=f"{TARGET}/issued_passes",
        headers={"Authorization": "Bearer sk_secret", "Bardge-Lookup-Token": "lkpt_secret"},
        sent=b'{"passcode": "SECRET12"}',
        status=200,
        answer_headers={"Content-Type": "application/json"},
        answered=b'{"passcode_info": {"passcode": "SECRET34"}, "lookup_token": "secret"}',
        milliseconds=1.0,
    )
    shown = str(exchange.shown())
    assert "secret" not in shown.lower().replace("secret_", "")
    assert "$BARDGE_API_KEY" in exchange.curl()
