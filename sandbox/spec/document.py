"""An OpenAPI document: its operations with every reference outside schemas followed."""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from sandbox.spec import structure
from sandbox.spec.faults import SpecError, Trouble
from sandbox.spec.sources import BrokenReference, Sources

log = logging.getLogger("bardge_sandbox")

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PLACES: Final = ("path", "query", "header", "cookie")
_NOT_PARAMETERS: Final = frozenset({"accept", "content-type", "authorization"})  # the standard says: ignored
_DEFAULT_STYLE: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, eq=False, slots=True)
class Parameter:
    """One declared parameter of an operation; `media_type` is set where it has `content`, not `schema`."""

    name: str
    place: str
    required: bool
    schema: Any
    style: str
    explode: bool
    media_type: str = ""
    allow_empty: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"{self.place}.{self.name}"


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One method of one path."""

    id: str
    method: str  # upper case
    path: str  # the template, without any base path
    raw: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    content: Mapping[str, Mapping[str, Any]]  # of the request body: media type -> media type object
    has_body: bool
    body_required: bool
    responses: Mapping[str, Mapping[str, Any]]  # "200", "2XX", "default"
    security: tuple[Mapping[str, tuple[str, ...]], ...]  # alternatives; empty: open to all
    base_paths: tuple[str, ...]  # its own servers, where it or its path declares some
    tags: tuple[str, ...]
    rules: tuple[str, ...]
    paginated: bool
    idempotent: bool

    @property
    def success_statuses(self) -> tuple[int, ...]:
        return tuple(sorted(int(status) for status in self.responses if re.fullmatch("2[0-9][0-9]", status)))

    def response(self, status: int) -> Mapping[str, Any] | None:
        """What the document says of this status: by its number, its range, or `default`."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def __repr__(self) -> str:
        return f"<Operation {self.id}: {self.method} {self.path}>"


