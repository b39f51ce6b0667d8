"""The figures by which an engineer knows such plants, per site over a simulated day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from simulators.world.energy import GAS_MJ_M3
from simulators.world.state import BOOKS, ENERGY, GAS, GOOD, PRODUCED, REJECT, WATER


class SiteDay:
    """A day of one site."""

    def __init__(self, day, site: str) -> None:
        self.day, self.site, self.roster = day, site, day.world.fixed.roster
        self.here = self.roster.site == [each.slug for each in self.roster.sites].index(site)
        self.totals = day.world.state.totals - day.begin.totals
        self.books = day.world.state.books - day.begin.books

    def _rows(self, kinds: tuple[str, ...]) -> np.ndarray:
        chosen = np.zeros(len(self.here), np.bool_)
        for kind in kinds:
            chosen[self.roster.slices[kind]] = True
        return np.flatnonzero(chosen & self.here)

    def total(self, quantity: int, *kinds: str) -> float:
        """What units of some kinds counted."""
        return float(self.totals[quantity, self._rows(kinds)].sum())

    def booked(self, name: str, *kinds: str) -> float:
        """What they noted."""
        return float(self.books[BOOKS.index(name), self._rows(kinds)].sum())

    def share(self, part: float, whole: float) -> float:
        """Their quotient, NaN where the site has no such process."""
        return part / whole if whole else np.nan

    def kwh(self) -> float:
        """Of all units but meters."""
        units = self.here.copy()
        units[self.roster.slices["meter"]] = False
        return float(self.totals[ENERGY, units].sum())

    def shown(self, kind: str, key: str) -> np.ndarray:
        """A metric once a minute while its units execute, all units end to end."""
        values = [np.zeros(0)]
        for row in self._rows((kind,)):
            of = self.day.plant.tags.of_unit(self.roster.units[row])
            values.append(self.day.minutes[self.day.minutes[:, of["state"].index] == 6, of[key].index])
        return np.concatenate(values)

    def off_nominal(self, kind: str, key: str, nominals: tuple[float, ...]) -> np.ndarray:
        """A metric against the nearest nominal value."""
        shown = self.shown(kind, key)
        each = shown[:, None] - np.array(nominals)
        return each[np.arange(len(shown)), np.abs(each).argmin(axis=1)]

    def makes_boards(self) -> bool:
        """Whether the site forms boards."""
        return self.total(PRODUCED, "board_former") > 0.0


@dataclass(frozen=True)
class Figure:
    """What is looked at, and where it must lie; NaN where a site has no such process."""

    name: str
    low: float
    high: float
    of: Callable[[SiteDay], float]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _sd(values: np.ndarray) -> float:
    return float(values.std()) if len(values) else np.nan


def _kwh_t(site: SiteDay, *, boards: bool) -> float:
    fits = site.makes_boards() == boards
    return site.share(site.kwh(), site.total(GOOD, "calciner")) if fits else np.nan


def _rejected(site: SiteDay, kind: str) -> float:
    return 100.0 * site.share(site.total(REJECT, kind), site.total(PRODUCED, kind))


def _gas(site: SiteDay, kind: str, *counted: tuple[int, str]) -> float:
    return site.share(site.total(GAS, kind), sum(site.total(quantity, name) for quantity, name in counted))


def _efficiency(site: SiteDay, kind: str) -> float:
    return site.share(site.booked("heat_mj", kind), site.total(GAS, kind) * GAS_MJ_M3)


def _yield(site: SiteDay) -> float:
    return site.share(site.total(GOOD, "calciner"), site.booked("taken", "calciner"))


def _kneaded(site: SiteDay) -> float:
    return 1000.0 * site.share(site.total(WATER, "board_former"), site.total(PRODUCED, "board_former"))


def _thickness(site: SiteDay) -> np.ndarray:
    return site.off_nominal("board_former", "thickness", (12.5, 9.5))


def _bags(site: SiteDay) -> np.ndarray:
    return site.off_nominal("packer", "bag_mass", (30.0, 20.0))


STUCCO, BOARDS, BLOCKS = (GOOD, "calciner"), (PRODUCED, "board_stacker"), (PRODUCED, "block_dryer")
FIGURES = (
    Figure("gas, m3/t stucco", 30.0, 38.0, lambda s: _gas(s, "calciner", STUCCO) + _gas(s, "dryer_mill", STUCCO)),
    Figure("gas of the kettle, m3/t stucco", 25.0, 30.0, lambda s: _gas(s, "calciner", STUCCO)),
    Figure("power with boards, kWh/t stucco", 35.0, 62.0, lambda s: _kwh_t(s, boards=True)),
    Figure("power without boards, kWh/t stucco", 30.0, 70.0, lambda s: _kwh_t(s, boards=False)),
    Figure("stucco of dried stone", 0.82, 0.86, _yield),
    Figure("gas of boards, m3/m2", 0.30, 0.38, lambda s: _gas(s, "board_dryer", BOARDS)),
    Figure("water of boards, l/m2", 4.0, 6.0, _kneaded),
    Figure("gas of blocks, m3/m2", 3.5, 4.5, lambda s: _gas(s, "block_dryer", BLOCKS)),
    Figure("heat that goes into the stone", 0.65, 0.85, lambda s: _efficiency(s, "calciner")),
    Figure("heat that goes into the boards", 0.70, 0.95, lambda s: _efficiency(s, "board_dryer")),
    Figure("moisture of boards, %", 0.45, 0.8, lambda s: _mean(s.shown("board_dryer", "outlet_moisture"))),
    Figure("moisture of blocks, %", 5.0, 12.0, lambda s: _mean(s.shown("block_dryer", "outlet_moisture"))),
    Figure("product temperature, degC", 153.0, 157.0, lambda s: _mean(s.shown("calciner", "product_temperature"))),
    Figure("conversion, %", 96.0, 99.5, lambda s: _mean(s.shown("calciner", "conversion"))),
    Figure("setting time, min", 5.5, 10.5, lambda s: _mean(s.shown("calciner", "setting_time"))),
    Figure("thickness off nominal, mm", -0.05, 0.05, lambda s: _mean(_thickness(s))),
    Figure("deviation of thickness, mm", 0.04, 0.09, lambda s: _sd(_thickness(s))),
    Figure("bag mass above nominal, kg", 0.02, 0.08, lambda s: _mean(_bags(s))),
    Figure("deviation of bag mass, kg", 0.075, 0.11, lambda s: _sd(_bags(s))),
    Figure("mixer cycle, s", 195.0, 240.0, lambda s: _mean(s.shown("dosing_mixer", "cycle_time"))),
    Figure("moulder cycle, s", 440.0, 530.0, lambda s: _mean(s.shown("block_moulder", "cycle_time"))),
    Figure("rejected boards, %", 0.8, 6.0, lambda s: _rejected(s, "board_stacker")),
    Figure("rejected bags, %", 0.2, 1.6, lambda s: _rejected(s, "packer")),
    Figure("rejected blocks, %", 0.3, 4.0, lambda s: _rejected(s, "block_dryer")),
)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda each: each.name)
def test_a_day_shows_the_figures_of_such_plants(day, figure: Figure) -> None:
    """Each site that has the process shows the figure within what is usual; some site has it."""
    found = {site.slug: figure.of(SiteDay(day, site.slug)) for site in day.world.fixed.roster.sites}
    known = {site: value for site, value in found.items() if not np.isnan(value)}
    assert known
    assert {site: value for site, value in known.items() if not figure.low <= value <= figure.high} == {}
