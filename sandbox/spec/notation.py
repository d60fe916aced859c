"""From the text of a JSON or YAML file to plain values, by the rules of YAML 1.2 and within limits.

PyYAML speaks YAML 1.1, where `no` is false, `12:30` is 750 and `2024-01-01` is a date. OpenAPI documents are
YAML 1.2, whose core schema knows only null, true, false and numbers; everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import yaml

from sandbox.spec.faults import SpecError

LARGEST_TEXT: Final = 64 * 1024 * 1024
DEEPEST_NESTING: Final = 250
LARGEST_EXPANSION: Final = 5_000_000

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_RESOLVERS: Final[list[tuple[str, str, str]]] = [
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", rf"^(?:{_INTEGER.pattern})$", "-+0123456789"),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$", "-+.0123456789"),
    ("merge", r"^(?:<<)$", "<"),
]
_STATUS = re.compile(r"[1-5][0-9][0-9]")
_ANCHOR_USED = re.compile(r"(?:^|[\s\[,:])\*[\w-]+", re.MULTILINE)
_LINE_LEAD = re.compile(r"^[ \t?:-]*", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]")


class Reading(msgspec.Struct):
    """What a text says, and what was odd about the way it says it."""

    value: Any
    remarks: list[str]


class _Yaml12(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's)


for _kind, _pattern, _first in _RESOLVERS:
    for _character in _first:
        _Yaml12.yaml_implicit_resolvers.setdefault("" if _character == "\0" else _character, []).append(
            (_TAG + _kind, re.compile(_pattern))
        )


def read(content: bytes, name: str) -> Reading:
    """The value written in a JSON or YAML text, with the file's name and line in any complaint."""
    text = _decode(content, name)
    if text.lstrip()[:1] in ("{", "["):
        try:
            return Reading(msgspec.json.decode(text), [])
        except RecursionError:
            raise _too_deep(name, 1) from None
        except msgspec.DecodeError:
            pass  # A YAML text may begin with a brace as well, and YAML errors know their line.
    return _Builder(name).read(text)


def line_of(content: bytes, path: list[str | int] | tuple[str | int, ...]) -> int:
    """The line, counted from 1, on which the value at this path (or its nearest ancestor) begins."""
    try:
        node = yaml.compose(content.decode("utf-8-sig"), Loader=_Yaml12)
    except (yaml.YAMLError, UnicodeDecodeError):
        return 1
    line = 0
    for step in path:
        found = _child(node, step)
        if found is None:
            break
        line, node = found
    return line + 1


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line, node.value[step]
    return None


def _decode(content: bytes, name: str) -> str:
    if len(content) > LARGEST_TEXT:
        raise SpecError(
            f"{name}:1: the file is larger than {LARGEST_TEXT >> 20} MiB. Split it or serve a part of it."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{name}:{line}: the text is not UTF-8. Save the file as UTF-8.") from None


class _Builder:
    """Builds plain values from YAML nodes; an aliased node becomes one shared value, never a copy."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.built: dict[int, Any] = {}
        self.under_way: set[int] = set()
        self.remarks: list[str] = []

    def read(self, text: str) -> Reading:
        try:
            _refuse_depth(text, self.name)
            node = yaml.compose(text, Loader=_Yaml12)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = error.problem or error.context or "this is not YAML"
            raise SpecError(f"{self.name}:{line}: {problem}. Correct the YAML here.") from None
        except yaml.YAMLError as error:
            problem = str(error).splitlines()[0]
            raise SpecError(f"{self.name}:1: {problem}. Remove what YAML does not allow.") from None
        value = None if node is None else self.build(node)
        if _ANCHOR_USED.search(text):
            _refuse_expansion(value, self.name)
        return Reading(value, self.remarks)

    def build(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        identity = id(node)
        if identity in self.built:
            return self.built[identity]
        if identity in self.under_way:
            line = node.start_mark.line + 1
            raise SpecError(f"{self.name}:{line}: an alias contains itself. Use $ref for recursion.")
        self.under_way.add(identity)
        if isinstance(node, yaml.MappingNode):
            value: Any = self.mapping(node)
        else:
            value = [self.build(child) for child in node.value]
        self.under_way.discard(identity)
        self.built[identity] = value
        return value

    def mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: list[tuple[yaml.Node, yaml.Node]] = []
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                raise SpecError(
                    f"{self.name}:{line}: a key must be a plain name, not a list or a map. Name it."
                )
            if key.tag == _TAG + "merge":
                merged.append((key, child))
                continue
            if key.value in own:
                self.remark(key, f"the key `{key.value}` stands here twice; the last one counts")
            elif key.tag == _TAG + "int" and _STATUS.fullmatch(key.value):
                self.remark(key, f"the status {key.value} is a number; quote it, a key is a text")
            own[key.value] = self.build(child)
        if not merged:
            return own
        return {**self.merge(merged), **own}

    def merge(self, sources: list[tuple[yaml.Node, yaml.Node]]) -> dict[str, Any]:
        """`<<`: the first of several sources wins; a source counts once however often it is aliased."""
        result: dict[str, Any] = {}
        for key, source in sources:
            value = self.build(source)
            for one in value if isinstance(value, list) else [value]:
                if not isinstance(one, dict):
                    line = key.start_mark.line + 1
                    raise SpecError(f"{self.name}:{line}: `<<` takes a map or a list of maps. Alias a map.")
                result = {**one, **result}
        return result

    def remark(self, node: yaml.Node, message: str) -> None:
        self.remarks.append(f"{self.name}:{node.start_mark.line + 1}: {message}")


def _scalar(node: yaml.ScalarNode) -> Any:
    tag, value = node.tag, node.value
    if tag == _TAG + "str":
        return value
    if tag == _TAG + "null":
        return None
    if tag == _TAG + "bool":
        return value.lower() == "true"
    if tag == _TAG + "int" and _INTEGER.fullmatch(value) and len(value) < 400:
        return int(value, 0) if value[:2] in ("0o", "0x") else int(value)
    if tag == _TAG + "float":
        return _number(value)
    return value


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return text if number in (float("inf"), float("-inf")) else number


def _refuse_depth(text: str, name: str) -> None:
    """libyaml's composer recurses in C, so that a few thousand brackets would end the process."""
    lead = max((len(match) for match in _LINE_LEAD.findall(text)), default=0)
    if lead <= DEEPEST_NESTING and _bracket_depth(text) <= DEEPEST_NESTING:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Yaml12):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST_NESTING:
                raise _too_deep(name, _line(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _bracket_depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark is not None else 1


def _too_deep(name: str, line: int) -> SpecError:
    return SpecError(f"{name}:{line}: nested deeper than {DEEPEST_NESTING} levels. Flatten it or use $ref.")


def _refuse_expansion(value: Any, name: str) -> None:
    """Aliases share a value, but a walk over it visits it once per alias: ten lines may mean 10^9."""
    weights: dict[int, int] = {}

    def weigh(part: Any) -> int:
        if not isinstance(part, dict | list):
            return 1
        if id(part) not in weights:
            weights[id(part)] = 1 + sum(weigh(child) for child in _children(part))
        return weights[id(part)]

    if weigh(value) > LARGEST_EXPANSION:
        raise SpecError(
            f"{name}:1: aliases make it more than {LARGEST_EXPANSION:,} values. Use $ref instead."
        )


def _children(part: dict[str, Any] | list[Any]) -> Iterator[Any]:
    return iter(part.values() if isinstance(part, dict) else part)
