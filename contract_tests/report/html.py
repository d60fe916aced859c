"""The report one would show a customer: one self-contained page, no script needed to read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

PROVENANCE = {"D": "documented", "S": "sampled", "M": "menu", "C": "chosen"}
STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def page(document: dict[str, Any]) -> str:
    return "\n".join(_page(document)) + "\n"


def _page(document: dict[str, Any]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    title = f"{document['standing']} · {document['target']}"
    yield f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
    yield from _head(document)
    for section, entries in groupby(document["requirements"], key=lambda entry: entry["section"]):
        yield f"<h2>{escape(section)}</h2>"
        for entry in entries:
            yield from _entry(entry, document["reference"])
    yield from _coverage(document["coverage"])
    yield "</body></html>"


def _head(document: dict[str, Any]) -> Iterator[str]:
    spec = document["document"]
    yield "<header><h1>Contract report</h1>"
    colour = {"CONFORMANT": "passed", "NOT CONFORMANT": "failed"}.get(document["standing"], "blocked")
    yield f'<p class="standing {colour}">{escape(document["headline"])}</p>'
    yield f"<p>Target <code>{escape(document['target'])}</code>, profile {escape(document['profile'])}, "
    yield f"{'with' if document['control'] else 'without'} a control API.</p>"
    yield f'<p class="dim">{document["started"]} · seed {document["seed"]} · {document["requests"]} requests'
    yield f" · suite {escape(document['suite_version'])} · contract {escape(document['contract'])} · "
    yield f"{escape(spec['title'])} {escape(spec['version'])} (sha256 {spec['sha256'][:12]})</p>"
    spans = [
        f'<span class="{_class(v)}"><b>{n}</b> {escape(v)}</span>' for v, n in document["counts"].items() if n
    ]
    yield f'<p class="counts">{"".join(spans)}</p>'
    if document["notes"]:
        yield "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in document["notes"]) + "</ul>"
    yield "</header>"


def _entry(entry: dict[str, Any], reference: str | None) -> Iterator[str]:
    is_open = " open" if entry["verdict"] in ("failed", "error") else ""
    chosen = " · chosen" if entry["provenance"] in "CM" and entry["verdict"] in ("failed", "warn") else ""
    yield f'<details id="{escape(entry["id"])}"{is_open}><summary>'
    yield f'<span class="v {_class(entry["verdict"])}">{escape(entry["verdict"])}{chosen}</span>'
    yield f"<code>{escape(entry['id'])}</code><span>{escape(entry['says'])}</span>"
    tag = f"{entry['must']} · {PROVENANCE[entry['provenance']]} · {entry['level']}"
    yield f'<span class="tag">{tag}</span></summary>'
    yield '<div class="inside">'
    for reason in entry["reasons"]:
        yield f'<p class="{_class(entry["verdict"])}">{escape(reason["sentence"])}</p>'
    if entry["gap"]:
        yield f"<p>Known gap: {escape(entry['gap'])}</p>"
    yield f'<p class="dim">Why it matters: {escape(entry["why"])}<br>What breaks: {escape(entry["breaks"])}'
    yield f"<br>Source: {escape(entry['source'])}{_links(entry['operations'], reference)}</p>"
    for exchange in entry["exchanges"]:
        yield from _exchange(exchange)
    yield "</div></details>"


def _links(operations: list[str], reference: str | None) -> str:
    if not operations:
        return ""
    if reference is None:
        return " · " + ", ".join(f"<code>{escape(name)}</code>" for name in operations)
    links = [f'<a href="{escape(reference)}#{escape(name)}">{escape(name)}</a>' for name in operations]
    return " · " + ", ".join(links)


def _exchange(exchange: dict[str, Any]) -> Iterator[str]:
    asked, got = exchange["request"], exchange["answer"]
    sent = f"{asked['method']} {asked['url']}\n{_lines(asked['headers'])}{_body(asked['body'])}"
    took = f"→ {got['status']} in {exchange['milliseconds']} ms"
    received = f"{took}\n{_lines(got['headers'])}{_body(got['body'])}"
    yield f"<pre>{escape(sent)}\n{escape(received)}</pre>"
    yield f"<pre>{escape(exchange['curl'])}</pre>"


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in headers.items())


def _body(text: str | None) -> str:
    if not text:
        return ""
    try:
        return "\n" + json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return "\n" + text


def _coverage(coverage: dict[str, Any]) -> Iterator[str]:
    yield "<h2>Coverage</h2><table><tr><th>operation</th><th>answers seen</th><th>error codes seen</th></tr>"
    for row in coverage["operations"]:
        seen = ", ".join(f"{status} × {n}" for status, n in row["statuses"].items()) or "never called"
        colour = "passed" if row["succeeded"] else "failed"
        yield f'<tr><td class="{colour}"><code>{escape(row["operation"])}</code></td><td>{seen}</td>'
        yield f"<td>{escape(', '.join(row['codes']))}</td></tr>"
    unseen = [row["code"] for row in coverage["codes"] if not row["seen"]]
    yield f"</table><p>Error codes of the catalogue never seen: {escape(', '.join(unseen)) or 'none'}.</p>"


def _class(verdict: str) -> str:
    return {"n/a": "na", "not tested": "not"}.get(verdict, verdict)
