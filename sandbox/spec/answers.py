"""Answers held against the document: nothing leaves that it does not allow."""

from __future__ import annotations

from typing import Any

from sandbox.spec import bodies
from sandbox.spec.document import Document, Operation
from sandbox.spec.faults import AnswerFault
from sandbox.spec.schemas import Schemas
from sandbox.spec.shapes import Shape
from sandbox.spec.wording import faults_of


class BrokenPromise(Exception):
    """An answer of ours that the document does not allow."""


class AnswerChecker:
    """Holds answers against the document; on the hot path one question to a compiled validator."""

    def __init__(self, document: Document, schemas: Schemas | None = None) -> None:
        self.schemas = schemas or Schemas(document)
        self.strict = document.strict
        self._shapes: dict[tuple[str, int], Shape | None] = {}

    def faults(self, operation: Operation, status: int, body: Any) -> tuple[AnswerFault, ...]:
        key = (operation.id, status)
        if key in self._shapes:
            shape = self._shapes[key]
        else:
            if operation.response(status) is None:
                return (
                    AnswerFault("$", f"has the status {status}, which {operation.id} does not document."),
                )
            shape = self._shape(operation, status)
            if self.strict:
                self._shapes[key] = shape
        if shape is None or shape.is_valid(body):
            return ()
        return tuple(AnswerFault(fault.where, fault.message) for fault in faults_of(shape, body, "$")) or (
            AnswerFault("$", "holds what JSON cannot express."),
        )

    def require(self, operation: Operation, status: int, body: Any) -> None:
        """An answer that is off the document is not given."""
        faults = self.faults(operation, status, body)
        if faults:
            raise BrokenPromise(f"{operation.id} {status}: {'; '.join(map(str, faults))}")

    def _shape(self, operation: Operation, status: int) -> Shape | None:
        """The shape of this status's JSON; kept for our own document, while a mock's are many and large."""
        response = operation.response(status) or {}
        for media_type, media in response.get("content", {}).items():
            if bodies.is_json(bodies.media_type_of(media_type)) and "schema" in media:
                return self.schemas.shape(media["schema"], "answer", f"{operation.id} {status}")
        return None
