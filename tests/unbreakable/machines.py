"""Several machines: a network namespace each where we may make them, else an address each of the loopback."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    address: str
    inside: tuple[str, ...] = ()  # how a command is run there


@contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    if os.geteuid() == 0 and shutil.which("ip") and _may_unshare():
        with _namespaces(count) as made:
            yield made
    else:
        yield [Machine(f"127.0.0.{n + 2}") for n in range(count)]


@contextmanager
def _namespaces(count: int) -> Iterator[list[Machine]]:
    """A bridge on our side, and behind it namespaces that see nothing but it."""
    mark, net = os.getpid() % 100_000, f"10.{os.getpid() % 200 + 20}.7"
    bridge = f"bgb{mark}"
    names = [f"bardge-{mark}-{n}" for n in range(count)]
    _ip("link", "add", bridge, "type", "bridge")
    try:
        _ip("addr", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for n, name in enumerate(names):
            ours, theirs = f"bgv{mark}{n}", f"bgw{mark}{n}"
            _ip("netns", "add", name)
            _ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
            _ip("link", "set", theirs, "netns", name)
            _ip("link", "set", ours, "master", bridge, "up")
            _ip("-n", name, "addr", "add", f"{net}.{n + 2}/24", "dev", theirs)
            _ip("-n", name, "link", "set", theirs, "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield [Machine(f"{net}.{n + 2}", ("ip", "netns", "exec", name)) for n, name in enumerate(names)]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", bridge], capture_output=True, check=False)


def _may_unshare() -> bool:
    name = f"bardge-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return False
    _ip("netns", "del", name)
    return True


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
