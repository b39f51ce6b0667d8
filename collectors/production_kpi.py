"""`kpi` of lines and sites: the production day so far and the running shift, summed from the minutes that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import Historian
from plant.kpi.adding import by_line
from plant.kpi.figures import FIGURES
from plant.kpi.lines import LineSet, choose
from plant.kpi.sums import Sums
from plant.kpi.window import Window
from plant.messages import KpiMessage, KpiPeriod, encode
from plant.model.enterprise import Site
from plant.namespace import Contract, Topic
from plant.production.lines import LineTable
from plant.summary.plans import planned


class KpiBoard:
    """Makes the messages of some sites.

    Args:
        historian: Where minutes are.
        table: All lines.
        enterprise: Slug, the first level of the topics.
        sites: Slugs of the sites that are served.
    """

    def __init__(self, historian: Historian, table: LineTable, enterprise: str, sites: Sequence[str]) -> None:
        self._historian = historian
        self._table = table
        self._enterprise = enterprise
        of_slug = {row.site.slug: row.site for row in table}
        found = [(of_slug[slug], choose(table, [slug])) for slug in sites if slug in of_slug]
        self._sites = [(site, lines) for site, lines in found if len(lines)]

    def messages(self, made_until: Mapping[str, int]) -> dict[str, bytes]:
        """All messages by topic; blocks.

        Args:
            made_until: By site, until when its minutes are made, UTC ms on a multiple of a minute; 0 for none.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        return {
            topic: encode(message)
            for site, lines in self._sites
            if (until := made_until.get(site.slug, 0))
            for topic, message in self._of_site(site, lines, until)
        }

    def _of_site(self, site: Site, lines: LineSet, until: int) -> Iterator[tuple[str, KpiMessage]]:
        """Of its lines, and of all of them together."""
        work = WorkCalendar.of(site)
        shift = work.shift_at(until - 1)
        day, periods = work.day(shift.day), {}
        minutes = self._historian.production(lines.indices, day[0], until)
        for name, start, end in (("day", *day), ("shift", shift.start, shift.end)):
            sums = by_line(minutes, Window(start, until), lines)
            whole = Window(start, end)
            of_lines = {
                index: each.with_plan(planned(work, self._table[index], whole, until)) for index, each in sums.items()
            }
            periods[name] = (whole, of_lines)
        for index in lines.indices:
            row = self._table[index]
            levels = (self._enterprise, site.slug, row.line.area, row.line.slug)
            told = [period(name, whole, [sums[index]]) for name, (whole, sums) in periods.items()]
            yield str(Topic(levels, Contract.KPI)), KpiMessage(until, tuple(told))
        told = [period(name, whole, sums.values()) for name, (whole, sums) in periods.items()]
        yield str(Topic((self._enterprise, site.slug), Contract.KPI)), KpiMessage(until, tuple(told))


def period(name: str, whole: Window, parts: Iterable[Sums]) -> KpiPeriod:
    """What some lines did in a period; quantities only if they are counted in one unit of measure."""
    sums = Sums.of(parts)
    oee, availability, effectiveness, quality = (
        FIGURES[key].evaluate(sums) for key in ("oee", "availability", "effectiveness", "quality")
    )
    one = len(sums.measures) == 1
    return KpiPeriod(
        period=name,
        start=whole.start_ms,
        end=whole.end_ms,
        oee=oee.value,
        availability=availability.value,
        effectiveness=effectiveness.value,
        quality=quality.value,
        measure=next(iter(sums.measures)) if one else "",
        produced=sums.produced if one else None,
        good=sums.good if one else None,
        planned=sums.planned if one else None,
        apt_s=sums.apt_s,
        adet_s=sums.adet_s,
        adot_s=sums.adot_s,
        aust_s=sums.aust_s,
        not_planned_s=sums.not_planned_s,
        unknown_s=sums.unknown_s + sums.missing_s,
        coverage=sums.coverage,
        provisional=sums.is_provisional,
        flags=tuple(oee.flags),
    )
