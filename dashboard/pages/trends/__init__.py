"""Trends, ``/trends?tags=...``: up to eight tags over time, zoomed by asking again, with table and download."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component
from fastapi import Response

from dashboard import language, router
from dashboard.components.live_scope import live_scope
from dashboard.components.shell_header import page_header
from dashboard.page import Navigation, View
from dashboard.pages.refresh import or_else, view_again
from dashboard.pages.trends import graph, picker
from dashboard.pages.trends.choice import choose
from dashboard.pages.trends.export import table
from dashboard.pages.trends.legend import legend
from dashboard.pages.trends.presets import presets
from dashboard.pages.trends.search import TagSearch
from dashboard.pages.trends.shown import of_link, of_zoom
from dashboard.queries import ask
from dashboard.services import Services
from dashboard.texts import text

PATH = "/trends"
NAVIGATION: Navigation | None = Navigation("nav.trends", "trend")
CSV_PATH = "/trends.csv"


def title(_: View) -> str:
    """Name of the page in the browser's tab."""
    return text("trends.title")


async def layout(view: View) -> Component:
    """The picker beside graph and table, or beside what to do when nothing is chosen."""
    choice = choose(view.first("tags"), view.services.tags)
    shown = of_link(view)
    trends = await ask.trends(view.services, choice.tags, shown.start, shown.end, graph.BUCKETS)
    body = graph.panel(view, choice, trends, shown) if choice.tags else presets(view, choice)
    sites = [view.services.enterprise.site(slug) for slug in dict.fromkeys(tag.unit.site for tag in choice.tags)]
    actions = graph.actions(view, choice, shown) if choice.tags else None
    return live_scope(
        [
            page_header(view, text("trends.title"), actions=actions),
            html.Div([picker.panel(view, choice), html.Div(body, className="tr-body")], className="tr"),
        ],
        *sites,
    )


def register(app: Dash, services: Services) -> None:
    """Search, tree, zoom and download."""
    search = TagSearch(services.enterprise, services.tags)
    _register_picker(app, services, search)
    _register_zoom(app, services)

    async def download(tags: str = "", start: int = 0, end: int = 0, site: str = "") -> Response:
        view = View(services, PATH, {}, {"tags": [tags], "site": [site]}, services.clock())
        chosen = choose(tags, services.tags).tags
        asked = ask.trends(services, chosen, start, min(end, view.now), graph.BUCKETS)
        trends = await or_else(asked, None)
        if trends is None:
            return Response(status_code=503)
        content = table(trends, services.enterprise, view.window().zone, language.current())
        name = f"trend-{services.enterprise.slug}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    app.server.add_api_route(CSV_PATH, download)


def _register_picker(app: Dash, services: Services, search: TagSearch) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # dash has no types
        Output("trends-list", "children"),
        Input("trends-search", "value"),
        Input({"type": "trends-node", "path": ALL, "of": ALL}, "n_clicks"),
        State(router.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def find(query: str | None, clicks: list[int | None], address: str) -> Any:
        view = view_again(services, PATH, address)
        choice = choose(view.first("tags"), services.tags)
        if ctx.triggered_id == "trends-search" and query:
            return picker.results(view, choice, search, query)
        if ctx.triggered_id == "trends-search":
            return picker.tree(view, choice, picker.opened(view))
        if not any(clicks):  # new nodes have come, nobody has clicked
            return no_update
        return picker.tree(view, choice, ctx.triggered_id["path"])


def _register_zoom(app: Dash, services: Services) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # dash has no types
        Output(graph.GRAPH, "figure"),
        Output("trends-legend", "children"),
        Output("trends-actions", "children"),
        Input(graph.GRAPH, "relayoutData"),
        Input(graph.REFRESH, "n_clicks"),
        State(router.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def zoom(moved: dict[str, Any] | None, _: int, address: str) -> Any:
        view = view_again(services, PATH, address)
        whole = of_link(view)
        shown = of_zoom(moved, whole) or (whole if ctx.triggered_id == graph.REFRESH else None)
        choice = choose(view.first("tags"), services.tags)
        trends = None
        if shown is not None:
            trends = await or_else(ask.trends(services, choice.tags, shown.start, shown.end, graph.BUCKETS), None)
        if shown is None or trends is None:
            return no_update, no_update, no_update
        return graph.patch(trends, shown), legend(view, choice, trends), graph.action_links(view, choice, shown)
