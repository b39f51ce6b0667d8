"""Checks by samples that minute rows equal their readings and hour rows their minutes, for as long as we run.

A row that differs is looked at once more after the next making of rows: readings that were on their way make it right
by themselves. What still differs from the same readings is counted, told once, and made again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import structlog

from collectors.counts import Counts
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.historian.rebuild import make_hour
from plant.historian.tiers import TierMaker
from plant.model.tags import TagTable
from plant.rollup import combine

EVERY_MS: Final = MINUTE_MS
TAGS: Final = 8
"""Tags of one check."""
RECENT: Final = 2
"""Minutes of the last `RECENT_MS` that are checked each time, beside one of all that readings are kept for."""
RECENT_MS: Final = 2 * HOUR_MS
MOST_TOLD: Final = 10_000
"""Rows that are remembered because they were told of."""
TOLERANCE: Final = 1e-9
"""Relative: sums of the same readings in another order."""

Row: TypeAlias = tuple[float, ...]
_Key: TypeAlias = tuple[Tier, int, int]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A row that differed, and what it should have been."""

    tier: Tier
    tag: int
    time: int
    wanted: Row

    @property
    def key(self) -> _Key:
        """Which row it is."""
        return (self.tier, self.tag, self.time)


class RollupAudit:
    """Checks some rows now and then.

    Args:
        historian: Where the rows are.
        maker: Makes them, and knows what they should be.
        tags: The tag table.
        served: Indices of the tags that are checked.
        raw_days: Days that readings are kept.
        counts: `rollup_checks` and `rollup_mismatches` are counted there.
        rng: Chooses.
    """

    def __init__(
        self,
        historian: Historian,
        maker: TierMaker,
        tags: TagTable,
        served: Sequence[int],
        raw_days: int,
        counts: Counts,
        rng: random.Random,
    ) -> None:
        self._historian = historian
        self._maker = maker
        self._tags = tags
        self._served = served
        self._raw_ms = raw_days * DAY_MS
        self._counts = counts
        self._rng = rng
        self._due = 0
        self._suspects: dict[_Key, _Suspect] = {}
        self._told: set[_Key] = set()

    def turn(self, now: int) -> None:
        """Check what is due; call it after each making of rows, from its thread.

        Args:
            now: Host time, UTC ms.

        Raises:
            StoreUnavailableError: The historian does not answer; the next turn goes on.
        """
        suspects, self._suspects = self._suspects, {}
        for suspect in suspects.values():
            self._look_again(suspect)
        if now >= self._due:
            self._due = now + EVERY_MS
            self._sample(now)

    def _sample(self, now: int) -> None:
        span, made = self._historian.span(), self._maker.made_until
        if span is None or not self._served:
            return
        oldest = max(span[0], now - self._raw_ms + HOUR_MS)
        for earliest in (*[max(oldest, made - RECENT_MS)] * RECENT, oldest):
            minute = self._pick(earliest, made, MINUTE_MS)
            if minute is not None:
                self._check(Tier.MINUTE, minute)
        hour = self._pick(span[0] + HOUR_MS, made, HOUR_MS)  # the oldest minutes of an hour may have expired
        if hour is not None:
            self._check(Tier.HOUR, hour)

    def _pick(self, start: int, end: int, width: int) -> int | None:
        """A whole multiple of `width` within [start, end), None if there is none."""
        first, last = -(-start // width), end // width
        return self._rng.randrange(first, last) * width if first < last else None

    def _check(self, tier: Tier, time: int) -> None:
        tags = sorted(self._rng.sample(self._served, min(TAGS, len(self._served))))
        found, wanted = self._compare(tier, tags, time)
        self._counts.rollup_checks += len(tags)
        for tag in tags:
            if self._differ(found.get(tag, ()), wanted.get(tag, ()), time):
                self._suspects[tier, tag, time] = _Suspect(tier, tag, time, wanted.get(tag, ()))

    def _look_again(self, suspect: _Suspect) -> None:
        found, wanted = self._compare(suspect.tier, [suspect.tag], suspect.time)
        here, there = found.get(suspect.tag, ()), wanted.get(suspect.tag, ())
        if not self._differ(here, there, suspect.time):
            return
        if not _same(there, suspect.wanted):  # readings still come in
            self._suspects[suspect.key] = replace(suspect, wanted=there)
            return
        self._counts.rollup_mismatches += 1
        self._tell(suspect, here)
        if suspect.tier is Tier.MINUTE:
            self._maker.doubt([suspect.tag], suspect.time, suspect.time + MINUTE_MS)
        else:
            make_hour(self._historian, [suspect.tag], suspect.time)

    def _tell(self, suspect: _Suspect, found: Row) -> None:
        if suspect.key not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(suspect.key)
            log.error(
                "a rolled-up row differs from what it is made of; it is made again",
                tag=self._tags[suspect.tag].path,
                tier=suspect.tier.name.lower(),
                time=suspect.time,
                found=found,
                wanted=suspect.wanted,
            )

    def _compare(self, tier: Tier, tags: Sequence[int], time: int) -> tuple[dict[int, Row], dict[int, Row]]:
        """Rows of the tier by tag: as they are, and as they should be."""
        found = self._historian.tier(tier, tags, time, time + 1)
        if tier is Tier.MINUTE:
            wanted = self._maker.fresh(tags, time, time + MINUTE_MS)
        else:
            wanted = combine(self._historian.tier(Tier.MINUTE, tags, time, time + HOUR_MS), HOUR_MS)
        return _rows(found), _rows(wanted)

    def _differ(self, found: Row, wanted: Row, time: int) -> bool:
        if time < self._maker.own_since and found and wanted and found[-1] < wanted[-1]:
            return False  # where an earlier process began or ended, only its row knows how much of the minute was seen
        return not _same(found, wanted)


def _rows(rows: TierColumns) -> dict[int, Row]:
    """Mean, low, high, last, count and good time by tag; a row that knows nothing is as good as none."""
    telling = rows.take((rows.count > 0) | (rows.good_ms > 0))
    columns = (telling.mean, telling.low, telling.high, telling.last, telling.count, telling.good_ms)
    return dict(zip(telling.tag.tolist(), zip(*(column.tolist() for column in columns), strict=True), strict=True))


def _same(one: Row, other: Row) -> bool:
    return len(one) == len(other) and all(
        math.isclose(a, b, rel_tol=TOLERANCE) or (math.isnan(a) and math.isnan(b))
        for a, b in zip(one, other, strict=True)
    )
