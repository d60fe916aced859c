"""A small SVG for a README."""

from __future__ import annotations

from typing import Any

COLOURS = {"CONFORMANT": "#2e7d32", "NOT CONFORMANT": "#c62828"}
LABEL = "bardge contract"


def badge(document: dict[str, Any]) -> str:
    told = {"CONFORMANT": f"{document['level']} · {document['counts']['passed']} kept"}
    told["NOT CONFORMANT"] = f"{document['counts']['failed']} broken"
    value = told.get(document["standing"], "not judged")
    left, right = 7 * len(LABEL) + 12, 7 * len(value) + 12
    colour = COLOURS.get(document["standing"], "#757575")
    size = f'width="{left + right}" height="20"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{LABEL}: {value}">
<title>{LABEL}: {value}</title>
<rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2}" y="14">{LABEL}</text><text x="{left + right / 2}" y="14">{value}</text></g>
</svg>
"""
