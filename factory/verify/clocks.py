"""What a scenario did to edge nodes: when they were cut off, and by how much their clocks were wrong."""

from __future__ import annotations

import numpy as np

from plant.model.enterprise import Unit
from simulators.truth.read import Truth

EFFECT = "clock_offset_ms"


def clocks_of(truth: Truth) -> dict[str, float]:
    """By how much the clock of each edge node (``site/node``) that was wrong was wrong at worst, s.

    In a replay nobody behind an edge node has a clock to hold against its own.
    """
    effects = truth.scenarios()
    mine = effects.take(effects.effect == EFFECT)
    found: dict[str, float] = {}
    for node, wrong_ms in zip(mine.place.tolist(), np.abs(mine.value).tolist(), strict=True):
        found[node] = max(found.get(node, 0.0), wrong_ms / 1000.0)
    return found


def spans_of(truth: Truth, effect: str) -> dict[str, list[tuple[int, int]]]:
    """When an effect acted on each place, UTC ms, in the order of time."""
    effects = truth.scenarios()
    mine = effects.take(effects.effect == effect)
    found: dict[str, list[tuple[int, int]]] = {}
    for place, start, end in sorted(
        zip(mine.place.tolist(), mine.start_ms.tolist(), mine.end_ms.tolist(), strict=True)
    ):
        found.setdefault(place, []).append((start, end))
    return found


def node_of(unit: Unit) -> str:
    """``site/node`` of the edge node that tells of a unit."""
    return f"{unit.site}/{unit.gateway}"
