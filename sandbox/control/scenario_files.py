"""Scenario files: found by name, read safely, checked to the last field, with file and line of a mistake."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, partial
from pathlib import Path as FilePath
from typing import Any, TypeAlias

import msgspec

from sandbox.control import json_paths
from sandbox.control.refusals import unknown
from sandbox.control.times import advanced
from sandbox.domain.refusals import Refusal
from sandbox.spec import Document, Schemas, Shape
from sandbox.spec.wording import faults_of
from sandbox.world import dates
from sandbox.world.faults import Fault
from sandbox.world.fixtures import Given, given_in
from sandbox.world.sheets import FixtureError, Mistake, Path, Sheet, read_sheet

SCHEMA_FILE = "scenario.schema.json"
LARGEST_FILE = 4 * 2**20  # an export of a busy world is larger than anything written by hand
LARGEST_NUMBER = 2**53
KINDS_OF_STEP = ("call", "control", "advance", "set")
OF_A_WORLD = "/worlds/{world}/"
NOT_IN_A_STEP = {"reset_world", "run_scenario", "load_scenario", "record_scenario"}
MOMENTS = ("ms", "seconds", "date", "time", "rfc3339")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_STEP_OF_PATH = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+)\]")
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_FREE_CALL = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/\S*)")

StepFields: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """A world as it was: what its base follows from, and every record that changed since."""

    seed: int
    start: str
    records: Mapping[str, list[dict[str, Any]]]
    counters: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str | None
    title: str
    why: str
    now: str | int | None
    frozen: bool
    givens: tuple[Given, ...]
    faults: tuple[Fault, ...]
    steps: tuple[StepFields, ...]
    export: Export | None
    document: dict[str, Any]
    text: str

    @property
    def needs_control(self) -> bool:
        """Can it be played only where worlds can be prepared, or the clock moved?"""
        prepared = bool(self.givens or self.faults or self.export or self.now is not None)
        return prepared or any("call" not in step for step in self.steps)


class ScenarioShelf:
    """The folder of scenarios, and the promise they are checked against."""

    def __init__(self, folder: FilePath, document: Document, control: Document) -> None:
        self._folder = folder
        self._api = {operation.id: operation for operation in document.operations}
        self._control = {operation.id: operation for operation in control.operations}
        self._schemas = Schemas(document)
        self._read: dict[str, tuple[int, Scenario]] = {}

    def names(self) -> list[str]:
        return sorted(file.stem for file in self._folder.glob("*.yaml") if _NAME.fullmatch(file.stem))

    def every(self) -> list[Scenario]:
        return [self.find(name) for name in self.names()]

    def find(self, name: str) -> Scenario:
        """A name is a name and never a path: it cannot leave the folder."""
        file = self._folder / f"{name}.yaml"
        if not _NAME.fullmatch(name) or not file.is_file():
            close = get_close_matches(name, self.names(), n=1)
            hint = f"Did you mean '{close[0]}'?" if close else "GET /_sandbox/scenarios lists them."
            raise unknown("scenario", name[:100], hint)
        changed = file.stat().st_mtime_ns
        if name not in self._read or self._read[name][0] != changed:
            self._read[name] = (changed, self.read(file.read_text("utf-8"), file.name, name))
        return self._read[name][1]

    def named(self, scenario: str) -> Scenario:
        """As somebody at the keyboard of this machine names it: by name, or by the path of a file."""
        file = FilePath(scenario)
        if file.suffix in (".yaml", ".yml"):
            try:
                return self.read(file.read_text("utf-8"), file.name, None)
            except OSError as reason:
                raise unknown("scenario file", scenario, f"{reason.strerror}.") from None
        return self.find(scenario)

    def wanted(self, scenario: str | dict[str, Any]) -> Scenario:
        """By name, as the text of a file (it has more than one line), or as the document itself."""
        if isinstance(scenario, dict):
            return self.checked(Sheet("scenario", scenario, {}), "", None)
        if "\n" in scenario:
            return self.read(scenario, "scenario", None)
        return self.find(scenario)

    def read(self, text: str, file: str, name: str | None) -> Scenario:
        return self.checked(read_sheet(text, file, LARGEST_FILE), text, name)

    def checked(self, sheet: Sheet, text: str, name: str | None) -> Scenario:
        """The scenario, or every mistake in it at once."""
        mistakes = list(self._mistakes(sheet))
        if mistakes:
            raise FixtureError(mistakes)
        value = sheet.value
        given = given_in(sheet, value["given"], ("given",)) if "given" in value else []
        return Scenario(
            name=name,
            title=value["title"],
            why=value.get("why", ""),
            now=value.get("now"),
            frozen=value.get("frozen", False),
            givens=tuple(given),
            faults=tuple(msgspec.convert(fault, Fault) for fault in value.get("faults", ())),
            steps=tuple(value.get("steps", ())),
            export=_export(value.get("exported")),
            document=value,
            text=text,
        )

    def fits(self, schema: str, value: Any) -> list[tuple[Path, str]]:
        """What a schema of the API's document finds wrong with a record somebody wrote."""
        shape = self._schemas.shape({"$ref": f"#/components/schemas/{schema}"}, "answer", schema)
        if shape.is_valid(value):
            return []
        return [(path_of(fault.where), fault.message) for fault in faults_of(shape, value, "")]

    @cached_property
    def _shape(self) -> Shape:
        return Shape(msgspec.json.decode((self._folder / SCHEMA_FILE).read_bytes()))

    def _mistakes(self, sheet: Sheet) -> Iterator[Mistake]:
        if not isinstance(sheet.value, dict):
            yield Mistake(sheet.file, 1, "", "A scenario is a record: title, why, given, steps.")
            return
        unfit = False
        for path, number in _numbers(sheet.value, ()):
            if abs(number) > LARGEST_NUMBER:
                unfit = True
                yield _mistake(sheet, path, f"{number:.3g} is further than numbers go here.")
        for fault in faults_of(self._shape, sheet.value, ""):
            unfit = True
            path = path_of(fault.where)
            yield Mistake(sheet.file, sheet.line(path), fault.where.lstrip("."), fault.message)
        if unfit:
            return
        for n, fault in enumerate(sheet.value.get("faults", ())):
            yield from self._fault_mistakes(sheet, ("faults", n), fault)
        saved: set[str] = set()
        for n, step in enumerate(sheet.value.get("steps", ())):
            yield from self._step_mistakes(sheet, ("steps", n), step, saved)
            saved |= step.get("save", {}).keys()

    def _fault_mistakes(self, sheet: Sheet, path: Path, fault: Mapping[str, Any]) -> Iterator[Mistake]:
        if fault["operation"] != "*" and fault["operation"] not in self._api:
            yield _mistake(sheet, (*path, "operation"), _no_operation(fault["operation"], self._api))
        if not fault.keys() & {"status", "code", "delay_ms", "drop"}:
            yield _mistake(sheet, path, "does nothing. Add status, code, delay_ms or drop.")

    def _step_mistakes(
        self, sheet: Sheet, path: Path, step: StepFields, saved: set[str]
    ) -> Iterator[Mistake]:
        kind = next(kind for kind in KINDS_OF_STEP if kind in step)
        if kind in ("advance", "set"):
            extra = [name for name in step if name not in (kind, "title")]
            if extra:
                yield _mistake(sheet, (*path, extra[0]), f"means nothing beside `{kind}`. Leave it out.")
        elif not (kind == "call" and _FREE_CALL.fullmatch(step[kind])):
            yield from self._named_call_mistakes(sheet, path, step, kind)
        for at, message in _unreadable(step, saved):
            yield _mistake(sheet, (*path, *at), message)

    def _named_call_mistakes(
        self, sheet: Sheet, path: Path, step: StepFields, kind: str
    ) -> Iterator[Mistake]:
        operations = self._api if kind == "call" else self._control
        operation = operations.get(step[kind])
        if operation is None:
            yield _mistake(sheet, (*path, kind), _no_operation(step[kind], operations))
            return
        if kind == "control" and (operation.id in NOT_IN_A_STEP or not operation.path.startswith(OF_A_WORLD)):
            message = f"{operation.id} is not for a step: it would reach beyond the world that is played in."
            yield _mistake(sheet, (*path, kind), message)
        wanted = {parameter.name for parameter in operation.parameters if parameter.place == "path"}
        wanted -= {"world"} if kind == "control" else set()
        given = step.get("path", {}).keys()
        for name in sorted(wanted - given):
            yield _mistake(sheet, path, f"`path` lacks '{name}', which {operation.id} needs.")
        for name in sorted(given - wanted):
            yield _mistake(sheet, (*path, "path", name), f"is no part of {operation.path}. Leave it out.")


