"""Whether a request brings the credentials its operation asks for: that they are there, not whose."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from sandbox.spec import Document, Operation
from sandbox.wire import Request


def missing(document: Document, operation: Operation, request: Request) -> tuple[str, str] | None:
    """None where one alternative is met; else the challenge for `WWW-Authenticate` and what to send."""
    alternatives = operation.security
    if not alternatives or any(_is_met(document, alternative, request) for alternative in alternatives):
        return None
    schemes = {name: document.security_scheme(name) for names in alternatives for name in names}
    known = {name: scheme for name, scheme in schemes.items() if scheme is not None}
    challenge = ", ".join(dict.fromkeys(_challenge(scheme) for scheme in known.values()))
    wanted = "; or ".join(
        " together with ".join(_in_words(known[name]) for name in alternative if name in known)
        for alternative in alternatives
    )
    return challenge, wanted


def _is_met(document: Document, alternative: Mapping[str, Any], request: Request) -> bool:
    schemes = map(document.security_scheme, alternative)
    return all(scheme is None or _is_there(scheme, request) for scheme in schemes)


def _is_there(scheme: Mapping[str, Any], request: Request) -> bool:
    kind = scheme.get("type")
    if kind == "apiKey":
        return _has_key(str(scheme.get("name", "")), str(scheme.get("in", "header")), request)
    if kind == "http":
        return _has_authorization(str(scheme.get("scheme", "bearer")).lower(), request)
    if kind in ("oauth2", "openIdConnect"):
        return _has_authorization("bearer", request)
    return True  # mutualTLS ends before a request arrives here; of an unknown kind nothing can be asked


def _has_authorization(wanted: str, request: Request) -> bool:
    name, _, credentials = (request.headers.get("authorization") or "").strip().partition(" ")
    if name.lower() != wanted or not credentials.strip():
        return False
    return wanted != "basic" or _is_basic(credentials.strip())


def _is_basic(credentials: str) -> bool:
    try:
        return b":" in base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return False


def _has_key(name: str, place: str, request: Request) -> bool:
    if place == "header":
        return bool(request.headers.get(name.lower()))
    if place == "cookie":
        pieces = (piece.strip().partition("=") for piece in request.headers.get("cookie", "").split(";"))
        return any(key == name and value for key, _, value in pieces)
    pairs = (piece.partition("=") for piece in request.query.split("&"))
    return any(unquote_plus(key) == name and value for key, _, value in pairs)


def _challenge(scheme: Mapping[str, Any]) -> str:
    kind = scheme.get("type")
    if kind == "http":
        name = str(scheme.get("scheme", "bearer"))
        known = {"basic": "Basic", "bearer": "Bearer", "digest": "Digest"}
        return f'{known.get(name.lower(), name)} realm="sandbox"'
    if kind == "apiKey":
        return f'ApiKey realm="sandbox", name="{scheme.get("name", "")}", in="{scheme.get("in", "header")}"'
    return 'Bearer realm="sandbox"'


def _in_words(scheme: Mapping[str, Any]) -> str:
    kind = scheme.get("type")
    if kind == "apiKey":
        place = {"query": "query parameter", "cookie": "cookie"}.get(str(scheme.get("in")), "header")
        return f"an API key in the {place} `{scheme.get('name')}`"
    name = str(scheme.get("scheme", "bearer")).lower() if kind == "http" else "bearer"
    if name == "basic":
        return "`Authorization: Basic` with base64 of user:password"
    return f"`Authorization: {name.capitalize()} TOKEN`"
