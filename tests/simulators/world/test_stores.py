from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world import grade
from simulators.world.stores import Graph, StoreState, blocked, put, spread, starved, supplied, take, throttle


def _graph(edges: list[tuple[int, int, int]], units: int, capacity: float = 100.0) -> Graph:
    groups = sorted({(taker, brings) for _, taker, brings in edges})
    takers = {taker for _, taker, _ in edges}
    source, taker = (np.array([each[end] for each in edges], np.int64) for end in (0, 1))
    return Graph(
        source=source,
        taker=taker,
        group=np.array([groups.index((b, c)) for _, b, c in edges], np.int64),
        group_taker=np.array([a for a, _ in groups], np.int64),
        group_component=np.array([b for _, b in groups], np.int64),
        capacity=np.full(units, capacity),
        main=np.array([next((a for a, b, _ in edges if b == row), row) for row in range(units)], np.int64),
        outside=np.array([row not in takers for row in range(units)], np.bool_),
        sources=spread(source, units),
        takers=spread(taker, units),
    )


def _stores(amount: list[float], graph: Graph, bad: list[float] | None = None) -> StoreState:
    held = np.array(amount, np.float64)
    label = np.arange(len(held), dtype=np.float64)
    scrap, stucco = np.array(bad or [0.0] * len(held)), grade.of(held, 1.0 + label, 0.8 + 0.01 * label, 0.98 * label)
    return StoreState(held, scrap, 0.1 * held, label, stucco, np.zeros(len(graph.group_taker)))


TANGLE = _graph([(0, 2, 0), (1, 2, 0), (1, 3, 0), (4, 3, 1), (2, 5, 0), (3, 5, 0)], 6)
NO_STUCCO = grade.usual(np.zeros(2))
amounts = st.lists(st.floats(0.0, 1e6), min_size=6, max_size=6)


@given(amount=amounts, wanted=amounts, share=st.floats(0.0, 1.0), bad=st.floats(0.0, 1.0))
def test_nothing_is_lost_between_stores(amount: list[float], wanted: list[float], share: float, bad: float) -> None:
    """What takers get is what stores give, good and bad; nobody gets more than wanted, no store goes below zero."""
    before = _stores(amount, TANGLE, [bad * each for each in amount])
    shares = np.array([1.0, share, 1.0 - share, 1.0])
    after, taken = take(TANGLE, before, np.array(wanted), shares, 10.0)
    inside = ~TANGLE.outside
    total = before.amount.sum()
    assert after.amount.sum() + taken.amount[inside].sum() == pytest.approx(total, rel=1e-9, abs=1e-6)
    assert after.bad.sum() + taken.bad[inside].sum() == pytest.approx(before.bad.sum(), rel=1e-9, abs=1e-6)
    assert after.water.sum() + taken.water[inside].sum() == pytest.approx(0.1 * total, rel=1e-9, abs=1e-6)
    for row in range(grade.ROWS):
        moved = after.stucco[row].sum() + taken.stucco[row, inside].sum()
        assert moved == pytest.approx(before.stucco[row].sum(), rel=1e-9, abs=1e-6)
    assert (after.amount >= 0.0).all()
    assert (taken.amount <= np.array(wanted) * (1.0 + 1e-9) + 1e-9).all()


def test_a_store_is_well_mixed() -> None:
    """What flows through a full store shows in what leaves it as a first-order lag of mass over throughput."""
    graph = _graph([(0, 1, 0)], 2)
    mass_t, flow_t_h, late = 100.0, 25.0, 1.4
    zero, step_h = np.zeros(2), 10.0 / 3600.0
    flow_t = flow_t_h * step_h
    fed = grade.of(np.array([flow_t, 0.0]), np.array([late, 1.0]), zero, zero)
    now = StoreState(np.array([mass_t, 0.0]), zero, zero, zero, grade.usual(np.array([mass_t, 0.0])), np.zeros(1))
    left = []
    for _ in range(round(12.0 / step_h)):
        now, taken = take(graph, now, np.array([0.0, flow_t]), np.ones(1), 10.0)
        left.append(float(grade.mean(taken.stucco, grade.SETTING)[1]))
        now = put(now, np.array([flow_t, 0.0]), zero, zero, zero, fed)
    hours = step_h * np.arange(len(left))
    assert np.array(left) == pytest.approx(late + (1.0 - late) * np.exp(-hours * flow_t_h / mass_t), abs=1e-3)
    assert now.stucco[grade.MASS, 0] == pytest.approx(now.amount[0])


def test_two_materials_come_in_proportion() -> None:
    """A mixer that lacks sand takes as much less gypsum."""
    graph = _graph([(0, 2, 0), (1, 2, 1)], 3)
    after, taken = take(graph, _stores([50.0, 1.0, 0.0], graph), np.array([0.0, 0.0, 10.0]), np.array([0.5, 0.5]), 1.0)
    assert taken.amount[2] == pytest.approx(2.0)
    assert after.amount.tolist() == pytest.approx([49.0, 0.0, 0.0])


def test_two_takers_share_by_what_they_want() -> None:
    """A store that is too small for both gives each the same part of its wish."""
    graph = _graph([(0, 1, 0), (0, 2, 0)], 3)
    _, taken = take(graph, _stores([3.0, 0.0, 0.0], graph), np.array([0.0, 2.0, 4.0]), np.ones(2), 1.0)
    assert taken.amount[1:].tolist() == pytest.approx([1.0, 2.0])


def test_the_outside_brings_what_is_wanted() -> None:
    """Units that nobody in the model feeds get what they want."""
    graph = _graph([(0, 1, 0)], 2)
    _, taken = take(graph, _stores([0.0, 0.0], graph), np.array([7.0, 5.0]), np.ones(1), 1.0)
    assert taken.amount.tolist() == [7.0, 0.0]
    assert starved(np.array([7.0, 5.0]), taken).tolist() == [False, True]


def test_labels_travel_with_the_material() -> None:
    """A taker sees the label that its source last put."""
    graph = _graph([(0, 1, 0)], 2)
    stores = put(_stores([5.0, 0.0], graph), np.zeros(2), np.zeros(2), np.zeros(2), np.array([42.0, 0.0]), NO_STUCCO)
    _, taken = take(graph, stores, np.array([0.0, 1.0]), np.ones(1), 1.0)
    assert taken.label[1] == 42.0


def test_makers_slow_down_before_they_are_blocked() -> None:
    """The throttle falls from 1 at 60 % to 0 at the top; blocked is at 98 %."""
    graph = _graph([(0, 1, 0)], 2)
    for level, speed, stop in ((50.0, 1.0, False), (80.0, 0.5, False), (99.0, 0.025, True)):
        stores = _stores([level, 0.0], graph)
        assert throttle(graph, stores)[0] == pytest.approx(speed)
        assert blocked(graph, stores)[0] == stop


def test_a_taker_may_go_on_when_there_is_a_minute_of_material() -> None:
    """Supplied again needs 60 s of what was last wanted, and room for what will be made."""
    graph = _graph([(0, 1, 0)], 2)
    stores, _ = take(graph, _stores([0.0, 0.0], graph), np.array([0.0, 1.0]), np.ones(1), 1.0)
    assert not supplied(graph, stores)[1]
    assert supplied(graph, put(stores, np.array([61.0, 0.0]), *np.zeros((3, 2)), NO_STUCCO))[1]
    assert not supplied(graph, put(stores, np.array([61.0, 70.0]), *np.zeros((3, 2)), NO_STUCCO))[1]
