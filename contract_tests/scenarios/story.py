"""A scenario's steps, played against a target: docs/scenario-format.md is what this follows."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from contract_tests.answered import parsed
from contract_tests.api import Answer, Api
from contract_tests.control import World
from contract_tests.exchange import Exchange
from contract_tests.stock import LAGOS
from contract_tests.target import Unreachable
from contract_tests.verdict import Blocked, Broken

_HERE = Path(__file__).resolve().parents[1]
FOLDERS = (_HERE.parent / "scenarios", _HERE.parent / "sandbox" / "_data" / "scenarios")
DAY_AND_TIME = re.compile(r"([+-]\d+)d(?: (\d\d):(\d\d))?")
FROM_NOW = re.compile(r"now(?:([+-]\d+)([smhd]))?")
SPANS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
PLACE = re.compile(r"\.(\w+)|\[(-?\d+)\]|\[(\w+)=([^\]]*)\]")
ABSENT = object()


def scenario_files() -> list[Path]:
    folder = next((f for f in FOLDERS if f.is_dir()), None)
    return sorted(folder.glob("*.yaml")) if folder else []


def read_scenario(file: Path) -> dict[str, Any]:
    """Plain data, as the format has it: only null, true, false and plain numbers are anything but text."""
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=_Plain)
    return dict(document)


class _Plain(yaml.SafeLoader):
    """YAML without its surprises: 18:00 is a text, and so is a date."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))
_Plain.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9]\d*)\Z"), list("-0123456789"))
_Plain.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"-?\d+\.\d+\Z"), list("-0123456789"))


@dataclass(slots=True)
class Story:
    """One telling of a scenario: the world it happens in, and the values saved so far."""

    world: World
    apis: Mapping[str, Api]
    paths: Mapping[str, tuple[str, str]]  # operationId of the control API → method and path
    began: dt.datetime
    saved: dict[str, Any] = field(default_factory=lambda: {"run": secrets.token_hex(4)})

    def play(self, step: Mapping[str, Any]) -> None:
        """Raises Broken where the step does not end as the scenario expects."""
        if "advance" in step:
            self.world.ask("POST", "/clock", {"advance": step["advance"]})
        elif "set" in step:
            self.world.set(self.moment(str(self.filled(step["set"]))))
        else:
            self._ask(step)

    def _ask(self, step: Mapping[str, Any]) -> None:
        expected = self.filled(step.get("expect") or {})
        try:
            answer = self._call(step) if "call" in step else self._control(step)
        except (Unreachable, Blocked) as cut:
            if expected.get("lost"):
                return
            raise Broken("an answer", f"none: {cut}") from cut
        if expected.get("lost"):
            raise answer.broken("the connection to be cut")
        check(answer, expected)
        for name, path in (step.get("save") or {}).items():
            value = at(answer.body, path)
            if value is ABSENT:
                raise answer.broken(f"something to save at {path}")
            self.saved[name] = value

    def _call(self, step: Mapping[str, Any]) -> Answer:
        api = self.apis[step.get("as", "demo")]
        key = self.filled(step["key"]) if "key" in step else None
        method, _, path = str(step["call"]).rpartition(" ")
        if not method:
            operation = api.operation(path)
            method, path = operation.method, operation.url(self.filled(step.get("path") or {}))
        query = list(self.filled(step.get("query") or {}).items())
        headers, body = self.filled(step.get("headers") or {}), self.filled(step.get("body"))
        return api.send(method, path, query=query, body=body, headers=headers, key=key)

    def _control(self, step: Mapping[str, Any]) -> Answer:
        if step["control"] not in self.paths:
            raise Blocked(f"the control API has no operation {step['control']!r}")
        method, path = self.paths[step["control"]]
        values = {"world": self.world.id, **self.filled(step.get("path") or {})}
        url = re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), path)
        query = "&".join(f"{name}={value}" for name, value in self.filled(step.get("query") or {}).items())
        asked = url + (f"?{query}" if query else "")
        body = self.filled(step.get("body"))
        status, answer = self.world.control.ask(method, asked, body, may_refuse=True)
        exchange = Exchange(method, self.world.control.url + asked, {}, None, status, {}, b"", 0.0)
        return Answer(exchange, answer)

    # values

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            alone = re.fullmatch(r"\${([^}]*)}", value)
            if alone:
                return self.value(alone[1])
            return re.sub(r"\${([^}]*)}", lambda found: str(self.value(found[1])), value)
        if isinstance(value, Mapping):
            return {name: self.filled(inside) for name, inside in value.items()}
        return [self.filled(inside) for inside in value] if isinstance(value, list) else value

    def value(self, name: str) -> Any:
        word, _, rest = name.partition(" ")
        if rest:
            return WRITTEN[word](self.moment(rest))
        if name.startswith("key."):
            return self.world.keys[name[4:]]
        return self.saved[name]

    def moment(self, text: str) -> dt.datetime:
        if found := DAY_AND_TIME.fullmatch(text):
            local = self.began.astimezone(LAGOS) + dt.timedelta(days=int(found[1]))
            hour, minute = int(found[2] or 0), int(found[3] or 0)
            return local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if found := FROM_NOW.fullmatch(text):
            return self.began + (
                dt.timedelta(**{SPANS[found[2]]: int(found[1])}) if found[1] else dt.timedelta()
            )
        if text.isdigit():
            return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC)
        return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


