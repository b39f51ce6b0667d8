"""Honest comparison of sites: with the same mix of products and line types, an interval, and a verdict that may be no.

A site that makes more of what runs well looks better than it is. So each site's figure is made anew from its own rates
per cell (product x line type) in a mix that is common to all: direct standardisation. Time without a product, such as
shifts without an order, is the market's and enters no cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.kpi import adding
from plant.kpi.comparison import Cell, Comparison, Difference, LeftOut, Reason, Refusal, Share, Standing, Verdict
from plant.kpi.figures import FIGURES, Figure
from plant.kpi.lines import LineSet
from plant.kpi.resampling import Days, Interval, differences, interval, resample
from plant.kpi.sums import Sums
from plant.kpi.value import COVERAGE_NEEDED, Ratio
from plant.kpi.window import Window
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes

COMPARABLE: Final = (
    "availability",
    "effectiveness",
    "quality",
    "oee",
    "utilisation",
    "setup_ratio",
    "scrap_ratio",
    "first_pass_yield",
    "specific_gas",
    "specific_energy",
    "specific_water",
)
"""Ratios of sums that are known per product."""
LEAST_DAYS: Final = 7
"""Fewer production days do not tell how much days differ."""
LEAST_CELL_DAYS: Final = 5
"""A cell that a site has on fewer days is as good as empty: every seventh resampling would miss one of two days."""


@dataclass(frozen=True, slots=True)
class SiteDays:
    """A site with its own production days, in the order of time."""

    site: str
    lines: LineSet
    days: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A site with its numbers by day and cell."""

    site: SiteDays
    whole: Sums
    days: Days


def compare(
    figure: Figure,
    sites: Sequence[SiteDays],
    minutes: ProductionMinutes,
    table: LineTable,
    rng: np.random.Generator,
    *,
    needed: float = COVERAGE_NEEDED,
) -> Comparison:
    """Compare sites by a figure.

    Args:
        figure: One of `COMPARABLE`.
        sites: With disjoint lines; sites on trial only if the caller means to compare them.
        minutes: At least those of the sites' lines and days.
        table: The line table.
        rng: For the resampling; equal generators give equal intervals.
        needed: Coverage below which a site is not ranked.

    Raises:
        ValueError: The figure cannot be compared, or its raw quantities would be of several units of measure.
    """
    _check(figure, sites)
    cells = _Cells.of(table)
    entries, refused = [], []
    for site in sites:
        own = minutes.take(np.flatnonzero(np.isin(minutes.line, site.lines.indices)))
        whole = Sums.of(adding.by_window(own, site.days, site.lines))
        if (reason := _objection(site, whole, needed)) is not None:
            refused.append(Refusal(site.site, reason, whole.coverage, len(site.days)))
        else:
            entries.append(_Entry(site, whole, _daily(figure.function, own, site, cells)))
    mix, left_out = _mix(entries, cells)
    standings, pairs = _ranked(figure, entries, mix, rng)
    shares = tuple(Share(cells[number], share) for number, share in mix.items())
    return Comparison(figure.key, standings, pairs, shares, tuple(left_out), tuple(refused))


def _check(figure: Figure, sites: Sequence[SiteDays]) -> None:
    if figure.key not in COMPARABLE or FIGURES[figure.key] is not figure:
        raise ValueError(f"'{figure.key}' is not known per product; choose one of {', '.join(COMPARABLE)}")
    measures = {measure for site in sites for measure in site.lines.measures if measure}
    if figure.needs_one_measure and len(measures) > 1:
        raise ValueError(f"'{figure.key}' in {', '.join(sorted(measures))}: choose lines of one unit of measure")


def _objection(site: SiteDays, whole: Sums, needed: float) -> Reason | None:
    if whole.coverage < needed:
        return Reason.LOW_COVERAGE
    return Reason.FEW_DAYS if len(site.days) < LEAST_DAYS else None


