"""The first history: the world steps through the past and its readings go straight into the historian.

No broker could carry a week in minutes. One thread steps the world, another writes what it told and makes the tiers.
The saved world at the end is what the live simulators go on from, so that there is no step at the seam.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, Self

import numpy as np

from plant.changes import ChangeDetector
from plant.errors import ConfigurationError
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian
from plant.historian.rebuild import TierMaker, rebuild
from plant.model.tags import TagTable, TextTag
from plant.readings import GOOD, Columns, Event, EventKind
from simulators import memory
from simulators.fleet.scanner import Scan, Scanner
from simulators.fleet.told import Told
from simulators.memory import Memory
from simulators.report import Reporter
from simulators.truth.ledger import TruthLedger
from simulators.world.world import Snapshot, World

P = ParamSpec("P")

STEP_S = 10.0
"""Resolution of made history."""
SLICE_MS = HOUR_MS
"""Readings of so much world time are written at once, then the world is saved: large appends cost least, and an
interrupted filling repeats at most two slices."""
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
    truth: TruthLedger | None = None,
) -> None:
    """Write what happens in `world` until `end_ms`, with its tiers; goes on where an interrupted call left off.

    Args:
        world: At the start of the history; `resume` takes it to where an interrupted call left off.
        historian: Takes readings, events and tiers.
        tags: The tag table of both.
        texts: The text tags of the enterprise.
        end_ms: UTC ms; the world stops at the last whole step before it.
        state: File of the world's state, written after every slice and at the end.
        progress: Told the share that is done, 0 to 1.
        step_s: Resolution of the history, s.
        truth: Keeps the truth about the same world.

    An interrupted call that is made again ends with exactly the readings of an uninterrupted one. Tiers are made from
    the newest minute row on, so that a gap gets its own, and minutes whose readings have expired stay as they are.

    Raises:
        ConfigurationError: `state` holds another world.
        StoreUnavailableError: The historian is away; calling again goes on.
    """
    if state.exists():
        world.load(state)
    scanner = Scanner(world, Reporter(tags))
    told = memory.load(state, world.now_ms)
    if told is not None:
        scanner.recall(told)
    begun, total = world.now_ms, max(1.0, float(end_ms - world.now_ms))
    with _Writer(world, historian, tags, texts, state) as writer:
        writer.begin(told)
        writer.take(_look(scanner, truth))
        save_at = _slice_end(begun)
        while world.now_ms + step_s * 1000.0 <= end_ms:
            world.step(step_s)
            saves = world.now_ms >= save_at or world.now_ms + step_s * 1000.0 > end_ms
            told = scanner.memory() if saves else None
            scan = _look(scanner, truth)
            if told is not None:
                writer.save(told, truth)
                save_at = _slice_end(world.now_ms)
            writer.take(scan)
            progress((world.now_ms - begun) / total)
    progress(1.0)


def _slice_end(now_ms: int) -> int:
    return now_ms - now_ms % SLICE_MS + SLICE_MS


def _look(scanner: Scanner, truth: TruthLedger | None) -> Scan:
    scan = scanner.look()
    if truth is not None:
        truth.look(scan)
    return scan


class _Writer:
    """Writes what is told, makes the tiers and saves the world, a slice at a time, in a thread of its own.

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
        self._scans: list[Scan] = []
        self._thread = ThreadPoolExecutor(1, "history-writer")
        self._job: Future[object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._thread:
            if kind is None:
                self._after_the_last(self._write, Told.of(self._scans))
                self._wait()

    def begin(self, told: Memory | None) -> None:
        """Make the tiers of what was written until now; `told` is what was told of it, if that is known."""
        now_ms, tiers = self._world.now_ms, self._historian.span()
        since = min(now_ms, tiers[1]) if tiers else self._world.begun_ms
        rebuild(self._historian, self._ours, since, now_ms, lambda _: None)
        self._maker = TierMaker(self._historian, self._ours, now_ms)
        self._open = self._historian.raw(self._ours, self._maker.at, now_ms)
        if told is not None:
            self._detector.events(_held(told))

    def take(self, scan: Scan) -> None:
        """Keep what a scan told until the slice is written."""
        self._scans.append(scan)

    def save(self, told: Memory, truth: TruthLedger | None) -> None:
        """Write what was taken, then the present world, of which only `told` has been told."""
        if truth is not None:
            truth.flush()
        self._after_the_last(self._finish, Told.of(self._scans), told, self._world.snapshot())
        self._scans = []

    def _after_the_last(self, job: Callable[P, object], *args: P.args, **named: P.kwargs) -> None:
        """Do something in the thread; no more than one slice waits, so that memory stays bounded."""
        self._wait()
        self._job = self._thread.submit(job, *args, **named)

    def _wait(self) -> None:
        if self._job is not None:
            self._job.result()

    def _finish(self, slice_: Told, told: Memory, moment: Snapshot) -> None:
        self._open = Columns.concat((self._open, self._write(slice_))).latest_written()
        self._make_tiers(told.time_ms)
        memory.save(told, self._state)
        self._world.save(self._state, moment)

    def _write(self, told: Told) -> Columns:
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
