"""Loads the documents beside these tests and asks their operations."""

from functools import cache
from pathlib import Path
from typing import Any

from sandbox.spec import BadRequest, Document, Match, RequestChecker, Router, Understood
from sandbox.wire import Request

DOCUMENTS = Path(__file__).parent / "documents"
JSON = {"content-type": "application/json"}


class Asked:
    """One document with its router and checker."""

    def __init__(self, name: str, *, strict: bool) -> None:
        self.document = Document.load(DOCUMENTS / name, strict=strict)
        self.router = Router(self.document.operations, self.document.base_paths)
        self.checker = RequestChecker(self.document, strict=strict)

    def ask(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Understood:
        path, _, query = target.partition("?")
        request = Request(
            method, self.document.base_paths[0] + path, query, JSON if headers is None else headers, body
        )
        found = self.router.match(method, request.path)
        assert isinstance(found, Match), found
        return self.checker.check(found.operation, found.path_parameters, request)

    def faults(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Where -> message of everything wrong with a request."""
        try:
            understood: Any = self.ask(method, target, body, headers)
        except BadRequest as bad:
            return {fault.where: fault.message for fault in bad.faults}
        raise AssertionError(f"taken: {understood}")


@cache
def asked(name: str, *, strict: bool = False) -> Asked:
    return Asked(name, strict=strict)
