"""One run: who is asked, with which keys, in which world, and what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from contract_tests.api import Api
from contract_tests.control import Control, World
from contract_tests.given import Given
from contract_tests.ledger import Ledger
from contract_tests.preflight import Stopped, inspect, inspect_others
from contract_tests.profile import Profile
from contract_tests.promise import Promise
from contract_tests.requirement import Level, Requirement, Requirements
from contract_tests.stock import anything
from contract_tests.target import Wire
from contract_tests.verdict import COULD_NOT_JUDGE, Blocked, Finding, Judgement, Verdict

NEVER_NEAR = "nothing that this run could do came near it"
RULE_LAYER = ("rules/", "standing")


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator asked for."""

    target: str
    key: str
    partner_key: str | None = None
    disabled_key: str | None = None
    control: str | None = None
    control_token: str | None = None
    level: Level = "core"
    only: tuple[str, ...] = ()
    quick: bool = False
    rate: float | None = None
    seed: int = 1
    timeout: float = 30.0
    report: Path | None = None
    formats: tuple[str, ...] = ()
    reference: str | None = None


@dataclass(slots=True)
class Desk:
    """One reseller at the target: the API as it sees it, and the givens it can make."""

    api: Api
    given: Given
    world: World | None = None


@dataclass(slots=True)
class Lab:
    """A world of one test's own, its clock standing still until the test moves it."""

    world: World
    api: Api
    partner: Api
    given: Given
    partner_given: Given

    def now_ms(self) -> int:
        return round(self.world.now().timestamp() * 1000)


