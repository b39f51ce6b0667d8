"""Write the slices of a history, make their tiers and save the world at their ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from plant.changes import ChangeDetector
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian
from plant.historian.rebuild import TierMaker, rebuild
from plant.model.tags import TagTable, TextTag
from plant.readings import GOOD, Columns, Event, EventKind
from simulators import memory
from simulators.fleet.told import Told
from simulators.history.past import Slice
from simulators.memory import Memory
from simulators.world.world import World


def fill(
    slices: Iterable[Slice], world: World, historian: Historian, tags: TagTable, texts: Sequence[TextTag], state: Path
) -> None:
    """Write what happens in a world, with its tiers; goes on where an interrupted call left off.

    Args:
        slices: What happens, from where `world` is now.
        world: At the start of the history, or where an interrupted call left off; at the end of the history afterwards.
        historian: Takes readings, events and tiers.
        tags: The tag table of both.
        texts: The text tags of the enterprise.
        state: File of the world's state, written after every slice.

    An interrupted call that is made again ends with exactly the readings of an uninterrupted one. Tiers are made from
    the newest minute row on, so that a gap gets its own, and minutes whose readings have expired stay as they are.

    Raises:
        StoreUnavailableError: The historian is away; calling again goes on.
    """
    writer = _Writer(world, historian, tags, texts, state)
    for slice_ in slices:
        writer.write(slice_)


class _Writer:
    """Writes what is told, makes the tiers and saves the world.

    A saved world is the moment before its scan is told: whoever goes on from it tells that first.
    """

    def __init__(
        self, world: World, historian: Historian, tags: TagTable, texts: Sequence[TextTag], state: Path
    ) -> None:
        self._world = world
        self._historian = historian
        self._texts = {int(place): texts[place] for place in world.fixed.display.text}
        self._state = state
        self._ours = np.flatnonzero(world.qualities() == GOOD).tolist()
        self._detector = ChangeDetector(tags)
        now_ms, tiers = world.now_ms, historian.span()
        since = min(now_ms, tiers[1]) if tiers else world.begun_ms
        rebuild(historian, self._ours, since, now_ms, lambda _: None)
        self._maker = TierMaker(historian, self._ours, now_ms)
        self._open = historian.raw(self._ours, self._maker.at, now_ms)
        told = memory.load(state, now_ms)
        if told is not None:
            self._detector.events(_held(told))

    def write(self, slice_: Slice) -> None:
        """Write what it tells, then make the tiers until its end and save its world."""
        columns = self._tell(slice_.told)
        if slice_.moment is None:
            return
        self._open = Columns.concat((self._open, columns)).latest_written()
        self._make_tiers(slice_.memory.time_ms)
        memory.save(slice_.memory, self._state)
        self._world.restore(slice_.moment)
        self._world.save(self._state)

    def _tell(self, told: Told) -> Columns:
        columns = Columns(told.rows, told.times, told.values, told.qualities)
        self._historian.write(columns)
        self._historian.write_events([*self._detector.events(columns), *self._text_events(told)])
        return columns

    def _make_tiers(self, now_ms: int) -> None:
        finish = now_ms - now_ms % MINUTE_MS
        while self._maker.at < finish:
            until = min(self._maker.at - self._maker.at % HOUR_MS + HOUR_MS, finish)
            over = self._open.time < until
            self._maker.add(self._open.take(over), until)
            self._open = self._open.take(~over)

    def _text_events(self, told: Told) -> list[Event]:
        ours = ((self._texts[place], time, text) for place, time, text in told.texts if place in self._texts)
        return [
            Event(time, tag.unit.storage, EventKind.TEXT, tag.metric.key, text, -1, GOOD) for tag, time, text in ours
        ]


def _held(told: Memory) -> Columns:
    """What had been told last, as readings of the present."""
    rows = np.flatnonzero(told.numbers.quality == GOOD)
    return Columns(
        tag=rows.astype(np.int32),
        time=np.full(len(rows), told.time_ms, np.int64),
        value=told.numbers.value[rows],
        quality=told.numbers.quality[rows],
    )
