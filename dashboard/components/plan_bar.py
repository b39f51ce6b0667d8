"""Made against planned: a bar over the whole plan, with a mark where it should be by now."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.queries.production import LineOutput, Total
from dashboard.texts import text
from plant.model.enterprise import Enterprise

BEHIND: Final = 0.9
"""Less than this share of the plan by now is worth a look; above it the rest of a shift usually makes up for it."""
EARLY: Final = 0.05
"""Before this share of the plan is due (36 minutes of a shift) a line that starts late is no news."""
LITTLE_COVERAGE: Final = 0.9
"""Below this share of good data a figure is followed by how much of its time is known."""
ENOUGH_COVERAGE: Final = 0.5
"""Below this share of good data a shift that is over is not judged at all."""
WIDEST: Final = 1.0


def plan_bar(figure: LineOutput | Total) -> Component:
    """The bar alone: filled with what is made, of the plan for the whole window."""
    style: dict[str, float] = {}
    whole = figure.plan_whole
    if whole:
        style["--made"] = _share(figure.made or 0.0, whole)
        if figure.plan is not None:
            style["--due"] = _share(figure.plan, whole)
    parts = [html.Span(className="plan-fill")] if whole and figure.made is not None else []
    parts += [html.Span(className="plan-due")] if "--due" in style else []
    return html.Span(
        parts, className="plan-bar", style=style, **{"data-level": level_of(figure), "aria-hidden": "true"}
    )


def level(made: float | None, due: float | None, whole: float | None, coverage: float = 1.0) -> str:
    """``behind``, ``fair`` or ``unknown``: where much is not known nobody is behind."""
    if made is None or not due or coverage < LITTLE_COVERAGE:
        return "unknown"
    return "behind" if made < BEHIND * due and due >= EARLY * (whole or 0.0) else "fair"


def level_of(figure: LineOutput | Total) -> str:
    """The `level` of an output."""
    return level(figure.made, figure.plan, figure.plan_whole, figure.coverage)


def plan_percent(figure: LineOutput | Total) -> Component:
    """Share of the plan by now; a triangle goes with it where that is too little."""
    spoken = language.current()
    at = level_of(figure)
    words = formats.share(figure.share, spoken)
    mark = [
        html.Span(
            "▼", className="plan-flag", title=text("plan.behind"), role="img", **{"aria-label": text("plan.behind")}
        )
    ]
    return html.Span([*(mark if at == "behind" else []), words], className="plan-percent", **{"data-level": at})


def plan_amounts(figure: LineOutput | Total, enterprise: Enterprise, unit: str) -> Component:
    """``12 345 / 13 020 м²``: made and planned by now, with their unit of measure."""
    spoken = language.current()
    measure = enterprise.measures[unit][spoken]
    made = html.Span(formats.number(figure.made, digits(figure.made), spoken), className="plan-made")
    if figure.plan is None:
        return html.Span([made, formats.with_unit("", measure)], className="plan-amounts")
    plan = formats.with_unit(formats.number(figure.plan, digits(figure.plan), spoken), measure)
    return html.Span([made, f" / {plan}"], className="plan-amounts", title=text("plan.made-of-plan"))


def shift_before(figure: LineOutput | Total | None) -> list[Component]:
    """How the shift before ended, while a shift runs: at its start that is what people ask."""
    if figure is None or figure.share is None:
        return []
    if figure.coverage < ENOUGH_COVERAGE:
        little = html.Span(text("plan.shift-before-little"), title=text("coverage.why"))
        return [html.Span(little, className="plan-before", **{"data-level": "unknown"})]
    share = formats.share(figure.share, language.current())
    words = [html.Span(text("plan.shift-before", share=share)), *coverage_note(figure.coverage)]
    return [html.Span(words, className="plan-before", **{"data-level": level_of(figure)})]


def coverage_note(coverage: float) -> list[Component]:
    """How much of the time is known, where that is too little for the figure to stand alone."""
    if coverage >= LITTLE_COVERAGE:
        return []
    share = formats.share(coverage, language.current())
    return [html.Span(text("coverage.note", share=share), className="coverage-note", title=text("coverage.why"))]


def digits(value: float | None) -> int:
    """Decimals for an amount: three figures are enough to act on."""
    return 1 if value is not None and abs(value) < 100 else 0


def _share(value: float, whole: float) -> float:
    return round(min(WIDEST, max(0.0, value / whole)), 4)