def _unreadable(step: StepFields, saved: set[str]) -> Iterator[tuple[Path, str]]:
    """What can be known to fail before anything is played: values, moments, spans, paths, patterns."""
    for at, name in _references(step, ()):
        word, _, rest = name.partition(" ")
        if word in MOMENTS and rest:
            yield from _reading(at, partial(dates.moment, rest, 0))
        elif name not in saved and not _is_built_in(name):
            known = ", ".join(sorted(saved)) or "none yet"
            yield at, f"${{{name}}} was not saved by a step before. Saved so far: {known}."
    if "set" in step and not references_in(str(step["set"])):
        yield from _reading(("set",), partial(dates.moment, step["set"], 0))
    if "advance" in step:
        yield from _reading(("advance",), partial(advanced, 0, step["advance"], "advance"))
    for name, path in step.get("save", {}).items():
        yield from _reading(("save", name), partial(json_paths.check, path))
    for path, wanted in step.get("expect", {}).get("body", {}).items():
        yield from _reading(("expect", "body", path), partial(json_paths.check, path))
        if isinstance(wanted, dict) and isinstance(wanted.get("matches"), str):
            yield from _reading(("expect", "body", path), partial(re.compile, wanted["matches"]))


def _reading(at: Path, read: Callable[[], object]) -> Iterator[tuple[Path, str]]:
    """What trying to read something says, if it cannot be read."""
    try:
        read()
    except (ValueError, OverflowError, re.error) as reason:
        yield at, f"{reason}"
    except Refusal as refusal:
        yield at, refusal.message


