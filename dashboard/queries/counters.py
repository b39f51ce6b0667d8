"""How far counters went in a window, read from as few rows as will do.

::

    start            whole hours             newest row   end
      ├── minute rows ──┼── hour rows ──┼── minute rows ──┤·│
    held                                                  held
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.queries.production import Increase
from plant.counters import increase_of_rows, rollovers
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.model.tags import Tag, TagTable
from plant.readings import GOOD, Columns


def increases(
    historian: Historian, table: TagTable, tags: Sequence[Tag], start: int, end: int
) -> Mapping[int, Increase]:
    """The increase of each counter over [start, end), UTC ms, `end` not after now, by tag index; blocks.

    What a counter counted while nobody watched is in it: the next reading tells. A counter without a good reading in
    the window is not known.
    """
    span = historian.span()
    if not tags or end <= start or span is None:
        return {}
    indices = [tag.index for tag in tags]
    covered = min(max(span[1] + MINUTE_MS, start), end)
    rows = _rows(historian, indices, start, covered)
    every = TierColumns.concat((rows, _as_row(historian.held(indices, end), end))).latest_written()
    grown = increase_of_rows(every, historian.held(indices, start), rollovers(table))
    good = np.bincount(rows.tag, rows.good_ms, len(table)) / max(covered - start, 1)
    return {tag: _known(grown.of(tag), min(1.0, float(good[tag]))) for tag in indices}


def _known(amount: float | None, coverage: float) -> Increase:
    return Increase(amount if coverage > 0 else None, coverage)


def _rows(historian: Historian, tags: Sequence[int], start: int, covered: int) -> TierColumns:
    """Rows that tile [start, covered); one that `start` cuts is left out."""
    hours_start = min(-(-start // HOUR_MS) * HOUR_MS, covered)
    hours_end = max(covered - covered % HOUR_MS, hours_start)
    spans = (
        (Tier.MINUTE, start, hours_start),
        (Tier.HOUR, hours_start, hours_end),
        (Tier.MINUTE, hours_end, covered),
    )
    return TierColumns.concat([historian.tier(tier, tags, begin, until) for tier, begin, until in spans])


def _as_row(newest: Columns, at: int) -> TierColumns:
    """The newest good readings as rows behind all others: what counters did since the newest row."""
    good = newest.take(newest.quality == GOOD)
    value, nothing = good.value, np.zeros(len(good), np.int64)
    return TierColumns(good.tag, np.full(len(good), at), value, value, value, value, nothing, nothing)
