"""A private PostgreSQL for one test run: made when the first test asks, shared by all its processes.

It listens on a unix socket in a folder of its own and on nothing else, so it can neither take
a port nor meet the PostgreSQL of the machine.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER = "BARDGE_TESTS_POSTGRES"  # set by the process that leads the run; the others inherit it
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
FAST = {
    "fsync": "off",  # these tests kill processes, never the machine
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "autovacuum_naptime": "10s",
}


class NoPostgres(Exception):
    """PostgreSQL's server is not installed here."""


@dataclass(frozen=True)
class Cluster:
    folder: Path
    programs: Path
    tcp_port: int | None = None  # None: the unix socket only
    inside: tuple[str, ...] = ()  # a command that runs another somewhere else, in a network of its own, say

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int | None:
        with suppress(FileNotFoundError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        return None

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def make(self) -> None:
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

        if self.tcp_port is not None:
            with (self.data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all 10.0.0.0/8 trust\n")

    def start(self) -> None:
        listen = "''" if self.tcp_port is None else f"'*' -c port={self.tcp_port}"
        options = f"-c unix_socket_directories={self.folder} -c listen_addresses={listen} "
        options += " ".join(f"-c {name}={value}" for name, value in FAST.items())
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-s", "-l", log, "-o", options, "start")

    def kill(self) -> None:
        """At once, as when its machine loses a fight; every connection breaks."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGQUIT)  # its own word for "drop everything": children included
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _lives(pid):
            time.sleep(0.02)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:  # PostgreSQL refuses to be root
            command = ["runuser", "-u", _nobody(), "--", *command]
        command = [*self.inside, *command]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")


def new_cluster(folder: Path, tcp_port: int | None = None, inside: tuple[str, ...] = ()) -> Cluster:
    """Made and started, in a folder that is the database user's own."""
    cluster = Cluster(folder, _programs(), tcp_port, inside)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, _nobody())
    cluster.make()
    cluster.start()
    return cluster


# However the leading process ends, its end of the pipe closes, and what it started is swept away.
SWEEP = """
read _
for pid in "$0"/data/postmaster.pid "$0"/*/data/postmaster.pid; do
    [ -f "$pid" ] && kill -QUIT "$(head -n 1 "$pid")"
done
sleep 0.2
rm -rf "$0"
"""


def lead() -> None:
    """The process that leads a test run names the folder; its workers inherit the name."""
    folder = tempfile.mkdtemp(prefix="bardge-postgres-")
    Path(folder).chmod(0o755)  # the database's user has to get in
    os.environ[FOLDER] = folder
    _sweepers.append(
        subprocess.Popen(
            ["/bin/sh", "-c", SWEEP, folder],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    )


def leave() -> None:
    folder = os.environ.pop(FOLDER)
    sweeper = _sweepers.pop()
    assert sweeper.stdin is not None
    sweeper.stdin.close()
    try:
        sweeper.wait(5)
    except subprocess.TimeoutExpired:  # a child of ours still holds the pipe: sweep without waiting for it
        sweeper.kill()
        sweeper.wait()
        subprocess.run(["/bin/sh", "-c", SWEEP, folder], stdin=subprocess.DEVNULL, check=False, timeout=30)


_sweepers: list[subprocess.Popen[bytes]] = []


def shared_cluster() -> Cluster:
    """The run's own: whoever comes first makes it, the others wait at the lock."""
    folder = Path(os.environ[FOLDER])
    cluster = Cluster(folder, _programs())
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if cluster.pid is None:
            new_cluster(folder)
    return cluster


@contextmanager
def new_database(cluster: Cluster, name: str) -> Iterator[str]:
    import psycopg

    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield cluster.url(name)
    finally:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _programs() -> Path:
    found = [path for place in PLACES for path in Path("/").glob(place[1:]) if (path / "initdb").exists()]
    if not found:
        raise NoPostgres
    return max(found)


def _nobody() -> str:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoPostgres


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
