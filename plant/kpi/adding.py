"""Adding production minutes up: over windows and lines, and by line, product, order, loss, reason or cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plant.kpi.lines import LineSet
from plant.kpi.sums import Sums
from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element, Loss
from plant.production.minutes import Floats, ProductionMinutes

Groups = NDArray[np.int64]
"""Number of the group of each row, shape (n,); rows of no group have the number of groups."""

_TIMES: Final = {
    Element.NOT_PLANNED: "not_planned_s",
    Element.APT: "apt_s",
    Element.ADET: "adet_s",
    Element.ADOT: "adot_s",
    Element.AUST: "aust_s",
    Element.UNKNOWN: "unknown_s",
}
_LOSSES: Final = {
    Loss.BREAKDOWN: "breakdown_s",
    Loss.MINOR_STOP: "minor_stop_s",
    Loss.EXTERNAL: "external_s",
    Loss.START_UP: "start_up_s",
    Loss.WAITING: "waiting_s",
    Loss.NO_ORDER: "no_order_s",
    Loss.SETUP: "setup_s",
}
_STOPPED: Final = (Element.ADET, Element.ADOT, Element.AUST)
_OUTSIDE: Final = (Element.UNKNOWN, Element.NOT_PLANNED)
"""Time that figures are not divided by: what a line makes in it, such as in a break, would only flatter them."""
_QUANTITIES: Final = ("reject", "gas_m3", "energy_kwh", "water_m3")
_TIMED: Final = ("produced", "good", "produced_ideal_s", "good_ideal_s")
"""Quantities that are set against time, so that what is booked to time outside of it is told apart."""


class Key(StrEnum):
    """What minutes may be grouped by; the value is the name of the column."""

    LINE = "line"
    ORDER = "order"
    PRODUCT = "product"
    LOSS = "loss"
    REASON = "reason"
    CAUSE = "cause"


_SHORT_RUN: Final = 8
_CLOSE: Final = 1_000_000
"""Values further apart than this are sorted, not counted: a table of all between them would be larger than they."""

NONE: Final = {Key.ORDER: 0, Key.PRODUCT: -1, Key.LOSS: int(Loss.NONE), Key.REASON: -1, Key.CAUSE: -1}
"""What stands in a key's column for none; time that has no row is counted there."""


def total(minutes: ProductionMinutes, window: Window, lines: LineSet) -> Sums:
    """Sums of some lines over a window."""
    return by_window(minutes, (window,), lines)[0]


def by_window(minutes: ProductionMinutes, windows: Sequence[Window], lines: LineSet) -> tuple[Sums, ...]:
    """Sums of some lines over each of several windows, such as shifts or production days.

    Raises:
        ValueError: Windows overlap, or are not in the order of time.
    """
    parts = add_up(minutes, window_groups(minutes, windows, lines), len(windows))
    measures = _measures(lines.measures)
    return tuple(
        _finished(part, window.seconds * len(lines), measures) for part, window in zip(parts, windows, strict=True)
    )


def by_line(minutes: ProductionMinutes, window: Window, lines: LineSet) -> dict[int, Sums]:
    """Sums over a window for each of the lines, also those without a row."""
    place = _places(minutes, lines)
    group = np.where(_inside(minutes, window), place, len(lines))
    parts = add_up(minutes, group, len(lines))
    return {
        index: _finished(part, window.seconds, _measures((measure,)))
        for index, measure, part in zip(lines.indices, lines.measures, parts, strict=True)
    }


def by(minutes: ProductionMinutes, window: Window, lines: LineSet, key: Key) -> dict[int, Sums]:
    """Sums of some lines over a window by the values of a key, which add up to those of the whole.

    Calendar time of a value is the time of its rows. Time without a row is counted to `NONE`.
    """
    if key is Key.LINE:
        return by_line(minutes, window, lines)
    chosen = minutes.take(np.flatnonzero(_inside(minutes, window) & (_places(minutes, lines) < len(lines))))
    values, group = numbered(getattr(chosen, key))
    parts = add_up(chosen, group, len(values))
    cells = np.bincount(group * len(lines) + _places(chosen, lines), minlength=len(values) * len(lines))
    sums = {
        value: _finished(part, _row_seconds(part), _measures(np.array(lines.measures)[present].tolist()))
        for value, part, present in zip(values.tolist(), parts, cells.reshape(len(values), len(lines)) > 0, strict=True)
    }
    missing = window.seconds * len(lines) - sum(_row_seconds(part) for part in parts)
    sums[NONE[key]] = sums.get(NONE[key], Sums()) + Sums(calendar_s=missing)
    return sums


