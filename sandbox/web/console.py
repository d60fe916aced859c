"""What people look at: the start page, the console and the reference, all from files beside this one.

The pages hold no data of a world but the start page, which shows what the control API tells
whoever is looking. The console asks the control API itself, from the browser.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from sandbox import errors, places, wire
from sandbox.spec import Document, notation
from sandbox.web import reference

Ask = Callable[[str], wire.Response]  # the control API, as the visitor may use it

HERE = Path(__file__).parent
FILES = HERE / "console"
VENDOR = HERE / "vendor"

# Nothing from elsewhere, nothing inline: a name that is markup stays a name even if it were put into a page.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SERVED = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_LETTERS = {"D": "documented", "S": "sampled", "M": "menu", "C": "chosen"}
_HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_ELSEWHERE = "127.0.0.1:4010"
_BASE = "/v3/api/business/reseller"

DOCUMENTED_KEYS: tuple[dict[str, Any], ...] = (
    {"name": "demo", "api_key": "sk_sandbox_demo", "enabled": True},
    {"name": "partner", "api_key": "sk_sandbox_partner", "enabled": True},
    {"name": "disabled", "api_key": "sk_sandbox_disabled", "enabled": False},
)
_WHAT = {
    "demo": "the reseller of the documentation; use this one",
    "partner": "a second reseller, for lookups and for what is not yours",
    "disabled": "an account that is switched off",
}


def add_console(app: Flask, document: Document, ask: Ask, version: str) -> None:
    app.template_folder = str(FILES)
    rules_in_words = cache(partial(_rules, document))  # made when somebody looks, and once
    marked_document = cache(partial(reference.marked_json, document))

    @app.get("/")
    def start() -> Response:
        return _page("start.html", **_what_is_running(ask), version=version)

    @app.get("/_sandbox")
    @app.get("/_sandbox/")
    def front_door() -> WerkzeugResponse:
        return redirect("/_sandbox/console")

    @app.get("/_sandbox/console")
    def console() -> Response:
        return _page("console.html", report=_report(ask))

    @app.get("/_sandbox/console/<name>")
    def console_file(name: str) -> Response:
        return _file(FILES, name)

    @app.get("/_sandbox/console/rules.json")
    def rules() -> Response:
        return _kept(rules_in_words(), "application/json")

    @app.get("/_sandbox/reference")
    def api_reference() -> Response:
        return _page("reference.html", **reference.around(document), rules=sentences())

    @app.get("/_sandbox/reference/openapi.json")
    def reference_document() -> Response:
        return _kept(marked_document(), "application/json")

    @app.get("/_sandbox/vendor/<path:name>")
    def vendored(name: str) -> Response:
        return _file(VENDOR, name)

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return _file(FILES, "favicon.svg")


# --- the start page ---


def _what_is_running(ask: Ask) -> dict[str, Any]:
    host = request.headers.get("Host", "")
    secure = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
    told = ask("/_sandbox/worlds/default")
    world = msgspec.json.decode(told.body) if told.status == 200 else None
    known = world is not None or _refusal(told)["code"] not in ("foreign_host", "foreign_origin")
    base = (
        f"{'https' if secure else 'http'}://{host if known and _HOST.fullmatch(host) else _ELSEWHERE}{_BASE}"
    )
    accounts = [one for one in world["accounts"] if one["api_key"]] if world else DOCUMENTED_KEYS
    keys = [{**one, "what": _WHAT.get(one["name"], f"the reseller {one['name']}")} for one in accounts]
    key = next((one["api_key"] for one in keys if one["enabled"]), "YOUR_KEY")
    refusal = None if world else _refusal(told)["message"]
    return {"base": base, "world": world, "keys": keys, "refusal": refusal, **_takeaways(base, key)}


def _refusal(told: wire.Response) -> dict[str, str]:
    error: dict[str, str] = msgspec.json.decode(told.body)["error"]
    return error


def _takeaways(base: str, key: str) -> dict[str, str]:
    """Lines that work when they are pasted: nothing to install, nothing to fill in."""
    body = (
        '{"class_instance_id": "ci_yoga_open", "client_id": "client_ada", '
        '"first_name": "Ada", "last_name": "Okafor", "user_pass_id": "brgpass_ada"}'
    )
    return {
        "list_curl": f"curl -s {base}/classes -H 'Authorization: Bearer {key}'",
        "book_curl": (
            f"curl -s {base}/bookings/class \\\n"
            f"  -H 'Authorization: Bearer {key}' \\\n"
            "  -H 'Content-Type: application/json' \\\n"
            f"  -d '{body}'"
        ),
        "list_python": (
            "python3 -c 'import json, urllib.request as web; "
            f'classes = json.load(web.urlopen(web.Request("{base}/classes", '
            f'headers={{"Authorization": "Bearer {key}"}}))); '
            'print(*(one["name"] for one in classes["data"]), sep="\\n")\''
        ),
    }


def _report(ask: Ask) -> str:
    """So that the console need not ask for a report that nobody made."""
    told = ask("/_sandbox/contract-report")
    return "none" if told.status == 404 else "perhaps"


# --- rules in plain words ---


def _rules(document: Document) -> bytes:
    """What the console says instead of a rule's id: its sentences, and every error with what to do."""
    operations = [
        {
            "id": one.id,
            "method": one.method,
            "path": one.path,
            "summary": one.raw.get("summary", ""),
            "provenance": one.raw.get("x-provenance", "chosen"),
        }
        for one in document.operations
    ]
    codes = {
        one.code: {"type": one.type, "status": one.status, "meaning": one.meaning, "cure": one.cure}
        for one in errors.CATALOGUE.values()
    }
    return msgspec.json.encode({"rules": sentences(), "codes": codes, "operations": operations})


@cache
def sentences() -> dict[str, Any]:
    """Rule by rule, from the contract: why it matters, and what it says, with where that is from."""
    if not places.REQUIREMENTS.is_file():
        return {}
    contract = notation.read(places.REQUIREMENTS.read_bytes(), places.REQUIREMENTS.name).value
    return {
        rule["rule"]: {
            "why": rule.get("why", ""),
            "says": [[one["says"], _LETTERS[one["provenance"]]] for one in rule["sentences"]],
        }
        for section in contract["sections"]
        for rule in section["rules"]
    }


# --- how things are sent ---


def _page(template: str, **told: Any) -> Response:
    page = Response(render_template(template, **told), mimetype="text/html")
    page.headers["Cache-Control"] = "no-store"
    return _guarded(page)


def _file(folder: Path, name: str) -> Response:
    """A file as it lies there; the browser asks again each time, and is mostly told that nothing changed."""
    file = _files(folder).get(name)
    if file is None:
        abort(404)
    return _kept(_content(file, file.stat().st_mtime_ns), SERVED[file.suffix])


@cache
def _files(folder: Path) -> dict[str, Path]:
    """What there is to serve, by name; a name that is not among them is never a path."""
    return {str(one.relative_to(folder)): one for one in folder.rglob("*") if one.suffix in SERVED}


@lru_cache(maxsize=64)
def _content(file: Path, changed: int) -> bytes:  # noqa: ARG001 - a file that changed is another one
    return file.read_bytes()


def _kept(body: bytes, media_type: str) -> Response:
    answer = Response(body, mimetype=media_type)
    answer.add_etag()
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    return _guarded(answer)


def _guarded(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
