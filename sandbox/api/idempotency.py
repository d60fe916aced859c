"""Doing it once, however often it is asked (IDEM-1 to IDEM-8).

The first success under a key is kept beside what it did, in the same transaction: after a
crash both are there or neither (IDEM-7). Writers of a world come one after another, so a
duplicate that arrives while the first is running waits and then meets its answer (IDEM-5).
"""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from sandbox.api.call import Call
from sandbox.domain.moments import DAY, Millis
from sandbox.domain.refusals import Refusal
from sandbox.wire import Response
from sandbox.world.world import World


class KeptAnswer(msgspec.Struct, frozen=True):
    operation: str
    path: str
    fingerprint: str
    at: Millis
    status: int
    body: bytes


_decoder = msgspec.msgpack.Decoder(KeptAnswer)


def once(
    world: World, account_id: str, call: Call, carry_out: Callable[[], Response]
) -> tuple[Response, bool]:
    """The answer, and whether it is a replay. Only a success is kept; a refusal raises past us (IDEM-4)."""
    key = call.headers.get("idempotency-key")
    if key is None:
        return carry_out(), False
    fingerprint = _fingerprint(call.body)
    kept = _remembered(world, account_id, key)
    if kept is None:
        response = carry_out()
        kept = KeptAnswer(call.operation_id, call.url, fingerprint, world.now, response.status, response.body)
        world.rows.keep_answer(world.state.id, account_id, key, msgspec.msgpack.encode(kept))
        return response, False
    if (kept.operation, kept.path, kept.fingerprint) != (call.operation_id, call.url, fingerprint):
        raise _reused(kept, call)
    return Response(kept.status, body=kept.body), True


def _remembered(world: World, account_id: str, key: str) -> KeptAnswer | None:
    body = world.rows.answer(world.state.id, account_id, key)
    if body is None:
        return None
    kept = _decoder.decode(body)
    return kept if world.now < kept.at + DAY else None  # IDEM-6


def _fingerprint(body: Any) -> str:
    """Bodies are compared as JSON values: neither key order, white space nor 5.0 for 5 matters."""
    canonical = msgspec.json.encode(_canonical({} if body is None else body), order="sorted")
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _canonical(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_canonical(inside) for inside in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _reused(kept: KeptAnswer, call: Call) -> Refusal:
    same_place = (kept.operation, kept.path) == (call.operation_id, call.url)
    before = "another body" if same_place else f"{kept.operation} at {kept.path}"
    message = (
        f"header.Idempotency-Key: this key was used for {before} within the last 24 hours. "
        "Repeat a key only with the very same request; a new intent needs a new key."
    )
    return Refusal("idempotency_key_reused", message, "IDEM-3")
