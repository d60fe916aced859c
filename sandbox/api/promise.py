"""What openapi.yaml promises of answers, held against every one before it leaves."""

from typing import Any

from sandbox.api.call import Call, Reply
from sandbox.spec import AnswerChecker, Document, Operation, RequestChecker
from sandbox.wire import Response


class BrokenPromise(Exception):
    """An answer of ours that openapi.yaml does not allow."""


class Promise:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.requests = RequestChecker(document, strict=True)
        self._answers = AnswerChecker(document)

    def kept(self, operation: Operation, reply: Reply, seed: int) -> dict[str, Any]:
        """The body, with what a newer document requires and no handler knows of filled in."""
        faults = self._answers.faults(operation, reply.status, reply.body)
        if not faults:
            return reply.body
        raise BrokenPromise(f"{operation.id} {reply.status}: {'; '.join(map(str, faults))}")

    def generated(self, operation: Operation, call: Call, seed: int) -> Reply:
        raise NotImplementedError

    def preferred(self, operation: Operation, wish: str) -> Response | None:
        return None
