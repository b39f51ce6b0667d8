"""Blocks of the pages: HTML past React, plan bars, consumptions, timelines."""

from __future__ import annotations

import pytest
from dash import dcc, html
from screens import NOW, services, tiny

from dashboard import language
from dashboard.components.markup import markup, to_html
from dashboard.components.plan_bar import coverage_note, level, plan_bar, plan_percent, shift_before
from dashboard.components.specific_figure import decimals, specific_tile
from dashboard.components.timeline import strip, ticks, timeline
from dashboard.page import View
from dashboard.period import Window
from dashboard.queries.production import SpecificFigure, Total
from dashboard.queries.states import Interval
from plant.packml import Mode, State

HOUR = 3_600_000


def shift(period: str = "shift") -> Window:
    """A window of alpha's, an hour into its day shift."""
    return View(services(), "/", {"site": "alpha"}, {"period": (period,)}, NOW).window()


def test_html_is_escaped() -> None:
    """A name from the model cannot become an element or leave its attribute."""
    written = to_html(html.Span("<b>&", title='"><script>', className="a"))
    assert written == '<span class="a" title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;</span>'


def test_html_knows_what_react_calls_differently() -> None:
    """Classes, tab stops, styles with their units and custom properties, flags, data attributes."""
    node = html.Details(
        [html.Summary("x", tabIndex=0), None, 5],
        open=True,
        hidden=False,
        id="a",
        style={"maskImage": "none", "--at": 0.5},
        **{"data-kind": "held"},
    )
    assert to_html([node]) == (
        '<details data-kind="held" id="a" open style="mask-image:none;--at:0.5">'
        '<summary tabindex="0">x</summary>5</details>'
    )


def test_html_takes_no_component_that_needs_react() -> None:
    """A graph inside would be lost in silence; so would an object."""
    with pytest.raises(TypeError, match="Graph"):
        to_html(html.Div(dcc.Graph()))
    with pytest.raises(TypeError, match="object"):
        to_html(object())


def test_markup_travels_as_one_attribute() -> None:
    """One component, however many elements."""
    properties = markup(to_html(html.P("x")), id="a").to_plotly_json()["props"]
    assert properties == {"children": None, "id": "a", "data-html": "<p>x</p>"}


@pytest.mark.parametrize(
    ("made", "due", "expected"),
    [
        (89.9, 100.0, "behind"),
        (90.0, 100.0, "fair"),
        (None, 100.0, "unknown"),
        (5.0, 0.0, "unknown"),
        (5.0, None, "unknown"),
    ],
)
def test_behind_the_plan_is_said_only_of_what_is_known(made: float | None, due: float | None, expected: str) -> None:
    """A plan of zero or none is no yardstick."""
    assert level(made, due, 120.0) == expected


def test_a_late_start_is_no_news_in_the_first_minutes() -> None:
    """Until a twentieth of the plan is due nobody is behind."""
    assert level(0.0, 5.0, 120.0) == "fair"
    assert level(0.0, 6.0, 120.0) == "behind"


def total(made: float | None, due: float | None, whole: float | None, coverage: float = 1.0) -> Total:
    """Output of no line in particular."""
    return Total((), "t", made, due, whole, 0, coverage)


def test_plan_bar_shows_made_and_due_of_the_whole() -> None:
    """30 of 120 with 40 due: a quarter, and a mark at a third; more than the whole fills it."""
    assert plan_bar(total(30, 40, 120)).style == {"--made": 0.25, "--due": 0.3333}
    assert plan_bar(total(200, 40, 120)).style["--made"] == 1.0
    assert len(plan_bar(total(None, 40, 120)).children) == 1
    assert plan_bar(total(5, None, None)).children == []


