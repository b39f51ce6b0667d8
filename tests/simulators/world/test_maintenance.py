from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from plant.model.tags import text_tags
from simulators.world import structure
from simulators.world.maintenance import CYCLE_DAYS, Maintenance, renewed_at

MONDAY = date(2026, 11, 16)


@pytest.fixture(scope="module")
def fixed(gypsum) -> structure.Structure:
    """The structure of all sites."""
    return structure.build(gypsum.enterprise, gypsum.tags, text_tags(gypsum.enterprise), None)


def _windows(fixed: structure.Structure) -> list[tuple[int, datetime, datetime]]:
    """Row, begin and end in the site's own time of all windows of a cycle."""
    plan, found = fixed.machines.maintenance, []
    for offset in range(CYCLE_DAYS):
        begin, end = plan.windows(MONDAY + timedelta(days=offset))
        for row in np.flatnonzero(np.isfinite(begin)):
            zone = fixed.roster.sites[fixed.roster.site[row]].zone
            found.append((int(row), *(datetime.fromtimestamp(ms[row] / 1000.0, zone) for ms in (begin, end))))
    return found


def test_each_line_has_one_window_in_four_weeks_by_day(fixed) -> None:
    """Windows begin on working days an hour or two into the day shift and end before the night."""
    windows = _windows(fixed)
    assert len({row for row, _, _ in windows}) == len(windows)
    for _, begin, end in windows:
        assert begin.weekday() < 5
        assert begin.hour in {9, 10}
        assert begin.date() == end.date()
        assert end.hour < 18


def test_lines_of_a_site_take_different_days(fixed) -> None:
    """Fitters are on one line of the site at a time."""
    days = {}
    for row, begin, _ in _windows(fixed):
        unit = fixed.roster.units[row]
        days.setdefault((unit.site, begin.date()), set()).add(unit.line)
    assert all(len(lines) == 1 for lines in days.values())


def test_time_left_counts_down_to_the_end(fixed) -> None:
    """Inside its window a unit sees how long it still lasts, outside nothing, whatever UTC day it is."""
    plan = fixed.machines.maintenance
    row, begin, end = _windows(fixed)[0]
    at = begin.astimezone(UTC)
    for minutes, left in ((-1, 0.0), (0, (end - begin).total_seconds()), (60, (end - begin).total_seconds() - 3_600.0)):
        ms = round((at + timedelta(minutes=minutes)).timestamp() * 1000.0)
        assert plan.left_s(ms)[row] == pytest.approx(left)


def test_a_dryer_is_emptied_first(fixed) -> None:
    """The board dryer is stopped an hour after its former, and never does a block tunnel stop for a window."""
    begins = {fixed.roster.units[row].path: begin for row, begin, _ in _windows(fixed)}
    formers = [path for path in begins if path[-2:] == ("boards", "former")]
    for path in formers:
        assert begins[(*path[:-1], "dryer")] - begins[path] == timedelta(hours=1)
    assert formers
    tunnels = {fixed.roster.units[row].path for row in range(*fixed.roster.slices["block_dryer"].indices(10_000))}
    assert not tunnels & set(begins)


def test_wear_at_renewal_follows_from_life_and_windows() -> None:
    """A life of 1000 h ends at each window, one of 8000 h half worn, one without windows at its very end."""
    life_h = np.array([1_000.0, 8_000.0, 8_000.0])
    wear = renewed_at(life_h, np.array([3, 3, -1]))
    assert wear[0] == pytest.approx(28 * 24 * 0.85 / 1_000.0)
    assert 0.5 <= wear[1] < 0.6
    assert wear[2] == 1.0


def test_no_units_no_windows() -> None:
    """A plan without units has no windows."""
    empty = Maintenance((), *(np.zeros(0, np.int64),) * 2, *(np.zeros(0),) * 2)
    assert empty.left_s(0).shape == (0,)
