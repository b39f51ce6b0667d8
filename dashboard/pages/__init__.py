"""The pages, in the order of the navigation; adding one adds one line here."""

from __future__ import annotations

from typing import cast

from dashboard.page import Page
from dashboard.pages import overview, site, trends

# A function of a module is not a `Callable` attribute to mypy: that could be assigned, hence the cast.
PAGES: tuple[Page, ...] = (
    cast("Page", overview),
    cast("Page", trends),
    cast("Page", site),
)
