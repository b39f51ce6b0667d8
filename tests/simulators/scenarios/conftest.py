"""Plays scenarios on one site and keeps what was published: values by exception, held until the next, and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from simulators.report import Reporter
from simulators.world.influence import Injection
from simulators.world.world import World

START_MS = 1_795_000_000_000
"""18 November 2026, 11:06 UTC."""
STEP_S = 10.0
STEPS_A_MINUTE = 6


@dataclass(frozen=True)
class Plant:
    """A model with its tables."""

    enterprise: Enterprise
    tags: TagTable

    def world(self, *sites: str, seed: int = 7) -> World:
        """A fresh world of some sites, or of all."""
        return World(self.enterprise, self.tags, text_tags(self.enterprise), sites or None, seed, START_MS)


@dataclass(frozen=True)
class Published:
    """What a site told in a scenario; minutes count from the injection.

    Attributes:
        begin_min: First minute that was recorded, 0 or below.
        values: Last told value of each metric (``line/unit/metric``) after each step.
        texts: The same of texts.
        told: How often each metric was told.
    """

    begin_min: int
    values: Mapping[str, NDArray[np.float64]]
    texts: Mapping[str, list[str]]
    told: Mapping[str, int] = field(default_factory=dict)

    def of(self, ref: str, begin_min: float, end_min: float) -> NDArray[np.float64]:
        """What a metric told between two minutes, one value a step."""
        return self.values[ref][self._step(begin_min) : self._step(end_min)]

    def mean(self, ref: str, begin_min: float, end_min: float) -> float:
        """Its mean between two minutes."""
        return float(self.of(ref, begin_min, end_min).mean())

    def rise(self, ref: str, begin_min: float, end_min: float) -> float:
        """How far a counter went between two minutes."""
        part = self.of(ref, begin_min, end_min)
        return float(part[-1] - part[0])

    def said(self, ref: str, begin_min: float, end_min: float) -> set[str]:
        """What a text said between two minutes."""
        return set(self.texts[ref][self._step(begin_min) : self._step(end_min)])

    def _step(self, minute: float) -> int:
        return round((minute - self.begin_min) * STEPS_A_MINUTE)


Play = Callable[..., Published]


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
def play(gypsum: Plant) -> Play:
    """Plays a scenario on one site of the gypsum model and gives what was published, once for equal questions."""

    @cache
    def published(
        scenario: str,
        site: str,
        minutes: int,
        *,
        warm_min: int = 5,
        targets: str = "",
        stretch: float = 1.0,
        seed: int = 7,
    ) -> Published:
        world = gypsum.world(site, seed=seed)
        ours = [tag for tag in gypsum.tags if tag.unit.site == site]
        rows = np.array([tag.index for tag in ours])
        texts = [(i, tag) for i, tag in enumerate(text_tags(gypsum.enterprise)) if tag.unit.site == site]
        reporter, held = Reporter(gypsum.tags), np.full(len(gypsum.tags), np.nan)
        frames, pages, told = [], [], np.zeros(len(gypsum.tags), np.int64)
        for step in range((warm_min + minutes) * STEPS_A_MINUTE):
            if step == warm_min * STEPS_A_MINUTE:
                chosen = dict(part.split("=") for part in targets.split())
                world.inject(Injection("played", scenario, world.now_ms, chosen, {"stretch": stretch}))
            world.step(STEP_S)
            values = world.values()
            new = reporter.changed(world.now_ms, values, world.qualities())
            held[new] = values[new]
            told[new] += 1
            frames.append(held[rows])
            pages.append(world.texts())
        table = np.array(frames)
        return Published(
            -warm_min,
            {f"{tag.unit.ref}/{tag.metric.key}": table[:, i] for i, tag in enumerate(ours)},
            {f"{tag.unit.ref}/{tag.metric.key}": [page[i] for page in pages] for i, tag in texts},
            {f"{tag.unit.ref}/{tag.metric.key}": int(told[tag.index]) for tag in ours},
        )

    return published
