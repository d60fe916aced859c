"""JUnit: one test case per requirement, so that a CI server shows promises and not functions."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

# what XML 1.0 can't hold
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(document: dict[str, Any]) -> str:
    cases = document["requirements"]
    suite = Element(
        "testsuite",
        name="bardge-contract",
        timestamp=document["started"],
        time=str(document["seconds"]),
        tests=str(len(cases)),
    )
    kinds = [_case(SubElement(suite, "testcase"), entry, document["level"]) for entry in cases]
    for name in ("failure", "error", "skipped"):
        attribute = {"failure": "failures", "error": "errors", "skipped": "skipped"}[name]
        suite.set(attribute, str(kinds.count(name)))
    root = Element("testsuites")
    root.append(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(case: Element, entry: dict[str, Any], level: str) -> str:
    case.set("classname", f"{entry['section']}.{entry['rule']}")
    case.set("name", _clean(f"{entry['id']} {entry['says']}"))
    kind = _kind(entry, level)
    told = "\n".join(reason["sentence"] for reason in entry["reasons"])
    if kind != "passed":
        said = SubElement(case, kind, message=_clean(told or entry["verdict"])[:500], type=entry["verdict"])
        said.text = _clean(told)
    elif told:
        SubElement(case, "system-out").text = _clean(told)
    return kind


def _kind(entry: dict[str, Any], level: str) -> str:
    binding = entry["must"] == "MUST" and (level == "full" or entry["level"] == "core")
    if entry["stale_gap"]:
        return "failure"
    if entry["gap"]:
        return "skipped"
    if entry["verdict"] == "error":
        return "error"
    if entry["verdict"] in ("failed", "blocked"):
        return "failure" if binding else "skipped"
    return "passed" if entry["verdict"] in ("passed", "warn") else "skipped"


def _clean(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)
