"""One simulated day of the whole shipped model, looked at by many tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from simulators.world.state import WorldState
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
        falls: For each tag: how often the value fell between two steps, and by how much at most.
    """

    plant: Plant
    world: World
    begin: WorldState
    states: NDArray[np.int8]
    minutes: NDArray[np.float64]
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
    minutes, last = [], world.values()
    falls, deepest = np.zeros(len(last), np.int64), np.zeros(len(last))
    for step in range(STEPS):
        world.step(STEP_S)
        states[step] = world.state.machines.state
        now = world.values()
        fall = last - now
        falls += fall > 0.0
        deepest = np.maximum(deepest, fall)
        last = now
        if step % 6 == 0:
            minutes.append(now)
    return Day(gypsum, world, begin, states, np.array(minutes), falls, deepest)
