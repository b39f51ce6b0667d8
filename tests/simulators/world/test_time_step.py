from __future__ import annotations

import numpy as np
import pytest

from plant.packml import State
from simulators.world.state import ENERGY, GAS, GOOD, PRODUCED, WATER


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
