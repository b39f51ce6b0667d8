"""The state of a unit, by shape and in words."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import formats, states
from dashboard.page import View
from plant.model.enterprise import Unit


def live_state(view: View, unit: Unit, *, words: bool = True, since: bool = False) -> Component:
    """Shape and words of the unit's state; assets/live-values.js keeps them current.

    Args:
        view: What the page is shown with.
        unit: The machine.
        words: Show the words; without them they are still there for screen readers and as a tooltip.
        since: Show how long the unit has been in it.
    """
    path = "/".join(unit.path)
    message = view.services.live.state(path)
    label = states.label(message)
    parts = [
        html.Span(className="df-state-shape", **{"aria-hidden": "true"}),
        html.Span(label, className="df-state-text" if words else "df-state-text df-only-spoken"),
    ]
    if since:
        elapsed = formats.duration(max(0, view.now - message.since)) if message is not None else ""
        parts.append(html.Span(elapsed, className="df-state-since"))
    return html.Span(
        parts,
        className="df-state",
        title=label,
        **{"data-live-state": path, "data-kind": states.kind(message)},
    )
