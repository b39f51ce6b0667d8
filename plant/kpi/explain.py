"""What made a figure: its elements with their sums, the formula with numbers put in, tags, gaps, what may change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plant.kpi import adding
from plant.kpi.elements import ELEMENTS, Source
from plant.kpi.figures import Figure
from plant.kpi.lines import LineSet
from plant.kpi.sums import Sums
from plant.kpi.value import COVERAGE_NEEDED, Value
from plant.kpi.window import MINUTE_MS, Window
from plant.model.enterprise import Role, Text
from plant.production.elements import Element
from plant.production.lines import LineTable, ProductionLine, TextSource
from plant.production.minutes import ProductionMinutes

_OF_CONSTRAINT: Final = {Source.STATE: Role.STATE, Source.MODE: Role.MODE}


@dataclass(frozen=True, slots=True)
class ElementSum:
    """One element of the formula; `amount` is in `unit`."""

    key: str
    symbol: str
    name: Text
    unit: str
    amount: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes of a line, one after the other.

    Attributes:
        line: ``site/line``.
        start_ms: UTC ms; likewise `end_ms`, which is not in it.
    """

    line: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class TagUse:
    """A tag that a figure was made from.

    Attributes:
        path: ``site/area/line/unit/metric``.
        source: What it told.
    """

    path: str
    source: Source


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one figure.

    Attributes:
        version: Of the formula.
        formula: As people write it.
        numbers: The formula with the sums put in.
        unit: Unit of the value; ``1`` is shown as per cent.
        lines: ``site/line`` of all lines.
        tags: States, counters and texts of the model today that the elements come from.
        gaps: Minutes in which something is unknown: no data, or no row at all.
        provisional: Minutes that may still change.
        above_ideal: ``site/line`` of lines that alone made more than their ideal rates allow; others may hide it.
    """

    figure: str
    name: Text
    version: int
    source: str
    formula: str
    numbers: str
    unit: str
    value: Value
    window: Window
    lines: tuple[str, ...]
    elements: tuple[ElementSum, ...]
    tags: tuple[TagUse, ...]
    gaps: tuple[Stretch, ...]
    provisional: tuple[Stretch, ...]
    above_ideal: tuple[str, ...]

    @property
    def document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def explain(
    figure: Figure,
    window: Window,
    lines: LineSet,
    minutes: ProductionMinutes,
    table: LineTable,
    *,
    sums: Sums | None = None,
    needed: float = COVERAGE_NEEDED,
) -> Explanation:
    """What made a figure over a window and some lines.

    Args:
        figure: Of `plant.kpi.figures.FIGURES`.
        window: Where the figure was taken.
        lines: Of the line table.
        minutes: At least those of the window and the lines.
        table: The line table.
        sums: The sums with failures, plan or the period before, which minutes do not tell; from the minutes if None.
        needed: Coverage below which there is no value.
    """
    summed = sums if sums is not None else adding.total(minutes, window, lines)
    unit = next(iter(summed.measures)) if len(summed.measures) == 1 else "?"
    chosen = {index: table[index] for index in lines.indices}
    grid = _Grid.of(minutes, window, chosen)
    return Explanation(
        figure=figure.key,
        name=figure.name,
        version=figure.version,
        source=figure.source,
        formula=figure.formula,
        numbers=with_numbers(figure, summed),
        unit=figure.unit.format(measure=unit),
        value=figure.evaluate(summed, needed),
        window=window,
        lines=tuple(_path(line) for line in chosen.values()),
        elements=tuple(_element(key, summed, unit) for key in figure.inputs),
        tags=tuple(dict.fromkeys(use for line in chosen.values() for use in _tags(line, table, figure.inputs))),
        gaps=tuple(_stretches(_unknown(grid), grid)),
        provisional=tuple(_stretches(grid.marked(minutes.provisional != 0), grid)),
        above_ideal=_above_ideal(minutes, window, lines, table) if figure.rates_speed else (),
    )


def with_numbers(figure: Figure, sums: Sums) -> str:
    """The formula with the sums put in, to ten digits."""
    return figure.template.format(**{key: f"{ELEMENTS[key].of(sums):.10g}" for key in figure.inputs})


def _element(key: str, sums: Sums, measure: str) -> ElementSum:
    row = ELEMENTS[key]
    return ElementSum(key, row.symbol, row.name, row.unit.format(measure=measure), row.of(sums))


def _path(row: ProductionLine) -> str:
    return f"{row.site.slug}/{row.line.slug}"


def _tags(row: ProductionLine, table: LineTable, inputs: Iterable[str]) -> Iterator[TagUse]:
    """Tags of a line that some elements come from."""
    for source in dict.fromkeys(source for key in inputs for source in ELEMENTS[key].sources):
        for path in _paths(row, table, source):
            yield TagUse(path, source)


def _paths(row: ProductionLine, table: LineTable, source: Source) -> Iterator[str]:
    if source in _OF_CONSTRAINT:
        unit = table.units[row.constraint]
        metric = unit.with_role(_OF_CONSTRAINT[source])
        if metric is not None:
            yield "/".join((*unit.path, metric.key))
        return
    found: TextSource | tuple[int, ...] | None = getattr(row, source)
    if isinstance(found, TextSource):
        yield "/".join((*table.units[found.unit].path, found.metric))
    elif found is not None:
        yield from (table.tags[tag].path for tag in found)


@dataclass(frozen=True, slots=True)
class _Grid:
    """All minutes of some lines in a window, and which of them each row belongs to.

    Attributes:
        rows: Rows of the window and the lines.
        cells: Place of each of these in the grid laid flat.
    """

    minutes: ProductionMinutes
    window: Window
    lines: dict[int, ProductionLine]
    rows: NDArray[np.intp]
    cells: NDArray[np.int64]

    @classmethod
    def of(cls, minutes: ProductionMinutes, window: Window, lines: dict[int, ProductionLine]) -> _Grid:
        chosen = LineSet(tuple(lines), tuple(row.measure for row in lines.values()))
        rows = np.flatnonzero(adding.window_groups(minutes, (window,), chosen) == 0)
        place = np.zeros(max(lines, default=0) + 1, np.int64)
        place[list(lines)] = np.arange(len(lines))
        minute = (minutes.time[rows] - window.start_ms) // MINUTE_MS
        width = (window.end_ms - window.start_ms) // MINUTE_MS
        return cls(minutes, window, lines, rows, place[minutes.line[rows]] * width + minute)

    def marked(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Minutes with one of these rows, shape (lines, minutes)."""
        width = (self.window.end_ms - self.window.start_ms) // MINUTE_MS
        found = np.zeros(len(self.lines) * width, np.bool_)
        found[self.cells[rows[self.rows]]] = True
        return found.reshape(len(self.lines), width)


def _unknown(grid: _Grid) -> NDArray[np.bool_]:
    """Minutes with unknown time, and those without a row."""
    minutes = grid.minutes
    told = grid.marked(np.ones(len(minutes), np.bool_))
    return ~told | grid.marked((minutes.element == Element.UNKNOWN) & (minutes.seconds > 0))


def _above_ideal(minutes: ProductionMinutes, window: Window, lines: LineSet, table: LineTable) -> tuple[str, ...]:
    each = adding.by_line(minutes, window, lines)
    return tuple(_path(table[index]) for index, sums in each.items() if sums.is_above_ideal)


def _stretches(marked: NDArray[np.bool_], grid: _Grid) -> Iterator[Stretch]:
    """Marked minutes of each line, those that follow each other as one."""
    start = grid.window.start_ms
    for row, line in zip(marked, grid.lines.values(), strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
        for first, end in edges.reshape(-1, 2).tolist():
            yield Stretch(_path(line), start + first * MINUTE_MS, start + end * MINUTE_MS)
