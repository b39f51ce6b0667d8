"""The table under a trend: what each line is, its value now, and mean, least and greatest of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.link import link
from dashboard.components.live_value import live_value
from dashboard.components.plan_bar import coverage_note
from dashboard.page import View
from dashboard.pages.trends.choice import Choice, without_tag
from dashboard.queries.trend import Trend, summary
from dashboard.texts import text
from plant.model.tags import Tag

FIGURES: Final = {"trends.mean": "mean", "trends.low": "low", "trends.high": "high"}
"""Heading and attribute of `dashboard.queries.trend.Summary` of each column behind the present value."""


def legend(view: View, choice: Choice, trends: Sequence[Trend]) -> Component:
    """One row a tag, in the order of the colours."""
    head = [text(key) for key in ("trends.tag", "trends.now", *FIGURES)]
    known = {trend.tag.index: trend for trend in trends}
    rows = [_row(view, choice, place, tag, known.get(tag.index)) for place, tag in enumerate(choice.tags)]
    return html.Table(
        [html.Thead(html.Tr([html.Th(), *(html.Th(words) for words in head), html.Th()])), html.Tbody(rows)],
        className="tr-legend",
    )


def _row(view: View, choice: Choice, place: int, tag: Tag, trend: Trend | None) -> Component:
    spoken, metric = language.current(), tag.metric
    figures = summary(trend) if trend is not None else None

    def cell(key: str, name: str) -> Component:
        words = formats.number(getattr(figures, name, None), metric.decimals, spoken)
        return html.Td(words, className="tr-figure", **{"data-label": text(key)})

    site = view.services.enterprise.site(tag.unit.site)
    where = ", ".join(part.name[spoken] for part in (site, site.line(tag.unit.line), tag.unit))
    away = view.href(None, {"tags": without_tag(choice.tags, tag) or None})
    remove = link("×", away, className="tr-remove", keep_period=False)
    what = [html.Span(metric.name[spoken], className="tr-name"), html.Span(where, className="tr-where")]
    if figures is not None:
        what += coverage_note(figures.coverage)
    return html.Tr(
        [
            html.Td(
                html.Span(className="tr-key", style={"--key": f"var(--df-series-{place + 1})"}, **{"data-place": place})
            ),
            html.Th(what, scope="row"),
            html.Td(live_value(view, tag), className="tr-figure", **{"data-label": text("trends.now")}),
            *(cell(key, name) for key, name in FIGURES.items()),
            html.Td(html.Span(remove, title=text("trends.remove"))),
        ]
    )
