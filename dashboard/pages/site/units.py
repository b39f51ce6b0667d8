"""The units of a line: state, telling values against their normal range, a mini trend, all metrics on demand."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.link import link
from dashboard.components.live_bar import has_bar, live_bar
from dashboard.components.live_state import live_state
from dashboard.components.live_value import Measured, live_value
from dashboard.components.sparkline import sparkline
from dashboard.page import View
from dashboard.pages.site.figures import anchor
from dashboard.pages.site.telling import main_tag, telling
from dashboard.queries.sparks import Sparks
from dashboard.texts import text
from plant.model.enterprise import Area, Line, Metric, Role, Site, Span, Unit
from plant.model.tags import Tag, TextTag

FRAGMENT_PATH: Final = "/fragments/unit"
"""All metrics of a unit as HTML, fetched when its row is opened."""
UNITS_PATH: Final = "/fragments/units"
"""All units of a site as HTML, fetched once the page stands."""


def units_address(view: View, site: Site) -> str:
    """Where the units of a site come from, in the period of the view."""
    query = urlencode({"site": site.slug, "search": urlencode(view.query, doseq=True)})
    return f"{UNITS_PATH}?{query}"


def area_block(view: View, area: Area, sparks: Sparks, span_ms: int) -> Component:
    """An area with its lines."""
    lines = [_line_block(view, line, sparks, span_ms) for line in area.lines]
    return html.Section([html.H2(area.name[language.current()]), *lines], className="st-section st-area")


def _line_block(view: View, line: Line, sparks: Sparks, span_ms: int) -> Component:
    units = [unit_row(view, unit, sparks, span_ms) for unit in line.units if unit.retired is None]
    name = html.H3([live_state(view, line.unit(line.constraint), words=False), line.name[language.current()]])
    return html.Div([name, html.Ul(units, className="st-units")], className="st-line", id=anchor(line.slug))


def unit_row(view: View, unit: Unit, sparks: Sparks, span_ms: int) -> Component:
    """One unit; its button shows all of its metrics below."""
    tags = view.services.tags
    main = main_tag(unit, tags)
    values = [reading(view, tag) for tag in telling(unit, tags)]
    line = [sparkline(view, main, sparks.get(main.index, ()), span_ms)] if main is not None else []
    name = text("site.all-metrics", unit=unit.name[language.current()])
    chevron = html.Span(html.Span(className="st-chevron", **{"aria-hidden": "true"}), className="st-more", title=name)
    row = [_head(view, unit), *values, html.Div(line, className="st-spark"), chevron]
    query = urlencode({"unit": "/".join(unit.path), "search": urlencode(view.query, doseq=True)})
    metrics = html.Div(className="st-metrics", **{"data-fragment": f"{FRAGMENT_PATH}?{query}"})
    return html.Li(html.Details([html.Summary(row, className="st-unit-row"), metrics]), className="st-unit")


def _head(view: View, unit: Unit) -> Component:
    name = html.Span(unit.name[language.current()], className="st-unit-name")
    state = [live_state(view, unit)] if unit.with_role(Role.STATE) is not None else []
    return html.Div([name, *state], className="st-unit-head")


def reading(view: View, tag: Tag) -> Component:
    """A value with its name and bar; a click shows its trend."""
    name = html.Span(tag.metric.name[language.current()], className="st-reading-name")
    bar = [live_bar(view, tag)] if has_bar(tag) else []
    return link([name, live_value(view, tag), *bar], trend_href(view, tag), className="st-reading")


def trend_href(view: View, tag: Tag) -> str:
    """Link to the trend of a tag, over the same period."""
    return view.href("/trends", {"tags": tag.path, "site": tag.unit.site})


def all_metrics(view: View, unit: Unit) -> Component:
    """Every live metric of a unit but its command, with its normal range; numbers lead to their trends."""
    numeric = view.services.tags.of_unit(unit)
    head = [html.Th(text(key)) for key in ("site.metric", "site.value", "site.normal")]
    shown = (each for each in unit.metrics if each.retired is None and each.role is not Role.COMMAND)
    rows = [_row(view, unit, metric, numeric) for metric in shown]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="st-table")


def _row(view: View, unit: Unit, metric: Metric, numeric: dict[str, Tag]) -> Component:
    spoken = language.current()
    tag = numeric.get(metric.key)
    shown: Measured = tag if tag is not None else TextTag(unit, metric)
    name = metric.name[spoken]
    value = live_state(view, unit) if metric.role is Role.STATE else live_value(view, shown)
    return html.Tr(
        [
            html.Th(link(name, trend_href(view, tag)) if tag is not None else name, scope="row"),
            html.Td(value),
            html.Td(_range(metric.normal, metric)),
        ]
    )


def _range(span: Span | None, metric: Metric) -> str:
    if span is None:
        return ""
    low, high = (formats.number(end, metric.decimals, language.current()) for end in (span.low, span.high))
    return f"{low}–{high}"
