"""Line protocol: one line for each unit and instant with a field for each metric, made a batch at a time.

::

    raw,site=minsk,line=mill,unit=dryer gas=310.5,temperature=152.25,state=6.0 1790035200000
    raw,site=minsk,line=mill,unit=dryer temperature__q=500i 1790035201000
    m1,site=minsk,line=mill,unit=dryer gas__mean=310.1,gas__low=309.0,...,rows=9.0 1790035200000

Wide lines go in about three times as fast as one line a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from plant.historian.influxdb.layout import QUALITY, TIER_FIELDS, Layout, line_tags
from plant.historian.influxdb.provision import EVENTS
from plant.historian.influxdb.quoting import line_name, line_text
from plant.historian.protocol import TierColumns
from plant.readings import BAD, GOOD, Columns, Event

BATCH_CHARS: Final = 2_000_000
"""Characters of one request."""
BATCH_ROWS: Final = 40_000
"""Readings of one request."""
UNTOLD: Final = -1
ROWS: Final = "rows"
"""Field of each line of a tier, its number of metrics: by it one finds the oldest and the newest line. No field of a
metric in a tier is called so, since theirs have two underscores."""

Bools = NDArray[np.bool_]


def readings(layout: Layout, measurement: str, columns: Columns, spelled: Bools, divisor: int = 1) -> Iterator[str]:
    """Lines of readings, in batches.

    Args:
        layout: Where tags live.
        measurement: Name of the measurement.
        columns: The readings; one without a finite value tells its quality only.
        spelled: Readings whose quality is written though it is good; shape (n,).
        divisor: By how much requests are to be smaller than usual.
    """
    finite = np.isfinite(columns.value)
    quality = np.where(finite | (columns.quality != GOOD), columns.quality, BAD).astype(np.int64)
    told = (quality != GOOD) | spelled
    order = np.lexsort((columns.time, layout.unit[columns.tag]))
    sorted_columns = columns.take(order)
    finite, quality = finite[order], np.where(told, quality, UNTOLD)[order]
    for part in _parts(
        _line_starts(layout.unit[sorted_columns.tag], sorted_columns.time), max(1, BATCH_ROWS // divisor)
    ):
        yield _text(layout, measurement, sorted_columns.take(part), finite[part], quality[part])


def _text(layout: Layout, measurement: str, columns: Columns, finite: Bools, quality: NDArray[np.int64]) -> str:
    """Lines of readings that are sorted by unit and time.

    A value costs no call of its own: before each stands a text that ends in ``=``, and all numbers are written at once.

    Args:
        layout: Where tags live.
        measurement: Name of the measurement.
        columns: The readings, at least one.
        finite: Which of them have a value; shape (n,).
        quality: What to tell of their quality, `UNTOLD` for nothing; shape (n,).
    """
    unit, time = layout.unit[columns.tag], columns.time
    before: list[str] = layout.next_field[columns.tag].tolist()
    first = np.flatnonzero(_line_starts(unit, time))
    ended = ["", *(f" {instant}\n" for instant in time[first[:-1]].tolist())]
    for row, number, end in zip(first.tolist(), unit[first].tolist(), ended, strict=True):
        before[row] = f"{end}{measurement}{layout.prefix[number]} {before[row][1:]}"
    values = orjson.dumps(columns.value, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")
    for row in np.flatnonzero(quality != UNTOLD).tolist():
        state = f"{QUALITY}={quality[row]}i"
        if finite[row]:
            values[row] = f"{values[row]},{layout.key[columns.tag[row]]}{state}"
        else:
            before[row], values[row] = before[row].removesuffix("="), state
    pieces = [""] * (2 * len(values))
    pieces[0::2], pieces[1::2] = before, values
    return f"{''.join(pieces)} {time[-1]}"


def rows(layout: Layout, measurement: str, columns: TierColumns, spelled: Bools, divisor: int = 1) -> Iterator[str]:
    """Lines of tier rows, in batches; `spelled` and `divisor` as in `readings`."""
    order = np.lexsort((columns.time, layout.unit[columns.tag]))
    ordered = columns.take(order)
    values = zip(*(getattr(ordered, name).tolist() for name in TIER_FIELDS), strict=True)
    key = layout.key
    fields = [
        _row(key[tag], row, spell)
        for tag, row, spell in zip(ordered.tag.tolist(), values, spelled[order].tolist(), strict=True)
    ]
    lines = _wide(layout, measurement, layout.unit[ordered.tag], ordered.time, fields, count=True)
    return batches(lines, BATCH_CHARS // divisor)


def events(told: Sequence[Event], divisor: int = 1) -> Iterator[str]:
    """Lines of events, in batches; `divisor` as in `readings`."""
    lines = (
        f"{EVENTS}{line_tags(event.unit)},kind={event.kind},metric={line_name(event.metric)} "
        f"text={line_text(event.text)},code={event.code}i,quality={event.quality}i {event.time}"
        for event in told
    )
    return batches(lines, BATCH_CHARS // divisor)


def _row(key: str, values: tuple[float, ...], spelled: bool) -> str:
    mean, low, high, last, count, good_ms = values
    parts = [f"{key}__count={float(count)!r},{key}__good_ms={float(good_ms)!r}"]
    if good_ms:
        parts.append(f"{key}__mean={mean!r},{key}__low={low!r},{key}__high={high!r}")
    if last == last:  # noqa: PLR0124 - NaN is the one number that differs from itself
        parts.append(f"{key}__last={last!r}")
        if spelled:
            parts.append(f"{key}{QUALITY}={GOOD}i")
    else:
        parts.append(f"{key}{QUALITY}={BAD}i")
    return ",".join(parts)


def _wide(
    layout: Layout,
    measurement: str,
    unit: NDArray[np.int32],
    time: NDArray[np.int64],
    fields: list[str],
    *,
    count: bool = False,
) -> Iterator[str]:
    """One line for each run of equal unit and time."""
    first = np.flatnonzero(_line_starts(unit, time))
    ends = [*first[1:].tolist(), len(unit)]
    for begin, end, number, instant in zip(
        first.tolist(), ends, unit[first].tolist(), time[first].tolist(), strict=True
    ):
        total = f",{ROWS}={float(end - begin)}" if count else ""
        yield f"{measurement}{layout.prefix[number]} {','.join(fields[begin:end])}{total} {instant}"


def _line_starts(unit: NDArray[np.int32], time: NDArray[np.int64]) -> Bools:
    """Where a line begins."""
    starts = np.ones(len(unit), np.bool_)
    starts[1:] = (unit[1:] != unit[:-1]) | (time[1:] != time[:-1])
    return starts


def _parts(starts: Bools, most: int) -> Iterator[slice]:
    """Rows of one request: whole lines, about `most` rows of them."""
    first = np.append(np.flatnonzero(starts), len(starts))
    begin = 0
    while begin < len(starts):
        end = int(first[np.searchsorted(first, min(begin + most, len(starts)))])
        yield slice(begin, end)
        begin = end


def batches(lines: Iterator[str], most: int) -> Iterator[str]:
    """Lines in texts of about `most` characters."""
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= most:
            yield "\n".join(batch)
            batch, size = [], 0
    if batch:
        yield "\n".join(batch)
