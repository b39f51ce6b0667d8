"""The morning summary on a terminal: calm, the abnormal marked, no figure without its coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text as Line

from dashboard.formats import MISSING, moment, number, share
from factory.morning import make_them, spans
from factory.summary_words import BECAUSE, LOSSES, WORDS
from plant.kpi.value import Flag, Value
from plant.model.enterprise import Enterprise, Language
from plant.production.reasons import ReasonTree
from plant.summary.losses import BigStop
from plant.summary.parts import GroupSummary, Output, Period, SiteSummary, Summary
from plant.summary.reconciliation import Reconciliation

FIGURES: Final = ("oee", "availability", "effectiveness", "quality", "output_index")
ODD: Final = frozenset({Flag.ABOVE_WHOLE, Flag.IDEAL_RATE})
_UNMADE_H: Final = 0.02
_SHOWN: Final = 0.05
"""Less is 0,0."""


@dataclass(frozen=True, slots=True)
class SummaryView:
    """Shows a summary.

    Attributes:
        enterprise: Names of sites, products and units of measure.
        reasons: Names of reasons.
        lang: Language.
        site: Slug of the only site to show; None shows the group and all sites.
    """

    enterprise: Enterprise
    reasons: ReasonTree
    lang: Language
    site: str | None = None

    def parts(self, summary: Summary) -> Iterator[RenderableType]:
        """Everything, from the top."""
        sites = [each for each in (*summary.sites, *summary.trial) if self.site in {None, each.site}]
        title = f"{self._word('title')} {_date(summary.date, self.lang)}"
        yield Line.from_markup(f"[bold]{title}[/bold]  {escape(self.enterprise.name[self.lang])}, {self._word('days')}")
        yield self._days(summary, sites)
        yield self._month(summary, sites)
        if self.site is not None:
            yield from (self._lines(each) for each in sites)
        group = summary.group if self.site is None else None
        yield self._output(self._word("output" if group else "output_site"), (group or sites[0]).output)
        yield self._stops((group or sites[0]).stops)
        if any(each.gas for each in sites):
            yield self._gas(sites)
        yield from self._reconciliation(sites)
        yield from self._notes(summary, sites, group)

    def _word(self, key: str) -> str:
        return WORDS[key][self.lang]

    def _number(self, value: float | None, decimals: int = 0) -> str:
        return number(value, decimals, self.lang)

    def _share(self, value: float | None) -> str:
        return share(value, self.lang, 1)

    def _figure(self, value: Value) -> str:
        """Above 100 % as it is, and marked: an ideal rate is wrong."""
        told = self._share(value.value)
        return f"[yellow]! {told}[/yellow]" if ODD.intersection(value.flags) else told

    def _name(self, slug: str) -> str:
        return escape(self.enterprise.site(slug).name[self.lang])

    def _days(self, summary: Summary, sites: Sequence[SiteSummary]) -> Table:
        keys = ("site", "plan", "done", "share", *FIGURES, "uncoded", "coverage", "standing")
        table = self._table("", keys, left={"site", "standing"})
        for name, period in self._rows(summary, sites, "day"):
            figures = (self._figure(period.figures[key]) for key in FIGURES)
            plan = period.plan
            table.add_row(
                name,
                self._number(plan.planned, 1),
                self._number(plan.done, 1),
                self._share(plan.attainment),
                *figures,
                self._share(period.uncoded.value),
                self._share(period.coverage),
                self._standing(period, summary.needed),
            )
        return table

    def _month(self, summary: Summary, sites: Sequence[SiteSummary]) -> Table:
        keys = ("site", "month_plan", "to_date", "done", "forecast", "forecast_share", "coverage", "standing")
        title = f"{self._word('month')} {_date(summary.date, self.lang)}"
        table = self._table(title, keys, left={"site", "standing"})
        for name, period in self._rows(summary, sites, "month"):
            plan = period.plan
            known = plan.forecast is not None and plan.planned > 0
            table.add_row(
                name,
                self._number(plan.planned, 1),
                self._number(plan.due, 1),
                self._number(plan.done, 1),
                self._number(plan.forecast, 1),
                self._share(plan.forecast / plan.planned if known and plan.forecast is not None else None),
                self._share(period.coverage),
                self._standing(period, summary.needed),
            )
        return table

    def _rows(self, summary: Summary, sites: Sequence[SiteSummary], of: str) -> Iterator[tuple[str, Period]]:
        """Names and periods: sites in production, their sum, then those on trial."""
        trial = {each.site for each in summary.trial}
        yield from ((self._name(each.site), getattr(each, of)) for each in sites if each.site not in trial)
        if self.site is None:
            yield f"[bold]{self._word('group')}[/bold]", getattr(summary.group, of)
        for each in sites:
            if each.site in trial:
                yield f"{self._name(each.site)} [dim]({self._word('trial')})[/dim]", getattr(each, of)

    def _standing(self, period: Period, needed: float) -> str:
        if period.coverage < needed:
            return f"[yellow]! {self._word('scant')}[/yellow]"
        return f"~ {self._word('provisional')}" if period.provisional else self._word("settled")

    def _lines(self, site: SiteSummary) -> Table:
        keys = ("line", "unit", "plan", "done", "share", "forecast", "coverage")
        table = self._table(self._word("lines"), keys, left={"line", "unit"})
        table.columns[2].header, table.columns[3].header = (
            self._word(key).partition(",")[0] for key in ("plan", "done")
        )
        table.columns[5].header = f"{self._word('month')}: {self._word('forecast').partition(',')[0].lower()}"
        names = {line.slug: line.name for line in self.enterprise.site(site.site).lines}
        for each in site.lines:
            day = each.day
            table.add_row(
                escape(names[each.line][self.lang]),
                self._unit(each.measure),
                self._number(day.planned, 1),
                self._number(day.done, 1),
                self._share(day.attainment),
                self._number(each.month.forecast, 0),
                self._share(day.coverage),
            )
        return table

    def _output(self, title: str, outputs: Sequence[Output]) -> Table:
        keys = ("product", "unit", "produced", "good", "rejected", "month_good", "standing")
        table = self._table(title, keys, left={"product", "unit", "standing"})
        for each in outputs:
            amounts = (self._number(amount, 1) for amount in (each.produced, each.good, each.rejected, each.month_good))
            standing = f"~ {self._word('provisional')}" if each.provisional else self._word("settled")
            table.add_row(self._product(each.product), self._unit(each.measure), *amounts, standing)
        return table

    def _stops(self, stops: Sequence[BigStop]) -> RenderableType:
        keys = ("site", "line", "begun", "hours", "roubles", "lost", "loss", "reason", "cause")
        table = self._table(self._word("stops"), keys, left={"site", "line", "begun", "loss", "reason", "cause"})
        for each in stops:
            site = self.enterprise.site(each.site)
            names = {line.slug: line.name for line in site.lines}
            lost = MISSING if each.lost is None else f"{self._number(each.lost, 0)} {self._unit(each.measure)}"
            table.add_row(
                self._name(each.site),
                escape(names[each.line][self.lang]),
                moment(each.start_ms, ZoneInfo(site.zone.key), self.lang),
                self._number(each.hours, 1) + (f" ({self._word('open')})" if each.open else ""),
                self._number(each.roubles),
                lost,
                LOSSES[each.loss][self.lang] if each.loss in LOSSES else each.loss,
                self._reason(each.reason),
                self._unit_name(each.cause),
            )
        if not stops:
            return Line.from_markup(f"\n[bold]{self._word('stops')}[/bold]: {self._word('no_stops')}")
        return table

    def _gas(self, sites: Sequence[SiteSummary]) -> Table:
        keys = ("site", "meter", "used", "limit", "of_limit", "over", "cost", "coverage")
        table = self._table(self._word("gas"), keys, left={"site", "meter"})
        for each in (use for site in sites for use in site.gas):
            over = self._number(each.over_m3)
            table.add_row(
                self._name(each.site),
                self._unit_name(each.meter),
                self._number(each.used_m3),
                self._number(each.limit_m3),
                self._share(each.share),
                f"[yellow]! {over}[/yellow]" if each.over_m3 else over,
                self._number(each.cost_rub),
                self._share(each.coverage),
            )
        return table

    def _reconciliation(self, sites: Sequence[SiteSummary]) -> Iterator[RenderableType]:
        """Of a site all products; of the group those that differ, or that a warehouse has received."""
        keys = ("site", "product", "unit", "produced", "good", "stacked", "received", "unexplained", "explained")
        table = self._table(self._word("reconciliation"), keys, left={"site", "product", "unit", "explained"})
        found = [each for site in sites for each in site.reconciliation]
        shown = [each for each in found if self.site is not None or each.documents or _rest(each)]
        for each in shown:
            rest = _rest(each)
            amounts = (self._number(amount, 1) for amount in (each.produced, each.good, each.stacked, each.received))
            told = self._number(rest, 1)
            table.add_row(
                self._name(each.site),
                self._product(each.product),
                self._unit(each.measure),
                *amounts,
                f"[yellow]! {told}[/yellow]" if rest else told,
                self._explained(each),
            )
        yield table
        if len(shown) < len(found):
            yield Line.from_markup(f"[dim]{self._word('agreeing')} {len(found) - len(shown)}[/dim]")

    def _explained(self, of: Reconciliation) -> str:
        parts: dict[str, float | None] = {}
        for part in (part for step in of.steps for part in step.parts):
            name = BECAUSE[part.because][self.lang]
            parts[name] = None if part.quantity is None else (parts.get(name) or 0.0) + part.quantity
        told = {name: amount for name, amount in parts.items() if amount is None or abs(amount) >= _SHOWN}
        return ", ".join(
            name if amount is None else f"{name} {self._number(amount, 1)}" for name, amount in told.items()
        )

    def _notes(
        self, summary: Summary, sites: Sequence[SiteSummary], group: GroupSummary | None
    ) -> Iterator[RenderableType]:
        yield Line()
        yield Line.from_markup(f"[dim]{self._word('ideal_hours')} {self._word('dash')}.[/dim]")
        if not any(each.documents for site in sites for each in site.reconciliation):
            yield Line(self._word("no_receipts"))
        stops = (group or sites[0]).stops
        if stops and all(each.roubles is None for each in stops):
            yield Line(self._word("no_rates"))
        missing = [(self._name(each.site), _missing_h(each.day)) for each in sites if _missing_h(each.day) > _UNMADE_H]
        if missing:
            hours = {"ru": "ч линий", "en": "line hours"}[self.lang]
            told = ", ".join(f"{name} {self._number(amount, 1)} {hours}" for name, amount in missing)
            mend = make_them(*spans(self.enterprise.sites, summary.date))
            yield Line.from_markup(f"{self._word('missing')}: {told}; {mend}")

    def _table(self, title: str, keys: Sequence[str], left: set[str]) -> Table:
        table = Table(
            box=None, pad_edge=False, title_justify="left", title=f"\n[bold]{title}[/bold]" if title else None
        )
        table.title_style = ""
        for key in keys:
            table.add_column(self._word(key), justify="left" if key in left else "right", header_style="dim")
        return table

    def _product(self, slug: str) -> str:
        return escape(self.enterprise.products[slug].name[self.lang]) if slug else MISSING

    def _unit(self, key: str) -> str:
        return escape(self.enterprise.measures[key][self.lang]) if key in self.enterprise.measures else key

    def _reason(self, slug: str) -> str:
        if not slug:
            return f"[yellow]! {self._word('no_reason')}[/yellow]"
        found = next((each for each in self.reasons if each.slug == slug), None)
        return slug if found is None else escape(found.name[self.lang])

    def _unit_name(self, storage: str) -> str:
        unit = next((each for each in self.enterprise.units if each.storage == storage), None)
        return (storage or MISSING) if unit is None else escape(unit.name[self.lang])


def _rest(each: Reconciliation) -> float | None:
    """What nothing explains, over all steps, as it is shown; None if there is not enough to say."""
    told = [step.unexplained for step in each.steps if step.unexplained is not None]
    return round(sum(told), 1) + 0.0 if told else None


def _missing_h(period: Period) -> float:
    """Time of lines that has no production minutes, h."""
    of = period.elements
    known = sum(of[name] for name in ("not_planned_s", "apt_s", "adet_s", "adot_s", "aust_s", "unknown_s"))
    return (of["calendar_s"] - known) / 3_600.0


def _date(on: date, lang: Language) -> str:
    return on.strftime("%d.%m.%Y") if lang == "ru" else on.isoformat()
