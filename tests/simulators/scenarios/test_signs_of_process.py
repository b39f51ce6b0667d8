"""What each scenario of the process must look like to somebody who sees the published data alone."""

from __future__ import annotations

import numpy as np

from plant.packml import Mode, State

BEFORE = (-5.0, 0.0)


def rejected(seen, line: str, begin: float, end: float) -> float:
    """Share of rejects of what a unit counted."""
    good, bad = (seen.rise(f"{line}/{counter}_total", begin, end) for counter in ("good", "reject"))
    return bad / (good + bad)


def test_normal_day(play) -> None:
    """On a normal day most machines work, and nothing is said of gas, power or quality."""
    seen = play("normal_day", "chelyabinsk", 80)
    states = [seen.of(ref, 0, 80) for ref in seen.values if ref.endswith("/state")]
    assert np.mean(np.array(states) == State.EXECUTE) > 0.75
    assert all("utilities" not in seen.said(ref, 0, 80) for ref in seen.texts if ref.endswith("/reason"))


def test_gas_pressure_drop(play) -> None:
    """Pressure, gas, product temperature, conversion and stucco rate fall together and come back together."""
    seen, plain = play("gas_pressure_drop", "chelyabinsk", 80, stretch=0.5), play("normal_day", "chelyabinsk", 80)
    for ref, most in {
        "utilities/gas-intake/pressure": 0.6,
        "binder-1/calciner/gas_flow": 0.75,
        "binder-1/calciner/product_temperature": 0.96,
        "binder-1/calciner/conversion": 0.9,
        "binder-1/calciner/stucco_rate": 0.9,
    }.items():
        assert seen.mean(ref, 25, 45) < most * plain.mean(ref, 25, 45), ref
        assert abs(seen.mean(ref, 70, 80) / plain.mean(ref, 70, 80) - 1.0) < 0.1, ref


def test_starved_by_quarry(play) -> None:
    """Crusher, mill and calciner stop one after the other for want of material, and start again by themselves."""
    seen = play("starved_by_quarry", "orenburg", 155, stretch=0.55)
    assert set(seen.of("quarry/shovel/state", 20, 130)) == {State.HELD}
    stops = []
    for unit in ("stone/crusher-1", "binder-1/mill", "binder-1/calciner"):
        suspended = seen.of(f"{unit}/state", 0, 132) == State.SUSPENDED
        assert suspended[-1], unit
        assert "material" in seen.said(f"{unit}/reason", 128, 132), unit
        stops.append(int(np.argmax(suspended)))
        assert seen.of(f"{unit}/state", 150, 155)[-1] == State.EXECUTE, unit
    assert stops == sorted(stops)
    stock = sum(seen.of(f"binder-1/silo-{i}/mass", 0, 155) for i in (1, 2, 3, 4))
    assert stock[132 * 6] < stock[122 * 6]


def test_bearing_wear(play) -> None:
    """Vibration rises past its limits, the mill aborts, the calciner starves, the repair takes the vibration away."""
    seen = play("bearing_wear", "chelyabinsk", 150, stretch=0.4)
    vibration = [seen.mean("binder-1/mill/vibration", at, at + 10) for at in (0, 40, 65, 85)]
    assert vibration == sorted(vibration)
    assert seen.of("binder-1/mill/vibration", 88, 96).max() > 11.2
    assert set(seen.of("binder-1/mill/state", 97, 125)) == {State.ABORTED}
    assert Mode.MAINTENANCE in seen.of("binder-1/mill/mode", 102, 125)
    assert seen.said("binder-1/mill/reason", 97, 125) == {"mechanical"}
    assert seen.of("binder-1/calciner/state", 124, 125)[0] == State.SUSPENDED
    assert seen.said("binder-1/calciner/reason", 124, 125) == {"material"}
    assert seen.of("binder-1/mill/state", 148, 150)[-1] == State.EXECUTE
    assert 0.5 < seen.mean("binder-1/mill/vibration", 145, 150) < 1.2 * vibration[0]


def test_board_break(play) -> None:
    """The former stands, the dryer delivers on and overdries, the start makes scrap that arrives with its lot."""
    seen = play("board_break", "absalyamovo", 110)
    assert set(seen.of("boards/former/state", 6, 34)) == {State.ABORTED}
    assert seen.said("boards/former/reason", 6, 34) == {"process"}
    assert seen.rise("boards/former/produced_total", 7, 34) == 0.0
    assert seen.rise("boards/stacker/good_total", 7, 34) > 500.0
    assert seen.of("boards/dryer/outlet_moisture", 30, 60).min() < 0.5 * seen.mean(
        "boards/dryer/outlet_moisture", *BEFORE
    )
    assert rejected(seen, "boards/stacker", 86, 98) > 5.0 * rejected(seen, "boards/stacker", *BEFORE)


