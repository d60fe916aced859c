"""Striking out what nobody may read again: keys, lookup tokens, passcodes.

By pattern and by name, on text, so that it works on bodies that are not even JSON, and on a
key mistyped into the wrong place.
"""

import re
from collections.abc import Iterable

STRUCK_OUT = "[struck out]"

SECRET_HEADERS = {"authorization", "bardge-lookup-token", "cookie", "proxy-authorization"}
SECRET_FIELDS = ("passcode", "lookup_token", "api_key", "token")

_QUOTED = tuple(f'"{name}"' for name in SECRET_FIELDS)
_TOKENS = re.compile(r"\b(sk|lkpt)_[A-Za-z0-9_-]{4,}")
_FIELDS = re.compile(rf'("(?:{"|".join(SECRET_FIELDS)})"\s*:\s*)"[^"]*("?)')


def strike_out(text: str) -> str:
    if "sk_" in text or "lkpt_" in text:  # most texts hold neither, and a plain search costs next to nothing
        text = _TOKENS.sub(rf"\1_{STRUCK_OUT}", text)
    if any(quoted in text for quoted in _QUOTED):
        text = _FIELDS.sub(rf'\1"{STRUCK_OUT}\2', text)
    return text


def strike_out_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {
        name: STRUCK_OUT if name.lower() in SECRET_HEADERS else strike_out(value) for name, value in headers
    }
