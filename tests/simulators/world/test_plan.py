from __future__ import annotations

import numpy as np
import pytest

from simulators.world import plan


@pytest.fixture
def boards(gypsum):
    """The plan of one site, and the row of its board line."""
    world = gypsum.world("minsk")
    lines = [line.slug for _, line in world.fixed.plan.lines]
    return world.fixed.plan, lines.index("boards"), len(world.fixed.roster.units)


def _draws(units: int, value: float) -> np.ndarray:
    return np.full((6, units), value)


def test_output_works_an_order_off(boards) -> None:
    """What the wet knife counts is booked; the order stays until its quantity is made."""
    lines, row, units = boards
    state = plan.start(lines, _draws(units, 0.5))
    made, executing = np.zeros(units), np.ones(units, np.bool_)
    made[lines.counts[row]] = 100.0
    after = plan.step(lines, state, made, executing, 10.0, _draws(units, 0.5))
    assert after.done[row] == state.done[row] + 100.0
    assert after.number[row] == state.number[row]


def test_another_product_means_a_setup(boards) -> None:
    """When the next order is for another product, the constraint unit must finish, and its set-up has a length."""
    lines, row, units = boards
    state = plan.start(lines, _draws(units, 0.5))
    made, executing = np.zeros(units), np.ones(units, np.bool_)
    made[lines.counts[row]] = state.quantity[row]
    after = plan.step(lines, state, made, executing, 10.0, _draws(units, 0.9))
    assert after.number[row] == state.number[row] + 1
    assert after.place[row] != state.place[row]
    assigned = plan.assign(lines, after)
    assert assigned.finish[lines.constraint[row]]
    assert assigned.setup_s[lines.constraint[row]] > 600.0
    assert assigned.fresh[lines.constraint[row]] == 1.0
    executing[lines.constraint[row]] = False
    settled = plan.assign(lines, plan.step(lines, after, np.zeros(units), executing, 10.0, _draws(units, 0.5)))
    assert not settled.finish.any()
    assert settled.fresh.sum() == 0.0


def test_a_gap_leaves_the_line_without_an_order(boards) -> None:
    """While there is none, the constraint unit has nothing to make and shows no order; then it goes on."""
    lines, row, units = boards
    state = plan.start(lines, _draws(units, 0.5))
    made, executing = np.zeros(units), np.ones(units, np.bool_)
    made[lines.counts[row]] = state.quantity[row]
    after = plan.step(lines, state, made, executing, 10.0, _draws(units, 0.1))
    unit = lines.constraint[row]
    assert not plan.assign(lines, after).ordered[unit]
    assert plan.assign(lines, after).order[unit] == 0.0
    executing[unit] = False
    for _ in range(600):
        after = plan.step(lines, after, np.zeros(units), executing, 10.0, _draws(units, 0.5))
    assert plan.assign(lines, after).ordered[unit]
    assert plan.assign(lines, after).order[unit] > 0.0


def test_units_outside_a_plan_always_have_work(print_farm, gypsum) -> None:
    """Lines without products wait for nobody."""
    for plant in (print_farm, gypsum):
        world = plant.world()
        assigned = plan.assign(world.fixed.plan, world.state.plan)
        outside = world.fixed.plan.line_of < 0
        assert outside.any()
        assert assigned.ordered[outside].all()
        assert (assigned.pace[outside] == 0.0).all()
