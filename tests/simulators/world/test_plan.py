from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plant.model.tags import text_tags
from plant.packml import State
from simulators.world import plan
from simulators.world.influence import Injection

NOW_MS = 1_795_000_000_000


@pytest.fixture
def boards(gypsum):
    """The plan of one site, and the row of its board line."""
    world = gypsum.world("minsk")
    lines = [line.slug for _, line in world.fixed.plan.lines]
    return world.fixed.plan, lines.index("boards"), len(world.fixed.roster.units)


def _started(lines, units: int) -> plan.PlanState:
    return plan.start(lines, NOW_MS, np.full((6, units), 0.5))


def _with_next(state: plan.PlanState, row: int, **changes: float) -> plan.PlanState:
    """The state with the first of the coming orders of a line changed."""
    arrays = {key: getattr(state.coming, key).copy() for key in changes}
    for key, value in changes.items():
        arrays[key][row, 0] = value
    return replace(state, coming=replace(state.coming, **arrays))


def _step(lines, state: plan.PlanState, units: int, *, made=None, executing=None, size=None) -> plan.PlanState:
    made = np.zeros(units) if made is None else made
    executing = np.ones(units, np.bool_) if executing is None else executing
    size = np.ones(units) if size is None else size
    return plan.step(lines, state, made, executing, NOW_MS + 10_000, 10.0, size)


def _all_made(lines, state: plan.PlanState, units: int, row: int) -> np.ndarray:
    made = np.zeros(units)
    made[lines.counts[row]] = state.quantity[row] - state.done[row]
    return made


def test_output_works_an_order_off(boards) -> None:
    """What the wet knife counts is booked; the order stays until its quantity is made."""
    lines, row, units = boards
    state = _started(lines, units)
    made = np.zeros(units)
    made[lines.counts[row]] = 100.0
    after = _step(lines, state, units, made=made)
    assert after.done[row] == state.done[row] + 100.0
    assert after.number[row] == state.number[row]


def test_the_first_of_the_coming_orders_follows(boards) -> None:
    """What was known ahead is what is made then, and one more is known behind the last."""
    lines, row, units = boards
    state = _started(lines, units)
    after = _step(lines, state, units, made=_all_made(lines, state, units, row))
    assert after.number[row] == state.number[row] + 1
    for key in plan.PRESENT:
        known = getattr(state.coming, key)[row]
        assert getattr(after, key)[row] == known[0]
        assert getattr(after.coming, key)[row, :-1].tolist() == known[1:].tolist()
    assert after.coming.quantity[row, -1] > 0.0
    assert after.done[row] == 0.0
    assert after.changed_ms[row] == NOW_MS + 10_000
    others = np.arange(len(lines.lines)) != row
    assert (after.changed_ms[others] == state.changed_ms[others]).all()


def test_another_product_means_a_setup(boards) -> None:
    """When the next order is for another product, the constraint unit must finish, and its set-up has a length."""
    lines, row, units = boards
    state = _started(lines, units)
    other = (state.place[row] + 1) % lines.choices[row]
    state = _with_next(state, row, place=other, setup_s=1_500.0, gap_s=0.0)
    after = _step(lines, state, units, made=_all_made(lines, state, units, row))
    assert after.place[row] == other
    unit = lines.constraint[row]
    assigned = plan.assign(lines, after)
    assert assigned.finish[unit]
    assert assigned.setup_s[unit] == 1_500.0
    assert assigned.fresh[unit] == 1.0
    executing = np.ones(units, np.bool_)
    executing[unit] = False
    settled = plan.assign(lines, _step(lines, after, units, executing=executing))
    assert not settled.finish.any()
    assert settled.fresh.sum() == 0.0


def test_a_line_that_stands_keeps_its_order(boards) -> None:
    """An order that is done while the line stops ends when the line runs again: no set-up is lost in a stop."""
    lines, row, units = boards
    state = _with_next(_started(lines, units), row, setup_s=1_500.0, gap_s=0.0)
    standing = np.ones(units, np.bool_)
    standing[lines.constraint[row]] = False
    done = _step(lines, state, units, made=_all_made(lines, state, units, row), executing=standing)
    assert done.number[row] == state.number[row]
    running = _step(lines, done, units)
    assert running.number[row] == state.number[row] + 1
    assert running.finishing[row]


def test_a_gap_leaves_the_line_without_an_order(boards) -> None:
    """While there is none, the constraint unit has nothing to make and shows no order; then it goes on."""
    lines, row, units = boards
    state = _with_next(_started(lines, units), row, gap_s=1_000.0, setup_s=0.0)
    after = _step(lines, state, units, made=_all_made(lines, state, units, row))
    unit = lines.constraint[row]
    assert not plan.assign(lines, after).ordered[unit]
    assert plan.assign(lines, after).order[unit] == 0.0
    executing = np.ones(units, np.bool_)
    executing[unit] = False
    for _ in range(101):
        after = _step(lines, after, units, executing=executing)
    assert plan.assign(lines, after).ordered[unit]
    assert plan.assign(lines, after).order[unit] == state.number[row] + 1


