from __future__ import annotations

import pytest

from plant.kpi.consumption import LEAST_POINTS, against, baseline, specific_gas
from plant.kpi.figures import FIGURES
from plant.kpi.sums import Sums

HOUR = 3_600.0


def shift(good: float, gas: float) -> Sums:
    return Sums(frozenset({"t"}), calendar_s=12 * HOUR, apt_s=12 * HOUR, good=good, gas_m3=gas)


def test_consumption_is_per_good_product() -> None:
    """9 000 m3 of gas, 11 000 kWh and 2 m3 of water for 250 t: 36 m3, 44 kWh and 8 litres a tonne."""
    sums = Sums(frozenset({"t"}), apt_s=1, calendar_s=1, good=250, gas_m3=9_000, energy_kwh=11_000, water_m3=2)
    found = [FIGURES[f"specific_{carrier}"].evaluate(sums).value for carrier in ("gas", "energy", "water")]
    assert found == [36, 44, 8]
    assert against(36, 34) == pytest.approx(0.0588, abs=1e-4)
    with pytest.raises(ValueError, match="nothing to compare"):
        against(36, 0)


def test_load_explains_what_a_standing_part_adds() -> None:
    """100 m3 an hour and 30 m3 a tonne: half the load costs more per tonne, and is no waste."""
    base = [shift(good, 12 * 100 + 30 * good) for good in (100, 150, 200, 250, 300)]
    found = baseline(specific_gas, base)
    assert found is not None
    assert (found.standing_per_h, found.per_unit) == pytest.approx((100, 30))
    assert found.expected(shift(300, 0)) == pytest.approx(34)
    assert found.expected(shift(100, 0)) == pytest.approx(42)
    assert against(45, found.expected(shift(100, 0))) == pytest.approx(45 / 42 - 1)
    assert found.expected(shift(0, 0)) == float("inf")


def test_too_few_or_equal_loads_give_no_baseline() -> None:
    """The standing part cannot be told from the rest; idle windows say nothing."""
    idle = Sums(calendar_s=HOUR, not_planned_s=HOUR)
    assert baseline(specific_gas, []) is None
    assert baseline(specific_gas, [shift(100 + each, 5_000) for each in range(LEAST_POINTS - 1)] + [idle]) is None
    assert baseline(specific_gas, [shift(100, 5_000 + each) for each in range(9)]) is None
