"""What to look at when nothing is chosen: a few trends of each site, found by what metrics mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import language
from dashboard.components.link import link
from dashboard.page import View
from dashboard.pages.trends.choice import Choice, choose
from dashboard.pages.trends.graph import refusals
from dashboard.texts import text
from plant.model.enterprise import Role, Site, Unit
from plant.model.tags import Tag, TagTable


def _line_rates(site: Site, tags: TagTable) -> list[Tag]:
    """Rates of the units that limit the lines that make something."""
    return _with_role([line.unit(line.constraint) for line in site.lines if line.output is not None], Role.RATE, tags)


def _gas(site: Site, tags: TagTable) -> list[Tag]:
    return _with_role(list(site.units), Role.GAS_FLOW, tags)


def _power(site: Site, tags: TagTable) -> list[Tag]:
    """Power where energy is metered too: a site's meters rather than each of its motors."""
    metered = [unit for unit in site.units if unit.with_role(Role.ENERGY) is not None]
    return _with_role(metered, Role.POWER, tags) or _with_role(list(site.units), Role.POWER, tags)


def _levels(site: Site, tags: TagTable) -> list[Tag]:
    return _with_role(list(site.units), Role.LEVEL, tags)


GRAPH_SOON: Final = {"data-graph-soon": ""}
"""Lets assets/plotly-ahead.js get ready while the user chooses."""
PRESETS: Final[tuple[tuple[str, Callable[[Site, TagTable], list[Tag]]], ...]] = (
    ("trends.preset-rates", _line_rates),
    ("trends.preset-gas", _gas),
    ("trends.preset-power", _power),
    ("trends.preset-levels", _levels),
)


def presets(view: View, choice: Choice) -> list[Component]:
    """How to begin, and links to begin with, of the site in scope or of all."""
    sites = [view.site] if view.site else view.services.enterprise.sites
    rows = [_row(view, site) for site in sites]
    words = [html.H2(text("trends.empty")), html.P(text("trends.empty-mend"))]
    body = [*words, html.Ul(rows, className="tr-presets")]
    return [*refusals(view, choice), html.Div(body, className="tr-empty", **GRAPH_SOON)]


def _row(view: View, site: Site) -> Component:
    links = []
    for key, pick in PRESETS:
        found = pick(site, view.services.tags)
        chosen = choose(",".join(tag.path for tag in found), view.services.tags)
        if chosen.tags:
            href = view.href(None, {"tags": chosen.query, "open": site.slug})
            links.append(link(text(key), href, className="df-chip", keep_period=False))
    name = html.Span(site.name[language.current()], className="tr-preset-site")
    return html.Li([name, *links])


def _with_role(units: list[Unit], role: Role, tags: TagTable) -> list[Tag]:
    found = []
    for unit in units:
        metric = unit.with_role(role)
        if unit.retired is None and metric is not None:
            found.append(tags.of_unit(unit)[metric.key])
    return found
