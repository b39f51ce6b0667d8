"""Outdoor temperature and stone moisture at each site, from latitude, season, hour and a random walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np

from plant.model.enterprise import Site
from simulators.world.identity import Same
from simulators.world.inertia import Floats, wander

SPELL_S = 2 * 86_400.0
"""A spell of warm or cold weather lasts about two days."""
SPELL_K = 3.5
"""Deviation of such spells, K; daily means of mid-latitude Russia scatter by 3 to 5 K about the norm."""
SEAM_S = 6 * 3_600.0
"""A stretch of the quarry face with the same moisture is worked off in about a quarter of a day."""
SEAM_MOISTURE = 0.005
"""Deviation of stone moisture between such stretches, kg/kg."""
DAY_SWING_K = 4.0
"""Half the usual difference between the warmest hour (15:00) and the coldest (03:00), K."""
WARMEST_HOUR = 15.0
COLDEST_DAY = 18.0
"""Day of the year on which the norm is lowest (18 January)."""
DRY_MOISTURE, WET_MOISTURE = 0.028, 0.048
"""Free water of the stone in late summer and in the frozen, wet season, kg/kg; the mill leaves 0.01 to 0.05 of it."""

LEAST_MOISTURE = 0.01
"""Stone from a covered yard in a dry summer still holds this much, kg/kg."""
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class WeatherState:
    """Deviation from the norm per site: air, K, and stone moisture, kg/kg; shapes (sites,)."""

    air_k: Floats
    moisture: Floats


@dataclass(frozen=True, slots=True)
class Sky:
    """What the weather is now: outdoor air, degC, and free water of the stone, kg/kg; shapes (sites,)."""

    air_c: Floats
    stone_moisture: Floats


@dataclass(frozen=True, slots=True)
class Weather:
    """Norms of the sites; all arrays of shape (sites,).

    Attributes:
        mean_c: Mean of the year, degC.
        swing_k: Half the difference between July and January, K.
    """

    sites: tuple[Site, ...]
    mean_c: Floats
    swing_k: Floats

    @classmethod
    def of(cls, sites: Sequence[Site]) -> Weather:
        """Norms from place: means fall by 0.45 K a degree northwards, swings grow by 0.12 K a degree eastwards.

        Fitted to Maykop (11 degC, 11 K), Moscow (6 degC, 13 K) and Orenburg (5 degC, 16 K).
        """
        latitude = np.array([site.latitude for site in sites])
        longitude = np.array([site.longitude for site in sites])
        return cls(tuple(sites), 30.0 - 0.45 * latitude, 0.27 * latitude - 1.0 + 0.12 * (longitude - 38.0))

    def start(self, normal: Floats) -> WeatherState:
        """A state drawn from the stationary distribution; `normal` has the shape (2, sites)."""
        return WeatherState(SPELL_K * normal[0], SEAM_MOISTURE * normal[1])

    def step(self, state: WeatherState, dt_s: float, normal: Floats) -> WeatherState:
        """`dt_s` later; `normal` has the shape (2, sites)."""
        return WeatherState(
            wander(state.air_k, normal[0], dt_s, SPELL_S, SPELL_K),
            wander(state.moisture, normal[1], dt_s, SEAM_S, SEAM_MOISTURE),
        )

    def sky(self, state: WeatherState, now_ms: int) -> Sky:
        """Norm of day and hour plus the deviation; hours in each site's own zone."""
        norm = _norm(Same(self), now_ms // MINUTE_MS)
        return Sky(norm.air_c + state.air_k, np.maximum(LEAST_MOISTURE, norm.stone_moisture + state.moisture))


@lru_cache(maxsize=16)
def _norm(weather: Same[Weather], minute: int) -> Sky:
    """What is usual in a minute of the year."""
    now, norms = datetime.fromtimestamp(minute * 60.0, UTC), weather.thing
    day = now.timetuple().tm_yday + now.hour / 24.0
    season = np.cos(2.0 * np.pi * (day - COLDEST_DAY) / 365.25)
    hours = np.array([_hour(site, now) for site in norms.sites])
    daily = DAY_SWING_K * np.cos(2.0 * np.pi * (hours - WARMEST_HOUR) / 24.0)
    wet = DRY_MOISTURE + 0.5 * (1.0 + season) * (WET_MOISTURE - DRY_MOISTURE)
    return Sky(norms.mean_c - norms.swing_k * season + daily, np.full(len(norms.sites), wet))


def _hour(site: Site, now: datetime) -> float:
    offset = now.astimezone(site.zone).utcoffset() or timedelta()
    return (now.hour + now.minute / 60.0 + offset.total_seconds() / 3600.0) % 24.0
