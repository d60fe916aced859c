"""From a stretch of the journal to a scenario with steps.

An id that one call answered and a later one used becomes a saved value, and so does a secret
that the journal struck out, for the answer will hold it again. Days and moments are counted
from the first request on, so that the scenario plays on any day.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

import yaml

from sandbox.control.times import span
from sandbox.domain.moments import SECOND, clock_time, day_of, from_datetime
from sandbox.spec import Document, Match, Router
from sandbox.world.journal import Told
from sandbox.world.secrets import SECRET_FIELDS, STRUCK_OUT

HEADERS = ("idempotency-key", "bardge-lookup-token", "prefer")
TOLD_BACK = ("status", "balance", "copay_required", "additional_visits_required", "visits_deducted")
JUMP = 2 * SECOND  # of the world's clock against the real one: somebody moved it
UNKNOWN_KEY = "sk_sandbox_of_nobody"

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MILLIS = range(10**12, 4 * 10**12)

Place = tuple[str, ...]


@dataclass(slots=True)
class _Answered:
    """Where a value was first answered: which step, at which path."""

    step: dict[str, Any]
    path: str
    name: str


@dataclass(slots=True)
class _Recorder:
    router: Router
    start: int
    steps: list[dict[str, Any]] = field(default_factory=list)
    answered: dict[Any, _Answered] = field(default_factory=dict)
    asked: set[Any] = field(default_factory=set)  # what came from the client's side first is no answer's
    names: set[str] = field(default_factory=set)

    def take(self, entry: Told) -> None:
        step = self._step(entry)
        if entry["operation"] == "verify_lookup":
            self._read_the_phone(step)
        self.steps.append(step)
        self._remember(entry, step)

    def pass_time(self, span_ms: int) -> None:
        self.steps.append({"advance": span(span_ms)})

    def _step(self, entry: Told) -> dict[str, Any]:
        found = self.router.match(entry["method"], entry["path"])
        step: dict[str, Any] = {}
        if isinstance(found, Match):
            step["call"] = found.operation.id
            path = {name: self._used(value) for name, value in found.path_parameters.items()}
        else:
            step["call"], path = f"{entry['method']} {entry['path']}", {}
        if entry["caller"] is None:
            step["key"] = UNKNOWN_KEY
        elif entry["caller"] != "demo":
            step["as"] = entry["caller"]
        headers = {n: v for n, v in entry["request"]["headers"].items() if n.lower() in HEADERS}
        parts = {
            "path": path,
            "query": self._filled(dict(parse_qsl(entry["query"]))),
            "headers": {name.title(): self._header(name, value) for name, value in headers.items()},
            "body": self._filled(entry["request"]["body"])
            if isinstance(entry["request"]["body"], dict)
            else {},
        }
        step |= {name: part for name, part in parts.items() if part}
        self._expect(entry, step)
        return step

    def _header(self, name: str, value: str) -> Any:
        if name.lower() == "idempotency-key":
            return f"{value[:200]}-{_reference('run')}"  # another key for every run, the same within one
        return self._used(value, name)

    def _expect(self, entry: Told, step: dict[str, Any]) -> None:
        fault = entry["fault"]
        if fault is not None:
            step.setdefault("headers", {})["Sandbox-Fault"] = fault
            if "drop=" in fault:
                step["expect"] = {"lost": True}
                return
        body = entry["answer"]["body"]
        expect: dict[str, Any] = {"status": entry["status"]}
        if isinstance(body, dict) and isinstance(body.get("error"), dict):
            expect["code"] = body["error"].get("code")
        elif isinstance(body, dict):
            told = {f"$.{name}": body[name] for name in TOLD_BACK if name in body}
            if told:
                expect["body"] = told
        if entry["replayed"]:
            expect["headers"] = {"Idempotent-Replayed": "true"}
        step["expect"] = expect

    def _read_the_phone(self, step: dict[str, Any]) -> None:
        """The code was sent to the client; the scenario reads it there as its tester did."""
        looked_up = [one["body"] for one in self.steps if one.get("call") == "initiate_lookup"]
        if looked_up and step["expect"]["status"] == 200:
            client = {"client_id": looked_up[-1]["client_id"]}
            self.steps.append(
                {"control": "list_messages", "query": client, "save": {"code": "$.data[0].code"}}
            )
            step["body"]["access_code"] = "${code}"

    # --- values ---

    def _remember(self, entry: Told, step: dict[str, Any]) -> None:
        body = entry["answer"]["body"]
        if entry["fault"] is not None and "drop=" in entry["fault"]:
            return
        for path, name, value in _leaves(body, "$", ""):
            secret = value == STRUCK_OUT or str(value).endswith(f"_{STRUCK_OUT}")
            if secret and name in SECRET_FIELDS:
                self.answered[name] = _Answered(step, path, name)  # the last one told is the one that holds
            elif isinstance(value, str) and self._is_new_name(value, entry):
                self.answered[value] = _Answered(step, path, _save_name(name, value))

    def _is_new_name(self, value: str, entry: Told) -> bool:
        if value in self.answered or value in self.asked or " " in value or not 6 <= len(value) <= 64:
            return False
        made = re.fullmatch(r"[a-z]+_[A-Z0-9]{8,}|[A-Z0-9]{8}", value) is not None
        return made or (
            entry["method"] != "GET" and "_" in value and value.lower() == value and _has_digit(value)
        )

    def _used(self, value: Any, field_name: str = "") -> Any:
        """The value, or the reference to it if an answer told it."""
        struck = isinstance(value, str) and STRUCK_OUT in value
        key = {"bardge-lookup-token": "lookup_token"}.get(field_name.lower(), field_name) if struck else value
        if not isinstance(key, str) or key not in self.answered:
            self.asked.add(value if isinstance(value, str) else None)
            return value
        source = self.answered[key]
        saved = source.step.setdefault("save", {})
        for name, path in saved.items():
            if path == source.path:
                return _reference(name)
        name, n = source.name, 2
        while name in self.names:
            name, n = f"{source.name}_{n}", n + 1
        self.names.add(name)
        saved[name] = source.path
        return _reference(name)

    def _filled(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inside, key) for key, inside in value.items()}
        if isinstance(value, list):
            return [self._filled(inside, name) for inside in value]
        if isinstance(value, str) and _DAY.fullmatch(value):
            return _reference(f"date {(_day(value) - day_of(self.start)).days:+}d")
        if isinstance(value, int) and not isinstance(value, bool) and value in _MILLIS:
            return _reference(f"ms now{(value - self.start) // SECOND:+}s")
        return self._used(value, name)


def scenario_of(
    entries: list[Told], document: Document, title: str | None, why: str | None
) -> dict[str, Any]:
    """Entries oldest first, as a scenario's document."""
    start = _moment(entries[0]["world_time"])
    recorder = _Recorder(Router(document.operations, document.base_paths), start)
    for before, entry in zip([None, *entries], entries, strict=False):
        if before is not None:
            jump = _drift(entry) - _drift(before)
            if abs(jump) >= JUMP:
                recorder.pass_time(jump)
        recorder.take(entry)
    return {
        "title": title or f"Recorded: {entries[0]['operation']} and what followed",
        "why": why or "Recorded from the journal; it begins from the fixtures.",
        "now": f"+0d {clock_time(start)}",
        "steps": recorder.steps,
    }


def text_of(document: Mapping[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110))


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - a scenario file has none
        return True


def _drift(entry: Told) -> int:
    return _moment(entry["world_time"]) - _moment(entry["at"])


def _moment(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _leaves(value: Any, path: str, name: str) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _leaves(inside, f"{path}.{key}", key)
    elif isinstance(value, list):
        for n, inside in enumerate(value):
            yield from _leaves(inside, f"{path}[{n}]", name)
    else:
        yield path, name, value


def _save_name(name: str, value: str) -> str:
    """`booking_id` and `id: booking_…` are both a `booking`."""
    noun = value.partition("_")[0] if name == "id" else name.removesuffix("_id")
    return re.sub(r"[^a-z0-9_]", "_", noun.lower()) or "value"


def _reference(name: str) -> str:
    return f"${{{name}}}"


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
