"""Who may use the control API: the tester, and no web page that happens to be open beside it.

A browser tells where a request comes from (`Origin`, `Sec-Fetch-Site`) and which name it
looked up (`Host`); a page of another site, or one whose name was bent to this machine, is known
by them. Forms cannot send JSON, so what is not JSON is refused. Beyond loopback only a token
opens.
"""

import hmac
import re
from dataclasses import dataclass
from ipaddress import ip_address

from sandbox.control.refusals import refused
from sandbox.domain.refusals import Refusal
from sandbox.settings import Settings
from sandbox.wire import JSON, Request

BODY_LIMIT = 8 * 2**20

_HOST = re.compile(
    r"(?P<name>[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:(?P<port>[0-9]{1,5}))?"
)
_BEARER = re.compile(r"[Bb]earer +([\x21-\x7e]+)")
_SAME_SITE = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Guard:
    token: str | None
    on_loopback: bool  # the server listens for this machine only
    hosts: frozenset[str] = frozenset()  # names beside loopback's by which it may be called

    @classmethod
    def of(cls, settings: Settings) -> "Guard":
        named = {settings.host, settings.allow_host or settings.host}
        return cls(settings.control_token, _is_loopback(settings.host), frozenset(map(str.lower, named)))

    @property
    def is_shut(self) -> bool:
        """Nobody is let in: whoever is beyond this machine would need a token, and there is none."""
        return self.token is None and not self.on_loopback

    def admit(self, request: Request) -> None:
        """Lets the request pass, or raises the refusal that says how to be let in."""
        self._admit_host(request)
        _admit_origin(request)
        self._admit_caller(request)
        _admit_body(request)

    def _admit_host(self, request: Request) -> None:
        host = (request.header("host") or "").lower()
        found = _HOST.fullmatch(host)
        if found is None or int(found["port"] or 0) > 65535:
            raise _foreign_host("The Host header is missing, doubled or malformed.")
        name = found["name"].strip("[]")
        # With a token set, the token decides: a page that bends a name to this machine doesn't know it.
        if not (_is_loopback(name) or name in self.hosts or self.token is not None):
            raise _foreign_host(f"The Host header names '{name[:100]}', which is not this server.")

    def _admit_caller(self, request: Request) -> None:
        if self.is_shut:
            message = (
                "The control API is off: this server listens beyond this machine and has no control token. "
                "Start it with --control-token, and send it as `Authorization: Bearer TOKEN`."
            )
            raise refused("control_off", message)
        if self.token is None:
            return
        sent = _BEARER.fullmatch((request.header("authorization") or "").strip())
        if sent is None or not hmac.compare_digest(sent[1].encode(), self.token.encode()):
            message = (
                "The control token is missing or wrong. Send `Authorization: Bearer TOKEN`, "
                "with the token this server was started with."
            )
            raise refused("invalid_control_token", message)


def _is_loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _admit_origin(request: Request) -> None:
    site = request.header("sec-fetch-site")
    if site is not None and site not in _SAME_SITE:
        raise _foreign_origin(f"A page of another site sent this (Sec-Fetch-Site: {site[:40]}).")
    origin = request.header("origin")
    if origin is None:
        return
    host = (request.header("host") or "").lower()
    if origin.lower() not in (f"http://{host}", f"https://{host}"):
        raise _foreign_origin(f"The request comes from the origin '{origin[:200]}'.")


def _admit_body(request: Request) -> None:
    if request.too_large or len(request.body) > BODY_LIMIT:
        raise refused("payload_too_large", "The body is larger than 8 MiB. Send less.")
    sent = request.header("content-type")
    if sent is None or request.method in ("GET", "HEAD"):
        return
    if sent.partition(";")[0].strip().lower() != JSON:
        message = (
            f"header.Content-Type: '{sent[:100]}' is not taken here. "
            "Send JSON, with `Content-Type: application/json`."
        )
        raise refused("unsupported_media_type", message)


def _foreign_host(what: str) -> Refusal:
    hint = (
        "Call it by the name it listens on, e.g. http://127.0.0.1:4010, or start it with --allow-host NAME."
    )
    return refused("foreign_host", f"{what} {hint}")


def _foreign_origin(what: str) -> Refusal:
    hint = "The control API takes no requests from web pages other than its own console."
    return refused("foreign_origin", f"{what} {hint}")
