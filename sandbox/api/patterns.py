"""A text that matches a regular expression of ECMA-262, as `pattern` writes them.

The expression is read once into a tree; the tree is walked with a seeded random generator. Look-arounds, word
boundaries and length limits are not solved but tried: whoever asks checks the text and asks again, with a
larger `stretch` (how far beyond their minimum repetitions go) or another seed.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Final, TypeAlias

_DIGITS: Final = string.digits
_WORD: Final = string.ascii_lowercase + string.digits
_PLAIN: Final = string.ascii_lowercase
_PRINTABLE: Final = (
    string.ascii_lowercase + string.ascii_uppercase + string.digits + " !#$%&()*+,-./:;<=>?@[]^_{|}~'\"\\`"
)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0", "a": "\a"}
_CLASSES: Final = {
    "d": _DIGITS,
    "w": _WORD + string.ascii_uppercase + "_",
    "s": " \t\n",
    "D": string.ascii_letters + "-_ ",
    "W": " -.,:/",
    "S": string.ascii_letters + string.digits + "-_.",
}
_PROPERTIES: Final = {
    "L": string.ascii_letters + "éüñ",
    "Lu": string.ascii_uppercase,
    "Ll": string.ascii_lowercase,
    "N": _DIGITS,
    "Nd": _DIGITS,
    "P": ".,;:!?-",
    "S": "+=<>$",
    "Z": " ",
    "Zs": " ",
    "M": "",
    "C": "",
}
_MOST_REPEATS: Final = 100_000
_LONGEST: Final = 20_000


class Unreadable(ValueError):
    """A regular expression this reader does not understand."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set."""

    choices: str


@dataclass(frozen=True, slots=True)
class Repeat:
    node: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Sequence:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    node: Node
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a group matched, again."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A positive look-ahead: its text is a hint of what must come, used where nothing else comes."""

    node: Node


@dataclass(frozen=True, slots=True)
class Nothing:
    """Anchors, boundaries and negative look-arounds: they take no text."""

    sign: str = ""


Node: TypeAlias = Characters | Repeat | Sequence | Either | Group | Back | Ahead | Nothing


def text_like(pattern: str, random: Random, stretch: int = 0) -> str:
    """A text the pattern probably matches; Unreadable where the pattern is beyond this reader."""
    return _Writer(random, stretch).write(_tree(pattern))


def is_anchored(pattern: str) -> bool:
    return pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith(r"\$")


@lru_cache(maxsize=512)
def _tree(pattern: str) -> Node:
    try:
        return _Reader(pattern).whole()
    except RecursionError:
        raise Unreadable(pattern[:60]) from None


