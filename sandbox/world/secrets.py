"""Striking out what nobody may read again: keys, lookup tokens, passcodes.

By pattern and by name, on text, so that it works on bodies that are not even JSON, and on a
key mistyped into the wrong place.
"""

import re
from collections.abc import Iterable

STRUCK_OUT = "[struck out]"

SECRET_HEADERS = {"authorization", "bardge-lookup-token", "cookie", "proxy-authorization"}
SECRET_FIELDS = ("passcode", "lookup_token", "api_key", "token")

_TOKENS = re.compile(r"\b(sk|lkpt)_[A-Za-z0-9_-]{4,}")
_NAME = r"[\w-]{0,20}(?:passcode|token|api_?key)"  # bounded: a body of nothing but dashes must cost no more
_IN_JSON = re.compile(rf'(?i)("{_NAME}"\s*:\s*)(?:"(?:[^"\\]|\\.)*("?)|(?!null\b)[A-Z0-9][^,}}\s]*)')
_IN_A_FORM = re.compile(rf"(?i)((?<![\w-]){_NAME}=)[^&\s]*")


def strike_out(text: str) -> str:
    if "sk_" in text or "lkpt_" in text:  # most texts hold neither, and a plain search costs next to nothing
        text = _TOKENS.sub(rf"\1_{STRUCK_OUT}", text)
    folded = text.lower()
    if "passcode" in folded or "token" in folded or "key" in folded:
        text = _IN_JSON.sub(_struck_in_json, text)
        text = _IN_A_FORM.sub(rf"\1{STRUCK_OUT}", text)
    return text


def _struck_in_json(found: re.Match[str]) -> str:
    closing = '"' if found[2] is None else found[2]  # a number has no quotes; a text cut short has but one
    return f'{found[1]}"{STRUCK_OUT}{closing}'


def strike_out_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {
        name: STRUCK_OUT if name.lower() in SECRET_HEADERS else strike_out(value) for name, value in headers
    }
