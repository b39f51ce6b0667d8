"""Machines stand when the model's calendar plans it."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from worktime import MOSCOW, ms

from plant.calendar.spans import Planned
from plant.calendar.work_calendar import WorkCalendar
from plant.model.tags import text_tags
from plant.packml import State
from simulators.world import structure
from simulators.world.maintenance import DAY_MS, Maintenance, renewed_at

MONDAY_MS = ms(MOSCOW, 2026, 11, 16)
CYCLE_DAYS = 28
ATTENDED, TUNNEL = {("dry-mix", "packer"), ("blocks", "moulder")}, ("blocks", "dryer")
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def fixed(gypsum) -> structure.Structure:
    """The structure of all sites."""
    return structure.build(gypsum.enterprise, gypsum.tags, text_tags(gypsum.enterprise), None)


def _row(fixed: structure.Structure, site: str, line: str, unit: str) -> int:
    return next(i for i, each in enumerate(fixed.roster.units) if (each.site, each.ref) == (site, f"{line}/{unit}"))


@pytest.mark.parametrize("hours", [0.0, 5.3, 9.5, 11.1, 21.25, 93.9, 143.5, 150.0, 313.0])
def test_what_stands_is_what_the_calendar_plans(fixed: structure.Structure, hours: float) -> None:
    """For each unit of each line at any time: maintenance by its own windows, rest if it is the constraint."""
    now = MONDAY_MS + round(hours * HOUR_MS)
    plan = fixed.machines.maintenance
    left, rest = plan.left_s(now), plan.rest_s(now)
    for site in fixed.roster.sites:
        work = WorkCalendar.of(site)
        for line in site.lines:
            for unit in line.units:
                row = fixed.roster.row[unit.path]
                kind = Planned(work.planned(line, now, now + 1, unit.slug).kind[0])
                assert (left[row] > 0) == (kind is Planned.MAINTENANCE), (unit.path, kind)
                rests = unit.slug == line.constraint and kind not in {Planned.BUSY, Planned.MAINTENANCE}
                assert (rest[row] > 0) == rests, (unit.path, kind)


def test_time_left_counts_down_to_the_end(fixed: structure.Structure) -> None:
    """A meal lasts half an hour, a free night twelve, and holidays in a row until the crew comes again."""
    row, plan = _row(fixed, "maykop", "dry-mix", "packer"), fixed.machines.maintenance

    def rest_h(*moment: int) -> float:
        return float(plan.rest_s(ms(MOSCOW, *moment))[row] / 3600.0)

    assert [rest_h(2026, 11, 17, 12, minute) for minute in (0, 12, 30)] == [0.5, 0.3, 0.0]
    assert [rest_h(2026, 11, 22, hour) for hour in (19, 20, 23)] == [0.0, 12.0, 9.0]
    assert rest_h(2027, 1, 1, 8) == 8 * 24.0
    begin = ms(MOSCOW, 2026, 11, 17, 9)
    windows = [plan.left_s(begin + day * DAY_MS)[row] for day in range(CYCLE_DAYS)]
    assert sorted(windows)[-2:] == [0.0, 3.0 * 3600.0]


def test_each_line_is_maintained_once_in_four_weeks_by_day(fixed: structure.Structure) -> None:
    """All that makes something, on working days from 9 or 10 to the same afternoon, one line of a site a day."""
    for site in fixed.roster.sites:
        days = []
        for line in site.lines:
            if line.slug == "utilities":
                continue
            planned = WorkCalendar.of(site).planned(line, MONDAY_MS, MONDAY_MS + CYCLE_DAYS * DAY_MS)
            window = planned.kind == Planned.MAINTENANCE
            edges = [*planned.start_ms[window].tolist(), *planned.end_ms[window].tolist()]
            begin, end = (datetime.fromtimestamp(at / 1000, site.zone) for at in edges)
            assert begin.weekday() < 5
            assert begin.hour in {9, 10}
            assert begin.date() == end.date()
            days.append(begin.date())
        assert len(set(days)) == len(days)


def test_a_dryer_is_emptied_first(fixed: structure.Structure) -> None:
    """The board dryer stands an hour later than its former and as long; never does a block tunnel stand."""
    plan = fixed.machines.maintenance
    former, dryer = (_row(fixed, "minsk", "boards", unit) for unit in ("former", "dryer"))
    nine = ms(MOSCOW, 2026, 11, 16, 9, 30)
    found = [
        plan.left_s(nine + hour * HOUR_MS)[[former, dryer]]
        for day in range(CYCLE_DAYS)
        for hour in (24 * day, 24 * day + 1)
    ]
    stands = [tuple((each > 0).tolist()) for each in found if each.any()]
    assert stands == [(True, False), (True, True)]
    tunnels = np.arange(len(fixed.roster.units))[fixed.roster.slices["block_dryer"]]
    assert np.isinf(plan.cycle_h[tunnels]).all()


def test_a_line_takes_its_meal_and_the_tunnel_does_not(gypsum) -> None:
    """Packer and moulder stand from 12:00 to 12:30 and then go on; what dries goes on drying meanwhile."""
    world = gypsum.world("maykop", start_ms=ms(MOSCOW, 2026, 11, 18, 11, 58))
    row = {(line, unit): world.fixed.roster.row["maykop", line, line, unit] for line, unit in ATTENDED | {TUNNEL}}
    states = []
    for _ in range(6 * 40):
        world.step(10.0)
        states.append(world.state.machines.state.copy())
    shown, resting = np.array(states), slice(6 * 4, 6 * 31)
    for each in ATTENDED:
        assert (shown[resting, row[each]] == State.STOPPED).all()
        assert (shown[6 * 36 :, row[each]] == State.EXECUTE).any()
    assert (shown[resting, row[TUNNEL]] == State.EXECUTE).all()


def test_wear_at_renewal_follows_from_life_and_windows() -> None:
    """A life of 1000 h ends at each window, one of 8000 h half worn, one without windows at its very end."""
    life_h = np.array([1_000.0, 8_000.0, 8_000.0])
    wear = renewed_at(life_h, np.array([28 * 24.0, 28 * 24.0, np.inf]))
    assert wear[0] == pytest.approx(28 * 24 * 0.85 / 1_000.0)
    assert 0.5 <= wear[1] < 0.6
    assert wear[2] == 1.0


def test_no_units_no_windows() -> None:
    """A plant without units has no windows."""
    empty = Maintenance((), np.zeros(0))
    assert empty.left_s(0).shape == empty.rest_s(0).shape == (0,)
