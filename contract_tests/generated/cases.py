"""openapi.yaml as Schemathesis wants it, and what turns its cases into useful ones."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from contract_tests.promise import Promise

MAX_EXAMPLES = 12
EXAMPLES = ("example", "examples")
# Sentences of the contract that a schema can't say, so that a valid request may still be refused with 400:
# cursors must exist, lat goes with lon, dates have an order, a start may be long past, a code may be wrong.
MAY_REFUSE = {
    "issue_pass",
    "update_issued_pass_expiry",
    "rotate_passcode",
    "get_class",
    "list_gym_copay_options",
    "quote_spa_copay",
    "book_class",
    "book_spa",
    "confirm_class_booking",
    "confirm_access_code",
    "purchase_copay",
    "verify_lookup",
    "reschedule_booking",
    "create_access_code",
}
ALLOWED = ["2xx", "401", "403", "404", "409", "429"]


def schema_of(promise: Promise, seed: int, base_url: str, *, mode: str = "all") -> BaseSchema:
    """The document without its examples: they name things that are not this run's to change.

    `mode`: `positive` is what keeps to the document, `all` also what does not.
    """
    config = SchemathesisConfig.from_dict(_settings(seed, mode))
    schema = schemathesis.openapi.from_dict(_without_examples(promise.document), config=config)
    schema.config.update(base_url=base_url)
    return schema


def _settings(seed: int, mode: str) -> dict[str, Any]:
    return {
        "seed": seed,
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},
        "generation": {
            "deterministic": True,
            "mode": mode,
            "max-examples": MAX_EXAMPLES,
            "with-security-parameters": False,
        },
        "phases": {
            "fuzzing": {"error-feedback": {"enabled": False}},
            "coverage": {"unexpected-methods": ["PUT", "PATCH"]},
            "stateful": {"inference": {"algorithms": []}},
        },
        "checks": {"positive_data_acceptance": {"expected-statuses": ALLOWED}},
        "operations": [
            {
                "include-operation-id": sorted(MAY_REFUSE),
                "checks": {"positive_data_acceptance": {"expected-statuses": [*ALLOWED, "400"]}},
            }
        ],
    }


def _without_examples(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this mapping are names (of properties, say), not keywords."""
    if isinstance(node, Mapping):
        return {
            key: _without_examples(value, names=key == "properties" and not names)
            for key, value in node.items()
            if names or key not in EXAMPLES
        }
    if isinstance(node, list):
        return [_without_examples(item) for item in node]
    return copy.copy(node)


def steer(case: Any, known: Mapping[str, str]) -> None:
    """Puts ids of our own where a valid case has made-up ones, so that it gets past the door."""
    path = case.operation.path
    for name in list(case.path_parameters or {}):
        found = known.get(path) or known.get(f"{path.split('/')[1]}/{name}") or known.get(name)
        if found and not _negative(case, "path"):
            case.path_parameters[name] = found
    if not _negative(case, "query"):
        for name in ("starting_after", "ending_before", "lat", "lon"):
            (case.query or {}).pop(name, None)
    if isinstance(case.body, dict) and not _negative(case, "body"):
        for name in case.body.keys() & known.keys():
            case.body[name] = known[name]


def _negative(case: Any, component: str) -> bool:
    if case.meta is None:
        return True
    return any(
        location.value == component and info.mode.is_negative
        for location, info in case.meta.components.items()
    )
