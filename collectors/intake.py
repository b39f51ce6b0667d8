"""Readings between the arrival of a message and the next turn of the pipeline: lists grow, then become columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collectors.binding import IGNORED, REFUSALS
from collectors.reasons import Reason
from plant.readings import Columns
from plant.sparkplug.columns import Values
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
        return len(self._fresh) + len(self._late) + len(self._historical)

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

    def add_many(self, values: Values, sent: NDArray[np.int64]) -> None:
        """Take the values of many messages in.

        Args:
            values: With the index of their tags as target, or a negative number as in `add`.
            sent: When each of the messages was sent, UTC ms, 0 where it does not tell.
        """
        columns = Columns(values.target, values.time, values.value, values.quality)
        live = ~values.historical
        rows = np.flatnonzero(live)
        message = values.message[rows]
        first = np.flatnonzero(np.diff(message, prepend=-1))
        late = np.zeros(len(sent), np.bool_)
        late[message[first]] = values.time[rows[first]] < sent[message[first]] - LATE_MS
        if len(rows) == len(columns) and not late.any():
            self._fresh.parts.append(columns)
            return
        is_late = live & late[values.message]
        for chosen, lists in (
            (live & ~is_late, self._fresh),
            (is_late, self._late),
            (values.historical, self._historical),
        ):
            if chosen.any():
                lists.parts.append(columns.take(chosen))

    def take(self) -> Taken:
        """Hand over what has come since the last time."""
        refused: Counter[Reason] = Counter()
        fresh, late, historical = (lists.columns(refused) for lists in (self._fresh, self._late, self._historical))
        self._fresh, self._late, self._historical = _Lists(), _Lists(), _Lists()
        return Taken(fresh, late, historical, refused)


class _Lists:
    """Values one by one, and columns of many; the columns come first."""

    __slots__ = ("parts", "qualities", "tags", "times", "values")

    def __init__(self) -> None:
        self.parts: list[Columns] = []
        self.tags: list[int] = []
        self.times: list[int] = []
        self.values: list[float] = []
        self.qualities: list[int] = []

    def __len__(self) -> int:
        return len(self.tags) + sum(map(len, self.parts))

    def columns(self, refused: Counter[Reason]) -> Columns:
        columns = Columns.concat((*self.parts, *self._single()))
        known = columns.tag >= 0
        if known.all():
            return columns
        for code, count in zip(*np.unique(columns.tag[~known], return_counts=True), strict=True):
            if code != IGNORED:
                refused[REFUSALS[int(code)]] += int(count)
        return columns.take(known)

    def _single(self) -> Iterator[Columns]:
        if self.tags:
            yield Columns(
                np.array(self.tags, np.int32),
                np.array(self.times, np.int64),
                np.array(self.values, np.float64),
                np.array(self.qualities, np.uint16),
            )
