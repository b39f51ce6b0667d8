"""Minute and hour rows as time goes by: from memory when all goes well, from readings where it did not.

::

                  gap: nobody watched        made      being filled
    ──────────────┬───────────────┬─────────────────┬───────────────▶ time
                  seen          started           next            now
        late readings: the store is read again        readings wait in memory

Readings that come for a minute that is made already make it anew, and the minutes after it up to the tag's next
reading, since that is how long they hold; no other row is touched. Gaps of earlier processes are told by the rows that
these left: where they knew nothing, nothing is invented now.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.gaps import Spans, joined, rollup_watched, told_by_rows
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.historian.rebuild import make_hour
from plant.historian.watch import NEVER, Watch
from plant.model.tags import Tag
from plant.readings import Columns
from plant.rollup import newest, rollup

Integers = NDArray[np.int64]
Positions = NDArray[np.intp]

GRACE_MS: Final = 5_000
"""A minute is made so long after its end, ms: readings are under way for a second or two."""
PAUSE_MS: Final = 120_000
"""So long without `make` means that the process did not run (the machine slept), ms."""
MOST_WAITING: Final = 2_000_000
"""Readings that wait in memory at most; beyond that the store is read again."""
SLICE_ROWS: Final = 30_000
"""Minute rows that are made again at once at most."""
ROLLED_AT_ONCE: Final = 200_000
"""Readings of which rows are made at once, about: the arrays on the way take ten times their space."""
READ_AT_ONCE: Final = 2_000
"""Tags that the store is asked for at once: an answer may take ten times the space of the readings in it."""
_FIRST_SLICE_MS: Final = 10 * MINUTE_MS
"""Most late readings are followed by another one soon; the slice doubles as long as some tags find none."""
_LOOK_BACK_MS: Final = HOUR_MS


class TierMaker:
    """Makes the rows of the tags of one process.

    Call `touch` with each batch that is durable and `make` every few seconds; `make` from one thread only.

    Args:
        historian: Where readings are and rows go.
        tags: Tags that this process watches; retired ones are left out.
        started_at: When this process began to watch, UTC ms; the first `make` if not given.
    """

    def __init__(self, historian: Historian, tags: Iterable[Tag], *, started_at: int | None = None) -> None:
        live = sorted((tag for tag in tags if tag.is_live), key=lambda tag: tag.index)
        names = [(tag.unit.site, tag.unit.gateway) for tag in live]
        nodes = {name: number for number, name in enumerate(dict.fromkeys(names))}
        self._historian = historian
        self._tags = np.array([tag.index for tag in live], np.int32)
        self._position = np.full(int(self._tags.max(initial=-1)) + 2, -1, np.intp)
        self._position[self._tags] = np.arange(len(live))
        self._node = np.array([nodes[name] for name in names], np.intp)
        self._watch = Watch(live)
        self._lock = threading.Lock()
        self._touched: list[Columns] = []
        self._touched_rows = 0
        self._dropped_since = NEVER
        self._started_at = started_at
        self._seen = 0
        self._next = 0
        self._foreign_until = 0  # before it, other processes watched, and their rows tell what they knew
        self._waiting: list[Columns] | None = None  # None: readings since `_next` are in the store only
        self._held = Columns.empty()
        self._again_from = np.full(len(live), NEVER, np.int64)
        self._again_to = np.zeros(len(live), np.int64)
        self._settled_by = np.zeros(len(live), np.int64)

    @property
    def made_until(self) -> int:
        """The end of the minutes that are made, UTC ms; 0 before the first `make`."""
        return self._next

    @property
    def own_since(self) -> int:
        """Minutes before it were made by earlier processes, UTC ms."""
        return self._foreign_until

    def touch(self, columns: Columns) -> None:
        """These readings are durable now. Returns at once; any thread may call."""
        known = columns.tag < len(self._position)
        mine = columns.take(known & (self._position[np.where(known, columns.tag, 0)] >= 0)) if len(known) else columns
        with self._lock:
            if self._touched_rows + len(mine) > MOST_WAITING:
                times = [part.time.min(initial=NEVER) for part in (*self._touched, mine)]
                self._dropped_since = min(self._dropped_since, *(int(time) for time in times))
                self._touched, self._touched_rows = [], 0
            else:
                self._touched.append(mine)
                self._touched_rows += len(mine)

    def doubt(self, tags: Sequence[int], start: int, end: int) -> None:
        """Make the rows of these tags over [start, end), UTC ms, again at the next `make`. From its thread."""
        position = self._position[np.asarray(tags, np.int32)]
        position = position[position >= 0]
        self._again_from[position] = np.minimum(self._again_from[position], start)
        self._again_to[position] = np.maximum(self._again_to[position], end)
        self._settled_by[position] = np.maximum(self._settled_by[position], end)

    def fresh(self, tags: Sequence[int], start: int, end: int) -> TierColumns:
        """What the minute rows of these tags over [start, end) should be by the readings that are stored now.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        position = self._position[np.asarray(tags, np.int32)]
        return self._from_store(np.unique(position[position >= 0]), start, end)[1]

    def make(self, now: int) -> None:
        """Make the rows of all minutes and hours that are over, and again those that late readings have changed.

        Args:
            now: The time now, UTC ms.

        Raises:
            StoreUnavailableError: The historian does not answer; nothing is forgotten, call again.
        """
        if self._next == 0:
            self._begin(now)
        elif now - self._seen > PAUSE_MS:
            self._resume(self._seen, now)
        self._seen = now
        self._sort_in()
        self._make_again()
        finished = _minute(now - GRACE_MS)
        if finished > self._next:
            self._make_next(finished)

    def _begin(self, now: int) -> None:
        """Continue where the last process ended."""
        start = now if self._started_at is None else self._started_at
        read = int(self._historian.held(self._indices(self._everything), start).time.max(initial=-1)) + 1
        earliest = _minute(read) - _LOOK_BACK_MS
        newest_row, good_until = self._newest_row(earliest, start)
        seen = min(max(read, good_until), start)
        self._next = _minute(start)
        self._resume(seen, start)
        self._foreign_until = _minute(seen) if newest_row is None else min(newest_row, _minute(seen))
        if seen:
            # The newest row is made once more, so that its hour is made even if the last process did not come to it.
            self._demand(min(earliest if newest_row is None else newest_row, _minute(seen)), seen)

    def _newest_row(self, start: int, end: int) -> tuple[int | None, int]:
        """Time of the newest minute row of [start, end), None for none, and until when any of them is good."""
        newest_row, good_until = None, 0
        for part in _parts(self._everything):
            rows = self._historian.tier(Tier.MINUTE, self._indices(part), start, end)
            if len(rows):
                newest_row = max(int(rows.time.max()), newest_row or 0)
                good_until = max(int((rows.time + rows.good_ms).max()), good_until)
        return newest_row, good_until

    def _resume(self, seen: int, start: int) -> None:
        """Nobody watched in [seen, start); minutes go on with the one that holds `start`."""
        self._watch.add_gap(seen, start)
        if self._next < _minute(start):
            self._demand(self._next, seen)
            self._next = _minute(start)
        self._waiting = None

    def _demand(self, start: int, end: int) -> None:
        """All tags need their rows of [start, end) again."""
        self._again_from = np.minimum(self._again_from, start)
        self._again_to = np.maximum(self._again_to, end)
        self._settled_by = np.maximum(self._settled_by, end)

    def _sort_in(self) -> None:
        """Readings that were touched wait for their minute, or mark what they change."""
        with self._lock:
            touched, self._touched, self._touched_rows = self._touched, [], 0
            dropped, self._dropped_since = self._dropped_since, NEVER
        readings = Columns.concat(touched)
        late = readings.time < self._next
        position, time = self._position[readings.tag[late]], readings.time[late]
        np.minimum.at(self._again_from, position, time)
        np.maximum.at(self._settled_by, position, time)
        self._again_to[position] = NEVER
        known_from, known_to = self._watch.replayed(position, time)
        self._again_from = np.minimum(self._again_from, known_from)
        self._again_to = np.maximum(self._again_to, known_to)
        self._settled_by = np.maximum(self._settled_by, known_to)
        if self._waiting is not None and not late.all():
            self._waiting.append(readings.take(~late))
        if dropped < NEVER:
            self._demand(dropped, self._next)
        if dropped < NEVER or (self._waiting is not None and sum(map(len, self._waiting)) > MOST_WAITING):
            self._waiting = None

    def _make_next(self, finished: int) -> None:
        """The rows of all tags from the next minute up to `finished`."""
        first = self._next
        if self._waiting is None:
            step = _slice_ms(len(self._tags))
            for at in range(first, finished, step):
                self._make_from_store(self._everything, at, min(at + step, finished))
            held = self._historian.held(self._indices(self._everything), finished)
            # What was touched meanwhile is in `_touched`, what came before is read from the store once more.
            asked = (self._indices(part) for part in _parts(self._everything))
            rest = Columns.concat(self._historian.raw(part, finished, finished + HOUR_MS) for part in asked)
        else:
            waiting, self._waiting = Columns.concat(self._waiting), None  # nothing is held twice
            over = waiting.time < finished
            inside, rest = waiting.take(over).latest_written(), waiting.take(~over)
            del waiting
            for samples, held in _by_tags(inside, self._held):
                self._historian.write_tier(Tier.MINUTE, rollup(samples, held, first, finished, MINUTE_MS))
            held = newest(Columns.concat((self._held, newest(inside))).latest_written())
        for hour in range(first - first % HOUR_MS, finished - finished % HOUR_MS, HOUR_MS):
            make_hour(self._historian, self._indices(self._everything), hour)
        self._held, self._waiting, self._next = held, [rest], finished

    def _make_again(self) -> None:
        """The rows that late readings have changed, slice by slice, each tag up to where nothing changes any more."""
        changed = np.flatnonzero(self._again_from < np.minimum(self._again_to, self._next))
        pending, written = changed, [TierColumns.empty()]
        at, span = int(_minute(self._again_from[pending].min(initial=NEVER))), _FIRST_SLICE_MS
        while len(pending) and at < self._next:
            until = min(at + min(span, _slice_ms(len(pending))), self._next)
            due = pending[self._again_from[pending] < until]
            settled = np.full(len(self._tags), NEVER, np.int64)
            if len(due):
                samples, rows = self._from_store(due, at, until)
                position = self._position[samples.tag]
                settles = samples.time > self._settled_by[position]
                np.minimum.at(settled, position[settles], samples.time[settles])
                written.append(rows.take(self._is_changed(rows, settled)))
                self._historian.write_tier(Tier.MINUTE, written[-1])
            pending = pending[(settled[pending] == NEVER) & (self._again_to[pending] > until)]
            at = _minute(self._watch.next_known(pending, until)) if len(pending) else until
            if len(pending):
                at, span = max(at, int(_minute(self._again_from[pending].min()))), 2 * span
        self._finish_again(changed, TierColumns.concat(written))

    def _is_changed(self, rows: TierColumns, settled: Integers) -> NDArray[np.bool_]:
        """Rows that late readings can have changed: none before them, none behind the minute of the one that follows.

        Args:
            rows: Minute rows.
            settled: Time of the reading of each tag after which nothing changes any more, `NEVER` for none.
        """
        position = self._position[rows.tag]
        until = np.minimum(settled, self._again_to - 1)[position]
        changed: NDArray[np.bool_] = (rows.time + MINUTE_MS > self._again_from[position]) & (rows.time <= until)
        return changed

    def _finish_again(self, changed: Positions, written: TierColumns) -> None:
        """Hours and held values that follow from minutes made again."""
        if len(changed):
            hours = written.time - written.time % HOUR_MS
            for hour in np.unique(hours[hours + HOUR_MS <= self._next]).tolist():
                make_hour(self._historian, np.unique(written.tag[hours == hour]).tolist(), hour)
            if self._waiting is not None:
                kept = self._held.take(~np.isin(self._held.tag, self._tags[changed]))
                held = self._historian.held(self._indices(changed), self._next)
                self._held = Columns.concat((kept, held)).latest_written()
        self._again_from[:], self._again_to[:], self._settled_by[:] = NEVER, 0, 0

    def _make_from_store(self, positions: Positions, start: int, end: int) -> None:
        """Write the minute rows of these tags over [start, end)."""
        self._historian.write_tier(Tier.MINUTE, self._from_store(positions, start, end)[1])

    def _from_store(self, positions: Positions, start: int, end: int) -> tuple[Columns, TierColumns]:
        """The readings of these tags over [start, end) in the store, and the minute rows that they make."""
        if len(positions) > READ_AT_ONCE:
            parts = [self._from_store(part, start, end) for part in _parts(positions)]
            return Columns.concat(samples for samples, _ in parts), TierColumns.concat(rows for _, rows in parts)
        indices = self._indices(positions)
        samples, held = self._historian.raw(indices, start, end), self._historian.held(indices, start)
        spans = self._watch.unwatched(positions, self._tags[positions])
        if start < self._foreign_until:
            spans = joined(spans, self._foreign_gaps(positions, start, min(end, self._foreign_until)))
        return samples, rollup_watched(samples, held, spans, start, end)

    def _foreign_gaps(self, positions: Positions, start: int, end: int) -> Spans:
        """When nobody watched the edge nodes of these tags, as the rows of earlier processes tell it."""
        beside = np.flatnonzero(np.isin(self._node, self._node[positions]))
        return told_by_rows(self._historian, self._indices(beside), self._node[beside], start, end)

    @property
    def _everything(self) -> Positions:
        return np.arange(len(self._tags))

    def _indices(self, positions: Positions) -> Sequence[int]:
        indices: list[int] = self._tags[positions].tolist()
        return indices


def _parts(positions: Positions) -> list[Positions]:
    """Tags, as many of them together as the store is asked for at once."""
    return np.array_split(positions, max(1, -(-len(positions) // READ_AT_ONCE)))


def _by_tags(samples: Columns, held: Columns) -> Iterator[tuple[Columns, Columns]]:
    """Readings and held values, both sorted by tag, in parts that share no tag."""
    cuts = np.arange(ROLLED_AT_ONCE, len(samples), ROLLED_AT_ONCE)
    edges = [0, *np.unique(samples.tag[cuts]).tolist(), np.iinfo(np.int32).max]
    for low, high in pairwise(edges):
        mine = slice(*np.searchsorted(samples.tag, (low, high)))
        yield samples.take(mine), held.take(slice(*np.searchsorted(held.tag, (low, high))))


def _slice_ms(tags: int) -> int:
    """Time, ms, of whose rows so many tags make one slice."""
    return max(1, SLICE_ROWS // max(1, tags)) * MINUTE_MS


def _minute(time: int) -> int:
    """The start of the minute."""
    return time - time % MINUTE_MS
