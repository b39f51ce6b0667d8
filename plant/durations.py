"""Lengths of time as people write them in files: ``90 s``, ``20 min``, ``2.5 h``, ``1 d``."""

from __future__ import annotations

import re
from typing import Final

EXAMPLES: Final = "write it like 90 s, 20 min, 2.5 h or 1 d"
"""The mend for a text that is no length of time."""
_WRITTEN: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)", re.ASCII)
_UNIT_MS: Final = {"s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: object) -> int | None:
    """A length of time, ms; None for what is none, such as ``5 minutes``, ``-1 s`` or a bare number."""
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    return None if found is None else round(float(found[1]) * _UNIT_MS[found[2]])
