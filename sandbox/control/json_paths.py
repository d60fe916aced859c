"""A small part of JSON path, for scenarios: `$.data[0].id`, `$.instances[id=ci_yoga_open].spots_left`."""

import re
from typing import Any, Final

MISSING: Final = object()

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(-?[0-9]+)\]|\[([A-Za-z_][A-Za-z0-9_]*)=([^\]]*)\]")


class BadPath(ValueError):
    """A path that says nothing."""


def check(path: str) -> None:
    """Raises `BadPath` for one that cannot be read."""
    _steps(path)


def at(value: Any, path: str) -> Any:
    """What stands there, or MISSING. `[name=text]` is the first of a list whose `name` reads so."""
    for name, index, key, text in _steps(path):
        if name:
            value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
        elif index:
            value = _nth(value, int(index))
        else:
            value = _first(value, key, text)
        if value is MISSING:
            return MISSING
    return value


def _steps(path: str) -> list[tuple[str, str, str, str]]:
    if not path.startswith("$"):
        raise BadPath(f"'{path}' is no JSON path. Begin it with $, as in $.data[0].id.")
    rest, steps = path[1:], []
    while rest:
        found = _STEP.match(rest)
        if found is None:
            raise BadPath(f"'{path}' cannot be read from '{rest}' on. Write .name, [0] or [name=value].")
        steps.append((found[1] or "", found[2] or "", found[3] or "", found[4] or ""))
        rest = rest[found.end() :]
    return steps


def _nth(value: Any, index: int) -> Any:
    inside = isinstance(value, list) and -len(value) <= index < len(value)
    return value[index] if inside else MISSING


def _first(value: Any, key: str, text: str) -> Any:
    items = value if isinstance(value, list) else []
    return next((item for item in items if isinstance(item, dict) and str(item.get(key)) == text), MISSING)
