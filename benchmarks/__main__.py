"""`make bench`: the sandbox and its peers, in one run, interleaved; then the table and the plot.

python -m benchmarks                 everything, five rounds
python -m benchmarks --quick         three short rounds against Prism only
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import ours, peers, report
from benchmarks.peers import CannotBeHad, Peer
from benchmarks.processes import DidNotStart, Server, free_port
from benchmarks.wrk import Load, NoWrk, press
from tests import postgres

HERE = Path(__file__).parent
EXERCISES = ("get_booking_status", "list_client_bookings", "purchase_credits", "book_class", "cancel_booking")
CONNECTIONS = (1, 16)
OURS = "Bardge sandbox"
MEASURED = ("per_second", "p50_ms", "p99_ms", "cpu_us")


@dataclass(frozen=True)
class Target:
    """Something that is asked; the sandbox fills a new world before each exercise."""

    name: str
    server: Server
    url: str
    sandbox: ours.Ours | None = None
    peer: Peer | None = None

    def load(self, exercise: str) -> Load | None:
        if self.sandbox is not None:
            return self.sandbox.new_world().exercise(exercise)
        assert self.peer is not None
        return self.peer.exercises.get(exercise)


@dataclass(frozen=True)
class Measurement:
    target: str
    exercise: str
    connections: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # processor time of the whole process tree, for each request
    requests: int
    refused: int
    broken: int


def main() -> int:
    wanted = _arguments()
    absent: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        targets = _start(wanted, Path(folder), running, absent)
        rounds: list[Measurement] = []
        try:
            for n in range(wanted.rounds):
                rounds += _round(wanted, targets, n)
        except KeyboardInterrupt:
            print(f"stopped; {len(rounds)} measurements of whole rounds are told", file=sys.stderr)
        except NoWrk as reason:
            print(reason, file=sys.stderr)
            return 2
        memory = {target.name: target.server.resident_mb() for target in targets}
        start = {target.name: target.server.start_seconds for target in targets}
    results = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {_processors()} processors, Python {platform.python_version()}",
        "rounds": wanted.rounds,
        "seconds": wanted.seconds,
        "absent": absent,
        "resident_mb": memory,
        "start_seconds": start,
        "medians": [asdict(one) for one in _medians(rounds)],
    }
    print(report.as_text(results))
    if wanted.publish:
        (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        report.publish(results, HERE)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="three short rounds, Prism only, nothing published"
    )
    parser.add_argument("--rounds", type=int, help="how often each thing is measured (5)")
    parser.add_argument("--seconds", type=int, help="how long each measurement lasts (4)")
    parser.add_argument("--only", default="", help="exercises, by operationId, separated by commas")
    parser.add_argument("--peer", action="append", help="only this peer; may be given several times")
    given = parser.parse_args()
    given.publish = not given.quick and not given.only and given.peer is None
    given.rounds = given.rounds or (3 if given.quick else 5)
    given.seconds = given.seconds or (2 if given.quick else 4)
    given.exercises = given.only.split(",") if given.only else list(EXERCISES)
    names = given.peer or (
        [peers.PRISM, peers.PRISM_SILENT] if given.quick else [p.name for p in peers.PEERS]
    )
    given.wanted_peers = [peer for peer in peers.PEERS if peer.name in names]
    return given


def _start(
    wanted: argparse.Namespace, folder: Path, running: ExitStack, absent: dict[str, str]
) -> list[Target]:
    targets = [_ours(OURS, folder / "memory", running)]
    if not wanted.quick:
        file = f"sqlite:///{folder}/bench.db"
        targets.append(_ours(f"{OURS}, file, 2 workers", folder / "file", running, file, 2))
        try:
            url = running.enter_context(_postgres(folder / "cluster"))
            targets.append(_ours(f"{OURS}, PostgreSQL, 2 workers", folder / "postgres", running, url, 2))
        except postgres.NoPostgres:
            absent[f"{OURS}, PostgreSQL, 2 workers"] = "PostgreSQL is not installed here"
    for peer in wanted.wanted_peers:
        try:
            targets.append(_peer(peer, folder / peer.name.replace(" ", "-"), running))
        except (CannotBeHad, DidNotStart) as reason:
            absent[peer.name] = str(reason).strip()[-300:]
            print(f"{peer.name} is left out: {absent[peer.name]}", file=sys.stderr)
    return targets


def _ours(
    name: str, folder: Path, running: ExitStack, database: str = "sqlite://", workers: int = 1
) -> Target:
    sandbox = running.enter_context(ours.started(folder, database, workers))
    return Target(name, sandbox.server, sandbox.url, sandbox=sandbox)


def _peer(peer: Peer, folder: Path, running: ExitStack) -> Target:
    program, port = peer.install(), free_port()
    folder.mkdir()
    url = f"http://127.0.0.1:{port}"
    server = Server(peer.command(program, port, folder), url, folder=folder)
    running.callback(server.stop)
    for method, path, body in peer.prepare:
        urllib.request.urlopen(urllib.request.Request(url + path, body.encode(), method=method)).close()
    return Target(peer.name, server, url, peer=peer)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    cluster = postgres.new_cluster(folder)
    try:
        with postgres.new_database(cluster, "bench") as url:
            yield url
    finally:
        cluster.kill()


def _round(wanted: argparse.Namespace, targets: list[Target], number: int) -> Iterator[Measurement]:
    """Every target in turn for every question: a slow minute of the machine is slow for all of them."""
    for exercise in wanted.exercises:
        for connections in CONNECTIONS:
            for target in targets:
                load = target.load(exercise)
                if load is not None:
                    yield _measure(target, exercise, load, connections, wanted.seconds)
        print(f"round {number + 1}: {exercise}", file=sys.stderr)


def _measure(target: Target, exercise: str, load: Load, connections: int, seconds: int) -> Measurement:
    if not load.once:
        press(target.url, load, connections, 1)  # warm
    before = target.server.cpu_seconds()
    seen = press(target.url, load, connections, seconds)
    spent = target.server.cpu_seconds() - before
    return Measurement(
        target.name,
        exercise,
        connections,
        seen.per_second,
        seen.p50_ms,
        seen.p99_ms,
        spent / max(seen.requests, 1) * 1e6,
        seen.requests,
        seen.refused,
        seen.broken,
    )


def _medians(rounds: list[Measurement]) -> list[Measurement]:
    groups: dict[tuple[str, str, int], list[Measurement]] = {}
    for one in rounds:
        groups.setdefault((one.target, one.exercise, one.connections), []).append(one)
    return [_median(of) for of in groups.values()]


def _median(of: list[Measurement]) -> Measurement:
    middle = {what: statistics.median(getattr(one, what) for one in of) for what in MEASURED}
    sums = {what: sum(getattr(one, what) for one in of) for what in ("requests", "refused", "broken")}
    return replace(of[0], **middle, **sums)


def _processors() -> int:
    import os

    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    sys.exit(main())
