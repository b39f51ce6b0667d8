from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_minutes import START, drawn, lines, made, run, window

from plant.kpi.adding import Key, by, by_line, by_window, total
from plant.kpi.lines import LineSet
from plant.kpi.sums import ADDITIVE, Failures, Planned, Sums
from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element, Loss
from plant.production.minutes import ProductionMinutes

LINES, MINUTES = 4, 40


def same(one: Sums, other: Sums) -> bool:
    """Equal but for rounding."""
    amounts = [(getattr(one, name), getattr(other, name)) for name in ADDITIVE]
    return one.measures == other.measures and all(a == pytest.approx(b, rel=1e-9, abs=1e-6) for a, b in amounts)


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=25)
@given(seed=seeds, cuts=st.sets(st.integers(1, MINUTES - 1), max_size=6))
def test_any_partition_of_a_window_sums_to_the_whole(seed: int, cuts: set[int]) -> None:
    """Every additive element, whatever the cuts."""
    minutes, chosen = drawn(seed, LINES, MINUTES), lines(*range(LINES))
    edges = [0, *sorted(cuts), MINUTES]
    windows = [window(end - start, start) for start, end in pairwise(edges)]
    whole = total(minutes, window(MINUTES), chosen)
    assert same(Sums.of(by_window(minutes, windows, chosen)), whole)
    assert same(Sums.of(total(minutes, each, chosen) for each in windows), whole)


@settings(max_examples=25)
@given(seed=seeds, part=st.sets(st.integers(0, LINES - 1)))
def test_any_partition_of_the_lines_sums_to_the_whole(seed: int, part: set[int]) -> None:
    """Every additive element, whatever the lines; none of them too."""
    minutes, every = drawn(seed, LINES, MINUTES), lines(*range(LINES))
    whole = total(minutes, window(MINUTES), every)
    halves = every.only(part), every.only(set(range(LINES)) - part)
    assert same(Sums.of(total(minutes, window(MINUTES), half) for half in halves), whole)
    assert same(Sums.of(by_line(minutes, window(MINUTES), every).values()), whole)


@settings(max_examples=25)
@given(seed=seeds, key=st.sampled_from(Key))
def test_groups_sum_to_the_whole(seed: int, key: Key) -> None:
    """By line, order, product, loss, reason and cause, with the time that has no row among those without a value."""
    minutes, chosen = drawn(seed, LINES, MINUTES), lines(0, 2, 3)
    groups = by(minutes, window(30, 5), chosen, key)
    assert same(Sums.of(groups.values()), total(minutes, window(30, 5), chosen))


def test_each_row_is_counted_to_its_element_and_loss() -> None:
    """Seconds by element, stops by loss too, quantities wherever they stand."""
    minutes = made(
        [
            {"minute": 0, "element": Element.APT, "seconds": 40, "produced": 9, "good": 8, "reject": 1},
            {"minute": 0, "element": Element.ADET, "loss": Loss.BREAKDOWN, "seconds": 20, "gas_m3": 3},
            {"minute": 1, "element": Element.AUST, "loss": Loss.SETUP},
            {"minute": 2, "element": Element.ADOT, "loss": Loss.NO_ORDER, "provisional": 1},
            {"minute": 3, "element": Element.NOT_PLANNED},
        ]
    )
    sums = total(minutes, window(4), lines(0))
    assert (sums.apt_s, sums.adet_s, sums.aust_s, sums.adot_s, sums.not_planned_s) == (40, 20, 60, 60, 60)
    assert (sums.breakdown_s, sums.setup_s, sums.no_order_s, sums.minor_stop_s) == (20, 60, 60, 0)
    assert (sums.produced, sums.good, sums.reject, sums.gas_m3) == (9, 8, 1, 3)
    assert (sums.pbt_s, sums.aubt_s, sums.aupt_s, sums.calendar_s) == (180, 120, 100, 240)
    assert sums.coverage == 1
    assert sums.is_provisional


def test_unknown_time_lowers_coverage_and_is_neither_running_nor_stopped() -> None:
    """Half an hour without data in two hours leaves three quarters; what was counted then is told apart."""
    minutes = made(
        run(0, 0, 90, produced=1, produced_ideal_s=50)
        + run(0, 90, 30, element=Element.UNKNOWN, produced=2, produced_ideal_s=70)
    )
    sums = total(minutes, window(120), lines(0))
    assert sums.coverage == 0.75
    assert (sums.pbt_s, sums.unknown_s) == (5_400, 1_800)
    assert (sums.produced, sums.known_produced, sums.known_produced_ideal_s) == (150, 90, 4_500)


