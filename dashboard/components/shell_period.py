"""The period picker: links, so that it works with the keyboard, the back button and a copied address."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components.link import link
from dashboard.page import View
from dashboard.period import Period, Window
from dashboard.texts import text


def period_picker(view: View) -> Component:
    """Named periods as links and a form for any other; the current one is marked."""
    window = view.window()
    named = [_choice(view, window, period) for period in Period if period is not Period.CUSTOM]
    return html.Div(
        [html.Div(named, className="df-segments"), _custom(view, window)],
        className="df-period",
        role="group",
        **{"aria-label": text("period.pick")},
    )


def _choice(view: View, window: Window, period: Period) -> Component:
    href = view.href(None, {"period": period, "from": None, "to": None})
    chosen = {"aria-current": "true"} if window.period is period else {}
    entry = link(text(f"period.{period}"), href, "df-segment", keep_period=False)
    return html.Span(entry, className="df-segment-slot", **{"data-chosen": str(bool(chosen)).lower()})


def _custom(view: View, window: Window) -> Component:
    """A disclosure with two local times; assets/shell.js makes the fields, which Dash has no component for."""
    fields = html.Div(
        className="df-period-form",
        **{
            "data-period-form": view.href(None, {"period": Period.CUSTOM, "from": None, "to": None}),
            "data-from": _field(window.start, window),
            "data-to": _field(window.until, window),
            "data-from-label": text("period.from"),
            "data-to-label": text("period.to"),
            "data-submit": text("period.show"),
        },
    )
    chosen = str(window.period is Period.CUSTOM).lower()
    head = html.Summary(text("period.custom"), className="df-segment")
    return html.Details([head, fields], className="df-period-custom", **{"data-chosen": chosen})


def _field(ms: int, window: Window) -> str:
    return formats.local(ms, window.zone).strftime("%Y-%m-%dT%H:%M")
