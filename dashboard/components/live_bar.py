"""A value against its range: a track, the normal band and a mark, without a number."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.page import View
from plant.model.enterprise import Span
from plant.model.tags import Tag


def has_bar(tag: Tag) -> bool:
    """Whether the metric has a span to draw a bar over."""
    return tag.metric.span is not None


def live_bar(view: View, tag: Tag) -> Component:
    """The bar of a tag over its instrument's span; `has_bar` says whether it can have one.

    Outside the normal range the mark changes shape and colour, but only while the unit executes: a cold oven at rest
    is no news.

    Raises:
        ValueError: The metric has no span.
    """
    span = tag.metric.span
    if span is None:
        raise ValueError(f"{tag.path} has no span; ask has_bar first")
    value = view.services.live.value(tag.path)
    now = value.value if value is not None and isinstance(value.value, int | float) else None
    style = {} if now is None else {"--at": _share(now, span)}
    data = {"data-live-bar": tag.path, "data-low": span.low, "data-high": span.high}
    parts: list[Component] = []
    normal = tag.metric.normal
    if normal is not None:
        style |= {"--normal-low": _share(normal.low, span), "--normal-high": _share(normal.high, span)}
        data |= {"data-normal-low": normal.low, "data-normal-high": normal.high}
        parts.append(html.Span(className="df-bar-band"))
    parts.append(html.Span(className="df-bar-mark"))
    return html.Span(parts, className="df-meter", style=style, **{**data, "aria-hidden": "true"})


def _share(value: float, span: Span) -> float:
    """Where a value lies in its span, 0 to 1."""
    return round(min(1.0, max(0.0, (value - span.low) / (span.high - span.low))), 4)
