"""Rows of production minutes: parts of time cut into minutes, with what was counted in each."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.production.counts import AMOUNTS, Counts
from plant.production.growth import MINUTE_MS
from plant.production.lines import LineTable
from plant.production.minutes import DTYPES, ProductionMinutes
from plant.production.signals import Signals
from plant.production.steps import Integers, keys
from plant.production.stops import Judged

Floats = NDArray[np.float64]

_KEYS: Final = ("line", "time", "order", "product", "element", "loss", "reason", "cause")
_SECONDS_PER_HOUR: Final = 3_600.0


def assemble(
    table: LineTable, told: Signals, of: Judged, counts: Counts, watermark: Integers, start: int, end: int
) -> ProductionMinutes:
    """The rows of all lines in [start, end), sorted by (line, time); what is counted elsewhere is left out.

    Args:
        table: The lines.
        told: Products.
        of: Parts of time that cover the window, and may go beyond it.
        counts: What was made and used.
        watermark: Of each line, UTC ms: its edge nodes have told everything before. Shape (lines,).
        start: First minute, UTC ms on a multiple of a minute.
        end: Likewise, exclusive.
    """
    source, begin, until = _cut(of, start, end)
    if len(source) == 0:
        return ProductionMinutes.empty()
    parts = of.parts
    columns = {
        "line": parts.line[source],
        "time": begin - begin % MINUTE_MS,
        "order": np.maximum(parts.order[source], 0),
        **{name: _column(of, name)[source] for name in _KEYS[3:]},
    }
    rows, row = _rows(columns)
    seconds = np.bincount(row, until - begin) / 1000.0
    inside = (counts.instant >= start) & (counts.instant < end)
    line, instant, amounts = counts.line[inside], counts.instant[inside], counts.amounts[inside]
    place = row[np.searchsorted(keys(columns["line"], begin), keys(line, instant), "right") - 1]
    ideal_s = _ideal_s(table, told, line, instant)
    sums = np.zeros((len(seconds), len(AMOUNTS) + 2))
    np.add.at(sums, place, np.column_stack((amounts, amounts[:, :2] * ideal_s[:, None])))
    provisional = _provisional(rows, watermark)
    for changing in (row[of.undecided[source]], place[counts.open[inside]]):
        provisional |= _in_minutes_of(rows, changing)
    values = {name: sums[:, number] for number, name in enumerate((*AMOUNTS, "produced_ideal_s", "good_ideal_s"))}
    arrays = rows | values | {"seconds": seconds, "provisional": provisional}
    return ProductionMinutes(**{name: arrays[name].astype(dtype) for name, dtype in DTYPES.items()})


def _cut(of: Judged, start: int, end: int) -> tuple[NDArray[np.intp], Integers, Integers]:
    """Parts within the window cut into minutes: which part, and from when to when, UTC ms."""
    begin, until = np.maximum(of.parts.start, start), np.minimum(of.parts.end, end)
    inside = np.flatnonzero(begin < until)
    begin, until = begin[inside], until[inside]
    first = begin // MINUTE_MS
    count = (until - 1) // MINUTE_MS - first + 1
    piece = np.repeat(np.arange(len(inside)), count)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    minute = (first[piece] + number) * MINUTE_MS
    return inside[piece], np.maximum(minute, begin[piece]), np.minimum(minute + MINUTE_MS, until[piece])


def _column(of: Judged, name: str) -> Integers:
    column: Integers = getattr(of.parts if name == "product" else of, name)
    return column


def _rows(columns: dict[str, Integers]) -> tuple[dict[str, Integers], Integers]:
    """Different rows, sorted by line and time, and the row of each piece."""
    order = np.lexsort([columns[name] for name in reversed(_KEYS)])
    fresh = np.zeros(len(order), np.bool_)
    fresh[0] = True
    for name in _KEYS:
        column = columns[name][order]
        fresh[1:] |= column[1:] != column[:-1]
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(fresh) - 1
    return {name: columns[name][order][fresh] for name in _KEYS}, row


def _ideal_s(table: LineTable, told: Signals, line: Integers, instant: Integers) -> Floats:
    """Ideal time of one unit of product, s: 3600 / ideal rate of the product that was told last; 0 if none is known."""
    only = table.only_product()[line]
    product = np.where(only >= 0, only, told.product.known().at(line, instant))
    rate = np.append(table.ideal_rates, np.full((len(table), 1), np.nan), axis=1)[line, product]
    return np.where(np.isfinite(rate), _SECONDS_PER_HOUR / rate, 0.0)


def _provisional(rows: dict[str, Integers], watermark: Integers) -> NDArray[np.bool_]:
    told: NDArray[np.bool_] = rows["time"] + MINUTE_MS > watermark[rows["line"]]
    return told


def _in_minutes_of(rows: dict[str, Integers], changing: Integers) -> NDArray[np.bool_]:
    """Rows that share line and minute with one of those."""
    key = keys(rows["line"], rows["time"])
    return np.isin(key, key[changing])
