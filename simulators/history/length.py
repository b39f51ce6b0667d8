"""How long a history is to be."""

from __future__ import annotations

import re

from plant.errors import ConfigurationError
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS

_LENGTH = re.compile(r"(\d+)\s*([mhd])")
_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def history_start(now_ms: int, length: str) -> int | None:
    """When a history of that length begins, on a full minute, UTC ms; None for no history.

    Args:
        now_ms: Its end, UTC ms.
        length: Minutes, hours or days such as ``90m``, ``8h``, ``2d``; ``0`` for none.

    Raises:
        ConfigurationError: The text is no such length.
    """
    if length.strip() == "0":
        return None
    found = _LENGTH.fullmatch(length.strip())
    if found is None or int(found[1]) == 0:
        raise ConfigurationError(f"'{length}' is no length of history; write 90m, 8h or 2d, or 0 for none")
    start = now_ms - int(found[1]) * _UNIT_MS[found[2]]
    return start - start % MINUTE_MS
