"""A specific consumption against its target."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats, language
from dashboard.components.plan_bar import coverage_note
from dashboard.queries.production import SpecificFigure
from dashboard.texts import text
from plant.model.enterprise import Enterprise

TOO_MUCH: Final = 0.05
"""This share above the target is worth a look: less is within what weather and load do."""
DIGITS: Final = 3
"""Significant figures of a specific consumption; its meters know no more."""
MOST_DECIMALS: Final = 4


def specific_list(figures: Sequence[SpecificFigure], enterprise: Enterprise) -> Component:
    """Rows of name, value with unit, and by how much the target is missed."""
    return html.Div([_row(figure, enterprise) for figure in figures], className="specifics")


def specific_tile(figures: Sequence[SpecificFigure], enterprise: Enterprise) -> list[Component]:
    """A tile with a heading, and how much of the time is known where that is too little; nothing without figures."""
    if not figures:
        return []
    coverage = min((figure.coverage for figure in figures if figure.value is not None), default=1.0)
    heading = html.Span([text("specific.title"), *coverage_note(coverage)], className="ov-tile-name")
    return [html.Div([heading, specific_list(figures, enterprise)], className="ov-tile ov-tile-wide")]


def decimals(value: float | None) -> int:
    """Decimals that leave `DIGITS` significant figures, `MOST_DECIMALS` at most."""
    if not value:
        return 1
    return min(MOST_DECIMALS, max(0, DIGITS - 1 - floor(log10(abs(value)))))


def _row(figure: SpecificFigure, enterprise: Enterprise) -> Component:
    spoken, one, over = language.current(), figure.specific, figure.over_target
    measure = enterprise.measures[one.unit][spoken]
    value = formats.with_unit(formats.number(figure.value, decimals(figure.value), spoken), measure)
    level = "unknown" if over is None else ("over" if over > TOO_MUCH else "fair")
    return html.Div(
        [
            html.Span(one.name[spoken], className="specific-name"),
            html.Span(value if figure.value is not None else formats.MISSING, className="specific-value"),
            html.Span(_against(over), className="specific-over"),
            html.Span(_target(one.target), className="specific-target"),
        ],
        className="specific",
        **{"data-level": level},
    )


def _target(target: float | None) -> str:
    if target is None:
        return ""
    return text("specific.target", target=formats.number(target, decimals(target), language.current()))


def _against(over: float | None) -> list[Component | str]:
    """``+4 %`` of the target, with a triangle where that is too much."""
    if over is None:
        return []
    sign = "+" if round(over, 2) > 0 else ""
    flag = html.Span("▲", className="plan-flag", role="img", **{"aria-label": text("specific.over")})
    return [*([flag] if over > TOO_MUCH else []), f"{sign}{formats.share(over, language.current())}"]
