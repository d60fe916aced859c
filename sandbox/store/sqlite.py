"""SQLite: in memory by default, or a file that survives a kill and serves several processes.

One connection to a process, behind a lock: a statement takes microseconds, and a second
connection would only wait for the first. Between processes writers queue on a lock file,
because SQLite's own way of waiting (sleep, try again) starves some of them for a third of a
second. A file is kept in WAL mode with `synchronous=NORMAL`: what was acknowledged survives
the process being killed, at any moment; a power cut may take the last moments with it.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from sandbox.store.alone import RowsAlone
from sandbox.store.rows import SCHEMA, BadDatabase, Rows, StoreFull, StoreUnavailable

BUSY_SECONDS = 10.0
CACHED_PAGES = 500


class SqliteStore:
    waits = False

    def __init__(self, path: Path | None) -> None:
        self.shared = path is not None
        self._lock = threading.RLock()
        try:
            self._gate = None if path is None else Path(f"{path}.lock").open("a")  # noqa: SIM115
            self._connection = self._open(path)
        except (sqlite3.Error, OSError) as reason:
            hint = "Name a file in a folder that exists and can be written, e.g. sqlite:///sandbox.db."
            raise BadDatabase(f"The database file '{path}' cannot be used: {reason}. {hint}") from reason
        kind = Rows if self.shared else RowsAlone
        self._rows = kind(self._connection.execute, self._connection.executemany)
        self._turn = _Turn(self._lock, self._rows)

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path is None:
            connection = _connect_in_memory()
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")
        else:
            connection = _connect(str(path))
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute(f"PRAGMA cache_size = {CACHED_PAGES}")
        with _one_at_a_time(self._gate):
            for statement in SCHEMA:
                connection.execute(statement.format(blob="BLOB", without_rowid=" WITHOUT ROWID"))
        return connection

    def peek(self) -> AbstractContextManager[Rows]:
        return self._turn

    def read(self) -> AbstractContextManager[Rows]:
        """Nobody else writes to a database in memory while it is our turn; to a file, others may."""
        return self._one_moment() if self.shared else self._turn

    @contextmanager
    def _one_moment(self) -> Iterator[Rows]:
        with self._turn as rows:
            if self._connection.in_transaction:
                yield rows
                return
            self._execute("BEGIN")
            try:
                yield rows
            finally:
                self._connection.execute("COMMIT")

    @contextmanager
    def write(self, world: str) -> Iterator[Rows]:  # noqa: ARG002 - SQLite has one writer for all worlds
        with self._lock, _one_at_a_time(self._gate):
            self._execute("BEGIN IMMEDIATE")
            before = self._connection.total_changes
            try:
                yield self._rows
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as reason:
                raise _away(reason) from reason
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                    if isinstance(self._rows, RowsAlone) and self._connection.total_changes != before:
                        self._rows.forget()

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            if self._gate is not None:
                self._gate.close()

    def _execute(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except sqlite3.OperationalError as reason:
            raise _away(reason) from reason


def _away(reason: sqlite3.OperationalError) -> StoreUnavailable:
    full = getattr(reason, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return StoreFull(str(reason)) if full else StoreUnavailable(str(reason))


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(
        name,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        uri=name.startswith("file:"),
    )


def _connect_in_memory() -> sqlite3.Connection:
    """In one stretch of memory, with a small page cache before it.

    `:memory:` would keep every page in the cache, and after each b-tree page that had to be split the
    commit walks the whole cache: writes would cost more the more there is (docs/decisions/0006).
    """
    connection = _connect("file:sandbox?vfs=memdb")
    try:
        connection.execute("SELECT 1 FROM sqlite_schema")
    except sqlite3.OperationalError:  # a SQLite built without it
        connection.close()
        return _connect(":memory:")
    return connection


class _Turn:
    """Our turn with the connection: a bare lock in two lines, for every request goes through here twice."""

    __slots__ = ("_lock", "_rows")

    def __init__(self, lock: threading.RLock, rows: Rows) -> None:
        self._lock, self._rows = lock, rows

    def __enter__(self) -> Rows:
        self._lock.acquire()
        return self._rows

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@contextmanager
def _one_at_a_time(gate: IO[str] | None) -> Iterator[None]:
    """Wait for the other processes in the kernel's queue, which is fair and wakes at once."""
    if gate is None:
        yield
        return
    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)
