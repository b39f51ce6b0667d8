"""One site, ``/site/<slug>``: what its lines made and did, what it uses, and every unit with its values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from fastapi import Response
from fastapi.responses import HTMLResponse

from dashboard import formats, language, router
from dashboard.components.live_scope import live_scope
from dashboard.components.markup import made, markup
from dashboard.page import Navigation, View, match
from dashboard.pages.refresh import or_else, view_again
from dashboard.pages.site.course import course
from dashboard.pages.site.figures import figures_strip
from dashboard.pages.site.head import head
from dashboard.pages.site.telling import main_tag
from dashboard.pages.site.units import FRAGMENT_PATH, UNITS_PATH, all_metrics, area_block, units_address
from dashboard.queries import ask
from dashboard.services import Services
from dashboard.texts import text
from plant.model.enterprise import Site

PATH = "/site/<site>"
NAVIGATION: Navigation | None = None
REFRESH_MS: Final = 15_000
"""Figures and states that come from the historian are asked for anew this often; values are live by themselves."""
SHORTEST_SPARK_MS: Final = formats.HOUR_MS
LONGEST_SPARK_MS: Final = formats.DAY_MS


def title(view: View) -> str:
    """Name of the site in the browser's tab."""
    return _site(view).name[language.current()]


async def layout(view: View) -> Component:
    """Head, figures and course of the period; the units follow by themselves, since they are many and below."""
    site = _site(view)
    units = html.Div(
        className="st-areas", **{"data-load": units_address(view, site), "data-loading": text("site.units")}
    )
    return live_scope(
        [
            head(view, site),
            markup(await _period(view, site), id="site-period"),
            units,
            dcc.Interval(id="site-refresh", interval=REFRESH_MS),
        ],
        site,
        class_name="st",
    )


async def _period(view: View, site: Site) -> str:
    """HTML of what depends on the period and is asked for again while the page is open."""
    window = view.window()
    figures, before, states = await asyncio.gather(
        ask.figures(view.services, {site.slug: window}),
        ask.figures_before(view.services, {site.slug: window}),
        ask.states_of(view.services, list(site.lines), window),
    )
    return await made(lambda: [figures_strip(view, figures[0], before), course(view, site, states, window)])


def spark_span(view: View) -> int:
    """How far back sparklines reach, ms: as long as the period has run, within reason."""
    window = view.window()
    return min(max(window.until - window.start, SHORTEST_SPARK_MS), LONGEST_SPARK_MS)


def register(app: Dash, services: Services) -> None:
    """Refresh what depends on the period; show all metrics of a unit on demand."""

    @app.callback(  # type: ignore[untyped-decorator]  # dash has no types
        Output("site-period", "data-html"),
        Input("site-refresh", "n_intervals"),
        State(router.LOCATION, "pathname"),
        State(router.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_: int, pathname: str, search: str) -> Any:
        view = view_again(services, pathname, search, **(match(PATH, pathname) or {}))
        return await or_else(_period(view, _site(view)), no_update)

    async def units(site: str, search: str = "") -> Response:
        view = view_again(services, f"/site/{site}", search, site=site)
        if view.site is None:
            return Response(status_code=404)
        return await or_else(_units(view), Response(status_code=503))

    async def metrics(unit: str, search: str = "") -> Response:
        view = view_again(services, f"/site/{unit.partition('/')[0]}", search)
        found = next((one for one in services.enterprise.units if "/".join(one.path) == unit), None)
        return await _fragment(lambda: all_metrics(view, found)) if found is not None else Response(status_code=404)

    app.server.add_api_route(UNITS_PATH, units)
    app.server.add_api_route(FRAGMENT_PATH, metrics)


async def _units(view: View) -> Response:
    """All units of the site, area by area."""
    site, span = _site(view), spark_span(view)
    tags = [tag for unit in site.units if unit.retired is None and (tag := main_tag(unit, view.services.tags))]
    sparks = await ask.sparks(view.services, tags, view.now - span, view.now)
    return await _fragment(lambda: [area_block(view, area, sparks, span) for area in site.areas])


async def _fragment(build: Callable[[], Any]) -> Response:
    return HTMLResponse(await made(build), headers={"Cache-Control": "no-store"})


def _site(view: View) -> Site:
    """The site of the page; the router has made sure that there is one."""
    if view.site is None:
        raise LookupError(f"no site at {view.path}")
    return view.site
