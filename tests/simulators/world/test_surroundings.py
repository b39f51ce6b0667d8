from __future__ import annotations

import numpy as np
import pytest

from simulators.world import crew
from simulators.world.dice import Dice
from simulators.world.weather import Weather

HOUR_MS = 3_600_000
MONDAY_NOON_MOSCOW = 1_794_819_600_000
"""16 November 2026, 12:00 in Moscow."""
JULY_MS = 1_784_106_000_000
"""15 July 2026, 12:00 in Moscow."""


def test_winter_is_cold_and_its_stone_is_wet(gypsum) -> None:
    """January nights are below -5 degC in the Urals, July noons above 15 degC; stone is wetter in the cold season."""
    sites = gypsum.enterprise.sites
    weather = Weather.of(sites)
    calm = weather.start(np.zeros((2, len(sites))))
    winter, summer = (weather.sky(calm, ms) for ms in (JULY_MS + (185 * 24 - 9) * HOUR_MS, JULY_MS))
    orenburg = [site.slug for site in sites].index("orenburg")
    assert winter.air_c[orenburg] < -5.0
    assert summer.air_c[orenburg] > 15.0
    assert (winter.stone_moisture > summer.stone_moisture).all()
    assert ((winter.stone_moisture >= 0.01) & (winter.stone_moisture <= 0.06)).all()


def test_afternoons_are_warmer_in_each_zone(gypsum) -> None:
    """The day's swing follows the site's own clock: at noon in Moscow it is later, and warmer, in the Urals."""
    sites = gypsum.enterprise.sites
    weather = Weather.of(sites)
    calm = weather.start(np.zeros((2, len(sites))))
    noon, night = (weather.sky(calm, MONDAY_NOON_MOSCOW + h * HOUR_MS).air_c for h in (0, -9))
    assert (noon > night).all()


def test_nights_and_weekends_react_later(gypsum) -> None:
    """Reaction is slower at night and on Sunday, by the site's own clock."""
    sites = gypsum.enterprise.sites
    day, night, sunday = (crew.reaction(sites, MONDAY_NOON_MOSCOW + h * HOUR_MS) for h in (0, 12, -24))
    assert (night > day).all()
    assert (sunday > day).all()
    week = np.mean([crew.reaction(sites, MONDAY_NOON_MOSCOW + h * HOUR_MS) for h in range(168)], axis=0)
    assert week == pytest.approx(np.ones(len(sites)), rel=0.01)


def test_nights_and_weekends_work_a_little_slower(gypsum) -> None:
    """Lines that people pace lose one or two per cent at night and at the weekend, each in the site's own clock."""
    sites = gypsum.enterprise.sites
    day, night, sunday = (crew.tempo(sites, MONDAY_NOON_MOSCOW + h * HOUR_MS) for h in (0, 12, -24))
    assert day == pytest.approx(np.ones(len(sites)))
    assert ((night > 0.97) & (night < 0.995)).all()
    assert ((sunday > 0.97) & (sunday < 0.995)).all()


def test_each_site_draws_for_itself() -> None:
    """A site's numbers do not depend on its neighbours, and go on where a snapshot was taken."""
    rows = [np.array([0, 2]), np.array([1])]
    both = Dice(["a", "b"], 7, rows, rows, rows)
    alone = Dice(["b"], 7, [np.array([0])], [np.array([0])], [np.array([0])])
    first, second = both.draw(), alone.draw()
    assert np.array_equal(first.normal[:, 1], second.normal[:, 0])
    assert first.tag_normal[1] == second.tag_normal[0]
    snapshot = both.snapshot()
    later = both.draw()
    both.restore(snapshot)
    assert np.array_equal(both.draw().uniform, later.uniform)
