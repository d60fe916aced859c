"""What a file of settings can't say: every request gets an Idempotency-Key of its own.

Schemathesis sends the document's example key again and again with other bodies, and is then told 409 each
time, before anything else about the request is looked at.
"""

import itertools
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

NAME = "Idempotency-Key"
NUMBERS = itertools.count(1)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    if NAME not in (case.headers or {}) or case.meta is None:
        return
    headers = case.meta.components.get(ParameterLocation.HEADER)
    if headers is not None and not headers.mode.is_negative:
        case.headers[NAME] = f"witness-{next(NUMBERS)}"
