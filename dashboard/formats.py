"""Numbers, times and durations as people read them; assets/10-format.js says the same in the browser."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from dashboard.texts import text
from plant.model.enterprise import Language

NARROW = "\u202f"
"""Narrow no-break space between thousands and before a unit, so that a figure never breaks."""
MINUS = "\u2212"
MISSING = "\u2014"
"""Stands for a value that there is none of; a zero would be a lie."""

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


def number(value: float | None, decimals: int, spoken: Language) -> str:
    """A number: ``1 234,5`` in Russian, ``1,234.5`` in English, a dash for None, NaN and infinities."""
    if value is None or not math.isfinite(value):
        return MISSING
    plain = f"{abs(value):,.{decimals}f}"
    if spoken == "ru":
        plain = plain.replace(",", NARROW).replace(".", ",")
    is_zero = not any(digit in plain for digit in "123456789")
    return plain if value >= 0 or is_zero else MINUS + plain


def with_unit(figure: str, unit: str) -> str:
    """A figure and its unit on one line; the figure alone when there is no unit."""
    return f"{figure}{NARROW}{unit}" if unit else figure


def share(value: float | None, spoken: Language, decimals: int = 0) -> str:
    """A share of 1 as per cent, such as ``87 %``."""
    return MISSING if value is None else with_unit(number(value * 100, decimals, spoken), "%")


def local(ms: int, zone: ZoneInfo) -> datetime:
    """The moment in a plant's own zone, from UTC ms."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)


def clock(ms: int, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Time of day in the zone, ``08:05`` or ``08:05:09``."""
    return local(ms, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(on: date, spoken: Language) -> str:
    """A date without its year: ``22.11`` in Russian, ``22 Nov`` in English."""
    return f"{on.day:02}.{on.month:02}" if spoken == "ru" else f"{on.day} {on.strftime('%b')}"


def moment(ms: int, zone: ZoneInfo, spoken: Language) -> str:
    """Date and time of day in the zone, such as ``22.11 08:05``."""
    return f"{day(local(ms, zone).date(), spoken)} {clock(ms, zone)}"


def offset(zone: ZoneInfo, at_ms: int) -> str:
    """The zone as people name it beside a time, such as ``UTC+3`` or ``UTC+5:30``."""
    shift = local(at_ms, zone).utcoffset()
    minutes = 0 if shift is None else round(shift.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes >= 0 else MINUS}{hours}" + (f":{rest:02}" if rest else "")


def duration(ms: float) -> str:
    """How long, in the request's language, to two parts: ``45 с``, ``3 мин``, ``2 ч 5 мин``, ``1 д 4 ч``."""
    if ms < MINUTE_MS:
        return _part(int(ms // SECOND_MS), "time.seconds")
    if ms < HOUR_MS:
        return _part(int(ms // MINUTE_MS), "time.minutes")
    large, small, of_large, of_small = (
        (HOUR_MS, MINUTE_MS, "time.hours", "time.minutes")
        if ms < DAY_MS
        else (DAY_MS, HOUR_MS, "time.days", "time.hours")
    )
    rest = int(ms % large // small)
    return _part(int(ms // large), of_large) + (f" {_part(rest, of_small)}" if rest else "")


def _part(amount: int, key: str) -> str:
    return with_unit(str(amount), text(key))
