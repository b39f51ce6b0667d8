"""What drives take."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.world.energy import Drives

DRIVES = Drives(rated_kw=np.array([100.0, 0.0]), standing=np.array([0.4, 0.0]), stopped=np.array([0.05, 0.0]))


@pytest.mark.parametrize(("running", "load", "kw"), [(1.0, 0.0, 40.0), (1.0, 1.0, 100.0), (0.0, 0.7, 5.0)])
def test_power_has_a_standing_part_and_goes_with_load(running: float, load: float, kw: float) -> None:
    """Nothing is taken without drives, a little by drives that are stopped, whatever lies on them."""
    assert DRIVES.power_kw(np.full(2, running), np.full(2, load)).tolist() == pytest.approx([kw, 0.0])
