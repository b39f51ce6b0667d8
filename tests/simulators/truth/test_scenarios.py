"""What is done to a world on purpose stands in its ledger, and so does what follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plant.packml import State
from simulators.truth.read import Truth
from simulators.truth.tables import MINUTE_MS
from simulators.world.world import World

MINUTE_STEPS = 6


@pytest.fixture
def minutes(workshop, hold, tmp_path: Path):
    """Plays the scenario for so many minutes, with parts that do not fit its steps; ledger, start and machine."""

    def play(count: int, *, recover: bool = False, **changed) -> tuple[Truth, int, str]:
        world = workshop.world()
        start_ms = world.now_ms
        world.inject(replace(hold, targets={"machine": _running(world)}, **changed))
        watched = workshop.watch(world, tmp_path).run(count * MINUTE_STEPS, flush_every=7)
        if recover:
            world.recover(hold.id)
            watched.run(count * MINUTE_STEPS)
        watched.ledger.close()
        truth = Truth(tmp_path)
        return truth, start_ms, str(truth.scenarios().place[0])

    return play


def _running(world: World) -> str:
    """A machine that executes and goes on to."""
    machines, now = world.fixed.machines, world.state.machines
    goes_on = machines.active & (machines.follows < 0) & (now.state == State.EXECUTE) & (machines.batch_s > 1e6)
    unit = world.fixed.roster.units[int(np.flatnonzero(goes_on)[0])]
    return f"{unit.line}/{unit.slug}"


def _windows(truth: Truth, start_ms: int) -> dict[str, tuple[float, float]]:
    rows = truth.scenarios()
    ends = zip(rows.start_ms.tolist(), rows.end_ms.tolist(), strict=True)
    return {
        effect: ((a - start_ms) / MINUTE_MS, (b - start_ms) / MINUTE_MS)
        for effect, (a, b) in zip(rows.effect, ends, strict=True)
    }


def test_effects_are_told_with_the_time_in_which_they_acted(minutes) -> None:
    """With ramp and fade, cut out of the scenario's length, whatever parts they were written in."""
    truth, start_ms, unit = minutes(12)
    assert _windows(truth, start_ms) == {
        "hold": (1, 5),
        "cause": (1, 5),
        "reason_delay_s": (0, 10),
        "pace_factor": (6, 9),
        "cut_order": (5, 5),
    }
    rows = truth.scenarios()
    assert set(rows.place) == {unit}
    assert set(rows.injection) == {"one"}
    assert set(rows.scenario) == {"hold"}
    assert rows.value[rows.effect == "pace_factor"].tolist() == [0.5]


def test_what_is_recovered_has_acted_until_then(minutes) -> None:
    """An injection that is ended early does nothing after that, and what was to come never came."""
    truth, start_ms, _ = minutes(3, recover=True)
    assert _windows(truth, start_ms) == {
        "hold": (1, 3 + 1 / 6),
        "cause": (1, 3 + 1 / 6),
        "reason_delay_s": (0, 3 + 1 / 6),
    }


def test_the_true_cause_is_known_before_the_reason_is_told(minutes) -> None:
    """A controller that tells the reason two minutes late leaves the cause of the stop as it is."""
    truth, start_ms, unit = minutes(3)
    stopped = truth.states().take(truth.states().unit == unit)
    held = stopped.take(stopped.state == "HELD")
    assert set(held.cause) == {"personnel"}
    assert set(held.reason) == {""}
    later = minutes(6)[0].states()
    held = later.take((later.unit == unit) & (later.state == "HELD"))
    assert set(held.reason) == {"personnel"}
    assert held.start_ms[0] <= start_ms + 2 * MINUTE_MS


def test_windows_begin_where_the_scenario_does(minutes, hold) -> None:
    """What waits for its start has done nothing yet."""
    truth, start_ms, _ = minutes(3, start_ms=hold.start_ms + MINUTE_MS)
    assert _windows(truth, start_ms) == {"hold": (2, 3), "cause": (2, 3), "reason_delay_s": (1, 3)}
