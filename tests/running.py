"""A sandbox as a user runs it: a process of its own, started by its command, stopped by its pid."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

BASE = "/v3/api/business/reseller"
START_SECONDS, STOP_SECONDS = 30, 20


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]  # names in lower case
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        code: str = self.body["error"]["code"]
        return code


class Line:
    """One connection to a sandbox, kept open; not for two threads at once."""

    def __init__(self, url: str, key: str = "sk_sandbox_demo", timeout: float = 30) -> None:
        self._host, self._key, self._timeout = url.removeprefix("http://"), key, timeout
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`OSError` if the connection breaks: then nobody knows whether it was done."""
        told = {"Authorization": f"Bearer {self._key}"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = None if body is None else json.dumps(body).encode()
        if raw is not None:
            told["Content-Type"] = "application/json"
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, timeout=self._timeout)
        try:
            self._connection.request(method, path if path.startswith("/_") else BASE + path, raw, told)
            answer = self._connection.getresponse()
            heard = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, heard, answer.read())
        except http.client.HTTPException as reason:
            self.close()
            raise ConnectionError(str(reason)) from reason
        except OSError:
            self.close()
            raise

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.ask("POST", path, {} if body is None else body, **headers)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class RunningSandbox:
    def __init__(
        self,
        database: str = "sqlite://",
        workers: int = 1,
        *flags: str,
        port: int = 0,
        inside: tuple[str, ...] = (),  # a command that runs another somewhere else
    ) -> None:
        self.command = [
            *(*inside, sys.executable, "-m", "sandbox", "serve", "--port", str(port)),
            *("--database", database, "--workers", str(workers), *flags),
        ]
        self.url = ""
        self.said: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    def __enter__(self) -> "RunningSandbox":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> "RunningSandbox":
        """Until it has said where it listens. What it says on stderr is kept for whoever looks."""
        folder = Path(__file__).parent.parent
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BARDGE_SANDBOX_")}
        self._process = subprocess.Popen(
            self.command,
            cwd=folder,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that it and its workers can be ended together, and nobody else
        )
        assert self._process.stdout is not None
        self.url = self._read_url(self._process.stdout)
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        return self

    def stop(self) -> int:
        """Politely; whoever of its group is left after that is killed. The exit code."""
        process = self._process
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9, the workers too."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_SECONDS)
            if self._listener is not None:
                self._listener.join(STOP_SECONDS)
            assert process.stdout is not None
            process.stdout.close()

    def workers(self) -> list[int]:
        """The pids of its worker processes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def line(self, key: str = "sk_sandbox_demo", timeout: float = 30) -> Line:
        return Line(self.url, key, timeout)

    def resident_mb(self) -> float:
        pids = [self.pid, *self.workers()]
        return sum(_resident_kb(pid) for pid in pids) / 1024

    def _read_url(self, output: IO[str]) -> str:
        deadline = time.monotonic() + START_SECONDS
        for text in output:
            self.said.append(text)
            found = re.search(r"Base URL\s+(http://[^/\s]+)|Mocking .* at (http://[^/\s]+)", text)
            if found:
                return found[1] or found[2]
            if time.monotonic() > deadline:
                break
        self.kill()
        raise RuntimeError("The sandbox did not start:\n" + "".join(self.said))

    def _listen(self, output: IO[str]) -> None:
        with suppress(ValueError):
            self.said.extend(output)


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
