"""What was made, by product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from plant.kpi.sums import Sums
from plant.model.enterprise import Enterprise
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.summary.parts import Output


def with_products(table: LineTable, minutes: ProductionMinutes) -> ProductionMinutes:
    """The same where lines that make a single product, and so do not tell it, have it in all their minutes."""
    only = table.only_product()[minutes.line]
    product = np.where((minutes.product < 0) & (only >= 0), only, minutes.product)
    return replace(minutes, product=product.astype(minutes.product.dtype))


def output(
    enterprise: Enterprise, table: LineTable, day: Mapping[int, Sums], month: Mapping[int, Sums]
) -> tuple[Output, ...]:
    """The products that were made on a day or in a month to date.

    Args:
        enterprise: Their units of measure.
        table: Whose products the indices count.
        day: Sums of the day by index of the product, -1 for what no product was told of.
        month: Likewise, of the month.
    """
    found = []
    for index in sorted(day.keys() | month.keys()):
        of_day, of_month = day.get(index, Sums()), month.get(index, Sums())
        slug = table.products[index] if index >= 0 else ""
        measure = enterprise.products[slug].unit if slug else ""
        amounts = (of_day.produced, of_day.good, of_day.reject, of_month.good)
        if any(amounts):
            found.append(Output(slug, measure, *amounts, of_day.is_provisional))
    return tuple(found)


def together(outputs: Iterable[Output]) -> tuple[Output, ...]:
    """The same products of several sites as one."""
    found: dict[str, Output] = {}
    for each in outputs:
        known = found.get(each.product)
        found[each.product] = each if known is None else _sum(known, each)
    return tuple(found[product] for product in sorted(found))


def _sum(one: Output, other: Output) -> Output:
    return Output(
        product=one.product,
        measure=one.measure,
        produced=one.produced + other.produced,
        good=one.good + other.good,
        rejected=one.rejected + other.rejected,
        month_good=one.month_good + other.month_good,
        provisional=one.provisional or other.provisional,
    )
