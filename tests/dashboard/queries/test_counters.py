"""How far counters went, read from rows of several widths."""

from __future__ import annotations

from math import isnan

import pytest
from screens import NOW, services

from dashboard.queries.counters import increases
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian
from plant.historian.rebuild import rebuild
from plant.model.tags import Tag
from plant.readings import GOOD, STALE, Columns

START = NOW - NOW % HOUR_MS - 3 * HOUR_MS + 10 * MINUTE_MS
"""Ten minutes past an hour, so that minutes, whole hours and minutes again make the window."""
END = START + 3 * HOUR_MS
PARTS = services()
GAS = PARTS.tags.by_path("alpha/shop/kiln-1/kiln/gas_total")
GOOD_TOTAL = PARTS.tags.by_path("alpha/shop/kiln-1/kiln/good_total")


@pytest.fixture
def historian() -> Historian:
    """An empty one."""
    return services().historian


def counted(historian: Historian, tag: Tag, readings: list[tuple[int, float]], rows_until: int = END) -> None:
    """Write readings (minutes after START, value) and make the rows of the window."""
    times = [START + minute * MINUTE_MS for minute, _ in readings]
    values = [value for _, value in readings]
    quality = [STALE if isnan(value) else GOOD for value in values]
    historian.write(Columns.of([tag.index] * len(readings), times, values, quality))
    rebuild(historian, [tag.index], START - 10 * MINUTE_MS, rows_until, lambda _: None)


def test_the_increase_is_the_same_over_minutes_and_hours(historian: Historian) -> None:
    """The value before the window and the newest one bound it, whatever rows lie between."""
    counted(historian, GAS, [(-5, 1000.0), (30, 1040.0), (100, 1100.0), (175, 1120.0)])
    grown = increases(historian, PARTS.tags, {GAS.index: START}, END)[GAS.index]
    assert (grown.amount, grown.coverage) == (120.0, 1.0)


def test_without_a_value_before_it_counts_from_the_first(historian: Historian) -> None:
    """A meter that is new counts from its first reading, and its coverage says since when."""
    counted(historian, GAS, [(90, 500.0), (120, 530.0)])
    grown = increases(historian, PARTS.tags, {GAS.index: START}, END)[GAS.index]
    assert (grown.amount, grown.coverage) == (30.0, pytest.approx(0.5))


def test_a_reset_inside_an_hour_costs_nothing(historian: Historian) -> None:
    """From 1000 to 1050, then from 0 to 30, all within one hour row: 80."""
    counted(historian, GAS, [(-1, 1000.0), (60, 1050.0), (70, 0.0), (80, 30.0)])
    assert increases(historian, PARTS.tags, {GAS.index: START}, END)[GAS.index].amount == 80.0


def test_a_rollover_is_not_a_reset(historian: Historian) -> None:
    """The tonnes counter starts again at 1 000 000: from 999 990 to 15 are 25."""
    counted(historian, GOOD_TOTAL, [(-1, 999_990.0), (95, 15.0)])
    assert increases(historian, PARTS.tags, {GOOD_TOTAL.index: START}, END)[GOOD_TOTAL.index].amount == 25.0


def test_a_gap_lowers_coverage_and_not_the_count(historian: Historian) -> None:
    """What was counted while the source was away shows with its next reading."""
    counted(historian, GAS, [(-1, 100.0), (60, float("nan")), (150, 190.0)])
    grown = increases(historian, PARTS.tags, {GAS.index: START}, END)[GAS.index]
    assert (grown.amount, grown.coverage) == (90.0, pytest.approx(0.5))


def test_the_right_edge_is_as_new_as_the_readings(historian: Historian) -> None:
    """Rows come a minute late; what came since the newest one counts already."""
    counted(historian, GAS, [(-1, 100.0), (170, 150.0), (179, 170.0)], rows_until=END - 5 * MINUTE_MS)
    assert increases(historian, PARTS.tags, {GAS.index: START}, END)[GAS.index].amount == 70.0


def test_an_empty_store_and_an_empty_window_know_nothing(historian: Historian) -> None:
    """No rows, no figure."""
    assert increases(historian, PARTS.tags, {GAS.index: START}, END) == {}
    counted(historian, GAS, [(10, 1.0)])
    assert increases(historian, PARTS.tags, {GAS.index: END}, END) == {}
    assert increases(historian, PARTS.tags, {}, END) == {}
    assert increases(historian, PARTS.tags, {GOOD_TOTAL.index: START}, END)[GOOD_TOTAL.index].amount is None


def test_windows_that_end_together_may_begin_apart(historian: Historian) -> None:
    """One site's shift began two hours ago on the hour, the other's a quarter past: each counts its own."""
    hour = START - START % HOUR_MS + HOUR_MS
    counted(historian, GAS, [(-5, 1000.0), (40, 1100.0), (55, 1150.0), (100, 1200.0)])
    counted(historian, GOOD_TOTAL, [(-5, 10.0), (40, 20.0), (100, 30.0)])
    grown = increases(historian, PARTS.tags, {GAS.index: hour, GOOD_TOTAL.index: START + 15 * MINUTE_MS}, END)
    assert (grown[GAS.index].amount, grown[GAS.index].coverage) == (100.0, 1.0)
    assert (grown[GOOD_TOTAL.index].amount, grown[GOOD_TOTAL.index].coverage) == (20.0, 1.0)


def test_a_value_held_from_long_ago_opens_the_window(historian: Historian) -> None:
    """Where no hour row ends at the start, as after an absence, the reading before it does."""
    hour = START - START % HOUR_MS + 2 * HOUR_MS
    historian.write(Columns.of([GAS.index], [hour - 9 * HOUR_MS], [500.0], [GOOD]))
    late = [(hour - START) // MINUTE_MS + 20]
    historian.write(Columns.of([GAS.index], [START + late[0] * MINUTE_MS], [520.0], [GOOD]))
    rebuild(historian, [GAS.index], hour, END, lambda _: None)
    assert increases(historian, PARTS.tags, {GAS.index: hour}, END)[GAS.index].amount == 20.0
