"""Graph, table and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from dash import Patch, html
from dash.development.base_component import Component

from dashboard import formats, language, theme
from dashboard.components.link import link
from dashboard.components.live_graph import live_graph
from dashboard.components.shell_notice import notice
from dashboard.figures.trend import arrays, line_place, shape, trend_figure
from dashboard.page import View
from dashboard.pages.trends.choice import MOST_AXES, MOST_TAGS, Choice
from dashboard.pages.trends.legend import legend
from dashboard.pages.trends.search import label
from dashboard.pages.trends.shown import Shown
from dashboard.period import Period
from dashboard.queries.trend import Trend
from dashboard.texts import text
from plant.model.tags import Tag

GRAPH: Final = "trends-graph"
REFRESH: Final = "trends-refresh"
BUCKETS: Final = 800
"""About one for each pixel or two of a wide screen; the band shows what a bucket hides."""


def panel(view: View, choice: Choice, trends: Sequence[Trend], shown: Shown) -> list[Component]:
    """Graph and table, with a notice for each thing that could not be shown."""
    enterprise, spoken = view.services.enterprise, language.current()
    figure = trend_figure(trends, shown.start, shown.end, shown.offset, enterprise, spoken, theme.plotly_template())
    traces = {tag.path: line_place(place) for place, tag in enumerate(choice.tags)}
    style = f"df-graph tr-graph tr-panels-{len(choice.units)}"
    return [
        *refusals(view, choice),
        html.Div(
            live_graph(GRAPH, figure, traces, shown.offset, REFRESH, style),
            className="tr-frame",
            **{"data-loading": text("trends.loading")},
        ),
        html.Button(id=REFRESH, n_clicks=0, hidden=True),
        html.Div(legend(view, choice, trends), id="trends-legend"),
    ]


def patch(trends: Sequence[Trend], shown: Shown) -> Patch:
    """New points for the figure that is there, over another stretch of time."""
    changed = Patch()
    for place, points in enumerate(arrays(trends, shown.offset)):
        changed["data"][place]["x"] = points["x"]
        changed["data"][place]["y"] = points["y"]
    for place, trend in enumerate(trends):
        changed["data"][line_place(place)]["line"]["shape"] = shape(trend)
    return changed


def actions(view: View, choice: Choice, shown: Shown) -> Component:
    """Links at the head of the page."""
    return html.Div(action_links(view, choice, shown), id="trends-actions", className="tr-actions")


def action_links(view: View, choice: Choice, shown: Shown) -> list[Component]:
    """Download of what is shown, and, when zoomed, the link that keeps it."""
    query = {"tags": choice.query, "start": shown.start, "end": shown.end, "site": view.first("site")}
    download = html.A(text("trends.csv"), href=f"/trends.csv?{urlencode(query)}", className="df-button", download="")
    if not shown.zoomed:
        return [download]
    zone = view.window().zone
    edges = [formats.local(at, zone).isoformat(timespec="seconds") for at in (shown.start, shown.end)]
    href = view.href(None, {"period": Period.CUSTOM, "from": edges[0], "to": edges[1]})
    return [link(text("trends.keep-zoom"), href, className="df-button", keep_period=False), download]


def refusals(view: View, choice: Choice) -> list[Component]:
    """What the link asks for and the graph does not show, and why."""
    spoken = language.current()

    def names(tags: Sequence[Tag]) -> str:
        return "; ".join(label(tag, view.services.enterprise, spoken) for tag in tags)

    found = []
    if choice.no_axis:
        found.append(notice(text("trends.no-axis", most=MOST_AXES), names(choice.no_axis)))
    if choice.too_many:
        found.append(notice(text("trends.too-many", most=MOST_TAGS), names(choice.too_many)))
    if choice.unknown:
        found.append(notice(text("trends.unknown"), text("trends.unknown-mend", tags=len(choice.unknown))))
    return found
