"""The settings, in one table: help, README and environment variables come from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

ENVIRONMENT_PREFIX = "BARDGE_SANDBOX_"

_LARGEST_SEED = 2**53 - 1  # what a scenario file, and any JSON number, can say again
_SENDABLE = re.compile(r"[!-~]+")
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


class BadSetting(Exception):
    """A setting that cannot be what it says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What `bardge-sandbox serve` can be told, by flag or by environment variable."""

    host: str = field(
        default="127.0.0.1", metadata={"help": "Address to listen on; loopback unless you say otherwise."}
    )
    port: int = field(default=4010, metadata={"help": "Port to listen on; 0 takes a free one and prints it."})
    database: str = field(
        default="sqlite://",
        metadata={"help": "Where worlds are kept: sqlite:// (memory), sqlite:///file.db, postgresql://…"},
    )
    spec: str | None = field(
        default=None, metadata={"help": "Mock this OpenAPI document instead of the Bardge API."}
    )
    scenario: str | None = field(
        default=None, metadata={"help": "Load this scenario into the default world."}
    )
    seed: int = field(
        default=1, metadata={"help": "The crowd around the cast, ids and chance follow from it."}
    )
    now: str | None = field(
        default=None, metadata={"help": "Start the default world's clock at this RFC 3339 moment."}
    )
    workers: int = field(
        default=1, metadata={"help": "Processes; more than one needs a database that is not in memory."}
    )
    control_token: str | None = field(
        default=None,
        metadata={"help": "The control API asks for it; without one it is open on loopback, off elsewhere."},
    )
    allow_host: str | None = field(
        default=None,
        metadata={"help": "A further Host name, e.g. of a proxy, by which the control API may be called."},
    )
    only_tls: bool = field(
        default=False,
        metadata={"help": "Refuse what did not come through TLS (behind a proxy: X-Forwarded-Proto)."},
    )
    journal: int = field(default=1000, metadata={"help": "How many requests each world's journal keeps."})
    report: str | None = field(
        default=None, metadata={"help": "A contract suite's report folder to show in the console."}
    )

    def __post_init__(self) -> None:
        for one in fields(self):
            if getattr(self, one.name) == "":
                raise BadSetting(
                    f"--{one.name.replace('_', '-')} is empty. Give it a value, or leave it out."
                )
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise BadSetting(f"--seed is {self.seed}; a seed lies between 0 and {_LARGEST_SEED}.")
        if self.journal < 0:
            raise BadSetting(f"--journal is {self.journal}; it keeps 0 requests or more.")
        if self.control_token is not None and not _SENDABLE.fullmatch(self.control_token):
            # The value stays untold: it may be most of a real token.
            raise BadSetting("--control-token has a blank or a letter no header carries; use visible ASCII.")


def from_environment(environment: Mapping[str, str], given: Mapping[str, Any]) -> Settings:
    """Flags win over the environment, the environment over the defaults."""
    values: dict[str, Any] = {}
    for one in fields(Settings):
        text = environment.get(ENVIRONMENT_PREFIX + one.name.upper())
        if given.get(one.name) is not None:
            values[one.name] = given[one.name]
        elif text:  # an empty variable is one that was never set, as shells and pipelines leave them
            values[one.name] = _typed(one.name, text, type(one.default))
    return Settings(**values)


def _typed(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if (said := text.strip().lower()) not in _YES | _NO:
            raise BadSetting(f"{ENVIRONMENT_PREFIX}{name.upper()} is '{text}'; 1 or 0 is wanted.")
        return said in _YES
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise BadSetting(
                f"{ENVIRONMENT_PREFIX}{name.upper()} is '{text}'; a whole number is wanted."
            ) from None
    return text
