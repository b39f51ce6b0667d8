"""What scenarios of orders, quality, codes and instruments must look like in the published data alone."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from plant.packml import Mode, State
from simulators.scenarios import shipped

BEFORE = (-5.0, 0.0)
KILN = "binder-1/calciner"
PACKER = "dry-mix-2/packer"


def share_of_rejects(seen, begin: float, end: float) -> float:
    good, bad = (seen.rise(f"{PACKER}/{counter}_total", begin, end) for counter in ("good", "reject"))
    return bad / max(1e-9, good + bad)


def test_every_scenario_is_proved() -> None:
    """Each shipped scenario has a test of its name that asserts what should be seen."""
    tests = "\n".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    assert sorted(set(re.findall(r"def test_(\w+)", tests)) & set(shipped())) == shipped()


def test_quality_drift(play) -> None:
    """Bags become lighter, and the checkweigher throws out many more, as underweight."""
    seen = play("quality_drift", "chelyabinsk", 75, stretch=0.4, targets=f"packer={PACKER}")
    plain = play("normal_day", "chelyabinsk", 80)
    assert seen.mean(f"{PACKER}/bag_mass", 55, 72) < plain.mean(f"{PACKER}/bag_mass", 55, 72) - 0.2
    assert share_of_rejects(seen, 50, 72) > 10.0 * share_of_rejects(plain, 50, 72)
    assert "underweight" in seen.said(f"{PACKER}/reject_reason", 50, 72)


def test_changeover_day(play) -> None:
    """Products change again and again, and the lines are in changeover mode for much of the time."""
    seen = play("changeover_day", "chelyabinsk", 180)
    changes, setting_up = 0, []
    for packer in ("dry-mix-1/packer", "dry-mix-2/packer"):
        products = [each for each in seen.texts[f"{packer}/product"] if each]
        changes += sum(a != b for a, b in pairwise(products))
        setting_up.append(np.mean(seen.of(f"{packer}/mode", 0, 180) == Mode.CHANGEOVER))
    assert changes >= 3
    assert np.mean(setting_up) > 0.1


def test_trial_acceptance(play) -> None:
    """The line of the site on trial is started, climbs in steps, holds nominal speed, and stops once as planned."""
    seen = play("trial_acceptance", "voskresensk", 72, stretch=0.1)
    speed, state = "boards/former/line_speed", "boards/former/state"
    nominal = float(np.median(seen.of(speed, 22, 41)))
    assert nominal > 30.0
    assert State.HELD in seen.of(state, 0.5, 3)
    assert float(np.median(seen.of(speed, 5, 9))) == pytest.approx(0.5 * nominal, rel=0.1)
    assert float(np.median(seen.of(speed, 12, 18))) == pytest.approx(0.8 * nominal, rel=0.1)
    assert set(seen.of(state, 43, 45)) == {State.HELD}
    assert seen.said("boards/former/reason", 43, 45) == {"personnel"}
    assert float(np.median(seen.of(speed, 50, 70))) == pytest.approx(nominal, rel=0.05)
    good, bad = (seen.rise(f"boards/stacker/{each}_total", 20, 72) for each in ("good", "reject"))
    assert bad < 0.1 * good


def test_wrong_product(play) -> None:
    """The order's product stays what it was, while set point and speed are another product's."""
    seen = play("wrong_product", "absalyamovo", 25, targets="machine=boards/former")
    assert len(seen.said("boards/former/product", -5, 25)) == len(seen.said("boards/former/order", -5, 25)) == 1
    for ref in ("boards/former/line_speed", "boards/former/line_speed_sp"):
        usual, now = (float(np.median(seen.of(ref, *window))) for window in ((0, 5), (10, 25)))
        assert abs(now / usual - 1.0) > 0.1, ref


def test_counter_vs_receipt(play) -> None:
    """Produced no longer equals good plus rejects; neither counter tells what a sound one would."""
    line = "dry-mix-1/packer"
    seen, plain = play("counter_vs_receipt", "chelyabinsk", 80), play("normal_day", "chelyabinsk", 80)
    produced, good, bad = (seen.rise(f"{line}/{each}_total", 1, 80) for each in ("produced", "good", "reject"))
    true, received = (plain.rise(f"{line}/{each}_total", 1, 80) for each in ("produced", "good"))
    assert (good + bad) / produced < 0.96 < (received + plain.rise(f"{line}/reject_total", 1, 80)) / true
    assert produced / true == pytest.approx(1.01, abs=0.01)
    assert good / received == pytest.approx(0.95, abs=0.01)


def test_recipe_flush(play) -> None:
    """The order breaks off for another product, mixer and packer stand in changeover mode, first bags are rejects."""
    seen = play("recipe_flush", "chelyabinsk", 60, targets="mixer=dry-mix-2/mixer packer=dry-mix-2/packer")
    for unit in ("dry-mix-2/mixer", PACKER):
        assert set(seen.of(f"{unit}/state", 8, 29)) == {State.HELD}, unit
        assert set(seen.of(f"{unit}/mode", 8, 29)) == {Mode.CHANGEOVER}, unit
        assert seen.said(f"{unit}/reason", 8, 29) == {"changeover"}, unit
    for text in ("order", "product"):
        before, after = (seen.said(f"dry-mix-2/mixer/{text}", *window) for window in ((0, 4), (8, 60)))
        assert len(before) == len(after) == 1, text
        assert before != after, text
    running = seen.of(f"{PACKER}/state", 30, 60) == State.EXECUTE
    begin = 30 + float(np.argmax(running)) / 6
    assert share_of_rejects(seen, begin + 1, begin + 12) > 0.2


def test_late_stop_code(play) -> None:
    """A machine stands with an empty reason for eight minutes; then the reason is there."""
    seen = play("late_stop_code", "chelyabinsk", 30, targets=f"machine={PACKER}")
    assert set(seen.of(f"{PACKER}/state", 10.5, 30)) == {State.ABORTED}
    assert seen.said(f"{PACKER}/reason", 10.5, 17.5) == {""}
    assert seen.said(f"{PACKER}/reason", 18.5, 30) == {"mechanical"}


def test_sensor_freeze(play) -> None:
    """One value is told once more at most, while its neighbours move, and lives again afterwards."""
    seen = play("sensor_freeze", "chelyabinsk", 25, stretch=0.1, targets=f"sensor={KILN}/product_temperature")
    assert len(set(seen.of(f"{KILN}/product_temperature", 1.2, 13))) <= 2
    assert len(set(seen.of(f"{KILN}/exhaust_temperature", 1.2, 13))) > 3
    assert len(set(seen.of(f"{KILN}/product_temperature", 13, 25))) > 3


def test_sensor_drift(play) -> None:
    """One value walks away, and nothing that hangs together with it follows."""
    seen = play("sensor_drift", "chelyabinsk", 45, stretch=0.2, targets=f"sensor={KILN}/product_temperature")
    plain = play("normal_day", "chelyabinsk", 80)
    gone = seen.of(f"{KILN}/product_temperature", 0, 42) - plain.of(f"{KILN}/product_temperature", 0, 42)
    assert gone[:60].max() < 3.0
    assert gone[-10:].min() > 6.0
    for ref in (f"{KILN}/conversion", f"{KILN}/gas_flow", f"{KILN}/exhaust_temperature"):
        assert np.array_equal(seen.of(ref, 0, 42), plain.of(ref, 0, 42)), ref


def test_sensor_spike(play) -> None:
    """Every ten minutes one value jumps for one scan of 10 s."""
    seen = play("sensor_spike", "chelyabinsk", 60, stretch=0.5, targets=f"sensor={KILN}/product_temperature")
    plain = play("normal_day", "chelyabinsk", 80)
    wild = seen.of(f"{KILN}/product_temperature", 0, 60) - plain.of(f"{KILN}/product_temperature", 0, 60) > 10.0
    assert np.diff(np.flatnonzero(wild)).tolist() == [60] * (wild.sum() - 1)
    assert wild.sum() == 5


def test_alarm_flood(play, gypsum) -> None:
    """More than ten low limits are passed within ten minutes, while the machines draw the power that they did."""
    seen = play("alarm_flood", "chelyabinsk", 20)
    low = {
        f"{tag.unit.ref}/{tag.metric.key}": tag.metric.limits.l
        for tag in gypsum.tags
        if tag.unit.site == "chelyabinsk" and tag.metric.limits.l is not None
    }
    fresh = [ref for ref, limit in low.items() if seen.of(ref, *BEFORE).min() > limit > seen.of(ref, 9, 11).min()]
    begins = {int(np.argmax(seen.of(ref, 0, 11) < low[ref])) for ref in fresh}
    assert len(fresh) > 10
    assert len(begins) > 3, "one after the other"
    power = "utilities/power-intake/power"
    assert seen.mean(power, 8, 15) > 0.85 * seen.mean(power, *BEFORE)
