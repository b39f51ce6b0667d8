"""When a device says that it measured: the many ways to write a time, all to UTC milliseconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from plant.mapping.numbers import as_number
from plant.mapping.paths import JsonPath

ISO: Final = "iso8601"
EPOCHS: Final[Mapping[str, float]] = {"epoch_s": 1e3, "epoch_ms": 1.0, "epoch_us": 1e-3, "epoch_ns": 1e-6}
"""Milliseconds in one unit of each way to count from 1970-01-01 UTC."""
LATEST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999; anything later is not a time."""
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a payload says its time, and how.

    Attributes:
        path: Where.
        format: `ISO`, a key of `EPOCHS`, or a pattern of `datetime.strptime`.
        zone: Of times that do not tell their own; None refuses these.
    """

    path: JsonPath
    format: str
    zone: ZoneInfo | None = None

    def read(self, value: Any) -> int | None:
        """UTC ms of what stands in the payload; None when it cannot be read as a time.

        An hour that comes twice, when clocks are set back, is taken for the first.
        """
        unit_ms = EPOCHS.get(self.format)
        if unit_ms is not None:
            number = as_number(value)
            time = number * unit_ms if number is not None else math.nan
            return round(time) if 0 < time <= LATEST_MS else None
        if not isinstance(value, str):
            return None
        try:
            parsed = datetime.fromisoformat(value) if self.format == ISO else datetime.strptime(value, self.format)  # noqa: DTZ007 - the zone is looked at below
            if parsed.tzinfo is None:
                if self.zone is None:
                    return None
                parsed = parsed.replace(tzinfo=self.zone)
            time = (parsed - _START) // _MILLISECOND
        except (ValueError, OverflowError):
            return None
        return time if 0 < time <= LATEST_MS else None
