from __future__ import annotations

from datetime import date

import pytest
from made_summaries import filled, line_of, stops

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.lines import site_lines
from plant.kpi.window import Window
from plant.production.elements import Element, Loss
from plant.production.minutes import ProductionMinutes
from plant.summary.losses import Losses, biggest
from plant.summary.rates import Rates

ON = date(2026, 11, 18)  # a Wednesday
HOUR, MINUTE = 3_600_000, 60_000
RATES = Rates(8.0, 5.0, {"board-12": 70.0, "plaster-30": 2_000.0})


@pytest.fixture
def day(enterprise) -> Window:
    """The production day at Minsk."""
    return Window(*WorkCalendar.of(enterprise.site("minsk")).day(ON))


def found(enterprise, table, reasons, day: Window, minutes: ProductionMinutes, *rows: dict[str, int], rates=RATES):
    losses = Losses(table, reasons, minutes, WorkCalendar.of(enterprise.site("minsk")), day, rates)
    return biggest(losses.stops(stops(*rows), site_lines(enterprise, table, "minsk")))


def stood(line: int, start: int, end: int, product: int = 0, **each: float) -> ProductionMinutes:
    return filled(line, Window(start, end), element=Element.ADET, loss=Loss.BREAKDOWN, product=product, **each)


def test_a_stop_costs_what_the_line_would_have_made(enterprise, table, reasons, day) -> None:
    """Two hours at the ideal rate times the margin, and the gas and power that were used meanwhile."""
    line, product = line_of(table, "minsk/boards"), table.product_index("board-12")
    start = day.start_ms + HOUR
    minutes = stood(line, start, start + 2 * HOUR, product, gas_m3=1, energy_kwh=2)
    cause = table[line].constraint
    row = {
        "line": line,
        "start": start,
        "end": start + 2 * HOUR,
        "length_ms": 2 * HOUR,
        "reason": reasons.code("mechanical"),
        "cause": cause,
    }
    (stop,) = found(enterprise, table, reasons, day, minutes, row)
    assert (stop.hours, stop.whole_hours, stop.product, stop.measure) == (2, 2, "board-12", "m2")
    assert stop.lost == pytest.approx(2 * table[line].line.ideal_rates["board-12"])
    assert stop.margin_rub == pytest.approx(stop.lost * 70)
    assert stop.energy_rub == pytest.approx(120 * (8 + 2 * 5))
    assert stop.roubles == pytest.approx(stop.margin_rub + stop.energy_rub)
    assert (stop.reason, stop.cause, stop.loss) == ("mechanical", table.units[cause].storage, "breakdown")


def test_only_planned_time_of_the_day_counts(enterprise, table, reasons, day) -> None:
    """A stop over the edge of the day and over the crew's meal costs what is left of it; its whole length is told."""
    line, product = line_of(table, "minsk/dry-mix"), table.product_index("plaster-30")
    begin, end = day.start_ms - 2 * HOUR, day.start_ms + 5 * HOUR  # 06:00 to 13:00, meal from 12:00 to 12:30
    minutes = stood(line, begin, end, product)
    row = {"line": line, "start": begin, "end": end, "length_ms": round(6.5 * HOUR), "open": 1}
    (stop,) = found(enterprise, table, reasons, day, minutes, row)
    assert (stop.hours, stop.whole_hours, stop.open, stop.reason) == (4.5, 6.5, True, "")


def test_the_costliest_come_first_and_only_three(enterprise, table, reasons, day) -> None:
    """Half an hour of boards costs more than 100 of dry mixes; what has no known cost comes after, by length."""
    boards, mixes = line_of(table, "minsk/boards"), line_of(table, "minsk/dry-mix")
    board, plaster, putty = (table.product_index(slug) for slug in ("board-12", "plaster-30", "putty-20"))
    spans = [(boards, board, 1, 30), (mixes, plaster, 1, 100), (mixes, putty, 5, 200), (boards, board, 4, 20)]
    rows, parts = [], []
    for line, product, hour, length in spans:
        start = day.start_ms + hour * HOUR
        end = start + length * MINUTE
        parts.append(stood(line, start, end, product))
        rows.append({"line": line, "start": start, "end": end, "length_ms": length * MINUTE})
    top = found(enterprise, table, reasons, day, ProductionMinutes.concat(parts), *rows)
    assert [(stop.line, round(stop.hours * 60)) for stop in top] == [("boards", 30), ("dry-mix", 100), ("boards", 20)]
    everything = found(enterprise, table, reasons, day, ProductionMinutes.concat(parts), *rows, rates=Rates())
    assert [round(stop.hours * 60) for stop in everything] == [200, 100, 30], "without rates by length"
    assert all(stop.roubles is None for stop in everything)


def test_time_without_an_order_is_no_stop_of_anybody(enterprise, table, reasons, day) -> None:
    """Nothing was wanted, so nothing was lost; a set-up is one."""
    line = line_of(table, "minsk/boards")
    rows = [
        {"line": line, "start": day.start_ms + n * HOUR, "end": day.start_ms + (n + 1) * HOUR, "element": element}
        for n, element in ((1, Element.ADOT), (3, Element.AUST))
    ]
    (stop,) = found(enterprise, table, reasons, day, ProductionMinutes.empty(), *rows)
    assert stop.start_ms == day.start_ms + 3 * HOUR
    assert (stop.product, stop.lost, stop.roubles) == ("", None, None), "nobody told what was to be made"


def test_a_line_of_one_product_needs_nobody_to_tell_it(enterprise, table, reasons, day) -> None:
    """A calciner makes stucco, whatever it says."""
    line = line_of(table, "minsk/binder-1")
    row = {"line": line, "start": day.start_ms, "end": day.start_ms + HOUR}
    (stop,) = found(
        enterprise, table, reasons, day, ProductionMinutes.empty(), row, rates=Rates(margin_rub={"stucco": 10.0})
    )
    assert stop.product == "stucco"
    assert stop.roubles == pytest.approx(10 * table[line].line.ideal_rates["stucco"])
