"""The head of a page: its title, what period and zone it is about, and the pickers that it needs."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.shell_period import period_picker
from dashboard.components.shell_scope import scope_picker
from dashboard.page import View
from dashboard.period import Period, Window
from dashboard.texts import text
from plant.model.enterprise import Site


def page_header(
    view: View, title: Any, *, period: bool = True, sites: bool = True, subtitle: Any = None, actions: Any = None
) -> Component:
    """The head of a page.

    Args:
        view: What the page is shown with.
        title: Words or components of the heading.
        period: Offer the period picker and say which period it is.
        sites: Offer the scope picker.
        subtitle: What stands below the heading instead of the period.
        actions: Buttons of the page's own, after the pickers.
    """
    below = subtitle if subtitle is not None else (window_text(view.window()) if period else None)
    words = [html.H1(title)] + ([html.P(below, className="df-subtitle")] if below is not None else [])
    tools = [scope_picker(view)] if sites else []
    tools += [period_picker(view)] if period else []
    tools += [] if actions is None else [actions]
    return html.Header([html.Div(words), html.Div(tools, className="df-page-tools")], className="df-page-head")


def window_text(window: Window, site: Site | None = None) -> str:
    """What a window is about, such as ``Дневная смена 22.11, 08:00–20:00 · UTC+3``.

    Args:
        window: The period of the page.
        site: Named before the zone where several sites are on the page.
    """
    spoken, zone = language.current(), window.zone
    start, end = formats.clock(window.start, zone), formats.clock(window.end, zone)
    if window.period is Period.SHIFT and window.shift is not None and window.day is not None:
        words = f"{window.shift.name[spoken]} {formats.day(window.day, spoken)}, {start}–{end}"
    elif window.period is Period.DAY and window.day is not None:
        words = f"{text('period.day-of', day=formats.day(window.day, spoken))}, {start}–{end}"
    else:
        first, last = formats.moment(window.start, zone, spoken), formats.moment(window.end, zone, spoken)
        words = f"{first} – {last}"
    where = f"{site.name[spoken]}, " if site else ""
    return f"{words} · {where}{formats.offset(zone, window.end)}"
