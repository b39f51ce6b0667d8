"""`plant.readings.Columns`: batches as arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plant.readings import GOOD, Columns


def test_columns_have_the_types_of_the_hot_path() -> None:
    """Tag int32, time int64, value float64, quality uint16, also when empty."""
    for columns in (Columns.empty(), Columns.of([1], [2], [3], [GOOD]), Columns.concat([])):
        assert columns.tag.dtype == np.int32
        assert columns.time.dtype == np.int64
        assert columns.value.dtype == np.float64
        assert columns.quality.dtype == np.uint16


def test_taking_follows_a_mask_or_an_order() -> None:
    """Rows are chosen by a mask, or put into the order of an index array."""
    columns = Columns.of([1, 2, 3], [10, 20, 30], [0.1, 0.2, 0.3], [GOOD] * 3)
    assert columns.take(np.array([True, False, True])).tag.tolist() == [1, 3]
    assert columns.take(np.array([2, 0])).time.tolist() == [30, 10]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.floats(-9, 9)), max_size=40))
def test_the_last_written_of_each_instant_stays(rows: list[tuple[int, int, float]]) -> None:
    """Sorted by (tag, time), one row an instant: the one that came last, as in a dict."""
    columns = Columns.of(*zip(*rows, strict=True), [GOOD] * len(rows)) if rows else Columns.empty()
    found = columns.latest_written()
    wanted = {(tag, time): value for tag, time, value in rows}
    assert list(zip(found.tag.tolist(), found.time.tolist(), strict=True)) == sorted(wanted)
    assert found.value.tolist() == [wanted[key] for key in sorted(wanted)]
    assert len(columns) == len(rows)
