"""Texts and numbers that satisfy the keywords of one place, the plausible before the merely valid."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any, Final

from sandbox.api import plausible
from sandbox.api.facts import Contradiction, Facts
from sandbox.api.patterns import Unreadable, is_anchored, text_like
from sandbox.spec import Shape

_SCALAR_BOUNDS: Final = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
)


def shape_of(facts: Facts) -> Shape:
    """The keywords that judge a text, a number or a boolean, compiled once for all such places."""
    schema: dict[str, Any] = {key: facts.bounds[key] for key in _SCALAR_BOUNDS if key in facts.bounds}
    if facts.types is not None:
        schema["type"] = sorted(facts.types)
    if facts.options is not None:
        schema["enum"] = facts.options
    also: list[dict[str, Any]] = [{"pattern": pattern} for pattern in facts.patterns]
    also += [{"format": name} for name in facts.formats]
    also += [{"multipleOf": multiple} for multiple in facts.multiples]
    if also:
        schema["allOf"] = also
    return _compiled_once(json.dumps(schema))


@lru_cache(maxsize=2048)
def _compiled_once(schema: str) -> Shape:
    return Shape(json.loads(schema))


def matches(pattern: str, text: str) -> bool:
    return _compiled_once(json.dumps({"pattern": pattern})).is_valid(text)


def is_free(facts: Facts) -> bool:
    """Whether any text of the right length will do."""
    return not facts.patterns and not facts.refused and not facts.formats


def texts(facts: Facts, name: str, seed: int) -> Iterator[str]:
    """Texts of the right length, ever less plausible and ever more obedient."""
    least, most = facts.limit("minLength") or 0, facts.limit("maxLength")
    if most is not None and most < least:
        raise Contradiction("the shortest is longer than the longest")
    for candidate in _candidates(facts, name, seed, least, most):
        if len(candidate) >= least and (most is None or len(candidate) <= most):
            yield candidate


def _candidates(facts: Facts, name: str, seed: int, least: int, most: int | None) -> Iterator[str]:
    for format_name in facts.formats:
        made = plausible.text_for_format(format_name, seed)
        if made is not None:
            yield made
            yield from _fitted(made, least, most)
    named = plausible.text_for_name(name, seed)
    yield named
    yield from _fitted(named, least, most)
    for pattern in facts.patterns:
        yield from patterned(pattern, seed, least, most)
    yield from _fitted(plausible.fake(seed).word(), least, most)
    yield from _fitted("A1" + str(seed), least, most)
    yield ""


def numbers(facts: Facts, name: str, seed: int, *, whole: bool) -> list[int | float]:
    """Numbers between the bounds, the most plausible first."""
    low, high = _range(facts, name, seed, whole=whole)
    if facts.multiples:
        return _multiples(facts.multiples, low, high, seed, whole=whole)
    if not whole:
        return _decimals(low, high, seed)
    if math.ceil(low) > math.floor(high):
        raise Contradiction("no integer lies between the bounds")
    first = Random(seed).randint(math.ceil(low), math.floor(high))
    return [first, math.ceil(low), math.floor(high)]


def _range(facts: Facts, name: str, seed: int, *, whole: bool) -> tuple[float, float]:
    """The plausible range where the bounds leave it, else as near to it as they allow."""
    low, high = _bounds(facts, 1 if whole else 1e-9)
    if low is not None and high is not None and low > high:
        raise Contradiction("the least is more than the most")
    if "epoch-ms" in facts.formats:
        usual = (plausible.instant_ms(seed),) * 2
    else:
        usual = plausible.span_for_name(name)
    start = usual[0] if low is None else max(low, usual[0])
    end = usual[1] if high is None else min(high, usual[1])
    if start <= end:
        return start, end
    if low is not None and high is not None:
        return low, high
    return (low, low + 100) if low is not None else (end - 100, end)


def _bounds(facts: Facts, step: float) -> tuple[float | None, float | None]:
    lows = [facts.bounds["minimum"]] if "minimum" in facts.bounds else []
    highs = [facts.bounds["maximum"]] if "maximum" in facts.bounds else []
    if "exclusiveMinimum" in facts.bounds:
        lows.append(_above(facts.bounds["exclusiveMinimum"], step))
    if "exclusiveMaximum" in facts.bounds:
        highs.append(_below(facts.bounds["exclusiveMaximum"], step))
    return max(lows, default=None), min(highs, default=None)


def _fitted(text: str, least: int, most: int | None) -> Iterator[str]:
    """The text cut or lengthened into the limits."""
    if most is not None and len(text) > most:
        yield text[:most].rstrip() if len(text[:most].rstrip()) >= least else text[:most]
    if len(text) < least and least <= 20_000:
        repeated = (text or "x") * (least // max(len(text), 1) + 1)
        yield repeated[:least]


def patterned(pattern: str, seed: int, least: int, most: int | None) -> Iterator[str]:
    stretches = [3, 0, 1, 2, 5, 8, 12, 20, 32, 64, 128, 256]
    if least > 3:
        stretches = [least, least - 1, *stretches]
    if most is not None and most < 8:
        stretches = [0, 1, 2, 3, most, *stretches]
    for number, stretch in enumerate(stretches):
        for again in range(3):
            try:
                text = text_like(pattern, Random(seed + 97 * number + again), stretch)
            except (Unreadable, ValueError, IndexError):
                return
            yield text
            if not is_anchored(pattern):
                yield from _fitted(text, least, most)


def _multiples(
    multiples: list[int | float], low: float, high: float, seed: int, *, whole: bool
) -> list[int | float]:
    step = Fraction(1)
    for index, multiple in enumerate(multiples):
        exact = Fraction(str(multiple))
        step = exact if index == 0 else _common_multiple(step, exact)
    if whole:
        step = _common_multiple(step, Fraction(1))
    first, last = math.ceil(Fraction(str(low)) / step), math.floor(Fraction(str(high)) / step)
    if first > last:
        last = first
    picks = [Random(seed).randint(first, last), first, last, 0]
    exact_values = [pick * step for pick in picks]
    return [int(value) if value.denominator == 1 else float(value) for value in exact_values]


def _common_multiple(first: Fraction, second: Fraction) -> Fraction:
    return Fraction(
        math.lcm(first.numerator * second.denominator, second.numerator * first.denominator),
        first.denominator * second.denominator,
    )


def _decimals(low: float, high: float, seed: int) -> list[int | float]:
    value = low + (high - low) * Random(seed).random()
    found: list[int | float] = [round(value, 2), value, low, high, (low + high) / 2]
    return [candidate for candidate in found if low <= candidate <= high] or [low]


def _above(bound: float, step: float) -> float:
    return bound + step if bound + step > bound else math.nextafter(bound, math.inf)


def _below(bound: float, step: float) -> float:
    return bound - step if bound - step < bound else math.nextafter(bound, -math.inf)
