"""What units and lines told, as step functions: states and modes, orders, products, reasons, lots, silos.

A state whose quality is not good is `State.UNDEFINED`; so is one of a time in which nobody watched. It makes no
difference in which order events came: those that are there decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Metric, Role
from plant.packml import Mode, State
from plant.production.lines import LineTable, TextSource
from plant.production.reasons import ReasonTree
from plant.production.steps import UNSAID, Integers, Steps
from plant.readings import GOOD, Columns, Event, EventKind
from plant.rollup import usable

NO_ORDER: Final = 0
_NUMBER: Final = re.compile(r"(\d+)\D*$")
_MARGIN: Final = 0.05
"""A store without alarm limits is empty below, and full above, this share of its span."""


class Fill(IntEnum):
    """How a store is."""

    BETWEEN = 0
    EMPTY = 1
    FULL = 2


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Spans [begin, end), UTC ms, in which nobody watched units (indices in the line table's units); int64, (n,)."""

    unit: Integers
    begin: Integers
    end: Integers

    @classmethod
    def none(cls) -> Unwatched:
        """Everything was watched."""
        empty = np.empty(0, np.int64)
        return cls(empty, empty, empty)


@dataclass(frozen=True, slots=True)
class Signals:
    """Step functions; rows are units for `state`, `mode` and `fill`, lines for all others; `UNSAID` is not known.

    Attributes:
        state: `plant.packml.State`, UNDEFINED where it is not known.
        mode: `plant.packml.Mode`, UNDEFINED where its quality is not good.
        order: Number of the order, `NO_ORDER` for none.
        product: Index in the products of the line table.
        reason: Code in the reason tree.
        formed: Lot that is formed, `dried` the one that comes out; numbers count in `lots`.
        fill: `Fill` of stores that have a level.
        lots: Names of lots.
    """

    state: Steps
    mode: Steps
    order: Steps
    product: Steps
    reason: Steps
    formed: Steps
    dried: Steps
    fill: Steps
    lots: tuple[str, ...]


def signals(
    table: LineTable, reasons: ReasonTree, events: Iterable[Event], levels: Columns, unwatched: Unwatched
) -> Signals:
    """From what the historian holds.

    Args:
        table: The lines.
        reasons: Codes of what controllers tell.
        events: States, modes and texts of the units, in any order, with the last ones before the window.
        levels: Readings of `level_tags`.
        unwatched: When nobody watched.
    """
    told = sorted(events, key=lambda event: event.time)
    codes: dict[EventKind, list[tuple[int, int, int]]] = {EventKind.STATE: [], EventKind.MODE: []}
    texts: dict[TextSource, list[Event]] = {}
    for event in told:
        unit = table.unit_index.get(event.unit)
        if unit is None:
            continue
        if event.kind in codes:
            codes[event.kind].append((unit, event.time, event.code if event.quality == GOOD else 0))
        elif event.kind is EventKind.TEXT:
            texts.setdefault(TextSource(unit, event.metric), []).append(event)
    lots = _numbers(table, texts)
    states, modes = (Steps.from_rows(codes[kind]) for kind in (EventKind.STATE, EventKind.MODE))
    return Signals(
        state=_legal(states, State).interrupted(unwatched.unit, unwatched.begin, unwatched.end, int(State.UNDEFINED)),
        mode=_legal(modes, Mode),
        order=_told(texts, [row.order for row in table], order_number),
        product=_told(texts, [row.product for row in table], table.product_index),
        reason=_told(texts, [row.reason for row in table], reasons.of_text),
        formed=_told(texts, [row.formed_lot for row in table], lots.__getitem__),
        dried=_told(texts, [row.dried_lot for row in table], lots.__getitem__),
        fill=_fills(table, levels),
        lots=tuple(lots)[1:],
    )


def order_number(text: str) -> int:
    """Number of an order: the last digits of its name (``boards-00417`` is 417); `NO_ORDER` for an empty text.

    A name without digits, or whose digits are all 0, has a number of its own all the same, above 2^32.
    """
    if not text.strip():
        return NO_ORDER
    found = _NUMBER.search(text)
    number = int(found[1][-18:]) if found is not None else NO_ORDER
    return number if number != NO_ORDER else (1 << 32) + crc32(text.encode())


def level_tags(table: LineTable) -> list[int]:
    """Tags of the levels of stores: units that have a level and no state."""
    tags = table.tags
    return [
        tags.of_unit(unit)[level.key].index
        for unit in table.units
        if (level := unit.with_role(Role.LEVEL)) is not None and unit.with_role(Role.STATE) is None
    ]


def _numbers(table: LineTable, texts: Mapping[TextSource, list[Event]]) -> dict[str, int]:
    """Numbers of the names of lots; none has `UNSAID`."""
    sources = {source for row in table for source in (row.formed_lot, row.dried_lot) if source is not None}
    names = dict.fromkeys(event.text for source in sources for event in texts.get(source, ()) if event.text)
    return {"": UNSAID} | {name: number for number, name in enumerate(sorted(names))}


def _told(
    texts: Mapping[TextSource, list[Event]], sources: Iterable[TextSource | None], meaning: Callable[[str], int]
) -> Steps:
    """Texts of lines as numbers; a text that its source could not vouch for holds on, as the state is unknown then."""
    return Steps.from_rows(
        (line, event.time, meaning(event.text))
        for line, source in enumerate(sources)
        if source is not None
        for event in texts.get(source, ())
        if event.quality == GOOD
    )


def _legal(steps: Steps, codes: type[State | Mode]) -> Steps:
    known = np.isin(steps.value, list(codes))
    return Steps.of(steps.row, steps.time, np.where(known, steps.value, 0))


def level_changes(table: LineTable, levels: Columns) -> Columns:
    """The readings of levels, sorted by (tag, time), at which a store begins to be empty, full or neither."""
    fill = _fill_codes(table, levels)
    same = np.append(False, (np.diff(fill) == 0) & (np.diff(levels.tag) == 0))[: len(levels)]
    return levels.take(~same)


def _fills(table: LineTable, levels: Columns) -> Steps:
    """How stores were, from their levels."""
    fill = _fill_codes(table, levels)
    unit = np.array([table.unit_index[table.tags[tag].unit.storage] for tag in levels.tag.tolist()], np.int64)
    return Steps.of(unit, levels.time, fill)


def _fill_codes(table: LineTable, levels: Columns) -> Integers:
    value = usable(levels)
    fill = np.full(len(levels), UNSAID, np.int64)
    for tag in np.unique(levels.tag).tolist():
        mine = (levels.tag == tag) & np.isfinite(value)
        fill[mine] = _fill(table.tags[tag].metric, value[mine])
    return fill


def _fill(metric: Metric, value: NDArray[np.float64]) -> Integers:
    low, high = (metric.span.low, metric.span.high) if metric.span is not None else (0.0, 100.0)
    margin = _MARGIN * (high - low)
    empty = low + margin if metric.limits.ll is None else metric.limits.ll
    full = high - margin if metric.limits.hh is None else metric.limits.hh
    return np.select([value <= empty, value >= full], [int(Fill.EMPTY), int(Fill.FULL)], int(Fill.BETWEEN))
