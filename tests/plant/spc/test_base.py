from __future__ import annotations

import numpy as np
import pytest

from plant.spc.base import LEAST, stable_base


@pytest.fixture(scope="module")
def stable() -> np.ndarray:
    """A hundred normal values none of which is beyond three sigma."""
    values = np.random.default_rng(11).normal(12.5, 0.06, 100)
    return np.asarray(values)


def test_a_stable_period_gives_limits(stable: np.ndarray) -> None:
    """Nothing is left out of a period without special causes."""
    base = stable_base(stable)
    assert base.stable
    assert len(base.left_out) == 0
    assert np.array_equal(base.values, stable)


def test_single_special_causes_are_left_out(stable: np.ndarray) -> None:
    """A few wild points and missing ones do not widen the limits."""
    values = stable.copy()
    values[[20, 60]] = (13.4, 11.7)
    values[40] = np.nan
    base = stable_base(values)
    assert base.stable
    assert base.left_out.tolist() == [20, 60]
    assert len(base.values) == 97


def test_a_period_that_moved_gives_none(stable: np.ndarray) -> None:
    """A step in the middle is no base: limits of it would hide it for ever."""
    values = stable + np.where(np.arange(100) < 50, 0.0, 0.1)
    base = stable_base(values)
    assert not base.stable
    assert base.reason == "unstable"


def test_too_few_points_give_none(stable: np.ndarray) -> None:
    """Limits need 25 points."""
    assert stable_base(stable[: LEAST - 1]).reason == "few"
    assert stable_base(np.full(100, np.nan)).reason == "few"
