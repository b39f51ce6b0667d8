from __future__ import annotations

import numpy as np
import pytest

from plant.packml import State
from simulators.world.state import ENERGY, GAS, GOOD, PRODUCED, WATER

LINES = ("binder-1", "binder-2", "boards")
WATCHED = {"elevator": "throughput", "dryer": "board_rate", "stacker": "board_rate", "former": "stucco_flow"}
SLOW, FAST = 120, 90
"""Steps of 10 s before the seam, and of 1 s behind it."""


def test_short_and_long_steps_make_the_same_plant(gypsum) -> None:
    """A quarter of an hour at 1 s and at 10 s agree on output, gas, water and power of all sites to a tenth."""
    sums = []
    for dt_s in (1.0, 10.0):
        world = gypsum.world()
        begin, executing = world.state.totals, []
        for _ in range(round(900.0 / dt_s)):
            world.step(dt_s)
            executing.append((world.state.machines.state == State.EXECUTE).mean())
        slices, used = world.fixed.roster.slices, world.state.totals - begin
        sums.append(
            np.array(
                [
                    used[GOOD, slices["calciner"]].sum(),
                    used[GOOD, slices["packer"]].sum(),
                    used[PRODUCED, slices["board_former"]].sum(),
                    used[GOOD, slices["block_dryer"]].sum(),
                    used[ENERGY, : slices["meter"].start].sum(),
                    used[GAS, : slices["meter"].start].sum(),
                    used[WATER, : slices["meter"].start].sum(),
                    np.mean(executing),
                ]
            )
        )
    assert sums[0] == pytest.approx(sums[1], rel=0.1)


def _over_the_seam(gypsum, seed: int) -> np.ndarray | None:
    """Flows of some machines over the seam, shape (steps, flows); None when one of them starts or stops about it."""
    world = gypsum.world("voskresensk", seed=seed)
    units = [unit for unit in gypsum.enterprise.site("voskresensk").units if unit.line in LINES]
    flows = [gypsum.tags.of_unit(unit)[WATCHED[unit.slug]].index for unit in units if unit.slug in WATCHED]
    rows = [world.fixed.roster.row[unit.path] for unit in units]
    shown, states = [], []
    for dt_s in [10.0] * SLOW + [1.0] * FAST:
        world.step(dt_s)
        shown.append(world.values()[flows])
        states.append(world.state.machines.state[rows])
    calm = (np.array(states[SLOW - 30 :]) == states[-1]).all()
    return np.array(shown) if calm else None


def test_nothing_jumps_where_the_step_changes(gypsum) -> None:
    """From history at 10 s to live at 1 s flows go on: no running elevator, former, dryer or stacker spikes."""
    seen = next(each for each in (_over_the_seam(gypsum, seed) for seed in range(5, 15)) if each is not None)
    before, after = seen[SLOW - 30 : SLOW], seen[SLOW:]
    assert seen.shape[1] == 5
    assert (after.max(axis=0) < 1.15 * before.max(axis=0)).all()
    assert (after.min(axis=0) > 0.85 * before.min(axis=0)).all()
