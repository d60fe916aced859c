"""What a step expects of its answer, held against what came, in words."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sandbox.control.exchanges import Answered
from sandbox.control.json_paths import MISSING, at


def problems(expect: Mapping[str, Any], answered: Answered) -> list[str]:
    """Everything that is not as expected; without a status or a code, a success is."""
    return [*_status_problems(expect, answered), *_content_problems(expect, answered)]


def told(answered: Answered) -> str:
    if answered.code is None:
        return str(answered.status)
    return f"{answered.status} {answered.code} ({answered.message})"


def written(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _status_problems(expect: Mapping[str, Any], answered: Answered) -> list[str]:
    problems: list[str] = []
    if "status" in expect and answered.status != expect["status"]:
        problems.append(f"Expected the status {expect['status']}; {told(answered)} came.")
    if "code" in expect and answered.code != expect["code"]:
        problems.append(f"Expected the code '{expect['code']}'; {told(answered)} came.")
    if not {"status", "code"} & expect.keys() and answered.status >= 300:
        problems.append(f"Expected a success; {told(answered)} came.")
    return problems


def _content_problems(expect: Mapping[str, Any], answered: Answered) -> list[str]:
    problems: list[str] = []
    for name, wanted in expect.get("headers", {}).items():
        came = answered.headers.get(name.lower())
        if came != wanted:
            problems.append(f"Expected the header {name}: {wanted}; {came or 'none'} came.")
    for path, wanted in expect.get("body", {}).items():
        came = at(answered.body, path)
        if not _fits(came, wanted):
            shown = "nothing" if came is MISSING else written(came)
            problems.append(f"Expected {path} to be {_wish(wanted)}; {shown} stands there.")
    return problems


# What an expectation may say instead of a plain value.
_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda came, wanted: (came is not MISSING) == wanted,
    "matches": lambda came, wanted: isinstance(came, str) and _is_found(wanted, came),
    "at_least": lambda came, wanted: _is_number(came) and _is_number(wanted) and came >= wanted,
    "at_most": lambda came, wanted: _is_number(came) and _is_number(wanted) and came <= wanted,
    "count": lambda came, wanted: isinstance(came, list | dict) and len(came) == wanted,
    "contains": lambda came, wanted: str(wanted) in came if isinstance(came, str) else _has(came, wanted),
    "not": lambda came, wanted: came is not MISSING and not _same(came, wanted),
}


def _fits(came: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and wanted and wanted.keys() <= _RULES.keys():
        return all(_RULES[rule](came, value) for rule, value in wanted.items())
    return came is not MISSING and _same(came, wanted)


def _same(came: Any, wanted: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(came, bool) or isinstance(wanted, bool):
        return came is wanted
    return bool(came == wanted)


def _is_found(pattern: Any, text: str) -> bool:
    try:
        return re.search(str(pattern), text) is not None
    except re.error:  # one that a saved value was written into
        return False


def _has(came: Any, wanted: Any) -> bool:
    return isinstance(came, list) and any(_same(one, wanted) for one in came)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wish(wanted: Any) -> str:
    if isinstance(wanted, dict) and wanted and wanted.keys() <= _RULES.keys():
        return " and ".join(f"{rule.replace('_', ' ')} {written(value)}" for rule, value in wanted.items())
    return written(wanted)
