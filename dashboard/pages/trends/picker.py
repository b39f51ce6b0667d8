"""Choosing tags: a tree that opens one branch at a time, and a search over all of it.

Only what is open is on the page, so thousands of tags cost nothing. A tag is a link: choosing one is going to the
address that shows it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.link import link
from dashboard.page import View
from dashboard.pages.trends.choice import Choice, with_tag, without_tag
from dashboard.pages.trends.search import TagSearch, is_shown, label
from dashboard.texts import text
from plant.model.enterprise import Line, Site, Unit
from plant.model.tags import Tag

TYPING_S: Final = 0.25
"""A pause in typing after which the search is asked."""


def panel(view: View, choice: Choice) -> Component:
    """Search field and list; on a phone both fold away once something is chosen."""
    field = dcc.Input(
        id="trends-search",
        type="search",
        value="",
        placeholder=text("trends.search"),
        debounce=TYPING_S,
        className="df-input tr-search",
        autoComplete="off",
    )
    listed = html.Div(tree(view, choice, opened(view)), id="trends-list", className="tr-list")
    head = html.Summary(text("trends.choose"), className="tr-choose")
    return html.Details([head, field, listed], open=True, className="tr-picker")


def opened(view: View) -> str:
    """The branch that is open: of the link, else of the site in scope."""
    return view.first("open") or (view.site.slug if view.site else "")


def results(view: View, choice: Choice, search: TagSearch, query: str) -> list[Component]:
    """What a search has found."""
    spoken = language.current()
    found = search.find(query, view.site.slug if view.site else None)
    if not found.tags:
        return [html.P(text("trends.nothing-found"), className="tr-note")]
    rows = [_tag(view, choice, tag, label(tag, view.services.enterprise, spoken), opened(view)) for tag in found.tags]
    count = text("trends.found", shown=len(found.tags), total=formats.number(found.total, 0, spoken))
    return [html.P(count, className="tr-note"), html.Ul(rows, className="tr-level")]


def tree(view: View, choice: Choice, branch: str) -> list[Component]:
    """All sites (or the one in scope) with one open branch, ``site/line/unit`` or less."""
    sites = [view.site] if view.site else view.services.enterprise.sites
    return [html.Ul([_site(view, choice, site, branch) for site in sites], className="tr-level", role="tree")]


def _site(view: View, choice: Choice, site: Site, branch: str) -> Component:
    def inside() -> Iterable[Component]:
        return (_line(view, choice, line, branch) for line in site.lines)

    return _node(site.slug, "", site.name[language.current()], branch, inside)


def _line(view: View, choice: Choice, line: Line, branch: str) -> Component:
    def inside() -> Iterable[Component]:
        return (_unit(view, choice, unit, branch) for unit in line.units if unit.retired is None)

    return _node(f"{line.site}/{line.slug}", line.site, line.name[language.current()], branch, inside)


def _unit(view: View, choice: Choice, unit: Unit, branch: str) -> Component:
    path = f"{unit.site}/{unit.line}/{unit.slug}"

    def inside() -> Iterable[Component]:
        tags = (tag for tag in view.services.tags.of_unit(unit).values() if is_shown(tag))
        return (_tag(view, choice, tag, tag.metric.name[language.current()], path) for tag in tags)

    return _node(path, f"{unit.site}/{unit.line}", unit.name[language.current()], branch, inside)


def _node(path: str, parent: str, name: str, branch: str, inside: Callable[[], Iterable[Component]]) -> Component:
    """One branch; its button opens it, or, when it is open, what holds it."""
    is_open = branch == path or branch.startswith(f"{path}/")
    button = html.Button(
        [html.Span(className="st-chevron", **{"aria-hidden": "true"}), name],
        id={"type": "trends-node", "path": parent if is_open else path, "of": path},
        className="tr-node",
        **{"aria-expanded": str(is_open).lower()},
    )
    rows = [html.Ul(list(inside()), className="tr-level")] if is_open else []
    return html.Li([button, *rows], role="treeitem")


def _tag(view: View, choice: Choice, tag: Tag, name: str, branch: str) -> Component:
    """A tag as a link that adds it, or takes it away when it is chosen."""
    chosen = any(other.index == tag.index for other in choice.tags)
    tags = without_tag(choice.tags, tag) if chosen else with_tag(choice.tags, tag)
    unit = tag.metric.unit
    measure = view.services.enterprise.measures[unit][language.current()] if unit else ""
    words = [html.Span(name), html.Span(measure, className="tr-unit")]
    href = view.href(None, {"tags": tags or None, "open": branch or None})
    return html.Li(link(words, href, className="tr-tag", keep_period=False), **{"data-chosen": str(chosen).lower()})
