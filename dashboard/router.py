"""From the address bar to the page: one callback, and the index document for the first request of a tab.

Dash's own `use_pages` router is not used: without `asgiref` it does not await layouts, it adds its inline script at
the first request of a process only (which the security policy then refuses), hands every unknown key of a query to the
layout as an argument, and keeps the pages of all apps of a process in one global.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import structlog
from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard.components.shell_notice import notice
from dashboard.page import Page, find
from dashboard.services import Services
from dashboard.texts import text
from plant.errors import StoreError

LOCATION: Final = "shell-location"
"""Id of the ``dcc.Location`` that holds the address bar."""
CONTENT: Final = "shell-page"
"""Id of the element that holds the page."""

log = structlog.get_logger(__name__)


def register(app: Dash, services: Services, pages: Sequence[Page]) -> None:
    """Show the page that the address bar names, each time that it changes."""

    @app.callback(  # type: ignore[untyped-decorator]  # dash has no types
        Output(CONTENT, "children"), Input(LOCATION, "pathname"), Input(LOCATION, "search")
    )
    async def show(pathname: str | None, search: str | None) -> Component:
        return await render(pages, services, pathname or "/", search or "")


async def render(pages: Sequence[Page], services: Services, path: str, search: str) -> Component:
    """The page at an address, or a notice that says why there is none."""
    found = find(pages, services, path, search)
    if found is None:
        return _framed(text("shell.not-found"), notice(text("shell.not-found"), text("shell.not-found-mend")))
    page, view = found
    try:
        content = await page.layout(view)
    except StoreError as error:
        log.warning("page without its store", path=path, error=str(error))
        content = notice(text("shell.store-away"), text("shell.store-away-mend", error=error), level="warning")
    return _framed(page.title(view), content)


def _framed(title: str, content: Any) -> Component:
    """The page with its title for assets/shell.js, which shows it in the tab of the browser."""
    return html.Div(content, className="df-page", **{"data-title": title})
