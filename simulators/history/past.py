"""Step a world through the past and tell what happens, a slice at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from plant.historian.protocol import HOUR_MS
from plant.model.tags import TagTable
from simulators import memory
from simulators.fleet.scanner import Scan, Scanner
from simulators.fleet.told import Told
from simulators.memory import Memory
from simulators.report import Reporter
from simulators.truth.ledger import TruthLedger
from simulators.world.world import Snapshot, World

STEP_S = 10.0
"""Resolution of made history."""
SLICE_MS = HOUR_MS
"""A slice is so much world time: large appends cost least, and an interrupted filling repeats a few of them."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What was told until a moment, and the world at that moment.

    Attributes:
        told: Since the slice before.
        memory: What was told last of each tag, until now.
        moment: The world after it, a step on: whoever goes on from it tells that step first. None at the end, where
            the step of the slice before has been told.
    """

    told: Told
    memory: Memory
    moment: Snapshot | None


def slices(
    world: World,
    tags: TagTable,
    *,
    end_ms: int,
    state: Path,
    progress: Callable[[float], None],
    step_s: float = STEP_S,
    truth: TruthLedger | None = None,
) -> Iterator[Slice]:
    """Step a world until `end_ms`.

    Args:
        world: Loaded from `state` if that exists.
        tags: Its tag table.
        end_ms: UTC ms; the world stops at the last whole step before it.
        state: File beside which it is kept what was told of the world until it was saved.
        progress: Told the share that is done after each step, 0 to 1.
        step_s: Resolution of the history, s.
        truth: Keeps the truth about the same world; written down before a slice is handed over.
    """
    scanner = Scanner(world, Reporter(tags))
    told = memory.load(state, world.now_ms)
    if told is not None:
        scanner.recall(told)
    begun, total = world.now_ms, max(1.0, float(end_ms - world.now_ms))
    scans, slice_end = [_look(scanner, truth)], _slice_end(begun)
    while world.now_ms + step_s * 1000.0 <= end_ms:
        world.step(step_s)
        over = world.now_ms >= slice_end or world.now_ms + step_s * 1000.0 > end_ms
        remembered = scanner.memory() if over else None
        scan = _look(scanner, truth)
        if remembered is not None:
            if truth is not None:
                truth.flush()
            yield Slice(Told.of(scans), remembered, world.snapshot())
            scans, slice_end = [], _slice_end(world.now_ms)
        scans.append(scan)
        progress((world.now_ms - begun) / total)
    yield Slice(Told.of(scans), scanner.memory(), None)


def _slice_end(now_ms: int) -> int:
    return now_ms - now_ms % SLICE_MS + SLICE_MS


def _look(scanner: Scanner, truth: TruthLedger | None) -> Scan:
    scan = scanner.look()
    if truth is not None:
        truth.look(scan)
    return scan
