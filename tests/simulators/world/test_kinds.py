from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.world import engine, grade, plan
from simulators.world.influence import Influences
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
    sky = fixed.weather.sky(state.weather, state.time_ms)
    task = engine.Task(assigned, assigned, Influences.none(len(ones)))
    inputs = engine._inputs(fixed, state, task, ones, sky, calm, 10.0)
    return fixed.kinds[kind], state.kinds[kind], inputs[kind], ones[rows]


def _taken(amount, moisture=0.0, setting=1.0) -> Taken:
    zero = 0.0 * amount
    return Taken(amount, zero, moisture * amount, zero, zero, grade.of(amount, setting * (zero + 1.0), zero, zero))


def test_stucco_is_what_chemistry_says(minsk) -> None:
    """Inert rock stays, gypsum becomes hemihydrate mole for mole (145.15 of 172.17 g) or stays raw, water goes."""
    kind, state, inputs, ones = _stage(minsk, "calciner")
    _, out = kind.step(state, inputs, _taken(0.1 * ones, moisture=0.03))
    purity, a = kind.purity + state.purity_off, out.shown["conversion"] / 100.0
    of_dry = (1.0 - purity) + purity * (1.0 - a) + purity * a * 145.15 / 172.17
    assert out.made == pytest.approx(0.097 * of_dry, rel=2e-4)
    assert out.evaporated == pytest.approx(0.003)


def test_a_cold_kettle_leaves_raw_stone_that_sets_early(minsk) -> None:
    """Hotter stucco is more converted; raw crystals are seeds, so the colder one sets faster."""
    kind, state, inputs, ones = _stage(minsk, "calciner")
    cold, usual = (
        kind.step(_at(state, c * ones), inputs, _taken(0.1 * ones))[1].shown for c in (148.0, 155.0)
    )  # fmt: skip
    assert (usual["conversion"] > cold["conversion"] + 5.0).all()
    assert (usual["setting_time"] > cold["setting_time"]).all()


def test_impure_stone_sets_late(minsk) -> None:
    """5 % less gypsum: the stucco sets later."""
    kind, state, inputs, ones = _stage(minsk, "calciner")
    pure, impure = (
        kind.step(state, inputs._replace(impurity=x * ones), _taken(0.1 * ones))[1].shown["setting_time"]
        for x in (0.0, 0.05)
    )
    assert (impure > 1.15 * pure).all()


def test_stucco_that_sets_late_slows_the_lines(minsk) -> None:
    """Former and moulder wait for what they work with, whatever the stone is by now; a little late is no matter."""
    for name, shown, sign in (("board_former", "line_speed", -1.0), ("block_moulder", "cycle_time", 1.0)):
        kind, state, inputs, _ = _stage(minsk, name)
        last = []
        for setting in (1.0, 1.1, 1.25):
            now = state
            for _ in range(120):
                now, out = kind.step(now, inputs, _taken(kind.demand(now, inputs), setting=setting))
            last.append(out.shown[shown])
        assert last[1] == pytest.approx(last[0]), name
        assert (sign * (last[2] - last[0]) > 0.03 * last[0]).all(), name


def _at(state, heat_c):
    return replace(state, fire=replace(state.fire, heat_c=heat_c))


def test_wet_stone_and_cold_air_cost_gas(minsk) -> None:
    """Winter raises the mill's gas; the dry mass is kept whatever the water."""
    kind, state, inputs, ones = _stage(minsk, "dryer_mill")
    outs = []
    for moisture, colder_k in ((0.03, 0.0), (0.05, 0.0), (0.03, 30.0)):
        now, weather = state, inputs._replace(stone_moisture=moisture * ones, air_c=inputs.air_c - colder_k)
        for _ in range(12):
            now, out = kind.step(now, weather, _taken(0.1 * ones))
        outs.append(out)
    mild, wet, cold = outs
    assert (wet.gas_m3h > mild.gas_m3h).all()
    assert (cold.gas_m3h > mild.gas_m3h).all()
    assert wet.made - wet.water == pytest.approx(0.1 * 0.95)
    assert mild.made - mild.water == pytest.approx(0.1 * 0.97)


