"""What becomes durable, as far as production minutes can change by it; a batch at a time and never by the value."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from collectors.production_owed import NEVER
from plant.model.enterprise import Role
from plant.production.lines import LineTable
from plant.production.reading import state_tags
from plant.production.signals import level_tags
from plant.production.steps import Integers
from plant.readings import Columns, Event, EventKind

MOST_LOOKED_AT: Final = 2_000
"""Readings of a batch whose times show how far the time of their sites has come."""


class Touched:
    """Times of the readings and events that matter, by site, from when on they can be used.

    Minutes tell what nobody watched by the rows of tiers, so a reading counts from when its tiers are made. They are
    made from time to time: the first making that ends may have begun before the reading came, the second one has not.

    Births tell again what holds, with the time since which it does: what is stored already changes nothing.

    Args:
        table: The lines.
        sites: Slugs of the sites that are served.
    """

    def __init__(self, table: LineTable, sites: Sequence[str]) -> None:
        place = {site: number for number, site in enumerate(sites)}
        every = [*state_tags(table), *level_tags(table), *(tag for row in table for tag in row.counters)]
        every += [tag.index for tag in table.tags.with_role(Role.MODE)]
        self.tags = np.array(sorted({tag for tag in every if table.tags[tag].unit.site in place}), np.int32)
        # Whatever a site tells shows how far its time has come; those that are not served share the last place.
        self.site = np.array([place.get(tag.unit.site, len(sites)) for tag in table.tags], np.int64)
        self._matters = np.zeros(len(table.tags), np.bool_)
        self._matters[self.tags] = True
        self._unit_site = {unit.storage: place[unit.site] for unit in table.units if unit.site in place}
        self._time = np.zeros(len(table.tags), np.int64)
        self._value = np.full(len(table.tags), np.nan)
        self._texts: dict[tuple[str, str], tuple[int, str]] = {}
        self._lock = threading.Lock()
        self._sites = len(sites)
        self._fresh = self._ripening = self._ripe = self._nothing()

    def seed(self, known: Columns) -> None:
        """What was stored before this process began; it is not news."""
        with self._lock:
            newer = known.take(known.time > self._time[known.tag])
            self._time[newer.tag], self._value[newer.tag] = newer.time, newer.value

    def add(self, columns: Columns, events: Iterable[Event]) -> None:
        """These are durable now. Returns at once; any thread may call."""
        rows = columns.take(np.flatnonzero(self._matters[columns.tag]))
        some = slice(None, None, 1 + len(columns) // MOST_LOOKED_AT)  # of a large batch a part tells what time it is
        with self._lock:
            oldest, newest = self._fresh
            news = rows.take(np.flatnonzero(self._is_news(rows)))
            site = self.site[news.tag]
            np.minimum.at(oldest, site, news.time)
            np.maximum.at(newest, site, news.time)
            np.maximum.at(newest, self.site[columns.tag[some]], columns.time[some])
            self._remember(news)
            for event in events:
                self._note_text(event)

    def made(self) -> None:
        """Tiers have been made."""
        with self._lock:
            self._ripe, self._ripening, self._fresh = (
                _joined(self._ripe, self._ripening),
                self._fresh,
                self._nothing(),
            )

    def take(self) -> tuple[Integers, Integers]:
        """Oldest and newest time by site, UTC ms, of what can be used; `NEVER` and 0 for none."""
        with self._lock:
            (oldest, newest), self._ripe = self._ripe, self._nothing()
        return oldest[:-1], newest[:-1]

    def _is_news(self, rows: Columns) -> NDArray[np.bool_]:
        known = self._value[rows.tag]
        same = (known == rows.value) | (np.isnan(known) & np.isnan(rows.value))
        news: NDArray[np.bool_] = (rows.time != self._time[rows.tag]) | ~same
        return news

    def _remember(self, rows: Columns) -> None:
        # Of several readings of a tag the last assignment stays: the newest, as far as batches come in order.
        newer = rows.take(rows.time >= self._time[rows.tag])
        self._time[newer.tag], self._value[newer.tag] = newer.time, newer.value

    def _note_text(self, event: Event) -> None:
        site = self._unit_site.get(event.unit)
        key, told = (event.unit, event.metric), (event.time, f"{event.quality} {event.text}")
        if event.kind is not EventKind.TEXT or site is None or self._texts.get(key) == told:
            return
        self._texts[key] = max(told, self._texts.get(key, told))
        oldest, newest = self._fresh
        oldest[site], newest[site] = min(int(oldest[site]), event.time), max(int(newest[site]), event.time)

    def _nothing(self) -> tuple[Integers, Integers]:
        return np.full(self._sites + 1, NEVER, np.int64), np.zeros(self._sites + 1, np.int64)


def _joined(one: tuple[Integers, Integers], other: tuple[Integers, Integers]) -> tuple[Integers, Integers]:
    return np.minimum(one[0], other[0]), np.maximum(one[1], other[1])
