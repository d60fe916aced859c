"""Mutants: one file of the domain with one thing in it written wrong, made by rule and not by hand.

An operator takes a node of the syntax tree and yields what is to be replaced, with what. That goes into the
text where the node stood; the rest of the file is as it was, comments and all.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

DOMAIN = Path(__file__).resolve().parents[2] / "sandbox" / "domain"

OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OTHER_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}
OTHER_NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "rising": "falling",
    "falling": "rising",
}
# what a function that promises this much could answer instead
OTHER_RETURNS: dict[str, tuple[object, ...]] = {
    "bool": (True, False),
    "None": (None,),
    "int": (0,),
    "str": ("",),
    "list": ([],),
    "tuple": ((),),
}
# what only tells a reader something: no promise is about it
PROSE = {"message", "why", "remedy", "when", "hint", "advice", "text", "hours"}
PROSE_FUNCTIONS = {"naira", "__init__"}

Node: TypeAlias = ast.stmt | ast.expr
Change: TypeAlias = tuple[Node, ast.AST]


class Place(NamedTuple):
    """A node, with the function it stands in and what that function says it returns."""

    function: str
    returns: str
    node: ast.AST


@dataclass(frozen=True, slots=True)
class Mutant:
    file: str  # visits.py
    function: str  # take, or Hold.alive; empty for what a module says by itself
    nth: int  # of its function
    first_line: int
    last_line: int
    was: str
    becomes: str
    source: str  # of the whole file, with the one change

    @property
    def name(self) -> str:
        return f"{self.file.removesuffix('.py')}.{self.function or '(module)'}#{self.nth}"

    @property
    def module(self) -> str:
        return f"sandbox.domain.{self.file.removesuffix('.py')}"

    @property
    def lines(self) -> range:
        return range(self.first_line, self.last_line + 1)

    @property
    def content(self) -> tuple[str, str, str, str]:
        """What it is wherever it stands: line numbers change with every edit above."""
        return self.file, self.function, self.was, self.becomes


def mutants(folder: Path = DOMAIN) -> list[Mutant]:
    """All there are, in the order of files and lines: the same ones every time."""
    pages = [Page(file, file.read_text("utf-8")) for file in sorted(folder.glob("*.py"))]
    siblings = _siblings(page.tree for page in pages)
    return [mutant for page in pages for mutant in page.mutants(siblings)]


@dataclass(frozen=True)
class Page:
    """One file, and where its nodes stand in it."""

    file: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines(keepends=True)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(map(len, self._lines))]

    def mutants(self, siblings: dict[str, str]) -> Iterator[Mutant]:
        counted: Counter[str] = Counter()
        seen: set[str] = set()
        for place in _places(self.tree):
            for node, other in _changes(place, siblings):
                source = self._with(node, other)
                if source not in seen and ast.dump(other) != ast.dump(node):
                    seen.add(source)
                    counted[place.function] += 1
                    yield self._mutant(place.function, counted[place.function], node, source)

    def _mutant(self, function: str, nth: int, node: Node, source: str) -> Mutant:
        last = node.end_lineno or node.lineno
        below = len(self._lines) - last
        after = source.splitlines(keepends=True)
        was = _squeezed(self._lines[node.lineno - 1 : last])
        becomes = _squeezed(after[node.lineno - 1 : len(after) - below])
        return Mutant(self.file.name, function, nth, node.lineno, last, was, becomes, source)

    def _with(self, node: Node, other: ast.AST) -> str:
        words = ast.unparse(other)
        if not isinstance(other, ast.Constant | ast.Name | ast.Attribute | ast.stmt):
            words = f"({words})"
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return self.text[:start] + words + self.text[end:]

    def _offset(self, line: int, column: int) -> int:
        """ast counts a line's columns in bytes."""
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)


def _squeezed(lines: Iterable[str]) -> str:
    return " ".join("".join(lines).split())


# --- which places are looked at -------------------------------------------------------------


def _places(node: ast.AST, function: str = "", returns: str = "") -> Iterator[Place]:
    for child in _parts(node):
        if _only_tells(child):
            continue
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            name = f"{function}.{child.name}".lstrip(".")
            promised = getattr(child, "returns", None)
            yield from _places(child, name, ast.unparse(promised) if promised else "")
        else:
            yield Place(function, returns, child)
            yield from _places(child, function, returns)


def _parts(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.FunctionDef):
        defaults = [default for default in [*node.args.defaults, *node.args.kw_defaults] if default]
        return [*defaults, *node.body]
    if isinstance(node, ast.ClassDef):
        return [*node.body]
    if isinstance(node, ast.AnnAssign):
        names_only = ast.unparse(node.annotation).startswith(("TypeAlias", "ClassVar"))
        return [node.value] if node.value and not names_only else []
    return list(ast.iter_child_nodes(node))


