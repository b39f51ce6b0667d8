"""What part of time the graph shows: the period of the link, or where the user has zoomed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from dashboard import formats
from dashboard.page import View
from dashboard.period import SHORTEST_MS

SHORTEST_ZOOM_MS: Final = 10_000
"""Less than this holds a handful of readings."""

SAME_SHARE: Final = 0.005
"""Edges that differ by less of the span are the same: nobody zooms by so little."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A stretch of time on screen.

    Attributes:
        start: UTC ms; `end` likewise, exclusive, never after `now`.
        offset: What the clock of the axis is ahead of UTC by, ms.
        now: UTC ms.
        zoomed: It is not the period of the link.
    """

    start: int
    end: int
    offset: int
    now: int
    zoomed: bool = False


def of_link(view: View) -> Shown:
    """The part of the link's period that has passed."""
    window = view.window()
    end = max(window.until, window.start + SHORTEST_MS)
    ahead = formats.local(end, window.zone).utcoffset()
    return Shown(window.start, end, 0 if ahead is None else round(ahead.total_seconds() * 1000), view.now)


def of_zoom(moved: Mapping[str, Any] | None, whole: Shown) -> Shown | None:
    """Where Plotly's ``relayoutData`` has moved the time axis; None if it has moved something else.

    Args:
        moved: With ``xaxis.range[0]`` and ``xaxis.range[1]`` (local times of the axis), or ``xaxis.autorange``.
        whole: What the link asks for; a double click goes back to it.
    """
    if not moved:
        return None
    if moved.get("xaxis.autorange"):
        return whole
    edges = moved.get("xaxis.range") or [moved.get("xaxis.range[0]"), moved.get("xaxis.range[1]")]
    moments = [_utc(edge, whole.offset) for edge in edges]
    start, end = moments[0], moments[-1]
    if start is None or end is None:
        return None
    slack = SAME_SHARE * (whole.end - whole.start)
    if abs(start - whole.start) <= slack and abs(min(end, whole.now) - whole.end) <= slack:
        return whole  # a double click goes back to the first range, which is a few seconds old by then
    end = min(end, whole.now)
    start = min(start, end - SHORTEST_ZOOM_MS)
    return replace(whole, start=start, end=end, zoomed=True)


def _utc(edge: Any, offset: int) -> int | None:
    """UTC ms of an edge, which Plotly gives as a text such as ``2026-11-22 08:05:00.5`` or as ms."""
    if isinstance(edge, int | float):
        return round(edge) - offset
    if not isinstance(edge, str):
        return None
    try:
        return round(datetime.fromisoformat(_padded(edge)).replace(tzinfo=UTC).timestamp() * 1000) - offset
    except ValueError:
        return None


def _padded(edge: str) -> str:
    """With at most six digits of a second, which Plotly writes in any number."""
    head, dot, fraction = edge.partition(".")
    return f"{head}.{fraction[:6]:0<6}" if dot else head
