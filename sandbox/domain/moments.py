"""Moments, days and calendar periods, all in the business's own time zone.

Inside the sandbox every moment is an integer number of milliseconds since 1970 (`Millis`).
Seconds exist only in answers, and only after `seconds()` (CONV-6, CONV-13).
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo

Millis = NewType("Millis", int)
Seconds = NewType("Seconds", int)

BUSINESS_ZONE = ZoneInfo("Africa/Lagos")  # CONV-7

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MILLISECOND = timedelta(milliseconds=1)
FOREVER = Millis(2**53)  # later than any clock of ours can be set: sorts what never ends behind what does


def after(moment: int, span_ms: int) -> Millis:
    return Millis(moment + span_ms)


def seconds(moment: int) -> Seconds:
    return Seconds(moment // SECOND)


def on_the_second(moment: int) -> Millis:
    """The moment as an answer in whole seconds tells it. What ends or begins there must do so at the very
    moment that is told, or a client would be refused before, or served after, what it was promised.
    """
    return Millis(moment - moment % SECOND)


def from_datetime(moment: datetime) -> Millis:
    return Millis((moment - EPOCH) // ONE_MILLISECOND)


def to_datetime(moment: int) -> datetime:
    """The moment on the business's wall clock. Built by addition: `fromtimestamp` fails far from today."""
    return (EPOCH + timedelta(milliseconds=moment)).astimezone(BUSINESS_ZONE)


def rfc3339(moment: int) -> str:
    return (EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# A timetable has few moments, and lists tell them over and over.
@lru_cache(maxsize=8192)
def day_of(moment: int) -> date:
    return to_datetime(moment).date()


@lru_cache(maxsize=8192)
def clock_time(moment: int) -> str:
    return to_datetime(moment).strftime("%H:%M")


@lru_cache(maxsize=8192)
def day_text(moment: int) -> str:
    return day_of(moment).isoformat()


def midnight(day: date) -> Millis:
    return from_datetime(datetime.combine(day, time(), BUSINESS_ZONE))


def moment_at(day: date, hour: int, minute: int = 0) -> Millis:
    return from_datetime(datetime.combine(day, time(hour, minute), BUSINESS_ZONE))


def end_of_day(moment: int) -> Millis:
    """23:59:59.999 of the business day (CODE-2)."""
    return Millis(midnight(day_of(moment) + timedelta(days=1)) - 1)


# Whoever counts the visits of a pass asks for the same few days again and again.
@lru_cache(maxsize=8192)
def plus_months(start: int, months: int) -> Millis:
    """The calendar's months from `start`: 31 January, 28 February, 31 March (CONV-12)."""
    wall = to_datetime(start)
    year, month0 = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    day = min(wall.day, monthrange(year, month0 + 1)[1])
    # Re-attaching the zone lets the same wall-clock time find its own offset.
    shifted = wall.replace(year=year, month=month0 + 1, day=day)
    return from_datetime(shifted)


def months_in(duration: str) -> int:
    """`MONTHLY` and `ANNUALLY`, in either casing (CONV-9)."""
    return {"monthly": 1, "annually": 12}[duration.lower()]


@lru_cache(maxsize=8192)
def period_of(start: int, duration: str, moment: int) -> int:
    """Which calendar period since `start` holds `moment`: 0 is the first. Negative before the start."""
    step = months_in(duration)
    a, b = to_datetime(start), to_datetime(moment)
    guess = ((b.year - a.year) * 12 + b.month - a.month) // step
    while plus_months(start, guess * step) > moment:
        guess -= 1
    while plus_months(start, (guess + 1) * step) <= moment:
        guess += 1
    return guess
