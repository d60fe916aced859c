"""What a request costs as things grow: flat where it should be flat.

    python -m benchmarks.scale [--quick]

In process and on SQLite in memory, so that nothing but our own code is weighed: processor time of
`Gateway.respond`, the best of several batches. Each line of a panel is one kind of request.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from benchmarks.peers import BASE, JSON, ROOT
from benchmarks.report import SVG
from sandbox.app import Sandbox, build
from sandbox.domain.moments import DAY, HOUR, Millis
from sandbox.domain.records import Booking, Payment, Record
from sandbox.settings import Settings
from sandbox.store.alone import RowsAlone
from sandbox.wire import Request, Response
from sandbox.world.world import DECODE
from sandbox.world.worlds import NewWorld

HERE = Path(__file__).parent
KEY = "sk_sandbox_demo"
BATCHES, BATCH = 80, 20

Panel = dict[str, dict[int, float]]  # line → size → µs


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="up to 10,000 bookings and 100 worlds")
    quick = parser.parse_args().quick
    panels: dict[str, Panel] = {
        "bookings in the world": over_bookings(
            (1_000, 10_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
        ),
        "worlds": over_worlds((1, 10, 100) if quick else (1, 10, 100, 1_000)),
        "limit of a page": over_limits((1, 10, 20, 50, 100)),
        "entries in the journal": over_journal((0, 1_000)),
        "operations in the document": over_operations((36, 1_000)),
    }
    for title, panel in panels.items():
        print(f"\n{title}")
        for line, points in panel.items():
            first = next(iter(points.values()))
            told = "  ".join(
                f"{size:,}: {cost:.0f} µs ({cost / first:.2f}×)" for size, cost in points.items()
            )
            print(f"  {line:22} {told}")
    if not quick:
        (HERE / "scale.json").write_text(json.dumps(panels, indent=1) + "\n")
        (HERE / "scale.svg").write_text(plot(panels))
    return 0


def over_bookings(sizes: tuple[int, ...]) -> Panel:
    """One client of one reseller has them all: the worst place for them to be.

    Reads are of bookings all over, each from the tables, with nothing remembered of the ones before.
    """
    panel: Panel = {}
    with running() as sandbox:
        made = 0
        for size in sizes:
            fill(sandbox, made, size)
            made = size
            spread = [f"booking_{n:016X}" for n in range(0, size, size // 1_000)]
            each = [get(f"/bookings/{one}") for one in spread]
            deep = [get(BOOKINGS, f"limit=20&starting_after={one}") for one in spread[50:]]
            note(panel, "get_booking_status", size, anew(sandbox, each))
            note(panel, "list, first 20", size, anew(sandbox, [get(BOOKINGS, "limit=20")]))
            note(panel, "list, 20 anywhere", size, anew(sandbox, deep))
            note(panel, "list, asked again", size, cost(sandbox, get(BOOKINGS, "limit=20")))
            note(panel, "purchase_credits", size, cost(sandbox, PURCHASE))
            note(panel, "book and cancel", size, book_and_cancel(sandbox))
    return panel


def over_worlds(sizes: tuple[int, ...]) -> Panel:
    panel: Panel = {}
    with running() as sandbox:
        keys = [KEY]
        for size in sizes:
            while len(keys) < size:
                with sandbox.store.write("") as rows:
                    world = sandbox.worlds.make(rows, NewWorld())
                    keys.append(sandbox.worlds.accounts(world)[0][1])
            read = partial(get, "/providers/prov_fitzone", "")
            note(panel, "get_provider", size, timed(partial(_ask_next, sandbox, read, cycle(keys))))
            note(panel, "purchase_credits", size, timed(partial(_ask_next, sandbox, purchase, cycle(keys))))
    return panel


def over_limits(limits: tuple[int, ...]) -> Panel:
    panel: Panel = {}
    with running() as sandbox:
        fill(sandbox, 0, 1_000)
        for limit in limits:
            note(panel, "list_client_bookings", limit, cost(sandbox, get(BOOKINGS, f"limit={limit}")))
    return panel


def over_journal(sizes: tuple[int, ...]) -> Panel:
    panel: Panel = {}
    for size in sizes:
        with running(journal=max(size, 1)) as sandbox:
            for _ in range(size):
                ask(sandbox, get("/providers/prov_fitzone"))
            note(panel, "get_provider", size, cost(sandbox, get("/providers/prov_fitzone")))
            note(panel, "purchase_credits", size, cost(sandbox, PURCHASE))
    return panel


def over_operations(sizes: tuple[int, ...]) -> Panel:
    panel: Panel = {}
    document = yaml.load((ROOT / "openapi.yaml").read_text(), Loader=yaml.CSafeLoader)
    model = dict(document["paths"]["/providers/{id}"]["get"])
    model.pop("x-handler", None)
    for size in sizes:
        for n in range(sum(len(methods) for methods in document["paths"].values()), size):
            document["paths"][f"/more/{n}/{{id}}"] = {"get": model | {"operationId": f"more_{n}"}}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "openapi.yaml")
            path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True))
            with running(document=path) as sandbox:
                note(panel, "get_provider", size, cost(sandbox, get("/providers/prov_fitzone")))
                note(panel, "purchase_credits", size, cost(sandbox, PURCHASE))
    return panel


# --- asking ---------------------------------------------------------------------------------

BOOKINGS = "/clients/client_ada/bookings"


def get(path: str, query: str = "", key: str = KEY) -> Request:
    return Request("GET", BASE + path, query, {"authorization": f"Bearer {key}"})


def post(path: str, body: Any, key: str = KEY) -> Request:
    headers = {"authorization": f"Bearer {key}", "content-type": JSON["Content-Type"]}
    return Request("POST", BASE + path, "", headers, json.dumps(body).encode())


def purchase(key: str = KEY) -> Request:
    return post("/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_50"}, key)


PURCHASE = purchase()


def ask(sandbox: Sandbox, request: Request) -> Response:
    answer = sandbox.gateway.respond(request)
    assert isinstance(answer, Response)
    assert answer.status < 300, answer.body
    return answer


def _ask_next(sandbox: Sandbox, make: Callable[[str], Request], keys: Iterator[str]) -> None:
    ask(sandbox, make(next(keys)))


def cost(sandbox: Sandbox, request: Request) -> float:
    return timed(lambda: ask(sandbox, request))


def anew(sandbox: Sandbox, requests: list[Request]) -> float:
    turns = cycle(requests)

    def forget_and_ask() -> None:
        with sandbox.store.peek() as rows:
            assert isinstance(rows, RowsAlone)
            rows.forget()
        DECODE[Booking.kind].cache_clear()
        ask(sandbox, next(turns))

    return timed(forget_and_ask)


def book_and_cancel(sandbox: Sandbox) -> float:
    names = {"first_name": "Ada", "last_name": "Okafor"}
    wish = {
        "class_instance_id": "ci_yoga_open",
        "client_id": "client_ada",
        "user_pass_id": "brgpass_ada",
        **names,
    }
    book = post("/bookings/class", wish)

    def both() -> None:
        made = json.loads(ask(sandbox, book).body)["booking_id"]
        ask(sandbox, post(f"/bookings/{made}/cancel", {}))

    return timed(both)


def timed(act: Callable[[], object]) -> float:
    """Microseconds of processor time; the best batch, which nobody disturbed."""
    for _ in range(BATCH):
        act()
    best = float("inf")
    for _ in range(BATCHES):
        began = time.process_time_ns()
        for _ in range(BATCH):
            act()
        best = min(best, (time.process_time_ns() - began) / BATCH / 1000)
    return best


def note(panel: Panel, line: str, size: int, micros: float) -> None:
    panel.setdefault(line, {})[size] = micros
    print(f"  {line}, {size:,}: {micros:.0f} µs", file=sys.stderr)


# --- filling --------------------------------------------------------------------------------


@contextmanager
def running(document: Path | None = None, journal: int = 1_000) -> Iterator[Sandbox]:
    settings = Settings(journal=journal)
    sandbox = build(settings) if document is None else build(settings, document)
    yield sandbox
    sandbox.close()


def fill(sandbox: Sandbox, have: int, want: int) -> None:
    """Bookings of Ada's long life, one every few minutes of the past."""
    for begin in range(have, want, 10_000):
        with sandbox.store.write("default") as rows:
            world = sandbox.worlds.enter(rows, sandbox.worlds.state(rows, "default"))
            for n in range(begin, min(begin + 10_000, want)):
                world.put(_past_booking(n, world.now))
            world.write_out()


