"""The way to the target: politely, patiently, and without hiding anything it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.util import Timeout

LONGEST_WAIT = 60.0
PATIENCE = 5  # how often a 429 is waited out


class Unreachable(Exception):
    """No answer came: refused, timed out, cut off, or not HTTP at all."""


@dataclass(frozen=True, slots=True)
class Received:
    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: float


@dataclass(slots=True)
class Pace:
    """At most so many requests a second, whoever asks."""

    per_second: float | None = None
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        if not self.per_second:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + 1 / self.per_second
        time.sleep(start - now)


class Wire:
    """HTTP and nothing else: no redirects followed, no retries but for 429, no cookies."""

    def __init__(self, *, rate: float | None = None, timeout: float = 30.0, patience: int = PATIENCE) -> None:
        self.pace = Pace(rate)
        self.patience = patience
        self.timeout = timeout
        self.requests_sent = 0
        self._pools: dict[str, urllib3.PoolManager] = {}

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Received:
        for patience in range(self.patience, -1, -1):
            received = self._send_once(method, url, headers, body)
            if received.status != 429 or not patience:
                return received
            time.sleep(_wait_told(received.headers))
        raise AssertionError("unreachable: the last round returns")

    def _send_once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Received:
        self.pace.wait()
        self.requests_sent += 1
        started = time.perf_counter()
        try:
            answer = self._pool(url).request(
                method, url, headers=headers, body=body, redirect=False, retries=False
            )
        except urllib3.exceptions.HTTPError as problem:
            raise Unreachable(_plainly(url, problem)) from problem
        taken = (time.perf_counter() - started) * 1000
        return Received(answer.status, dict(answer.headers), answer.data, taken)

    def _pool(self, url: str) -> urllib3.PoolManager:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._pools:
            timeout = Timeout(self.timeout)
            proxy = getproxies().get(parts.scheme)
            if proxy and not proxy_bypass(parts.hostname or ""):
                self._pools[origin] = urllib3.ProxyManager(proxy, maxsize=32, timeout=timeout)
            else:
                self._pools[origin] = urllib3.PoolManager(maxsize=32, timeout=timeout)
        return self._pools[origin]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()


def _wait_told(headers: Mapping[str, str]) -> float:
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    seconds = float(told) if told.replace(".", "", 1).isdigit() else 1.0
    return min(seconds, LONGEST_WAIT)


def _plainly(url: str, problem: BaseException) -> str:
    parts = urlsplit(url)
    reason = str(getattr(problem, "reason", None) or problem).rpartition("): ")[2]
    return f"no answer from {parts.scheme}://{parts.netloc}: {reason[:160]}"
