"""The map of the sites: the land as a mask in a colour of the theme, a marker and a name for each site.

Nothing is fetched but one small SVG of our own; there is no tile server.
"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import language
from dashboard.components.link import link
from dashboard.geo.labels import Side, sides
from dashboard.geo.outline import ASPECT
from dashboard.geo.outline import View as MapView
from dashboard.page import View
from dashboard.texts import text
from plant.model.enterprise import Site, SiteStatus

OUTLINE_PATH = "/map/outline.svg"


def site_map(view: View) -> Component:
    """All sites of the enterprise on one map; a marker leads to the site's page."""
    sites, spoken = view.services.enterprise.sites, language.current()
    seen = MapView.of(sites)
    places = [seen.place(site.longitude, site.latitude) for site in sites]
    placed = sides(places, [len(site.name[spoken]) for site in sites])
    mask = f"url({OUTLINE_PATH})"
    land = html.Div(className="map-land", style={"maskImage": mask, "WebkitMaskImage": mask})
    markers = [_marker(view, *row) for row in zip(sites, places, placed, strict=True)]
    return html.Figure(
        html.Div([land, *markers], className="map", style={"aspectRatio": str(ASPECT)}),
        **{"aria-label": text("overview.map")},
    )


def _marker(view: View, site: Site, place: tuple[float, float], side: Side) -> Component:
    spot = html.Span(className="df-feed-shape map-spot", **{"data-live-feed": site.slug})
    name = html.Span(site.name[language.current()], className="map-name")
    return html.Div(
        link([spot, name], view.href(f"/site/{site.slug}"), className="map-marker"),
        className="map-place",
        style={"left": f"{100 * place[0]:.2f}%", "top": f"{100 * place[1]:.2f}%"},
        **{"data-side": side, "data-trial": str(site.status is SiteStatus.TRIAL).lower()},
    )
