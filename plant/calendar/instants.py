"""From a local date and time to an instant.

The instant of a local time is *the first one at which the clock shows that time or a later one*. So it is the earlier
of two when clocks go back and the moment of the jump when they go forward, and it never falls as the local time rises:
what follows each other on paper follows each other in time, in every zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=16_384)  # all lines of a group ask for the same few hours of each day
def instant(on: date, at: time, zone: ZoneInfo) -> int:
    """UTC ms of a local date and time (whole seconds)."""
    local = datetime.combine(on, at)
    found = round(local.replace(tzinfo=zone).timestamp())
    if _clock(found, zone) != local:
        found = _jump(round(local.replace(tzinfo=zone, fold=1).timestamp()), found, zone)
    return found * 1000


def local_date(at_ms: int, zone: ZoneInfo) -> date:
    """The date that the clock of a zone shows at an instant, UTC ms."""
    return _clock(at_ms // 1000, zone).date()


def _clock(at_s: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_s, UTC).astimezone(zone).replace(tzinfo=None)


def _jump(before_s: int, after_s: int, zone: ZoneInfo) -> int:
    """The second in (before, after] at which the clock jumps forward."""
    ahead = datetime.fromtimestamp(after_s, zone).utcoffset()
    while after_s - before_s > 1:
        middle = (before_s + after_s) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == ahead:
            after_s = middle
        else:
            before_s = middle
    return after_s
