"""The state of a unit, by shape and in words."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import states
from dashboard.page import View
from plant.model.enterprise import Unit


def live_state(view: View, unit: Unit, *, words: bool = True) -> Component:
    """Shape and words of the unit's state; assets/live-values.js keeps them current.

    Args:
        view: What the page is shown with.
        unit: The machine.
        words: Show the words; without them they are still there for screen readers and as a tooltip.
    """
    path = "/".join(unit.path)
    message = view.services.live.state(path)
    label = states.label(message)
    return html.Span(
        [
            html.Span(className="df-state-shape", **{"aria-hidden": "true"}),
            html.Span(label, className="df-state-text" if words else "df-state-text df-only-spoken"),
        ],
        className="df-state",
        title=label,
        **{"data-live-state": path, "data-kind": states.kind(message)},
    )
