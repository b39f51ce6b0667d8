"""`plant.quality.defects`: columns of defects."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from instruments import HOUR

from plant.historian.protocol import HOUR_MS
from plant.quality.defects import CAUSES, Cause, Defects

SPANS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5 * HOUR_MS), st.integers(0, 3 * HOUR_MS)), min_size=0, max_size=9
)


@given(SPANS)
def test_time_is_booked_to_the_hours_that_it_lies_in(spans):
    """No second is lost, none comes twice, and no hour gets more than it has."""
    tag = np.array([span[0] for span in spans], np.int32)
    begin = np.array([HOUR + span[1] for span in spans], np.int64)
    end = begin + np.array([span[2] for span in spans], np.int64)
    found = Defects.lasting(Cause.FROZEN, tag, begin, end)
    assert np.isclose(found.amount.sum(), (end - begin).sum() / 1000)
    assert (found.amount <= 3600).all()
    assert (found.amount > 0).all()
    for index in np.unique(tag):
        for hour in range(HOUR, HOUR + 9 * HOUR_MS, HOUR_MS):
            inside = np.minimum(end, hour + HOUR_MS) - np.maximum(begin, hour)
            wanted = np.maximum(inside, 0)[tag == index].sum() / 1000
            assert np.isclose(found.amount[(found.tag == index) & (found.hour == hour)].sum(), wanted)


def test_equal_rows_are_summed():
    """By hour, tag and cause; the order of arrival does not matter."""
    parts = [
        Defects.of(Cause.LATE, np.array([2, 1, 2]), np.array([HOUR, HOUR + 5, HOUR + HOUR_MS])),
        Defects.of(Cause.SPIKE, np.array([2]), np.array([HOUR + 7])),
        Defects.of(Cause.LATE, np.array([2]), np.array([HOUR + 9])),
    ]
    summed = Defects.concat(parts).summed()
    rows = list(zip(summed.hour.tolist(), summed.tag.tolist(), summed.cause.tolist(), summed.amount, strict=True))
    late, spike = CAUSES.index(Cause.LATE), CAUSES.index(Cause.SPIKE)
    assert rows == [(HOUR, 1, late, 1), (HOUR, 2, spike, 1), (HOUR, 2, late, 2), (HOUR + HOUR_MS, 2, late, 1)]


def test_nothing_stays_nothing():
    """Sums and parts of no defects."""
    assert len(Defects.concat([]).summed()) == 0
    assert len(Defects.concat([Defects.empty(), Defects.empty()])) == 0
