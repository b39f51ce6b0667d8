"""Production minutes of a history that was made before anything went live, from the engine that makes them live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from plant.historian.protocol import HOUR_MS, Historian
from plant.model.tags import TagTable
from plant.production.lines import LineTable
from plant.production.reasons import load_reasons
from plant.production.rebuild import AFTER_MS, SLICE_MS, rebuild

BACK_MS: Final = AFTER_MS + SLICE_MS + HOUR_MS
"""So much of the minutes before it a history makes anew: what it changes, and what an interrupted one had not made."""


class HistoryMinutes:
    """Makes the minutes while their history is written, so that few are left to be made at its end.

    What somebody interrupts, the collector makes, or the history that goes on from there.

    Args:
        historian: Takes the history.
        tags: Its tag table.
        begun_ms: Where the history begins, UTC ms.
    """

    def __init__(self, historian: Historian, tags: TagTable, begun_ms: int) -> None:
        self._historian = historian
        self._table = LineTable(tags)
        self._reasons = load_reasons()
        self._at = begun_ms - BACK_MS

    def settle(self, now_ms: int) -> None:
        """Make those that nothing changes any more, once the history is written until `now_ms`, UTC ms.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        while (end_ms := self._at + SLICE_MS) + AFTER_MS <= now_ms:
            self._make(end_ms, now_ms, lambda _: None)

    def finish(self, end_ms: int, progress: Callable[[float], None]) -> None:
        """Make all others of a history that ends there, UTC ms.

        All of it is told, so they are settled but for lots that are not dried.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        self._make(end_ms, end_ms, progress)
        progress(1.0)

    def _make(self, end_ms: int, now_ms: int, progress: Callable[[float], None]) -> None:
        span = self._historian.span()
        start_ms = self._at if span is None else max(span[0], self._at)
        if span is not None and start_ms < end_ms:
            told = np.full(len(self._table), now_ms, np.int64)
            rebuild(
                self._historian, self._table, self._reasons, start_ms, end_ms, told, until=now_ms, progress=progress
            )
        self._at = end_ms
