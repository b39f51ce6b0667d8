"""What the lines of a site made against their plan, and what was used for it, over the period."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.live_state import live_state
from dashboard.components.plan_bar import coverage_note, digits, plan_amounts, plan_bar, plan_percent, shift_before
from dashboard.components.shell_header import window_text
from dashboard.components.specific_figure import specific_tile
from dashboard.page import View
from dashboard.queries.production import LineOutput, SiteFigures, output_of
from dashboard.texts import text
from plant.model.enterprise import Enterprise


def figures_strip(view: View, figures: SiteFigures, before: Sequence[SiteFigures]) -> Component:
    """A tile for each line that makes something, and one for the specific consumptions."""
    outputs = [_output(view, output, output_of(output.line, before)) for output in figures.outputs]
    when = html.P(window_text(figures.window), className="st-when")
    return html.Section(
        [
            html.Header([html.H2(text("site.output")), when], className="st-section-head"),
            html.Div([*outputs, *specific_tile(figures.specific, view.services.enterprise)], className="ov-strip"),
        ],
        className="st-section",
    )


def _output(view: View, output: LineOutput, before: LineOutput | None) -> Component:
    line, spoken = output.line, language.current()
    amounts = plan_amounts(output, view.services.enterprise, output.tag.metric.unit)
    state = live_state(view, line.unit(line.constraint), words=False)
    name = html.Span([state, html.A(line.name[spoken], href=f"#{anchor(line.slug)}")], className="ov-tile-name")
    return html.Div(
        [
            name,
            html.Span(plan_percent(output), className="ov-tile-figure"),
            plan_bar(output),
            html.Span([amounts, *shift_before(before), *coverage_note(output.coverage)], className="ov-tile-note"),
            *_whole(output, view.services.enterprise),
        ],
        className="ov-tile",
    )


def anchor(line: str) -> str:
    """Id of a line's block on the page."""
    return f"site-line-{line}"


def _whole(output: LineOutput, enterprise: Enterprise) -> list[Component]:
    """The plan of the whole window while that is not over."""
    if output.plan is None or output.plan_whole is None or output.plan_whole <= output.plan:
        return []
    spoken = language.current()
    amount = formats.number(output.plan_whole, digits(output.plan_whole), spoken)
    measure = enterprise.measures[output.tag.metric.unit][spoken]
    return [html.Span(text("site.plan-whole", amount=formats.with_unit(amount, measure)), className="ov-tile-note")]
