"""The morning summary of a date: each site and the group, sites on trial apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi import adding
from plant.kpi.adding import Key
from plant.kpi.lines import site_lines
from plant.kpi.sums import Sums
from plant.kpi.value import COVERAGE_NEEDED
from plant.model.enterprise import Enterprise, Site, SiteStatus
from plant.production.corrections import Correction
from plant.production.elements import Element
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.production.reasons import UNCODED, ReasonTree
from plant.production.stops import Stops
from plant.receipts.receipt import Receipt
from plant.summary.books import Books, books_of_lines
from plant.summary.figures import of_day, of_month
from plant.summary.gas import GasUse
from plant.summary.losses import BigStop, Losses, biggest
from plant.summary.output import output, together, with_products
from plant.summary.parts import GroupSummary, LinePlan, SiteSummary, Summary
from plant.summary.periods import Periods
from plant.summary.plans import in_quantity
from plant.summary.rates import Rates
from plant.summary.reconciliation import Count, Reconciliation, Slack, reconcile, shared_lots


@dataclass(frozen=True, slots=True)
class Facts:
    """What a summary is made of.

    Attributes:
        minutes: Of all lines, at least those of `plant.summary.periods.reach`; those of days long before the date may
            be condensed (`plant.summary.condense`).
        stops: All stops of the production day, whole.
        gas: Of the intakes, over each site's production day.
        counts: Other counts of the production day; those of other days are passed over, as are receipts.
        receipts: Of the warehouses.
        rates: What is worth how much.
        corrections: What people have entered; it is in the minutes already, and explains differences to other counts.
    """

    minutes: ProductionMinutes
    stops: Stops
    gas: Sequence[GasUse] = ()
    counts: Sequence[Count] = ()
    receipts: Sequence[Receipt] = ()
    rates: Rates = field(default_factory=Rates)
    corrections: Sequence[Correction] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a date of an enterprise.

    Attributes:
        enterprise: Sites, products and plans.
        table: Its lines.
        reasons: The tree in which minutes and stops are coded.
        on: A production day that is over at all sites.
        needed: Coverage below which figures have no value.
    """

    enterprise: Enterprise
    table: LineTable
    reasons: ReasonTree
    on: date
    needed: float = COVERAGE_NEEDED


