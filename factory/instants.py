"""Times on the command line: as people write them, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from plant.errors import ConfigurationError
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS

_AGO: Final = re.compile(r"(\d+)\s*([mhd])")
_UNIT_MS: Final = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def instant(text: str, now: int, zone: tzinfo = UTC) -> int:
    """UTC ms of a date, a date and time, or a length of time before now.

    Args:
        text: ``2026-11-20T08:00+03:00``, ``2026-11-20 08:00``, ``2026-11-20``, or ``6h``, ``3d`` for ago.
        now: UTC ms.
        zone: Of times without an offset.

    Raises:
        ConfigurationError: It is no time.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return now - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(f"'{text}' is no time; write 2026-11-20T08:00+03:00, or 6h or 3d for ago") from None
    return round((when if when.tzinfo else when.replace(tzinfo=zone)).timestamp() * 1000)


def day(text: str) -> date:
    """A production day.

    Raises:
        ConfigurationError: It is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(f"'{text}' is no date; write 2026-11-20") from None


def local(at_ms: int, zone: tzinfo = UTC) -> str:
    """An instant (UTC ms) on the clock of a zone, to the minute."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
