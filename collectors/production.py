"""Keeps the production minutes of some sites up to date, from what is durable, in a thread of its own.

::

    durable batches ──touch──▶ Touched ──▶ Owed ──near, deep, deepest──▶ parts ──▶ plant.production ──▶ historian
    tiers ───────────made───────▲                                         ▲
    edge nodes ──────────────── Watermarks ── who has told everything ────┘

A part is made of what is stored, set against the minutes that are kept, and written where it differs, so that it makes
no difference when, how often and in which order parts are made. All goes by the time of the data.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import Final, TypeAlias

import numpy as np
import structlog
from numpy.typing import NDArray

from collectors.batch import Batch
from collectors.counts import Counts
from collectors.production_owed import DEEPEST, NEAR, NEVER, REACHES, Owed, Part, Reach, parts
from collectors.production_touch import Touched
from plant.historian.protocol import DAY_MS, MINUTE_MS, Historian
from plant.production.corrections import Correction
from plant.production.lines import LineTable
from plant.production.reasons import load_reasons
from plant.production.rebuild import AFTER_MS, BEFORE_MS, made
from plant.production.renewal import Renewal, renewal
from plant.production.steps import Integers

BACK_MS: Final = DAY_MS
"""How much is read at once to find the newest minutes that earlier processes have left."""

Corrections: TypeAlias = Callable[[int, int], Sequence[Correction]]
"""What people have entered that touches [start, end), UTC ms."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProductionState:
    """How the making of minutes goes.

    Attributes:
        made_until: By site, until when its minutes are made, UTC ms; 0 for none.
        settled_until: By site: until when the minutes of all its lines are made and told whole, UTC ms; 0 for none.
        pass_s: What the last pass took, s.
    """

    made_until: dict[str, int] = field(default_factory=dict)
    settled_until: dict[str, int] = field(default_factory=dict)
    pass_s: float = 0.0


class Turned(Enum):
    """What a turn has made."""

    NOTHING = 0
    NEAR = 1
    DEEP = 2


@dataclass(slots=True, eq=False)
class _Work:
    """Parts of one pass that are not made yet; `reach` is None where a correction asks for them."""

    reach: Reach | None
    parts: deque[Part]
    took_s: float = 0.0
    restated: dict[str, list[int]] = field(default_factory=dict)


