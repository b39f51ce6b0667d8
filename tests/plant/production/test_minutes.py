"""What holds for all production minutes, whatever is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.calendar.spans import Planned
from plant.packml import Mode, State
from plant.production.minutes import ProductionMinutes
from plant.production.production import Production, production
from plant.readings import GOOD, STALE

HOURS_S = 2 * 3_600
SECONDS = st.integers(1, HOURS_S)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("state"), SECONDS, st.sampled_from(list(State)), st.sampled_from([GOOD, GOOD, STALE])),
        st.tuples(st.just("mode"), SECONDS, st.sampled_from(list(Mode)[1:]), st.just(GOOD)),
        st.tuples(st.just("order"), SECONDS, st.sampled_from(["", "boards-00001", "boards-00002"]), st.just(GOOD)),
        st.tuples(st.just("product"), SECONDS, st.sampled_from(["thin", "thick", ""]), st.just(GOOD)),
        st.tuples(st.just("reason"), SECONDS, st.sampled_from(["", "mechanical", "downstream"]), st.just(GOOD)),
        st.tuples(st.just("lot"), SECONDS, st.sampled_from(["A", "B", "C"]), st.just(GOOD)),
        st.tuples(st.just("dried"), SECONDS, st.sampled_from(["A", "B", "C"]), st.just(GOOD)),
    ),
    max_size=30,
    unique_by=lambda change: change[:2],
)
COUNTS = st.lists(st.tuples(SECONDS, st.floats(0, 50)), max_size=20, unique_by=lambda each: each[0])


@st.composite
def stories(draw, new_plant):
    """Anything that a plant may tell in two hours, in the order of time."""
    plant = new_plant()
    plant.runs()
    for kind, second, what, quality in draw(CHANGES):
        if kind == "state":
            plant.state(second, what, quality=quality)
        elif kind == "mode":
            plant.mode(second, what)
        elif kind == "dried":
            plant.text(second, "lot", what, "boards/stacker")
        else:
            plant.text(second, kind, what)
    for metric, ref in (("produced", "boards/former"), ("good", "boards/stacker"), ("gas", "boards/dryer")):
        value = 0.0
        plant.count(-1, metric, value, ref)
        for second, more in sorted(draw(COUNTS)):
            value += more
            plant.count(second, metric, value, ref)
    if draw(st.booleans()):
        begin, length = draw(SECONDS), draw(st.integers(1, 3000))
        origin = plant.told(0, 0).start
        span = (origin + 1000 * begin, origin + 1000 * (begin + length))
        plant.planned.append((plant.line("boards"), *span, draw(st.sampled_from(list(Planned)[1:]))))
    return plant


def _same(one: ProductionMinutes, other: ProductionMinutes) -> None:
    for name, column in one.arrays.items():
        np.testing.assert_allclose(column, other.arrays[name], rtol=1e-12, atol=1e-9, err_msg=name)


def _boards(plant, made: Production) -> ProductionMinutes:
    return made.minutes.take(made.minutes.line == plant.line("boards"))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_rows_of_a_minute_share_sixty_seconds(new_plant, data) -> None:
    """Every minute of every line is there, its rows differ in a key and add up to 60 s."""
    plant = data.draw(stories(new_plant))
    minutes = plant.make(HOURS_S).minutes
    keys = np.stack([minutes.arrays[name].astype(np.int64) for name in list(minutes.arrays)[:8]])
    assert np.unique(keys, axis=1).shape == keys.shape
    _, row = np.unique(keys[:2], axis=1, return_inverse=True)
    total = np.bincount(row.ravel(), minutes.seconds)
    assert len(total) == len(plant.table) * HOURS_S // 60
    np.testing.assert_allclose(total, 60.0, rtol=0, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), minute=st.integers(1, HOURS_S // 60 - 1))
def test_any_partition_gives_the_same_minutes(new_plant, data, minute: int) -> None:
    """Made in two windows, with the same time known, the rows are those of one."""
    plant = data.draw(stories(new_plant))
    parts = [plant.make(HOURS_S, window=each).minutes for each in ((0, 60 * minute), (60 * minute, HOURS_S))]
    joined = ProductionMinutes.concat(parts)
    _same(plant.make(HOURS_S).minutes, joined.take(np.lexsort((np.arange(len(joined)), joined.time, joined.line))))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_late_data_give_what_they_would_have_given_in_time(new_plant, data) -> None:
    """The order in which events and readings arrive makes no difference."""
    plant = data.draw(stories(new_plant))
    told = plant.told(0, HOURS_S)
    late = np.array(data.draw(st.permutations(range(len(told.counters)))), np.intp)
    shuffled = replace(told, events=tuple(data.draw(st.permutations(told.events))), counters=told.counters.take(late))
    one, other = (production(plant.table, plant.reasons, each, told.start, told.end) for each in (told, shuffled))
    _same(one.minutes, other.minutes)
    assert one.stops.length_ms.tolist() == other.stops.length_ms.tolist()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_counted_is_in_the_minutes(new_plant, data) -> None:
    """Produced, good and gas of the minutes are what the counters grew by, but for lots that nobody saw formed."""
    plant = data.draw(stories(new_plant))
    made = plant.make(HOURS_S + 60)
    boards, unplaced = _boards(plant, made), made.unplaced[plant.line("boards")]
    grown = {
        metric: max(value for tag, _, value, _ in plant.readings if plant.table.tags[tag].metric.key == metric)
        for metric in ("produced", "good", "gas")
    }
    assert boards.produced.sum() == pytest.approx(grown["produced"])
    assert boards.good.sum() + unplaced[0] == pytest.approx(grown["good"])
    assert boards.gas_m3.sum() == pytest.approx(grown["gas"])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_stops_and_minutes_tell_the_same(new_plant, data) -> None:
    """The lengths of all stops are the delay, setup and down time of the minutes, and what is not known inside them."""
    plant = data.draw(stories(new_plant))
    made = plant.make(HOURS_S)
    boards = _boards(plant, made)
    stops = made.stops.take(made.stops.line == plant.line("boards"))
    lost = boards.seconds[np.isin(boards.element, (2, 3, 4))].sum()
    unknown = boards.seconds[boards.element == 5].sum()
    assert lost - 1e-6 <= stops.length_ms.sum() / 1000 <= lost + unknown + 1e-6
    assert (stops.end > stops.start).all()


def test_minutes_after_the_watermark_are_provisional(plant, at) -> None:
    """An edge node that has told everything up to a time settles the minutes before it, and no others."""
    plant.runs()
    told = replace(plant.told(0, 600), watermark=np.full(len(plant.table), at(330)))
    minutes = production(plant.table, plant.reasons, told, told.start, told.end).minutes
    boards = minutes.take(minutes.line == plant.line("boards"))
    assert dict(zip(boards.time.tolist(), boards.provisional.tolist(), strict=True)) == {
        at(60 * minute): int(minute >= 5) for minute in range(10)
    }


def test_a_minute_knows_its_order_and_product(plant, at) -> None:
    """A change amid a minute gives two rows, each with what was made under it."""
    plant.runs()
    plant.text(30, "order", "boards-00008")
    plant.text(30, "product", "thick")
    for second, value in ((-1, 0.0), (20, 10.0), (50, 30.0)):
        plant.count(second, "produced", value)
    minutes = plant.make(60).minutes
    boards = minutes.take(minutes.line == plant.line("boards"))
    assert boards.order.tolist() == [7, 8]
    assert [plant.table.products[product] for product in boards.product] == ["thin", "thick"]
    assert boards.seconds.tolist() == [30.0, 30.0]
    assert boards.produced.tolist() == [10.0, 20.0]
    assert boards.produced_ideal_s == pytest.approx([10 / 5400 * 3600, 20 / 3600 * 3600])


def test_nothing_asked_for_is_nothing(plant) -> None:
    """An empty window has no rows and no error."""
    plant.runs()
    assert len(plant.make(60, window=(0, 0)).minutes) == 0
    assert len(plant.make(0).stops) == 0
