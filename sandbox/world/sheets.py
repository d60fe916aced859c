"""A sheet: a YAML file as people write it, read safely, every value with its line.

Read from the parser's events and not with PyYAML's constructors, for three reasons: nothing
in a file can name a Python object; nesting costs no stack (libyaml's own composer crashes the
process on a megabyte of `[`); and every value keeps its line. Only null, true, false and plain
numbers are anything but text, so `18:00` is a time of day and `+2348000000001` a telephone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import yaml

Path: TypeAlias = tuple[str | int, ...]

LARGEST_TEXT = 1024 * 1024
DEEPEST_NESTING = 32

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9_]{0,24})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,16}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


class Mistake(NamedTuple):
    """One thing wrong in a file, told so that it can be mended without looking anything up."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return where + (f"{self.field}: {self.message}" if self.field else self.message)


class FixtureError(Exception):
    """Everything wrong with what a person wrote, all at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Sheet:
    file: str
    value: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of what stands there, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_sheet(text: str, file: str, largest: int = LARGEST_TEXT) -> Sheet:
    if len(text) > largest:
        raise FixtureError([Mistake(file, 1, "", f"is larger than {largest:,} characters. Split it.")])
    reader = _Reader(file)
    try:
        reader.take(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FixtureError([Mistake(file, line, "", f"is not YAML: {error.problem}.")]) from None
    except yaml.reader.ReaderError as error:
        raise FixtureError([Mistake(file, 1, "", f"is not text: {error.reason}.")]) from None
    if reader.mistakes:
        raise FixtureError(reader.mistakes)
    return Sheet(file, reader.value, reader.lines)


@dataclass(slots=True)
class _Level:
    """A list or mapping that is being read."""

    items: Any
    path: Path
    key: str | None = None


@dataclass(slots=True)
class _Reader:
    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=list)
    documents: int = 0

    def take(self, events: Iterator[yaml.Event]) -> None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._open(event, {})
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(event, [])
            elif isinstance(event, yaml.CollectionEndEvent):
                self.levels.pop()
            elif isinstance(event, yaml.AliasEvent):
                self._refuse(event, f"*{event.anchor}: aliases are not taken here. Write the value out.")
            elif isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    self._refuse(event, "A second document begins here. One file is one document.")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.items, dict) and level.key is None:
            self._begin_entry(event, level)
        else:
            self._place(event, _plain(event.value) if event.implicit[0] else event.value)

    def _begin_entry(self, event: yaml.ScalarEvent, level: _Level) -> None:
        level.key = event.value
        if event.value in level.items:
            self._refuse(event, f"'{event.value}' stands twice in one record. Keep one of them.", stop=False)
        self.lines[(*level.path, event.value)] = _line(event)

    def _open(self, event: yaml.CollectionStartEvent, items: Any) -> None:
        if len(self.levels) >= DEEPEST_NESTING:
            self._refuse(event, f"Nested more than {DEEPEST_NESTING} levels deep.")
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.items, dict) and level.key is None:
            self._refuse(event, "A name is a single word, not a list or a record.")
        self.levels.append(_Level(items, self._place(event, items)))

    def _place(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, value: Any) -> Path:
        if event.tag not in (None, "!"):
            self._refuse(event, f"The tag {event.tag} is not taken here. Write the plain value.")
        path: Path = self._attach(self.levels[-1], value) if self.levels else ()
        if not self.levels:
            self.value = value
        self.lines.setdefault(path, _line(event))
        return path

    def _attach(self, level: _Level, value: Any) -> Path:
        if isinstance(level.items, list):
            level.items.append(value)
            return (*level.path, len(level.items) - 1)
        assert level.key is not None
        key, level.key = level.key, None
        level.items[key] = value
        return (*level.path, key)

    def _refuse(self, event: yaml.Event, message: str, *, stop: bool = True) -> None:
        self.mistakes.append(Mistake(self.file, _line(event), "", message))
        if stop:
            raise FixtureError(self.mistakes)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
