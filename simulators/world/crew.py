"""How fast people react and work: slower outside the first shift and on days of rest, by the calendar of the model."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from plant.calendar.spans import ShiftSpan
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Site
from simulators.world.identity import Same
from simulators.world.inertia import Floats

NIGHT_FACTOR = 1.3
"""Reaction at night against the day; one fitter serves several lines then."""
WEEKEND_FACTOR = 1.2
"""Reaction on Saturdays, Sundays and holidays against a working day."""
NIGHT_TEMPO, WEEKEND_TEMPO = 0.985, 0.99
"""Lines that people pace run 1.5 % slower at night and 1 % slower at the weekend: fewer hands, no shift engineer."""
SATURDAY = 5
MINUTE_MS, DAY_MS, DAY_MIN = 60_000, 86_400_000, 1_440


def reaction(sites: tuple[Site, ...], now_ms: int) -> Floats:
    """Factor on the time until somebody comes, 1 on the average of a week, shape (sites,)."""
    return _at_minute(Same(sites), now_ms // MINUTE_MS)[0]


def tempo(sites: tuple[Site, ...], now_ms: int) -> Floats:
    """Factor on the speed of lines that people pace, 1 on a working day, shape (sites,)."""
    return _at_minute(Same(sites), now_ms // MINUTE_MS)[1]


@lru_cache(maxsize=16)
def _at_minute(sites: Same[tuple[Site, ...]], minute: int) -> tuple[Floats, Floats]:
    """Reaction and tempo; shifts begin at whole minutes."""
    shifts = [(site, _shift(site, minute * MINUTE_MS)) for site in sites.thing]
    return np.array([_factor(*each) for each in shifts]), np.array([_tempo(*each) for each in shifts])


def _tempo(site: Site, span: ShiftSpan) -> float:
    return (1.0 if _by_day(site, span) else NIGHT_TEMPO) * (WEEKEND_TEMPO if _is_free(site, span) else 1.0)


def _factor(site: Site, span: ShiftSpan) -> float:
    share = _first_share(site)
    by_hour = (1.0 if _by_day(site, span) else NIGHT_FACTOR) / (NIGHT_FACTOR + (1.0 - NIGHT_FACTOR) * share)
    by_date = (WEEKEND_FACTOR if _is_free(site, span) else 1.0) / ((5.0 + 2.0 * WEEKEND_FACTOR) / 7.0)
    return by_hour * by_date


def _by_day(site: Site, span: ShiftSpan) -> bool:
    """Whether the first shift of the calendar is at work."""
    return span.shift is site.calendar.shifts[0]


def _is_free(site: Site, span: ShiftSpan) -> bool:
    """Whether the production day is one of rest."""
    return span.day.weekday() >= SATURDAY or span.day in site.holidays


def _first_share(site: Site) -> float:
    """Share of the first shift in the day."""
    first = site.calendar.shifts[0]
    minutes = (60 * first.end.hour + first.end.minute) - (60 * first.start.hour + first.start.minute)
    return (minutes % DAY_MIN or DAY_MIN) / DAY_MIN


def _shift(site: Site, at_ms: int) -> ShiftSpan:
    return next(span for span in _shifts(Same(site), at_ms // DAY_MS) if span.start <= at_ms < span.end)


@lru_cache(maxsize=64)
def _shifts(site: Same[Site], utc_day: int) -> list[ShiftSpan]:
    """The shifts that share time with a UTC day."""
    return WorkCalendar.of(site.thing).shifts(utc_day * DAY_MS, (utc_day + 1) * DAY_MS)
