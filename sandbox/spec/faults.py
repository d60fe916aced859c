"""What can be wrong: with a document, with a request, with an answer."""

from __future__ import annotations

import msgspec


class SpecError(Exception):
    """A document that cannot be understood. The message reads "FILE:LINE: what is wrong. What to do."."""


class Trouble(msgspec.Struct, frozen=True):
    """Something in a document that does not stop the rest of it from being served."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a request, for example where="body.start_date"."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where} {self.message}"


class AnswerFault(msgspec.Struct, frozen=True):
    """One place in an answer that breaks the document's promise; path is a JSON path: `$.data[0].id`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}"


class BadRequest(Exception):
    """A request off the document, with every fault found in it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults

    @property
    def path_faults(self) -> tuple[Fault, ...]:
        """The faults of the path: an id that cannot exist names nothing, which is a 404 rather than a 400."""
        return tuple(fault for fault in self.faults if fault.where.startswith("path."))


class UnsupportedMedia(BadRequest):
    """A body in a content type the operation does not take."""
