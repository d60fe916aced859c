"""Time. The only file that asks the machine for it; everything else is told."""

import time
from datetime import UTC, datetime

import msgspec

from sandbox.domain.moments import Millis, from_datetime

EARLIEST = from_datetime(datetime(1970, 1, 1, tzinfo=UTC))
LATEST = from_datetime(datetime(9000, 1, 1, tzinfo=UTC))


def real_now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


class OutOfReach(Exception):
    """A clock was to be set before 1970 or after 9000."""


class Clock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A world's clock: the real one, shifted; or frozen at a moment (CONV-19)."""

    shift_ms: int = 0
    frozen: Millis | None = None

    @property
    def running(self) -> bool:
        return self.frozen is None

    def now(self) -> Millis:
        if self.frozen is not None:
            return self.frozen
        return Millis(min(time.time_ns() // 1_000_000 + self.shift_ms, LATEST))

    def set_to(self, moment: int) -> "Clock":
        """At `moment` from now on. A frozen clock stays frozen, there."""
        if not EARLIEST <= moment <= LATEST:
            raise OutOfReach
        if self.frozen is not None:
            return Clock(frozen=Millis(moment))
        return Clock(shift_ms=moment - real_now())

    def freeze(self) -> "Clock":
        return Clock(frozen=self.now())

    def run(self) -> "Clock":
        return self if self.frozen is None else Clock(shift_ms=self.frozen - real_now())
