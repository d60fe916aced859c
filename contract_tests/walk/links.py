"""Schemathesis' state machine over the links that openapi.yaml declares, on a lead.

It chooses which link to follow next and makes up what is free. What a link hands over is taken as it is, the
guide fills in the rest, and every request goes out by the run's own wire, paced and judged as any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import requests
from hypothesis.errors import Flaky
from hypothesis.stateful import Bundle, initialize, multiple
from schemathesis.core.result import Ok
from schemathesis.core.transforms import UNRESOLVABLE
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.control import TransitionController
from schemathesis.generation.stateful.state_machine import APIStateMachine, StepInput, StepOutput, Transition
from schemathesis.schemas import BaseSchema

from contract_tests.api import Answer, Api
from contract_tests.control import World
from contract_tests.verdict import Blocked, Broken
from contract_tests.walk.guide import Guide
from contract_tests.walk.oracle import Oracle
from contract_tests.walk.told import Step

LAPSE_SECONDS = 120
SCENARIOS, STEPS = 8, 45
OFTEN = 4  # one operation leads to another at most so often in a scenario
TOKEN = "Bardge-Lookup-Token"
# when an answer is so far off its shape that no way leads on from it
LOST = (Blocked, Broken, TypeError, ValueError, LookupError, AttributeError)


@dataclass(slots=True)
class Clock:
    """The target's clock. In a world of our own it stands still, so that its time is known without asking."""

    ticks: Callable[[], int]
    world: World | None = None
    stands_at: int = 0

    @classmethod
    def of(cls, world: World, now_ms: int) -> Clock:
        return cls(lambda: 0, world, now_ms)

    def now(self) -> int:
        return self.stands_at if self.world else self.ticks()

    def outlives(self, moment: int) -> bool:
        """Moves past a moment that is near, if this clock is ours to move."""
        if self.world is None or not self.now() < moment < self.now() + LAPSE_SECONDS * 1000:
            return False
        self.world.advance(seconds=LAPSE_SECONDS)
        self.stands_at += LAPSE_SECONDS * 1000
        return True


@dataclass(slots=True)
class Walk:
    """One walk: who walks, who leads her on, and where she has been."""

    api: Api
    guide: Guide
    oracle: Oracle
    clock: Clock
    followed: Counter[str] = field(default_factory=Counter)  # links that led to a success
    steps: int = 0
    stopped: str = ""

    def go(self, step: Step) -> tuple[Step, Answer | None]:
        """One step; none is taken any more once the way is lost."""
        if self.stopped:
            return step, None
        answer = None
        with self.careful():
            step = self.guide.fill(step)
            answer = self._take(step)
            for glance in self.guide.glances(step, answer):
                self._take(glance)
        return step, answer

    @contextmanager
    def careful(self) -> Iterator[None]:
        """Ends the walk where answers are too far off to go on, and says why."""
        try:
            yield
        except LOST as problem:
            self.stopped = self.stopped or f"It went no further than {self.steps} steps: {problem}"

    def _take(self, step: Step) -> Answer:
        end = self.oracle.foresee(step)
        answer = self.api.call(
            step.operation, *step.path.values(), lookup_token=step.token, body=step.body, **step.query
        )
        self.steps += 1
        if answer.status == 201:
            self.guide.given.remember(answer)
        self.oracle.hear(step, end, answer)
        if step.link and answer.succeeded:
            self.followed[step.link] += 1
        if answer.succeeded and self.clock.outlives(step.sent.get("expires_at") or 0):
            self.oracle.moved_on()
        return answer


class Lead(TransitionController):
    """Which way is open: lists, of which nothing has to be known, once each; then wherever links lead."""

    def allow_root_transition(self, source: str, bundles: Any) -> bool:
        seen = self._root_calls(source) >= 1 and source in self.productive_roots
        return source in self.roots and not seen and super().allow_root_transition(source, bundles)


