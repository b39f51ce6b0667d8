"""What lines did in a window: a strip of states each, on one time axis, with a legend in words.

Plain HTML: a strip is a row of segments, placed in per cent of the window. Unknown time is hatched and never looks
like running or stopped. Pointing at a segment (or tapping it, or reaching it with Tab) tells its state and times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.period import Window
from dashboard.queries.states import Interval, coarse
from dashboard.states import KINDS, Kind, mode_name, state_name
from dashboard.texts import text
from plant.model.enterprise import Line
from plant.packml import Mode, State

TICKS_MS: Final = tuple(
    minutes * 60_000 for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10080, 43200)
)
MOST_TICKS: Final = 8
FINEST_SHARE: Final = 0.001
"""Segments narrower than this share of the strip (a pixel) are drawn together, as the state that took most of them."""


def timeline(rows: Sequence[tuple[Line, Component, Sequence[Interval]]], window: Window) -> Component:
    """Strips of some lines.

    Args:
        rows: Line, its name as it shall be shown, and its intervals.
        window: What the intervals tile; what of it lies ahead stays empty.
    """
    strips = [
        html.Div([html.Div(name, className="tl-name"), strip(intervals, window)], className="tl-row")
        for _, name, intervals in rows
    ]
    kinds = {kind_of(part) for _, _, intervals in rows for part in intervals}
    axis = html.Div([html.Div(className="tl-name"), _axis(window)], className="tl-row tl-axis-row")
    return html.Div([*strips, axis, legend(kinds)], className="tl")


def strip(intervals: Sequence[Interval], window: Window) -> Component:
    """One row of segments."""
    whole = window.end - window.start
    parts = [_segment(part, window) for part in coarse(intervals, round(FINEST_SHARE * whole))]
    return html.Div(parts, className="tl-strip", role="list")


def legend(kinds: set[Kind]) -> Component:
    """The kinds that appear, in words."""
    rows = [
        html.Span(
            [html.Span(className="tl-key", **{"data-kind": kind}), text(f"timeline.{kind}")], className="tl-entry"
        )
        for kind in Kind
        if kind in kinds
    ]
    return html.Div(rows, className="tl-legend")


def kind_of(part: Interval) -> Kind:
    """The kind of an interval's state."""
    return Kind.UNKNOWN if part.state is None else KINDS[part.state]


def described(state: State | None, mode: Mode | None) -> str:
    """A state in words, with the mode where that is not production."""
    words = state_name(state or State.UNDEFINED)
    return (
        words if mode in {None, Mode.PRODUCTION, Mode.UNDEFINED} else f"{words} · {mode_name(mode or Mode.UNDEFINED)}"
    )


def span_text(start: int, end: int, window: Window) -> str:
    """``08:05–09:10``, with the date where the window is longer than a day."""
    if window.end - window.start > formats.DAY_MS:
        first, last = (formats.moment(at, window.zone, language.current()) for at in (start, end))
    else:
        first, last = (formats.clock(at, window.zone) for at in (start, end))
    return f"{first}–{last}"


def _segment(part: Interval, window: Window) -> Component:
    whole = window.end - window.start
    place = {"left": f"{100 * (part.start - window.start) / whole:.3f}%", "width": f"{100 * part.length / whole:.3f}%"}
    when = f"{span_text(part.start, part.end, window)}, {formats.duration(part.length)}"
    words = f"{described(part.state, part.mode)}, {when}"
    return html.Span(
        style=place,
        className="tl-part",
        role="listitem",
        tabIndex=0 if part.is_stop else -1,
        **{"data-kind": kind_of(part), "data-tip": words, "aria-label": words},
    )


def ticks(window: Window) -> list[tuple[int, str]]:
    """Instants, UTC ms, on round times of the plant's clock with their words; at most `MOST_TICKS` of them."""
    whole = window.end - window.start
    step = next((step for step in TICKS_MS if whole / step <= MOST_TICKS), TICKS_MS[-1])
    shift = formats.local(window.start, window.zone).utcoffset()
    ahead = round(shift.total_seconds() * 1000) if shift is not None else 0
    first = -(-(window.start + ahead) // step) * step - ahead
    return [(at, _tick_text(at, step, window)) for at in range(first, window.end, step)]


def _tick_text(at: int, step: int, window: Window) -> str:
    if step >= formats.DAY_MS:
        return formats.day(formats.local(at, window.zone).date(), language.current())
    return formats.clock(at, window.zone)


def _axis(window: Window) -> Component:
    whole = window.end - window.start
    marks = [
        html.Span(words, className="tl-tick", style={"left": f"{100 * (at - window.start) / whole:.3f}%"})
        for at, words in ticks(window)
    ]
    return html.Div(marks, className="tl-axis", **{"aria-hidden": "true"})
