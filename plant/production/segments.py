"""Time of lines in parts in which nothing changes: state, mode, order, product, reason and plan of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.production.lines import LineTable
from plant.production.planned import PlannedStops
from plant.production.signals import Signals
from plant.production.steps import Integers, Steps

_LINE_SIGNALS: Final = ("order", "product", "reason")


@dataclass(frozen=True, slots=True)
class Segments:
    """Parts that tile a window of each line, sorted by (line, start); all columns int64 of shape (n,).

    Attributes:
        line: Index in the line table.
        start: UTC ms; `end` likewise, exclusive.
        state: `plant.packml.State` of the line's constraint, UNDEFINED where it is not known.
        mode: `plant.packml.Mode` of it; `UNSAID` if it tells none.
        order: Number of the order, 0 for none, `UNSAID` where nobody tells orders.
        product: Index in the products, `UNSAID` for none.
        reason: Code of the reason that the constraint tells.
        planned: `plant.calendar.spans.Planned`.
    """

    line: Integers
    start: Integers
    end: Integers
    state: Integers
    mode: Integers
    order: Integers
    product: Integers
    reason: Integers
    planned: Integers

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Segments:
        """The rows that a mask or an index array chooses, in its order."""
        return Segments(*(getattr(self, field.name)[rows] for field in fields(self)))


def segments(table: LineTable, told: Signals, planned: PlannedStops, start: int, end: int) -> Segments:
    """The parts of [start, end), UTC ms, of all lines."""
    constraint = np.array([row.constraint for row in table], np.int64)
    plan = planned.steps(len(table))
    of_units = [_of_lines(steps, constraint) for steps in (told.state, told.mode)]
    of_lines = [getattr(told, name) for name in _LINE_SIGNALS]
    line, time = _cuts([*of_units, *of_lines, plan], len(table), start, end)
    until = np.append(time[1:], end)
    until[:-1][line[1:] != line[:-1]] = end
    state, mode = (steps.at(line, time) for steps in of_units)
    order, product, reason = (steps.at(line, time) for steps in of_lines)
    return Segments(line, time, until, np.maximum(state, 0), mode, order, product, reason, plan.at(line, time))


def _of_lines(steps: Steps, constraint: Integers) -> Steps:
    """Step functions of units as those of the lines whose constraints they are."""
    order = np.argsort(constraint, kind="stable")
    place = np.searchsorted(constraint[order], steps.row)
    found = np.minimum(place, len(constraint) - 1)
    mine = constraint[order][found] == steps.row if len(constraint) else np.zeros(len(steps.row), np.bool_)
    return Steps.of(order[found][mine], steps.time[mine], steps.value[mine])


def _cuts(parts: list[Steps], lines: int, start: int, end: int) -> tuple[Integers, Integers]:
    """Where anything changes, line by line; each line begins with `start`."""
    if end <= start:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    row = np.concatenate([np.arange(lines), *(steps.row for steps in parts)])
    time = np.concatenate([np.full(lines, start), *(steps.time for steps in parts)])
    inside = (time >= start) & (time < end)
    cuts = np.unique(np.stack((row[inside], time[inside])), axis=1)
    return cuts[0].astype(np.int64), cuts[1].astype(np.int64)
