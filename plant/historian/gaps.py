"""Time in which nobody watched: what a tag held before it does not count there.

A value holds until the next sample, so readings alone cannot show that the collectors were away for an hour. Whoever
knows of such a span marks it here, before the readings are rolled up: the tag is unknown from the beginning of the span
until its first reading inside, and at the end it holds again what it last read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import MINUTE_MS, Historian, Tier, TierColumns
from plant.readings import STALE, Columns
from plant.rollup import rollup

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


def joined(one: Spans, other: Spans) -> Spans:
    """The spans of both."""
    return Spans(
        np.concatenate((one.tag, other.tag)),
        np.concatenate((one.begin, other.begin)),
        np.concatenate((one.end, other.end)),
    )


def told_by_rows(historian: Historian, tags: Sequence[int], groups: NDArray[np.intp], start: int, end: int) -> Spans:
    """Runs of minutes for which no tag of a group has a minute row that knows anything.

    A tag that had no value yet had no rows either, though it was watched; so the rows beside it are asked as well.

    Args:
        historian: Where the rows are.
        tags: Indices in the tag table, ascending.
        groups: Number of the group of each of them, from 0; tags of one group are watched together.
        start: Rounded down to a minute, UTC ms.
        end: Rounded up to a minute, UTC ms.

    Returns:
        The runs of each tag.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    first, until = start - start % MINUTE_MS, end + -end % MINUTE_MS
    rows = historian.tier(Tier.MINUTE, tags, first, until)
    missing = np.ones((int(groups.max(initial=-1)) + 1, max(0, until - first) // MINUTE_MS), np.bool_)
    known = (rows.count > 0) | (rows.good_ms > 0)
    missing[groups[np.searchsorted(tags, rows.tag[known])], (rows.time[known] - first) // MINUTE_MS] = False
    edges = np.diff(np.pad(missing, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    group, begin = np.nonzero(edges == 1)
    _, stop = np.nonzero(edges == -1)
    tag, run = np.nonzero(groups[:, np.newaxis] == group)
    return Spans(np.asarray(tags, np.int32)[tag], first + begin[run] * MINUTE_MS, first + stop[run] * MINUTE_MS)


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


def rollup_watched(samples: Columns, held: Columns, spans: Spans, start: int, end: int) -> TierColumns:
    """Minute rows over [start, end) that know nothing of the spans; arguments as in `interrupted`.

    Marks are no samples, and `last` goes on telling what was read last: it is the seed of what comes after.
    """
    rows = rollup(interrupted(samples, held, spans, start, end), held, start, end, MINUTE_MS)
    real = rollup(samples, held, start, end, MINUTE_MS)
    return replace(rows, count=real.count, last=real.last)


def sort_key(tag: NDArray[np.int32], time: NDArray[np.int64]) -> NDArray[np.int64]:
    """One integer that sorts like (tag, time)."""
    return (tag.astype(np.int64) << _TIME_BITS) | time


def _before(real: Columns, key: NDArray[np.int64], tag: NDArray[np.int32], time: NDArray[np.int64]) -> NDArray[np.intp]:
    """Row of the last reading of each tag before each time, -1 where there is none."""
    row = np.searchsorted(key, sort_key(tag, time)) - 1
    if len(real) == 0:
        return row
    return np.where((row >= 0) & (real.tag[row] == tag), row, -1)
