"""A current value that changes by itself, stale when its source is away."""

from __future__ import annotations

from typing import Protocol

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.page import View
from plant.messages import Value
from plant.model.enterprise import Metric
from plant.readings import GOOD, STALE


class Measured(Protocol):
    """A `plant.model.tags.Tag` or `plant.model.tags.TextTag`."""

    @property
    def path(self) -> str:
        """``site/area/line/unit/metric``."""
        ...

    @property
    def metric(self) -> Metric:
        """What is measured."""
        ...


def live_value(view: View, tag: Measured, *, unit: bool = True) -> Component:
    """The value with its unit; assets/live-values.js keeps it current where a scope of the page covers the tag.

    Args:
        view: What the page is shown with.
        tag: What is shown.
        unit: Show the unit of measure; leave it out where a heading shows it.
    """
    spoken = language.current()
    value = view.services.live.value(tag.path)
    measure = view.services.enterprise.measures.get(tag.metric.unit)
    parts = [html.Span(figure(value, tag.metric), className="df-number")]
    if unit and measure is not None:
        parts.append(html.Span(formats.NARROW + measure[spoken], className="df-unit"))
    parts.append(html.Span(className="df-age"))
    return html.Span(
        parts,
        className="df-value",
        **{
            "data-live": tag.path,
            "data-decimals": str(tag.metric.decimals),
            "data-quality": quality(value),
            "data-time": "" if value is None else str(value.time),
        },
    )


def figure(value: Value | None, metric: Metric) -> str:
    """The bare figure or text of a value, a dash when there is none."""
    if value is None or value.value is None:
        return formats.MISSING
    if isinstance(value.value, str):
        return value.value
    return formats.number(value.value, metric.decimals, language.current())


def quality(value: Value | None) -> str:
    """``good``, ``bad``, ``stale`` or ``missing``, as the style sheets know it."""
    if value is None:
        return "missing"
    return {GOOD: "good", STALE: "stale"}.get(value.quality, "bad")
