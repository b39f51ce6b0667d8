"""When something is to happen, in the world's time."""

from __future__ import annotations

import re
from datetime import datetime

from plant.errors import ConfigurationError

NOW = "now"
_LATER = re.compile(r"\+\s*(\d+(?:\.\d+)?)\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def world_time(text: str, now_ms: int) -> int:
    """UTC ms of ``now``, of ``+90s`` (m, h, d) after now, or of an ISO 8601 time with its zone.

    Args:
        text: As typed.
        now_ms: The world's time, UTC ms.

    Raises:
        ConfigurationError: It is none of them; says what one looks like.
    """
    if text == NOW:
        return now_ms
    later = _LATER.fullmatch(text)
    if later:
        return now_ms + round(1000 * float(later[1]) * _SECONDS[later[2]])
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ConfigurationError(f"'{text}' is no time; write now, +90s, +10m, or 2026-11-22T08:00Z")
    return round(time.timestamp() * 1000)
