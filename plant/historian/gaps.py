"""Time in which nobody watched: what a tag held before it does not count there.

A value holds until the next sample, so readings alone cannot show that the collectors were away for an hour. Whoever
knows of such a span marks it here, before the readings are rolled up: the tag is unknown from the beginning of the span
until its first reading inside, and at the end it holds again what it last read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.readings import STALE, Columns

_TIME_BITS: Final = 42
"""Bits of a UTC ms time in a sort key; enough until the year 2109."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans [begin, end) in which tags were not watched, any number of each.

    Attributes:
        tag: Index in the tag table, int32, shape (n,).
        begin: UTC ms, int64.
        end: UTC ms, int64.
    """

    tag: NDArray[np.int32]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def interrupted(samples: Columns, held: Columns, spans: Spans, start: int, end: int) -> Columns:
    """Readings of [start, end) together with the marks of the spans.

    Args:
        samples: Readings of [start, end), sorted by (tag, time).
        held: The last reading before `start` of each tag that has one.
        spans: When tags were not watched; no two of a tag overlap; empty ones count for nothing.
        start: First instant that is rolled up, UTC ms.
        end: Instant after the last, UTC ms.

    Returns:
        Sorted by (tag, time), as `plant.rollup.rollup` takes it; a real reading at the time of a mark wins. The marks
        are no samples: counts have to be taken from `samples`.
    """
    real = Columns.concat((held, samples)).latest_written()
    key = sort_key(real.tag, real.time)
    begin = np.maximum(spans.begin, start)
    opens = (begin < np.minimum(spans.end, end)) & (_before(real, key, spans.tag, begin + 1) >= 0)
    source = _before(real, key, spans.tag, spans.end)
    closes = (spans.begin < spans.end) & (spans.end > start) & (spans.end < end) & (source >= 0)
    again = real.take(source[closes])
    lost = np.count_nonzero(opens)
    marks = Columns.concat(
        (
            Columns(spans.tag[opens], begin[opens], np.full(lost, np.nan), np.full(lost, STALE, np.uint16)),
            Columns(again.tag, spans.end[closes], again.value, again.quality),
        )
    )
    return Columns.concat((marks, samples)).latest_written()


def sort_key(tag: NDArray[np.int32], time: NDArray[np.int64]) -> NDArray[np.int64]:
    """One integer that sorts like (tag, time)."""
    return (tag.astype(np.int64) << _TIME_BITS) | time


def _before(real: Columns, key: NDArray[np.int64], tag: NDArray[np.int32], time: NDArray[np.int64]) -> NDArray[np.intp]:
    """Row of the last reading of each tag before each time, -1 where there is none."""
    row = np.searchsorted(key, sort_key(tag, time)) - 1
    if len(real) == 0:
        return row
    return np.where((row >= 0) & (real.tag[row] == tag), row, -1)
