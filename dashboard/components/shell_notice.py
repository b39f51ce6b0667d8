"""A message instead of a page or a block: what is wrong and what to do."""

from __future__ import annotations

from typing import Literal

from dash import html
from dash.development.base_component import Component

from dashboard import icons

Level = Literal["calm", "warning", "alarm"]


def notice(title: str, mend: str, level: Level = "calm") -> Component:
    """A notice; its level shows as colour and as a shape.

    Args:
        title: What is wrong, one short sentence.
        mend: What to do about it.
        level: How much it matters.
    """
    shape = {"calm": "info", "warning": "warning", "alarm": "alarm"}[level]
    words = html.Div([html.H2(title), html.P(mend)])
    return html.Div([icons.icon(shape), words], className="df-notice", role="status", **{"data-level": level})
