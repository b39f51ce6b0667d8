"""Keeps what was counted, and judges hours: once they are over, and again when something comes late.

::

    judged hours                  | open hours                        now
    ───────────┬─────────────┬────┴─────────┬──────────────────┬──────▶ time
               late readings: judged        the hour that is over: judged once its minutes are made
               again at the next turn       counts of open hours are kept at every turn
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import structlog

from collectors.quality import QualityCounter
from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier
from plant.messages import SiteQuality
from plant.model.tags import TagTable
from plant.quality.defects import Defects
from plant.quality.record import count_events, read_defects, read_site, site_event, site_quality, site_unit, tag_events
from plant.quality.score import score
from plant.readings import Event, EventKind

KEEP_S = 60.0
"""Between two turns; a kill costs no more counts than that."""
SETTLE_MS: Final = MINUTE_MS
"""An hour is judged so long after its end: its last minute needs some seconds."""
MOST_HOURS: Final = 8
"""Hours that are judged in one turn at most; after a long absence the rest follows."""
LOOK_BACK_MS: Final = 14 * 24 * HOUR_MS
"""Hours without a collector that are judged afterwards."""

log = structlog.get_logger(__name__)


class QualityBook:
    """The hours of the sites that are served.

    Args:
        historian: Where hours, and what is known about them, are.
        tags: The tag table.
        served: Indices of the tags that are judged, ascending.
        counter: What was found.
        made: The end of the minutes that are made so far, UTC ms, 0 while that is not known.

    Attributes:
        latest: Of each site the newest hour that is judged; replaced as a whole, any thread may read it.
    """

    def __init__(
        self,
        historian: Historian,
        tags: TagTable,
        served: Sequence[int],
        counter: QualityCounter,
        made: Callable[[], int],
    ) -> None:
        self.latest: Mapping[str, SiteQuality] = {}
        self._historian = historian
        self._tags = tags
        self._served = np.array(served, np.int32)
        self._counter = counter
        self._made = made
        site = np.array([tags[index].unit.site for index in served])
        self._of_site = {str(slug): site == slug for slug in dict.fromkeys(site.tolist())}
        self._units = sorted({tags[index].storage.rpartition("/")[0] for index in served})
        self._next: int | None = None
        self._unkept = Defects.empty()
        self._open: dict[int, Defects] = {}
        self._late: set[int] = set()
        self._lost = False
        self._turning = threading.Lock()

    def turn(self, now: int) -> None:
        """Keep and judge what is due; what the historian does not take now waits for the next turn. Blocks.

        Args:
            now: Host time, UTC ms.
        """
        with self._turning:
            self._unkept = Defects.concat((self._unkept, self._counter.take(now))).summed()
            self._try(now)

    def _try(self, now: int) -> None:
        try:
            self._keep_and_judge(now)
        except (StoreUnavailableError, StoreRejectedError) as error:
            self._failed("the quality of hours waits for the historian", cause=str(error))
        except Exception as error:  # noqa: BLE001 - a bug is to be loud, and not to end the collector
            self._failed("the quality of hours cannot be kept", exc_info=error)
        else:
            if self._lost:
                log.info("the quality of hours is kept again")
            self._lost = False

    def _failed(self, what: str, **why: str | Exception) -> None:
        if not self._lost:
            log.warning(what, **why)
        self._lost = True

    def _keep_and_judge(self, now: int) -> None:
        if self._next is None:
            self._next = self._begin(now)
            if self._next is None:
                return
        self._keep_open(self._next)
        for hour in self._due(self._next, now):
            self._judge(hour, Defects.empty())
            self._open.pop(hour, None)
            self._next = hour + HOUR_MS
        self._judge_late(self._next)

    def _begin(self, now: int) -> int | None:
        """The first hour that is not judged yet; None while the historian is empty."""
        present = (now - SETTLE_MS) // HOUR_MS * HOUR_MS
        units = {site_unit(site): site for site in self._of_site}
        events = self._historian.events(list(units), [EventKind.QUALITY], now, now + 1)
        self.latest = {units[event.unit]: read_site(event) for event in events if event.time <= now}
        if self.latest:
            judged = max(quality.hour for quality in self.latest.values())
            return max(judged + HOUR_MS, present - LOOK_BACK_MS)
        span = self._historian.span()
        return None if span is None else max(-(-span[0] // HOUR_MS) * HOUR_MS, present - HOUR_MS)

    def _due(self, first: int, now: int) -> range:
        """Hours that are over, and whose minutes are made."""
        end = min(now - SETTLE_MS, self._made())
        return range(first, min(end - end % HOUR_MS, first + MOST_HOURS * HOUR_MS), HOUR_MS)

    def _keep_open(self, first: int) -> None:
        """Write what was counted in hours that are not judged yet."""
        is_open = self._unkept.hour >= first
        fresh = self._unkept.take(is_open)
        for hour in np.unique(fresh.hour).tolist():
            before = self._open.get(hour)
            if before is None:
                before = read_defects(self._stored(hour), self._tags)
            mine = fresh.take(fresh.hour == hour)
            total = Defects.concat((before, mine)).summed()
            self._historian.write_events(count_events(total.take(np.isin(total.tag, mine.tag)), self._tags))
            self._open[hour] = total
            self._unkept = self._unkept.take(self._unkept.hour != hour)

    def _judge_late(self, first: int) -> None:
        """Judge hours again of which something has come late, a turn later: their minutes have to be made first."""
        late = set(self._unkept.hour[self._unkept.hour < first].tolist())
        for hour in sorted(late & self._late)[:MOST_HOURS]:
            mine = self._unkept.hour == hour
            self._judge(hour, self._unkept.take(mine))
            self._unkept = self._unkept.take(~mine)
        self._late = set(self._unkept.hour[self._unkept.hour < first].tolist())

    def _judge(self, hour: int, counted: Defects) -> None:
        """Score an hour from what is stored and what was counted besides."""
        before = self._stored(hour)
        defects = Defects.concat((read_defects(before, self._tags), counted)).summed()
        rows = self._historian.tier(Tier.HOUR, self._served.tolist(), hour, hour + 1)
        quality = score(self._served, rows, defects)
        known = {tag.index for event in before if (tag := self._tags.by_storage(f"{event.unit}/{event.metric}"))}
        told = quality.defective | np.isin(self._served, [*known, *defects.tag.tolist()])
        sites = {site: site_quality(quality.take(mine), hour, self._tags) for site, mine in self._of_site.items()}
        self._historian.write_events(
            [
                *tag_events(quality.take(told), hour, self._tags),
                *(site_event(site, of_site) for site, of_site in sites.items()),
            ]
        )
        newer = {site: each for site, each in sites.items() if self._is_newest(site, hour)}
        self.latest = {**self.latest, **newer}

    def _is_newest(self, site: str, hour: int) -> bool:
        return site not in self.latest or self.latest[site].hour <= hour

    def _stored(self, hour: int) -> list[Event]:
        """What is kept of the tags of an hour."""
        events = self._historian.events(self._units, [EventKind.QUALITY], hour, hour + 1)
        return [event for event in events if event.time == hour]
