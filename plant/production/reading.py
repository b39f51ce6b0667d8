"""Everything that production minutes are made of, read from a historian."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import numpy as np

from plant.counters import SET_BACK_MS
from plant.historian.gaps import told_by_rows
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian
from plant.model.enterprise import Role
from plant.production.corrections import Correction
from plant.production.lines import LineTable
from plant.production.planned import planned_stops
from plant.production.production import Told
from plant.production.signals import Unwatched, level_changes, level_tags
from plant.production.steps import Integers
from plant.production.thinning import lot_changes, thinned
from plant.readings import Columns, EventKind
from plant.rollup import newest

READ_AT_ONCE: Final = 500_000
"""Readings that are held at once before they are thinned, of counters that are read once a second."""
_KINDS: Final = (EventKind.STATE, EventKind.MODE, EventKind.TEXT)


def read(
    historian: Historian,
    table: LineTable,
    start: int,
    end: int,
    watermark: Integers,
    corrections: Sequence[Correction] = (),
    sites: Collection[str] | None = None,
    made: tuple[int, int] | None = None,
) -> Told:
    """What is known of [start, end), UTC ms, of all lines; `watermark` as in `Told`; blocks.

    Counters are read piece by piece, and only what matters of them is held at once.

    Args:
        historian: Where everything is.
        table: The lines.
        start: UTC ms.
        end: UTC ms.
        watermark: Shape (lines,).
        corrections: What people have entered.
        sites: Slugs of the sites that matter; nothing is read of others, so that minutes of their lines say nothing
            and must not be kept. All if not given: material never goes from site to site.
        made: The minutes that are to be made of it, from and to before, UTC ms on multiples of a minute; all of it if
            not given. Counts of others are right in sum only.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    chosen = {row.site.slug for row in table} if sites is None else set(sites)
    units = [unit.storage for unit in table.units if unit.retired is None and unit.site in chosen]
    counters = {tag for row in table if row.site.slug in chosen for tag in row.counters}
    levels = [tag for tag in level_tags(table) if table.tags[tag].unit.site in chosen]
    events = historian.events(units, _KINDS, start, end + 1)
    changes, (first, last) = lot_changes(table, events), made or (start, end)
    return Told(
        start=start,
        end=end,
        events=events,
        counters=_readings(historian, sorted(counters), start, end, lambda rows: thinned(rows, changes, first, last)),
        levels=_readings(historian, levels, start, end, lambda rows: level_changes(table, rows)),
        unwatched=_unwatched(historian, table, chosen, start, end),
        planned=planned_stops(table, start, end),
        corrections=corrections,
        watermark=watermark,
    )


def state_tags(table: LineTable) -> list[int]:
    """Tags of the states of units in service, ascending."""
    return [tag.index for tag in table.tags.with_role(Role.STATE) if tag.unit.storage in table.unit_index]


def _readings(
    historian: Historian, tags: Sequence[int], start: int, end: int, thin: Callable[[Columns], Columns]
) -> Columns:
    """With those of the very end: what is told on the stroke of a minute was counted before it."""
    step = max(HOUR_MS, READ_AT_ONCE * 1000 // max(1, len(tags)))
    found, before = [historian.held(tags, start)], Columns.empty()
    for begin in range(start, end + 1, step):
        part = historian.raw(tags, begin, min(begin + step, end + 1))
        few = thin(Columns.concat((before, part)).latest_written())
        found.append(few.take(few.time >= begin))
        before = Columns.concat((newest(part), part.take(part.time >= begin + step - SET_BACK_MS)))
    return Columns.concat(found)


def _unwatched(historian: Historian, table: LineTable, sites: Collection[str], start: int, end: int) -> Unwatched:
    """Minutes without any row of any state of an edge node, up to the newest rows that are there."""
    span = historian.span()
    states = [tag for tag in map(table.tags.__getitem__, state_tags(table)) if tag.unit.site in sites]
    if span is None or not states:
        return Unwatched.none()
    nodes: dict[tuple[str, str], int] = {}
    group = np.array([nodes.setdefault((tag.unit.site, tag.unit.gateway), len(nodes)) for tag in states], np.intp)
    until = min(end, span[1] + MINUTE_MS)
    gaps = told_by_rows(historian, [tag.index for tag in states], group, start, max(start, until))
    unit = {tag.index: table.unit_index[tag.unit.storage] for tag in states}
    return Unwatched(np.array([unit[tag] for tag in gaps.tag.tolist()], np.int64), gaps.begin, gaps.end)
