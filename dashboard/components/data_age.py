"""How old the data of a site are."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.page import View
from plant.model.enterprise import Site


def data_age(view: View, site: Site) -> Component:
    """Age of the newest value of a site, with a shape for how its data come in; assets/live-values.js counts on."""
    return html.Span(
        [html.Span(className="df-feed-shape", **{"aria-hidden": "true"}), html.Span(className="df-age-text")],
        className="df-data-age",
        **{"data-live-age": site.slug, "data-feed": view.services.live.feed(site.slug)},
    )
