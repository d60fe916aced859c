"""Chance that belongs to one thing: keyed by the seed, asked by kind, parent and ordinal.

There is no shared sequence to draw from. What is invented for the fifth client is the same
whether or not a sixth exists, on every machine, in whatever order one asks.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CAPITALS_AND_DIGITS = CAPITALS + "0123456789"

PREFIXES = {  # CONV-8; a kind that is not here is its own prefix
    "issued_pass": "brgpass",
    "class_instance": "ci",
    "session": "sess",
    "copay_option": "copay",
    "copay_purchase": "cpp",
    "credit_package": "cpkg",
    "credit_purchase": "crp",
    "lookup": "lkp",
    "transaction": "txn",
    "access_code": "code",
    "provider": "prov",
    "service": "svc",
    "message": "msg",
}

_INVENTED = re.compile(r"_[0-9a-f]{16}\b")


class Chance:
    """The dice of one thing. Each throw uses up two of its sixty-two bytes."""

    __slots__ = ("_at", "_digest")

    def __init__(self, seed: int, about: str) -> None:
        self._digest = hashlib.blake2b(about.encode(), key=b"%d" % seed, digest_size=62).digest()
        self._at = 0

    def below(self, count: int) -> int:
        """0 to count - 1, each as likely as the other."""
        at = self._at
        self._at = at + 2
        return ((self._digest[at] << 8 | self._digest[at + 1]) * count) >> 16

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low)

    def pick(self, pool: Sequence[T]) -> T:
        return pool[self.below(len(pool))]

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent


# The same people live around every first day: who is who is asked again for each.
@lru_cache(maxsize=8192)
def invent_id(seed: int, kind: str, parent: str, ordinal: int) -> str:
    """An id like `prov_0c5a…`. Its tail is of a shape that no world gives to what is made in it."""
    about = f"{kind}/{parent}/{ordinal}".encode()
    tail = hashlib.blake2b(about, key=b"%d" % seed, digest_size=8).hexdigest()
    return f"{prefix(kind)}_{tail}"


def prefix(kind: str) -> str:
    return PREFIXES.get(kind, kind)


def is_invented(text: str) -> bool:
    """Whether an id, or the shelf named after one, can be of the crowd at all."""
    return _INVENTED.search(text) is not None


def spell(seed: int, about: str, alphabet: str, length: int = 8) -> str:
    """A word of chance: a passcode, a reference."""
    digest = hashlib.blake2b(about.encode(), key=b"%d" % seed, digest_size=length).digest()
    return digest.translate(_letters(alphabet)).decode()


@lru_cache(maxsize=8)
def _letters(alphabet: str) -> bytes:
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))
