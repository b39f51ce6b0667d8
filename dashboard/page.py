"""What a page is, and what it is shown with.

A page is a module of `dashboard.pages` with four names (README.md has an example)::

    PATH = "/site/<site>"                           a part in <> is any one level; <site> must be a known site
    NAVIGATION = Navigation("nav.trends", "trend")  or None: reached from other pages only
    def title(view: View) -> str: ...
    async def layout(view: View) -> Component: ...
    def register(app: Dash, services: Services) -> None: ...

`layout` runs again whenever the address bar changes: the whole state of a view is in its link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol
from urllib.parse import parse_qs, urlencode

from dash import Dash
from dash.development.base_component import Component

from dashboard import period
from dashboard.period import Window
from dashboard.services import Services
from plant.model.enterprise import Site

KEPT: Final = ("period", "from", "to")
"""What a link to another page takes along from this one."""


@dataclass(frozen=True, slots=True)
class Navigation:
    """Entry in the side navigation: key of its text and name of its icon (`dashboard.icons`)."""

    text: str
    icon: str


@dataclass(frozen=True)
class View:
    """One look at one page: where the address bar points, and the parts to answer with.

    Attributes:
        path: Such as ``/site/minsk``.
        parts: What the <> parts of the page's path stand for here, such as ``{"site": "minsk"}``.
        query: The query of the address, each key with all of its values.
        now: UTC ms, read once, so that all of a page is about the same moment.
    """

    services: Services
    path: str
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    now: int = 0

    @cached_property
    def site(self) -> Site | None:
        """The site in scope, from the path or from ``?site=``; None is the whole group."""
        slug = self.parts.get("site") or self.first("site")
        return next((site for site in self.services.enterprise.sites if site.slug == slug), None)

    def first(self, key: str, default: str = "") -> str:
        """The first value of a key of the query."""
        values = self.query.get(key) or (default,)
        return values[0]

    def window(self, site: Site | None = None) -> Window:
        """The period in the calendar and zone of `site`; without one of the site in scope, else of the group."""
        of = site or self.site or period.group_site(self.services.enterprise)
        return period.window(self.first("period"), self.first("from"), self.first("to"), self.now, of.calendar, of.zone)

    def href(self, path: str | None = None, changes: Mapping[str, str | Sequence[str] | None] | None = None) -> str:
        """A link from here.

        Args:
            path: Another page, which keeps the period; None is this page, which keeps its whole query.
            changes: Keys of the query to set, with one or several values; None removes a key.
        """
        query: dict[str, str | Sequence[str]] = {
            key: values for key, values in self.query.items() if path is None or key in KEPT
        }
        for key, value in (changes or {}).items():
            if value is None:
                query.pop(key, None)
            else:
                query[key] = value
        return (path or self.path) + (f"?{urlencode(query, doseq=True)}" if query else "")


class Page(Protocol):
    """A module of `dashboard.pages`."""

    @property
    def PATH(self) -> str:  # noqa: N802 - a constant of the module
        """Address of the page; a part in <> is any one level."""
        ...

    @property
    def NAVIGATION(self) -> Navigation | None:  # noqa: N802 - a constant of the module
        """Its entry in the side navigation, if it has one."""
        ...

    def title(self, view: View, /) -> str:
        """Its name in the browser's tab."""
        ...

    async def layout(self, view: View, /) -> Component:
        """Everything that it shows."""
        ...

    def register(self, app: Dash, services: Services, /) -> None:
        """Add its callbacks."""
        ...


def match(pattern: str, path: str) -> dict[str, str] | None:
    """What the <> parts of a page's path stand for in `path`; None if it is another page's.

    ``/site/<site>`` matches ``/site/minsk`` with ``{"site": "minsk"}``, and not ``/site/minsk/boards``.
    """
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    parts = {}
    for name, level in zip(wanted, given, strict=True):
        if name.startswith("<") and level:
            parts[name.strip("<>")] = level
        elif name != level:
            return None
    return parts


def find(pages: Sequence[Page], services: Services, path: str, search: str = "") -> tuple[Page, View] | None:
    """The page at `path` and the view of it; None if there is no such page or no such site."""
    for page in pages:
        parts = match(page.PATH, path)
        if parts is None:
            continue
        view = View(services, path, parts, parse_qs(search.lstrip("?")), services.clock())
        return (page, view) if "site" not in parts or view.site is not None else None
    return None
