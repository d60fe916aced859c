"""The files a document is made of, and the references between them.

Every reference is written as an address that means the same wherever it stands: `#/components/schemas/Pet`
for the document's own file, `schemas/pet.yaml#/Pet` for another one beside or below it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sandbox.spec import notation
from sandbox.spec.faults import SpecError

_ELSEWHERE = re.compile(r"""\$ref["']?\s*:\s*["']?(?![#"'\s])""")
_REFERENCE = re.compile(r"""\$ref["']?\s*:\s*["']?([^"'\s,{}]+)""")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_MAP_OF_NAMES = frozenset(
    {
        *(
            "properties",
            "patternProperties",
            "$defs",
            "definitions",
            "dependentSchemas",
            "schemas",
            "responses",
        ),
        *(
            "parameters",
            "examples",
            "requestBodies",
            "headers",
            "securitySchemes",
            "links",
            "callbacks",
            "pathItems",
        ),
        *("paths", "content", "webhooks", "encoding"),
    }
)
_DATA = frozenset({"example", "default", "const", "enum", "value"})


class BrokenReference(Exception):
    """A `$ref` that leads nowhere."""


class Sources:
    """The root file and every file reached from it; nothing outside the root file's directory is read."""

    def __init__(self, path: Path) -> None:
        self.directory = path.parent.resolve()
        self.name = path.name
        self.contents: dict[str, bytes] = {}
        self.remarks: list[str] = []
        self.trees: dict[str, Any] = {}
        self.broken: dict[str, str] = {}
        self.anchors: dict[str, dict[str, Any]] = {}
        self._direct: dict[str, tuple[str, ...]] = {}
        self.trees[""] = self._read("", path)

    @property
    def root(self) -> Any:
        return self.trees[""]

    def line_of(self, path: tuple[str | int, ...]) -> int:
        return notation.line_of(self.contents[""], path)

    def address(self, reference: str, home: str) -> str:
        """The address of a reference that stands in the file `home`."""
        file, hash_sign, pointer = reference.partition("#")
        if not file:
            file = home
        elif not _SCHEME.match(file):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(home), unquote(file)))
            file = "" if file == self.name else file
        return f"{file}#{pointer}" if hash_sign or file else "#"

    def at(self, address: str) -> Any:
        """The value at an address; BrokenReference says why there is none."""
        file, _, pointer = address.partition("#")
        value = self._tree(file)
        if pointer and not pointer.startswith("/"):
            return self._anchored(file, pointer, address)
        for step in pointer.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            value = self._step(self.followed(value), name, address)
        return value

    def followed(self, value: Any) -> Any:
        """The value itself, or what its `$ref` finally leads to."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            address = value["$ref"]
            if address in seen:
                raise BrokenReference(f"the reference {address} leads back to itself")
            seen.add(address)
            value = self.at(address)
        return value

    def broken_references(self) -> dict[str, str]:
        """Every address referred to that leads nowhere, in all the files reached, with the reason.

        They are found in the text, which is fast; one inside an example does no harm."""
        broken: dict[str, str] = {}
        seen: set[str] = set()
        files: set[str] = set()
        while pending := [file for file in self.trees if file not in files]:
            files.update(pending)
            for file in pending:
                for reference in set(_REFERENCE.findall(self.contents.get(file, b"").decode("utf-8-sig"))):
                    address = self.address(reference, file)
                    if address not in seen:
                        seen.add(address)
                        self._try(address, broken)
        return broken

    def _try(self, address: str, broken: dict[str, str]) -> None:
        try:
            self.followed({"$ref": address})
        except BrokenReference as error:
            broken[address] = str(error)

    def first_reaching(self, parts: list[Any], broken: dict[str, str]) -> str | None:
        """The first of these broken addresses that the parts refer to, directly or through others."""
        todo, seen = [reference for part in parts for reference in _references_in(part)], set[str]()
        while todo:
            address = todo.pop()
            if address in broken:
                return address
            if address not in seen:
                seen.add(address)
                if address not in self._direct:
                    self._direct[address] = tuple(_references_in(self.at(address)))
                todo += self._direct[address]
        return None

    def _step(self, value: Any, name: str, address: str) -> Any:
        if isinstance(value, dict) and name in value:
            return value[name]
        if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            return value[int(name)]
        raise BrokenReference(f"the reference {address} names nothing: there is no `{name}`")

    def _anchored(self, file: str, anchor: str, address: str) -> Any:
        if file not in self.anchors:
            self.anchors[file] = {}
            _collect_anchors(self._tree(file), self.anchors[file])
        if anchor not in self.anchors[file]:
            raise BrokenReference(f"the reference {address} names nothing: there is no $anchor `{anchor}`")
        return self.anchors[file][anchor]

    def _tree(self, file: str) -> Any:
        if file in self.broken:
            raise BrokenReference(self.broken[file])
        if file not in self.trees:
            try:
                self.trees[file] = self._open(file)
            except BrokenReference as error:
                self.broken[file] = str(error)
                raise
        return self.trees[file]

    def _open(self, file: str) -> Any:
        if _SCHEME.match(file):
            known = self._identified(file)
            if known is None:
                raise BrokenReference(
                    f"{file} is on the network, which is not asked; save a copy beside the document"
                )
            return known
        path = (self.directory / file).resolve()
        if not path.is_relative_to(self.directory):
            raise BrokenReference(f"{file} lies outside the document's directory and is not read")
        if not path.is_file():
            raise BrokenReference(f"the file {file} does not exist")
        try:
            return self._read(file, path)
        except SpecError as error:
            raise BrokenReference(str(error)) from None

    def _identified(self, uri: str) -> Any:
        """The schema that carries this `$id`, if the document itself holds it."""
        if "" not in self.anchors:
            self.anchors[""] = {}
            _collect_anchors(self.root, self.anchors[""])
        return self.anchors[""].get(uri)

    def _read(self, file: str, path: Path) -> Any:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SpecError(f"{path}: cannot be read ({error.strerror}). Name a readable file.") from None
        self.contents[file] = content
        reading = notation.read(content, file or path.name)
        self.remarks += reading.remarks
        if file or _ELSEWHERE.search(content.decode("utf-8-sig")):
            self._settle(reading.value, file)
        return reading.value

    def _settle(self, tree: Any, home: str) -> None:
        """Rewrites the references of one file into addresses, leaving examples and property names alone."""
        for node in _objects_in(tree):
            if isinstance(node.get("$ref"), str):
                node["$ref"] = self.address(node["$ref"], home)
            mapping = node.get("mapping")
            if isinstance(mapping, dict) and "propertyName" in node:
                for key, target in mapping.items():
                    if isinstance(target, str) and re.search(r"[/#.]", target):
                        mapping[key] = self.address(target, home)


def _references_in(part: Any) -> Iterator[str]:
    return (node["$ref"] for node in _objects_in(part) if isinstance(node.get("$ref"), str))


def _objects_in(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of OpenAPI itself in a tree: no map from names to them, and nothing inside an example."""
    todo: list[tuple[Any, bool]] = [(tree, False)]
    seen: set[int] = set()
    while todo:
        node, names = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            todo += [(child, False) for child in node if isinstance(child, dict | list)]
        elif isinstance(node, dict):
            if not names:
                yield node
            for key, child in node.items():
                if isinstance(child, dict | list) and (names or key not in _DATA):
                    todo.append((child, not names and key in _MAP_OF_NAMES))


def _collect_anchors(tree: Any, found: dict[str, Any]) -> None:
    todo, seen = [tree], set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            for keyword in ("$anchor", "$dynamicAnchor", "$id"):
                if isinstance(node.get(keyword), str):
                    found.setdefault(node[keyword].rstrip("#"), node)
            todo += [child for child in node.values() if isinstance(child, dict | list)]
        elif isinstance(node, list):
            todo += [child for child in node if isinstance(child, dict | list)]