def numbered(column: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], Groups]:
    """The values of a column in their order, and the number of each row's value among them.

    As `numpy.unique` does, but by counting instead of sorting where the values are close together, as codes are.
    """
    low = int(column.min(initial=0))
    if len(column) == 0 or int(column.max()) - low > _CLOSE:
        values, group = np.unique(column, return_inverse=True)
        return values.astype(np.int64), group.astype(np.int64)
    shifted = column.astype(np.int64) - low
    occurs = np.bincount(shifted) > 0
    return np.flatnonzero(occurs) + low, (np.cumsum(occurs) - 1)[shifted]


def window_groups(minutes: ProductionMinutes, windows: Sequence[Window], lines: LineSet) -> Groups:
    """Number of the window of each row; rows of other times and lines have the number of windows.

    Raises:
        ValueError: Windows overlap, or are not in the order of time.
    """
    if any(after.start_ms < before.end_ms for before, after in pairwise(windows)):
        raise ValueError("windows overlap, or are not in the order of time")
    outside = len(windows)
    if outside == 0:
        return np.zeros(len(minutes), np.int64)
    first = windows[0].start_ms
    width = (windows[-1].end_ms - first) // MINUTE_MS
    number = np.full(width + 2, outside, np.int64)  # of the window of each minute, with all before and all after
    for place, window in enumerate(windows):
        number[1 + (window.start_ms - first) // MINUTE_MS : 1 + (window.end_ms - first) // MINUTE_MS] = place
    group = number[np.clip((minutes.time - first) // MINUTE_MS, -1, width) + 1]
    group[_places(minutes, lines) == len(lines)] = outside
    return group


def add_up(minutes: ProductionMinutes, group: Groups, count: int) -> list[dict[str, float]]:
    """Each group's additive elements by name, but calendar time; rows with group `count` are left out."""
    cells = (group * len(Element) + minutes.element) * len(Loss) + minutes.loss
    seconds = np.bincount(cells, minutes.seconds, (count + 1) * len(Element) * len(Loss))
    seconds = seconds.reshape(count + 1, len(Element), len(Loss))
    found = {name: seconds[:, element].sum(axis=1) for element, name in _TIMES.items()}
    found |= {name: seconds[:, _STOPPED, loss].sum(axis=1) for loss, name in _LOSSES.items()}
    added, outside = _adder(group, count), np.flatnonzero(np.isin(minutes.element, _OUTSIDE))
    found |= {name: added(getattr(minutes, name)) for name in (*_QUANTITIES, *_TIMED)}
    for name in _TIMED:
        found[f"outside_{name}"] = np.bincount(group[outside], getattr(minutes, name)[outside], count + 1)
    provisional = np.flatnonzero(minutes.provisional)
    found["provisional_rows"] = np.bincount(group[provisional], minlength=count + 1)
    names = list(found)
    table = np.stack([found[name][:count] for name in names], axis=1).tolist()
    return [dict(zip(names, row, strict=True)) for row in table]


def _adder(group: Groups, count: int) -> Callable[[Floats], NDArray[Any]]:
    """What adds a column up by group.

    Minutes come sorted by line and time, so that rows of a group follow each other: adding runs first is four times as
    fast. Where runs are short, rows are added one by one.
    """
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    if len(starts) * _SHORT_RUN > len(group):
        return lambda column: np.bincount(group, column, count + 1)
    of_run = group[starts]
    return lambda column: np.bincount(of_run, np.add.reduceat(column, starts), count + 1)


def _inside(minutes: ProductionMinutes, window: Window) -> NDArray[np.bool_]:
    return (minutes.time >= window.start_ms) & (minutes.time < window.end_ms)


def _places(minutes: ProductionMinutes, lines: LineSet) -> Groups:
    """Place of each row's line among the lines, their number for other lines."""
    highest = max(int(minutes.line.max(initial=0)), max(lines.indices, default=0))
    table = np.full(highest + 1, len(lines), np.int64)
    table[list(lines.indices)] = np.arange(len(lines))
    return table[minutes.line]


def _row_seconds(part: dict[str, float]) -> float:
    return sum(part[name] for name in _TIMES.values())


def _measures(measures: Sequence[str]) -> frozenset[str]:
    return frozenset(each for each in measures if each)


def _finished(part: dict[str, float], calendar_s: float, measures: frozenset[str]) -> Sums:
    return Sums(measures, calendar_s, **part)