def test_where_much_is_unknown_nobody_is_behind() -> None:
    """Half of the data cannot say that half of the plan is missing; the figure says how much it knows."""
    assert to_html(plan_percent(total(50, 100, 100, 0.95))).count("▼") == 1
    assert "▼" not in to_html(plan_percent(total(50, 100, 100, 0.5)))
    with language.use("en"):
        said = to_html(shift_before(total(50, 100, 100, 0.5)))
    assert "last shift 50\u202f%" in said
    assert "data 50\u202f%" in said
    assert shift_before(total(50, 0, 100)) == shift_before(None) == []


def test_a_shift_of_which_little_is_known_is_not_judged() -> None:
    """Below half of the data there is no share of the plan, which would be a guess."""
    with language.use("en"):
        said = to_html(shift_before(total(5, 100, 100, 0.05)))
    assert "not enough data" in said
    assert "%" not in said


def test_coverage_is_said_where_it_is_too_little() -> None:
    """At 90 % and more a figure stands alone."""
    assert coverage_note(0.9) == []
    with language.use("en"):
        assert coverage_note(0.5)[0].children == "data 50\u202f%"


@pytest.mark.parametrize(("value", "digits"), [(31.74, 1), (0.322, 3), (0.00475, 4), (1234.0, 0), (0.0, 1), (None, 1)])
def test_a_consumption_has_three_figures(value: float | None, digits: int) -> None:
    """From litres a square metre to kilowatt-hours a tonne."""
    assert decimals(value) == digits


def test_consumption_above_its_target_is_flagged_in_words_and_shape() -> None:
    """+10 % has a triangle; -1 % and +4 % have none; without a figure there is a dash."""
    enterprise = tiny()
    (one,) = enterprise.site("alpha").specific
    rows = [SpecificFigure(one, value, None, None, 1.0) for value in (37.4, 33.66, 35.36, None)]
    with language.use("en"):
        shown = to_html(specific_tile(rows, enterprise))
    assert shown.count("▲") == 1
    assert shown.count('data-level="over"') == 1
    assert "+10\u202f%" in shown
    assert "\u22121\u202f%" in shown
    assert "+4\u202f%" in shown
    assert "—" in shown
    assert specific_tile([], enterprise) == []


def test_a_strip_places_states_in_per_cent_and_tells_them_in_words() -> None:
    """Two of twelve hours held: from 16.667 % on; unknown time has a kind of its own."""
    window = shift()
    start = window.start
    parts = [
        Interval(start, start + 2 * HOUR, State.EXECUTE, Mode.PRODUCTION),
        Interval(start + 2 * HOUR, start + 4 * HOUR, State.HELD, Mode.CHANGEOVER),
        Interval(start + 4 * HOUR, start + 5 * HOUR, None, None),
    ]
    with language.use("en"):
        shown = [segment.to_plotly_json()["props"] for segment in strip(parts, window).children]
    assert [segment["data-kind"] for segment in shown] == ["running", "held", "unknown"]
    assert shown[1]["style"] == {"left": "16.667%", "width": "16.667%"}
    assert shown[1]["data-tip"] == "Held · changeover, 10:00–12:00, 2\u202fh"
    assert [segment["tabIndex"] for segment in shown] == [-1, 0, -1]


def test_the_legend_names_the_kinds_that_appear() -> None:
    """And no others."""
    window, line = shift(), tiny().site("alpha").line("kiln-1")
    rows = [(line, html.Span(), (Interval(window.start, window.end, State.EXECUTE, None),))]
    with language.use("en"):
        shown = to_html(timeline(rows, window))
    assert shown.count("tl-entry") == 1
    assert "running" in shown


@pytest.mark.parametrize(("period", "first", "count"), [("shift", "08:00", 6), ("24h", "09:00", 8), ("7d", "17.11", 7)])
def test_ticks_are_round_times_of_the_plants_clock(period: str, first: str, count: int) -> None:
    """Moscow's hours and midnights, at most eight; days are named by their date."""
    found = ticks(shift(period))
    assert (found[0][1], len(found)) == (first, count)
