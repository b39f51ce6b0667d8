"""Production minutes of a history that was made before anything went live, from the engine that makes them live."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plant.historian.protocol import Historian
from plant.model.tags import TagTable
from plant.production.lines import LineTable
from plant.production.reasons import load_reasons
from plant.production.rebuild import AFTER_MS, rebuild


def make_history(
    historian: Historian, tags: TagTable, begun_ms: int, end_ms: int, progress: Callable[[float], None]
) -> None:
    """Make the minutes of [begun, end), UTC ms, and those before it that it changes.

    All of it is told, so they are settled but for lots that are not dried. What somebody interrupts, the collector
    makes.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    span = historian.span()
    if span is None:
        return
    table = LineTable(tags)
    start_ms, told = max(span[0], begun_ms - AFTER_MS), np.full(len(table), end_ms, np.int64)
    rebuild(historian, table, load_reasons(), start_ms, end_ms, told, until=end_ms, progress=progress)
