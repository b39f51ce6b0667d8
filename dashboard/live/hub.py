"""Turns changes into frames and hands them to any number of browser tabs.

Each scope that somebody watches has a channel: frames are numbered by the tick that made them, encoded once for all,
and kept for a minute. A tab remembers the last number it has seen, so after a short cut it gets exactly what it
missed: no gap, nothing twice. After a long one, or when it is too slow to keep up, it gets a snapshot instead: a slow
tab sees the newest, never a queue without end. Nothing here does I/O; `dashboard.live.route` does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from dashboard.live import frames
from dashboard.live.scopes import Scope
from dashboard.live.store import LiveStore

TICK_S: Final = 0.2
"""Between two frames: people read no faster, and a value waits 0.1 s in the mean of the half second it has."""
BEAT_TICKS: Final = 5
"""Ticks between two beats: one a second."""
KEPT_TICKS: Final = 300
"""Ticks that frames are kept for tabs that come back, and that an unwatched channel goes on: a minute."""
STANDSTILL_MS: Final = 5_000
"""Without a tick for so long something is wrong with the event loop or the hub."""
SLOW_TICKS: Final = 10
"""Ticks that a connected tab may be behind before it gets a snapshot instead of what it missed."""


class Channel:
    """The frames of one scope."""

    def __init__(self, scope: Scope, number: int) -> None:
        self.scope = scope
        self.watched_at = number
        self._since = number  # frames with greater numbers are complete from here on
        self._frames: deque[tuple[int, str]] = deque()

    def add(self, number: int, frame: str | None) -> None:
        """Keep the frame of a tick, None if nothing changed; forget what is too old."""
        if frame is not None:
            self._frames.append((number, frame))
        while self._frames and self._frames[0][0] <= number - KEPT_TICKS:
            self._since = self._frames.popleft()[0]

    def after(self, number: int) -> list[str] | None:
        """Frames after a number; None if some of them have been forgotten."""
        if number < self._since:
            return None
        return [frame for at, frame in self._frames if at > number]


@dataclass(slots=True)
class Place:
    """How far a tab is in a channel: the number of the last frame it has; -1 is none at all."""

    number: int


class Hub:
    """All channels, moved on by `tick`.

    Args:
        store: Where the values are; this hub is the one that takes its changes.
        scopes: What may be asked for.
        sites: Slugs of all sites, for the beat.
        clock: The time now, UTC ms.
        epoch: Marks this run of the server: frame numbers of another run mean nothing.
    """

    def __init__(
        self,
        store: LiveStore,
        scopes: Mapping[str, Scope],
        sites: tuple[str, ...],
        clock: Callable[[], int],
        epoch: str,
    ) -> None:
        self._store = store
        self._scopes = scopes
        self._sites = sites
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._snapshots: dict[str, tuple[int, str]] = {}
        self._ticked = asyncio.Event()
        self._ticked_at = clock()
        self.epoch = epoch
        self.number = 0
        """Number of the last tick."""
        self.beat = frames.beat(store, sites, clock())
        """The newest beat."""
        self.tabs: set[Tab] = set()

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    def tick(self) -> None:
        """Make the frames of what has changed and wake those who wait."""
        self.number += 1
        changes, now = self._store.take_changes(), self._clock()
        self._ticked_at = now
        for name in [name for name, channel in self._channels.items() if not self._keep(channel)]:
            del self._channels[name]
        for channel in self._channels.values():
            frame = frames.update(channel.scope, self._store, changes, self.number, now) if changes else None
            channel.add(self.number, frame)
        if self.number % BEAT_TICKS == 0:
            self.beat = frames.beat(self._store, self._sites, now)
        ticked, self._ticked = self._ticked, asyncio.Event()
        ticked.set()

    @property
    def is_ticking(self) -> bool:
        """Whether the last tick was not long ago."""
        return self._clock() - self._ticked_at < STANDSTILL_MS

    def _keep(self, channel: Channel) -> bool:
        if any(channel.scope.name in tab.places for tab in self.tabs):
            channel.watched_at = self.number
        return self.number - channel.watched_at <= KEPT_TICKS

    async def next_tick(self) -> None:
        """Wait for the next tick."""
        await self._ticked.wait()

    def knows(self, scope: str) -> bool:
        """Whether there is such a scope."""
        return scope in self._scopes

    def channel(self, scope: str) -> Channel:
        """The channel of a scope, opened if nobody has watched it for long."""
        if scope not in self._channels:
            self._channels[scope] = Channel(self._scopes[scope], self.number)
        return self._channels[scope]

    def snapshot(self, scope: str) -> str:
        """All that is known of a scope as of the last tick, encoded once a tick for all who ask.

        Changes since that tick are in it and come once more with the next frame, which does no harm.
        """
        made = self._snapshots.get(scope)
        if made is None or made[0] != self.number:
            frame = frames.snapshot(self._scopes[scope], self._store, self.number, self._clock())
            made = self._snapshots[scope] = (self.number, frame)
        return made[1]


class Tab:
    """One connected browser tab.

    Use as a context manager: inside the block its channels are kept open.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._beat: str | None = None
        self.places: dict[str, Place] = {}

    def __enter__(self) -> Self:
        self._hub.tabs.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._hub.tabs.discard(self)

    def watch(self, wanted: Mapping[str, int], epoch: str) -> None:
        """Watch exactly these scopes.

        Args:
            wanted: Scope names with the number of the last frame that the tab has; -1 if it has none. Names that do
                not exist are left out.
            epoch: Run of the server that these numbers are from.
        """
        same_run = epoch == self._hub.epoch
        places = {}
        for scope, number in wanted.items():
            if self._hub.knows(scope):
                missed = self._hub.channel(scope).after(number) if same_run and number <= self._hub.number else None
                places[scope] = self.places.get(scope) or Place(-1 if missed is None else number)
        self.places = places

    def pending(self) -> list[str]:
        """What to send now; the tab counts as having it."""
        out = []
        for scope, place in self.places.items():
            out += self._of(scope, place)
            place.number = self._hub.number
        if self._beat is not self._hub.beat:
            self._beat = self._hub.beat
            out.append(self._beat)
        return out

    def _of(self, scope: str, place: Place) -> list[str]:
        missed = self._hub.channel(scope).after(place.number)
        return [self._hub.snapshot(scope)] if missed is None else missed

    def drop_backlog(self) -> None:
        """A tab that was too slow for what has come meanwhile gets snapshots next."""
        for place in self.places.values():
            if self._hub.number - place.number > SLOW_TICKS:
                place.number = -1
