"""Where worlds are kept: SQLite in memory, SQLite on a file, or PostgreSQL, behind one small interface."""

from pathlib import Path

from sandbox.store.rows import BadDatabase, Rows, Store, StoreUnavailable

__all__ = ["BadDatabase", "Rows", "Store", "StoreUnavailable", "open_store"]

IN_MEMORY = "sqlite://"


def open_store(url: str) -> Store:
    """`sqlite://` (in memory), `sqlite:///path/to/file` or `postgresql://…`."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        from sandbox.store.sqlite import SqliteStore

        return SqliteStore(Path(rest.removeprefix("/")) if rest else None)
    if scheme in ("postgresql", "postgres"):
        from sandbox.store.postgres import PostgresStore

        return PostgresStore(url)
    kinds = (
        "sqlite:// (in memory), sqlite:///file.db, sqlite:////absolute/file.db or postgresql://user@host/name"
    )
    raise BadDatabase(f"The database '{scheme}://…' is of no kind this sandbox knows. Use {kinds}.")
