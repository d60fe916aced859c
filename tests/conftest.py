"""What every test may ask for: the three stores, and a sandbox that runs as a process of its own."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.running import RunningSandbox

REQUIRE_ALL = os.environ.get("BARDGE_TESTS_REQUIRE_ALL") == "1"  # what is missing fails instead of skipping
LONG = os.environ.get("BARDGE_TESTS_LONG") == "1"  # the long versions, whose figures docs/unbreakable.md has

StartSandbox = Callable[..., RunningSandbox]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.lead()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and postgres.FOLDER in os.environ:
        postgres.leave()


def missing(what: str) -> None:
    """Ends the test: skipped where something is not installed, failed where all of it must be."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is missing, and BARDGE_TESTS_REQUIRE_ALL=1 asks for it.")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def postgres_cluster() -> postgres.Cluster:
    try:
        return postgres.shared_cluster()
    except postgres.NoPostgres:
        missing("PostgreSQL (initdb)")
        raise


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """A database of one's own, empty."""
    with postgres.new_database(postgres_cluster, f"test_{uuid.uuid4().hex}") as url:
        yield url


@pytest.fixture(params=["memory", "file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each of the three stores in turn, new and empty: what is promised of one is promised of all."""
    if request.param == "memory":
        return "sqlite://"
    if request.param == "file":
        return f"sqlite:///{tmp_path}/sandbox.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["file", "postgres"])
def shared_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The stores that several processes can share."""
    if request.param == "file":
        return f"sqlite:///{tmp_path}/sandbox.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def running_sandbox() -> Iterator[StartSandbox]:
    """Starts `bardge-sandbox serve` on a free port: `running_sandbox(database=…, workers=…)`."""
    started: list[RunningSandbox] = []

    def start(database: str = "sqlite://", workers: int = 1, *flags: str) -> RunningSandbox:
        started.append(RunningSandbox(database, workers, *flags))
        return started[-1].start()

    yield start
    for sandbox in started:
        sandbox.stop()
