"""What counts as a number in a device's payload."""

from __future__ import annotations

import re
from typing import Any, Final

_NUMBER: Final = re.compile(
    r"\s*[-+]?(?:\d{1,32}(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?\s*|\s*[-+]?(?i:nan|inf(?:inity)?)\s*"
)
_LONGEST: Final = 64
"""Characters; no number of a device is longer."""


def as_number(value: Any) -> float | None:
    """The number that a JSON value is, or that its text spells with a decimal point; None for anything else.

    NaN and infinity are numbers here: whoever judges values knows what to do with them.
    """
    if isinstance(value, str):
        return float(value) if len(value) <= _LONGEST and _NUMBER.fullmatch(value) else None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return None
    return None


def as_word(value: Any) -> str | None:
    """A JSON text, truth value or number as the word that a mapping file would write; None for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return None