def free_call(call: str) -> tuple[str, str] | None:
    """`GET /classes` is a method and a path rather than an operation's name."""
    found = _FREE_CALL.fullmatch(call)
    return (found[1], found[2]) if found else None


def references_in(text: str) -> list[str]:
    return _REFERENCE.findall(text)


def path_of(where: str) -> Path:
    """`.steps[0].call` as the steps into a document."""
    return tuple(int(n) if n else name for name, n in _STEP_OF_PATH.findall(where))


def _numbers(value: Any, path: Path) -> Iterator[tuple[Path, int | float]]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value
    elif isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inside, (*path, key))


def _references(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        for name in references_in(value):
            yield path, name
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _references(inside, (*path, key))
    elif isinstance(value, list):
        for n, inside in enumerate(value):
            yield from _references(inside, (*path, n))


def _is_built_in(name: str) -> bool:
    word, _, rest = name.partition(" ")
    return name == "run" or (word in MOMENTS and bool(rest)) or bool(re.fullmatch(r"key\.[a-z0-9_]+", name))


def _no_operation(name: str, operations: Mapping[str, object]) -> str:
    close = get_close_matches(name, operations, n=1)
    meant = f" Did you mean '{close[0]}'?" if close else ""
    return f"'{name}' is no operation.{meant} Write an operationId, or a method and a path: GET /classes."


def _mistake(sheet: Sheet, path: Path, message: str) -> Mistake:
    shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    return Mistake(sheet.file, sheet.line(path), shown, message)


def _export(value: Mapping[str, Any] | None) -> Export | None:
    if value is None:
        return None
    counters = tuple((str(kind), str(parent), int(n)) for kind, parent, n in value.get("counters", ()))
    return Export(value["seed"], value["start"], value["records"], counters)