@dataclass(slots=True)
class Run:
    # the one run of this process: generated tests are made at import, before any fixture
    current: ClassVar[Run | None] = None

    options: Options
    requirements: Requirements
    promise: Promise
    profile: Profile
    ledger: Ledger = field(default_factory=Ledger)
    notes: list[str] = field(default_factory=list)
    stopped: Stopped | None = None
    skew_ms: int = 0
    home: World | None = None
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    prefix: str = field(default_factory=lambda: f"ct{secrets.token_hex(4)}")
    _began: float = field(default_factory=time.monotonic)
    _wire: Wire | None = None
    _desks: dict[str, Desk] = field(default_factory=dict)

    # who is asked

    @property
    def wire(self) -> Wire:
        if self._wire is None:
            self._wire = Wire(rate=self.options.rate, timeout=self.options.timeout)
        return self._wire

    @property
    def base(self) -> str:
        return self.options.target.rstrip("/")

    @property
    def not_to_be_told(self) -> set[str]:
        """The operator's keys and token, and our own world's keys; a test's world takes its keys with it."""
        asked = self.options
        given = {asked.key, asked.partner_key or "", asked.disabled_key or "", asked.control_token or ""}
        return given | set(self.home.keys.values() if self.home else ())

    def api_with(self, key: str, name: str = "reseller") -> Api:
        return Api(self.wire, self.base, key, self.promise, self.ledger, name)

    def rng(self, purpose: str) -> random.Random:
        """Randomness of this run's seed, the same for the same purpose."""
        digest = hashlib.sha256(f"{self.options.seed}/{purpose}".encode()).digest()
        return random.Random(digest)

    def begin(self) -> None:
        """Preflight, then a world of our own where there is a control API."""
        try:
            self.notes += inspect(self.api_with(self.options.key))
            if self.options.control:
                self.home = self._new_world()
                now_ms = self.home.now().timestamp() * 1000
                self.skew_ms = round(now_ms - time.time() * 1000)
            else:
                self._inspect_others()
                self.skew_ms = self._measured_skew()
        except Stopped as stop:
            self.stopped = stop
        except Blocked as problem:
            self.stopped = Stopped(f"the control API does not do its part: {problem}", COULD_NOT_JUDGE)

    def _inspect_others(self) -> None:
        partner, disabled = self.options.partner_key, self.options.disabled_key
        inspect_others(self.api_with(self.options.key), partner=partner, disabled=disabled)

    def _new_world(self) -> World:
        if not self.options.control:
            raise Blocked("this needs a world of its own: run with --control URL")
        world = Control(self.wire, self.options.control, self.options.control_token).new_world()
        if "demo" not in world.keys:
            world.drop()
            raise Blocked(f"the new world has no account named demo, only {', '.join(world.keys)}")
        return world

    def _measured_skew(self) -> int:
        """How far the target's clock is from ours, read off a pass issued now."""
        given = self._given(self.api_with(self.options.key))
        try:
            created = given.client(given.stock.package(anything, "at all")).issued.get("created")
        except Blocked:
            return 0
        ours = time.time() * 1000
        if isinstance(created, int) and 946_684_800_000 < created < 4_102_444_800_000:
            return round(created - ours) if abs(created - ours) > 2000 else 0
        return 0

    def now_ms(self) -> int:
        return round(time.time() * 1000) + self.skew_ms

    def _given(self, api: Api) -> Given:
        return Given(api, f"{self.prefix}{api.name[:1]}", self.rng(api.name), self.now_ms)

    def desk(self, name: str = "demo") -> Desk:
        """The reseller we are (`demo`) or a second one (`partner`), in the world this run lives in."""
        if name not in self._desks:
            key = self._key(name)
            api = self.api_with(key, name)
            self._desks[name] = Desk(api, self._given(api), self.home)
        return self._desks[name]

    def _key(self, name: str) -> str:
        if self.home is not None:
            if name not in self.home.keys:
                raise Blocked(f"the control API made a world without an account named {name!r}")
            return self.home.keys[name]
        keys = {
            "demo": self.options.key,
            "partner": self.options.partner_key,
            "disabled": self.options.disabled_key,
        }
        key = keys[name]
        if not key:
            raise Blocked(f"this needs a {name} reseller: run with --{name}-key KEY or with --control URL")
        return key

    def lab(self) -> Lab:
        world = self._new_world()
        # on a whole second, because half of the API tells its times in seconds
        world.set(world.freeze().replace(microsecond=0))
        api, partner = (
            self.api_with(world.keys["demo"], "demo"),
            self.api_with(world.keys.get("partner", ""), "partner"),
        )

        def clock() -> int:
            return round(world.now().timestamp() * 1000)

        given = Given(api, f"{self.prefix}l", self.rng("lab"), clock)
        return Lab(world, api, partner, given, Given(partner, f"{self.prefix}m", self.rng("lab"), clock))

    def end(self) -> None:
        """Leaves the place as it was found, as far as the API lets us."""
        if self.home is not None:
            self.home.drop()
        elif self.stopped is None:
            self.ledger.begin("tidying up")
            for desk in self._desks.values():
                desk.given.tidy()
        if self._wire is not None:
            self._wire.close()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    # what came of it

    def selected(self) -> set[str]:
        """The requirements this run is about."""
        if self.options.only:
            chosen = {r.id for name in self.options.only for r in self.requirements.named(name)}
        else:
            chosen = set(self.requirements)
        if self.options.quick:
            chosen = {name for name in chosen if in_rule_layer(self.requirements[name])}
        return chosen

    def judgements(self) -> list[Judgement]:
        selected = self.selected()
        return [self._judgement(requirement, selected) for requirement in self.requirements.values()]

    def _judgement(self, requirement: Requirement, selected: set[str]) -> Judgement:
        verdict, reasons = self._verdict(requirement, selected)
        judgement = Judgement(requirement, verdict, reasons, self.ledger.exchanges.get(requirement.id, []))
        judgement.times = self.ledger.passes[requirement.id] + len(reasons)
        gap = self.profile.gaps.get(requirement.id)
        if gap is not None and gap.holds(self.started.date()):
            if verdict in (Verdict.FAILED, Verdict.BLOCKED):
                judgement.gap = f"{gap.reason} (until {gap.until})"
            elif verdict == Verdict.PASSED:
                judgement.stale_gap = True
                reasons.append(
                    Finding("the profile lists this as a gap, but it is closed: strike it off", "profile")
                )
        return judgement

    def _verdict(self, requirement: Requirement, selected: set[str]) -> tuple[Verdict, list[Finding]]:
        name, ledger = requirement.id, self.ledger
        if requirement.excluded:
            return Verdict.NOT_TESTED, [Finding(requirement.excluded, "requirements.yaml")]
        if absent := self.profile.leaves_out(requirement):
            return Verdict.NOT_APPLICABLE, [Finding(absent, "profile")]
        if name not in selected:
            return Verdict.DISABLED, [Finding(self._left_out(), "command line")]
        if ledger.failures[name]:
            binding = requirement.binds(self.options.level)
            return (Verdict.FAILED if binding else Verdict.WARN), list(ledger.failures[name])
        if ledger.errors[name]:
            return Verdict.ERROR, list(ledger.errors[name])
        if ledger.blocks[name]:
            return Verdict.BLOCKED, list(ledger.blocks[name])
        if ledger.passes[name]:
            return Verdict.PASSED, []
        reason = [Finding(self._never_near(requirement), "this run")]
        if self._declared_and_missing(requirement):
            binding = requirement.binds(self.options.level)
            return (Verdict.FAILED if binding else Verdict.WARN), reason
        return Verdict.BLOCKED, reason

    def _declared_and_missing(self, requirement: Requirement) -> bool:
        """An operation that was asked for in earnest, not only by strangers, and never once succeeded."""
        operation = requirement.id.removeprefix("OP-")
        tried = {status for name, status in self.ledger.calls if name == operation} - {401, 403}
        return requirement.rule == "OP" and self.stopped is None and bool(tried)

    def _left_out(self) -> str:
        return "left out by --only" if self.options.only else "left out by --quick"

    def _never_near(self, requirement: Requirement) -> str:
        if self.stopped is not None:
            return f"the run stopped before it: {self.stopped.sentence}"
        if requirement.rule == "OP":
            operation = requirement.id.removeprefix("OP-")
            seen = sorted(status for name, status in self.ledger.calls if name == operation)
            told = ", ".join(map(str, seen)) or "nothing, as it was never reached"
            return f"{operation} never succeeded; it answered {told}"
        return NEVER_NEAR


def in_rule_layer(requirement: Requirement) -> bool:
    return not requirement.tested_by or any(by.startswith(RULE_LAYER) for by in requirement.tested_by)
