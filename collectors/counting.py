"""What the counters of a line tell of a window, whatever people have entered; blocks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plant.historian.protocol import Historian
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.production.production import production
from plant.production.reading import read
from plant.production.reasons import load_reasons
from plant.production.rebuild import AFTER_MS, BEFORE_MS, SLICE_MS


class Counting:
    """Makes minutes without corrections, slice after slice so that they fit into memory.

    Args:
        historian: Where readings are.
        table: The lines.
        clock: Host time, UTC ms.
    """

    def __init__(self, historian: Historian, table: LineTable, clock: Callable[[], int]) -> None:
        self._historian = historian
        self._table = table
        self._clock = clock
        self._reasons = load_reasons()

    def __call__(self, row: ProductionLine, start: int, end: int) -> ProductionMinutes:
        """Minutes of a line in [start, end), UTC ms on full minutes.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        slices = range(start, end, SLICE_MS)
        return ProductionMinutes.concat(self._slice(row, begin, min(begin + SLICE_MS, end)) for begin in slices)

    def _slice(self, row: ProductionLine, start: int, end: int) -> ProductionMinutes:
        until = max(end, min(end + AFTER_MS, self._clock()))
        unsettled = np.zeros(len(self._table), np.int64)
        told = read(self._historian, self._table, start - BEFORE_MS, until, unsettled)
        minutes = production(self._table, self._reasons, told, start, end).minutes
        return minutes.take(minutes.line == row.index)
