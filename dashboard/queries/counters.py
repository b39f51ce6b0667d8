"""How far counters went in windows that end together, read from as few rows as will do.

::

    start              whole hours             newest row   end
      ├─ minute rows ─┼── hour rows ──┼── minute rows ──┤ ─ ─ │
    before                                                newest

Shifts begin on whole hours: then there are no minutes at the left, and the value before is the last of an hour row.
All counters of all sites are read together, whenever each of their shifts began.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dashboard.queries.production import Increase
from plant.counters import increase_of_rows, rollovers
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.model.tags import TagTable
from plant.readings import GOOD, Columns

Instants = NDArray[np.int64]


def increases(historian: Historian, table: TagTable, starts: Mapping[int, int], end: int) -> Mapping[int, Increase]:
    """The increase of each counter from its start to the common end; blocks.

    What a counter counted while nobody watched is in it: the next reading tells. A counter without a good reading in
    its window is not known.

    Args:
        historian: Where from.
        table: Its tag table.
        starts: Start of each window, UTC ms, by tag index; one that is not before `end` is left out.
        end: UTC ms, not after now.
    """
    starts = {tag: start for tag, start in starts.items() if start < end}
    span = historian.span()
    if not starts or span is None:
        return {}
    start = np.full(len(table), end, np.int64)
    start[list(starts)] = list(starts.values())
    covered = min(span[1] + MINUTE_MS, end)
    hours, edges = _rows(historian, starts, covered)
    rows = _inside(TierColumns.concat((hours, edges)), start)
    every = [rows]
    if end > covered:
        every.append(_as_row(historian.held(list(starts), end), end))
    opening = _opening(historian, hours, starts, start)
    grown = increase_of_rows(TierColumns.concat(every).latest_written(), opening, rollovers(table))
    good = np.bincount(rows.tag, rows.good_ms, len(table)) / np.maximum(covered - start, 1)
    return {tag: _known(grown.of(tag), min(1.0, float(good[tag]))) for tag in starts}


def _known(amount: float | None, coverage: float) -> Increase:
    return Increase(amount if coverage > 0 else None, coverage)


def _rows(historian: Historian, starts: Mapping[int, int], covered: int) -> tuple[TierColumns, TierColumns]:
    """Hour rows, with the one before each start, and minute rows at the left and right edges of the windows."""
    tags, first = list(starts), min(starts.values())
    hours_end = covered - covered % HOUR_MS
    hours = historian.tier(Tier.HOUR, tags, first - first % HOUR_MS - HOUR_MS, hours_end)
    edges = [historian.tier(Tier.MINUTE, tags, max(hours_end, first), covered)]
    for start, together in _together(starts).items():
        inner = min(_next_hour(start), hours_end)
        if start < inner:
            edges.append(historian.tier(Tier.MINUTE, together, start, inner))
    return hours, TierColumns.concat(edges)


def _inside(rows: TierColumns, start: Instants) -> TierColumns:
    """Rows that begin in the window of their tag; an hour row before it was read for its last value alone."""
    return rows.take(rows.time >= start[rows.tag])


def _opening(historian: Historian, hours: TierColumns, starts: Mapping[int, int], start: Instants) -> Columns:
    """The last value before each window, from the hour row that ends there, else from the readings."""
    ends = (hours.time + HOUR_MS == start[hours.tag]) & np.isfinite(hours.last)
    tag, last = hours.tag[ends], hours.last[ends]
    found = Columns(tag, start[tag] - 1, last, np.full(len(tag), GOOD, np.uint16))
    rest = {one: at for one, at in starts.items() if one not in set(tag.tolist())}
    parts = [historian.held(together, at) for at, together in _together(rest).items()]
    return Columns.concat((found, *parts)).latest_written()


def _as_row(newest: Columns, at: int) -> TierColumns:
    """The newest good readings as rows behind all others: what counters did since the newest row."""
    good = newest.take(newest.quality == GOOD)
    value, nothing = good.value, np.zeros(len(good), np.int64)
    return TierColumns(good.tag, np.full(len(good), at), value, value, value, value, nothing, nothing)


def _together(starts: Mapping[int, int]) -> dict[int, list[int]]:
    """Tags by their start."""
    groups: dict[int, list[int]] = {}
    for tag, start in starts.items():
        groups.setdefault(start, []).append(tag)
    return groups


def _next_hour(at: int) -> int:
    return -(-at // HOUR_MS) * HOUR_MS