class ProductionMaker:
    """Makes and remakes minutes.

    Args:
        historian: Where readings are and minutes go.
        table: All lines.
        sites: Slugs of the sites that are served.
        watermarks: Of each line of the line table, UTC ms: its edge nodes have told everything before.
        clock: Host time, UTC ms.
        counts: `minutes_made` and `minutes_restated` are counted there.
        raw_days: Days that readings are kept; older minutes stay as they are.
        corrections: What people have entered.
    """

    def __init__(
        self,
        historian: Historian,
        table: LineTable,
        sites: Sequence[str],
        watermarks: Callable[[], Integers],
        clock: Callable[[], int],
        counts: Counts,
        raw_days: int,
        corrections: Corrections = lambda _start, _end: (),
    ) -> None:
        self.state = ProductionState()
        self._historian = historian
        self._table = table
        self._reasons = load_reasons()
        self._sites = [site for site in sites if any(row.site.slug == site for row in self._table)]
        self._watermarks = watermarks
        self._clock = clock
        self._counts = counts
        self._raw_ms = raw_days * DAY_MS
        self._corrections = corrections
        self._touched = Touched(self._table, self._sites)
        self._owed = Owed(len(self._sites))
        place = {site: number for number, site in enumerate(self._sites)}
        self._site = np.array([place.get(row.site.slug, -1) for row in self._table], np.int64)
        self._settled = np.full(len(self._table), NEVER, np.int64)
        self._work: list[_Work] = []
        self._asked: list[tuple[int, int, int]] = []
        self._begun = False
        self._asking = threading.Lock()

    @property
    def idle(self) -> bool:
        """Whether there is no line that tells anything: then there is nothing to do, ever."""
        return not len(self._touched.tags) or not self._sites

    def touch(self, batch: Batch) -> None:
        """This batch is durable now. Returns at once; any thread may call."""
        if not self.idle:
            self._touched.add(batch.columns, batch.events)

    def tiers_made(self) -> None:
        """Tiers have been made, of what was durable when that began. Any thread may call."""
        self._touched.made()

    def remake(self, line: str, start: int, end: int) -> None:
        """Make the minutes of [start, end), UTC ms, of a line (``site/line``) again soon: a correction of them is new.

        Any thread may call. Minutes of which there are no readings any more stay as they are.
        """
        index = self._table.by_storage(line)
        if index is not None and self._site[index] >= 0:
            with self._asking:
                self._asked.append((int(self._site[index]), start - start % MINUTE_MS, end + -end % MINUTE_MS))

    def turn(self, *, deep: bool = True) -> Turned:
        """Make the part that is due next; from one thread only. Blocks.

        Args:
            deep: Whether what is not near may be made now.

        Raises:
            StoreUnavailableError: The historian does not answer; nothing is forgotten, call again.
        """
        if self.idle:
            return Turned.NOTHING
        self._begin()
        self._owed.touch(*self._touched.take())
        self._plan()
        wanted = [work for work in self._work if deep or work.reach is NEAR]
        if not wanted:
            return Turned.NOTHING
        self._step(wanted[0])
        return Turned.NEAR if wanted[0].reach is NEAR else Turned.DEEP

    def finish(self, go_on: Callable[[], bool], *, deep: bool) -> bool:
        """Make what is owed at the end, for as long as `go_on` allows it; from the same thread.

        Args:
            go_on: Asked before each part.
            deep: Make all that is owed; else only the newest minutes, for the next start makes the others.

        Returns:
            Whether that is made.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        if self.idle:
            return True
        self._begin()
        for _ in range(2):
            self._touched.made()
        self._owed.touch(*self._touched.take())
        for work in self._work:
            if work.reach is not None:
                self._owed.give_back(work.reach, work.parts)
        self._work = [work for work in self._work if work.reach is None]
        self._ask()
        self._add(NEAR)
        if deep:
            self._add(DEEPEST)
        while self._work and go_on():
            self._step(self._work[0])
        return not self._work

    def _step(self, work: _Work) -> None:
        began_s = monotonic()
        for line, times in self._make(work.parts[0]).items():
            work.restated.setdefault(line, []).extend(times)
        work.parts.popleft()
        work.took_s += monotonic() - began_s
        if not work.parts:
            self._work.remove(work)
            self._finish(work)

    # what is due

    def _begin(self) -> None:
        """Find out, once, from when on minutes are owed."""
        if self._begun:
            return
        known = self._historian.held(self._touched.tags.tolist(), self._clock() + MINUTE_MS)
        self._touched.seed(known)
        site = self._touched.site[known.tag]
        for each in np.unique(site).tolist():
            self._begin_site(each, int(known.time[site == each].max()))
        self._begun = True

    def _begin_site(self, site: int, newest: int) -> None:
        """What earlier processes may have left undone: what came after their newest minute, and all that it changes."""
        oldest = self._oldest()
        kept = self._newest_minute(np.flatnonzero(self._site == site).tolist(), oldest, newest + 1)
        deep = min(oldest + AFTER_MS if kept is None else kept, newest - newest % MINUTE_MS)
        nothing = np.full(len(self._sites), NEVER, np.int64)
        here = np.arange(len(self._sites)) == site
        self._owed.touch(nothing, np.where(here, newest, 0))
        self._owed.demand(DEEPEST, np.where(here, deep, nothing))
        self._owed.demand(NEAR, np.where(here, max(kept or 0, newest - BEFORE_MS), nothing))

    def _newest_minute(self, lines: Sequence[int], oldest: int, end: int) -> int | None:
        while end > oldest:
            rows = self._historian.production(lines, end - BACK_MS, end)
            if len(rows):
                return int(rows.time.max())
            end -= BACK_MS
        return None

    def _plan(self) -> None:
        """Add what is due to the work; what is nearest to now is made first."""
        self._ask()
        waiting, now = {work.reach for work in self._work}, self._clock()
        settles = bool((self._settling(self._watermarks()) < NEVER).any())
        for reach in REACHES:
            if reach not in waiting and self._owed.is_due(reach, now, besides=settles and reach is NEAR):
                self._add(reach)

    def _add(self, reach: Reach) -> None:
        also = np.full(len(self._sites), NEVER, np.int64)
        if reach is NEAR:
            told = self._watermarks()
            also = self._settling(told)
            self._settled = np.where(self._site >= 0, self._told_whole(told), NEVER)
        found = self._owed.take(reach, self._oldest(), self._clock(), also)
        if found:
            self._work.insert(0 if reach is NEAR else len(self._work), _Work(reach, deque(found)))

    def _ask(self) -> None:
        """Corrections are waited for: they come before what is deep."""
        with self._asking:
            asked, self._asked = self._asked, []
        for site, start, end in asked:
            first = max(start, self._oldest())
            found = _window(site, first, min(end, int(self._owed.whole[site])))
            if found:
                self._work.insert(0, _Work(None, deque(found)))

    def _settling(self, told: Integers) -> Integers:
        """By site, from when on minutes were made before their edge nodes had told all of them, as they have now."""
        lines = np.flatnonzero((self._site >= 0) & (self._settled < self._told_whole(told)))
        first = np.full(len(self._sites), NEVER, np.int64)
        np.minimum.at(first, self._site[lines], self._settled[lines])
        return first

    def _told_whole(self, told: Integers) -> Integers:
        """By line, until when the minutes that are over are told whole, UTC ms."""
        until: Integers = np.minimum(told - told % MINUTE_MS, self._owed.whole[self._site])
        return until

    def _oldest(self) -> int:
        """The first minute that can be made, UTC ms: of what is older there are no readings, or not all that matter."""
        span = self._historian.span()
        readings = self._clock() - self._raw_ms + BEFORE_MS
        oldest = readings if span is None else max(readings, span[0])
        return oldest + -oldest % MINUTE_MS

    # making

    def _make(self, part: Part) -> dict[str, list[int]]:
        """Make a part; what is known reaches as far as it does by now. Returns what is restated, times by line."""
        restated: dict[str, list[int]] = {}
        until = self._owed.whole[part.rows]
        for known in np.unique(until).tolist():
            new = self._renewed(part, until == known, known)
            self._historian.write_production(new.rows)
            self._counts.minutes_made += new.minutes
            for line, time in zip(new.line.tolist(), new.time.tolist(), strict=True):
                restated.setdefault(self._table[line].storage, []).append(time)
        return restated

    def _renewed(self, part: Part, mine: NDArray[np.bool_], until: int) -> Renewal:
        """The minutes of some of the sites of a part."""
        rows, first, last = part.rows[mine], *np.zeros((2, len(self._sites) + 1), np.int64)
        first[rows], last[rows] = part.first[mine], part.last[mine]
        start, end = int(first[rows].min()), int(last[rows].max())
        fresh = made(
            self._historian,
            self._table,
            self._reasons,
            start,
            end,
            self._watermarks(),
            until=until,
            corrections=self._corrections(start - BEFORE_MS, end),
            sites=[self._sites[row] for row in rows.tolist()],
        )
        site = self._site[fresh.line]
        fresh = fresh.take((fresh.time >= first[site]) & (fresh.time < last[site]))
        lines = np.flatnonzero(np.isin(self._site, rows)).tolist()
        return renewal(self._historian.production(lines, start, end), fresh)

    def _finish(self, work: _Work) -> None:
        """A pass is over: say what it has changed."""
        why = "a correction was entered" if work.reach is None else "readings came late"
        for line, times in sorted(work.restated.items()):
            self._counts.minutes_restated += len(times)
            first, last = min(times), max(times) + MINUTE_MS
            log.info("settled minutes are restated", line=line, minutes=len(times), start=first, end=last, cause=why)
        made, until = self._owed.whole.tolist(), self._told_whole(self._watermarks())
        settled = {site: int(until[self._site == place].min()) for place, site in enumerate(self._sites)}
        self.state = ProductionState(dict(zip(self._sites, made, strict=True)), settled, work.took_s)


def _window(site: int, first: int, last: int) -> list[Part]:
    """A window of one site."""
    return parts(*(np.array([each], np.int64) for each in (site, first, last)))