def test_smaller_orders_are_planned_at_once(boards) -> None:
    """Where the size of orders changes, the rest of the present one and all coming ones shrink; other lines go on."""
    lines, row, units = boards
    state = _started(lines, units)
    size = np.ones(units)
    size[np.flatnonzero(lines.line_of == row)[:2]] = 0.15  # whichever units are told, the line is meant
    after = _step(lines, state, units, size=size)
    left = state.quantity[row] - state.done[row]
    assert after.quantity[row] - after.done[row] == pytest.approx(0.15 * left, abs=1.0)
    assert after.coming.quantity[row].mean() == pytest.approx(0.15 * state.coming.quantity[row].mean(), rel=0.1)
    changes = (np.diff(after.coming.place[row]) != 0).mean()
    assert changes > (np.diff(state.coming.place[row]) != 0).mean()
    others = np.arange(len(lines.lines)) != row
    assert (after.coming.quantity[others] == state.coming.quantity[others]).all()
    assert _step(lines, after, units, size=size).changed_ms[row] == after.changed_ms[row]
    back = _step(lines, after, units)
    assert back.coming.quantity[row].mean() > 5.0 * after.coming.quantity[row].mean()


@pytest.mark.parametrize("seed", range(20))
def test_an_order_that_is_cut_short_is_followed_by_another_product(gypsum, print_farm, seed: int) -> None:
    """At once, with a set-up and without a gap, under the next number, whatever would have come."""
    for plant in (gypsum, print_farm):
        world = plant.world()
        lines, units = world.fixed.plan, len(world.fixed.roster.units)
        state = plan.start(lines, NOW_MS, np.random.default_rng(seed).random((6, units)))
        state = replace(state, wait_s=np.zeros(len(lines.lines)))
        several = lines.choices > 1
        after = _step(lines, plan.cut(lines, state, several, NOW_MS), units)
        assert (after.place != state.place)[several].all()
        assert (after.number == state.number + several).all()
        assert (after.setup_s > 0.0)[several].all()
        assert (after.wait_s == 0.0).all()
        begins = NOW_MS + 1000.0 * after.setup_s
        assert (after.due_ms > begins)[several].all()


def test_a_line_between_two_products_has_no_order_to_cut(boards) -> None:
    """While it waits to be set up for another product, that order stays; one for the same product does not."""
    lines, row, units = boards
    waiting = replace(_started(lines, units), wait_s=np.full(len(lines.lines), 600.0))
    meant = np.arange(len(lines.lines)) == row
    same = plan.cut(lines, waiting, meant, NOW_MS)
    assert same.done[row] == same.quantity[row]
    assert same.coming.place[row, 0] != same.place[row]
    other = replace(waiting, setup_s=np.full(len(lines.lines), 900.0))
    assert plan.cut(lines, other, meant, NOW_MS).done[row] == other.done[row] < other.quantity[row]


def test_orders_are_given_out_for_a_week(gypsum, print_farm) -> None:
    """Each line's list begins with what it makes now; numbers, products and measures are those of the model."""
    for plant in (gypsum, print_farm):
        world = plant.world()
        lines, state = world.fixed.plan, world.state.plan
        for row, (_, line) in enumerate(lines.lines):
            orders = plan.listed(lines, state, row)
            names = [each.order for each in orders]
            assert names == [f"{line.slug}-{int(state.number[row]) + i:05d}" for i in range(len(orders))]
            assert orders[0].quantity == state.quantity[row] > state.done[row]
            assert {each.product for each in orders} <= set(line.ideal_rates)
            assert all(each.unit == plant.enterprise.products[each.product].unit for each in orders)
            assert orders[-1].due - world.now_ms > 5 * 86_400_000


def test_machines_show_the_order_that_is_given_out(gypsum) -> None:
    """Order and product of a line's machines are the first of its plan, by the same name."""
    world = gypsum.world()
    shown = dict(zip((tag.path for tag in text_tags(gypsum.enterprise)), world.texts(), strict=True))
    lines, state = world.fixed.plan, world.state.plan
    compared = 0
    for row, (_, line) in enumerate(lines.lines):
        for unit in line.units if state.wait_s[row] == 0.0 else ():
            present = plan.listed(lines, state, row)[0]
            path = "/".join(unit.path)
            assert shown.get(f"{path}/order", present.order) == present.order
            assert shown.get(f"{path}/product", present.product) == present.product
            compared += f"{path}/order" in shown
    assert compared > 15


def test_a_day_of_small_orders_is_worked_off(print_farm) -> None:
    """Orders end one after the other with little too much; each change of product, and no other, is a change-over."""
    world = print_farm.world("izhevsk")
    lines = world.fixed.plan
    row = [line.slug for _, line in lines.lines].index("frames")
    unit = lines.constraint[row]
    machines = world.state.machines
    machines.fails_s[:] = np.inf
    world.inject(Injection("day", "changeover_day", world.now_ms))
    ended: list[tuple[float, float]] = []
    setups, before = 0, world.state
    for _ in range(2_500):
        world.step(10.0)
        now = world.state
        if now.plan.number[row] > before.plan.number[row]:
            ended.append((before.plan.quantity[row], before.plan.done[row] + before.counted[lines.counts[row]]))
            changes = now.plan.place[row] != before.plan.place[row]
            assert changes == (now.plan.setup_s[row] > 0.0)
            setups += changes
        entered = now.machines.state[unit] == State.COMPLETING != before.machines.state[unit]
        assert not entered or now.plan.setup_s[row] > 0.0 or now.plan.wait_s[row] > 0.0
        before = now
    assert len(ended) >= 3
    assert setups >= 2
    assert all(quantity <= done < quantity + 0.1 for quantity, done in ended)


def test_units_outside_a_plan_always_have_work(print_farm, gypsum) -> None:
    """Lines without products wait for nobody."""
    for plant in (print_farm, gypsum):
        world = plant.world()
        assigned = plan.assign(world.fixed.plan, world.state.plan)
        outside = world.fixed.plan.line_of < 0
        assert outside.any()
        assert assigned.ordered[outside].all()
        assert (assigned.pace[outside] == 0.0).all()
