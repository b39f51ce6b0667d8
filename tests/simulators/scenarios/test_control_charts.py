"""Control charts of what a simulated plant publishes: a drift calls before the specification is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import MINUTE_MS, TierColumns
from plant.model.enterprise import Control
from plant.spc.study import Study, points, study

PACKER = "dry-mix-2/packer"
WARM_MIN, MINUTES = 300, 130
STEPS_A_MINUTE = 6


def minutes(values: NDArray[np.float64]) -> TierColumns:
    """Minute rows of what was told step by step."""
    table = values[: len(values) // STEPS_A_MINUTE * STEPS_A_MINUTE].reshape(-1, STEPS_A_MINUTE)
    count = len(table)
    whole = np.where(np.isnan(table).any(axis=1), 0, MINUTE_MS)
    return TierColumns(
        np.zeros(count, np.int32),
        np.arange(count) * MINUTE_MS,
        table.mean(axis=1),
        table.min(axis=1),
        table.max(axis=1),
        table[:, -1],
        np.full(count, STEPS_A_MINUTE),
        whole.astype(np.int64),
    )


def charted(seen, control: Control) -> Study:
    """The chart of the packer's bags."""
    parts = [minutes(seen.values[f"{PACKER}/{key}"]) for key in ("bag_mass", "state", "bag_mass_sp")]
    found = study(control, points(control, *parts))
    assert found is not None
    return found


def test_a_drift_of_bag_mass_calls_before_the_specification_is_left(play, gypsum) -> None:
    """Within the first hour of the drift, while the mean is still in; a day without it is calm."""
    packer = next(unit for unit in gypsum.enterprise.site("chelyabinsk").units if unit.ref == PACKER)
    (control,) = (metric.control for metric in packer.metrics if metric.key == "bag_mass")
    options = {"warm_min": WARM_MIN}
    drifting = charted(play("quality_drift", "chelyabinsk", MINUTES, targets=f"packer={PACKER}", **options), control)
    calm = charted(play("normal_day", "chelyabinsk", MINUTES, **options), control)
    assert not calm.calls.any()
    first = int(np.flatnonzero(drifting.calls)[0])
    begun_min = drifting.time[first] / MINUTE_MS - WARM_MIN
    assert 0 < begun_min < 100
    left = np.flatnonzero(drifting.charts.location.points < control.lower)
    assert len(left)
    assert first < left[0], "the specification is left later"
