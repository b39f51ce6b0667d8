"""The overview ``/``: are all subdivisions up, are they on plan, what do they use, where are they."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from fastapi import Response

from dashboard import router
from dashboard.components.markup import made, markup
from dashboard.components.shell_header import page_header
from dashboard.geo.outline import View as MapView
from dashboard.page import Navigation, View
from dashboard.pages.overview.card import site_card
from dashboard.pages.overview.group import consumption, group_strip, trial_strip
from dashboard.pages.overview.map import GRATICULE_PATH, OUTLINE_PATH, site_map
from dashboard.pages.refresh import or_else, view_again
from dashboard.queries import ask
from dashboard.services import Services
from dashboard.texts import text

PATH = "/"
NAVIGATION: Navigation | None = Navigation("nav.overview", "overview")
REFRESH_MS: Final = 15_000
"""Figures that come from the historian are asked for anew this often; states and ages are live by themselves."""


def title(_: View) -> str:
    """Name of the page in the browser's tab."""
    return text("overview.title")


async def layout(view: View) -> Component:
    """The group, the map, the sites."""
    group, used, cards = await _figures(view)
    return html.Div(
        [
            page_header(view, text("overview.title"), sites=False),
            markup(group, id="overview-group", className="ov-group"),
            markup(await made(lambda: site_map(view)), className="ov-map"),
            markup(used, id="overview-used", className="ov-used"),
            markup(cards, id="overview-cards", className="ov-cards"),
            dcc.Interval(id="overview-refresh", interval=REFRESH_MS),
        ],
        className="ov",
    )


async def _figures(view: View) -> tuple[str, str, str]:
    """HTML of all that comes from the historian: of the group, of what it uses, of its sites."""
    windows = {site.slug: view.window(site) for site in view.services.enterprise.sites}
    asked = (ask.figures(view.services, windows), ask.figures_before(view.services, windows))
    figures, before = await asyncio.gather(*asked)
    group = await made(lambda: [group_strip(view, figures, before), trial_strip(view, figures, before)])
    used = await made(lambda: consumption(view, figures))
    return group, used, await made(lambda: [site_card(view, one, before) for one in figures])


def register(app: Dash, services: Services) -> None:
    """Refresh the figures, serve the outline of the land."""

    @app.callback(  # type: ignore[untyped-decorator]  # dash has no types
        Output("overview-group", "data-html"),
        Output("overview-used", "data-html"),
        Output("overview-cards", "data-html"),
        Input("overview-refresh", "n_intervals"),
        State(router.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_: int, search: str) -> Any:
        return await or_else(_figures(view_again(services, PATH, search)), (no_update,) * 3)

    seen = MapView.of(services.enterprise.sites)
    for path, picture in ((OUTLINE_PATH, seen.outline()), (GRATICULE_PATH, seen.graticule())):
        app.server.add_api_route(path, _picture(picture))


def _picture(content: str) -> Callable[[], Awaitable[Response]]:
    """The endpoint of an SVG that never changes while the process runs."""

    async def picture() -> Response:
        return Response(content, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    return picture
