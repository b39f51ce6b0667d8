"""How fast people react: slower at night and at the weekend, in the site's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from plant.model.enterprise import Site
from simulators.world.inertia import Floats

NIGHT_FACTOR = 1.3
"""Reaction at night against the day; one fitter serves several lines then."""
WEEKEND_FACTOR = 1.2
"""Reaction on Saturday and Sunday against a working day."""
SATURDAY = 5


def reaction(sites: Sequence[Site], now_ms: int) -> Floats:
    """Factor on the time until somebody comes, 1 on a working day, shape (sites,)."""
    now = datetime.fromtimestamp(now_ms / 1000.0, UTC)
    return np.array([_factor(now.astimezone(site.zone), site) for site in sites])


def _factor(local: datetime, site: Site) -> float:
    day = site.calendar.shifts[0]
    time = local.time()
    inside = day.start <= time < day.end if day.start < day.end else time >= day.start or time < day.end
    by_hour = 1.0 if inside else NIGHT_FACTOR
    return by_hour * (WEEKEND_FACTOR if local.weekday() >= SATURDAY else 1.0)
