"""What a comparison of sites says: standings with intervals, verdicts, and what could not be compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plant.kpi.resampling import Interval


@dataclass(frozen=True, slots=True)
class Cell:
    """What is compared like with like.

    Attributes:
        product: Index in the products of the enterprise.
        line_type: Unit type of the line's constraint.
    """

    product: int
    line_type: str


@dataclass(frozen=True, slots=True)
class Share:
    """A cell in the common mix: its share of the denominator of all ranked sites together, 0 to 1."""

    cell: Cell
    share: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell that is compared for nobody.

    Attributes:
        share: Of the denominator of all ranked sites together, 0 to 1.
        missing: Sites that do not have it, or on too few days.
    """

    cell: Cell
    share: float
    missing: tuple[str, ...]


class Reason(StrEnum):
    """Why a site is not ranked."""

    LOW_COVERAGE = "low_coverage"
    FEW_DAYS = "few_days"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A site that is not ranked."""

    site: str
    reason: Reason
    coverage: float
    days: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A ranked site.

    Attributes:
        raw: The figure with the site's own mix, over the time that has a product; None if it has no basis.
        adjusted: With the common mix, and its interval.
        best: Best place that it may truly have, from 1; likewise `worst`. Equal numbers if both are sure.
    """

    site: str
    raw: float | None
    adjusted: Interval
    best: int
    worst: int
    coverage: float
    provisional: bool


class Verdict(StrEnum):
    """What may be said of the first site of a pair, which stands before the second."""

    BETTER = "better"
    NOT_DISTINGUISHABLE = "not distinguishable"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two ranked sites; the interval is that of `first` less `second`, and all pairs' hold at once."""

    first: str
    second: str
    difference: Interval
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sites beside each other.

    Attributes:
        figure: Key of the figure.
        standings: Ranked sites, best first; empty if fewer than two can be ranked or they have no cell in common.
        differences: All pairs of ranked sites, in the order of the standings.
        mix: The common mix.
        left_out: What could not be compared.
        refused: Sites that are not ranked, and why.
    """

    figure: str
    standings: tuple[Standing, ...]
    differences: tuple[Difference, ...]
    mix: tuple[Share, ...]
    left_out: tuple[LeftOut, ...]
    refused: tuple[Refusal, ...]
