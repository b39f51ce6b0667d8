from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from made_summaries import filled, line_of

from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import TierColumns
from plant.kpi.window import Window
from plant.production.minutes import ProductionMinutes
from plant.readings import Columns
from plant.summary.counts import behind, other_counts

ON = date(2026, 11, 20)
HOUR = 3_600_000


@pytest.fixture
def day(enterprise) -> Window:
    """The production day at Minsk."""
    return Window(*WorkCalendar.of(enterprise.site("minsk")).day(ON))


def grown(table, day: Window, path: str, amount: float, until: int = 24) -> TierColumns:
    """Minutes of a counter that grows evenly over the first hours of the day."""
    tag, count = table.tags.by_storage(path).index, until * 60
    value = amount * np.arange(1, count + 1) / count
    known = np.full(count, 60_000, np.int64)
    time = day.start_ms + np.arange(count, dtype=np.int64) * 60_000
    return TierColumns(np.full(count, tag, np.int32), time, value, value, value, value, known // 60_000, known)


def opened(table, path: str) -> Columns:
    """It stood at 0 before the day."""
    return Columns.of([table.tags.by_storage(path).index], [0], [0.0], [192])


def made(table, line: str, product: str, start: int, hours: int = 1) -> ProductionMinutes:
    index = table.product_index(product)
    return filled(line_of(table, line), Window(start, start + hours * HOUR), product=index, produced=1, good=1)


def test_pallets_count_behind_packers_and_the_stacker_behind_the_dryer(table) -> None:
    """Where nothing else counts there is no count, as behind a calciner."""
    found = {
        table[each.line].line.slug: (each.pallets, [tag.metric.key for tag in each.tags])
        for each in behind(table)
        if table[each.line].site.slug == "minsk"
    }
    assert found["boards"] == (False, ["good_total"])
    assert found["dry-mix"] == (True, ["pallets_total"])
    assert found["blocks"] == (True, ["pallets_total"])
    assert not [slug for slug in found if slug.startswith("binder")]


PALLETS, STACKER = "minsk/dry-mix/palletizer/pallets_total", "minsk/boards/stacker/good_total"
CONTENT = {"plaster-30": 1.2, "putty-20": 0.8}


def test_pallets_become_the_unit_of_measure(enterprise, table, day) -> None:
    """Ten pallets of 1.2 t are 12 t, a pallet more or less; without knowing what a pallet holds there is no count."""
    minutes, rows = made(table, "minsk/dry-mix", "plaster-30", day.start_ms), grown(table, day, PALLETS, 10)
    site, opening = enterprise.site("minsk"), opened(table, PALLETS)
    (count,) = other_counts(table, site, ON, minutes, rows, opening, CONTENT)
    assert (count.product, count.quantity) == ("plaster-30", pytest.approx(12))
    assert (count.step, count.by_clock, count.source) == (1.2, False, (PALLETS,))
    assert not other_counts(table, site, ON, minutes, rows, opening, {})


def test_pallets_belong_to_what_the_line_was_to_make(enterprise, table, day) -> None:
    """Six hours of one product and eighteen of the next: a quarter of the pallets, two pallets of doubt for each."""
    parts = (
        made(table, "minsk/dry-mix", "plaster-30", day.start_ms, 6),
        made(table, "minsk/dry-mix", "putty-20", day.start_ms + 6 * HOUR, 18),
    )
    rows, minutes = grown(table, day, PALLETS, 100), ProductionMinutes.concat(parts)
    found = other_counts(table, enterprise.site("minsk"), ON, minutes, rows, opened(table, PALLETS), CONTENT)
    assert {each.product: each.quantity for each in found} == pytest.approx({"plaster-30": 30.0, "putty-20": 60.0})
    assert {each.product: each.step for each in found} == pytest.approx({"plaster-30": 2.4, "putty-20": 1.6})


def test_pallets_before_any_product_was_told_leave_no_count(enterprise, table, day) -> None:
    """They are somebody's, but nobody knows whose."""
    minutes, rows = made(table, "minsk/dry-mix", "plaster-30", day.start_ms + HOUR), grown(table, day, PALLETS, 10)
    assert not other_counts(table, enterprise.site("minsk"), ON, minutes, rows, opened(table, PALLETS), CONTENT)


def test_what_dries_may_come_from_the_day_before(enterprise, table, day) -> None:
    """Boards of another product that were formed yesterday may be among those that are stacked today."""
    today, rows = made(table, "minsk/boards", "board-12", day.start_ms), grown(table, day, STACKER, 100)
    site, opening = enterprise.site("minsk"), opened(table, STACKER)
    (count,) = other_counts(table, site, ON, today, rows, opening, {})
    assert (count.quantity, count.by_clock, count.step) == (pytest.approx(100), True, 0)
    yesterday = made(table, "minsk/boards", "board-9", day.start_ms - 30 * HOUR)
    both = ProductionMinutes.concat([yesterday, today])
    assert not other_counts(table, site, ON, both, rows, opening, {})


def test_one_line_that_does_not_tell_leaves_no_count(enterprise, table) -> None:
    """Of two lines that made a product both have to tell, else the sum would be short."""
    site = enterprise.site("chelyabinsk")
    day = Window(*WorkCalendar.of(site).day(ON))
    lines = [f"chelyabinsk/{line.slug}" for line in site.lines if line.slug.startswith("dry-mix")]
    minutes = ProductionMinutes.concat(made(table, line, "plaster-30", day.start_ms) for line in lines)
    paths = [f"{line}/palletizer/pallets_total" for line in lines]
    opening = Columns.concat(opened(table, path) for path in paths)
    each = [grown(table, day, path, 10) for path in paths]
    assert len(each) == 2
    assert not other_counts(table, site, ON, minutes, each[0], opening, CONTENT)
    (count,) = other_counts(table, site, ON, minutes, TierColumns.concat(each), opening, CONTENT)
    assert (count.quantity, count.step) == (pytest.approx(24), pytest.approx(2.4))
