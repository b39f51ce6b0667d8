"""The golden journal: what two shipped plants tell in their first half hour, as one digest for each kind of physics.

A change of the world that nobody meant shows as a change of `golden.txt`. One that is meant renews it:

    python tests/golden.py
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from simulators.fleet.scanner import Scan, Scanner
from simulators.report import Reporter
from simulators.world.world import World

FILE = Path(__file__).with_suffix(".txt")
RENEW = "python tests/golden.py"
SITES = ("volgograd", "orenburg")
"""Together they have every kind of physics."""
START_MS = 1_795_000_020_000
STEP_S = 10.0
STEPS = 180


def world_of(enterprise: Enterprise, sites: Sequence[str], seed: int = 7) -> World:
    """A fresh world."""
    return World(enterprise, TagTable(enterprise), text_tags(enterprise), sites, seed, START_MS)


def scanner_of(world: World, enterprise: Enterprise) -> Scanner:
    """A scanner that has told nothing yet."""
    return Scanner(world, Reporter(TagTable(enterprise)))


def journal(scans: Iterable[Scan]) -> bytes:
    """Every (tag, source time, value) of some scans, byte for byte."""
    parts = []
    for scan in scans:
        times = np.full(len(scan.rows), scan.time_ms, np.int64)
        parts += [column.tobytes() for column in (scan.rows, times, scan.values, scan.qualities)]
        parts += [f"{place}\0{scan.time_ms}\0{text}\0".encode() for place, text in scan.texts]
    return b"".join(parts)


def digests() -> list[str]:
    """A line for each kind of physics: its name, how many values its units told, their digest."""
    enterprise = load("gypsum")
    tags, texts = TagTable(enterprise), text_tags(enterprise)
    physics = {name: each.physics for name, each in enterprise.unit_types.items()}
    world = world_of(enterprise, SITES)
    scanner = scanner_of(world, enterprise)
    lines: dict[str, list[str]] = defaultdict(list)
    for scan in (scanner.look(), *(scanner.step(STEP_S) for _ in range(STEPS))):
        for row, value in zip(scan.rows.tolist(), scan.values.tolist(), strict=True):
            lines[physics[tags[row].unit.type]].append(f"{tags[row].path} {scan.time_ms} {value!r}")
        for place, text in scan.texts:
            if text:
                lines[physics[texts[place].unit.type]].append(f"{texts[place].path} {scan.time_ms} {text}")
    return [f"{kind} {len(told)} {_digest(told)}" for kind, told in sorted(lines.items())]


def _digest(told: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


if __name__ == "__main__":
    FILE.write_text("\n".join(digests()) + "\n", encoding="utf-8")
