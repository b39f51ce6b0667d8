"""Our own icons: SVG masks in assets/05-icons.css, coloured by the text around them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def icon(name: str, label: str = "") -> Component:
    """An icon of 1.25 em.

    Args:
        name: The ``--df-icon-<name>`` of assets/05-icons.css.
        label: What it says to those who cannot see it; empty for one that stands beside its own text.
    """
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return html.Span(className="df-icon", style={"--icon": f"var(--df-icon-{name})"}, **spoken)
