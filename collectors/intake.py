"""Readings between the arrival of a message and the next turn of the pipeline: lists grow, then become columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from collectors.binding import IGNORED, REFUSALS
from collectors.reasons import Reason
from plant.readings import Columns
from plant.sparkplug.samples import Samples


class Intake:
    """Collects the readings of many messages; live and historical ones apart."""

    def __init__(self) -> None:
        self._live = _Lists()
        self._historical = _Lists()

    def __len__(self) -> int:
        return len(self._live.tags) + len(self._historical.tags)

    def add(self, bound: Sequence[int], live: Samples, historical: Samples) -> None:
        """Take the values of one message in.

        Args:
            bound: `collectors.binding.Binding.tags` of its source.
            live: Current values.
            historical: Replayed values.
        """
        for samples, lists in ((live, self._live), (historical, self._historical)):
            if samples.indices:
                lists.tags.extend(map(bound.__getitem__, samples.indices))
                lists.times.extend(samples.timestamps_ms)
                lists.values.extend(samples.values)
                lists.qualities.extend(samples.qualities)

    def take(self) -> tuple[Columns, Columns, Counter[Reason]]:
        """Hand over what has come since the last time.

        Returns:
            Live readings, historical readings, and how many values their binding refuses, by reason.
        """
        refused: Counter[Reason] = Counter()
        live, historical = self._live.columns(refused), self._historical.columns(refused)
        self._live, self._historical = _Lists(), _Lists()
        return live, historical, refused


class _Lists:
    __slots__ = ("qualities", "tags", "times", "values")

    def __init__(self) -> None:
        self.tags: list[int] = []
        self.times: list[int] = []
        self.values: list[float] = []
        self.qualities: list[int] = []

    def columns(self, refused: Counter[Reason]) -> Columns:
        columns = Columns(
            np.array(self.tags, np.int32),
            np.array(self.times, np.int64),
            np.array(self.values, np.float64),
            np.array(self.qualities, np.uint16),
        )
        known = columns.tag >= 0
        if known.all():
            return columns
        for code, count in zip(*np.unique(columns.tag[~known], return_counts=True), strict=True):
            if code != IGNORED:
                refused[REFUSALS[int(code)]] += int(count)
        return columns.take(known)
