"""Playing a scenario's steps: one after the other, each with what came and what was expected.

The steps go through two lines, one to the API and one to the control API, which may lead to a
gateway in this process or to a server anywhere. docs/scenario-format.md tells how a step is
meant; nothing in a scenario is code.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.control.exchanges import Answered, Asked, Line
from sandbox.control.expectations import problems, told, written
from sandbox.control.json_paths import MISSING, at
from sandbox.control.scenario_files import Scenario, StepFields, free_call
from sandbox.control.times import moment_of
from sandbox.domain.moments import clock_time, day_text, rfc3339, seconds
from sandbox.spec import Document
from sandbox.world.clock import real_now
from sandbox.world.dates import moment

DEFAULT_ACCOUNT = "demo"
_WHOLE = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario is played: the lines, the keys, and the world if there is one to command."""

    api: Line
    keys: Mapping[str, str]  # by account name
    document: Document
    control: Line | None = None
    control_document: Document | None = None
    world: str = "default"


@dataclass(frozen=True, slots=True)
class Outcome:
    step: int
    title: str
    kind: str
    status: int | None
    request_id: str | None
    problems: tuple[str, ...]
    saved: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Run:
    scenario: Scenario
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        return all(outcome.passed for outcome in self.outcomes)


class CannotBePlayed(Exception):
    """The stage lacks what the scenario needs: a control API, or an account's key."""


def play(scenario: Scenario, stage: Stage, tell: Callable[[Outcome], None] = lambda _: None) -> Run:
    """Every step, up to the first that fails; `tell` hears of each as it happens."""
    if scenario.needs_control and stage.control is None:
        message = "prepares a world, moves its clock or plays other people: that takes a control API's URL."
        raise CannotBePlayed(f"'{scenario.title}' {message}")
    player = _Player(stage)
    outcomes: list[Outcome] = []
    for number, step in enumerate(scenario.steps, 1):
        outcomes.append(player.play(number, step))
        tell(outcomes[-1])
        if not outcomes[-1].passed:
            break
    return Run(scenario, tuple(outcomes))


class _Player:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._run = secrets.token_hex(4)
        self._saved: dict[str, Any] = {}
        self._start = self._world_now()

    def play(self, number: int, step: StepFields) -> Outcome:
        kind = next(name for name in ("call", "control", "advance", "set") if name in step)
        title = step.get("title") or f"{kind} {step[kind]}"
        try:
            answered = self._ask(kind, step)
        except (_Unplayable, ValueError) as reason:  # a header that HTTP cannot carry is a ValueError
            return Outcome(number, title, kind, None, None, (str(reason),))
        problems = self._problems(step, answered)
        saved: dict[str, Any] = {}
        if not problems and answered is not None:
            saved, problems = _saved(step, answered)
            self._saved |= saved
        status = None if answered is None else answered.status
        request_id = None if answered is None else answered.headers.get("bardge-request-id")
        return Outcome(number, title, kind, status, request_id, tuple(problems), saved)

    # --- asking ---

    def _ask(self, kind: str, step: StepFields) -> Answered | None:
        if kind == "advance":
            return self._command("POST", f"/worlds/{self._stage.world}/clock", {"advance": step["advance"]})
        if kind == "set":
            told = rfc3339(self._moment(step["set"]))
            return self._command("POST", f"/worlds/{self._stage.world}/clock", {"set": told})
        if kind == "control":
            document = self._stage.control_document
            assert document is not None
            asked = self._asked(step, step["control"], document, {"world": self._stage.world})
            return self._control().ask(asked)
        asked = self._asked(step, step["call"], self._stage.document, {})
        headers = {"Authorization": f"Bearer {self._key(step)}", **asked.headers}
        return self._stage.api.ask(Asked(asked.method, asked.target, headers, asked.body))

    def _asked(self, step: StepFields, name: str, document: Document, path: Mapping[str, str]) -> Asked:
        free = free_call(name)
        if free is None:
            operation = document.operation(name)
            method, template = operation.method, operation.path
        else:
            method, template = free[0], quote(free[1], safe="/?&=%{}:@!$'()*+,;~")
        for part, value in {**path, **self._filled(step.get("path", {}))}.items():
            template = template.replace(f"{{{part}}}", quote(str(value), safe=""))
        query = self._filled(step.get("query", {}))
        if query:
            texts = {key: _text(value) for key, value in query.items()}
            template += ("&" if "?" in template else "?") + urlencode(texts)
        return Asked(method, template, self._filled(step.get("headers", {})), self._filled(step.get("body")))

    def _key(self, step: StepFields) -> str:
        if "key" in step:
            return str(self._filled(step["key"]))
        name = step.get("as", DEFAULT_ACCOUNT)
        if name not in self._stage.keys:
            known = ", ".join(sorted(self._stage.keys)) or "none"
            raise _Unplayable(f"No key of the account '{name}' was given; known are: {known}.")
        return self._stage.keys[name]

    def _control(self) -> Line:
        if self._stage.control is None:
            raise _Unplayable("This step needs a control API. Give its URL.")
        return self._stage.control

    def _command(self, method: str, target: str, body: Any = None) -> Answered | None:
        return self._control().ask(Asked(method, target, {}, body))

    def _world_now(self) -> int:
        if self._stage.control is None:
            return real_now()
        clock = self._command("GET", f"/worlds/{self._stage.world}/clock")
        if clock is None or clock.status != 200:
            why = "lost" if clock is None else clock.message or clock.status
            raise CannotBePlayed(f"The world '{self._stage.world}' does not tell its time: {why}.")
        return moment_of(clock.body["now"], "now")

    # --- filling in what was saved ---

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            whole = _WHOLE.fullmatch(value)
            if whole:
                return self._value(whole[1])
            return _WHOLE.sub(lambda found: _text(self._value(found[1])), value)
        if isinstance(value, dict):
            return {name: self._filled(inside) for name, inside in value.items()}
        if isinstance(value, list):
            return [self._filled(inside) for inside in value]
        return value

    def _value(self, name: str) -> Any:
        if name in self._saved:
            return self._saved[name]
        if name == "run":
            return self._run
        word, _, rest = name.partition(" ")
        if word.startswith("key."):
            return self._key({"as": word.removeprefix("key.")})
        when = self._moment(rest)
        shown = {"ms": when, "seconds": seconds(when), "date": day_text(when), "time": clock_time(when)}
        return shown[word] if word in shown else rfc3339(when)

    def _moment(self, text: str | int) -> int:
        try:
            return moment(self._filled(text), self._start)
        except ValueError as reason:
            raise _Unplayable(str(reason)) from None

    # --- comparing ---

    def _problems(self, step: StepFields, answered: Answered | None) -> list[str]:
        expect = self._filled(step.get("expect", {}))
        if answered is None:
            return [] if expect.get("lost") else ["The answer was lost: the connection was cut."]
        if expect.get("lost"):
            return [f"The answer was to be lost, but {told(answered)} came."]
        return problems(expect, answered)


class _Unplayable(Exception):
    """The step cannot be asked at all."""


def _saved(step: StepFields, answered: Answered) -> tuple[dict[str, Any], list[str]]:
    saved: dict[str, Any] = {}
    problems: list[str] = []
    for name, path in step.get("save", {}).items():
        value = at(answered.body, path)
        if value is MISSING:
            problems.append(f"Nothing stands at {path} to be saved as '{name}'.")
        else:
            saved[name] = value
    return saved, problems


def _text(value: Any) -> str:
    """As a query or a path writes it."""
    return value if isinstance(value, str) else written(value)
