from __future__ import annotations

import numpy as np

from plant.model.enterprise import Role
from plant.packml import State
from simulators.world.transitions import LEGAL


def test_states_follow_packml(day) -> None:
    """No unit ever changes to a state that PackML does not allow after the one before."""
    seen = {
        (int(a), int(b))
        for before, after in zip(day.states[:-1], day.states[1:], strict=True)
        for a, b in zip(before[before != after], after[before != after], strict=True)
    }
    assert seen <= {(int(a), int(b)) for a, b in LEGAL}
    assert len(seen) > 15, "a day shows most of the state machine"


def test_a_calm_but_living_plant(day) -> None:
    """Each kind of machine executes most of the time, and something always stands."""
    executing = day.states == State.EXECUTE
    for name, rows in day.world.fixed.roster.slices.items():
        assert executing[:, rows].mean() > 0.7, name
    machines = day.world.fixed.machines.active
    assert (~executing[:, machines]).any(axis=1).mean() > 0.99


def test_counters_never_fall(day) -> None:
    """A counter falls only by rolling over, and then by nearly all of its range."""
    for tag in day.plant.tags:
        if tag.metric.is_counter and day.falls[tag.index]:
            assert tag.metric.rollover is not None, tag.path
            assert day.deepest[tag.index] > 0.9 * tag.metric.rollover, tag.path


def test_values_stay_within_the_span_of_their_instruments(day) -> None:
    """No instrument shows what it cannot show, and none sits at the end of its span for long."""
    for tag in day.plant.tags:
        span, shown = tag.metric.span, day.minutes[:, tag.index]
        assert np.isfinite(shown).all(), tag.path
        if span is not None:
            assert span.low <= shown.min() <= shown.max() <= span.high, tag.path
            if tag.metric.role is not Role.SET_POINT and span.low < shown.mean():
                assert (shown == span.high).mean() < 0.25, tag.path


def test_alarm_limits_are_rarely_crossed(day) -> None:
    """While a unit executes, fewer than one reading in a hundred lies outside its alarm limits."""
    outside, all_readings = 0, 0
    for tag in day.plant.tags:
        state = day.plant.tags.of_unit(tag.unit).get("state")
        rows = day.minutes[:, state.index] == State.EXECUTE if state else np.ones(len(day.minutes), np.bool_)
        shown, limits = day.minutes[rows, tag.index], tag.metric.limits
        if limits.h is not None or limits.l is not None:
            high, low = limits.h or np.inf, -np.inf if limits.l is None else limits.l
            outside += int(((shown > high) | (shown < low)).sum())
            all_readings += len(shown)
    assert outside < 0.01 * all_readings


def test_lines_reach_their_targets_roughly(day) -> None:
    """Lines that make a product reach 60 to 160 % of what two shifts are to make."""
    totals = day.world.state.totals[1] - day.begin.totals[1]
    for site in day.plant.enterprise.sites:
        for line in site.lines:
            if line.output and line.shift_target:
                made = totals[day.world.fixed.roster.row[line.unit(line.output).path]]
                assert 0.6 < made / (2.0 * line.shift_target.amount) < 1.6, (site.slug, line.slug)
