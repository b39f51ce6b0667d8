"""What the lines of a site did in the period: strips of states, and their longest stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.live_state import live_state
from dashboard.components.timeline import described, span_text, timeline
from dashboard.page import View
from dashboard.period import Window
from dashboard.queries.states import Interval, Stop, running, stops
from dashboard.states import KINDS
from dashboard.texts import text
from plant.model.enterprise import Line, Role, Site

MOST_STOPS: Final = 8
"""Longest stops that are listed; the rest is summed up."""


def course(view: View, site: Site, states: Mapping[str, Sequence[Interval]], window: Window) -> Component:
    """The section; lines whose constraint unit has no state are left out."""
    lines = [line for line in site.lines if line.unit(line.constraint).with_role(Role.STATE) is not None]
    rows = [(line, _name(view, line, states[_key(line)]), states[_key(line)]) for line in lines]
    return html.Section(
        [
            html.Header(html.H2(text("site.course")), className="st-section-head"),
            html.Div([timeline(rows, window), _longest(lines, states, window)], className="st-course"),
        ],
        className="st-section",
    )


def _key(line: Line) -> str:
    return f"{line.site}/{line.slug}"


def _name(view: View, line: Line, parts: Sequence[Interval]) -> Component:
    """Name of a line, its state now, and which share of the known time it ran."""
    executes, stopped, _ = running(parts)
    known = executes + stopped
    share = formats.share(executes / known if known else None, language.current())
    return html.Span(
        [
            live_state(view, line.unit(line.constraint), words=False),
            html.Span(line.name[language.current()], className="tl-line"),
            html.Span(share, className="tl-share", title=text("site.ran")),
        ]
    )


def _longest(lines: Sequence[Line], states: Mapping[str, Sequence[Interval]], window: Window) -> Component:
    every = [(line, stop) for line in lines for stop in stops(states[_key(line)])]
    every.sort(key=lambda row: -row[1].length)
    heading = html.H3(text("site.stops"))
    if not every:
        return html.Div([heading, html.P(text("site.no-stops"), className="st-empty")], className="st-stops")
    rows = [_stop(line, stop, window) for line, stop in every[:MOST_STOPS]]
    parts = [heading, html.Ol(rows, className="st-stop-list")]
    rest = every[MOST_STOPS:]
    if rest:
        length = formats.duration(sum(stop.length for _, stop in rest))
        parts.append(html.P(text("site.more-stops", stops=len(rest), length=length), className="st-empty"))
    return html.Div(parts, className="st-stops")


def _stop(line: Line, stop: Stop, window: Window) -> Component:
    length = formats.duration(stop.length)
    return html.Li(
        [
            html.Span(className="tl-key", **{"data-kind": KINDS[stop.state]}),
            html.Span(length, className="st-stop-length"),
            html.Span(line.name[language.current()], className="st-stop-line"),
            html.Span(
                [described(stop.state, stop.mode), f", {span_text(stop.start, stop.end, window)}"]
                + ([f", {text('site.goes-on')}"] if stop.open and window.is_running else []),
                className="st-stop-what",
            ),
        ]
    )
