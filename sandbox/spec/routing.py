"""From a method and a raw path to an operation.

Paths are compared segment by segment before percent-decoding, so an encoded slash stays inside its segment; a
trailing or doubled slash or another letter case is another path. A concrete path hides every templated one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import unquote

import msgspec

from sandbox.spec.document import Operation

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


_Found: TypeAlias = "tuple[Operation, tuple[str, ...], list[str], _Leaf]"


class Match(msgspec.Struct, frozen=True):
    operation: Operation
    path_parameters: dict[str, str]
    others: tuple[Match, ...] = ()  # operations whose paths differ in the names of their parameters alone


class NoSuchPath(msgspec.Struct, frozen=True):
    """No operation has this path."""


class WrongMethod(msgspec.Struct, frozen=True):
    """The path exists, with other methods."""

    allow: tuple[str, ...]


class _Leaf:
    """All operations of one path shape, by method; each with the names its own template gives the values."""

    __slots__ = ("methods", "others")

    def __init__(self) -> None:
        self.methods: dict[str, tuple[Operation, tuple[str, ...]]] = {}
        self.others: dict[
            str, list[tuple[Operation, tuple[str, ...]]]
        ] = {}  # of a shape and method taken already

    def add(self, operation: Operation, names: tuple[str, ...]) -> None:
        first = self.methods.setdefault(operation.method, (operation, names))
        if first[0] is not operation:
            self.others.setdefault(operation.method, []).append((operation, names))

    def asked(self, method: str) -> tuple[Operation, tuple[str, ...]] | None:
        return self.methods.get(method) or (self.methods.get("GET") if method == "HEAD" else None)


class _Node:
    __slots__ = ("leaf", "literal", "patterns", "whole")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.patterns: list[tuple[re.Pattern[str], _Node]] = []  # `{x}.json`, most literal text first
        self.whole: _Node | None = None  # `{x}`
        self.leaf: _Leaf | None = None


class Router:
    """Knows every path of a document below each of its base paths."""

    def __init__(self, operations: Iterable[Operation], base_paths: tuple[str, ...] = ("",)) -> None:
        self._concrete: dict[str, _Leaf] = {}
        self._root = _Node()
        self.unreachable: list[Operation] = []
        for operation in operations:
            if "?" in operation.path or "#" in operation.path:
                self.unreachable.append(operation)  # neither can stand in a path, so nobody can ask for it
                continue
            for base in dict.fromkeys((*operation.base_paths, *base_paths)):
                self._add(operation, base)

    def match(self, method: str, path: str) -> Match | NoSuchPath | WrongMethod:
        if "%" in path:
            path, segments = _decoded(path)
        else:
            segments = path.split("/")
        leaf = self._concrete.get(path)
        if leaf is not None:
            found = leaf.asked(method)
            return WrongMethod(tuple(leaf.methods)) if found is None else Match(found[0], {})
        allowed: dict[str, None] = {}
        reached = _search(self._root, segments, 1, method, allowed)
        if reached is not None:
            operation, names, values, leaf = reached
            others = leaf.others.get(operation.method) if leaf.others else None
            return Match(
                operation,
                dict(zip(names, values, strict=True)),
                tuple(Match(one, dict(zip(own, values, strict=True))) for one, own in others)
                if others
                else (),
            )
        return WrongMethod(tuple(allowed)) if allowed else NoSuchPath()

    def _add(self, operation: Operation, base: str) -> None:
        template = base + (operation.path if operation.path.startswith("/") else "/" + operation.path)
        names = tuple(_TEMPLATE.findall(template))
        leaf = self._leaf_of(template) if names else self._concrete.setdefault(_key(template), _Leaf())
        leaf.add(operation, names)

    def _leaf_of(self, template: str) -> _Leaf:
        node = self._root
        for segment in template.split("/")[1:]:
            node = _below(node, segment)
        if node.leaf is None:
            node.leaf = _Leaf()
        return node.leaf


def _below(node: _Node, segment: str) -> _Node:
    if not _TEMPLATE.search(segment):
        return node.literal.setdefault(unquote(segment), _Node())
    if _TEMPLATE.fullmatch(segment):
        node.whole = node.whole or _Node()
        return node.whole
    pattern = _segment_pattern(segment)
    for known, child in node.patterns:
        if known.pattern == pattern:
            return child
    child = _Node()
    node.patterns.append((re.compile(pattern, re.DOTALL), child))
    node.patterns.sort(key=lambda entry: -len(entry[0].pattern.replace("(.+?)", "").replace("(.+)", "")))
    return child


def _segment_pattern(segment: str) -> str:
    parts = _TEMPLATE.split(segment)
    literals, last = parts[::2], len(parts[::2]) - 1
    pieces: list[str] = []
    for index, literal in enumerate(literals):
        pieces.append(re.escape(unquote(literal)))
        if index < last:
            # `{owner}:{repo}`: the first colon ends the owner; the last value takes the rest
            pieces.append("(.+)" if index == last - 1 else "(.+?)")
    return "".join(pieces)


def _search(
    node: _Node, segments: list[str], depth: int, method: str, allowed: dict[str, None]
) -> _Found | None:
    """The most concrete shape that has the method; the methods of the shapes passed over are noted."""
    while depth < len(segments) and node.whole is None and not node.patterns:  # only one way to go
        only = node.literal.get(segments[depth])
        if only is None:
            return None
        node, depth = only, depth + 1
    if depth == len(segments):
        if node.leaf is None:
            return None
        found = node.leaf.asked(method)
        if found is None:
            allowed.update(dict.fromkeys(node.leaf.methods))
            return None
        return found[0], found[1], [], node.leaf
    segment = segments[depth]
    below = node.literal.get(segment)
    if below is not None:
        rest = _search(below, segments, depth + 1, method, allowed)
        if rest is not None:
            return rest
    for pattern, child in node.patterns:
        match = pattern.fullmatch(segment)
        if match is not None:
            rest = _search(child, segments, depth + 1, method, allowed)
            if rest is not None:
                rest[2][:0] = match.groups()
                return rest
    if node.whole is not None and segment:
        rest = _search(node.whole, segments, depth + 1, method, allowed)
        if rest is not None:
            rest[2].insert(0, segment)
            return rest
    return None


def _key(path: str) -> str:
    return _decoded(path)[0] if "%" in path else path


def _decoded(path: str) -> tuple[str, list[str]]:
    """The decoded segments, and a key for concrete paths in which an encoded slash differs from a real one.

    Bytes that are no UTF-8 become lone surrogates, which no schema accepts."""
    segments = [unquote(segment, errors="surrogateescape") for segment in path.split("/")]
    return "/".join(segment.replace("/", "%2F") for segment in segments), segments