@pytest.mark.parametrize(
    ("kind_name", "set_point", "shown", "by_k"),
    [
        ("dryer_mill", "outlet_temperature_sp", "outlet_temperature", 10.0),
        ("calciner", "product_temperature_sp", "product_temperature", 6.0),
        ("board_dryer", "zone2_temperature_sp", "zone2_temperature", 10.0),
        ("block_dryer", "zone2_temperature_sp", "zone2_temperature", 8.0),
    ],
)
def test_a_new_set_point_makes_no_jump(minsk, kind_name: str, set_point: str, shown: str, by_k: float) -> None:
    """Temperature and gas go there smoothly, the gas first, and arrive without running away."""
    kind, state, inputs, _ = _stage(minsk, kind_name)
    if kind_name.endswith("_dryer"):
        feed = _taken(kind.rate.at(0.6) * inputs.dt_h, moisture=kind.wet_t)
    else:
        feed = _taken(kind.demand(state, inputs), moisture=0.02)
    for _ in range(60):
        state, before = kind.step(state, inputs, feed)
    raised = inputs._replace(set_points={**inputs.set_points, set_point: inputs.set_points[set_point] + by_k})
    degrees, gas = [before.shown[shown]], [before.gas_m3h]
    for _ in range(1_500):
        state, out = kind.step(state, raised, feed)
        degrees.append(out.shown[shown])
        gas.append(out.gas_m3h)
    rises = np.diff(np.array(degrees), axis=0)
    assert (rises.max(axis=0) < 0.15 * by_k).all()
    assert (gas[6] > gas[0]).all()
    assert degrees[-1] == pytest.approx(raised.set_points[set_point], abs=0.06 * by_k)
    assert (np.array(degrees).max(axis=0) < raised.set_points[set_point] + 0.2 * by_k).all()


def test_less_gas_pressure_cools_the_kettle_and_cuts_its_feed(minsk) -> None:
    """At a third of the pressure the burner cannot hold the product: it cools, more stays raw, the feeder is cut."""
    kind, state, inputs, ones = _stage(minsk, "calciner")
    weak = inputs._replace(gas_supply=0.3 * ones)
    begun = state
    for _ in range(180):
        state, out = kind.step(state, weak, _taken(kind.demand(state, weak)))
    assert (out.shown["product_temperature"] < 150.0).all()
    assert (out.shown["conversion"] < 97.0).all()
    assert (state.feed_t_h < 0.75 * begun.feed_t_h).all()
    assert (out.gas_m3h <= 0.3 * kind.firing.rated_m3h * 1.001).all()


@pytest.mark.parametrize(("kind_name", "least_h", "most_h"), [("board_dryer", 40 / 60, 1.0), ("block_dryer", 22, 26)])
def test_goods_leave_a_dryer_by_lot_a_lag_later(minsk, kind_name: str, least_h: float, most_h: float) -> None:
    """Boards leave 40 to 60 minutes after the wet knife and blocks about a day after casting, with their lot."""
    kind, state, inputs, ones = _stage(minsk, kind_name)
    zero, goods = 0.0 * ones, kind.rate.at(0.6) * inputs.dt_h
    came, left = [], []
    for step in range(round(most_h * 360.0) + 30):
        label = zero + (7.0 if 10 <= step < 40 else 3.0)
        state, out = kind.step(state, inputs, Taken(goods, zero, goods * kind.wet_t, label, zero, grade.usual(zero)))
        came.append(label == 7.0)
        left.append(out.label == 7.0)
    lag_h = (np.argmax(np.array(left), axis=0) - np.argmax(np.array(came), axis=0)) / 360.0
    assert ((lag_h >= least_h) & (lag_h <= most_h)).all()


def test_boards_leave_a_hot_dryer_drier_and_a_full_one_wetter(minsk) -> None:
    """Moisture follows zone temperatures and load: the water that really left on the way through."""
    kind, state, inputs, ones = _stage(minsk, "board_dryer")
    usual = kind.rate.at(0.6)

    def outlet(hotter_k: float, load: float) -> np.ndarray:
        sets = {key: value + hotter_k for key, value in inputs.set_points.items()}
        now, step = state, inputs._replace(set_points=sets)
        boards = load * usual * inputs.dt_h
        came = Taken(boards, 0.0 * ones, boards * kind.wet_t, 0.0 * ones, 0.0 * ones, grade.usual(0.0 * ones))
        for _ in range(380):
            now, out = kind.step(now, step, came)
        return out.shown["outlet_moisture"]

    norm = outlet(0.0, 1.0)
    assert norm == pytest.approx(0.6 * ones, rel=0.1)
    assert (outlet(8.0, 1.0) < 0.8 * norm).all()
    assert (outlet(0.0, 1.15) > 1.05 * norm).all()


def test_boards_that_stand_in_a_hot_dryer_are_overdried(minsk) -> None:
    """After a jam the boards inside have lost nearly all their water, and half of them are scrap."""
    kind, state, inputs, ones = _stage(minsk, "board_dryer")
    jam = inputs._replace(running=0.0 * ones)
    for _ in range(90):
        state, _ = kind.step(state, jam, _taken(0.0 * ones))
    for _ in range(30):
        state, out = kind.step(state, inputs, _taken(0.0 * ones))
    assert (out.shown["outlet_moisture"] < 0.25).all()
    assert (out.bad >= 0.5 * out.made).all()


