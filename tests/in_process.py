"""The sandbox and the contract suite in one process: the same requests and answers, without a socket."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from contract_tests.target import Received, Unreachable, Wire
from sandbox import app
from sandbox.web.doors import body_limit
from sandbox.wire import Delayed, Request, Response

KEY = "sk_sandbox_demo"
ORIGIN = "http://sandbox.in.process"


class Line:
    """From the suite's wire to the gateway, as a server would carry it: one request at a time."""

    def __init__(self, sandbox: app.Sandbox) -> None:
        self.sandbox = sandbox
        self.loop = threading.Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Received:
        started = time.perf_counter()
        request = self._request(method, url, headers, body or b"")
        of_control = request.path.startswith("/_sandbox/")
        with self.loop:
            answer = (self.sandbox.control if of_control else self.sandbox.gateway).respond(request)
        while isinstance(answer, Delayed):
            time.sleep(answer.seconds)
            with self.loop:
                answer = answer.then()
        if answer.drop is not None:
            raise Unreachable("the connection was cut")
        return _received(answer, method, (time.perf_counter() - started) * 1000)

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request:
        parts = urlsplit(url)
        told = {"host": "127.0.0.1"} | {name.lower(): value for name, value in headers.items()}
        too_large = len(body) > body_limit(parts.path)
        return Request(method, parts.path, parts.query, told, b"" if too_large else body, too_large)


def _received(answer: Response, method: str, milliseconds: float) -> Received:
    body = b"" if method == "HEAD" else answer.body
    return Received(answer.status, dict(answer.headers), body, milliseconds)


def carry(line: Line) -> None:
    """The suite's own wire and its generated cases speak through this line for the rest of the process."""

    def send_generated(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **_: object
    ) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        got = line.send(str(request.method), str(request.url), request.headers, body)
        raw = urllib3.HTTPResponse(io.BytesIO(got.body), got.headers, got.status, preload_content=False)
        return adapter.build_response(request, raw)

    Wire._send_once = lambda self, *asked: line.send(*asked)  # type: ignore[method-assign]
    HTTPAdapter.send = send_generated  # type: ignore[assignment, method-assign]


def serve(line: Line) -> str:
    """The same line behind a socket; the origin. It ends with this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = line.send(self.command, self.path, dict(self.headers), body)
            self.send_response(got.status)
            for name, value in got.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(got.body)))
            self.end_headers()
            self.wfile.write(got.body)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def last_act(act: Callable[[], int], trouble: int) -> NoReturn:
    """What a forked child does before it ends. Its exit code is the act's; `trouble` if the act broke."""
    code = trouble
    try:
        code = act()
    except SystemExit as done:
        code = int(done.code or 0)
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)
