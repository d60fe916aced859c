"""Flask: the start page, the documents, the console; and the way to the control API."""

import secrets
from collections.abc import Callable
from importlib.metadata import version

import msgspec
from flask import Flask, Response, request
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from sandbox import wire
from sandbox.errors import INVALID, envelope
from sandbox.spec import Document
from sandbox.web.console import add_console
from sandbox.web.doors import CONTROL_BODY_LIMIT

Respond = Callable[[wire.Request], wire.Response]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_pages(document: Document, control: Respond) -> Flask:
    app = Flask("sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = CONTROL_BODY_LIMIT
    _serve_document(app, document)

    app.url_map.merge_slashes = False

    @app.route("/_sandbox/<path:rest>", methods=METHODS)
    def control_api(rest: str) -> Response:  # noqa: ARG001 - the control API reads the path itself
        answer = control(_asked())
        return Response(answer.body, answer.status, list(answer.headers))

    @app.errorhandler(404)
    @app.errorhandler(405)
    def not_routed(reason: HTTPException) -> Response:
        """A path that Flask cannot route (it decodes `%0A`) is the control API's to refuse."""
        return control_api("") if _asked().path.startswith("/_sandbox/") else _in_our_shape(reason)

    add_console(app, document, lambda path: control(_as_visitor(path)), version("bardge-sandbox"))
    return app


def make_mock_pages(document: Document) -> Flask:
    """What a mock of somebody's document has beside it: the document, and a sign of life."""
    app = Flask("sandbox", static_folder=None)
    _serve_document(app, document)

    @app.get("/_sandbox/health")
    def health() -> Response:
        return Response(msgspec.json.encode({"status": "ok"}), mimetype="application/json")

    @app.get("/")
    def start() -> Response:
        lines = [f"{operation.method:7} {operation.path}" for operation in document.operations]
        return Response("\n".join([f"Mocking {document.name}", "", *lines, ""]), mimetype="text/plain")

    return app


def _serve_document(app: Flask, document: Document) -> None:
    source = document.sources.contents[""]

    @app.get("/openapi.yaml")
    def openapi_yaml() -> Response:
        return Response(source, mimetype="application/yaml")

    @app.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(msgspec.json.encode(document.raw), mimetype="application/json")


def _as_visitor(path: str) -> wire.Request:
    """What the visitor of a page would be told at another path."""
    return replace(_asked(), method="GET", path=path, query="", body=b"", too_large=False)


def _asked() -> wire.Request:
    """The request as it came: from our own door it is at hand, from another server it is put together."""
    whole = request.environ.get("sandbox.request")
    if isinstance(whole, wire.Request):
        return whole
    too_large = (request.content_length or 0) > CONTROL_BODY_LIMIT
    return wire.Request(
        request.method,
        request.environ.get("REQUEST_URI", request.path).partition("?")[0],
        request.query_string.decode("latin-1"),
        {name.lower(): value for name, value in request.headers.items()},
        b"" if too_large else request.get_data(),
        too_large,
        request.is_secure,
    )


def _in_our_shape(reason: HTTPException) -> Response:
    """Whoever sends a POST to the start page is a program, and reads JSON (ERR-1)."""
    request_id = f"req_{secrets.token_hex(16)}"
    code = "method_not_allowed" if reason.code == 405 else "resource_not_found"
    message = (
        f"{request.method[:20]} {request.path[:200]} is nothing the sandbox serves. See /_sandbox/reference."
    )
    answer = Response(envelope(INVALID, code, message, request_id), reason.code, mimetype=wire.JSON)
    answer.headers["Bardge-Request-Id"] = request_id
    if isinstance(reason, MethodNotAllowed) and reason.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(reason.valid_methods))
    return answer