def along_links(schema: BaseSchema, walk: Walk, seed: int) -> None:
    """A run of its own for each scenario: Hypothesis holds them against each other, and classes fill up."""
    machine = _machine(schema, walk)
    settings = hypothesis.settings(
        machine.TestCase.settings, max_examples=2, stateful_step_count=STEPS, database=None
    )
    for number in range(SCENARIOS):
        machine.rule_order_seed = seed + number
        hypothesis.seed(seed * SCENARIOS + number)(machine)
        with suppress(Flaky):
            machine.run(settings=settings)


def _machine(schema: BaseSchema, walk: Walk) -> type[APIStateMachine]:
    document: Any = schema
    made: Any = document.as_state_machine()

    class Along(made):  # type: ignore[misc]  # Schemathesis makes the class once it has read the document
        def __init__(self) -> None:
            super().__init__()
            self.control = Lead(self._transitions, [label for label in self._root_labels if "{" not in label])
            self.control.max_operations_per_source = OFTEN

        def setup(self) -> None:
            walk.oracle.begin(walk.guide.shelves.seats)

        @initialize(target=Bundle("catch_all"))
        def set_out(self) -> Any:
            """People with passes, classes and bookings: from these the links lead on."""
            with walk.careful():
                return multiple(*[self._began(make()) for make in walk.guide.beginnings()])
            return multiple()

        def _began(self, step: Step) -> StepOutput:
            case = document.find_operation_by_id(step.operation).Case(media_type="application/json")
            self.recorder.record_case(case=case)
            self.control.record_step(StepInput.initial(case), self.recorder)
            return self._go(step, case)

        def step(self, input: StepInput) -> StepOutput:
            return self._go(Handed.by(input.transition).step(input.case), input.case)

        def _go(self, step: Step, case: Any) -> StepOutput:
            step, answer = walk.go(step)
            case.path_parameters, case.query = dict(step.path), dict(step.query)
            if step.body is not None:
                case.body = dict(step.body)
            response = _as_response(answer)
            self.after_call(response, case)
            return StepOutput(response, case)

    return Along


@dataclass(frozen=True, slots=True)
class Handed:
    """What a link hands over, by the place where it goes."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None  # where all of it was there

    @classmethod
    def by(cls, transition: Transition | None) -> Handed:
        if transition is None:
            return cls()
        told = {
            place: {name: one.value.ok() for name, one in named.items() if isinstance(one.value, Ok)}
            for place, named in transition.parameters.items()
        }
        body = transition.request_body.value if transition.request_body is not None else None
        told["body"] = body.ok() if isinstance(body, Ok) and isinstance(body.ok(), dict) else {}
        there = {place: {n: v for n, v in named.items() if _is_there(v)} for place, named in told.items()}
        asked = sum(map(len, transition.parameters.values())) + len(told["body"])
        whole = sum(map(len, there.values())) == asked
        return cls(
            there.get("path_parameters", {}),
            there.get("query", {}),
            there.get("headers", {}),
            there["body"],
            transition.id if whole else None,
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.path, *self.query, *self.headers, *self.body})

    def step(self, case: Any) -> Step:
        """What Schemathesis made up, and over it all that the link says."""
        made_up = dict(case.body) if isinstance(case.body, Mapping) else {}
        body = {**made_up, **self.body}
        return Step(
            str(case.operation.definition.raw["operationId"]),
            {name: str(value) for name, value in {**(case.path_parameters or {}), **self.path}.items()},
            {**(case.query or {}), **self.query},
            body if case.operation.body else None,
            self.headers.get(TOKEN),
            self.names,
            self.link,
        )


def _is_there(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_there, value))
    return value is not None and value is not UNRESOLVABLE


def _as_response(answer: Answer | None) -> Response:
    """Back to Schemathesis, which reads from it what the links say. What is not a success leads nowhere."""
    if answer is None:
        request = requests.Request("GET", "http://nowhere.invalid/").prepare()
        return Response(503, {}, b"", request, 0.0, True)
    exchange = answer.exchange
    request = requests.Request(exchange.method, exchange.url).prepare()
    headers = {name: [value] for name, value in exchange.answer_headers.items()}
    return Response(
        exchange.status, headers, exchange.answered, request, exchange.milliseconds / 1000, verify=True
    )
