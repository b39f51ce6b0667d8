"""The group in one strip: how much of it runs, its output and its consumption. Sites on trial stand apart."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import language
from dashboard.components.plan_bar import coverage_note, plan_amounts, plan_bar, plan_percent, shift_before
from dashboard.components.specific_figure import specific_tile
from dashboard.live.store import Feed
from dashboard.page import View
from dashboard.queries.production import SiteFigures, Total, specific_totals, total_like, totals
from dashboard.texts import text
from plant.model.enterprise import Enterprise, Line, SiteStatus, Text


def group_strip(view: View, figures: Sequence[SiteFigures], before: Sequence[SiteFigures]) -> Component:
    """What runs everywhere, and output per kind of line of the sites in production."""
    produced = _outputs(view, figures, before, SiteStatus.PRODUCTION)
    return html.Section(
        [_running(view, figures), *produced],
        className="ov-strip",
        **{"aria-label": text("overview.group")},
    )


def trial_strip(view: View, figures: Sequence[SiteFigures], before: Sequence[SiteFigures]) -> Component | None:
    """Output of the sites on trial, under a heading that says that it is not in the group's; None without any."""
    on_trial = [one.site for one in figures if one.site.status is SiteStatus.TRIAL]
    if not on_trial:
        return None
    names = ", ".join(site.name[language.current()] for site in on_trial)
    tiles = _outputs(view, figures, before, SiteStatus.TRIAL)
    mark = html.Span(text("shell.trial"), className="df-trial")
    heading = html.P([mark, text("overview.apart", names=names)], className="ov-apart")
    return html.Section([heading, html.Div(tiles, className="ov-strip")], className="ov-trial")


def family_name(lines: Sequence[Line], enterprise: Enterprise) -> Text:
    """What people call lines of one family: their shop where that makes nothing else, else what they make."""
    areas = [area for site in enterprise.sites for area in site.areas if any(line in area.lines for line in lines)]
    shops = {area.slug: area.name for area in areas}
    if len(shops) == 1 and all(line in lines for area in areas for line in area.lines if line.output is not None):
        return next(iter(shops.values()))
    names = {line.name for line in lines}
    if len(names) == 1:
        return names.pop()
    products = [enterprise.products[slug].name for slug in dict.fromkeys(p for line in lines for p in line.ideal_rates)]
    return Text(", ".join(name.ru for name in products), ", ".join(name.en for name in products))


def _running(view: View, figures: Sequence[SiteFigures]) -> Component:
    """Lines that run and sites whose data come in, all sites together: a plant on trial is a plant too."""
    lines = [line for one in figures for line in one.site.lines]  # the same ones as in the side navigation
    constraints = ["/".join(line.unit(line.constraint).path) for line in lines]
    up = sum(view.services.live.feed(one.site.slug) is Feed.LIVE for one in figures)
    level = "fair" if up == len(figures) else "behind"
    running = html.Span(className="df-running", **{"data-live-running": json.dumps(constraints)})
    note = text("overview.sites-live", live=up, sites=len(figures))
    return html.Div(
        [
            html.Span(text("overview.lines-running"), className="ov-tile-name"),
            html.Span(running, className="ov-tile-figure"),
            html.Span(note, className="ov-tile-note", **{"data-level": level}),
        ],
        className="ov-tile ov-tile-running",
    )


def _outputs(
    view: View, figures: Sequence[SiteFigures], before: Sequence[SiteFigures], status: SiteStatus
) -> list[Component]:
    then = totals(before, status)
    return [_output(total, total_like(total, then), view.services.enterprise) for total in totals(figures, status)]


def _output(total: Total, before: Total | None, enterprise: Enterprise) -> Component:
    notes = [plan_amounts(total, enterprise, total.unit), *shift_before(before)]
    if total.missing:
        words = text("overview.missing", missing=total.missing, lines=len(total.lines))
        notes.append(html.Span(words, className="coverage-note"))
    elif total.made is not None:
        notes += coverage_note(total.coverage)
    return html.Div(
        [
            html.Span(family_name(total.lines, enterprise)[language.current()], className="ov-tile-name"),
            html.Span(plan_percent(total), className="ov-tile-figure"),
            plan_bar(total),
            html.Span(notes, className="ov-tile-note"),
        ],
        className="ov-tile",
    )


def consumption(view: View, figures: Sequence[SiteFigures]) -> list[Component]:
    """Specific consumptions of the sites in production."""
    return specific_tile(specific_totals(figures, SiteStatus.PRODUCTION), view.services.enterprise)