class Document:
    """An OpenAPI 3.0 or 3.1 document as read from its file and the files beside it."""

    def __init__(self, sources: Sources, *, strict: bool) -> None:
        self.sources = sources
        self.strict = strict
        self.name = sources.name
        self.raw: dict[str, Any] = sources.root
        self.version: str = self.raw["openapi"]
        self.is_read = False
        self.troubles: list[Trouble] = list(_summed_up(sources))
        self.base_paths = self._base_paths(self.raw.get("servers")) or ("",)
        self.unserved: list[Operation] = []
        self.reasons: dict[str, str] = {}  # operation id -> why it is not served
        self.operations: tuple[Operation, ...] = tuple(self._sound(list(self._operations())))
        self._by_id = {operation.id: operation for operation in self.operations}
        self.is_read = True

    @classmethod
    def load(cls, path: Path, *, strict: bool = False) -> Document:
        """Reads a document; strict refuses whatever the standard forbids, lenient collects it as troubles."""
        if not path.is_file():
            raise SpecError(f"{path}: there is no such file. Name an OpenAPI document in YAML or JSON.")
        sources = Sources(path)
        structure.refuse_what_is_no_document(sources)
        if strict:
            structure.refuse_what_is_off_the_standard(sources)
        document = cls(sources, strict=strict)
        if not document.operations:
            reasons = "".join(f"\n  {trouble}" for trouble in document.troubles[:10])
            raise SpecError(f"{path.name}:1: no operation can be served. Declare one under `paths`.{reasons}")
        return document

    @property
    def is_3_0(self) -> bool:
        """3.0 has its own schema dialect; from 3.1 on it is JSON Schema 2020-12."""
        return self.version.startswith("3.0")

    def operation(self, operation_id: str) -> Operation:
        return self._by_id[operation_id]

    def security_scheme(self, name: str) -> Mapping[str, Any] | None:
        schemes = _map(_map(self.raw.get("components")).get("securitySchemes"))
        try:
            scheme = self.sources.followed(schemes.get(name))
        except BrokenReference:
            return None
        return scheme if isinstance(scheme, dict) else None

    def trouble(self, where: str, message: str) -> None:
        trouble = Trouble(where, message)
        if trouble in self.troubles:
            return
        self.troubles.append(trouble)
        if self.is_read:  # found while compiling what is first asked for now: the start can no longer tell it
            log.warning("%s", trouble)

    def _base_paths(self, servers: Any) -> tuple[str, ...]:
        found: list[str] = []
        for server in servers if isinstance(servers, list) else []:
            if isinstance(server, dict) and isinstance(server.get("url"), str):
                base = _server_path(server["url"], _map(server.get("variables")))
                if base not in found:
                    found.append(base)
        return tuple(found)

    def _operations(self) -> Iterator[Operation]:
        taken: set[str] = set()
        for path, raw_item in self.raw["paths"].items():
            if path.startswith("x-"):
                continue
            item = self._followed(raw_item, path)
            if not isinstance(item, dict):
                for method in ("get", "post", "put", "patch", "delete"):
                    self._unserve(path, method, self._last_reason())
                continue
            for method in METHODS:
                if method not in item:
                    continue
                operation = self._operation(path, method, item, taken)
                if operation is not None:
                    taken.add(operation.id)
                    yield operation

    def _operation(self, path: str, method: str, item: dict[str, Any], taken: set[str]) -> Operation | None:
        where = f"{method.upper()} {path}"
        raw = self._followed(item[method], where)
        if not isinstance(raw, dict):
            self._unserve(path, method, self._last_reason())
            return None
        try:
            content, has_body, body_required = self._body(raw)
            return Operation(
                id=self._id(raw, where, taken),
                method=method.upper(),
                path=path,
                raw=raw,
                parameters=self._parameters(path, raw, item, where),
                content=content,
                has_body=has_body,
                body_required=body_required,
                responses=self._responses(raw, where),
                security=self._security(raw, where),
                base_paths=self._base_paths(raw.get("servers") or item.get("servers")),
                tags=tuple(str(tag) for tag in _list(raw.get("tags"))),
                rules=tuple(str(rule) for rule in _list(raw.get("x-rules"))),
                paginated=bool(raw.get("x-paginated")),
                idempotent=bool(raw.get("x-idempotent")),
            )
        except BrokenReference as error:
            self._unserve(path, method, str(error))
            return None

    def _sound(self, operations: list[Operation]) -> Iterator[Operation]:
        """The operations whose schemas are all there; a missing file costs its operation, not the start."""
        broken = self.sources.broken_references()
        for operation in operations:
            parts = [operation.raw, *(parameter.raw for parameter in operation.parameters)]
            address = self.sources.first_reaching(parts, broken) if broken else None
            if address is None:
                yield operation
            else:
                self._unserve(operation.path, operation.method.lower(), broken[address])

    def _unserve(self, path: str, method: str, reason: str) -> None:
        where = f"{method.upper()} {path}"
        stub = Operation(
            id=where,
            method=method.upper(),
            path=path,
            raw={},
            parameters=(),
            content={},
            responses={},
            security=(),
            base_paths=(),
            has_body=False,
            body_required=False,
            tags=(),
            rules=(),
            paginated=False,
            idempotent=False,
        )
        self.unserved.append(stub)
        self.reasons[where] = f"is not served: {reason}"
        self.trouble(where, self.reasons[where])

    def _last_reason(self) -> str:
        return self.troubles[-1].message.removeprefix("is not served: ")

    def _followed(self, value: Any, where: str) -> Any:
        try:
            followed = self.sources.followed(value)
            if isinstance(value, dict) and isinstance(followed, dict) and len(value) > 1 and "$ref" in value:
                followed = {**followed, **{key: own for key, own in value.items() if key != "$ref"}}
        except BrokenReference as error:
            self.trouble(where, f"is not served: {error}")
            return None
        if not isinstance(followed, dict):
            self.trouble(where, f"is not served: a map is wanted here, not {_named(followed)}")
        return followed

    def _id(self, raw: dict[str, Any], where: str, taken: set[str]) -> str:
        declared = raw.get("operationId")
        if not isinstance(declared, str) or not declared:
            return where
        if declared in taken:
            self.trouble(where, f"shares its operationId `{declared}` with another and goes by `{where}`")
            return where
        return declared

    def _parameters(
        self, path: str, raw: dict[str, Any], item: dict[str, Any], where: str
    ) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for entry in [*_list(item.get("parameters")), *_list(raw.get("parameters"))]:
            parameter = self._parameter(self.sources.followed(entry), where)
            if parameter is not None:
                found[parameter.place, parameter.name] = parameter
        templated = _TEMPLATE.findall(path)
        for name in templated:
            if ("path", name) not in found:
                self.trouble(where, f"does not declare its path parameter `{name}`; taken as a string")
                found["path", name] = Parameter(name, "path", True, {"type": "string"}, "simple", False)
        for place, name in list(found):
            if place == "path" and name not in templated:
                self.trouble(
                    where, f"declares a path parameter `{name}` that its path does not have; ignored"
                )
                del found[place, name]
        return tuple(found.values())

    def _parameter(self, raw: Any, where: str) -> Parameter | None:
        if not isinstance(raw, dict) or not isinstance(raw.get("name"), str) or raw.get("in") not in PLACES:
            self.trouble(where, "has a parameter without `name` or a known `in`; ignored")
            return None
        name, place = raw["name"], raw["in"]
        if place == "header" and name.lower() in _NOT_PARAMETERS:
            return None
        style = raw.get("style") or _DEFAULT_STYLE[place]
        media_type, schema = "", raw.get("schema", {})
        if _map(raw.get("content")):
            media_type, media = next(iter(raw["content"].items()))
            schema = _map(media).get("schema", {})
        explode = raw.get("explode", style == "form")
        return Parameter(
            name=name,
            place=place,
            required=place == "path" or raw.get("required") is True,
            schema=schema,
            style=style,
            explode=explode is True,
            media_type=media_type,
            allow_empty=raw.get("allowEmptyValue") is True,
            raw=raw,
        )

    def _body(self, raw: dict[str, Any]) -> tuple[Mapping[str, Mapping[str, Any]], bool, bool]:
        body = self.sources.followed(raw.get("requestBody"))
        if not isinstance(body, dict):
            return {}, False, False
        content = {
            str(name): _map(self.sources.followed(media)) for name, media in _map(body.get("content")).items()
        }
        return content, True, body.get("required") is True

    def _responses(self, raw: dict[str, Any], where: str) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for status, entry in _map(raw.get("responses")).items():
            key = status.upper() if re.fullmatch(r"[1-5][xX]{2}", status) else status
            if key != "default" and not re.fullmatch(r"[1-5]([0-9]{2}|XX)", key):
                if not key.startswith("x-"):
                    self.trouble(where, f"has a response `{status}`, which is no status; ignored")
                continue
            response = self.sources.followed(entry)
            if isinstance(response, dict):
                if not isinstance(response.get("description"), str):
                    self.trouble(where, f"does not describe its response {status}; served all the same")
                found[key] = self._response(response)
        if not found:
            self.trouble(where, "documents no response; it answers 200 without a body")
        return found

    def _response(self, raw: dict[str, Any]) -> Mapping[str, Any]:
        """The response with its headers and named examples followed; schemas keep their references."""
        headers = {name: self.sources.followed(header) for name, header in _map(raw.get("headers")).items()}
        content: dict[str, Any] = {}
        for name, entry in _map(raw.get("content")).items():
            media = dict(_map(self.sources.followed(entry)))
            if isinstance(media.get("examples"), dict):
                media["examples"] = {key: self._example(one) for key, one in media["examples"].items()}
            content[name] = media
        return {**raw, "headers": headers, "content": content}

    def _example(self, raw: Any) -> Any:
        try:
            return self.sources.followed(raw)
        except BrokenReference:
            return {}

    def _security(self, raw: dict[str, Any], where: str) -> tuple[Mapping[str, tuple[str, ...]], ...]:
        declared = raw["security"] if "security" in raw else self.raw.get("security")
        alternatives: list[Mapping[str, tuple[str, ...]]] = []
        for entry in _list(declared):
            alternative = {str(name): tuple(map(str, _list(scopes))) for name, scopes in _map(entry).items()}
            for name in alternative:
                if self.security_scheme(name) is None:
                    self.trouble(
                        where, f"asks for the security scheme `{name}`, which is not defined; any will do"
                    )
            alternatives.append(alternative)
        return tuple(alternatives)


def _summed_up(sources: Sources) -> Iterator[Trouble]:
    """Remarks of the same kind as one: some documents have a thousand statuses that are numbers."""
    kinds: dict[str, list[str]] = {}
    for remark in sources.remarks:
        place, _, message = remark.partition(": ")
        kinds.setdefault(re.sub(r"`[^`]*`|[0-9]+", "", message), []).append(f"{place}\0{message}")
    for remarks in kinds.values():
        place, _, message = remarks[0].partition("\0")
        more = f" (and {len(remarks) - 1} more of the kind)" if len(remarks) > 1 else ""
        yield Trouble(place, message + more)


def _server_path(url: str, variables: Mapping[str, Any]) -> str:
    filled = _VARIABLE.sub(lambda match: str(_map(variables.get(match[1])).get("default", match[1])), url)
    try:
        path = urlsplit(filled).path
    except ValueError:
        path = ""
    path = posixpath.normpath("/" + unquote(path).lstrip("/"))  # `./v1` is relative to who knows what
    return "" if path == "/" else path


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(value: Any) -> str:
    return "nothing" if value is None else "a list" if isinstance(value, list) else f"`{str(value)[:40]}`"
