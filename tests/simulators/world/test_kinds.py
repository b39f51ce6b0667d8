from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.world import engine, plan
from simulators.world.stores import Taken


@pytest.fixture(scope="module")
def minsk(gypsum):
    """A site that has nearly every kind."""
    return gypsum.world("minsk")


def _stage(world, kind: str):
    """The kind, its state and calm inputs at full work."""
    fixed, state = world.fixed, world.state
    rows = fixed.roster.slices[kind]
    ones = np.ones(len(state.machines.state))
    draws = world._dice.draw()
    calm = replace(draws, normal=np.zeros_like(draws.normal), uniform=np.full_like(draws.uniform, 0.5))
    assigned = plan.assign(fixed.plan, state.plan)
    inputs = engine._inputs(fixed, state, assigned, ones, fixed.weather.sky(state.weather, state.time_ms), calm, 10.0)
    return fixed.kinds[kind], state.kinds[kind], inputs[kind], ones[rows]


def _taken(amount, label=0.0) -> Taken:
    return Taken(amount, 0.0 * amount, 0.0 * amount + label, 0.0 * amount)


def test_stucco_is_what_the_formula_says(minsk) -> None:
    """Stucco = feed (1 - w) (1 - 0.1569 p a) with the kettle's own moisture, purity and conversion."""
    kind, state, inputs, ones = _stage(minsk, "calciner")
    _, out = kind.step(state, inputs, _taken(0.1 * ones, label=0.03))
    purity, a = kind.purity + state.purity_off, out.shown["conversion"] / 100.0
    assert out.made == pytest.approx(0.1 * 0.97 * (1.0 - 0.1569 * purity * a), rel=1e-12)


def test_a_hotter_kettle_converts_more_and_sets_faster(minsk) -> None:
    """Quality follows from process."""
    kind, state, inputs, ones = _stage(minsk, "calciner")
    cold, hot = (
        kind.step(replace(state, product_c=c * ones), inputs, _taken(0.1 * ones))[1].shown for c in (148.0, 160.0)
    )
    assert (hot["conversion"] > cold["conversion"]).all()
    assert (hot["setting_time"] < cold["setting_time"]).all()


def test_wet_stone_and_cold_air_cost_gas(minsk) -> None:
    """Winter raises the mill's gas; the dry mass is kept whatever the water."""
    kind, state, inputs, ones = _stage(minsk, "dryer_mill")
    _, mild = kind.step(state, replace(inputs, stone_moisture=0.03 * ones), _taken(0.1 * ones))
    _, wet = kind.step(state, replace(inputs, stone_moisture=0.05 * ones), _taken(0.1 * ones))
    _, cold = kind.step(
        state, replace(inputs, stone_moisture=0.03 * ones, air_c=inputs.air_c - 30.0), _taken(0.1 * ones)
    )
    assert (wet.gas_m3h > mild.gas_m3h).all()
    assert (cold.gas_m3h > mild.gas_m3h).all()
    assert wet.made * (1.0 - wet.label) == pytest.approx(0.1 * 0.95)
    assert mild.made * (1.0 - mild.label) == pytest.approx(0.1 * 0.97)


@pytest.mark.parametrize("kind_name", ["crusher", "dryer_mill"])
def test_wear_shows_as_vibration(minsk, kind_name: str) -> None:
    """A worn machine shakes more than a new one, within its span."""
    kind, state, inputs, ones = _stage(minsk, kind_name)
    new, worn = (
        kind.step(state, replace(inputs, wear=w * ones), _taken(0.1 * ones))[1].shown["vibration"] for w in (0.0, 1.0)
    )
    assert (worn > 1.3 * new).all()


def test_a_light_bag_is_rejected(minsk) -> None:
    """The checkweigher throws out more as the mean mass leaves the nominal one, on either side."""
    kind, state, inputs, ones = _stage(minsk, "packer")
    nominal = inputs.set_points["bag_mass_sp"] - 0.05
    shares = []
    for off in (-0.3, 0.0, 0.3):
        moved = replace(inputs, set_points={"bag_mass_sp": nominal + off}, ran_s=1e6 * ones)
        out = kind.step(replace(state, drift_kg=0.0 * ones), moved, _taken(0.08 * ones))[1]
        shares.append(float((out.reject / out.produced).mean()))
    assert shares[0] > 0.4
    assert shares[2] > 0.4
    assert shares[1] < 0.01


def test_start_up_makes_scrap(minsk) -> None:
    """The first boards after a start are mostly scrap, later ones hardly."""
    kind, state, inputs, ones = _stage(minsk, "board_former")
    shares = []
    for ran_s in (5.0, 1_800.0):
        out = kind.step(state, replace(inputs, ran_s=ran_s * ones), _taken(ones))[1]
        shares.append(float((out.bad / out.made).mean()))
    assert shares[0] > 0.5
    assert shares[1] < 0.02


def test_a_former_without_stucco_makes_nothing(minsk) -> None:
    """Boards need about 7 kg of stucco a m2."""
    kind, state, inputs, ones = _stage(minsk, "board_former")
    wanted = kind.demand(state, inputs)
    half = kind.step(state, inputs, _taken(0.5 * wanted))[1]
    assert kind.step(state, inputs, _taken(0.0 * ones))[1].made == pytest.approx(0.0)
    assert half.made == pytest.approx(0.5 * wanted * 1000.0 / kind.stucco_kg_m2)


def test_a_mixer_weighs_what_is_set(minsk) -> None:
    """Weights scatter by parts of a per cent about their set points, and a written set point changes the batch."""
    kind, state, inputs, ones = _stage(minsk, "dosing_mixer")
    doubled = {**inputs.set_points, "lime_mass_sp": 2.0 * inputs.set_points["lime_mass_sp"]}
    full = replace(state, mixed_t=10.0 * ones)
    after, out = kind.step(full, replace(inputs, set_points=doubled), _taken(0.1 * ones))
    assert out.shown["lime_mass"] == pytest.approx(doubled["lime_mass_sp"], rel=0.01)
    assert (out.made > 0.0).all()
    assert after.batches == pytest.approx(state.batches + 1)


def test_a_silo_keeps_its_books(minsk) -> None:
    """Level is what was there, plus what came, minus what went."""
    kind, state, inputs, ones = _stage(minsk, "silo")
    taken = Taken(2.0 * ones, 0.0 * ones, 0.0 * ones, 0.5 * ones)
    out = kind.step(state, inputs, taken)[1]
    assert out.shown["mass"] == pytest.approx(inputs.stock + 1.5)
    assert out.shown["level"] == pytest.approx(100.0 * (inputs.stock + 1.5) / kind.capacity)


def test_a_compressor_that_stops_loses_its_pressure(minsk) -> None:
    """The receiver empties through its leaks and uses are served by the others."""
    kind, state, inputs, ones = _stage(minsk, "compressor")
    for _ in range(400):
        state, out = kind.step(state, replace(inputs, running=0.0 * ones), _taken(0.0 * ones))
    assert (out.shown["pressure"] < 1.0).all()
    assert (out.power_kw < 0.05 * kind.power_kw).all()
