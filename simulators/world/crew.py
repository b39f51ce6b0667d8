"""How fast people react and work: slower at night and at the weekend, in the site's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache

import numpy as np

from plant.model.enterprise import Site
from simulators.world.identity import Same
from simulators.world.inertia import Floats

NIGHT_FACTOR = 1.3
"""Reaction at night against the day; one fitter serves several lines then."""
WEEKEND_FACTOR = 1.2
"""Reaction on Saturday and Sunday against a working day."""
NIGHT_TEMPO, WEEKEND_TEMPO = 0.985, 0.99
"""Lines that people pace run 1.5 % slower at night and 1 % slower at the weekend: fewer hands, no shift engineer."""
SATURDAY = 5
DAY_S = 86_400.0
MINUTE_MS = 60_000


def reaction(sites: tuple[Site, ...], now_ms: int) -> Floats:
    """Factor on the time until somebody comes, 1 on the average of a week, shape (sites,)."""
    return _at_minute(Same(sites), now_ms // MINUTE_MS)[0]


def tempo(sites: tuple[Site, ...], now_ms: int) -> Floats:
    """Factor on the speed of lines that people pace, 1 on a working day, shape (sites,)."""
    return _at_minute(Same(sites), now_ms // MINUTE_MS)[1]


@lru_cache(maxsize=16)
def _at_minute(sites: Same[tuple[Site, ...]], minute: int) -> tuple[Floats, Floats]:
    """Reaction and tempo; shifts begin at whole minutes."""
    now = datetime.fromtimestamp(minute * 60.0, UTC)
    local = [(now.astimezone(site.zone), site) for site in sites.thing]
    return np.array([_factor(*each) for each in local]), np.array([_tempo(*each) for each in local])


def _tempo(local: datetime, site: Site) -> float:
    by_hour = 1.0 if _by_day(local, site)[0] else NIGHT_TEMPO
    return by_hour * (WEEKEND_TEMPO if local.weekday() >= SATURDAY else 1.0)


def _factor(local: datetime, site: Site) -> float:
    by_day, length = _by_day(local, site)
    by_hour = (1.0 if by_day else NIGHT_FACTOR) / (NIGHT_FACTOR + (1.0 - NIGHT_FACTOR) * length / DAY_S)
    by_date = (WEEKEND_FACTOR if local.weekday() >= SATURDAY else 1.0) / ((5.0 + 2.0 * WEEKEND_FACTOR) / 7.0)
    return by_hour * by_date


def _by_day(local: datetime, site: Site) -> tuple[bool, float]:
    """Whether the first shift of the calendar is at work, and how long that is, s."""
    begin, end = (_seconds(at) for at in (site.calendar.shifts[0].start, site.calendar.shifts[0].end))
    length = (end - begin) % DAY_S or DAY_S
    return (_seconds(local.time()) - begin) % DAY_S < length, length


def _seconds(at: time) -> float:
    return at.hour * 3600.0 + at.minute * 60.0 + at.second
