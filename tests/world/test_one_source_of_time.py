"""Everything obeys the world's clock, because only one file can ask the machine what time it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox

PACKAGE = Path(sandbox.__file__).parent

CLOCK = "world/clock.py"
MEASURES = {  # how long something took, how long a connection was silent: real time, no business of a world
    "api/notes.py": {"time.perf_counter_ns"},
    "store/postgres.py": {"time.monotonic"},
    "web/server.py": {"loop.time"},
    "web/connection.py": {"loop.time", "_loop.time"},
}
ASKING = {
    "time": {
        *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
        *("process_time", "process_time_ns", "clock_gettime", "clock_gettime_ns", "gmtime", "localtime"),
        *("ctime", "asctime", "strftime"),
    },
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "loop": {"time"},
    "_loop": {"time"},
    "uuid": {"uuid1", "uuid7"},
}
EMPTY_MEANS_NOW = {"gmtime", "localtime", "ctime", "asctime", "formatdate"}


def asked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in ASKING.get(of, ()):
                yield node.lineno, f"{of}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "uuid"):
            for name in node.names:
                if name.name in ASKING[node.module]:
                    yield node.lineno, f"{node.module}.{name.name}"
        elif isinstance(node, ast.Call) and not node.args and not node.keywords:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in EMPTY_MEANS_NOW:
                yield node.lineno, f"{name}()"


FILES = sorted(str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("name", [name for name in FILES if name != CLOCK])
def test_only_the_clock_asks_what_time_it_is(name: str) -> None:
    tree = ast.parse((PACKAGE / name).read_text("utf-8"))
    found = [(line, what) for line, what in asked(tree) if what not in MEASURES.get(name, set())]
    assert not found, f"{name} asks for the time at {found}; take it from the books, or from {CLOCK}."


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.time()",
        "from time import time_ns",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "from datetime import date\ndate.today()",
        "from email.utils import formatdate\nformatdate()",
        "import time\ntime.localtime()",
    ],
)
def test_whoever_asks_is_found(code: str) -> None:
    assert list(asked(ast.parse(code)))


def test_the_clock_is_where_it_was() -> None:
    assert list(asked(ast.parse((PACKAGE / CLOCK).read_text("utf-8"))))
