"""What callbacks of pages share: the view that `layout` was given, a little later, and what to do without a store."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar
from urllib.parse import parse_qs

from dashboard.page import View
from dashboard.services import Services
from plant.errors import StoreError

Answer = TypeVar("Answer")
Else = TypeVar("Else")


def view_again(services: Services, path: str, search: str | None, **parts: str) -> View:
    """What the address bar shows now.

    Args:
        services: What the page reads.
        path: Path of the page, such as ``/site/minsk``.
        search: Query of the address bar.
        parts: What the <> parts of the page's path stand for.
    """
    return View(services, path, parts, parse_qs((search or "").lstrip("?")), services.clock())


async def or_else(answer: Awaitable[Answer], otherwise: Else) -> Answer | Else:
    """The answer, or something else while the store is away.

    A page that is open keeps what it shows: its period says of when that is, and collectors tell of the store.
    """
    try:
        return await answer
    except StoreError:
        return otherwise
