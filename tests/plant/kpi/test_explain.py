from __future__ import annotations

import json

import pytest
from made_minutes import START, made, run, window

from plant.kpi.adding import total
from plant.kpi.explain import Explanation, Stretch, explain
from plant.kpi.figures import FIGURES, Figure
from plant.kpi.lines import LineSet
from plant.kpi.sums import Failures
from plant.kpi.value import Flag
from plant.kpi.window import MINUTE_MS
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable


@pytest.fixture
def boards(table: LineTable) -> int:
    """The plasterboard line of Minsk."""
    return next(row.index for row in table if (row.site.slug, row.line.slug) == ("minsk", "boards"))


def told(figure: Figure, table: LineTable, line: int, rows: list[dict[str, float]], minutes: int) -> Explanation:
    return explain(figure, window(minutes), LineSet((line,), ("m2",)), made(rows), table)


def stretch(first: int, end: int) -> Stretch:
    return Stretch("minsk/boards", START + first * MINUTE_MS, START + end * MINUTE_MS)


def test_the_formula_is_told_with_its_numbers(table: LineTable, boards: int) -> None:
    """Elements with their sums, the division as people write it and with the numbers, and its version."""
    rows = run(boards, 0, 48) + run(boards, 48, 12, element=Element.ADET, loss=Loss.BREAKDOWN)
    found = told(FIGURES["availability"], table, boards, rows, 60)
    assert (found.formula, found.numbers) == ("APT / PBT", "2880 / 3600")
    assert (found.value.value, found.version, found.lines) == (0.8, 1, ("minsk/boards",))
    assert {element.key: element.amount for element in found.elements} == {"apt_s": 2_880, "pbt_s": 3_600}
    assert found.window == window(60)


def test_tags_are_those_of_the_units_that_count(table: LineTable, boards: int) -> None:
    """A plasterboard line: state and produced quantity at the wet knife, good quantity behind the dryer, by lot."""
    paths = {use.path.split("/", 3)[3] for use in told(FIGURES["oee"], table, boards, [], 60).tags}
    assert {"former/state", "former/mode", "stacker/good_total"} <= paths
    effectiveness = {use.path.split("/", 3)[3] for use in told(FIGURES["effectiveness"], table, boards, [], 60).tags}
    assert "former/produced_total" in effectiveness
    assert "stacker/good_total" not in effectiveness
    assert told(FIGURES["plan_index"], table, boards, [], 60).tags != ()


def test_tags_are_in_the_model(table: LineTable) -> None:
    """Every tag of every figure and line leads to a metric that exists."""
    known = {"/".join((*unit.path, metric.key)) for unit in table.units for metric in unit.metrics}
    for row in table:
        for figure in FIGURES.values():
            assert {use.path for use in told(figure, table, row.index, [], 1).tags} <= known


def test_gaps_are_minutes_without_data_or_without_a_row(table: LineTable, boards: int) -> None:
    """Those that follow each other are one; a minute with a single unknown second is in."""
    rows = (
        run(boards, 0, 10)
        + run(boards, 10, 5, element=Element.UNKNOWN)
        + run(boards, 20, 30)
        + [{"line": boards, "minute": 50, "seconds": 59}]
        + [{"line": boards, "minute": 50, "seconds": 1, "element": Element.UNKNOWN}]
        + run(boards, 51, 9)
    )
    found = told(FIGURES["oee"], table, boards, rows, 60)
    assert found.gaps == (stretch(10, 20), stretch(50, 51))
    assert found.value.coverage == pytest.approx(1 - (601 / 3_600))


def test_provisional_minutes_are_told(table: LineTable, boards: int) -> None:
    """From when on the figure may still change; other lines and times are not in it."""
    rows = (
        run(boards, 0, 50)
        + run(boards, 50, 20, provisional=1)
        + run(boards + 1, 0, 60, provisional=1)
        + run(boards, 70, 1)
    )
    found = told(FIGURES["quality"], table, boards, rows, 60)
    assert found.provisional == (stretch(50, 60),)
    assert found.value.provisional
    assert found.gaps == ()


def test_nothing_at_all_is_one_gap(table: LineTable, boards: int) -> None:
    """No rows: the whole window is unknown, and there is no value."""
    found = told(FIGURES["oee"], table, boards, [], 60)
    assert found.gaps == (stretch(0, 60),)
    assert found.value.value is None
    assert Flag.LOW_COVERAGE in found.value.flags


def test_a_line_above_its_ideal_rate_is_named(table: LineTable, boards: int) -> None:
    """Beside slow lines its wrong rate would not show in the sum."""
    minutes = made(run(boards, 0, 10, produced_ideal_s=66) + run(boards + 1, 0, 10, produced_ideal_s=30))
    both = LineSet((boards, boards + 1), ("m2", "t"))
    found = explain(FIGURES["effectiveness"], window(10), both, minutes, table)
    assert found.value.flags == ()
    assert found.above_ideal == ("minsk/boards",)
    assert explain(FIGURES["quality"], window(10), both, minutes, table).above_ideal == ()


def test_what_minutes_do_not_tell_is_given(table: LineTable, boards: int) -> None:
    """Failures come from the stop engine, with the sums."""
    lines, minutes = LineSet((boards,), ("m2",)), made(run(boards, 0, 120))
    sums = total(minutes, window(120), lines).with_failures(Failures(2, 600))
    found = explain(FIGURES["mtbf"], window(120), lines, minutes, table, sums=sums)
    assert (found.numbers, found.value.value) == ("(7200 + 0) / 2 / 3600", 1.0)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_every_explanation_is_json(figure: Figure, table: LineTable, boards: int) -> None:
    """Numbers, texts and lists only, in the unit of measure of the line."""
    found = told(figure, table, boards, run(boards, 0, 60, good=5, gas_m3=1), 60)
    document = json.loads(json.dumps(found.document, allow_nan=False))
    assert document["figure"] == figure.key
    assert document["name"] == {"ru": figure.name.ru, "en": figure.name.en}
    assert document["unit"] == figure.unit.replace("{measure}", "m2")
    assert document["window"] == {"start_ms": START, "end_ms": START + 60 * MINUTE_MS}
