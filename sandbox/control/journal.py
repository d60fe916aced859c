"""The journal: read, filtered, exported, repeated. Secrets were struck out before it got here."""

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from sandbox.control.call import Call, Parts, Reply, listed
from sandbox.control.exchanges import carried_out
from sandbox.control.refusals import refused, unknown
from sandbox.control.times import moment_of
from sandbox.wire import Request
from sandbox.world.journal import Told, Wanted
from sandbox.world.secrets import STRUCK_OUT
from sandbox.world.state import WorldState

SHOWN = 100
NOT_REPEATED = {"authorization", "host", "content-length", "connection", "sandbox-fault"}
NOT_IN_CURL = NOT_REPEATED | {"user-agent", "accept", "accept-encoding"}


def list_requests(call: Call, parts: Parts) -> Reply:
    page, total = parts.worlds.journal.page(_world(call, parts).id, wanted(call.query), _limit(call))
    return listed(page, total)


def get_request(call: Call, parts: Parts) -> Reply:
    return Reply(_entry(call, parts))


def clear_requests(call: Call, parts: Parts) -> Reply:
    return Reply({"removed": parts.worlds.journal.clear(_world(call, parts).id)})


def get_request_curl(call: Call, parts: Parts) -> Reply:
    return Reply(_curl(_entry(call, parts)) + "\n", media_type="text/plain")


def get_requests_har(call: Call, parts: Parts) -> Reply:
    page, _ = parts.worlds.journal.page(_world(call, parts).id, wanted(call.query), _limit(call))
    creator = {"name": "bardge-sandbox", "version": "1"}
    entries = [_har_entry(entry) for entry in reversed(page)]
    return Reply({"log": {"version": "1.2", "creator": creator, "entries": entries}})


def repeat_request(call: Call, parts: Parts) -> Reply:
    entry, state = _entry(call, parts), _world(call, parts)
    with parts.worlds.store.read() as rows:
        accounts = parts.worlds.accounts(parts.worlds.enter(rows, state))
    key = next((key for account, key in accounts if account.name == entry["caller"]), None)
    if key is None:
        raise refused("cannot_be_repeated", "Whoever asked this had no key that is known now.")
    answer = carried_out(parts.api.respond(_request(entry, key)))
    answered = {
        "request_id": answer.header("Bardge-Request-Id") or "",
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _read(answer.body),
        "lost": answer.drop is not None,
    }
    return Reply(answered)


def wanted(query: Mapping[str, Any]) -> Wanted:
    operation = query.get("operation", "*")
    return Wanted(
        operation=None if operation == "*" else operation,
        status=query.get("status"),
        client_id=query.get("client_id"),
        since=moment_of(query["since"], "since") if "since" in query else 0,
        until=moment_of(query["until"], "until") if "until" in query else None,
    )


def _limit(call: Call) -> int:
    return int(call.query.get("limit", SHOWN))


def _world(call: Call, parts: Parts) -> WorldState:
    with parts.worlds.store.read() as rows:
        return parts.worlds.state(rows, call.path["world"])


def _entry(call: Call, parts: Parts) -> Told:
    world, request_id = _world(call, parts).id, call.path["request"]
    found = parts.worlds.journal.find(world, request_id)
    if found is None:
        hint = "The journal keeps the newest; a reset or a clearing empties it."
        raise unknown(f"request in the journal of '{world}' called", request_id, hint)
    return found


def _request(entry: Told, key: str) -> Request:
    """The request as it was, as far as the journal has it."""
    body, headers = entry["request"]["body"], entry["request"]["headers"]
    text = "" if body is None else body if isinstance(body, str) else msgspec.json.encode(body).decode()
    kept = {name: value for name, value in headers.items() if name.lower() not in NOT_REPEATED}
    if STRUCK_OUT in f"{entry['path']}{entry['query']}{text}{kept}":
        raise refused("cannot_be_repeated", "The request held a secret, and the journal keeps none.")
    if text.endswith(" bytes in all)"):
        raise refused("cannot_be_repeated", "The request's body was too long for the journal to keep whole.")
    kept["authorization"] = f"Bearer {key}"
    return Request(entry["method"], entry["path"], entry["query"], kept, text.encode())


def _curl(entry: Told) -> str:
    headers = entry["request"]["headers"]
    query = f"?{entry['query']}" if entry["query"] else ""
    url = f"http://{headers.get('host', '127.0.0.1:4010')}{entry['path']}{query}"
    words = ["curl", "-i", "-X", entry["method"], shlex.quote(url)]
    lines = [" ".join(words), '-H "Authorization: Bearer $BARDGE_KEY"']
    for name, value in headers.items():
        if name.lower() not in NOT_IN_CURL:
            lines.append(f"-H {shlex.quote(f'{name}: {value}')}")
    body = entry["request"]["body"]
    if body is not None:
        text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
        lines.append(f"--data-raw {shlex.quote(text)}")
    return " \\\n  ".join(lines)


def _har_entry(entry: Told) -> dict[str, Any]:
    request, answer = entry["request"], entry["answer"]
    query = f"?{entry['query']}" if entry["query"] else ""
    url = f"http://{request['headers'].get('host', 'sandbox')}{quote(entry['path'], safe='/%:')}{query}"
    return {
        "startedDateTime": entry["at"],
        "time": entry["duration_ms"],
        "request": {
            "method": entry["method"],
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_headers(request["headers"]),
            "queryString": _har_query(entry["query"]),
            "headersSize": -1,
            "bodySize": len(_text(request["body"])),
            **_har_posted(request),
        },
        "response": {
            "status": entry["status"],
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_headers(answer["headers"]),
            "content": {
                "size": len(_text(answer["body"])),
                "mimeType": answer["headers"].get("Content-Type", ""),
                "text": _text(answer["body"]),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(_text(answer["body"])),
        },
        "cache": {},
        "timings": {"send": 0, "wait": entry["duration_ms"], "receive": 0},
        "comment": " ".join([entry["id"], entry["operation"] or "", *entry["rule"]]).strip(),
    }


def _har_headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _har_query(query: str) -> list[dict[str, str]]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [{"name": name, "value": value} for name, _, value in pairs]


def _har_posted(request: Mapping[str, Any]) -> dict[str, Any]:
    if request["body"] is None:
        return {}
    return {
        "postData": {"mimeType": request["headers"].get("content-type", ""), "text": _text(request["body"])}
    }


def _text(body: Any) -> str:
    if body is None or isinstance(body, str):
        return body or ""
    return msgspec.json.encode(body).decode()


def _read(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return body.decode(errors="replace")
