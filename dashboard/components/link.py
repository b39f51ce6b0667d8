"""A link to another page of ours, followed without loading the document again (assets/shell.js)."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component


def link(children: Any, href: str, className: str = "df-link", *, keep_period: bool = True) -> Component:  # noqa: N803 - Dash's own name
    """A link.

    Args:
        children: What it shows.
        href: Path and query; `View.href` builds one.
        className: Its style.
        keep_period: Take the period of the address bar along when `href` names none itself.
    """
    return html.A(children, href=href, className=className, **{"data-link": "keep" if keep_period else "plain"})
