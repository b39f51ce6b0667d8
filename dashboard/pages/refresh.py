"""The view of a page whose callback runs: the same as `layout` was given, a little later."""

from __future__ import annotations

from urllib.parse import parse_qs

from dashboard.page import View
from dashboard.services import Services


def view_again(services: Services, path: str, search: str | None, **parts: str) -> View:
    """What the address bar shows now.

    Args:
        services: What the page reads.
        path: Path of the page, such as ``/site/minsk``.
        search: Query of the address bar.
        parts: What the <> parts of the page's path stand for.
    """
    return View(services, path, parts, parse_qs((search or "").lstrip("?")), services.clock())
