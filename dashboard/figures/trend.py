"""The trend: one line a tag, its least and greatest values as a band behind it, one panel a unit of measure.

Panels stand above each other on one time axis: with several scales over each other nobody can tell which line belongs
to which, least of all on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.queries.trend import Floats, Trend, axes
from plant.model.enterprise import Enterprise, Language, Metric

BAND_OPACITY: Final = "33"
"""Alpha of a band, as hexadecimal digits behind a colour."""
DASHES: Final = ("solid", "dash", "dot", "dashdot")
"""Lines differ by more than colour once there are more than half of the colours."""
LINES_BEFORE_DASHES: Final = 4
GAP: Final = 0.07
"""Between two panels, share of the whole height."""
NARROW: Final = "\u202f"
TICK_FORMATS: Final[list[dict[str, Any]]] = [
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S\n%d.%m"},
    {"dtickrange": [60_000, 86_400_000 - 1], "value": "%H:%M\n%d.%m"},
    {"dtickrange": [86_400_000, None], "value": "%d.%m\n%Y"},
]
"""The lower line is written only where it changes."""
STEP: Final = "hv"
TRACES_A_TAG: Final = 2
"""A band, then the line before it."""


def trend_figure(
    trends: Sequence[Trend],
    start: int,
    end: int,
    shift_ms: int,
    enterprise: Enterprise,
    spoken: Language,
    template: dict[str, Any],
) -> go.Figure:
    """Lines of some tags.

    Args:
        trends: In the order of their colours; empty gives empty axes.
        start: Left edge, UTC ms.
        end: Right edge, UTC ms.
        shift_ms: What the plant's clock is ahead of UTC by; the axis shows that clock.
        enterprise: Names the units of measure.
        spoken: Language of these names.
        template: Style, with the colours of the lines in ``layout.colorway``.
    """
    colours = template["layout"]["colorway"]
    figure = go.Figure(layout={"template": template, **_layout(trends, start, end, shift_ms, enterprise, spoken)})
    numbers = axes(trends)
    for place, trend in enumerate(trends):
        axis = numbers[trend.tag.metric.unit]
        style = _style(place, colours)
        figure.add_traces([_band(trend, shift_ms, style["color"], axis), _line(trend, shift_ms, style, axis)])
    if len(trends) == 1:
        figure.update_layout(shapes=_limits(trends[0].tag.metric, template))
    return figure


def shape(trend: Trend) -> str:
    """How points are joined: a value holds until the next one, a mean of a long bucket is a point of a curve."""
    return STEP if trend.is_step or trend.is_fine else "linear"


def line_place(place: int) -> int:
    """Index of the trace that is the line of the tag at `place`; new points go there."""
    return TRACES_A_TAG * place + 1


def arrays(trends: Sequence[Trend], shift_ms: int) -> list[dict[str, Any]]:
    """The x and y of each trace of `trend_figure`, in its order: what a zoom changes."""
    found = []
    for trend in trends:
        found += [_band_points(trend, shift_ms), _line_points(trend, shift_ms)]
    return found


def _style(place: int, colours: Sequence[str]) -> dict[str, Any]:
    dash = DASHES[place // LINES_BEFORE_DASHES % len(DASHES)]
    return {"color": colours[place % len(colours)], "width": 1.75, "dash": dash}


def _line(trend: Trend, shift_ms: int, style: dict[str, Any], axis: int) -> go.Scatter:
    digits = trend.tag.metric.decimals
    return go.Scatter(
        **_line_points(trend, shift_ms),
        mode="lines",
        line={**style, "shape": shape(trend)},
        connectgaps=False,
        yaxis=_axis_name(axis, "y"),
        hovertemplate=f"%{{y:,.{digits}f}}<extra></extra>",
        showlegend=False,
        meta={"tag": trend.tag.path},
    )


def _band(trend: Trend, shift_ms: int, colour: str, axis: int) -> go.Scatter:
    return go.Scatter(
        **_band_points(trend, shift_ms),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=colour + BAND_OPACITY,
        hoverinfo="skip",
        yaxis=_axis_name(axis, "y"),
        showlegend=False,
    )


def _line_points(trend: Trend, shift_ms: int) -> dict[str, Any]:
    """A mean stands in the middle of its bucket, a step at its start."""
    at = trend.time if shape(trend) == STEP else trend.time + trend.width // 2
    return {"x": _clock(at, shift_ms), "y": trend.drawn}


def _band_points(trend: Trend, shift_ms: int) -> dict[str, Any]:
    """Outlines of the band, one closed shape for each stretch without a gap, parted by NaN."""
    if trend.is_step:
        return {"x": _clock(trend.time[:0], shift_ms), "y": trend.low[:0]}
    times: list[NDArray[np.int64]] = []
    values: list[Floats] = []
    for run in _runs(np.isfinite(trend.low) & np.isfinite(trend.high)):
        at = trend.time[run] + trend.width // 2
        times += [at, at[::-1], at[:1]]
        values += [trend.high[run], trend.low[run][::-1], np.array([np.nan])]
    if not times:
        return {"x": _clock(trend.time[:0], shift_ms), "y": trend.low[:0]}
    return {"x": _clock(np.concatenate(times), shift_ms), "y": np.concatenate(values)}


def _runs(known: NDArray[np.bool_]) -> list[slice]:
    """Stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.astype(np.int8), [0]))))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _clock(at: NDArray[np.int64], shift_ms: int) -> Floats:
    """The plant's clock as ms, since Plotly knows no zones; float64, which travels as bytes and not as texts."""
    return (at + shift_ms).astype(np.float64)


