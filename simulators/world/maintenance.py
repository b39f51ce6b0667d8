"""Planned preventive maintenance (ППР): when each line is stopped for it, and which wear that leaves.

Every line has one window in four weeks, on a working day, beginning an hour after the first shift, when permits are
written and fitters are there. Lines of a site take different days. Machines that must run empty first stop later; those
that cannot be stopped for hours (a tunnel full of blocks, compressors) are renewed when they stand anyway.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from plant.model.enterprise import Site, Unit
from simulators.world.identity import Same
from simulators.world.inertia import Floats, Ints

CYCLE_DAYS, WEEK_DAYS, WORKING_DAYS = 28, 7, 5
SLOTS = CYCLE_DAYS // WEEK_DAYS * WORKING_DAYS
"""Working days of a cycle."""
APART = 3
"""Lines of a site follow each other so many slots apart; it has no common divisor with `SLOTS`, so all differ."""
AFTER_SHIFT_S = 3_600.0
"""The window begins an hour into the first shift."""
RENEW_FROM = 0.5
"""In a window fitters renew what is half worn out."""
RUNNING_SHARE = 0.85
"""Of the time a machine runs about this share, for the wear that it has at the next window."""
NEVER = np.inf
_MS = 1_000.0


@dataclass(frozen=True, slots=True)
class Maintenance:
    """When units are maintained; arrays of shape (units,).

    Attributes:
        sites: Whose calendars and zones hold; `site` is the place of each unit's.
        slot: Working day of the cycle on which the unit's line is stopped, -1 for never.
        after_s: From the beginning of the line's window to that of the unit's, s; `lasts_s` from there to the end.
    """

    sites: tuple[Site, ...]
    site: Ints
    slot: Ints
    after_s: Floats
    lasts_s: Floats

    @classmethod
    def of(
        cls, sites: Sequence[Site], units: Sequence[Unit], site: Ints, after_h: Floats, overhaul_h: Floats
    ) -> Maintenance:
        """The plan of some sites.

        Args:
            sites: In the order of the model.
            units: In the order of the rows.
            site: Place of each unit's site.
            after_h: How much later than its line each unit is stopped, h.
            overhaul_h: How long it is worked on, h; 0 for units without windows.
        """
        slots: Mapping[tuple[str, str], int] = {
            (each.slug, line.slug): (zlib.crc32(each.slug.encode()) + APART * i) % SLOTS
            for each in sites
            for i, line in enumerate(each.lines)
        }
        slot = np.array([slots[unit.site, unit.line] for unit in units], np.int64)
        return cls(tuple(sites), site, np.where(overhaul_h > 0.0, slot, -1), after_h * 3600.0, overhaul_h * 3600.0)

    def left_s(self, now_ms: int) -> Floats:
        """Time to the end of the window that each unit is in, 0 outside of windows, s."""
        begin, end = _windows(Same(self), now_ms // 86_400_000)
        inside = (begin <= now_ms) & (now_ms < end)
        return np.where(inside, (end - now_ms) / _MS, 0.0) if inside.any() else np.zeros(len(begin))

    def windows(self, day: date) -> tuple[Floats, Floats]:
        """Begin and end of the windows that begin on a local day, UTC ms; infinite for units without one."""
        ordinal = day.toordinal() - 1
        week, weekday = ordinal % CYCLE_DAYS // WEEK_DAYS, ordinal % WEEK_DAYS
        on = self.slot == (week * WORKING_DAYS + weekday if weekday < WORKING_DAYS else -2)
        starts = np.array([_begin_ms(site, day) for site in self.sites])
        begin = np.where(on, starts[self.site] + self.after_s * _MS, NEVER)
        return begin, begin + self.lasts_s * _MS


def renewed_at(life_h: Floats, windowed: Ints) -> Floats:
    """Wear at which a machine is usually renewed, 0 to 1, for machines of so long a life.

    Args:
        life_h: Running time from new to worn out, h, shape (units,).
        windowed: Slot of its maintenance, below 0 for machines that have no windows.
    """
    per_cycle = CYCLE_DAYS * 24.0 * RUNNING_SHARE / life_h
    return np.where(windowed >= 0, np.minimum(1.0, per_cycle * np.ceil(RENEW_FROM / per_cycle)), 1.0)


@lru_cache(maxsize=16)
def _windows(of: Same[Maintenance], utc_day: int) -> tuple[Floats, Floats]:
    """Begin and end of the window of each unit that touches a UTC day, ms."""
    today = date(1970, 1, 1) + timedelta(days=utc_day)
    begin, end = of.thing.windows(today)
    for other in (-1, 1):
        more, until = of.thing.windows(today + timedelta(days=other))
        touches = (until > utc_day * 86_400_000) & (more < (utc_day + 1) * 86_400_000)
        begin, end = np.where(touches, more, begin), np.where(touches, until, end)
    return begin, end


def _begin_ms(site: Site, day: date) -> float:
    local = datetime.combine(day, site.calendar.shifts[0].start, site.zone)
    return (local.timestamp() + AFTER_SHIFT_S) * _MS