def _only_tells(node: ast.AST) -> bool:
    """Imports, names of types, docstrings, messages: nothing that a promise is about."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Assert):
        return True
    if isinstance(node, ast.FunctionDef):
        return node.name in PROSE_FUNCTIONS
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value) == "Literal"
    if isinstance(node, ast.Assign):
        names = [
            name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
        ]
        return bool(PROSE & set(names))
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _siblings(trees: Iterable[ast.Module]) -> dict[str, str]:
    """For every word of a vocabulary the next one: of a `Literal[...]`, or of the codes of refusals."""
    families: list[list[str]] = []
    codes: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            families.append([str(one.value) for one in ast.walk(node.slice) if isinstance(one, ast.Constant)])
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refusal":
            codes.add(str(getattr(node.args[0], "value", "")))
    following: dict[str, str] = {}
    for family in [*families, sorted(codes)]:
        for word, after in pairwise([*family, family[0]]):
            following.setdefault(word, after)
    return following


# --- what might stand there instead ---------------------------------------------------------


def _changes(place: Place, siblings: dict[str, str]) -> Iterator[Change]:
    node = place.node
    for kind, operator in OPERATORS.items():
        if isinstance(node, kind):
            yield from operator(node)
    if isinstance(node, ast.Constant) and node.value in siblings:
        yield node, ast.Constant(siblings[node.value])
    if isinstance(node, ast.Return) and node.value is not None:
        for promised, others in OTHER_RETURNS.items():
            if promised in place.returns.replace("[", " ").split():
                yield from ((node.value, ast.parse(repr(other), mode="eval").body) for other in others)


def _compared(node: ast.Compare) -> Iterator[Change]:
    for nth, sign in enumerate(node.ops):
        for other in OTHER_COMPARISONS[type(sign)]:
            changed = copy.deepcopy(node)
            changed.ops[nth] = other()
            yield node, changed


def _joined(node: ast.BoolOp) -> Iterator[Change]:
    """`or` for `and`, and each condition forgotten."""
    yield node, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for forgotten in node.values:
        kept = [value for value in node.values if value is not forgotten]
        yield node, ast.BoolOp(node.op, kept) if len(kept) > 1 else kept[0]


def _signed(node: ast.UnaryOp) -> Iterator[Change]:
    yield node, node.operand


def _summed(node: ast.BinOp) -> Iterator[Change]:
    of_text = any(isinstance(getattr(side, "value", None), str) for side in (node.left, node.right))
    other = OTHER_SUMS.get(type(node.op))
    if other is not None and not of_text:
        yield node, ast.BinOp(node.left, other(), node.right)


def _counted(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield node, ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from ((node, ast.Constant(node.value + change)) for change in (1, -1))


def _guarded(node: ast.If) -> Iterator[Change]:
    """Never, and where nothing is refused, always."""
    yield node.test, ast.Constant(False)
    if not isinstance(node.body[-1], ast.Raise):
        yield node.test, ast.Constant(True)


def _chosen(node: ast.IfExp) -> Iterator[Change]:
    yield from ((node, side) for side in (node.body, node.orelse))


def _filtered(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Iterator[Change]:
    yield from ((test, ast.Constant(True)) for part in node.generators for test in part.ifs)


def _done(node: ast.Expr | ast.AugAssign) -> Iterator[Change]:
    """Forgotten."""
    yield node, ast.Pass()


def _called(node: ast.Call) -> Iterator[Change]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in OTHER_NAMES:
        yield called, ast.Name(OTHER_NAMES[called.id])
    if isinstance(called, ast.Attribute) and called.attr in OTHER_NAMES:
        yield called, ast.Attribute(called.value, OTHER_NAMES[called.attr])
    if ast.unparse(called).endswith("replace"):  # a field that is not written
        for forgotten in node.keywords:
            kept = [keyword for keyword in node.keywords if keyword is not forgotten]
            yield node, ast.Call(called, node.args, kept)


OPERATORS: dict[type[ast.AST] | tuple[type[ast.AST], ...], Callable[..., Iterator[Change]]] = {
    ast.Compare: _compared,
    ast.BoolOp: _joined,
    ast.UnaryOp: _signed,
    ast.BinOp: _summed,
    ast.Constant: _counted,
    (ast.If, ast.While): _guarded,
    ast.IfExp: _chosen,
    (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp): _filtered,
    (ast.Expr, ast.AugAssign): _done,
    ast.Call: _called,
}