def test_a_minute_without_a_row_is_not_covered() -> None:
    """Nobody has made it: it may have been planned, so coverage falls with it."""
    sums = total(made(run(0, 0, 30)), window(60), lines(0))
    assert (sums.missing_s, sums.coverage) == (1_800, 0.5)


def test_time_that_is_not_planned_needs_no_data() -> None:
    """A day off is covered in full."""
    assert total(made(run(0, 0, 60, element=Element.NOT_PLANNED)), window(60), lines(0)).coverage == 1


def test_only_the_window_and_the_lines_are_summed() -> None:
    """The end of a window is not in it, and other lines are not."""
    minutes = made(run(0, 0, 10, good=1) + run(7, 0, 10, good=100))
    assert total(minutes, window(4, 3), lines(0)).good == 4
    assert total(minutes, window(4, 3), lines(7)).good == 400
    assert total(minutes, window(4, 20), lines(0)).good == 0
    assert total(minutes, window(4, 3), lines(99)).missing_s == 240


def test_windows_may_have_gaps_between_them() -> None:
    """What is before, between and after them is in none."""
    minutes = made(run(0, 0, 20, good=1))
    parts = by_window(minutes, [window(2, 3), window(5, 10), window(4, 18)], lines(0))
    assert [part.good for part in parts] == [2, 5, 2]


def test_no_rows_make_empty_sums() -> None:
    """A new plant has no minutes yet: everything is missing, nothing fails."""
    nothing = ProductionMinutes.empty()
    assert total(nothing, window(10), lines(0, 1)) == Sums(frozenset({"m2"}), calendar_s=1_200)
    assert by(nothing, window(10), lines(0), Key.PRODUCT) == {-1: Sums(calendar_s=600)}
    assert by_window(nothing, [], lines(0)) == ()


def test_a_window_ends_on_full_minutes() -> None:
    """Minutes are the grain: what came in half a minute is not known."""
    with pytest.raises(ValueError, match="inside a minute"):
        Window(START + 1, START + MINUTE_MS)
    with pytest.raises(ValueError, match="before it begins"):
        Window(START, START - MINUTE_MS)
    assert [part.seconds for part in window(150).split(60 * MINUTE_MS)] == [3_600, 3_600, 1_800]


def test_nothing_is_counted_twice() -> None:
    """Windows that overlap and lines named twice are mistakes."""
    with pytest.raises(ValueError, match="overlap"):
        by_window(made(run(0, 0, 5)), [window(5), window(5, 4)], lines(0))
    with pytest.raises(ValueError, match="twice"):
        lines(1, 1)
    with pytest.raises(ValueError, match="1 units of measure"):
        LineSet((1, 2), ("m2",))


def test_sums_of_sites_days_are_the_groups_day() -> None:
    """Production days of one date begin at different instants: the group's is their sum, not one window."""
    minutes = made(run(0, 0, 300, good=1) + run(1, 0, 300, good=10))
    group = Sums.of([total(minutes, window(120), lines(0)), total(minutes, window(120, 60), lines(1))])
    assert (group.good, group.calendar_s) == (120 + 1_200, 2 * 7_200)


def test_measures_of_groups_are_those_of_their_lines() -> None:
    """A product made in m2 on one line is not mixed with the tonnes of another."""
    minutes = made(run(0, 0, 2, product=1) + run(1, 0, 2, product=2))
    mixed = LineSet((0, 1), ("m2", "t"))
    groups = by(minutes, window(2), mixed, Key.PRODUCT)
    assert {product: set(sums.measures) for product, sums in groups.items()} == {1: {"m2"}, 2: {"t"}, -1: set()}
    assert total(minutes, window(2), mixed).measures == {"m2", "t"}


def test_orders_may_have_any_number() -> None:
    """Order numbers of an ERP are far apart; the groups are the same as those of numbers close together."""
    minutes = made(run(0, 0, 2, order=7, good=1) + run(0, 2, 3, order=450_000_000_123, good=1))
    groups = by(minutes, window(6), lines(0), Key.ORDER)
    assert {order: (sums.good, sums.calendar_s) for order, sums in groups.items()} == {
        7: (2, 120),
        450_000_000_123: (3, 180),
        0: (0, 60),
    }


def test_failures_plan_and_the_period_before_stand_beside_the_sums() -> None:
    """They come from elsewhere, and add like the others."""
    sums = Sums(good_ideal_s=50).with_failures(Failures(2, 600)).with_plan(Planned(10, 100, 1_000))
    beside = sums.with_before(Sums(good_ideal_s=40))
    twice = beside + beside
    assert (twice.failures, twice.repair_s, twice.planned, twice.planned_ideal_s) == (4, 1_200, 20, 200)
    assert (twice.remaining_s, twice.before_ideal_s) == (2_000, 80)
