"""A small line of the recent past that goes on by itself."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from dash import html
from dash.development.base_component import Component

from dashboard.page import View
from plant.model.tags import Tag

SPAN_MS = 3_600_000


def sparkline(view: View, tag: Tag, points: Sequence[tuple[int, float | None]], span_ms: int = SPAN_MS) -> Component:
    """An inline SVG line of one tag over the last `span_ms`; assets/live-spark.js draws and extends it.

    The value holds until the next point (steps), a None leaves a gap, and the normal range is the ground behind it.

    Args:
        view: What the page is shown with.
        tag: What is shown.
        points: (UTC ms, value) in order of time; a hundred are plenty.
        span_ms: How far back it shows.
    """
    data = {
        "data-spark": tag.path,
        "data-points": orjson.dumps(list(points)).decode(),
        "data-span": span_ms,
        "data-now": view.now,
    }
    if tag.metric.normal is not None:
        data |= {"data-normal-low": tag.metric.normal.low, "data-normal-high": tag.metric.normal.high}
    return html.Span(className="df-spark", **{**data, "aria-hidden": "true"})