@dataclass(frozen=True, slots=True)
class _Cells:
    """All cells there may be: of each type of line each product.

    Attributes:
        type_of_line: Place of the type of each line of the line table among the types.
    """

    types: tuple[str, ...]
    products: int
    type_of_line: NDArray[np.int64]

    @classmethod
    def of(cls, table: LineTable) -> _Cells:
        kinds = [table.units[row.constraint].type for row in table]
        types = tuple(sorted(set(kinds)))
        return cls(types, len(table.products), np.array([types.index(kind) for kind in kinds], np.int64))

    def __len__(self) -> int:
        return len(self.types) * self.products

    def __getitem__(self, number: int) -> Cell:
        return Cell(number % self.products, self.types[number // self.products])

    def numbers(self, minutes: ProductionMinutes) -> NDArray[np.int64]:
        """The cell of each row; what it says of rows without a product means nothing."""
        return self.type_of_line[minutes.line] * self.products + minutes.product


def _daily(function: Callable[[Sums], Ratio], minutes: ProductionMinutes, site: SiteDays, cells: _Cells) -> Days:
    """Numerators and denominators of a site by day and cell."""
    day = adding.window_groups(minutes, site.days, site.lines)
    rows = np.flatnonzero((day < len(site.days)) & (minutes.product >= 0))
    found, group = adding.numbered(day[rows] * len(cells) + cells.numbers(minutes)[rows])
    ratios = [function(Sums(frozenset(), **part)) for part in adding.add_up(minutes.take(rows), group, len(found))]
    numerators, denominators = np.zeros((2, len(site.days) * len(cells)))
    numerators[found] = [ratio.numerator for ratio in ratios]
    denominators[found] = [ratio.denominator for ratio in ratios]
    shape = (len(site.days), len(cells))
    return Days(numerators.reshape(shape), denominators.reshape(shape))


def _mix(entries: Sequence[_Entry], cells: _Cells) -> tuple[dict[int, float], list[LeftOut]]:
    """The cells that every site has, with the shares of all of them together; and the others."""
    weights = sum((entry.days.denominators.sum(axis=0) for entry in entries), np.zeros(len(cells)))
    occurring = np.flatnonzero(weights > 0).tolist()
    without = {number: tuple(entry.site.site for entry in entries if _lacks(entry, number)) for number in occurring}
    whole = float(sum(weights[number] for number in occurring if not without[number]))
    mix = {number: float(weights[number]) / whole for number in occurring if not without[number]}
    left_out = [
        LeftOut(cells[number], float(weights[number] / weights.sum()), without[number])
        for number in occurring
        if without[number]
    ]
    return mix, left_out


def _lacks(entry: _Entry, number: int) -> bool:
    return int(np.count_nonzero(entry.days.denominators[:, number] > 0)) < LEAST_CELL_DAYS


def _ranked(
    figure: Figure, entries: Sequence[_Entry], mix: Mapping[int, float], rng: np.random.Generator
) -> tuple[tuple[Standing, ...], tuple[Difference, ...]]:
    if len(entries) < 2 or not mix:
        return (), ()
    weights, columns = np.array(list(mix.values())), list(mix)
    days = [Days(entry.days.numerators[:, columns], entry.days.denominators[:, columns]) for entry in entries]
    replicates = np.stack([resample(each, weights, rng) for each in days])
    adjusted = [interval(each, weights, drawn) for each, drawn in zip(days, replicates, strict=True)]
    order = sorted(range(len(entries)), key=lambda number: adjusted[number].value, reverse=not figure.lower_is_better)
    values = np.array([adjusted[number].value for number in order])
    pairs = tuple(
        Difference(entries[order[a]].site.site, entries[order[b]].site.site, found, _verdict(found))
        for (a, b), found in differences(values, replicates[order]).items()
    )
    return tuple(_standing(entries[each], adjusted[each], pairs, len(entries)) for each in order), pairs


def _verdict(difference: Interval) -> Verdict:
    holds_none = difference.low <= 0 <= difference.high
    return Verdict.NOT_DISTINGUISHABLE if holds_none else Verdict.BETTER


def _standing(entry: _Entry, adjusted: Interval, pairs: Sequence[Difference], count: int) -> Standing:
    """A site with the places that it may truly have: the better one of a pair is its first."""
    site = entry.site.site
    sure = [pair for pair in pairs if pair.verdict is Verdict.BETTER]
    return Standing(
        site=site,
        raw=_raw(entry.days),
        adjusted=adjusted,
        best=1 + sum(pair.second == site for pair in sure),
        worst=count - sum(pair.first == site for pair in sure),
        coverage=entry.whole.coverage,
        provisional=entry.whole.is_provisional,
    )


def _raw(days: Days) -> float | None:
    return Ratio(float(days.numerators.sum()), float(days.denominators.sum())).quotient
