from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world.stores import Graph, StoreState, blocked, put, starved, supplied, take, throttle


def _graph(edges: list[tuple[int, int, int]], units: int, capacity: float = 100.0) -> Graph:
    groups = sorted({(taker, brings) for _, taker, brings in edges})
    takers = {taker for _, taker, _ in edges}
    return Graph(
        source=np.array([a for a, _, _ in edges], np.int64),
        taker=np.array([b for _, b, _ in edges], np.int64),
        group=np.array([groups.index((b, c)) for _, b, c in edges], np.int64),
        group_taker=np.array([a for a, _ in groups], np.int64),
        group_component=np.array([b for _, b in groups], np.int64),
        capacity=np.full(units, capacity),
        main=np.array([next((a for a, b, _ in edges if b == row), row) for row in range(units)], np.int64),
        outside=np.array([row not in takers for row in range(units)], np.bool_),
    )


def _stores(amount: list[float], graph: Graph, bad: list[float] | None = None) -> StoreState:
    held = np.array(amount, np.float64)
    label = np.arange(len(held), dtype=np.float64)
    return StoreState(held, np.array(bad or [0.0] * len(held)), 0.1 * held, label, np.zeros(len(graph.group_taker)))


TANGLE = _graph([(0, 2, 0), (1, 2, 0), (1, 3, 0), (4, 3, 1), (2, 5, 0), (3, 5, 0)], 6)
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
    assert (after.amount >= 0.0).all()
    assert (taken.amount <= np.array(wanted) * (1.0 + 1e-9) + 1e-9).all()


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
    stores = put(_stores([5.0, 0.0], graph), np.zeros(2), np.zeros(2), np.zeros(2), np.array([42.0, 0.0]))
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
    assert supplied(graph, put(stores, np.array([61.0, 0.0]), *np.zeros((3, 2))))[1]
    assert not supplied(graph, put(stores, np.array([61.0, 70.0]), *np.zeros((3, 2))))[1]
