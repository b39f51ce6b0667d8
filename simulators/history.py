"""The first history: the world steps through the past and its readings go straight into the historian.

No broker could carry a week in minutes. The saved world at the end is what the live simulators go on
from, so that there is no step at the seam.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plant.changes import ChangeDetector
from plant.errors import ConfigurationError
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian
from plant.historian.rebuild import rebuild
from plant.model.tags import TagTable, TextTag
from plant.readings import GOOD, Columns, Event, EventKind
from simulators.report import Reporter
from simulators.world.world import World

STEP_S = 10.0
"""Resolution of made history."""
BATCH_ROWS = 200_000
"""Readings are written about so many at a time: large appends cost least."""
SAVE_EVERY_MS = 2 * HOUR_MS
"""World time between saved states; an interrupted filling repeats at most so much."""
STEPPING = 0.8
"""Share of the work that is stepping and writing; the rest is making the tiers."""
_LENGTH = re.compile(r"(\d+)\s*([mhd])")
_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def history_start(now_ms: int, length: str) -> int | None:
    """When a history of that length begins, on a full minute, UTC ms; None for no history.

    Args:
        now_ms: Its end, UTC ms.
        length: Minutes, hours or days such as ``90m``, ``8h``, ``2d``; ``0`` for none.

    Raises:
        ConfigurationError: The text is no such length.
    """
    if length.strip() == "0":
        return None
    found = _LENGTH.fullmatch(length.strip())
    if found is None or int(found[1]) == 0:
        raise ConfigurationError(f"'{length}' is no length of history; write 90m, 8h or 2d, or 0 for none")
    start = now_ms - int(found[1]) * _UNIT_MS[found[2]]
    return start - start % MINUTE_MS


def fill(
    world: World,
    historian: Historian,
    tags: TagTable,
    texts: Sequence[TextTag],
    *,
    end_ms: int,
    state: Path,
    progress: Callable[[float], None],
    step_s: float = STEP_S,
) -> None:
    """Write what happens in `world` until `end_ms`, then its tiers; goes on where an interrupted call left off.

    Args:
        world: At the start of the history; where `state` exists already, the world in it takes its place.
        historian: Takes readings, events and tiers.
        tags: The tag table of both.
        texts: The text tags of the enterprise.
        end_ms: UTC ms; the world stops at the last whole step before it.
        state: File of the world's state, written now and then and at the end.
        progress: Told the share that is done, 0 to 1.
        step_s: Resolution of the history, s.

    Tiers are made from the newest minute row on, so that an interrupted call and a later gap get theirs, and minutes
    whose readings have expired stay as they are.

    Raises:
        ConfigurationError: `state` holds another world.
        StoreUnavailableError: The historian is away; calling again goes on.
    """
    if state.exists():
        world.load(state)
    begun, total = world.now_ms, max(1.0, float(end_ms - world.now_ms))
    tiers = historian.span()
    since = min(begun, tiers[1]) if tiers else world.begun_ms
    recorder = _Recorder(world, historian, tags, texts)
    recorder.look()
    save_at = begun + SAVE_EVERY_MS
    while world.now_ms + step_s * 1000.0 <= end_ms:
        world.step(step_s)
        recorder.look()
        if world.now_ms >= save_at:
            recorder.save(state)
            save_at += SAVE_EVERY_MS
        progress(STEPPING * (world.now_ms - begun) / total)
    recorder.save(state)
    ours = np.flatnonzero(world.qualities() == GOOD).tolist()
    rebuild(historian, ours, since, world.now_ms, lambda part: progress(STEPPING + (1.0 - STEPPING) * part))


class _Recorder:
    """Collects what is to be told, and writes it in large batches."""

    def __init__(self, world: World, historian: Historian, tags: TagTable, texts: Sequence[TextTag]) -> None:
        self._world = world
        self._historian = historian
        self._texts = texts
        self._reporter = Reporter(tags)
        self._detector = ChangeDetector(tags)
        self._told: list[str | None] = [None if tag.unit.site in self._sites() else "" for tag in texts]
        self._rows: list[NDArray[np.intp]] = []
        self._values: list[NDArray[np.float64]] = []
        self._times: list[int] = []
        self._events: list[Event] = []
        self._count = 0

    def look(self) -> None:
        """Take what is new at the world's present moment."""
        now = self._world.now_ms
        values = self._world.values()
        rows = self._reporter.changed(now, values, self._world.qualities())
        self._rows.append(rows)
        self._values.append(values[rows])
        self._times.append(now)
        self._count += len(rows)
        for place, text in enumerate(self._world.texts()):
            if text != self._told[place]:
                self._told[place] = text
                tag = self._texts[place]
                self._events.append(Event(now, tag.unit.storage, EventKind.TEXT, tag.metric.key, text, -1, GOOD))
        if self._count >= BATCH_ROWS:
            self.flush()

    def save(self, state: Path) -> None:
        """Write what was collected, then the world: a state never runs ahead of the historian."""
        self.flush()
        self._world.save(state)

    def flush(self) -> None:
        """Write what was collected."""
        if not self._count:
            return
        lengths = [len(rows) for rows in self._rows]
        columns = Columns(
            tag=np.concatenate(self._rows).astype(np.int32),
            time=np.repeat(np.array(self._times, np.int64), lengths),
            value=np.concatenate(self._values),
            quality=np.full(self._count, GOOD, np.uint16),
        )
        self._historian.write(columns)
        self._historian.write_events([*self._detector.events(columns), *self._events])
        self._rows, self._values, self._times, self._events, self._count = [], [], [], [], 0

    def _sites(self) -> set[str]:
        return {site.slug for site in self._world.fixed.roster.sites}
