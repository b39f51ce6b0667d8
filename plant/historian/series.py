"""What charts read: tags over a window in buckets, at a cost that follows the pixels and not the span.

::

    window to 1 h      readings ───────────────────────────────────────────▶ buckets of 1 s and more
    window to 30 d     minute rows ─────────────────────┐ readings ────────▶ buckets of 1 min to 30 min
    beyond, or wide    hour rows ───────┐ minute rows ──┘ readings ────────▶ buckets of 1 h and more
                                        └ what no coarser row covers yet: the right edge is never missing
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.gaps import Spans, interrupted, told_by_rows
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.rollup import combine, rollup

RAW_SPAN_MS: Final = HOUR_MS
"""Longest window that is made from readings, ms."""
MINUTE_SPAN_MS: Final = 30 * DAY_MS
"""Longest window whose buckets may be narrower than an hour, ms."""
WIDTHS_MS: Final = (
    *(1000 * seconds for seconds in (1, 2, 5, 10, 15, 30)),
    *(MINUTE_MS * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(HOUR_MS * hours for hours in (1, 2, 3, 6, 12)),
    DAY_MS,
)
"""Widths of buckets, ms."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """Tags over a window in buckets of equal width.

    Attributes:
        time: Start of each bucket, UTC ms on a multiple of the width, int64, shape (buckets,).
        width: Of a bucket, ms.
        mean: Time-weighted mean over the good part, NaN where there is none; float64, shape (tags, buckets) in the
            order of the tags asked for, as all that follow.
        low: Smallest good value that held at any time in the bucket.
        high: Largest good value that held at any time in the bucket.
        last: Value that holds at the end of the bucket, NaN where it is not known.
        coverage: Share of the bucket with a good value, 0 to 1; of the last bucket, of its part before the end.
    """

    time: NDArray[np.int64]
    width: int
    mean: Floats
    low: Floats
    high: Floats
    last: Floats
    coverage: Floats


def bucket_width(span_ms: int, buckets: int) -> int:
    """Width, ms, of the narrowest buckets of which about `buckets` fill a window of `span_ms`.

    Windows beyond an hour have none below a minute, those beyond 30 days none below an hour; no bucket is wider than a
    day.
    """
    finest = 0 if span_ms <= RAW_SPAN_MS else MINUTE_MS if span_ms <= MINUTE_SPAN_MS else HOUR_MS
    least = max(finest, span_ms / max(1, buckets))
    return next((width for width in WIDTHS_MS if width >= least), WIDTHS_MS[-1])


def series(historian: Historian, tags: Sequence[int], start: int, end: int, buckets: int) -> Series:
    """The tags over [start, end) in about `buckets` buckets.

    Args:
        historian: Where from.
        tags: Indices in the tag table, in any order.
        start: First instant, UTC ms; the first bucket begins at or before it.
        end: Instant after the last, UTC ms: now at the latest, since what holds then would be held on to `end`.
        buckets: How many are wanted; the width is rounded up, so there may be fewer.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    width = bucket_width(end - start, buckets)
    first = start - start % width
    span = historian.span()
    covered = None if span is None else span[1] + MINUTE_MS
    wanted, place = np.unique(np.asarray(tags, np.int32), return_inverse=True)
    indices: list[int] = wanted.tolist()
    if end - start <= RAW_SPAN_MS:
        rows = _from_readings(historian, indices, first, end, width, covered)
    else:
        coarsest = Tier.MINUTE if width % HOUR_MS else Tier.HOUR  # however short: whole hours need no minutes
        rows = combine(_from_tiers(historian, indices, first, end, coarsest, covered or first), width)
    return _dense(rows, wanted, place, first, end, width)


def _from_tiers(
    historian: Historian, tags: list[int], start: int, end: int, coarsest: Tier, covered: int
) -> TierColumns:
    """Hour rows, then minute rows, then minutes made from readings, each from where the coarser one ends."""
    covered = min(max(covered, start), end)
    hours_end = max(start, covered - covered % HOUR_MS) if coarsest is Tier.HOUR else start
    parts = [historian.tier(Tier.HOUR, tags, start, hours_end)] if hours_end > start else []
    if covered > hours_end:
        parts.append(historian.tier(Tier.MINUTE, tags, hours_end, covered))
    if end > covered:
        parts.append(_from_readings(historian, tags, covered, end, MINUTE_MS, covered))
    return TierColumns.concat(parts).latest_written()


def _from_readings(
    historian: Historian, tags: list[int], start: int, end: int, width: int, covered: int | None
) -> TierColumns:
    """Rows of `width` made from readings, unknown where the minute rows say that nobody watched."""
    samples, held = historian.raw(tags, start, end), historian.held(tags, start)
    if covered is not None:
        spans = _unwatched(historian, tags, start, end, covered)
        samples = interrupted(samples, held, spans, start, end)
    return rollup(samples, held, start, end, width)


def _unwatched(historian: Historian, tags: list[int], start: int, end: int, covered: int) -> Spans:
    """Runs of minutes before `covered` for which a tag has no row, or one that knows nothing.

    A run that reaches `covered` goes on to `end`: who was not known in the newest minute is not known after it either,
    until the next reading.
    """
    first = (start - 1) - (start - 1) % MINUTE_MS
    until = max(first, min(covered, end + MINUTE_MS - 1 - (end - 1) % MINUTE_MS))
    spans = told_by_rows(historian, tags, np.arange(len(tags)), first, until)
    return Spans(spans.tag, spans.begin, np.where(spans.end >= covered, end, spans.end))


def _dense(
    rows: TierColumns, tags: NDArray[np.int32], place: NDArray[np.intp], first: int, end: int, width: int
) -> Series:
    """Rows as matrices; `place` puts the sorted tags back into the order that was asked for."""
    count = max(0, -((first - end) // width))
    time = first + width * np.arange(count, dtype=np.int64)
    where = (np.searchsorted(tags, rows.tag), (rows.time - first) // width)

    def matrix(values: Floats, empty: float) -> Floats:
        filled = np.full((len(tags), count), empty)
        filled[where] = values
        return filled[place]

    lengths = np.minimum(time + width, end) - time
    coverage = np.minimum(matrix(rows.good_ms.astype(np.float64), 0.0) / lengths, 1.0)
    mean, low, high, last = (matrix(values, np.nan) for values in (rows.mean, rows.low, rows.high, rows.last))
    last[coverage == 0] = np.nan  # a minute in which nobody watched still carries what was read before it
    return Series(time, width, mean, low, high, last, coverage)
