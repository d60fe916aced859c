"""openapi.yaml as the suite reads it: which operation a request meant, and what is wrong with an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import yaml

from contract_tests.requirement import Letter

LETTERS: dict[str, Letter] = {"documented": "D", "sampled": "S", "menu": "M", "chosen": "C"}
CLOSING = ("additionalProperties", "unevaluatedProperties")
METHODS = ("get", "post", "put", "patch", "delete")
_HERE = Path(__file__).resolve().parent
PLACES = (_HERE.parent / "openapi.yaml", _HERE.parent / "sandbox" / "_data" / "openapi.yaml")


class NoDocument(Exception):
    """openapi.yaml was not found or cannot be read."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where an answer is off the document, and how sure the document is of that place."""

    where: str
    message: str
    provenance: Letter


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    definition: Mapping[str, Any]
    query: frozenset[str]

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def url(self, values: Mapping[str, Any]) -> str:
        """The path with its names filled in; what is filled in stays one segment, whatever it holds."""
        return re.sub(r"{(\w+)}", lambda found: quote(str(values[found[1]]), safe=""), self.path)

    def statuses(self) -> list[int]:
        return sorted(int(status) for status in self.definition["responses"] if status.isdigit())

    @property
    def starred(self) -> bool:
        """Does its body have a field that must be there?"""
        return bool(self.definition.get("requestBody", {}).get("required"))


class Promise:
    """The document, matched and compiled as it is asked."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._validators: dict[tuple[str, str], Any] = {}
        self.operations = {operation.id: operation for operation in self._read()}

    def _read(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    definition = item[method]
                    parameters = [
                        self.resolve(p) for p in item.get("parameters", []) + definition.get("parameters", [])
                    ]
                    query = frozenset(p["name"] for p in parameters if p["in"] == "query")
                    yield Operation(definition["operationId"], method.upper(), path, definition, query)

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], Operation]]:
        """Concrete paths before templated ones, as OpenAPI asks."""
        routes = []
        for operation in sorted(self.operations.values(), key=lambda o: len(o.path_names)):
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.path))
            routes.append((operation.method, re.compile(pattern), operation))
        return routes

    def match(self, method: str, path: str) -> Operation | None:
        """The operation a request is for; `path` is relative to the base and without query."""
        for known, pattern, operation in self._routes:
            if known == method.upper() and pattern.fullmatch(path):
                return operation
        return None

    def resolve(self, node: Any) -> Any:
        while isinstance(node, Mapping) and "$ref" in node:
            node = self._at(node["$ref"])
        return node

    def _at(self, reference: str) -> Any:
        node: Any = self.document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
        return node

    def answer_schema(self, operation: Operation, status: int) -> Any | None:
        """The schema of an answer; an undeclared success is held against the declared one."""
        responses = operation.definition["responses"]
        declared = responses.get(str(status))
        if declared is None and 200 <= status < 300:
            declared = next((responses[s] for s in sorted(responses) if s.startswith("2")), None)
        if declared is None:
            return None
        content = self.resolve(declared).get("content", {})
        return content.get("application/json", {}).get("schema")

    def violations(self, operation: Operation, status: int, body: Any) -> list[Violation]:
        """Where a JSON answer leaves its schema. More fields than listed are no violation."""
        schema = self.answer_schema(operation, status)
        if schema is None:
            return []
        validator = self._validator(operation, status, schema)
        found = [self._violation(schema, error) for error in validator.iter_errors(body)]
        return [violation for violation in found if violation is not None]

    def _validator(self, operation: Operation, status: int, schema: Any) -> Any:
        key = (operation.id, str(status))
        if key not in self._validators:
            bundle = {**schema, "components": {"schemas": self._lenient}}
            self._validators[key] = jsonschema_rs.Draft202012Validator(bundle)
        return self._validators[key]

    @cached_property
    def _lenient(self) -> Any:
        """The schemas of answers: an answer with more fields than listed conforms."""
        return _open(self.document["components"]["schemas"])

    def _violation(self, schema: Any, error: Any) -> Violation | None:
        where = "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in error.instance_path)
        letter = self._letter(schema, list(error.schema_path), str(error.message))
        return Violation(where, str(error.message)[:300], letter)

    def _letter(self, schema: Any, steps: list[Any], message: str) -> Letter:
        """The provenance nearest to the broken keyword, a missing property's own first."""
        node, letter = schema, "chosen"
        for step in steps:
            node = self.resolve(node) if not (isinstance(node, Mapping) and step == "$ref") else node
            if isinstance(node, Mapping):
                letter = node.get("x-provenance", letter)
            if step == "$ref":
                node = self.resolve(node)
                continue
            if step == "required" and isinstance(node, Mapping):
                missing = re.match(r'"(\w+)"', message)
                property_ = node.get("properties", {}).get(missing[1] if missing else "", {})
                letter = property_.get("x-provenance", self.resolve(property_).get("x-provenance", letter))
                break
            node = _step(node, step)
        if isinstance(node, Mapping):
            letter = node.get("x-provenance", letter)
        return LETTERS.get(letter, "C")


def _step(node: Any, step: Any) -> Any:
    if isinstance(node, Mapping):
        return node.get(step, {})
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return {}


def _open(node: Any) -> Any:
    if isinstance(node, Mapping):
        # once open, two alternatives may both fit, so "exactly one of" becomes "any of"
        names = {"oneOf": "anyOf"}
        return {names.get(k, k): _open(v) for k, v in node.items() if not (k in CLOSING and v is False)}
    if isinstance(node, list):
        return [_open(item) for item in node]
    return node


@lru_cache
def read_promise(path: Path | None = None) -> Promise:
    place = path or next((p for p in PLACES if p.exists()), PLACES[0])
    try:
        document = yaml.load(place.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as problem:
        raise NoDocument(f"{place}: {problem}") from problem
    if not isinstance(document, dict) or not document.get("paths"):
        raise NoDocument(f"{place}: this is no OpenAPI document with paths")
    return Promise(document)
