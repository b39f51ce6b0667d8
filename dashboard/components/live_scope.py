"""What a page wants to see live."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from plant.model.enterprise import Site


def live_scope(children: Any, *sites: Site, class_name: str = "") -> Component:
    """A block whose live components may show any tag of these sites; without it there is what the overview needs.

    Args:
        children: The block.
        sites: Sites that it shows in full.
        class_name: Its style.
    """
    names = " ".join(f"site/{site.slug}" for site in sites)
    return html.Div(children, className=class_name, **{"data-live-scope": names})
