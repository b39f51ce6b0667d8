"""The figures of a production day and of a month to date, from books."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from plant.kpi.figures import FIGURES
from plant.kpi.plan import Progress
from plant.kpi.sums import ADDITIVE, Sums
from plant.kpi.value import Flag, Ratio, Value
from plant.summary.books import Books
from plant.summary.parts import Period
from plant.summary.periods import Days, Periods
from plant.summary.plans import in_ideal_hours

SHOWN: Final = ("oee", "availability", "effectiveness", "quality", "plan_index")
"""Figures of `plant.kpi.figures` that a summary shows, besides the output index."""


def of_day(books: Books, uncoded_s: float, periods: Periods, needed: float) -> Period:
    """The figures of a production day.

    Args:
        books: Of the lines.
        uncoded_s: Delays of the day without a reason, s.
        periods: Of the date.
        needed: Coverage below which figures have no value.
    """
    plan = in_ideal_hours(books.day, needed)
    return _period(periods.day, periods.day_before, books.day, books.day_before, uncoded_s, plan, needed)


def of_month(books: Books, uncoded_s: float, periods: Periods, needed: float) -> Period:
    """The figures of a month to date, with the plan of the whole month.

    Args:
        books: Of the lines.
        uncoded_s: Delays of the month to date without a reason, s.
        periods: Of the date.
        needed: Coverage below which figures have no value.
    """
    plan = in_ideal_hours(books.whole_month, needed)
    return _period(periods.month, periods.month_before, books.month, books.month_before, uncoded_s, plan, needed)


def _period(
    days: Days, before: Days, sums: Sums, earlier: Sums, uncoded_s: float, plan: Progress, needed: float
) -> Period:
    figures = {key: FIGURES[key].evaluate(sums, needed) for key in SHOWN}
    return Period(
        days=days,
        before=before,
        figures=figures | {"output_index": _output_index(sums, earlier, needed)},
        uncoded=_share(Ratio(uncoded_s, sums.adet_s), sums, needed),
        plan=plan,
        coverage=sums.coverage,
        provisional=sums.is_provisional,
        elements={name: getattr(sums, name) for name in ADDITIVE},
    )


def _output_index(sums: Sums, before: Sums, needed: float) -> Value:
    """The output index; it says no more than the poorer of the two periods allows."""
    value = FIGURES["output_index"].evaluate(sums, needed)
    if before.coverage < needed and Flag.LOW_COVERAGE not in value.flags:
        value = replace(value, value=None, flags=(Flag.LOW_COVERAGE, *value.flags))
    provisional = value.provisional or before.is_provisional
    return replace(value, coverage=min(value.coverage, before.coverage), provisional=provisional)


def _share(ratio: Ratio, sums: Sums, needed: float) -> Value:
    found = {Flag.LOW_COVERAGE: sums.coverage < needed, Flag.NO_BASIS: ratio.quotient is None}
    flags = tuple(flag for flag, holds in found.items() if holds)
    return Value(None if flags else ratio.quotient, sums.coverage, sums.is_provisional, flags)
