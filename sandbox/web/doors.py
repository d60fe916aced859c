"""What stands in front: the emulated API's requests go straight to the gateway, the rest to Flask.

Flask's router must not see the emulated API: it decodes `%2F`, merges `//` and answers 404
and 405 as HTML. Going around it is also several times cheaper.
"""

import io
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from urllib.parse import quote, unquote_to_bytes

from sandbox.wire import Answer, Delayed, Request, Response

API_BODY_LIMIT = 2**20  # CONV-16
CONTROL_BODY_LIMIT = 8 * 2**20

OURS = ("/_sandbox", "/openapi.yaml", "/openapi.json")

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Responder(Protocol):
    def respond(self, request: Request) -> Answer: ...


def is_ours(path: str, taken: frozenset[str] = frozenset()) -> bool:
    """Is it for the sandbox itself (console, control API, documents) rather than for the emulated API?"""
    if path == "/_sandbox" or path.startswith("/_sandbox/"):
        return True
    return path in ("/", "/openapi.yaml", "/openapi.json", "/favicon.ico") and path not in taken


def body_limit(path: str) -> int:
    return CONTROL_BODY_LIMIT if path.startswith("/_sandbox") else API_BODY_LIMIT


class WsgiDoor:
    """In-process use: Flask's test client, or any WSGI server."""

    def __init__(self, gateway: Responder, pages: WsgiApp, taken: frozenset[str] = frozenset()) -> None:
        self._gateway, self._pages, self._taken = gateway, pages, taken

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = _request_of(environ)
        if is_ours(request.path, self._taken):
            return self._pages(environ, start_response)
        answer = self._gateway.respond(request)
        while isinstance(answer, Delayed):
            time.sleep(answer.seconds)
            answer = answer.then()
        if answer.drop is not None:
            raise ConnectionAbortedError("a fault cut the connection")
        body = b"" if request.method == "HEAD" else answer.body
        headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {_REASONS.get(answer.status, 'Unknown')}", headers)
        return [body]


def _request_of(environ: dict[str, Any]) -> Request:
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if target is None:
        target = quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), encoding="latin-1")
    path = target.partition("?")[0]
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    limit = body_limit(path)
    too_large = length > limit
    body = b"" if too_large or is_ours(path) else environ["wsgi.input"].read(length)
    secure = environ.get("wsgi.url_scheme") == "https" or headers.get("x-forwarded-proto") == "https"
    return Request(
        environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers, body, too_large, secure
    )


def ask_wsgi(app: WsgiApp, request: Request) -> Response:
    """Put a whole request to a WSGI app and take its whole answer."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "REQUEST_URI": request.path + (f"?{request.query}" if request.query else ""),
        "QUERY_STRING": request.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if request.secure else "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "sandbox.request": request,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:  # noqa: ARG001 - PEP 3333
        started[:] = [status, headers]

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started
    kept = tuple((name, value) for name, value in headers if name.lower() != "content-length")
    return Response(int(status[:3]), kept, body)


_REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
