"""`plant.quality.score`: the documented formula, with the causes that explain it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instruments import HOUR

from plant.historian.protocol import HOUR_MS, TierColumns
from plant.quality.defects import CAUSES, Cause, Defects
from plant.quality.score import CLEAN, MANY_SPIKES, WEIGHT, score

TAGS = np.array([2, 5, 7], np.int32)


def rows(good_ms: dict[int, int], count: int = 100) -> TierColumns:
    """Hour rows of tags with this much good time."""
    n = len(good_ms)
    values, counts = np.ones(n), np.full(n, count, np.int64)
    tag, good = np.array(list(good_ms), np.int32), np.array(list(good_ms.values()), np.int64)
    return TierColumns(tag, np.full(n, HOUR, np.int64), values, values, values, values, counts, good)


def defects(*found: tuple[int, Cause, float]) -> Defects:
    """Of the hour."""
    tag, cause, amount = zip(*found, strict=True) if found else ((), (), ())
    return Defects(
        np.full(len(tag), HOUR, np.int64),
        np.array(tag, np.int32),
        np.array([CAUSES.index(each) for each in cause], np.uint8),
        np.array(amount, np.float64),
    )


WHOLE = {2: HOUR_MS, 5: HOUR_MS, 7: HOUR_MS}


def test_a_healthy_hour_is_a_hundred():
    """Every second known, nothing doubted."""
    quality = score(TAGS, rows(WHOLE), defects())
    assert quality.score.tolist() == [100, 100, 100]
    assert not quality.defective.any()


def test_gaps_cost_their_share_of_the_hour():
    """A tag that has no row at all was not known for a second."""
    quality = score(TAGS, rows({2: HOUR_MS, 5: HOUR_MS // 4, 9: 0}), defects())
    assert quality.score.tolist() == [100, 25, 0]
    assert quality.causes(1) == {Cause.GAP: 2700}
    assert quality.causes(2) == {Cause.GAP: 3600}


@pytest.mark.parametrize(
    ("cause", "amount", "severity"),
    [
        (Cause.FROZEN, 1800, 0.5),
        (Cause.UNIT_MISMATCH, 3600, 1),
        (Cause.OUT_OF_RANGE, 25, 0.25),
        (Cause.CLOCK_SKEW, 100, 1),
        (Cause.CLOCK_SKEW, 400, 1),
        (Cause.LATE, 50, 0.5),
        (Cause.SPIKE, MANY_SPIKES / 2, 0.5),
        (Cause.SPIKE, 10 * MANY_SPIKES, 1),
    ],
)
def test_each_cause_costs_its_weight_times_its_severity(cause, amount, severity):
    """As documented."""
    quality = score(TAGS, rows(WHOLE), defects((5, cause, amount)))
    assert quality.score.tolist() == pytest.approx([100, 100 * (1 - WEIGHT[cause] * severity), 100])
    assert quality.causes(1) == {cause: amount}


def test_causes_are_told_costliest_first_and_add_up_to_a_whole_hour_at_most():
    """A tag that is missing and frozen is not worth less than nothing."""
    found = defects((2, Cause.LATE, 100), (2, Cause.FROZEN, 3600), (2, Cause.SPIKE, 1), (9, Cause.SPIKE, 1))
    quality = score(TAGS, rows(WHOLE | {2: HOUR_MS // 2}), found)
    assert quality.score[0] == 0
    assert list(quality.causes(0)) == [Cause.FROZEN, Cause.GAP, Cause.LATE, Cause.SPIKE]


def test_readings_that_were_never_stored_count_too():
    """All readings of a tag were refused: no row counts any of them."""
    quality = score(TAGS, rows(WHOLE, count=0), defects((5, Cause.CLOCK_SKEW, 9)))
    assert quality.score[1] == pytest.approx(70)


def test_what_costs_next_to_nothing_is_no_defect():
    """A second without a value, as at a birth."""
    quality = score(TAGS, rows(WHOLE | {5: HOUR_MS - 1000}), defects())
    assert not quality.defective.any()
    assert quality.causes(1, least=CLEAN) == {}
    assert quality.take(np.array([1])).causes(0) == {Cause.GAP: 1}


AMOUNTS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(Cause), st.floats(0, 1e5)).filter(lambda row: row[1] != Cause.GAP)
)


@given(AMOUNTS, st.dictionaries(st.integers(0, 9), st.integers(0, HOUR_MS)), st.integers(0, 10_000))
def test_scores_stay_within_0_and_100_and_more_defects_never_help(found, good, count):
    """Whatever is counted."""
    hour_rows = rows(dict(sorted(good.items())), count)
    quality = score(TAGS, hour_rows, defects(*found))
    assert ((quality.score >= 0) & (quality.score <= 100)).all()
    assert (score(TAGS, hour_rows, defects(*found, (5, Cause.SPIKE, 2))).score <= quality.score).all()
