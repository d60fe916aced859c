"""Writes docs/errors.md, settings.md, guesses.md and requirements.md from what the code says.

python -m tools.reference            writes them
python -m tools.reference --check    says which are out of date, and exits 1
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import yaml

from contract_tests.standing import DOCUMENTED_CODES
from sandbox import places
from sandbox.errors import CATALOGUE
from sandbox.settings import ENVIRONMENT_PREFIX, Settings
from sandbox.spec import Document
from sandbox.web import reference
from sandbox.web.console import sentences

DOCS = Path(__file__).parent.parent / "docs"
MADE = "<!-- Made by `python -m tools.reference`; a test compares. -->"
KIND = {kind: means[:1].upper() + means[1:] for kind, means in reference.KINDS.items()}


# --- errors ---


def errors_page(document: Document) -> str:
    lines = [
        "# Errors, and what to do",
        MADE,
        "Every error is one envelope, whatever happened: exactly four strings.",
        '```json\n{"error": {"type": "…", "code": "…", "message": "…", "request_id": "req_…"}}\n```',
        _paragraph(
            """Let a program act on `code` and a person read `message`: it says what came, what was
            expected and what to do. `request_id` is also the `Bardge-Request-Id` header of the
            answer; the journal finds the request by it."""
        ),
        _paragraph(
            """A refusal changes nothing. A 500, or no answer at all, says nothing about what was done:
            send the same request again with the same `Idempotency-Key`."""
        ),
    ]
    answered = _operations_by_code(document)
    for entry in CATALOGUE.values():
        known = "documented" if entry.code in DOCUMENTED_CODES else "chosen"
        lines += [
            f"## `{entry.code}`",
            f"{entry.status} `{entry.type}`, {known}.",
            entry.meaning,
            f"**What to do.** {entry.cure}",
            _answered_by(answered.get(entry.code, []), len(document.operations)),
        ]
    return _page(lines)


def _operations_by_code(document: Document) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for operation in document.operations:
        for code in operation.raw.get("x-codes", ()):
            found.setdefault(code, []).append(operation.id)
    return found


def _answered_by(operations: list[str], of: int) -> str:
    if not operations:
        return "*Answered by* the route, before any operation is reached."
    if len(operations) == of:
        return "*Answered by* every operation."
    return "*Answered by* " + ", ".join(f"`{name}`" for name in operations) + "."


# --- settings ---


def settings_page(_: Document) -> str:
    rows = [_setting(one) for one in fields(Settings)]
    return _page(
        [
            "# Settings",
            MADE,
            _paragraph(
                """What `bardge-sandbox serve` can be told. A flag wins over its environment variable,
                the variable over the default. A flag that stands alone (`--only-tls`) is `1` or
                `true` as a variable. An empty variable counts as none, an empty flag is refused."""
            ),
            "\n".join(["| flag | variable | default | |", "|---|---|---|---|", *rows]),
            _paragraph(
                """In a test the same names are the fields of `sandbox.settings.Settings`:
                `create_app(Settings(database="sqlite:///file.db", seed=7))` is a Flask application
                with everything in it."""
            ),
        ]
    )


def _setting(one: Field[Any]) -> str:
    flag, variable = one.name.replace("_", "-"), ENVIRONMENT_PREFIX + one.name.upper()
    return f"| `--{flag}` | `{variable}` | {_default(one.default)} | {one.metadata['help']} |"


def _default(value: Any) -> str:
    return "off" if value is False else "" if value is None else f"`{value}`"


# --- guesses ---


def guesses_page(document: Document) -> str:
    marked = reference.marked(document.raw)
    by_kind = {kind: [one for one in document.operations if one.raw["x-provenance"] == kind] for kind in KIND}
    return _page(
        [
            "# Where this sandbox guesses",
            MADE,
            _paragraph(
                """The vendor documents little. What is known, and what was decided here, stands in
                `openapi.yaml` as `x-provenance`, on every operation, schema and error, and on a field
                where it differs from its object; this page is made from it. A client that works here
                has met our guesses where the vendor may differ: read this list before you rely on any
                of it, and run the contract suite against the real thing as soon as you can."""
            ),
            "\n".join(
                [
                    "| | | operations | fields | sentences of the contract |",
                    "|---|---|---|---|---|",
                    *(_count(kind, len(by_kind[kind]), marked) for kind in KIND),
                ]
            ),
            "## Operations that the vendor only names",
            "That they exist is known; their paths, fields and rules are ours.",
            _operations(by_kind["menu"]),
            "## Operations of our own",
            "The vendor's other operations need something like them.",
            _operations(by_kind["chosen"]),
            "## Error codes of our own",
            ", ".join(f"`{code}`" for code in CATALOGUE if code not in DOCUMENTED_CODES)
            + ". See [errors](errors.md).",
            "## Fields",
            "Object by object. What is documented or sampled is left out.",
            "\n".join(_schemas(marked)),
            "## Rules we chose",
            _paragraph(
                """Another implementation may answer differently and still be right; at level `core` the
                contract suite only reports the difference."""
            ),
            "\n".join(_chosen_rules()),
        ]
    )


def _count(kind: str, operations: int, marked: Any) -> str:
    counts = f"{operations} | {_fields_of(marked, kind)} | {_sentences_of(kind)}"
    return f"| `{kind}` | {KIND[kind]}. | {counts} |"


def _operations(operations: list[Any]) -> str:
    return "\n".join(f"- `{one.id}` (`{one.method} {one.path}`): {one.raw['summary']}" for one in operations)


def _properties(marked: Any) -> Iterator[tuple[str, str, str]]:
    """Schema, field and mark, the fields of its parts included."""
    for schema, body in marked["components"]["schemas"].items():
        for name, mark in _inside(body):
            yield schema, name, mark


def _inside(part: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(part, dict):
        return
    for name, one in part.get("properties", {}).items():
        yield before + name, one[reference.MARK]
        yield from _inside(one, f"{before}{name}.")
    yield from _inside(part.get("items"), f"{before[:-1]}[]." if before else "")
    for parts in ("allOf", "oneOf", "anyOf"):
        for one in part.get(parts, ()):
            yield from _inside(one, before)


def _fields_of(marked: Any, kind: str) -> int:
    return len({(schema, name) for schema, name, mark in _properties(marked) if mark == kind})


def _sentences_of(kind: str) -> int:
    return sum(letter == kind for rule in sentences().values() for _, letter in rule["says"])


def _schemas(marked: Any) -> Iterator[str]:
    guessed: dict[str, dict[str, list[str]]] = {}
    for schema, name, mark in _properties(marked):
        if mark in ("menu", "chosen"):
            names = guessed.setdefault(schema, {}).setdefault(mark, [])
            if f"`{name}`" not in names:
                names.append(f"`{name}`")
    for schema, marks in guessed.items():
        yield f"- **{schema}**: " + "; ".join(f"{mark} {', '.join(names)}" for mark, names in marks.items())


def _chosen_rules() -> Iterator[str]:
    for rule, told in sentences().items():
        for says, letter in told["says"]:
            if letter == "chosen":
                yield f"- {rule}: {says}"


# --- writing ---


# --- requirements ---


def requirements_page(_: Document) -> str:
    """Every sentence the contract suite judges, by section and rule."""
    contract = yaml.load(places.REQUIREMENTS.read_text(), yaml.CSafeLoader)
    rules = [rule for section in contract["sections"] for rule in section["rules"]]
    count = sum(len(rule["sentences"]) for rule in rules)
    lines = [
        "# Requirements",
        MADE,
        _paragraph(
            f"""{count} sentences, each judged on its own by `bardge-contract run`. At level core
            count those that are documented (D) or sampled (S); at level full also what only the vendor's menu
            names (M) and what was chosen where the vendor is silent (C). `bardge-contract explain ID` adds
            why a sentence matters, what breaks without it, and which test judges it."""
        ),
    ]
    for section in contract["sections"]:
        lines.append(f"## {section['name']}")
        for rule in section["rules"]:
            lines += [f"**{rule['rule']}** {rule['why']}", "\n".join(map(_requirement, rule["sentences"]))]
    return _page(lines)


def _requirement(one: dict[str, Any]) -> str:
    excluded = f" *Not tested: {one['excluded']}*" if "excluded" in one else ""
    return f"- `{one['id']}` ({one['provenance']}, {one['must']}) {one['says']}{excluded}"


PAGES: dict[str, Callable[[Document], str]] = {
    "errors.md": errors_page,
    "settings.md": settings_page,
    "guesses.md": guesses_page,
    "requirements.md": requirements_page,
}


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _page(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def pages() -> dict[Path, str]:
    document = Document.load(places.DOCUMENT)
    return {DOCS / name: write(document) for name, write in PAGES.items()}


def out_of_date() -> list[str]:
    return [path.name for path, text in pages().items() if not path.is_file() or path.read_text() != text]


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        old = out_of_date()
        if old:
            sys.stderr.write(f"Out of date: {', '.join(old)}. Write them anew: python -m tools.reference\n")
        return 1 if old else 0
    for path, text in pages().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