def _past_booking(n: int, now: int) -> Record:
    made = Millis(now - 40 * DAY - (2_000_000 - n) * 10_000)
    starts = Millis(made + DAY - made % (HOUR // 2))  # classes begin on the half hour
    return Booking(
        id=f"booking_{n:016X}",
        created=made,
        nth=n,
        owner="acct_demo",
        client_id="client_ada",
        first_name="Ada",
        last_name="Okafor",
        type="class",
        provider_id="prov_fitzone",
        provider_name="FitZone Victoria Island",
        title="Morning Flow Yoga",
        class_id="class_yoga",
        instance_id="ci_long_ago",
        pass_id="brgpass_ada",
        starts=starts,
        ends=Millis(starts + HOUR),
        payment=Payment(pass_id="brgpass_ada", category="GYM", period=0),
    )


# --- drawing --------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, RIGHT = 720, 150, 60, 200
COLOURS = ("#1f6f5c", "#b4552d", "#3b5b92", "#8a6d1d", "#7a3b6b")


def plot(panels: dict[str, Panel]) -> str:
    body: list[str] = []
    for number, (title, panel) in enumerate(panels.items()):
        top = 30 + number * (HEIGHT + 70)
        body += _panel(title, panel, top)
    return SVG.format(
        width=WIDTH + RIGHT, height=30 + len(panels) * (HEIGHT + 70), body="\n".join(body)
    ).replace("Requests a second at sixteen connections", "Processor time of a request as things grow")


def _panel(title: str, panel: Panel, top: int) -> list[str]:
    sizes = sorted({size for points in panel.values() for size in points})
    most = max(cost for points in panel.values() for cost in points.values()) * 1.1
    bottom, step = top + HEIGHT, (WIDTH - LEFT) / max(len(sizes) - 1, 1)
    drawn = [
        f'<text x="{LEFT}" y="{top - 8}" class="title">µs over {title}</text>',
        f'<path d="M{LEFT} {top}V{bottom}H{WIDTH}" fill="none" stroke="#999"/>',
        f'<text x="{LEFT - 6}" y="{top + 10}" class="name">{most:.0f}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" class="name">0</text>',
    ]
    for at, size in enumerate(sizes):
        drawn.append(
            f'<text x="{LEFT + at * step:.0f}" y="{bottom + 18}" text-anchor="middle">{size:,}</text>'
        )
    for colour, (line, points) in zip(COLOURS, panel.items(), strict=False):
        places = [
            (LEFT + sizes.index(size) * step, bottom - cost / most * HEIGHT) for size, cost in points.items()
        ]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = places[-1]
        drawn.append(f'<text x="{x + 8:.0f}" y="{y + 4:.0f}" style="fill:{colour}">{line}</text>')
    return drawn


if __name__ == "__main__":
    sys.exit(main())