def test_dryer_jam(play) -> None:
    """The dryer stands, the former has no room, the stacker no boards; then what stood inside is overdried scrap."""
    seen = play("dryer_jam", "absalyamovo", 90)
    for unit, state, reason in (
        ("dryer", State.ABORTED, "mechanical"),
        ("former", State.SUSPENDED, "downstream"),
        ("stacker", State.SUSPENDED, "material"),
    ):
        assert set(seen.of(f"boards/{unit}/state", 12, 44)) == {state}, unit
        assert seen.said(f"boards/{unit}/reason", 12, 44) == {reason}, unit
    assert seen.mean("boards/dryer/outlet_moisture", 62, 85) < 0.8 * seen.mean("boards/dryer/outlet_moisture", *BEFORE)
    assert rejected(seen, "boards/stacker", 50, 80) > 0.15


def test_stucco_set_drift(play) -> None:
    """Setting time rises at once, but the line slows against its set point only when silos pass it on; no scrap."""
    hours = 20
    seen = play("stucco_set_drift", "volgograd", 60 * hours)
    setting, former = "binder-1/calciner/setting_time", "boards/former"

    def pace(begin_h: float, end_h: float) -> float:
        speed, asked, state = (
            seen.of(f"{former}/{key}", 60 * begin_h, 60 * end_h) for key in ("line_speed", "line_speed_sp", "state")
        )
        return float(np.median((speed / asked)[state == State.EXECUTE]))

    assert seen.mean(setting, 180, 240) > 1.4 * seen.mean(setting, *BEFORE)
    usual = pace(1, 4)
    assert pace(4, 7) > 0.98 * usual
    assert pace(hours - 3, hours) < 0.94 * usual
    assert rejected(seen, "boards/stacker", 120, 1200) < 0.04


def test_gas_day_limit(play) -> None:
    """The limit is told lower; in the last hours kilns and former run slower on less gas, and nothing stops for it."""
    seen = play("gas_day_limit", "absalyamovo", 86, stretch=0.15)
    plain = play("normal_day", "absalyamovo", 90)
    limit, gas = "utilities/gas-intake/daily_limit", "utilities/gas-intake/gas_flow"
    assert seen.mean(limit, 1, 80) == 0.85 * plain.mean(limit, 1, 80)
    assert seen.mean(gas, 30, 52) > 0.99 * plain.mean(gas, 30, 52)
    assert seen.mean(gas, 65, 84) < 0.85 * plain.mean(gas, 65, 84)
    for ref in ("binder-1/calciner/feed_rate", "binder-2/mill/feed_rate", "boards/former/line_speed"):
        assert seen.mean(ref, 65, 84) < 0.85 * plain.mean(ref, 65, 84), ref
    assert set(seen.of("boards/former/state", 60, 85)) == {State.EXECUTE}


def test_frozen_wet_stone(play) -> None:
    """More gas for the same stone, and a crusher that is held for lumps now and then."""
    seen = play("frozen_wet_stone", "chelyabinsk", 80, stretch=0.4)
    plain = play("normal_day", "chelyabinsk", 80)

    def per_tonne(published) -> float:
        gas = published.rise("binder-1/mill/gas_total", 30, 80)
        return gas / published.mean("binder-1/mill/feed_rate", 30, 80)

    assert per_tonne(seen) > 1.2 * per_tonne(plain)
    held = seen.of("stone/crusher-1/state", 0, 80) == State.HELD
    assert np.sum(held[1:] & ~held[:-1]) >= 3
    assert "material" in seen.said("stone/crusher-1/reason", 0, 80)


def test_power_dip(play) -> None:
    """All machines abort at once for want of power, the intake shows nothing, they come back one by one."""
    seen = play("power_dip", "chelyabinsk", 35)
    states = np.array([seen.of(ref, 0, 35) for ref in seen.values if ref.endswith("/state")])
    down = (states[:, 33:36] == State.ABORTED) | (states[:, 33:36] == State.ABORTING)
    assert down.any(axis=1).mean() > 0.95
    said = [seen.said(ref, 5.5, 5.7) for ref in seen.texts if ref.endswith("/reason")]
    assert np.mean([words == {"utilities"} for words in said]) > 0.8
    assert (
        seen.of("utilities/power-intake/power", 5.2, 5.7).min()
        < 20.0
        < seen.mean("utilities/power-intake/power", *BEFORE)
    )
    executing = states[:, 40:] == State.EXECUTE
    assert executing[:, -1].mean() > 0.7
    assert len(set(executing.argmax(axis=1))) > 5
