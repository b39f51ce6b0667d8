"""Planned time of lines as columns: when they are not to run, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from plant.calendar.spans import Planned
from plant.calendar.work_calendar import WorkCalendar
from plant.production.lines import LineTable
from plant.production.steps import Integers, Steps


@dataclass(frozen=True, slots=True)
class PlannedStops:
    """Times in which lines are not to run; those of a line do not overlap. Columns are int64 of shape (n,).

    Attributes:
        line: Index in the line table.
        start_ms: UTC ms; `end_ms` likewise, exclusive.
        kind: `plant.calendar.spans.Planned`.
    """

    line: Integers
    start_ms: Integers
    end_ms: Integers
    kind: Integers

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[int, int, int, int]]) -> PlannedStops:
        """From (line, start, end, kind)."""
        return cls(*np.array(list(rows), np.int64).reshape(-1, 4).T)

    @classmethod
    def none(cls) -> PlannedStops:
        """All lines are always to run."""
        return cls.from_rows(())

    def steps(self, lines: int) -> Steps:
        """The kind that holds from each time on, busy at first."""
        every = np.arange(lines)
        begun = Steps.of(every, np.zeros(lines), np.full(lines, Planned.BUSY))
        return Steps.of(
            np.concatenate((begun.row, self.line, self.line)),
            np.concatenate((begun.time, self.end_ms, self.start_ms)),  # of two at one time the start holds
            np.concatenate((begun.value, np.full(len(self.line), Planned.BUSY), self.kind)),
        )


def planned_stops(table: LineTable, start: int, end: int) -> PlannedStops:
    """What the calendars of the sites plan for [start, end), UTC ms."""
    rows: list[tuple[int, int, int, int]] = []
    for row in table:
        planned = WorkCalendar.of(row.site).planned(row.line, start, end)
        columns = (planned.start_ms.tolist(), planned.end_ms.tolist(), planned.kind.tolist())
        rows += [(row.index, *part) for part in zip(*columns, strict=True) if part[2] != Planned.BUSY]
    return PlannedStops.from_rows(rows)
