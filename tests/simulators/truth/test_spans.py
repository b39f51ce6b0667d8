from __future__ import annotations

import numpy as np

from simulators.truth.spans import Spans


def test_a_span_lasts_until_its_code_changes() -> None:
    """Each thing has spans of its own, with what was counted in them."""
    spans = Spans(0, np.array([[1.0, 5.0]]), np.array([[10.0, 0.0]]))
    spans.look(10, np.array([[1.0, 6.0]]), np.array([[11.0, 2.0]]))
    spans.look(20, np.array([[2.0, 6.0]]), np.array([[14.0, 3.0]]))
    closed = spans.cut(30, np.array([[15.0, 7.0]]))
    found = sorted(zip(closed.row, closed.codes[0], closed.start_ms, closed.end_ms, closed.counted[0], strict=True))
    assert found == [(0, 1.0, 0, 20, 4.0), (0, 2.0, 20, 30, 1.0), (1, 5.0, 0, 10, 2.0), (1, 6.0, 10, 30, 5.0)]


def test_a_cut_ends_nothing() -> None:
    """Open spans go on behind the cut, and count from there."""
    spans = Spans(0, np.array([[1.0]]), np.array([[0.0]]))
    spans.cut(10, np.array([[3.0]]))
    closed = spans.cut(25, np.array([[4.0]]))
    assert (closed.start_ms.tolist(), closed.end_ms.tolist(), closed.counted.tolist()) == ([10], [25], [[1.0]])


def test_one_of_several_codes_is_enough() -> None:
    """A span ends when any of its codes changes."""
    spans = Spans(0, np.array([[1.0], [1.0]]), np.empty((0, 1)))
    spans.look(5, np.array([[1.0], [2.0]]), np.empty((0, 1)))
    assert spans.cut(9, np.empty((0, 1))).end_ms.tolist() == [5, 9]


def test_what_it_is_given_may_change_afterwards() -> None:
    """Spans keep copies."""
    codes = np.array([[1.0]])
    spans = Spans(0, codes, np.empty((0, 1)))
    codes[0, 0] = 9.0
    assert spans.cut(1, np.empty((0, 1))).codes.tolist() == [[1.0]]
