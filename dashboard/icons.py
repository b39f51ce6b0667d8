"""Our own icons: SVG masks in assets/icons, coloured by the text around them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def icon(name: str, label: str = "") -> Component:
    """An icon of 1.25 rem.

    Args:
        name: File in assets/icons without its ending.
        label: What it says to those who cannot see it; empty for one that stands beside its own text.
    """
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    mask = f"url(/assets/icons/{name}.svg)"
    return html.Span(className="df-icon", style={"maskImage": mask, "WebkitMaskImage": mask}, **spoken)
