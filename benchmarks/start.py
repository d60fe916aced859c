"""How long until the first 200, and until `--help` has been said.

python -m benchmarks.start
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ours, peers
from tests.running import Line

ROUNDS = 5
BUDGET = {"first 200": 1.0, "--help": 0.3}


def main() -> int:
    seen: dict[str, list[float]] = {"first 200": [], "--help": []}
    for _ in range(ROUNDS):
        seen["first 200"].append(_first_answer())
        seen["--help"].append(_help())
    for what, seconds in seen.items():
        print(f"{what:10} {statistics.median(seconds):.2f} s, best {min(seconds):.2f}, budget {BUDGET[what]}")
    return 0


def _first_answer() -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with ours.started(Path(folder)) as sandbox:
            line = Line(sandbox.url)
            answer = line.get("/providers/prov_fitzone")
            assert answer.status == 200, answer.raw
            seconds = time.monotonic() - began
            line.close()
        return seconds


def _help() -> float:
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "sandbox", "--help"], check=True, capture_output=True, cwd=peers.ROOT
    )
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
