"""What was measured, as a table people read and a plot they see at a glance."""

import html
import re
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import peers

Results = dict[str, Any]


class Row(NamedTuple):
    target: str
    loads: dict[int, dict[str, Any]]  # by connections


TITLES = {
    "get_booking_status": "GET one",
    "list_client_bookings": "GET a list of 20",
    "purchase_credits": "POST purchase_credits",
    "book_class": "POST book_class, covered",
    "cancel_booking": "POST cancel_booking",
}
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
EXCEPTION = re.compile(r"[A-Za-z_][\w.]*: ")  # how a traceback names one
BAR, GAP, LEFT, WIDTH = 18, 5, 230, 640


def as_text(results: Results) -> str:
    lines = [f"{results['machine']}; {results['rounds']} rounds of {results['seconds']} s; medians", ""]
    for exercise, title in TITLES.items():
        rows = _rows(results, exercise)
        if not rows:
            continue
        lines += [f"**{title}**", "", *_table(rows), ""]
    for name, why in results["absent"].items():
        lines.append(f"- {name} is left out: {_in_a_line(why)}")
    return "\n".join(lines)


def _in_a_line(why: str) -> str:
    """What a traceback comes to: the line that names the exception, which is not always the last."""
    told = [line for line in why.splitlines() if line.strip()] or ["it did not start"]
    return next((line for line in reversed(told) if EXCEPTION.match(line)), told[-1])


def publish(results: Results, folder: Path) -> None:
    readme = folder / "README.md"
    text = readme.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{as_text(results)}\n{END}{after}")
    (folder / "speed.svg").write_text(_plot(results))


def _rows(results: Results, exercise: str) -> list[Row]:
    """One a target, what was measured under each load side by side."""
    found: dict[str, Row] = {}
    for one in results["medians"]:
        if one["exercise"] == exercise:
            found.setdefault(one["target"], Row(one["target"], {})).loads[one["connections"]] = one
    return list(found.values())


def _table(rows: list[Row]) -> list[str]:
    base = {name: _of(rows, name) for name in (peers.PRISM, peers.PRISM_SILENT)}
    head = [
        "",
        "req/s at 16",
        "p50 ms",
        "p99 ms",
        "CPU µs a request",
        "req/s at 1",
        "× Prism",
        "× Prism silent",
    ]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    for row in rows:
        one, many = row.loads[1], row.loads[16]
        cells = [
            row.target + _refused(many),
            f"{many['per_second']:,.0f}",
            f"{many['p50_ms']:.2f}",
            f"{many['p99_ms']:.2f}",
            f"{many['cpu_us']:,.0f}",
            f"{one['per_second']:,.0f}",
            *(f"{many['per_second'] / of:.1f}" if of else "" for of in base.values()),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _refused(load: Any) -> str:
    """An answer that only refuses is cheap, and says nothing about the others."""
    share = (load["refused"] + load["broken"]) / max(load["requests"], 1)
    return f" (refuses {100 * share:.0f} %)" if share else ""


def _of(rows: list[Row], name: str) -> float:
    speed: float = next((row.loads[16]["per_second"] for row in rows if row.target == name), 0.0)
    return speed


def _plot(results: Results) -> str:
    """Requests a second at sixteen connections, a bar for each target, a panel for each question."""
    panels = [(title, _rows(results, exercise)) for exercise, title in TITLES.items()]
    body: list[str] = []
    y = 30
    for title, rows in panels:
        most = max((row.loads[16]["per_second"] for row in rows), default=1)
        body.append(f'<text x="10" y="{y}" class="title">{html.escape(title)}</text>')
        y += 10
        for row in rows:
            speed = row.loads[16]["per_second"]
            kind = "ours" if row.target.startswith("Bardge") else "peer"
            middle = y + BAR - 5
            body.append(f'<text x="{LEFT - 8}" y="{middle}" class="name">{html.escape(row.target)}</text>')
            length = max(1, speed / most * (WIDTH - LEFT))
            body.append(f'<rect x="{LEFT}" y="{y}" width="{length:.0f}" height="{BAR}" class="{kind}"/>')
            body.append(f'<text x="{LEFT + length + 6:.0f}" y="{middle}">{speed:,.0f}</text>')
            y += BAR + GAP
        y += 28
    return SVG.format(width=WIDTH + 80, height=y, body="\n".join(body))


SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>Requests a second at sixteen connections</title>
<style>
  text {{ font: 12px system-ui, sans-serif; fill: #333 }}
  .title {{ font-weight: 600; font-size: 14px }}
  .name {{ text-anchor: end }}
  .ours {{ fill: #1f6f5c }}
  .peer {{ fill: #b9c2c9 }}
</style>
<rect width="100%" height="100%" fill="#fff"/>
{body}
</svg>
"""
