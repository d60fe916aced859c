"""JSON as it was answered: what is not there says so in the words of a verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, SupportsIndex, TypeVar, overload

from contract_tests.verdict import Blocked, Broken

T = TypeVar("T")


class Body(dict[str, Any]):
    """An object of an answer; reading a field it lacks is a broken promise, not a KeyError."""

    def __missing__(self, name: str) -> Any:
        told = ", ".join(list(self)[:12]) or "nothing"
        raise Broken(f"a field {name!r} in {self.get('object', 'an object')}", f"only {told}")


class Items(list[T]):
    """The items of an answered list; an item it lacks is a broken promise."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> T | list[T]:
        try:
            return super().__getitem__(index)
        except IndexError:
            raise Broken(f"a list with an item {index}", f"one of {len(self)}") from None


class Shelf(list[T]):
    """A part of the inventory; what is not on it blocks a judgement and breaks none."""

    def __init__(self, things: Iterable[T], name: str) -> None:
        super().__init__(things)
        self.name = name

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> T | list[T]:
        try:
            return super().__getitem__(index)
        except IndexError:
            raise Blocked(f"the target's inventory has {len(self)} {self.name}, too few for this") from None


def parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw, object_hook=Body)
    except ValueError:
        return None
