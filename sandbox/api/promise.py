"""What openapi.yaml promises of answers: held against every one before it leaves, and made up where
no handler keeps it.

So a new version of the document runs the day it is written: an operation nobody wrote a handler for
is answered from its examples and schema, and a property that a handler does not know yet is filled in.
"""

import re
from typing import Any

import msgspec

from sandbox.api.call import Call, Reply
from sandbox.api.generation import Generator, json_media
from sandbox.domain.refusals import Refusal
from sandbox.spec import AnswerChecker, Document, Operation, RequestChecker, Schemas
from sandbox.wire import Response

_WISH = re.compile(r"\b(code|example)=\"?([A-Za-z0-9_.-]+)\"?")


class Promise:
    def __init__(self, document: Document) -> None:
        self.document = document
        schemas = Schemas(document)  # shared, so that each schema is compiled once
        self.requests = RequestChecker(document, strict=True, schemas=schemas)
        self._answers = AnswerChecker(document, schemas)
        self._generator = Generator(document, schemas)

    def kept(self, operation: Operation, reply: Reply, seed: int) -> tuple[dict[str, Any], bool]:
        """The body as the document wants it, and whether something the handler lacks was filled in."""
        if not self._answers.faults(operation, reply.status, reply.body):
            return reply.body, False
        key = f"{seed}/{reply.body.get('id', '')}"
        body: dict[str, Any] = self._generator.completed(operation, reply.status, reply.body, key)
        self._answers.require(operation, reply.status, body)
        return body, True

    def generated(self, operation: Operation, call: Call, seed: int) -> Reply:
        """The same answer for the same resource, in every process, as long as the seed is the same."""
        status = next(iter(operation.success_statuses), 200)
        key = f"{seed}/{'/'.join(call.path.values())}"
        return Reply(status, self._generator.answer(operation, status, key, dict(call.path)))

    def preferred(self, operation: Operation, wish: str) -> Response | None:
        """`Prefer: code=409, example=class_full`: a documented answer, and nothing is done for it."""
        wishes = dict(_WISH.findall(wish))
        if not wishes:
            return None
        status = int(wishes["code"]) if wishes.get("code", "x").isdigit() else None
        answers = self._documented(operation)
        for documented, name, value in answers:
            if status in (None, documented) and wishes.get("example") in (None, name):
                return Response(documented, body=msgspec.json.encode(value))
        offered = ", ".join(dict.fromkeys(f"code={code}, example={name}" for code, name, _ in answers))
        message = f"header.Prefer: {operation.id} documents no such answer. It documents: {offered}."
        raise Refusal("validation_error", message, "")

    def _documented(self, operation: Operation) -> list[tuple[int, str, Any]]:
        """Every answer the document shows: status, name of the example, body."""
        shown: list[tuple[int, str, Any]] = []
        for status in sorted(int(code) for code in operation.responses if code.isdigit()):
            media = json_media(operation, status) or {}
            if "example" in media:
                shown.append((status, "example", media["example"]))
            shown += [(status, name, one["value"]) for name, one in (media.get("examples") or {}).items()]
        return shown
