"""PostgreSQL: for a team, for several processes, for several machines.

A connection to a thread. The one lock is the world's row (`FOR UPDATE`), so worlds never wait
for each other. When the database goes away a request is refused with `StoreUnavailable`, and
the next one connects anew: no restart.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import psycopg

from sandbox.store.rows import SCHEMA, BadDatabase, Rows, StoreUnavailable

CONNECT_SECONDS = 5
SCHEMA_LOCK = 4010  # an advisory lock: processes that start together make the tables one after another

BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
LOCK_WORLD = "SELECT 1 FROM worlds WHERE id = %s FOR UPDATE"


@cache
def _in_postgres(statement: str) -> str:
    return statement.replace("?", "%s")


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
        with self._transaction(None) as connection:
            yield _rows(connection)

    @contextmanager
    def read(self) -> Iterator[Rows]:
        with self._transaction(BEGIN_READ) as connection:
            yield _rows(connection)

    @contextmanager
    def write(self, world: str) -> Iterator[Rows]:
        with self._transaction("BEGIN") as connection:
            connection.execute(LOCK_WORLD, (world,))
            yield _rows(connection)

    def close(self) -> None:
        for connection in self._all:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str | None) -> Iterator[psycopg.Connection[Any]]:
        try:
            connection = self._begin(begin)
            try:
                yield connection
                if begin is not None:
                    connection.execute("COMMIT")
            except BaseException:
                if begin is not None:
                    with suppress(psycopg.Error):
                        connection.execute("ROLLBACK")
                raise
        except psycopg.OperationalError as reason:
            self._forget()
            raise StoreUnavailable(str(reason).strip().splitlines()[0]) from reason

    def _begin(self, begin: str | None) -> psycopg.Connection[Any]:
        """Start a transaction; a connection that died since its last use is replaced once."""
        connection: psycopg.Connection[Any] | None = getattr(self._mine, "connection", None)
        if connection is not None:
            try:
                connection.execute(begin or "SELECT 1")
            except psycopg.OperationalError:
                self._forget()
            else:
                return connection
        connection = self._connect()
        if begin is not None:
            connection.execute(begin)
        return connection

    def _connect(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] = psycopg.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_SECONDS, prepare_threshold=2
        )
        self._mine.connection = connection
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


def _rows(connection: psycopg.Connection[Any]) -> Rows:
    cursor = connection.cursor(binary=True)

    def run(statement: str, values: Sequence[Any]) -> Any:
        return cursor.execute(_in_postgres(statement).encode(), values)

    def many(statement: str, rows: Iterable[Sequence[Any]]) -> None:
        cursor.executemany(_in_postgres(statement).encode(), rows)

    return Rows(run, many)
