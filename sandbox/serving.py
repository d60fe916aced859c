"""`serve`: one process, or a parent that keeps several at work on one socket."""

import contextlib
import errno
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable

from sandbox.domain.refusals import Refusal
from sandbox.settings import BadSetting, Settings
from sandbox.spec import SpecError
from sandbox.store import BadDatabase
from sandbox.web import server
from sandbox.world.sheets import FixtureError

IN_MEMORY = "sqlite://"
YOUNG_OBJECTS = 10_000  # before the collector looks at them: most are gone by the end of their request
STOP = (signal.SIGTERM, signal.SIGINT)
REST_SECONDS = 0.5  # before a dead worker is replaced: one that cannot start must not spin


def serve(settings: Settings) -> None:
    """Serve until told to stop. Whatever cannot be started is said in one clear line, with exit code 2."""
    if settings.workers < 1:
        raise BadSetting(f"--workers is {settings.workers}; at least 1 is needed.")
    if settings.workers > 1 and settings.database == IN_MEMORY and not settings.spec:
        raise BadSetting(
            "Several workers cannot share a database in memory. Add --database sqlite:///sandbox.db or a "
            "postgresql:// URL, or use one worker."
        )
    sock = _listen(settings)
    try:
        if settings.workers == 1:
            _work(settings, sock, lambda: print(_welcome(settings, sock), flush=True))  # noqa: T201 - the greeting
        else:
            _, close = _front(settings)  # whatever is wrong is said once, before anybody is hired
            close()  # a connection to a database must not be carried over a fork
            _employ(settings, sock)
    except (BadDatabase, SpecError, FixtureError, Refusal) as reason:
        raise BadSetting(str(reason)) from None


def _listen(settings: Settings) -> socket.socket:
    try:
        return server.listen(settings.host, settings.port)
    except OverflowError:
        raise BadSetting(f"--port is {settings.port}; a port lies between 0 and 65535.") from None
    except OSError as reason:
        if reason.errno == errno.EADDRINUSE:
            hint = (
                "Stop what listens there, or choose another: --port 0 takes a free one (make serve PORT=0)."
            )
            raise BadSetting(f"Port {settings.port} on {settings.host} is in use. {hint}") from None
        raise BadSetting(f"Cannot listen on {settings.host}:{settings.port}: {reason.strerror}.") from None


def _work(
    settings: Settings, sock: socket.socket, ready: Callable[[], None], while_open: int | None = None
) -> None:
    front, close = _front(settings)
    gc.collect()
    gc.freeze()  # document, validators and base stay for good: the collector need not walk them, ever
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    try:
        server.run(front, sock, ready, while_open)
    finally:
        close()


def _front(settings: Settings) -> tuple[server.Front, Callable[[], None]]:
    from sandbox import app

    if settings.spec:
        mock, pages = app.build_mock(settings)
        for trouble in mock.troubles():
            print(f"  not as written: {trouble}", file=sys.stderr)  # noqa: T201 - to who started it
        taken = frozenset(operation.path for operation in mock.document.operations)
        return server.Front(mock, pages, waits=False, taken=taken), lambda: None
    sandbox = app.build(settings)
    return server.Front(sandbox.gateway, sandbox.pages, waits=sandbox.store.waits), sandbox.close


def _employ(settings: Settings, sock: socket.socket) -> None:
    """Workers share the listening socket; one that dies is replaced; SIGTERM lets them finish.

    Each holds the reading end of a pipe that only their employer could write to: when it closes, however
    the employer died, they stop too.
    """
    workers: set[int] = set()
    stopping = False
    employed = os.pipe()

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def hire() -> None:
        """Whoever says stop meanwhile is heard when the new one is among those who are told."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
        workers.add(_hire(settings, sock, employed))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)

    for number in STOP:
        signal.signal(number, stop)
    while len(workers) < settings.workers and not stopping:
        hire()
    if not stopping:
        print(_welcome(settings, sock), flush=True)  # noqa: T201 - the greeting
    while workers:
        pid, _ = os.wait()
        workers.discard(pid)
        if not stopping:
            time.sleep(REST_SECONDS)
            if not stopping:
                hire()


def _hire(settings: Settings, sock: socket.socket, employed: tuple[int, int]) -> int:
    """A worker's pid, once it is at work."""
    hears, says = os.pipe()
    pid = os.fork()
    if pid:
        os.close(says)
        os.read(hears, 1)
        os.close(hears)
        return pid
    os.close(hears)
    while_employed, employers_end = employed
    os.close(employers_end)
    for number in STOP:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
    _work(settings, sock, lambda: os.close(says), while_employed)
    sys.stdout.flush()
    os._exit(0)


def _welcome(settings: Settings, sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if settings.spec:
        return f"\n  Mocking {settings.spec} at {url}\n"
    base = f"{url}/v3/api/business/reseller"
    return f"""
  The Bardge sandbox is up.

    Base URL   {base}
    Keys       sk_sandbox_demo       the reseller of the docs
               sk_sandbox_partner    a second reseller, for lookups
               sk_sandbox_disabled   an account that is switched off
    Console    {url}/_sandbox/console{_if_shut(settings)}
    Reference  {url}/_sandbox/reference

  Book a yoga class:

    curl -s {base}/bookings/class \\
      -H 'Authorization: Bearer sk_sandbox_demo' -H 'Content-Type: application/json' \\
      -d '{{"class_instance_id": "ci_yoga_open", "client_id": "client_ada", "first_name": "Ada",
           "last_name": "Obi", "user_pass_id": "brgpass_ada"}}'
"""


def _if_shut(settings: Settings) -> str:
    from sandbox.control.guard import Guard

    if not Guard.of(settings).is_shut:
        return ""
    return " (off: beyond this machine it takes a --control-token, as the control API does)"
