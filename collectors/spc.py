"""Control charts of critical metrics, made again now and then from the minutes that the historian keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian
from plant.model.tags import Tag, TagTable
from plant.spc.metrics import Charting, charting, made_of

WINDOW_MS: Final = 24 * HOUR_MS
"""So much of the past makes a chart: its beginning the limits, the rest the points."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What a chart says of its newest point.

    Attributes:
        tag: The metric.
        calls: Whether somebody is called.
        at: End of the point, UTC ms.
        value: Of the point.
    """

    tag: Tag
    calls: bool
    at: int
    value: float


class ControlCharts:
    """Charts of the critical metrics of some tags. Blocks: not for the loop.

    Args:
        historian: Keeps minutes.
        table: All tags.
        served: Numbers of those that are served.
    """

    def __init__(self, historian: Historian, table: TagTable, served: Sequence[int]) -> None:
        self._historian = historian
        self._metrics: list[Charting] = charting(table, served)

    def __len__(self) -> int:
        return len(self._metrics)

    def signals(self, present: Callable[[Tag], int]) -> list[Signal]:
        """What the charts say now; metrics without limits yet, or without a new point, say nothing.

        Args:
            present: The time now where a tag is, UTC ms: plants may live in the past.

        Raises:
            StoreUnavailableError: The historian is away.
        """
        found = []
        for each in self._metrics:
            now = present(each.tag)
            control = made_of(self._historian, each, now - WINDOW_MS, now)
            length_ms = each.control.every_min * MINUTE_MS
            if control is None or control.time[-1] + 3 * length_ms < now:
                continue
            point, value = int(control.time[-1]), float(control.charts.location.points[-1])
            found.append(Signal(each.tag, bool(control.calls[-1]), point + length_ms, value))
        return found
