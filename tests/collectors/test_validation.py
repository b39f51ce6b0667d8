"""Which readings may pass, and what becomes of the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from collecting import NOW, tiny
from hypothesis import given
from hypothesis import strategies as st

from collectors.reasons import Reason
from collectors.validation import LONGEST_TEXT, SKEW_MS, Validator
from plant.historian.protocol import DAY_MS
from plant.readings import BAD, GOOD, STALE, Columns
from plant.sparkplug.samples import OtherSample

POWER = 2
"""kiln power, span 0 to 500 kW."""
STATE = 0
"""No span."""
RAW_DAYS = 14

validator = Validator(tiny()[1], RAW_DAYS)


def check(*rows: tuple[int, int, float, int]):
    """The verdict on rows of (tag, time, value, quality)."""
    return validator.check(Columns.of(*zip(*rows, strict=True)), NOW)


def test_good_readings_pass_untouched():
    """The usual case costs nothing: the same columns come out."""
    columns = Columns.of([POWER, STATE], [NOW, NOW - 5], [12.0, 6.0], [GOOD, GOOD])
    checked = validator.check(columns, NOW)
    assert checked.current is columns
    assert checked.storable is columns
    assert (checked.refusals, checked.skewed) == ((), 0)


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (0, Reason.ABSURD_TIMESTAMP),
        (86_400_000, Reason.ABSURD_TIMESTAMP),
        (NOW + SKEW_MS + 1, Reason.FUTURE_TIMESTAMP),
        (NOW + 10**13, Reason.FUTURE_TIMESTAMP),
    ],
)
def test_a_time_that_cannot_be_true_makes_a_reading_useless(time, reason):
    """1970 and the future are dropped, whatever the value."""
    checked = check((POWER, time, 12.0, GOOD), (POWER, NOW, 13.0, GOOD))
    assert checked.storable.value.tolist() == [13.0]
    assert [(refusal.reason, refusal.count, refusal.tag) for refusal in checked.refusals] == [
        (reason, 1, "alpha/shop/kiln-1/kiln/power")
    ]


def test_a_clock_a_little_ahead_is_tolerated_and_counted():
    """Up to a minute of skew passes."""
    checked = check((POWER, NOW + SKEW_MS, 12.0, GOOD), (POWER, NOW, 12.0, GOOD))
    assert len(checked.storable) == 2
    assert (checked.refusals, checked.skewed) == ((), 1)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, Reason.NOT_A_NUMBER),
        (math.inf, Reason.NOT_A_NUMBER),
        (-math.inf, Reason.NOT_A_NUMBER),
        (-0.1, Reason.OUT_OF_RANGE),
        (500.1, Reason.OUT_OF_RANGE),
    ],
)
def test_a_value_that_cannot_be_is_stored_as_bad(value, reason):
    """The instrument spoke, but what it said is not known: the value before must not seem to hold on."""
    checked = check((POWER, NOW, value, GOOD))
    assert checked.storable.quality.tolist() == [BAD]
    assert np.isnan(checked.storable.value).all()
    assert [refusal.reason for refusal in checked.refusals] == [reason]


@pytest.mark.parametrize("value", [0.0, 500.0])
def test_the_ends_of_the_span_are_inside(value):
    """A span is closed."""
    assert check((POWER, NOW, value, GOOD)).refusals == ()


@pytest.mark.parametrize("quality", [BAD, STALE])
def test_a_null_with_its_quality_is_no_bad_input(quality):
    """An edge node may say that it has no value."""
    checked = check((POWER, NOW, math.nan, quality))
    assert checked.refusals == ()
    assert checked.storable.quality.tolist() == [quality]


def test_what_is_older_than_the_retention_is_shown_but_not_stored():
    """A set point may stand for weeks; the store would refuse its time."""
    checked = check((POWER, NOW - RAW_DAYS * DAY_MS, 12.0, GOOD), (POWER, NOW - 13 * DAY_MS, 12.0, GOOD))
    assert len(checked.current) == 2
    assert len(checked.storable) == 1
    assert [refusal.reason for refusal in checked.refusals] == [Reason.TOO_OLD]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 31),
            st.integers(-(2**62), 2**62) | st.integers(NOW - 20 * DAY_MS, NOW + 2 * SKEW_MS),
            st.floats(),
            st.sampled_from([BAD, GOOD, STALE]),
        ),
        min_size=1,
    )
)
def test_nothing_incredible_passes_and_nothing_credible_is_lost(rows):
    """Whatever comes in: what is stored has a possible time, and a possible value where it is good."""
    checked = check(*rows)
    stored = checked.storable
    assert ((stored.time > NOW - RAW_DAYS * DAY_MS) & (stored.time <= NOW + SKEW_MS)).all()
    good = stored.quality == GOOD
    assert np.isfinite(stored.value[good]).all()
    expected = [row for row in rows if NOW - RAW_DAYS * DAY_MS + 60_000 < row[1] <= NOW + SKEW_MS]
    assert stored.tag.tolist() == [row[0] for row in expected]
    lost = sum(
        refusal.count
        for refusal in checked.refusals
        if refusal.reason in {Reason.ABSURD_TIMESTAMP, Reason.FUTURE_TIMESTAMP, Reason.TOO_OLD}
    )
    assert len(rows) == len(stored) + lost


@pytest.mark.parametrize(
    ("time", "text", "reason"),
    [
        (NOW, "order 7", None),
        (NOW, None, None),
        (0, "order 7", Reason.ABSURD_TIMESTAMP),
        (NOW + SKEW_MS + 1, "order 7", Reason.FUTURE_TIMESTAMP),
        (NOW, "x" * (LONGEST_TEXT + 1), Reason.TEXT_TOO_LONG),
    ],
)
def test_texts_have_times_and_lengths_that_can_be_true(time, text, reason):
    """A text is checked by the same clock, and may not be a novel."""
    assert validator.refuse_text(OtherSample(0, time, text, GOOD, historical=False), NOW) == reason
