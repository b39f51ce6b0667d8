"""Edge nodes whose clock a scenario makes wrong: in a replay nobody behind them has a clock to hold against theirs."""

from __future__ import annotations

import numpy as np

from plant.model.enterprise import Unit
from simulators.truth.read import Truth

EFFECT = "clock_offset_ms"


def clocks_of(truth: Truth) -> dict[str, float]:
    """By how much the clock of each edge node (``site/node``) that was wrong was wrong at worst, s."""
    effects = truth.scenarios()
    mine = effects.take(effects.effect == EFFECT)
    found: dict[str, float] = {}
    for node, wrong_ms in zip(mine.place.tolist(), np.abs(mine.value).tolist(), strict=True):
        found[node] = max(found.get(node, 0.0), wrong_ms / 1000.0)
    return found


def node_of(unit: Unit) -> str:
    """``site/node`` of the edge node that tells of a unit."""
    return f"{unit.site}/{unit.gateway}"
