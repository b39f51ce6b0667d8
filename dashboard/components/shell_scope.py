"""The scope picker: all sites or one."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import language
from dashboard.page import View
from dashboard.texts import text


def scope_picker(view: View) -> Component:
    """A native select whose entries are links; assets/shell.js follows them.

    On a page about one site (its path names it) another site is another path and all sites are the start page; on
    every other page the site is a key of the query.
    """
    slugs = [("", text("shell.all-sites"))]
    slugs += [(site.slug, site.name[language.current()]) for site in view.services.enterprise.sites]
    chosen = view.site.slug if view.site else ""
    options = [html.Option(name, value=_href(view, slug), selected=slug == chosen) for slug, name in slugs]
    return html.Label(
        [
            html.Span(text("shell.scope"), className="df-only-spoken"),
            html.Select(options, className="df-select", **{"data-goto": ""}),
        ],
        className="df-scope",
    )


def _href(view: View, slug: str) -> str:
    if "site" in view.parts:
        return view.href(f"/site/{slug}" if slug else "/")
    return view.href(None, {"site": slug or None})
