from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from made_summaries import filled, line_of

from plant.calendar.work_calendar import WorkCalendar
from plant.counters import Growth
from plant.kpi.window import Window
from plant.production.minutes import ProductionMinutes
from plant.summary.counts import behind, other_counts

ON = date(2026, 11, 20)
HOUR = 3_600_000


@pytest.fixture
def day(enterprise) -> Window:
    """The production day at Minsk."""
    return Window(*WorkCalendar.of(enterprise.site("minsk")).day(ON))


def grown(table, amounts: dict[str, float]) -> Growth:
    """By how much counters grew, by their storage path."""
    found = {table.tags.by_storage(path).index: amount for path, amount in amounts.items()}
    tags = sorted(found)
    return Growth(np.array(tags, np.int32), np.array([found[tag] for tag in tags]))


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


def test_pallets_become_the_unit_of_measure(enterprise, table, day) -> None:
    """Ten pallets of 1.2 t are 12 t, a pallet more or less."""
    minutes = made(table, "minsk/dry-mix", "plaster-30", day.start_ms)
    growth = grown(table, {"minsk/dry-mix/palletizer/pallets_total": 10})
    (count,) = other_counts(table, enterprise.site("minsk"), ON, minutes, growth, {"plaster-30": 1.2})
    assert (count.product, count.quantity, count.step, count.by_clock) == ("plaster-30", 12, 1.2, False)
    assert count.source == ("minsk/dry-mix/palletizer/pallets_total",)


def test_a_counter_of_two_products_is_nobodys(enterprise, table, day) -> None:
    """Counters do not know products, so a day with two of them is not split by guess."""
    parts = [
        made(table, "minsk/dry-mix", slug, day.start_ms + n * HOUR) for n, slug in enumerate(("plaster-30", "putty-20"))
    ]
    growth = grown(table, {"minsk/dry-mix/palletizer/pallets_total": 10})
    content = {"plaster-30": 1.2, "putty-20": 0.8}
    assert not other_counts(table, enterprise.site("minsk"), ON, ProductionMinutes.concat(parts), growth, content)


def test_what_dries_may_come_from_the_day_before(enterprise, table, day) -> None:
    """Boards of another product that were formed yesterday may be among those that are stacked today."""
    today = made(table, "minsk/boards", "board-12", day.start_ms)
    growth = grown(table, {"minsk/boards/stacker/good_total": 100})
    (count,) = other_counts(table, enterprise.site("minsk"), ON, today, growth, {})
    assert (count.quantity, count.by_clock, count.step) == (100, True, 0)
    yesterday = made(table, "minsk/boards", "board-9", day.start_ms - 30 * HOUR)
    both = ProductionMinutes.concat([yesterday, today])
    assert not other_counts(table, enterprise.site("minsk"), ON, both, growth, {})


def test_one_line_that_does_not_tell_leaves_no_count(enterprise, table) -> None:
    """Of two lines that made a product both have to tell, else the sum would be short."""
    site = enterprise.site("chelyabinsk")
    start, _ = WorkCalendar.of(site).day(ON)
    lines = [f"chelyabinsk/{line.slug}" for line in site.lines if line.slug.startswith("dry-mix")]
    minutes = ProductionMinutes.concat(made(table, line, "plaster-30", start) for line in lines)
    paths = [f"{line}/palletizer/pallets_total" for line in lines]
    one, both = grown(table, {paths[0]: 10}), grown(table, dict.fromkeys(paths, 10))
    assert not other_counts(table, site, ON, minutes, one, {"plaster-30": 1.2})
    (count,) = other_counts(table, site, ON, minutes, both, {"plaster-30": 1.2})
    assert (count.quantity, count.step) == (pytest.approx(24), pytest.approx(2.4))
