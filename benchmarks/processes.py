"""Servers under measurement: started, waited for, weighed, ended by their own pids."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 10


class DidNotStart(Exception):
    """A server under measurement did not answer in time."""


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Server:
    """A process and its children."""

    def __init__(
        self,
        command: Sequence[str],
        ready_url: str,
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        patience: float = 120,
    ) -> None:
        self._log = (folder / "log").open("wb")
        began = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait_for(ready_url, began + patience)
        self.start_seconds = time.monotonic() - began

    def cpu_seconds(self) -> float:
        """Processor time of the whole tree so far, in user mode and in the kernel."""
        return sum(_ticks(pid) for pid in self._tree()) / TICKS

    def resident_mb(self) -> float:
        return sum(_resident_kb(pid) for pid in self._tree()) / 1024

    def stop(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._log.close()

    def _tree(self) -> list[int]:
        tree, waiting = [], [self._process.pid]
        while waiting:
            pid = waiting.pop()
            tree.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*"):
                with suppress(FileNotFoundError):
                    waiting += map(int, (task / "children").read_text().split())
        return tree

    def _wait_for(self, url: str, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(url, timeout=5).close()
            except urllib.error.HTTPError:
                return  # it answers, if only with a refusal
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        tail = Path(self._log.name).read_text(errors="replace")[-600:]
        raise DidNotStart(tail)


def _ticks(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def _resident_kb(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
