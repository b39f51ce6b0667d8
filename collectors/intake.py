"""Readings between the arrival of a message and the next turn of the pipeline: lists grow, then become columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collectors.binding import IGNORED, REFUSALS
from collectors.reasons import Reason
from plant.readings import Columns
from plant.sparkplug.samples import Samples

LATE_MS = 2_000
"""Values that were this old when they were sent tell how late their source is, not how slow we are."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What has come since the last time.

    Attributes:
        fresh: Live readings that were sent as they happened.
        late: Live readings that were old when they were sent.
        historical: Replayed readings.
        refused: How many values their binding refuses, by reason.
    """

    fresh: Columns
    late: Columns
    historical: Columns
    refused: Counter[Reason]


class Intake:
    """Collects the readings of many messages; fresh, late and historical ones apart."""

    def __init__(self) -> None:
        self._fresh = _Lists()
        self._late = _Lists()
        self._historical = _Lists()

    def __len__(self) -> int:
        return len(self._fresh.tags) + len(self._late.tags) + len(self._historical.tags)

    def add(self, bound: Sequence[int], live: Samples, historical: Samples, sent_ms: int = 0) -> None:
        """Take the values of one message in.

        Args:
            bound: `collectors.binding.Binding.tags` of its source.
            live: Current values.
            historical: Replayed values.
            sent_ms: When the message was sent, UTC ms; 0 if it does not tell.
        """
        late = bool(live.indices) and live.timestamps_ms[0] < sent_ms - LATE_MS
        for samples, lists in ((live, self._late if late else self._fresh), (historical, self._historical)):
            if samples.indices:
                lists.tags.extend(map(bound.__getitem__, samples.indices))
                lists.times.extend(samples.timestamps_ms)
                lists.values.extend(samples.values)
                lists.qualities.extend(samples.qualities)

    def take(self) -> Taken:
        """Hand over what has come since the last time."""
        refused: Counter[Reason] = Counter()
        fresh, late, historical = (lists.columns(refused) for lists in (self._fresh, self._late, self._historical))
        self._fresh, self._late, self._historical = _Lists(), _Lists(), _Lists()
        return Taken(fresh, late, historical, refused)


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
