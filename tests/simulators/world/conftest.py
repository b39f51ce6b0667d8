"""One simulated day of the whole shipped model, looked at by many tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from simulators.world.energy import WATER_OF_GYPSUM
from simulators.world.state import BOOKS, WorldState
from simulators.world.world import World

START_MS = 1_795_000_000_000
"""18 November 2026, 11:06 UTC."""
STEP_S = 10.0
STEPS = 8_640


@dataclass(frozen=True)
class Plant:
    """A model with its tables."""

    enterprise: Enterprise
    tags: TagTable
    start_ms: int = START_MS

    def world(self, *sites: str, seed: int = 7, start_ms: int = START_MS) -> World:
        """A fresh world of some sites, or of all."""
        return World(self.enterprise, self.tags, text_tags(self.enterprise), sites or None, seed, start_ms)


@dataclass(frozen=True)
class Day:
    """What happened in a day.

    Attributes:
        begin: State at its beginning.
        states: State of every unit after every step, shape (steps, units).
        minutes: Measured values once a minute, shape (minutes, tags).
        stucco_expected_t: Sum over the day of feed (1 - w)(1 - 0.1569 p a) of all kettles, each with its true values.
        falls: For each tag: how often the value fell between two steps, and by how much at most.
    """

    plant: Plant
    world: World
    begin: WorldState
    states: NDArray[np.int8]
    minutes: NDArray[np.float64]
    stucco_expected_t: float
    falls: NDArray[np.int64]
    deepest: NDArray[np.float64]


@pytest.fixture(scope="session")
def gypsum() -> Plant:
    """The shipped model of eight gypsum plants."""
    enterprise = load("gypsum")
    return Plant(enterprise, TagTable(enterprise))


@pytest.fixture(scope="session")
def print_farm() -> Plant:
    """The shipped model of a maker of 3D printers."""
    enterprise = load("print-farm")
    return Plant(enterprise, TagTable(enterprise))


@pytest.fixture(scope="session")
def day(gypsum: Plant) -> Day:
    """A day of all sites at 10 s."""
    world = gypsum.world()
    begin = world.state
    states = np.empty((STEPS, len(begin.machines.state)), np.int8)
    minutes, last, expected = [], world.values(), 0.0
    falls, deepest = np.zeros(len(last), np.int64), np.zeros(len(last))
    for step in range(STEPS):
        before = world.state
        world.step(STEP_S)
        expected += _stucco_expected(world, before)
        states[step] = world.state.machines.state
        now = world.values()
        fall = last - now
        falls += fall > 0.0
        deepest = np.maximum(deepest, fall)
        last = now
        if step % 6 == 0:
            minutes.append(now)
    return Day(gypsum, world, begin, states, np.array(minutes), expected, falls, deepest)


def _stucco_expected(world: World, before: WorldState) -> float:
    """Stucco that the textbook expects of a step, t: from what went in, the silo's moisture, purity and conversion."""
    kettles = world.fixed.roster.slices["calciner"]
    kind, state = world.fixed.kinds["calciner"], before.kinds["calciner"]
    feed = (world.state.books - before.books)[BOOKS.index("taken"), kettles]
    mills = world.fixed.graph.main[kettles]
    moisture = before.stores.water[mills] / np.maximum(1e-9, before.stores.amount[mills])
    product_c = state.fire.heat_c + state.ripple_k
    conversion = 1.0 - 0.02 * np.exp(-(product_c - 155.0) / 4.0)
    purity = kind.purity + state.purity_off
    return float((feed * (1.0 - moisture) * (1.0 - WATER_OF_GYPSUM * purity * conversion)).sum())
