"""The wall clock; only composition roots name it, everything else is given the time."""

from __future__ import annotations

import time


def now_ms() -> int:
    """The time now, UTC ms."""
    return time.time_ns() // 1_000_000
