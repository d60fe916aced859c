"""How fixtures and scenarios write a moment.

+3d 18:00     six in the evening, three days after the world's first day (business time)
-40d 09:30    half past nine, forty days before it
+0d           the midnight the first day begins with
now           the moment the world starts; also now+15m, now-2h, now+3d, now-90s
2026-05-19T18:00:00+01:00     RFC 3339
1790000000000                 milliseconds since 1970, as the API's passes show them
"""

import re
from datetime import datetime, timedelta

from sandbox.domain.moments import DAY, HOUR, MINUTE, SECOND, Millis, day_of, from_datetime, moment_at

_DAYS = re.compile(r"([+-]\d{1,5})d(?:\s+([01]\d|2[0-3]):([0-5]\d))?")
_NOW = re.compile(r"now(?:\s*([+-])\s*(\d{1,7})([smhd]))?")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_EARLIEST = 10**11  # 1973 in milliseconds: a smaller number was meant as seconds


def moment(text: str | int, start: int) -> Millis:
    """The moment meant. `start` is when the world starts; days are counted from its business day."""
    if isinstance(text, int) and not isinstance(text, bool) and text >= _EARLIEST:
        return Millis(text)
    if isinstance(text, str):
        if found := _DAYS.fullmatch(text):
            days, hour, minute = (int(part or 0) for part in found.groups())
            return moment_at(day_of(start) + timedelta(days=days), hour, minute)
        if found := _NOW.fullmatch(text):
            sign, count, unit = found.groups()
            return Millis(start + (int(sign + count) * _UNITS[unit] if sign else 0))
        if (absolute := _absolute(text)) is not None:
            return absolute
    raise ValueError(f"{text!r} is no moment. Write '+3d 18:00', 'now+15m' or '2026-05-19T18:00:00+01:00'.")


def _absolute(text: str) -> Millis | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return from_datetime(read) if read.tzinfo is not None else None