@pytest.mark.parametrize("kind_name", ["crusher", "dryer_mill"])
def test_wear_shows_as_vibration(minsk, kind_name: str) -> None:
    """A worn machine shakes more than a new one, within its span."""
    kind, state, inputs, ones = _stage(minsk, kind_name)
    new, worn = (
        kind.step(state, inputs._replace(wear=w * ones), _taken(0.1 * ones))[1].shown["vibration"] for w in (0.0, 1.0)
    )
    assert (worn > 1.3 * new).all()


def test_a_light_bag_is_rejected(minsk) -> None:
    """The checkweigher throws out more as the mean mass leaves the nominal one, on either side."""
    kind, state, inputs, ones = _stage(minsk, "packer")
    nominal = inputs.set_points["bag_mass_sp"] - 0.05
    shares = []
    for off in (-0.3, 0.0, 0.3):
        moved = inputs._replace(set_points={"bag_mass_sp": nominal + off}, ran_s=1e6 * ones)
        out = kind.step(replace(state, drift_kg=0.0 * ones), moved, _taken(0.08 * ones))[1]
        shares.append(float((out.reject / out.produced).mean()))
    assert shares[0] > 0.4
    assert shares[2] > 0.4
    assert shares[1] < 0.01


def test_a_scale_shows_bags_one_by_one(minsk) -> None:
    """The mass shown is that of the last bag, stays between two bags, and scatters by about 90 g about 30.05 kg."""
    kind, state, inputs, ones = _stage(minsk, "packer")
    rng, shown = np.random.default_rng(3), []
    for _ in range(3_000):
        drawn = inputs._replace(dt_s=1.0, normal=rng.standard_normal(inputs.normal.shape))
        state, out = kind.step(state, drawn, _taken(kind.demand(state, drawn)))
        shown.append(out.shown["bag_mass"] - inputs.set_points["bag_mass_sp"])
    masses = np.array(shown)
    assert (np.diff(masses, axis=0) == 0.0).mean() > 0.5
    assert ((masses.std(axis=0) > 0.07) & (masses.std(axis=0) < 0.11)).all()
    assert (abs(masses.mean(axis=0)) < 0.1 * ones).all()


def test_start_up_makes_scrap(minsk) -> None:
    """The first boards after a start are mostly scrap, later ones hardly."""
    kind, state, inputs, ones = _stage(minsk, "board_former")
    shares = []
    for ran_s in (5.0, 1_800.0):
        out = kind.step(state, inputs._replace(ran_s=ran_s * ones), _taken(ones))[1]
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
    after, out = kind.step(full, inputs._replace(set_points=doubled), _taken(0.1 * ones))
    assert out.shown["lime_mass"] == pytest.approx(doubled["lime_mass_sp"], rel=0.01)
    assert (out.made > 0.0).all()
    assert after.batches == pytest.approx(state.batches + 1)


def test_batches_do_not_depend_on_the_step(minsk) -> None:
    """What is left over when a batch is full goes into the next one, so batches weigh what is set."""
    kind, state, inputs, ones = _stage(minsk, "dosing_mixer")
    begun, made = state, 0.0 * ones
    for _ in range(400):
        state, out = kind.step(state, inputs, _taken(kind.demand(state, inputs)))
        made = made + out.made
    batches = state.batches - begun.batches
    assert made == pytest.approx(batches * kind.batch_kg / 1000.0)
    assert batches == pytest.approx(4_000.0 / (kind.cycle_s / 0.97), abs=1.0)


def test_a_silo_keeps_its_books(minsk) -> None:
    """Level is what was there, plus what came, minus what went."""
    kind, state, inputs, ones = _stage(minsk, "silo")
    taken = Taken(2.0 * ones, 0.0 * ones, 0.0 * ones, 0.0 * ones, 0.5 * ones, grade.usual(2.0 * ones))
    out = kind.step(state, inputs, taken)[1]
    assert out.shown["mass"] == pytest.approx(inputs.stock + 1.5)
    assert out.shown["level"] == pytest.approx(100.0 * (inputs.stock + 1.5) / kind.capacity)


def test_a_compressor_that_stops_loses_its_pressure(minsk) -> None:
    """The receiver empties through its leaks and uses are served by the others."""
    kind, state, inputs, ones = _stage(minsk, "compressor")
    for _ in range(400):
        state, out = kind.step(state, inputs._replace(running=0.0 * ones), _taken(0.0 * ones))
    assert (out.shown["pressure"] < 1.0).all()
    assert kind.WORK.stopped < 0.05, "and its drive takes next to nothing"
