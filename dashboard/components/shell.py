"""The frame around every page: bar, side navigation with the sites, bottom tabs on a phone.

Plain HTML and CSS: it is there before any callback runs and changes without one. assets/shell.js marks the current
page and opens the side on a phone, assets/live-*.js keep the states alive.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import icons, language, theme
from dashboard.components.link import link
from dashboard.page import Page
from dashboard.router import CONTENT, LOCATION
from dashboard.texts import text
from plant.model.enterprise import Enterprise, Site, SiteStatus

MAIN: Final = "shell-main"


def shell(enterprise: Enterprise, pages: Sequence[Page]) -> Component:
    """The whole layout, in the language and scheme of the request."""
    frame = html.Div(
        [
            html.A(text("shell.skip"), href=f"#{MAIN}", className="df-skip"),
            _bar(enterprise),
            _side(enterprise, pages),
            html.Main(html.Div(id=CONTENT), className="df-main", tabIndex=-1, id=MAIN),
            _tabs(pages),
        ],
        className="df-shell",
        **{"data-live-scope": "group"},
    )
    return html.Div([dcc.Location(id=LOCATION, refresh=False), frame])


def _bar(enterprise: Enterprise) -> Component:
    spoken = language.current()
    menu = html.Button(
        icons.icon("menu"),
        className="df-button df-menu",
        **{"aria-label": text("shell.menu"), "aria-expanded": "false", "aria-controls": "shell-side"},
    )
    brand = link([icons.icon("factory"), html.Span(enterprise.name[spoken])], "/", className="df-brand")
    return html.Header([menu, brand, html.Div([_live(), _switches()], className="df-bar-end")], className="df-bar")


def _live() -> Component:
    """How old the newest value is, or that there is no connection; assets/live-badge.js writes it."""
    return html.Div(
        [
            html.Span(className="df-feed-shape", **{"aria-hidden": "true"}),
            html.Span(className="df-link-text", **{"aria-hidden": "true"}),
            html.Span(className="df-only-spoken", role="status"),
        ],
        className="df-link-state",
        **{"data-feed": "late", "data-live-link": ""},
    )


def _switches() -> Component:
    """Language and scheme: in the bar, and in the side where the bar is too narrow."""
    spoken, scheme = language.current(), theme.current()
    languages = [
        html.Button(
            one.upper(),
            className="df-switch",
            lang=one,
            **{"aria-pressed": str(one == spoken).lower(), "data-cookie": f"df_language={one}"},
        )
        for one in language.LANGUAGES
    ]
    other = "dark" if scheme == "light" else "light"
    toggle = html.Button(
        icons.icon("moon" if other == "dark" else "sun", text(f"shell.scheme-{other}")),
        className="df-button",
        title=text(f"shell.scheme-{other}"),
        **{"data-cookie": f"df_scheme={other}"},
    )
    group = html.Div(languages, className="df-switches", role="group", **{"aria-label": text("shell.language")})
    return html.Div([group, toggle], className="df-bar-tools")


def _side(enterprise: Enterprise, pages: Sequence[Page]) -> Component:
    return html.Nav(
        [
            html.Ul([html.Li(entry) for entry in _entries(pages)], className="df-nav"),
            html.H2(text("shell.sites"), className="df-side-title"),
            html.Ul([html.Li(_site(site)) for site in enterprise.sites], className="df-nav df-sites"),
            _switches(),
        ],
        className="df-side",
        id="shell-side",
        **{"aria-label": text("shell.sections")},
    )


def _entries(pages: Sequence[Page]) -> list[Component]:
    return [
        link(
            [icons.icon(page.NAVIGATION.icon), html.Span(text(page.NAVIGATION.text))],
            page.PATH,
            className="df-nav-link",
        )
        for page in pages
        if page.NAVIGATION is not None
    ]


def _site(site: Site) -> Component:
    """A site: how its data come in (shape), how many of its lines run, and whether it is on trial."""
    constraints = ["/".join(line.unit(line.constraint).path) for line in site.lines]
    trial = [html.Span(text("shell.trial"), className="df-trial")] if site.status is SiteStatus.TRIAL else []
    running = html.Span(
        className="df-running",
        title=text("shell.lines-running"),
        **{"data-live-running": json.dumps(constraints)},
    )
    return link(
        [
            html.Span(className="df-feed-shape", **{"data-live-feed": site.slug}),
            html.Span([site.name[language.current()], *trial], className="df-site-name"),
            running,
        ],
        f"/site/{site.slug}",
        className="df-nav-link",
    )


def _tabs(pages: Sequence[Page]) -> Component:
    """Bottom navigation of a phone: the pages, and the side with the sites."""
    sites = html.Button(
        [icons.icon("sites"), html.Span(text("shell.sites"))],
        className="df-nav-link df-menu",
        **{"aria-expanded": "false", "aria-controls": "shell-side"},
    )
    return html.Nav([*_entries(pages), sites], className="df-tabs", **{"aria-label": text("shell.sections")})
