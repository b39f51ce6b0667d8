"""The alarm engine: readings and time go in, changes of alarms come out. No clock, no I/O, one thread.

Few readings matter. For each tag the engine keeps the band of values that would change nothing; a batch is compared
with it in arrays, and only readings outside of it, or of another quality than before, are looked at one by one,
together with all others of their unit in the order of their arrival. So any split of the input into batches gives the
same.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plant.alarms.amend import amend
from plant.alarms.change import Change, Standing
from plant.alarms.kinds.charted import ChartedCondition
from plant.alarms.kinds.condition import ANY_VALUE, NEVER, only
from plant.alarms.kinds.deviation import DeviationCondition
from plant.alarms.rules import Behind, Kind, Rule, Running
from plant.alarms.states import Event, State
from plant.alarms.watch import Watch
from plant.readings import GOOD, Columns

_LONG_AGO = np.iinfo(np.int64).min
_NO_QUALITY = 65_535


class Engine:
    """Watches all rules of some sites.

    Args:
        rules: What to watch; keys are unique.
        groups: Number of each tag's unit, int32, shape (tags,); readings of one unit keep their order.
        known: How alarms stood before, by key of their rule.
        started: Since when this engine listens, UTC ms.
        nodes: Number of each tag's edge node, 0 or more, int32, shape (tags,): each has a time of its own. All tags of
            a rule are of one. If left out, there is one node.
        unseen: What is fed is history, which nobody could watch: what comes and goes in it calls for nobody.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        groups: NDArray[np.int32],
        known: Mapping[str, Standing],
        started: int,
        nodes: NDArray[np.int32] | None = None,
        *,
        unseen: bool = False,
    ) -> None:
        self._changes: list[Change] = []
        self._nodes = np.zeros(len(groups), np.int32) if nodes is None else nodes
        self._queues: list[list[tuple[int, int]]] = [[] for _ in range(int(self._nodes.max(initial=0)) + 1)]
        self._groups = groups - groups.min(initial=0)
        self._watches = [
            Watch(rule, known.get(rule.key, Standing()), self._changes.append, place, started if unseen else None)
            for place, rule in enumerate(rules)
        ]
        self._by_key = {watch.rule.key: watch for watch in self._watches}
        self._reading: dict[int, list[Watch]] = defaultdict(list)
        self._governed: dict[int, list[Watch]] = defaultdict(list)
        self._behind: dict[str, list[Watch]] = defaultdict(list)
        for watch in self._watches:
            self._wire(watch)
        self._of_watch = [int(self._nodes[watch.condition.tags[0]]) for watch in self._watches]
        self._shelved = {watch.place for watch in self._watches if watch.standing.state is State.SHELVED}
        count = len(groups)
        self._newest = np.full(count, _LONG_AGO, np.int64)
        self._last = np.full(count, math.nan)
        self._quality = np.full(count, _NO_QUALITY, np.uint16)
        self._every = np.zeros(count, np.bool_)
        always = [watch.condition.tags for watch in self._watches if watch.condition.every_reading]
        self._every[[tag for tags in always for tag in tags]] = True
        self._watched = np.zeros(count, np.bool_)
        self._watched[[*self._reading, *self._governed]] = True
        self._low, self._high = np.full(count, -np.inf), np.full(count, np.inf)
        self._codes: dict[int, float] = {}
        for tag in (*self._reading, *self._governed):
            self._set_band(tag)
        for watch in self._watches:
            watch.await_first(started)
            if watch.condition.abnormal:
                self._follow(watch, started, [each for each in self._followers(watch) if each.is_normal])
            self._schedule(watch)

    def _followers(self, leader: Watch) -> list[Watch]:
        return self._behind.get(leader.rule.key, [])

    def _wire(self, watch: Watch) -> None:
        for tag in watch.condition.tags:
            self._reading[tag].append(watch)
        match watch.rule.suppression:
            case Running(tag=tag):
                self._governed[tag].append(watch)
            case Behind(rule=rule):
                self._behind[rule].append(watch)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def node(self, key: str) -> int:
        """Number of the edge node by whose time an alarm goes; KeyError if there is no such rule."""
        return self._of_watch[self._by_key[key].place]

    def standing(self, key: str) -> Standing:
        """How an alarm stands; KeyError if there is no such rule."""
        return self._by_key[key].standing

    def rules(self) -> Iterable[Rule]:
        """All rules, in their order."""
        return (watch.rule for watch in self._watches)

    def take(self) -> list[Change]:
        """Everything that has changed since the last call, in order."""
        changes = self._changes[:]
        self._changes.clear()
        return changes

    def feed(self, readings: Columns, *, anew: bool = False, heard: int = 0) -> None:
        """Readings of the present, in the order of their arrival; those older than what is known are left out.

        Args:
            readings: Of any tags; replayed history has no place here.
            anew: They come with a birth, which counts even if the source's clock was set back.
            heard: When the birth came, UTC ms: its source is there from then on, however old the values are.
        """
        rows = readings.take(self._watched[readings.tag])
        if anew:
            self._newest[rows.tag] = _LONG_AGO
        rows = rows.take(rows.time >= self._newest[rows.tag])
        if len(rows) == 0:
            return
        odd = self._slow(rows)
        if odd.any():
            self._read_closely(rows.take(odd), heard)
            calm = rows.take(~odd)
        else:
            calm = rows
        self._last[calm.tag] = calm.value
        np.maximum.at(self._newest, rows.tag, rows.time)

    def _slow(self, rows: Columns) -> NDArray[np.bool_]:
        """Which rows have to be looked at one by one."""
        tag, value = rows.tag, rows.value
        outside = ~((value >= self._low[tag]) & (value <= self._high[tag])) | (rows.quality != self._quality[tag])
        every = self._every[tag]
        if not outside.any():
            return every
        units = np.unique(self._groups[tag[outside]])
        return np.isin(self._groups[tag], units) | every

    def _read_closely(self, rows: Columns, heard: int) -> None:
        newest: dict[int, int] = {}
        columns = (rows.tag.tolist(), rows.time.tolist(), rows.value.tolist(), rows.quality.tolist())
        for tag, time, value, quality in zip(*columns, strict=True):
            if time >= newest.get(tag, time):
                newest[tag] = time
                self._read(tag, time, value, quality, heard)

    def _read(self, tag: int, time: int, value: float, quality: int, heard: int) -> None:
        self._quality[tag], self._last[tag] = quality, value
        for watch in self._governed.get(tag, ()):
            self._govern(watch, tag, time, value, quality)
        seen = value if quality == GOOD else None
        for watch in self._reading.get(tag, ()):
            at = max(time, heard) if watch.rule.kind is Kind.LOST else time
            watch.catch_up(at)
            was = watch.condition.abnormal
            if isinstance(watch.condition, DeviationCondition):
                watch.condition.hold(self._last[watch.condition.tags[0]])
            watch.judge(watch.condition.read(tag, at, value, quality), at, seen)
            if watch.condition.abnormal != was:
                self._follow(watch, at, self._followers(watch))
            if watch.rule.kind is Kind.DEVIATION:
                self._set_band(watch.condition.tags[0])  # a new set point moves it
            self._schedule(watch)
        self._set_band(tag)

    def _govern(self, watch: Watch, tag: int, time: int, code: float, quality: int) -> None:
        """The state of a unit; while it is not known, what was known holds."""
        if quality != GOOD or not isinstance(watch.rule.suppression, Running):
            return
        self._codes[tag] = code
        watch.catch_up(time)
        running = watch.rule.suppression
        watch.govern(time, suppress=code not in running.codes, settle_ms=running.settle_ms)
        self._schedule(watch)

    def _follow(self, leader: Watch, time: int, followers: Iterable[Watch]) -> None:
        """Rules that stand back behind another one."""
        for watch in followers:
            if isinstance(watch.rule.suppression, Behind):
                watch.catch_up(time)
                settle_ms = watch.rule.suppression.settle_ms
                watch.govern(time, suppress=leader.condition.abnormal, settle_ms=settle_ms)
                self._schedule(watch)

    def _set_band(self, tag: int) -> None:
        """Values of a tag that change nothing."""
        low, high = only(self._codes.get(tag, math.nan)) if tag in self._governed else ANY_VALUE
        for watch in self._reading.get(tag, ()):
            least, most = watch.condition.quiet(tag)
            low, high = max(low, least), min(high, most)
        self._low[tag], self._high[tag] = low, high

    def _schedule(self, watch: Watch) -> None:
        due = watch.due()
        if due < watch.queued:
            watch.queued = due
            heapq.heappush(self._queues[self._of_watch[watch.place]], (due, watch.place))

    def advance(self, now: int) -> None:
        """Time has passed everywhere, UTC ms: as `advance_each` for a host and nodes that agree."""
        self.advance_each([now] * len(self._queues), now)

    def advance_each(self, times: Sequence[int], now: int) -> None:
        """Time has passed: delays end, samples are due, shelved alarms come back. Late calls lose nothing.

        Args:
            times: How far time has come at each edge node, UTC ms: delays run by it.
            now: Host time, UTC ms: people shelve by it.
        """
        for node, time in enumerate(times):
            self._advance_node(self._queues[node], time)
        for place in sorted(self._shelved):
            watch = self._watches[place]
            until = watch.standing.until
            if until is not None and until <= now:
                watch.apply(Event.EXPIRE, times[self._of_watch[place]] - (now - until))
                self._shelved.discard(place)

    def amend(self, key: str, before: Standing, past: Sequence[Change], until: int) -> None:
        """History tells what became of an alarm while nobody could watch.

        Args:
            key: Of its rule.
            before: How it stood when that time began.
            past: What `plant.alarms.past` found in that time, in order.
            until: Its end, UTC ms; from then on this engine has heard itself.

        Raises:
            KeyError: There is no such rule.
        """
        watch = self._by_key[key]
        watch.catch_up(until)
        amend(watch, before, past, until)
        self._schedule(watch)

    def signal(self, key: str, *, abnormal: bool, at: int, value: float) -> None:
        """A control chart has been made again.

        Args:
            key: Of a rule whose test is `plant.alarms.rules.Charted`.
            abnormal: Whether it calls.
            at: Time of its newest point, UTC ms of the edge node.
            value: Of that point.

        Raises:
            KeyError: There is no such rule.
        """
        watch = self._by_key[key]
        if isinstance(watch.condition, ChartedCondition):
            watch.catch_up(at)
            watch.condition.signal(abnormal=abnormal)
            watch.judge(abnormal, at, value)
            self._schedule(watch)

    def _advance_node(self, queue: list[tuple[int, int]], time: int) -> None:
        while queue and queue[0][0] <= time:
            due, place = heapq.heappop(queue)
            watch = self._watches[place]
            if due != watch.queued:
                continue
            watch.queued = NEVER
            watch.catch_up(time)
            self._schedule(watch)

    def excuse(self, times: Sequence[int]) -> None:
        """Whoever could not hear anybody until now must not call them lost before they had time to speak.

        Args:
            times: The present of each edge node, UTC ms.
        """
        for watch in self._watches:
            if watch.rule.kind is Kind.LOST:
                watch.excuse(times[self._of_watch[watch.place]])

    def command(self, key: str, event: Event, at: int, *, who: str, why: str = "", until: int | None = None) -> bool:
        """What an operator does to an alarm.

        Args:
            key: Of its rule.
            event: Acknowledge, reset, shelve, unshelve, remove, restore or comment.
            at: The present of its edge node, UTC ms.
            who: Who does it.
            why: Their reason.
            until: For shelving, host time, UTC ms.

        Returns:
            False when the alarm is in no state in which that can be done.

        Raises:
            KeyError: There is no such rule.
        """
        watch = self._by_key[key]
        watch.catch_up(at)
        done = watch.apply(event, at, who=who, why=why, until=until)
        self._schedule(watch)
        if watch.standing.state is State.SHELVED:
            self._shelved.add(watch.place)
        else:
            self._shelved.discard(watch.place)
        return done