WRITTEN: dict[str, Callable[[dt.datetime], Any]] = {
    "ms": lambda moment: round(moment.timestamp() * 1000),
    "seconds": lambda moment: round(moment.timestamp()),
    "date": lambda moment: moment.astimezone(LAGOS).date().isoformat(),
    "time": lambda moment: f"{moment.astimezone(LAGOS):%H:%M}",
    "rfc3339": lambda moment: moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
}


def control_paths(control: Any) -> dict[str, tuple[str, str]]:
    """operationId → method and path, from the control API's own document."""
    where = control.url.rstrip("/") + "/openapi.yaml"
    got = control.wire.send("GET", where, control.authorization, None)
    document = parsed(got.body) or yaml.load(got.body, Loader=yaml.CSafeLoader)
    if got.status != 200 or not isinstance(document, dict):
        raise Blocked(
            "the control API has no document at /openapi.yaml, so steps by operationId can't be played"
        )
    base = (document.get("servers") or [{}])[0].get("url", "").rstrip("/")
    below = "/_sandbox" if not base.endswith("/_sandbox") else ""
    return {
        operation["operationId"]: (method.upper(), path.removeprefix(below))
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


# expectations


def check(answer: Answer, expected: Mapping[str, Any]) -> None:
    if "status" in expected and answer.status != expected["status"]:
        raise answer.broken(str(expected["status"]))
    if "code" in expected and answer.error.get("code") != expected["code"]:
        raise answer.broken(str(expected["code"]))
    if not {"status", "code"} & set(expected) and answer.status >= 300:
        raise answer.broken("a success")
    for name, value in (expected.get("headers") or {}).items():
        if answer.header(name) != value:
            raise answer.broken(f"{name}: {value}", repr(answer.header(name)))
    for path, wanted in (expected.get("body") or {}).items():
        found = at(answer.body, path)
        if not holds(found, wanted):
            raise answer.broken(
                f"{path} to be {wanted!r}", "nothing there" if found is ABSENT else repr(found)
            )


def at(body: Any, path: str) -> Any:
    for name, place, key, value in PLACE.findall(path):
        if name:
            body = body.get(name, ABSENT) if isinstance(body, dict) else ABSENT
        elif place:
            inside = isinstance(body, list) and -len(body) <= int(place) < len(body)
            body = body[int(place)] if inside else ABSENT
        else:
            items = body if isinstance(body, list) else []
            body = next((i for i in items if isinstance(i, dict) and str(i.get(key)) == value), ABSENT)
    return body


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda found, wanted: (found is not ABSENT) is wanted,
    "matches": lambda found, wanted: isinstance(found, str) and re.search(wanted, found) is not None,
    "at_least": lambda found, wanted: _number(found) and found >= wanted,
    "at_most": lambda found, wanted: _number(found) and found <= wanted,
    "count": lambda found, wanted: isinstance(found, list | dict) and len(found) == wanted,
    "contains": lambda found, wanted: isinstance(found, str | list) and wanted in found,
    "not": lambda found, wanted: found is not ABSENT and not _equal(found, wanted),
}


def holds(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping) and wanted and set(wanted) <= set(COMPARISONS):
        return all(COMPARISONS[word](found, value) for word, value in wanted.items())
    return found is not ABSENT and _equal(found, wanted)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(found: Any, wanted: Any) -> bool:
    """As JSON: 1 and 1.0 are equal, 1 and true are not."""
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