def summarise(question: Question, facts: Facts) -> Summary:
    """The summary of a production day."""
    found = [_found(question, site, facts) for site in question.enterprise.sites]
    running = [each for each in found if each.site.status is SiteStatus.PRODUCTION]
    return Summary(
        date=question.on,
        enterprise=question.enterprise.slug,
        needed=question.needed,
        group=_group(question, running),
        sites=tuple(_site(question, each, facts) for each in running),
        trial=tuple(_site(question, each, facts) for each in found if each not in running),
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """What adds, of one site.

    Attributes:
        of_lines: Books of each line, by its index.
        made: Sums of the day by index of the product; `made_in_month` of the month to date.
        in_gaps: Likewise, of the day's time without data.
        uncoded_s: Delays without a reason on the day; `uncoded_in_month_s` in the month to date.
        stops: All of the day.
    """

    site: Site
    of_lines: Mapping[int, Books]
    made: Mapping[int, Sums]
    made_in_month: Mapping[int, Sums]
    in_gaps: Mapping[int, Sums]
    uncoded_s: float
    uncoded_in_month_s: float
    stops: tuple[BigStop, ...]


def _found(question: Question, site: Site, facts: Facts) -> _Found:
    table, periods, work = question.table, Periods.of(question.on), WorkCalendar.of(site)
    lines = site_lines(question.enterprise, table, site.slug)
    minutes = with_products(table, facts.minutes.take(np.isin(facts.minutes.line, lines.indices)))
    day, month = periods.day.at(work), periods.month.at(work)
    losses = Losses(table, question.reasons, minutes, work, day, facts.rates)
    return _Found(
        site=site,
        of_lines=books_of_lines(minutes, lines, table, work, periods),
        made=adding.by(minutes, day, lines, Key.PRODUCT),
        made_in_month=adding.by(minutes, month, lines, Key.PRODUCT),
        in_gaps=adding.by(minutes.take(minutes.element == Element.UNKNOWN), day, lines, Key.PRODUCT),
        uncoded_s=adding.by(minutes, day, lines, Key.REASON)[UNCODED].adet_s,
        uncoded_in_month_s=adding.by(minutes, month, lines, Key.REASON)[UNCODED].adet_s,
        stops=losses.stops(facts.stops, lines),
    )


def _group(question: Question, found: Sequence[_Found]) -> GroupSummary:
    books = Books.of(Books.of(each.of_lines.values()) for each in found)
    periods, needed = Periods.of(question.on), question.needed
    outputs = [output(question.enterprise, question.table, each.made, each.made_in_month) for each in found]
    return GroupSummary(
        sites=tuple(each.site.slug for each in found),
        day=of_day(books, sum(each.uncoded_s for each in found), periods, needed),
        month=of_month(books, sum(each.uncoded_in_month_s for each in found), periods, needed),
        output=together(one for each in outputs for one in each),
        stops=biggest(stop for each in found for stop in each.stops),
    )


def _site(question: Question, found: _Found, facts: Facts) -> SiteSummary:
    site, periods, needed = found.site, Periods.of(question.on), question.needed
    books = Books.of(found.of_lines.values())
    day = periods.day.at(WorkCalendar.of(site))
    return SiteSummary(
        site=site.slug,
        status=site.status,
        zone=site.zone.key,
        start_ms=day.start_ms,
        end_ms=day.end_ms,
        day=of_day(books, found.uncoded_s, periods, needed),
        month=of_month(books, found.uncoded_in_month_s, periods, needed),
        lines=tuple(_line(question, index, each) for index, each in found.of_lines.items()),
        output=output(question.enterprise, question.table, found.made, found.made_in_month),
        stops=biggest(found.stops),
        gas=tuple(each for each in facts.gas if each.site == site.slug),
        reconciliation=tuple(_reconciled(question, found, facts)),
    )


def _line(question: Question, index: int, books: Books) -> LinePlan:
    row = question.table[index]
    day, month = (in_quantity(sums, question.needed) for sums in (books.day, books.whole_month))
    return LinePlan(row.line.slug, row.measure, day, month)


def _reconciled(question: Question, found: _Found, facts: Facts) -> Iterator[Reconciliation]:
    """Of each product that was made, counted or received; what lines only pass on to others has no warehouse."""
    table, here = question.table, (found.site.slug, question.on)
    receipts = [each for each in facts.receipts if (each.site, each.day) == here]
    day = Periods.of(question.on).day.at(WorkCalendar.of(found.site))
    by_hand = [each.within(day.start_ms, day.end_ms) for each in facts.corrections]
    counts = {each.product: each for each in facts.counts if (each.site, each.day) == here}
    shared = shared_lots({index: sums for index, sums in found.made.items() if _by_lot(table, found, index)})
    for index, slug in enumerate(table.products):
        made, count = found.made.get(index, Sums()), counts.get(slug)
        own = [each for each in receipts if each.product == slug]
        lines = _makers(table, found, index)
        kept = not all(_passes_on(table[line]) for line in lines) and (made.produced or made.judged)
        entered = [each for each in by_hand if each.line in {table[line].storage for line in lines}]
        if kept or own or count is not None:
            yield reconcile(
                question.enterprise.products[slug],
                *here,
                made,
                Sums.of(found.of_lines[line].day for line in lines).coverage,
                own,
                count,
                question.needed,
                Slack(
                    shared=shared.get(index, 0.0),
                    digits=sum(_last_digits(table, table[line]) for line in lines),
                    gap=found.in_gaps.get(index, Sums()).good,
                    judged=sum(each.good + each.reject - each.produced for each in entered),
                    entered=sum(each.good for each in entered),
                ),
            )


def _makers(table: LineTable, found: _Found, product: int) -> list[int]:
    """Lines of the site that make a product; none for no product."""
    return [line for line in found.of_lines if product >= 0 and np.isfinite(table.ideal_rates[line, product])]


def _by_lot(table: LineTable, found: _Found, product: int) -> bool:
    """Whether a product is judged by lot on some line of the site."""
    return any(table[line].formed_lot is not None for line in _makers(table, found, product))


def _passes_on(row: ProductionLine) -> bool:
    """Whether a line's material goes to another line of the site."""
    return any(not ref.startswith(f"{row.line.slug}/") for unit in row.line.units for ref in unit.feeds)


def _last_digits(table: LineTable, row: ProductionLine) -> float:
    """By how much a line's counters of product may be behind, at both ends of the day together."""
    tags = dict.fromkeys((*row.produced, *row.good, *row.reject))
    return sum(2.0 * 10.0 ** -table.tags[tag].metric.decimals for tag in tags)
