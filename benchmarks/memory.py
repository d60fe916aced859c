"""A million mixed requests in one process: resident memory must not follow.

python -m benchmarks.memory [--requests 1000000]
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import ours
from benchmarks.wrk import press

SECONDS = 2  # a spell of each kind of request, in turn
EXERCISES = ("get_booking_status", "list_client_bookings", "purchase_credits", "book_class", "cancel_booking")
EARLY, MOST_GROWTH = 50_000, 1.20


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--requests", type=int, default=1_000_000)
    wanted = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as folder, ours.started(Path(folder)) as sandbox:
        done, early, early_at = 0, 0.0, 0
        print(f"{done:>9,} requests: {sandbox.server.resident_mb():6.1f} MB")
        while done < wanted:
            for exercise in EXERCISES:
                world = sandbox.new_world()
                done += press(sandbox.url, world.exercise(exercise), 16, SECONDS).requests
                world.drop()
            now = sandbox.server.resident_mb()
            if not early and done >= EARLY:
                early, early_at = now, done
            print(f"{done:>9,} requests: {now:6.1f} MB", flush=True)
    growth = now / early
    print(f"{growth:.2f} times what it was after {early_at:,}")
    return 0 if growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
