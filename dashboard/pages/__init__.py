"""The pages, in the order of the navigation; adding one adds one line here."""

from __future__ import annotations

from dashboard.page import Page

PAGES: tuple[Page, ...] = ()
