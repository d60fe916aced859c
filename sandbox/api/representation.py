"""From a value to the bytes of a media type: JSON, text, forms, XML, and the smallest honest binary files."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

import msgspec

from sandbox.spec import is_json

Follow: TypeAlias = Callable[[Any], Any]  # resolves a schema's `$ref`

_PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
_GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_PDF: Final = (
    b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
_ZIP: Final = b"PK\x05\x06" + bytes(18)
_FILES: Final = {"image/png": _PNG, "image/gif": _GIF, "application/pdf": _PDF, "application/zip": _ZIP}
_LINES: Final = frozenset(
    {"application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines"}
)
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")


def is_xml(media_type: str) -> bool:
    bare = bare_name(media_type)
    return bare in ("application/xml", "text/xml") or bare.endswith("+xml")


def is_text(media_type: str) -> bool:
    return bare_name(media_type).startswith("text/") and not is_json(media_type) and not is_xml(media_type)


def bare_name(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def content_type_of(media_type: str) -> str:
    """The header: as documented, with a charset where a text type names none."""
    if is_text(media_type) and "charset" not in media_type.lower():
        return f"{media_type}; charset=utf-8"
    return media_type


def as_bytes(value: Any, media_type: str, schema: Any = None, follow: Follow = lambda part: part) -> bytes:
    """The value as this media type writes it. A JSON string is quoted, a text is not."""
    bare = bare_name(media_type)
    if is_json(media_type):
        return as_json(value)
    if is_xml(media_type):
        return value.encode() if isinstance(value, str) else _as_xml(value, schema, follow)
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace")
    if bare == "application/x-www-form-urlencoded":
        return urlencode(_flat(value)).encode()
    if bare == "text/event-stream":
        events = value if isinstance(value, list) else [value]
        return b"".join(b"data: " + as_json(event) + b"\n\n" for event in events)
    if bare in _LINES:
        lines = value if isinstance(value, list) else [value]
        return b"".join(as_json(line) + b"\n" for line in lines)
    if bare == "text/csv":
        return _as_csv(value)
    return as_json(value)


def a_file(media_type: str) -> bytes | None:
    """The smallest file of a binary type, where one is known."""
    return _FILES.get(bare_name(media_type))


def as_json(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (msgspec.ValidationError, OverflowError, ValueError, TypeError):
        return json.dumps(value).encode()  # integers beyond 64 bits and lone surrogates


def as_header(value: Any) -> str:
    """`simple` style, on one line and in Latin-1, which is all a header can carry."""
    if isinstance(value, dict):
        text = ",".join(f"{name},{_scalar(part)}" for name, part in value.items())
    elif isinstance(value, list):
        text = ",".join(map(_scalar, value))
    else:
        text = _scalar(value)
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return quote(text, safe=" !#$%&'()*+,/:;=?@[]~")
    return text


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return as_json(value).decode()


def _flat(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [("value", _scalar(value))]
    found: list[tuple[str, str]] = []
    for name, part in value.items():
        for one in part if isinstance(part, list) else [part]:
            found.append((name, _scalar(one)))
    return found


def _as_csv(value: Any) -> bytes:
    rows = value if isinstance(value, list) else [value]
    out = io.StringIO()
    if rows and all(isinstance(row, dict) for row in rows):
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows({name: _scalar(part) for name, part in row.items()} for row in rows)
    else:
        csv.writer(out).writerows([_scalar(row)] for row in rows)
    return out.getvalue().encode()


def _as_xml(value: Any, schema: Any, follow: Follow) -> bytes:
    name = "root"
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
        name = str(_rules(schema, follow).get("name", name))
    items = _followed(schema, follow).get("items", {})
    if isinstance(value, list) and isinstance(items, dict):
        inner = _element(_item_name(items, name, follow), value, schema, follow)
        text = f"<{_tag(name + 's')}>{inner}</{_tag(name + 's')}>"
    else:
        text = _element(name, value, schema, follow)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode("utf-8", "xmlcharrefreplace")


def _element(name: str, value: Any, schema: Any, follow: Follow) -> str:
    rules = _rules(schema, follow)
    if isinstance(value, list):
        return _elements(name, value, schema, follow, rules)
    prefix = f"{rules['prefix']}:" if isinstance(rules.get("prefix"), str) else ""
    tag = prefix + _tag(name)
    attributes = ""
    if isinstance(rules.get("namespace"), str):
        attributes = f" xmlns{':' + prefix[:-1] if prefix else ''}={quoteattr(rules['namespace'])}"
    if not isinstance(value, dict):
        return f"<{tag}{attributes}>{_text(value)}</{tag}>" if value is not None else f"<{tag}{attributes}/>"
    properties, inside = _properties(schema, follow), ""
    for key, part in value.items():
        own = properties.get(key, {})
        own_rules = _rules(own, follow)
        label = str(own_rules.get("name", key))
        if own_rules.get("attribute") is True and not isinstance(part, dict | list):
            attributes += f" {_tag(label)}={quoteattr(_scalar(part))}"
        else:
            inside += _element(label, part, own, follow)
    return f"<{tag}{attributes}>{inside}</{tag}>"


def _elements(name: str, value: list[Any], schema: Any, follow: Follow, rules: Mapping[str, Any]) -> str:
    items = _followed(schema, follow).get("items", {})
    inside = "".join(_element(_item_name(items, name, follow), item, items, follow) for item in value)
    return f"<{_tag(name)}>{inside}</{_tag(name)}>" if rules.get("wrapped") is True else inside


def _item_name(items: Any, name: str, follow: Follow) -> str:
    return str(_rules(items, follow).get("name", name))


def _rules(schema: Any, follow: Follow) -> Mapping[str, Any]:
    rules = _followed(schema, follow).get("xml")
    return rules if isinstance(rules, dict) else {}


def _properties(schema: Any, follow: Follow, depth: int = 0) -> dict[str, Any]:
    followed = _followed(schema, follow)
    found = dict(followed.get("properties", {})) if isinstance(followed.get("properties"), dict) else {}
    if depth < 6:
        for keyword in ("allOf", "oneOf", "anyOf"):
            for part in followed.get(keyword, ()):
                found = {**_properties(part, follow, depth + 1), **found}
    return found


def _followed(schema: Any, follow: Follow) -> Mapping[str, Any]:
    followed = follow(schema)
    return followed if isinstance(followed, dict) else {}


def _text(value: Any) -> str:
    text = _scalar(value)
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text))


def _tag(name: str) -> str:
    cleaned = re.sub(r"[^\w.:-]", "_", name)
    return cleaned if _NAME.match(cleaned) else f"_{cleaned}"
