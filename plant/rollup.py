"""Rows of any width from readings, and wide rows from narrow ones: the only place where means over time are made.

Databases take a mean of samples; a plant needs the mean of a *step*: a value holds until the next sample, or until
its quality leaves `GOOD`, and does not expire by age. Ten held for 50 s and then 0 for 10 s is 8.33 over the minute,
not 5. Both functions work on whole arrays of many tags, with no loop over tags or rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import TierColumns
from plant.readings import GOOD, Columns

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def rollup(samples: Columns, held: Columns, start: int, end: int, width: int) -> TierColumns:
    """Rows of `width` over [start, end) for every tag that is held or sampled.

    A tag gets its rows even where it has no samples. Rows begin at ``start + k * width``; the last one is shorter
    when `end` is not on that grid, and its `good_ms` is at most what there is of it.

    Args:
        samples: Readings of [start, end), as `Columns.latest_written` sorts them.
        held: The last reading before `start` of each tag that has one, sorted by tag, one per tag.
        start: First instant, UTC ms.
        end: Instant after the last, UTC ms.
        width: Width of a row, ms.

    Returns:
        Rows sorted by (tag, time).
    """
    tags = np.union1d(held.tag, samples.tag).astype(np.int32)
    buckets = max(0, -((start - end) // width))
    shape = len(tags) * buckets
    starts = start + width * np.arange(buckets, dtype=np.int64)
    row_start = np.tile(starts, len(tags))
    row_end = np.minimum(row_start + width, end)

    row = np.searchsorted(tags, samples.tag) * buckets + (samples.time - start) // width
    count = np.bincount(row, minlength=shape).astype(np.int64)
    first = np.concatenate(([0], np.cumsum(count)))[:-1]  # of each row: index of its first sample
    value = usable(samples)
    until = row_end[row]
    same_row = row[1:] == row[:-1]
    until[:-1][same_row] = samples.time[1:][same_row]
    share = (until - samples.time) / width

    opening = _opening(value, first, tags, held, buckets)
    sampled = count > 0
    opening_end = row_end.copy()
    opening_end[sampled] = samples.time[first[sampled]]
    opening_ms = opening_end - row_start
    opening_share = opening_ms / width
    opens = np.isfinite(opening) & (opening_ms > 0)

    known = np.isfinite(value)
    weights = np.where(known, share, 0.0)
    areas = np.where(known, value, 0.0) * share
    total = np.asarray(np.bincount(row, areas, shape), np.float64) + np.where(opens, opening * opening_share, 0.0)
    good_share = np.asarray(np.bincount(row, weights, shape), np.float64) + np.where(opens, opening_share, 0.0)
    low, high = np.where(opens, opening, np.nan), np.where(opens, opening, np.nan)
    if len(samples):
        low[sampled] = np.fmin(low[sampled], np.fmin.reduceat(value, first[sampled]))
        high[sampled] = np.fmax(high[sampled], np.fmax.reduceat(value, first[sampled]))
    last = opening
    last[sampled] = value[first[sampled] + count[sampled] - 1]
    good_ms = np.rint(good_share * width).astype(np.int64)
    return TierColumns(
        np.repeat(tags, buckets), row_start, _mean(total, good_share, low, high), low, high, last, count, good_ms
    )


def combine(rows: TierColumns, width: int) -> TierColumns:
    """Rows of `width` from narrower ones: means weighted by their good time, `last` of the newest.

    Only tags and times that have a narrow row get a wide one; what is missing adds no good time.

    Args:
        rows: Sorted by (tag, time), none of them across a multiple of `width`.
        width: Width of the new rows, ms; they begin on its UTC multiples.

    Returns:
        Rows sorted by (tag, time).
    """
    if len(rows) == 0:
        return rows
    time = rows.time - rows.time % width
    fresh = np.ones(len(rows), np.bool_)
    fresh[1:] = (rows.tag[1:] != rows.tag[:-1]) | (time[1:] != time[:-1])
    first = np.flatnonzero(fresh)
    share = rows.good_ms / width
    total = np.add.reduceat(np.where(rows.good_ms > 0, rows.mean, 0.0) * share, first)
    low, high = np.fmin.reduceat(rows.low, first), np.fmax.reduceat(rows.high, first)
    final = np.append(first[1:], len(rows)) - 1
    return TierColumns(
        rows.tag[first],
        time[first],
        _mean(total, np.add.reduceat(share, first), low, high),
        low,
        high,
        rows.last[final],
        np.add.reduceat(rows.count, first),
        np.add.reduceat(rows.good_ms, first),
    )


def newest(columns: Columns) -> Columns:
    """The last reading of each tag, from readings as `Columns.latest_written` sorts them."""
    final = np.ones(len(columns), np.bool_)
    final[:-1] = columns.tag[1:] != columns.tag[:-1]
    return columns.take(final)


def usable(columns: Columns) -> Floats:
    """The values, NaN where the quality is not `GOOD` or the value is not finite; shape (n,)."""
    return np.where((columns.quality == GOOD) & np.isfinite(columns.value), columns.value, np.nan)


def _opening(value: Floats, first: Integers, tags: NDArray[np.int32], held: Columns, buckets: int) -> Floats:
    """The value at the start of each row: the last sample of the rows before it, else what was held before all."""
    before = np.full(len(tags), np.nan)
    before[np.searchsorted(tags, held.tag)] = usable(held)
    opening = np.repeat(before, buckets)
    first_of_tag = np.repeat(first[::buckets], buckets) if buckets else first
    has_sample = first > first_of_tag
    opening[has_sample] = value[first[has_sample] - 1]
    return opening


def _mean(total: Floats, share: Floats, low: Floats, high: Floats) -> Floats:
    """``total / share``, NaN where nothing is good, never outside what was measured because of rounding."""
    mean = np.full(len(total), np.nan)
    with np.errstate(over="ignore"):  # the last bit of a value at the end of float64; clipped below
        np.divide(total, share, out=mean, where=share > 0)
    return np.clip(mean, low, high, out=mean)
