"""PostgreSQL: for a team, for several processes, for several machines.

A connection to a thread. The one lock is the world's row (`FOR UPDATE`), so worlds never wait
for each other. When the database goes away a request is refused with `StoreUnavailable`, and
the next one connects anew: no restart.

A trip to the database costs more than what is done there, so statements that need no answer of
their own wait and travel together: `BEGIN` with the lock, writes with the next question or the commit.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import psycopg

from sandbox.store.rows import SCHEMA, BadDatabase, Rows, StoreUnavailable

CONNECT_SECONDS = 5
TRUSTED_SECONDS = 1.0  # a connection used so lately is not asked whether it is still there
SCHEMA_LOCK = 4010  # an advisory lock: processes that start together make the tables one after another

BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
LOCK_WORLD = "SELECT 1 FROM worlds WHERE id = %s FOR UPDATE"


Statement = tuple[str, Sequence[Any]]


@cache
def _in_postgres(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


class PostgresStore:
    shared = True
    waits = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._mine = threading.local()
        self._all: list[psycopg.Connection[Any]] = []
        try:
            self._make_tables(self._connect())
        except psycopg.Error as reason:
            said = str(reason).strip().splitlines()[0]
            raise BadDatabase(
                f"The PostgreSQL database cannot be used: {said}. Check host, name and user."
            ) from None

    @contextmanager
    def peek(self) -> Iterator[Rows]:
        with self._transaction() as trips:
            yield trips.rows

    @contextmanager
    def read(self) -> Iterator[Rows]:
        with self._transaction((BEGIN_READ, ())) as trips:
            yield trips.rows
            trips.end("COMMIT")

    @contextmanager
    def write(self, world: str) -> Iterator[Rows]:
        with self._transaction(("BEGIN", ()), (LOCK_WORLD, (world,))) as trips:
            yield trips.rows
            trips.end("COMMIT")

    def close(self) -> None:
        for connection in self._all:
            connection.close()

    @contextmanager
    def _transaction(self, *opening: Statement) -> Iterator["_Trips"]:
        try:
            connection = self._begin(opening)
            try:
                yield _Trips(connection)
            except BaseException:
                if opening:
                    with suppress(psycopg.Error):
                        connection.execute("ROLLBACK")
                raise
            self._mine.used = time.monotonic()
        except psycopg.OperationalError as reason:
            self._forget()
            raise StoreUnavailable(str(reason).strip().splitlines()[0]) from reason

    def _begin(self, opening: Sequence[Statement]) -> psycopg.Connection[Any]:
        """A transaction, begun; a connection that died since its last use is replaced once."""
        connection: psycopg.Connection[Any] | None = getattr(self._mine, "connection", None)
        if connection is not None:
            try:
                if not opening and time.monotonic() - self._mine.used > TRUSTED_SECONDS:
                    connection.execute("SELECT 1")
                _send(connection, opening)
            except psycopg.OperationalError:
                self._forget()
            else:
                return connection
        connection = self._connect()
        _send(connection, opening)
        return connection

    def _connect(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] = psycopg.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_SECONDS, prepare_threshold=2
        )
        self._mine.connection, self._mine.used = connection, time.monotonic()
        self._all.append(connection)
        return connection

    def _forget(self) -> None:
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            self._mine.connection = None
            self._all.remove(connection)
            connection.close()

    def _make_tables(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("SELECT pg_advisory_lock(%s)", (SCHEMA_LOCK,))
        try:
            for statement in SCHEMA:
                connection.execute(statement.format(blob="BYTEA", without_rowid="").encode())
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (SCHEMA_LOCK,))


class _Trips:
    """One transaction's way to the database and back. What is written waits for the next trip."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        self._waiting: list[tuple[bytes, list[Sequence[Any]]]] = []
        self.rows = Rows(self._ask, self._write)

    def end(self, statement: str) -> None:
        if not self._waiting:
            self._connection.execute(statement.encode())
            return
        with self._connection.pipeline():
            self._send_waiting()
            self._connection.execute(statement.encode())

    def _ask(self, statement: str, values: Sequence[Any]) -> Any:
        if self._waiting:
            self._send_waiting()
        return self._cursor.execute(_in_postgres(statement), values)

    def _write(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._waiting.append((_in_postgres(statement), list(rows)))

    def _send_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        with self._connection.pipeline():
            for statement, rows in waiting:
                self._cursor.executemany(statement, rows)


def _send(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    if len(statements) < 2:
        for statement, values in statements:
            connection.execute(statement.encode(), values)
        return
    with connection.pipeline():
        for statement, values in statements:
            connection.execute(statement.encode(), values)
