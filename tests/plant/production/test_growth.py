"""Counters: increases belong to the time in which they happened, and none is lost or invented."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.packml import State
from plant.production.corrections import Correction, touching
from plant.production.elements import Element
from plant.readings import GOOD, STALE

HOUR = 3_600


def _produced(plant, made) -> dict[int, float]:
    """Produced quantity of the packing line by minute."""
    mine = made.minutes.take((made.minutes.line == plant.line("packs")) & (made.minutes.produced != 0))
    return {int(time): float(amount) for time, amount in zip(mine.time, mine.produced, strict=True)}


def _packing(plant) -> None:
    plant.runs("packs/packer", "packs-00003", "bag")
    plant.count(-10, "produced", 100.0, "packs/packer")


def test_an_increase_belongs_to_the_minute_before_it_is_told(plant, at) -> None:
    """What is read on the stroke of a minute was made in the minute before."""
    _packing(plant)
    for second, value in ((30, 101.0), (60, 102.0), (61, 104.0)):
        plant.count(second, "produced", value, "packs/packer")
    assert _produced(plant, plant.make(HOUR)) == {at(0): 2.0, at(60): 2.0}


@pytest.mark.parametrize(
    ("before", "after", "grew"),
    [(999_990.0, 5.0, 15.0), (500.0, 20.0, 20.0), (500.0, 400.0, 0.0), (500.0, 500.0, 0.0)],
    ids=["roll-over", "reset", "replacement", "standstill"],
)
def test_counters_start_again(plant, at, before: float, after: float, grew: float) -> None:
    """A roll-over goes on counting, a reset counts from 0, another meter counts from its first reading."""
    plant.runs("packs/packer", "packs-00003", "bag")
    plant.count(-10, "produced", before, "packs/packer")
    plant.count(30, "produced", after, "packs/packer")
    assert _produced(plant, plant.make(HOUR)) == ({at(0): grew} if grew else {})


def test_what_grew_while_nobody_could_hear_is_spread_over_that_time(plant, at) -> None:
    """Ten minutes without data and 20 t more afterwards: 2 t a minute, in unknown time; nothing before and after."""
    _packing(plant)
    plant.count(120, "produced", 110.0, "packs/packer")
    plant.count(300, "produced", np.nan, "packs/packer", STALE)
    plant.state(300, State.EXECUTE, "packs/packer", STALE)
    plant.count(900, "produced", 130.0, "packs/packer")
    plant.state(900, State.EXECUTE, "packs/packer")
    made = plant.make(HOUR)
    expected = {at(60): 10.0} | {at(300 + 60 * minute): 2.0 for minute in range(10)}
    assert _produced(plant, made) == pytest.approx(expected)
    assert plant.seconds(made, "element", "packs") == {Element.APT: 3000, Element.UNKNOWN: 600}


def test_time_in_which_nobody_watched_is_no_different(plant, at) -> None:
    """Without a stale mark, but nobody watched: the increase is spread from the beginning of that time."""
    _packing(plant)
    plant.count(120, "produced", 110.0, "packs/packer")
    plant.unwatched.append((plant.unit("packs/packer"), at(300), at(900)))
    plant.count(900, "produced", 130.0, "packs/packer")
    expected = {at(60): 10.0} | {at(300 + 60 * minute): 2.0 for minute in range(10)}
    assert _produced(plant, plant.make(HOUR)) == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 400), st.floats(0, 9, width=32), st.booleans()), min_size=1, max_size=30)
)
def test_counts_in_are_counts_out(new_plant, steps: list[tuple[int, float, bool]]) -> None:
    """The minutes hold exactly what the counter grew by, wherever its quality was lost."""
    plant = new_plant()
    _packing(plant)
    second, value, last = 0, 100.0, 100.0
    for wait, grown, good in steps:
        second, value = second + wait, value + grown
        plant.count(second, "produced", value if good else np.nan, "packs/packer", GOOD if good else STALE)
        last = value if good else last
    end = second + 60 - second % 60
    made = plant.make(end)
    assert sum(_produced(plant, made).values()) == pytest.approx(last - 100.0)
    assert made.minutes.produced_ideal_s.sum() == pytest.approx((last - 100.0) * 100.0)


def test_a_correction_adds_and_can_be_told(plant, at) -> None:
    """Six tonnes less over three minutes: two a minute, beside what was counted; the correction itself says why."""
    _packing(plant)
    plant.count(30, "produced", 110.0, "packs/packer")
    entered = Correction("c1", "site/packs", at(0), at(180), -6.0, -6.0, 0.0, "ivanova", "the scale was off")
    plant.corrections.append(entered)
    made = plant.make(HOUR)
    assert _produced(plant, made) == pytest.approx({at(0): 8.0, at(60): -2.0, at(120): -2.0})
    assert made.minutes.good.sum() == pytest.approx(-6.0)
    assert touching(plant.corrections, "site/packs", at(120), at(180)) == [entered]
    assert touching(plant.corrections, "site/packs", at(180), at(240)) == []
