"""What is known of a world beside its records: seed, start, clock, settings."""

from functools import lru_cache
from typing import ClassVar

import msgspec

from sandbox.domain.moments import Millis
from sandbox.world.clock import Clock


class WorldState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    DEFAULT: ClassVar[str] = "default"

    id: str
    seed: int
    start: Millis  # its first moment: the cast and the crowd are laid out around that day
    clock: Clock
    given_now: Millis | None = None  # the moment it was told to start at, and returns to at a reset
    scenario: str | None = None
    faults: int = 0  # how many are set; none spares every request the look
    header_faults: bool = True  # may a request bring its own fault?
    ttl_seconds: int | None = None
    made: Millis  # real time, as `touched`
    touched: Millis
    chapter: int = 0  # of its journal: a reset or a clearing begins the next
    snapshot_of: str | None = None  # a world nobody can call: the copy another one may return to
    snapshot: str | None = None
    ran: bool = True  # of a snapshot: was the clock running when it was taken?

    @property
    def now(self) -> Millis:
        return self.clock.now()


def next_chapter(state: WorldState) -> WorldState:
    return msgspec.structs.replace(state, chapter=state.chapter + 1)


_decoder = msgspec.json.Decoder(WorldState)
_encoder = msgspec.json.Encoder()


@lru_cache(maxsize=1024)  # a value of its bytes: every request reads it, hardly one changes it
def read_state(body: bytes) -> WorldState:
    return _decoder.decode(body)


def write_state(state: WorldState) -> bytes:
    return _encoder.encode(state)
