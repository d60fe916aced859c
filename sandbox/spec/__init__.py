"""OpenAPI documents: reading them, and holding requests and answers against them. Nobody else parses one."""

from sandbox.spec.answers import AnswerChecker, BrokenPromise
from sandbox.spec.bodies import is_json
from sandbox.spec.checking import RequestChecker, Understood
from sandbox.spec.dialect import Direction
from sandbox.spec.document import Document, Operation, Parameter
from sandbox.spec.faults import AnswerFault, BadRequest, Fault, SpecError, Trouble, UnsupportedMedia
from sandbox.spec.routing import Match, NoSuchPath, Router, WrongMethod
from sandbox.spec.schemas import Schemas
from sandbox.spec.shapes import Shape

__all__ = [
    "AnswerChecker",
    "AnswerFault",
    "BadRequest",
    "BrokenPromise",
    "Direction",
    "Document",
    "Fault",
    "Match",
    "NoSuchPath",
    "Operation",
    "Parameter",
    "RequestChecker",
    "Router",
    "Schemas",
    "Shape",
    "SpecError",
    "Trouble",
    "Understood",
    "UnsupportedMedia",
    "WrongMethod",
    "is_json",
]
