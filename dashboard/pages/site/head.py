"""The head of a site: its name, clock and shift, and how its data come in."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.data_age import data_age
from dashboard.components.shell_header import page_header
from dashboard.components.trial import trial_mark
from dashboard.page import View
from dashboard.pages.overview.card import nodes_text
from dashboard.texts import text
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Site


def head(view: View, site: Site) -> Component:
    """Heading with the pickers, and one line of facts below it."""
    spoken = language.current()
    shift = WorkCalendar.of(site).shift_at(view.now)
    facts = [
        text("site.clock", time=formats.clock(view.now, site.zone), zone=formats.offset(site.zone, view.now)),
        text(
            "site.shift",
            shift=shift.shift.name[spoken],
            start=formats.clock(shift.start, site.zone),
            end=formats.clock(shift.end, site.zone),
            passed=formats.share((view.now - shift.start) / (shift.end - shift.start), spoken),
        ),
        nodes_text(view, site),
    ]
    parts: list[Component] = [html.Span(fact, className="st-fact") for fact in facts]
    note = [html.P(site.note[spoken], className="st-note")] if site.note is not None else []
    facts_line = html.Span([*parts, data_age(view, site)], className="st-facts")
    return html.Div([page_header(view, [site.name[spoken], *trial_mark(site)], subtitle=facts_line), *note])
