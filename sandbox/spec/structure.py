"""What makes a file an OpenAPI document at all, and what makes our own one sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from sandbox.spec.compiling import is_pattern, is_schema
from sandbox.spec.faults import SpecError
from sandbox.spec.sources import BrokenReference, Sources

Path: TypeAlias = tuple[str | int, ...]
Finding: TypeAlias = tuple[Path, str]

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_COMPONENT_KINDS: Final = frozenset(
    {
        *("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes"),
        *("links", "callbacks", "pathItems"),
    }
)
_SCHEMA_AT: Final = ("parameters", "headers", "content")


def refuse_what_is_no_document(sources: Sources) -> None:
    """Only what cannot be understood at all refuses the start of a mock."""
    name, root = sources.name, sources.root
    if not isinstance(root, dict):
        raise SpecError(f"{name}:1: an OpenAPI document is a map. Begin it with `openapi: 3.1.0`.")
    if "swagger" in root:
        line = sources.line_of(("swagger",))
        raise SpecError(
            f"{name}:{line}: this is Swagger {root['swagger']}. Convert it to OpenAPI 3.0 or 3.1."
        )
    version = root.get("openapi")
    if not isinstance(version, str):
        if isinstance(version, int | float):
            root["openapi"] = str(version)
            version = root["openapi"]
        else:
            raise SpecError(f"{name}:1: `openapi` is missing. Begin the document with `openapi: 3.1.0`.")
    if not re.match(r"3\.[0-9]", version):
        line = sources.line_of(("openapi",))
        raise SpecError(f"{name}:{line}: OpenAPI {version} is not known here. Use 3.0 or 3.1.")
    if not isinstance(root.get("paths"), dict):
        line = sources.line_of(("paths",))
        raise SpecError(f"{name}:{line}: `paths` is missing or no map. Declare at least one path.")


def refuse_what_is_off_the_standard(sources: Sources) -> None:
    """Every structural error of a document at once, each with its line."""
    findings = list(_findings(sources))
    if sources.remarks or findings:
        lines = list(sources.remarks)
        for path, message in findings[:20]:
            lines.append(f"{sources.name}:{sources.line_of(path)}: {message}")
        raise SpecError("\n".join(lines))


def _findings(sources: Sources) -> Iterator[Finding]:
    root = sources.root
    info = root.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str) or not info.get("version"):
        yield ("info",), "`info` needs a `title` and a `version`. Add them."
    yield from _component_findings(root)
    yield from _reference_findings(sources)
    ids: dict[str, str] = {}
    for path, item in root["paths"].items():
        yield from _path_findings(sources, path, item, ids)
    yield from _schema_findings(sources)


def _component_findings(root: dict[str, Any]) -> Iterator[Finding]:
    components = root.get("components", {})
    if not isinstance(components, dict):
        yield ("components",), "`components` is a map of maps. Write it so."
        return
    for kind, entries in components.items():
        if kind.startswith("x-"):
            continue
        if kind not in _COMPONENT_KINDS:
            yield (
                ("components", kind),
                f"`{kind}` is no kind of component. Use one of {_listed(_COMPONENT_KINDS)}.",
            )
        elif not isinstance(entries, dict):
            yield ("components", kind), f"`components.{kind}` is a map from names. Write it so."


def _reference_findings(sources: Sources) -> Iterator[Finding]:
    for path, node in walk(sources.root):
        reference = node.get("$ref")
        if isinstance(reference, str) and (not path or path[-1] not in ("properties", "example", "value")):
            try:
                sources.followed(node)
            except BrokenReference as error:
                yield (*path, "$ref"), f"{error}. Correct the reference or define what it names."


def _path_findings(sources: Sources, path: str, item: Any, ids: dict[str, str]) -> Iterator[Finding]:
    here: Path = ("paths", path)
    if path.startswith("x-"):
        return
    if not path.startswith("/"):
        yield here, f"the path `{path}` does not begin with a slash. Write `/{path}`."
    if not isinstance(item, dict):
        yield here, "a path holds a map of methods. Write one."
        return
    for method in _METHODS:
        if method in item:
            where = f"{method.upper()} {path}"
            yield from _operation_findings(sources, (*here, method), item, where, ids)


def _operation_findings(
    sources: Sources, here: Path, item: dict[str, Any], where: str, ids: dict[str, str]
) -> Iterator[Finding]:
    raw = item[str(here[-1])]
    if not isinstance(raw, dict):
        yield here, f"{where} is no map. Describe the operation."
        return
    operation_id = raw.get("operationId")
    if not isinstance(operation_id, str) or not operation_id:
        yield here, f"{where} has no operationId. Give it one in snake_case."
    elif operation_id in ids:
        yield (*here, "operationId"), f"`{operation_id}` also names {ids[operation_id]}. Give each its own."
    else:
        ids[operation_id] = where
    yield from _parameter_findings(sources, here, item, where)
    yield from _response_findings(raw, here, where)
    body = raw.get("requestBody")
    if body is not None and not _has_content(sources, body):
        yield (*here, "requestBody"), f"the body of {where} has no `content`. Name its media type and schema."


def _parameter_findings(sources: Sources, here: Path, item: dict[str, Any], where: str) -> Iterator[Finding]:
    raw = item[str(here[-1])]
    declared: set[str] = set()
    for owner, entries in ((here[:-1], item.get("parameters", [])), (here, raw.get("parameters", []))):
        if not isinstance(entries, list):
            yield (*owner, "parameters"), "`parameters` is a list. Write each with a dash."
            continue
        for index, entry in enumerate(entries):
            place: Path = (*owner, "parameters", index)
            try:
                parameter = sources.followed(entry)
            except BrokenReference:
                continue  # said by the references
            if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
                yield place, "a parameter needs a `name`. Add it."
            elif parameter.get("in") not in ("path", "query", "header", "cookie"):
                yield place, f"`{parameter['name']}` needs `in`: path, query, header or cookie. Add it."
            elif "schema" not in parameter and "content" not in parameter:
                yield place, f"`{parameter['name']}` has no `schema`. Say what it holds."
            elif parameter["in"] == "path":
                declared.add(parameter["name"])
                if parameter.get("required") is not True:
                    yield place, f"the path parameter `{parameter['name']}` needs `required: true`. Add it."
    templated = set(re.findall(r"\{([^{}]*)\}", str(here[1])))
    for name in sorted(templated - declared):
        yield here, f"{where} does not declare its path parameter `{name}`. Add it under `parameters`."
    for name in sorted(declared - templated):
        yield here, f"{where} declares `{name}`, which its path does not have. Remove one or add the other."


def _response_findings(raw: dict[str, Any], here: Path, where: str) -> Iterator[Finding]:
    responses = raw.get("responses")
    if not isinstance(responses, dict) or not responses:
        yield here, f"{where} documents no response. Add `responses`."
        return
    for status, response in responses.items():
        at: Path = (*here, "responses", status)
        if status.startswith("x-"):
            continue
        if status != "default" and not re.fullmatch(r"[1-5]([0-9]{2}|XX)", status):
            yield at, f"`{status}` is no status. Use 200, 2XX or default."
        if not isinstance(response, dict):
            yield at, f"the response {status} of {where} is no map. Describe it."
        elif "$ref" not in response and not isinstance(response.get("description"), str):
            yield at, f"the response {status} of {where} has no `description`. Say when it is given."


def _has_content(sources: Sources, body: Any) -> bool:
    try:
        followed = sources.followed(body)
    except BrokenReference:
        return True
    return (
        isinstance(followed, dict) and isinstance(followed.get("content"), dict) and bool(followed["content"])
    )


def _schema_findings(sources: Sources) -> Iterator[Finding]:
    """Schemas against the meta-schema: quickly, and in words where one fails."""
    if str(sources.root["openapi"]).startswith("3.0"):
        return  # 3.0 has a dialect of its own; translating it says what is wrong
    for path, schema in schemas_of(sources.root):
        if isinstance(schema, dict) and not is_schema(schema):
            yield _explained(path, schema)
    for path, node in walk(sources.root):
        pattern = node.get("pattern")
        if isinstance(pattern, str) and path[-1:] != ("properties",) and not is_pattern(pattern):
            yield (*path, "pattern"), f"`{pattern[:60]}` is no regular expression of ECMA-262. Correct it."


def _explained(path: Path, schema: Any) -> Finding:
    from sandbox.spec.explaining import why_no_schema  # slow to import, and hardly ever needed

    inner, message = why_no_schema(schema)
    return (*path, *inner), f"this schema is not valid: {message}. See JSON Schema 2020-12."


def schemas_of(root: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every outermost schema of a document: those of the components and those written where they are used."""
    components = root.get("components")
    named = components.get("schemas") if isinstance(components, dict) else None
    for name, schema in (named or {}).items():
        yield ("components", "schemas", name), schema
    for path, node in walk(root):
        if path[:2] == ("components", "schemas") or "schema" not in node or not path:
            continue
        if "in" in node or path[-2:-1] == ("content",) or path[-2:-1] == ("headers",):
            yield (*path, "schema"), node["schema"]


def walk(root: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every map of a document with its path, except those inside examples, which hold any data."""
    todo: list[tuple[Path, Any]] = [((), root)]
    while todo:
        path, node = todo.pop()
        if isinstance(node, dict):
            yield path, node
            todo += [
                ((*path, key), child)
                for key, child in node.items()
                if isinstance(child, dict | list) and not _holds_data(path, key)
            ]
        else:
            todo += [
                ((*path, index), child) for index, child in enumerate(node) if isinstance(child, dict | list)
            ]


def _holds_data(path: Path, key: str) -> bool:
    return key in ("example", "default", "const", "enum", "value", "examples") and (
        not path or path[-1] not in ("properties", "patternProperties", "schemas", "$defs")
    )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
