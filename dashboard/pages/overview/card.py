"""One site on the overview: its lines against the plan, what it uses, how its data come in."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import language
from dashboard.components.data_age import data_age
from dashboard.components.link import link
from dashboard.components.live_state import live_state
from dashboard.components.plan_bar import coverage_note, plan_amounts, plan_bar, plan_percent, shift_before
from dashboard.components.shell_header import window_text
from dashboard.components.specific_figure import specific_list
from dashboard.components.trial import trial_mark
from dashboard.page import View
from dashboard.queries.production import LineOutput, SiteFigures, output_of
from dashboard.texts import text
from plant.model.enterprise import Site


def site_card(view: View, figures: SiteFigures, before: Sequence[SiteFigures]) -> Component:
    """The card of a site; its name leads to the site's page. `before` are the figures of the shift before, if any."""
    site = figures.site
    name = link(site.name[language.current()], view.href(f"/site/{site.slug}"), className="ov-card-name")
    head = html.Header([html.H2([name, *trial_mark(site)]), data_age(view, site)], className="ov-card-head")
    when = html.P(
        [
            html.Span(window_text(figures.window)),
            html.Span([nodes_text(view, site), *coverage_note(figures.coverage)]),
        ],
        className="ov-card-when",
    )
    lines = html.Ul(
        [_line(view, output, output_of(output.line, before)) for output in figures.outputs], className="ov-lines"
    )
    parts = [head, when, lines]
    if figures.specific:
        parts.append(specific_list(figures.specific, view.services.enterprise))
    return html.Article(parts, className="ov-card", id=f"overview-site-{site.slug}")


def _line(view: View, output: LineOutput, before: LineOutput | None) -> Component:
    line, enterprise = output.line, view.services.enterprise
    state = live_state(view, line.unit(line.constraint), words=False)
    name = html.Span(
        [state, html.Span(line.name[language.current()], className="ov-line-name")], className="ov-line-head"
    )
    amounts = plan_amounts(output, enterprise, output.tag.metric.unit)
    return html.Li(
        [
            name,
            plan_bar(output),
            html.Span([amounts, *shift_before(before)], className="ov-line-amounts"),
            plan_percent(output),
        ],
        className="ov-line",
    )


def nodes_text(view: View, site: Site) -> str:
    """How many of the site's edge nodes are online."""
    health = view.services.live.health(site.slug)
    online = sum(node.online for node in health.nodes) if health is not None else 0
    return text("overview.nodes", online=online, nodes=len(site.gateways))
