"""What is inside: a CycloneDX bill of materials of everything that `pip install bardge-sandbox` brings.

    python -m tools.sbom [postgres contract] > sbom.cdx.json

Read from what is installed here, so the versions are those that were tested.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "bardge-sandbox"

# Classifiers say it in words; where a project gives no SPDX expression, these do.
SPDX = {
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "MIT": "MIT",
}


def bill(extras: Iterable[str] = ()) -> dict[str, Any]:
    names = list(closure(ROOT, frozenset(extras)))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(ROOT, "application")},
        "components": [component(name) for name in names],
        "dependencies": [
            {
                "ref": purl(name),
                "dependsOn": sorted(purl(other) for other in needs(name, extras if name == ROOT else ())),
            }
            for name in (ROOT, *names)
        ],
    }


def closure(name: str, extras: frozenset[str]) -> Iterator[str]:
    """Everything a distribution needs, in the end, by name."""
    found: dict[str, None] = {}
    waiting = list(needs(name, extras))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            waiting += needs(one)
    return iter(sorted(found))


def needs(name: str, extras: Iterable[str] = ()) -> list[str]:
    """What it requires itself, here and with these extras, of what is installed."""
    asked = [{"extra": extra} for extra in extras] or [{"extra": ""}]
    wanted: dict[str, None] = {}
    for text in metadata.requires(name) or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(
            requirement.marker.evaluate(one) for one in [*asked, {"extra": ""}]
        ):
            wanted[canonicalize_name(requirement.name)] = None
            wanted |= dict.fromkeys(_brought_by_extras(requirement))
    return [one for one in wanted if _is_installed(one)]


def component(name: str, kind: str = "library") -> dict[str, Any]:
    told = metadata.metadata(name)
    return {
        "type": kind,
        "bom-ref": purl(name),
        "name": canonicalize_name(name),
        "version": told["Version"],
        "purl": purl(name),
        "licenses": [{"expression": licence(name)}],
    }


def licence(name: str) -> str:
    told = metadata.metadata(name)
    if "License-Expression" in told:
        return str(told["License-Expression"])
    classified = [
        one.rpartition("::")[2].strip() for one in told.get_all("Classifier", []) if "License ::" in one
    ]
    known = [SPDX[one] for one in classified if one in SPDX]
    return (
        " OR ".join(sorted(set(known)))
        or str((told.get_all("License") or ["NOASSERTION"])[0]).splitlines()[0]
    )


def purl(name: str) -> str:
    return f"pkg:pypi/{canonicalize_name(name)}@{metadata.version(name)}"


def _brought_by_extras(requirement: Requirement) -> list[str]:
    return [one for extra in requirement.extras for one in needs(requirement.name, [extra])]


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(sys.argv[1:]), indent=2) + "\n")
