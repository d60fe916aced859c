"""From the bytes of a body to a value: JSON, forms, multipart, text and bytes, by its content type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn
from xml.parsers import expat

import msgspec

from sandbox.spec.faults import BadRequest, Fault
from sandbox.spec.parameters import Deep, kinds, pairs_of, plain, typed, whole
from sandbox.spec.shapes import Shape

_BRACKET: Final = re.compile(r"\[([^\[\]]*)\]")
_PARAMETER: Final = re.compile(r';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_MOST_PARTS: Final = 10_000


def _as_number(text: str) -> int | float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is out of range")
    # 5.0 is the integer 5; beyond 2^53 a float no longer knows its last digits
    return int(number) if number.is_integer() and abs(number) < 2**63 else number


_decode: Final = msgspec.json.Decoder(float_hook=_as_number).decode


def read_json(body: bytes) -> Any:
    """The value of a JSON body. Of a name given twice the last counts; 5.0 is 5."""
    try:
        return _decode(body)
    except UnicodeDecodeError:
        _refuse("is not UTF-8. Send the JSON encoded as UTF-8.")
    except RecursionError:
        _refuse("is nested too deeply to be read. Send it flatter.")
    except msgspec.DecodeError as error:
        _refuse(_malformed(body, str(error)))


def _malformed(body: bytes, reason: str) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark. Send the JSON without it."
    if not body.strip():
        return "is empty, where a JSON object is wanted. Send one."
    if re.search(rb"\\u[dD][89a-fA-F]", body):
        return "holds half of a surrogate pair, which is no character. Send the whole character."
    if re.search(rb"[:\[,]\s*-?(?:NaN|Infinity)", body):
        return "holds NaN or Infinity, which JSON does not know. Send a number or leave the field out."
    if re.search(rb"(^|[{,]\s*)'", body):
        return "is not JSON: names and texts stand in double quotes. Replace the single ones."
    if re.search(rb",\s*[}\]]", body):
        return "is not JSON: a comma stands before a closing bracket. Remove it."
    if "out of range" in reason:
        return f"holds a number that is too large: {reason.partition(' - ')[0]}. Send a smaller one."
    reason = reason.replace("JSON is malformed: ", "").replace(
        "Input data was truncated", "it ends too early"
    )
    return f"is not JSON: {reason}. Send an object such as {{}} in double-quoted JSON."


def _refuse(message: str) -> NoReturn:
    raise BadRequest((Fault("body", message),))


def media_type_of(content_type: str) -> str:
    """`Application/JSON; charset=utf-8` -> `application/json`."""
    return content_type.partition(";")[0].strip().lower()


def media_parameters(content_type: str) -> dict[str, str]:
    return {
        name.lower(): (quoted.replace('\\"', '"') if quoted else bare)
        for name, quoted, bare in _PARAMETER.findall(content_type)
    }


def is_json(content_type: str) -> bool:
    """`application/json`, `application/hal+json`, `application/json+sarif`; not lines of JSON."""
    tokens = re.split(r"[/+.]", media_type_of(content_type))
    return "json" in tokens[1:]


def is_xml(content_type: str) -> bool:
    return media_type_of(content_type).endswith(("/xml", "+xml"))


def has_values(content_type: str) -> bool:
    """Whether a body of this type is read into values of its schema; a text or a file is what it is."""
    media_type = media_type_of(content_type)
    return (
        is_json(media_type) or media_type.startswith("multipart/") or media_type.endswith("form-urlencoded")
    )


def chosen(content: Iterable[str], content_type: str) -> str | None:
    """The documented media type that fits best: by name and parameters, by name, by a range."""
    asked, parameters = media_type_of(content_type), media_parameters(content_type)
    best, found = 0, None
    for documented in content:
        name = media_type_of(documented)
        if name == asked:
            agreed = sum(parameters.get(key) == value for key, value in media_parameters(documented).items())
            fit = 3 + agreed
        elif name == "*/*":
            fit = 1
        else:
            fit = 2 if name.endswith("/*") and asked.startswith(name[:-1]) else 0
        if fit > best:
            best, found = fit, documented
    return found


def read_body(body: bytes, content_type: str, shape: Shape, encoding: Mapping[str, Any]) -> Any:
    """The value of a body whose content type the operation takes."""
    media_type = media_type_of(content_type)
    if is_json(media_type):
        return read_json(body)
    if media_type == "application/x-www-form-urlencoded":
        return _read_form(body, shape, encoding)
    if media_type.startswith("multipart/"):
        return _read_multipart(body, content_type, shape)
    if is_xml(media_type):
        return _read_xml(body)
    if media_type.startswith("text/"):
        return _text(body, media_parameters(content_type).get("charset", "utf-8"))
    return body.decode("latin-1")


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        _refuse(f"is not {charset[:40]}, as its content type says. Send it in that encoding.")


def _read_xml(body: bytes) -> str:
    """Its text, if it is well-formed and without entities, which can grow without end."""
    parser = expat.ParserCreate()

    def refuse_entities(*_: Any) -> None:
        _refuse("declares an entity, which is not taken. Write its text out.")

    parser.EntityDeclHandler = refuse_entities
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        _refuse(f"is not XML: {expat.ErrorString(error.code)} in line {error.lineno}. Send well-formed XML.")
    return body.decode("utf-8", "replace")


def _read_form(body: bytes, shape: Shape, encoding: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("is not UTF-8. Percent-encode the text.")
    gathered: dict[str, Deep] = {}
    for key, value in pairs_of(text):
        name, _, rest = plain(key).partition("[")
        gathered.setdefault(name, Deep()).put(_BRACKET.findall("[" + rest) if rest else [], plain(value))
    return _as_object(gathered, shape, encoding)


def _as_object(gathered: dict[str, Deep], shape: Shape, encoding: Mapping[str, Any]) -> dict[str, Any]:
    known = whole(shape, shape.schema)
    properties, extra = known.get("properties", {}), known.get("additionalProperties", True)
    result: dict[str, Any] = {}
    for name, deep in gathered.items():
        schema, rules = properties.get(name, extra), encoding.get(name)
        result[name] = _field(deep, shape, schema, rules if isinstance(rules, dict) else {})
    return result


def _field(deep: Deep, shape: Shape, schema: Any, rules: Mapping[str, Any]) -> Any:
    wanted = kinds(shape, schema)
    if deep.parts or not wanted & {"array", "object"} or not deep.texts:
        return deep.value(shape, schema)
    if wanted & {"object"} and deep.texts[-1][:1] == "{":
        return read_json(deep.texts[-1].encode(errors="surrogateescape"))
    if "array" in wanted:
        return _list_field(deep.texts, shape, whole(shape, schema).get("items", True), rules)
    return deep.value(shape, schema)


def _list_field(texts: list[str], shape: Shape, items: Any, rules: Mapping[str, Any]) -> Any:
    if len(texts) == 1 and texts[0][:1] == "[":
        return read_json(texts[0].encode(errors="surrogateescape"))
    if len(texts) == 1 and rules.get("explode") is False:
        delimiter = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(str(rules.get("style")), ",")
        texts = texts[0].split(delimiter)
    if kinds(shape, items) == {"object"}:
        return [
            read_json(text.encode(errors="surrogateescape")) if text[:1] == "{" else text for text in texts
        ]
    return [typed(text, shape, items) for text in texts]


def _read_multipart(body: bytes, content_type: str, shape: Shape) -> dict[str, Any]:
    boundary = media_parameters(content_type).get("boundary", "")
    if not boundary:
        _refuse("is multipart without a boundary. Let the client library write the Content-Type header.")
    known = whole(shape, shape.schema)
    properties, extra = known.get("properties", {}), known.get("additionalProperties", True)
    result: dict[str, Any] = {}
    for headers, content in _parts(body, boundary.encode("latin-1", "replace")):
        name = media_parameters(headers.get("content-disposition", "")).get("name")
        if name is None:
            continue
        schema = properties.get(name, extra)
        is_list = "array" in kinds(shape, schema)
        value = _part(headers, content, shape, whole(shape, schema).get("items", True) if is_list else schema)
        if not is_list or isinstance(value, list):
            result[name] = value
        else:
            result.setdefault(name, []).append(value)
    return result


def _part(headers: Mapping[str, str], content: bytes, shape: Shape, schema: Any) -> Any:
    content_type = headers.get("content-type", "")
    if is_json(media_type_of(content_type)):
        return read_json(content)
    if "filename" in media_parameters(headers.get("content-disposition", "")):
        return content.decode("latin-1")
    wanted = kinds(shape, schema)
    if wanted & {"object", "array"} and content.lstrip()[:1] in (b"{", b"["):
        return read_json(content)
    return typed(content.decode("utf-8", "surrogateescape"), shape, schema)


def _parts(body: bytes, boundary: bytes) -> Iterable[tuple[dict[str, str], bytes]]:
    marker = b"--" + boundary
    pieces = (b"\r\n" + body).split(b"\r\n" + marker)
    if len(pieces) < 2 or not any(piece.startswith(b"--") for piece in pieces[1:]):
        _refuse(
            "is not multipart: its closing boundary is missing. Send every part and the closing boundary."
        )
    if len(pieces) > _MOST_PARTS:
        _refuse(f"has more than {_MOST_PARTS:,} parts. Send fewer.")
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return
        head, blank, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        if not blank:
            _refuse("has a part without a blank line after its headers. Separate headers and content.")
        headers: dict[str, str] = {}
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            headers[name.decode("latin-1").strip().lower()] = value.decode("utf-8", "replace").strip()
        yield headers, content