@dataclass(slots=True)
class _Reader:
    pattern: str
    at: int = 0
    groups: int = 0
    ignoring_case: bool = field(default=False)

    def whole(self) -> Node:
        node = self.alternatives()
        if self.at < len(self.pattern):
            raise Unreadable(f"{self.pattern[:60]}: a bracket closes that was never opened")
        return node

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise Unreadable(f"{self.pattern[:60]}: it ends too early")
        character = self.pattern[self.at]
        self.at += 1
        return character

    def alternatives(self) -> Node:
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def sequence(self) -> Node:
        nodes: list[Node] = []
        while self.at < len(self.pattern) and not self.peek("|") and not self.peek(")"):
            nodes.append(self.repeated(self.atom()))
        return nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))

    def repeated(self, node: Node) -> Node:
        while self.at < len(self.pattern):
            bounds = self.bounds()
            if bounds is None:
                break
            least, most = bounds
            self.take("?") or self.take("+")
            node = Repeat(node, min(least, _MOST_REPEATS), most)
        return node

    def bounds(self) -> tuple[int, int | None] | None:
        if self.take("*"):
            return 0, None
        if self.take("+"):
            return 1, None
        if self.take("?"):
            return 0, 1
        end = self.pattern.find("}", self.at)
        if not self.peek("{") or end < 0:
            return None
        least, comma, most = self.pattern[self.at + 1 : end].partition(",")
        if not least.strip().isdecimal() or (most.strip() and not most.strip().isdecimal()):
            return None
        self.at = end + 1
        return int(least), (int(most) if most.strip() else None if comma else int(least))

    def atom(self) -> Node:
        character = self.next()
        if character == "(":
            return self.group()
        if character == "[":
            return Characters(self.character_class())
        if character == "\\":
            return self.escape()
        if character == ".":
            return Characters(_WORD)
        if character in "^$":
            return Nothing(character)
        return Characters(character)

    def group(self) -> Node:
        if self.take("?="):
            return Ahead(self.closed())
        if self.take("?!") or self.take("?<!") or self.take("?<="):
            self.closed()
            return Nothing()
        if self.take("?<") or self.take("?P<"):
            end = self.pattern.find(">", self.at)
            if end < 0:
                raise Unreadable(self.pattern[:60])
            name = self.pattern[self.at : end]
            self.at = end + 1
            return self.numbered(name)
        if self.take("?:") or self.take("?>"):
            return self.closed()
        if self.peek("?"):
            return self.flagged()
        return self.numbered("")

    def numbered(self, name: str) -> Node:
        self.groups += 1
        number = self.groups
        return Group(self.closed(), number, name)

    def flagged(self) -> Node:
        """`(?i)` for all that follows, `(?i:…)` for a group: lower case matches either way."""
        while self.next() not in ":)":
            pass
        return self.closed() if self.pattern[self.at - 1] == ":" else Nothing()

    def closed(self) -> Node:
        node = self.alternatives()
        if not self.take(")"):
            raise Unreadable(f"{self.pattern[:60]}: a bracket is not closed")
        return node

    def escape(self) -> Node:
        character = self.next()
        if character in "bBAZzG":
            return Nothing()
        if character == "k" and self.take("<"):
            end = self.pattern.index(">", self.at)
            name, self.at = self.pattern[self.at : end], end + 1
            return Back(0, name)
        if character in "123456789":
            return Back(int(character), "")
        return Characters(self.escaped(character))

    def escaped(self, character: str) -> str:
        if character in _CLASSES:
            return _CLASSES[character]
        if character in "pP":
            return self.property(negated=character == "P")
        if character == "x":
            return self.code(2)
        if character == "u":
            if self.take("{"):
                end = self.pattern.index("}", self.at)
                code, self.at = self.pattern[self.at : end], end + 1
                return chr(int(code, 16))
            return self.code(4)
        if character == "c":
            return chr(ord(self.next().upper()) % 32)
        return _ESCAPED.get(character, character)

    def code(self, digits: int) -> str:
        text = self.pattern[self.at : self.at + digits]
        try:
            code = int(text, 16)
        except ValueError:
            return "x" if digits == 2 else "u"
        self.at += digits
        return chr(code) if not 0xD800 <= code <= 0xDFFF else ""

    def property(self, *, negated: bool) -> str:
        if not self.take("{"):
            name = self.next()
        else:
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise Unreadable(self.pattern[:60])
            name, self.at = self.pattern[self.at : end], end + 1
        name = {"Letter": "L", "Number": "N", "Punctuation": "P", "Alphabetic": "L"}.get(name, name)
        if negated:
            return _PRINTABLE if name[:1] in "CMZ" else " -.,"
        if "=" in name:
            scripts = {"Han": "漢字", "Cyrillic": "абв", "Greek": "αβγ"}
            return scripts.get(name.partition("=")[2], _PLAIN)
        return _PROPERTIES.get(name, _PROPERTIES.get(name[:1], _PLAIN))

    def character_class(self) -> str:
        negated = self.take("^")
        chosen: list[str] = []
        if self.peek("]") and "]" in self.pattern[self.at + 1 :] and not negated:
            self.at += 1
            return ""  # `[]` matches nothing
        while not self.take("]"):
            chosen.append(self.class_item())
        found = "".join(dict.fromkeys("".join(chosen)))
        if not negated:
            return found
        left = "".join(character for character in _PRINTABLE if character not in found)
        return left or "漢é☃"

    def class_item(self) -> str:
        if self.take("[:"):
            end = self.pattern.find(":]", self.at)
            name, self.at = self.pattern[self.at : end], end + 2
            return {"digit": _DIGITS, "upper": string.ascii_uppercase, "space": " "}.get(name, _PLAIN)
        first = self.class_character()
        if len(first) == 1 and self.peek("-") and not self.peek("-]"):
            self.at += 1
            last = self.class_character()
            if len(last) != 1:
                return first + "-" + last
            return _span(first, last)
        return first

    def class_character(self) -> str:
        character = self.next()
        if character != "\\":
            return character
        character = self.next()
        return "\b" if character == "b" else self.escaped(character)


def _span(first: str, last: str) -> str:
    """At most a hundred characters of a range, printable ones first: `[\\x00-\\uFFFF]` is all of them."""
    low, high = ord(first), ord(last)
    printable = [character for character in _PRINTABLE if low <= ord(character) <= high]
    if len(printable) >= 10:
        return "".join(printable)
    codes = [code for code in range(low, min(high, low + 100) + 1) if not 0xD800 <= code <= 0xDFFF]
    return "".join(printable) + "".join(map(chr, codes))


class _Writer:
    def __init__(self, random: Random, stretch: int) -> None:
        self.random = random
        self.stretch = stretch
        self.groups: dict[int | str, str] = {}
        self.length = 0

    def write(self, node: Node) -> str:
        if isinstance(node, Characters):
            if not node.choices:
                raise Unreadable("an empty set of characters")
            self.length += 1
            return self.random.choice(node.choices)
        if isinstance(node, Sequence):
            return self.sequence(node)
        if isinstance(node, Either):
            return self.write(self.random.choice(node.nodes))
        if isinstance(node, Repeat):
            return self.repeat(node)
        if isinstance(node, Group):
            text = self.write(node.node)
            self.groups[node.number] = text
            if node.name:
                self.groups[node.name] = text
            return text
        if isinstance(node, Back):
            return self.groups.get(node.name or node.number, "")
        return ""

    def sequence(self, node: Sequence) -> str:
        hints = [self.write(part.node) for part in node.nodes if isinstance(part, Ahead)]
        body = "".join(self.write(part) for part in node.nodes if not isinstance(part, Ahead))
        if not hints:
            return body
        hint = "".join(hints)  # `^(?=.*[a-z])(?=.*\d).{8,}$`: what is looked for, then as much as is wanted
        return hint + body[len(hint) :]

    def repeat(self, node: Repeat) -> str:
        most = node.least + self.stretch if node.most is None else min(node.most, node.least + self.stretch)
        if node.most is None and node.least == 0 and self.stretch == 0:
            most = 0
        count = most if self.stretch else node.least
        pieces: list[str] = []
        for _ in range(count):
            if self.length > _LONGEST:
                break
            pieces.append(self.write(node.node))
        return "".join(pieces)
