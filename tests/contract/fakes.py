"""Targets that are no implementation at all: what a suite must never be green on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BASE = "/v3/api/business/reseller"
KEY = "sk_of_the_fake"
JSON = "application/json"
Answer = tuple[int, str, bytes]
Behaviour = Callable[[str, str, str | None], Answer]

HTML = b"<!doctype html><title>Welcome</title><h1>It works!</h1>"


def as_json(status: int, body: Any) -> Answer:
    return status, JSON, json.dumps(body).encode()


def error(status: int, kind: str, code: str) -> Answer:
    told = {"type": kind, "code": code, "message": "No.", "request_id": "req_0123456789abcdef"}
    return as_json(status, {"error": told})


def refuses_every_key(method: str, path: str, key: str | None) -> Answer:
    return error(401, "authentication_error", "invalid_api_key")


def always_ok(method: str, path: str, key: str | None) -> Answer:
    return as_json(200, {})


def always_failing(method: str, path: str, key: str | None) -> Answer:
    return error(500, "api_error", "internal_error")


def a_web_page(method: str, path: str, key: str | None) -> Answer:
    return 200, "text/html", HTML


def a_web_page_not_found(method: str, path: str, key: str | None) -> Answer:
    return 404, "text/html", HTML


def empty_lists(method: str, path: str, key: str | None) -> Answer:
    """Polite, keyed and empty: every list has nothing in it, everything else is unknown."""
    if key != KEY:
        return error(401, "authentication_error", "invalid_api_key")
    if method == "GET":
        listed = {"object": "list", "data": [], "has_more": False, "url": path, "message": "Nothing."}
        return as_json(200, listed)
    return error(404, "invalid_request_error", "resource_not_found")


def any_key_will_do(method: str, path: str, key: str | None) -> Answer:
    return empty_lists(method, path, KEY)


def refuses_strangers_with_403(method: str, path: str, key: str | None) -> Answer:
    if key != KEY:
        return error(403, "permission_error", "permission_denied")
    return empty_lists(method, path, key)


def refuses_strangers_in_html(method: str, path: str, key: str | None) -> Answer:
    return empty_lists(method, path, key) if key == KEY else (401, "text/html", HTML)


@contextmanager
def served(behaviour: Behaviour) -> Iterator[str]:
    """The base URL of a server that behaves so, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            scheme, _, key = (self.headers.get("Authorization") or "").partition(" ")
            path = self.path.partition("?")[0]
            status, kind, body = behaviour(self.command, path, key if scheme == "Bearer" else None)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Bardge-Request-Id", "req_0123456789abcdef")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815  the names http.server asks for

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: a test's output is its verdict."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