def _axis_name(number: int, letter: str) -> str:
    return letter if number == 1 else f"{letter}{number}"


def _layout(
    trends: Sequence[Trend], start: int, end: int, shift_ms: int, enterprise: Enterprise, spoken: Language
) -> dict[str, Any]:
    numbers = axes(trends)
    layout: dict[str, Any] = {
        "xaxis": {
            "type": "date",
            "range": _clock(np.array([start, end]), shift_ms).tolist(),
            "hoverformat": "%H:%M:%S, %d.%m",
            "tickformatstops": TICK_FORMATS,
            "tickangle": 0,
            "nticks": 7,
            "anchor": _axis_name(max(numbers.values(), default=1), "y"),
        },
        "yaxis": {},
        "dragmode": "zoom",
        "hoversubplots": "axis",
        "uirevision": "trend",
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "separators": f",{NARROW}" if spoken == "ru" else ".,",
        "showlegend": False,
        "annotations": [],
    }
    for unit, number in numbers.items():
        domain = _domain(number, len(numbers))
        layout[_axis_name(number, "yaxis")] = {"domain": domain, "zeroline": False, "nticks": 6}
        layout["annotations"].append(_heading(enterprise.measures[unit][spoken] if unit else "", domain[1]))
    return layout


def _domain(number: int, panels: int) -> list[float]:
    """Part of the height that a panel has, the first one on top."""
    height = (1 - GAP * (panels - 1)) / panels
    top = 1 - (number - 1) * (height + GAP)
    return [max(0.0, round(top - height, 4)), round(top, 4)]


def _heading(words: str, top: float) -> dict[str, Any]:
    """The unit of measure above the left end of its panel."""
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": top, "yanchor": "bottom", "yshift": 3}
    return {"text": words, "showarrow": False, "font": {"size": 12}, "opacity": 0.75, **place}


def _limits(metric: Metric, template: dict[str, Any]) -> list[dict[str, Any]]:
    """The normal range as a band and the alarm limits as named lines, behind the single tag that they are of."""
    colour = template["layout"]["font"]["color"]
    shapes: list[dict[str, Any]] = []
    across = {"xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    if metric.normal is not None:
        ends = {"y0": metric.normal.low, "y1": metric.normal.high}
        shapes.append({"type": "rect", **across, **ends, "fillcolor": colour, "opacity": 0.07, "line": {"width": 0}})
    for name in ("ll", "l", "h", "hh"):
        value = getattr(metric.limits, name)
        if value is not None:
            label = {"text": name.upper(), "textposition": "end", "font": {"size": 11}}
            line = {"color": colour, "width": 1, "dash": "dash" if len(name) == 1 else "solid"}
            shapes.append(
                {"type": "line", **across, "y0": value, "y1": value, "line": line, "opacity": 0.5, "label": label}
            )
    return shapes
