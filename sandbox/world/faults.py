"""Faults: what goes wrong on purpose, exactly as often as it was asked for.

`before` strikes instead of the work; `after` strikes when the work is done and committed: the
answer is lost, delayed or replaced, which is what a payment must survive. Every match of a
fault is counted in the store, atomically, and the count alone decides who is struck; so "fail
twice, then succeed" is exact with eight threads and with three machines.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from sandbox.store import Rows, Store
from sandbox.world.state import WorldState

When = Literal["before", "after"]
RATE_LIMITED = 429


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str = ""
    operation: str = "*"
    match: dict[str, Any] = {}
    when: When = "before"
    status: int | None = None
    code: str | None = None
    delay_ms: int = 0
    drop: Literal["connection", "half_body"] | None = None
    times: int | None = None
    skip: int = 0
    probability: float | None = None

    def fits(self, operation: str | None, facts: Mapping[str, Any]) -> bool:
        """Is it about this request? `facts` are the names in its path, query and body."""
        if self.operation not in ("*", operation):
            return False
        return all(name in facts and str(facts[name]) == str(want) for name, want in self.match.items())

    def strikes(self, hit: int, seed: int) -> bool:
        """Does the match number `hit` (1 is the first) get struck?"""
        turn = hit - self.skip
        if turn < 1:
            return False
        if self.probability is not None:
            digest = hashlib.blake2b(f"{seed}/{self.id}/{hit}".encode(), digest_size=8).digest()
            return int.from_bytes(digest) / 2**64 < self.probability
        return self.times is None or turn <= self.times

    @property
    def answers(self) -> bool:
        """Does it bring an answer of its own?"""
        return self.status is not None or self.code is not None

    @property
    def only_slows(self) -> bool:
        return not self.answers and self.drop is None

    def is_over(self, hits: int) -> bool:
        """Has it struck for the last time? Then nobody need count its matches any more."""
        return self.times is not None and self.probability is None and hits >= self.skip + self.times

    def describe(self) -> str:
        what: list[str] = [self.when]
        if self.status:
            what.append(f"status={self.status}")
        if self.code:
            what.append(f"code={self.code}")
        if self.delay_ms:
            what.append(f"delay_ms={self.delay_ms}")
        if self.drop:
            what.append(f"drop={self.drop}")
        return "; ".join(what)


_decoder = msgspec.json.Decoder(Fault)


def set_faults(rows: Rows, world: str) -> list[tuple[Fault, int]]:
    """Every fault that is set, with how often it matched."""
    return [(_decoder.decode(body), hits) for _, hits, body in rows.faults(world)]


def add_fault(rows: Rows, world: str, fault: Fault) -> Fault:
    """Set it, behind those that are set already. The world's own count of them is the caller's to raise."""
    nth = rows.count_up(world, "fault", "")
    numbered = replace(fault, id=f"flt_{nth}")
    rows.put_fault(world, numbered.id, nth, msgspec.json.encode(numbered))
    return numbered


def strike(
    store: Store, state: WorldState, operation: str | None, facts: Mapping[str, Any]
) -> dict[When, Fault]:
    """The faults that strike this request: at most one before the work and one after it."""
    with store.read() as rows:
        every = set_faults(rows, state.id)
    fitting = [fault for fault, hits in every if not fault.is_over(hits) and fault.fits(operation, facts)]
    struck: dict[When, Fault] = {}
    for fault in fitting:
        if fault.when in struck:
            continue
        with store.write(state.id) as rows:
            hit = rows.hit_fault(state.id, fault.id)
        if hit is not None and fault.strikes(hit, state.seed):
            struck[fault.when] = fault
    return struck


class MalformedFault(Exception):
    """A `Sandbox-Fault` header that says nothing the sandbox understands."""


# What the control API's document allows a fault to be, which no schema holds against a header.
_NUMBERS = {"status": range(400, 600), "delay_ms": range(1, 300_001)}
_A_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_A_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def from_header(text: str) -> Fault:
    """`after; status=503; delay_ms=200; drop=connection`: the fault one request brings along."""
    words = [word.strip() for word in text.split(";") if word.strip()]
    values: dict[str, Any] = {}
    for word in words:
        name, _, value = word.partition("=")
        if word in ("before", "after"):
            values["when"] = word
        elif name in _NUMBERS and _A_NUMBER.fullmatch(value) and int(value) in _NUMBERS[name]:
            values[name] = int(value)
        elif name == "drop" or (name == "code" and _A_CODE.fullmatch(value)):
            values[name] = value
        else:
            raise MalformedFault(word)
    try:
        fault = msgspec.convert({"id": "header", **values}, Fault)
    except msgspec.ValidationError as reason:
        raise MalformedFault(str(reason)) from reason
    if not (fault.status or fault.code or fault.delay_ms or fault.drop):
        raise MalformedFault(text)
    return fault
