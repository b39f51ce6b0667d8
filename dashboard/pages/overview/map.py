"""The map of the sites: the land as a mask in a colour of the theme, a marker and a name for each site.

Nothing is fetched but one small SVG of our own; there is no tile server.
"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.link import link
from dashboard.geo.labels import Side, sides
from dashboard.geo.outline import ASPECT
from dashboard.geo.outline import View as MapView
from dashboard.page import View
from dashboard.texts import text
from plant.model.enterprise import Site, SiteStatus

OUTLINE_PATH = "/map/outline.svg"
GRATICULE_PATH = "/map/graticule.svg"


def site_map(view: View) -> Component:
    """All sites of the enterprise on one map; a marker leads to the site's page."""
    sites, spoken = view.services.enterprise.sites, language.current()
    seen = MapView.of(sites)
    places = [seen.place(site.longitude, site.latitude) for site in sites]
    placed = sides(places, [len(site.name[spoken]) for site in sites])
    layers = [_layer(OUTLINE_PATH, "map-land"), _layer(GRATICULE_PATH, "map-graticule")]
    distance, share = seen.scale()
    scale = html.Div(
        formats.with_unit(formats.number(distance, 0, spoken), text("overview.km")),
        className="map-scale",
        style={"width": f"{100 * share:.2f}%"},
    )
    markers = [_marker(view, *row) for row in zip(sites, places, placed, strict=True)]
    return html.Figure(
        html.Div([*layers, scale, *markers], className="map", style={"aspectRatio": str(ASPECT)}),
        **{"aria-label": text("overview.map")},
    )


def _layer(address: str, class_name: str) -> Component:
    """A picture of our own as the shape of a colour."""
    mask = f"url({address})"
    return html.Div(className=class_name, style={"maskImage": mask, "WebkitMaskImage": mask})


def _marker(view: View, site: Site, place: tuple[float, float], side: Side) -> Component:
    spot = html.Span(className="df-feed-shape map-spot", **{"data-live-feed": site.slug})
    name = html.Span(site.name[language.current()], className="map-name")
    return html.Div(
        link([spot, name], view.href(f"/site/{site.slug}"), className="map-marker"),
        className="map-place",
        style={"left": f"{100 * place[0]:.2f}%", "top": f"{100 * place[1]:.2f}%"},
        **{"data-side": side, "data-trial": str(site.status is SiteStatus.TRIAL).lower()},
    )
