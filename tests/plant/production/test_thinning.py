"""What is left of readings makes the same minutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from told_plant import Plant, fresh, ms

from plant.production.production import production
from plant.production.thinning import lot_changes, thinned
from plant.readings import BAD, GOOD


def told(seed: int) -> Plant:
    """An hour and a half: boards at random in lots that are dried later, counters that fall and that lose quality."""
    rng = np.random.default_rng(seed)
    plant = fresh()
    plant.runs()
    for lot, second in enumerate(np.sort(rng.integers(0, 5400, 12)).tolist()):
        plant.text(second, "lot", f"lot-{lot}")
        plant.text(second + 700, "lot", f"lot-{lot}", "boards/stacker")
    for metric, ref in (("produced", "boards/former"), ("good", "boards/stacker"), ("gas", "boards/dryer")):
        value = 0.0
        for second in np.sort(rng.integers(0, 5400, 900)).tolist():
            value = 0.0 if rng.random() < 0.003 else value + float(rng.integers(0, 4))
            plant.count(second, metric, value, ref, quality=BAD if rng.random() < 0.02 else GOOD)
    return plant


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), first=st.integers(0, 80), length=st.integers(1, 10))
def test_the_minutes_are_the_same(seed: int, first: int, length: int) -> None:
    """Whatever lots, falls and losses there are before, in and after them, within rounding."""
    plant = told(seed)
    start, end = ms(60 * first), ms(60 * (first + length))
    whole = plant.told(0, 5400)
    readings = whole.counters.latest_written()
    few = replace(whole, counters=thinned(readings, lot_changes(plant.table, whole.events), start, end))
    assert len(few.counters) < len(readings)
    made, again = (production(plant.table, plant.reasons, each, start, end).minutes for each in (whole, few))
    assert len(made) == len(again)
    for name, column in made.arrays.items():
        np.testing.assert_allclose(again.arrays[name], column, rtol=1e-9, atol=1e-9, err_msg=name)
