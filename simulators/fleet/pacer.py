"""How far the world may go now: paced by the wall clock, never ahead of it.

There are two gaits. A *replay* begins in the past and runs at its speed until it reaches now. *Live* keeps up with now;
what is missing, after the history was made or after the machine slept, is caught up at `CATCH_UP` times the clock. A
replay that is given an end stops there and never becomes live.
"""

from __future__ import annotations

from dataclasses import dataclass

CATCH_UP = 10.0
"""World seconds per second while a live world is behind."""
BURST_S = 0.5
"""No more is ever due at once than the gait covers in this time."""
LONGEST_WAIT_S = 0.25
REPLAY_TURN_S = 0.1
"""A replay makes its scans in turns of this length, so that those of a turn can travel together."""
SKIP_BEHIND_MS = 3_600_000
"""A live world that is further behind than this leaves the gap as it is."""
SKIP_AHEAD_MS = 60_000
"""A world further ahead than this (the clock was set back) steps back; one less far ahead waits."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do now.

    Attributes:
        steps: Scans to make, one after the other.
        wait_s: Time until it is worth asking again.
        skipped_ms: By how much the world's clock is to be set before the steps; negative is back, mostly 0.
    """

    steps: int
    wait_s: float
    skipped_ms: int = 0


class Pacer:
    """Hands out scans as time passes; a pure function of the times that it is given.

    Args:
        scan_ms: World time of one scan, ms.
        speed: World seconds per second of a replay; 1 is live from the start.
        world_ms: The world's time, UTC ms.
        now_ms: Wall clock, UTC ms.
        end_ms: Where a replay ends, UTC ms; None for one that goes on, live.

    Attributes:
        world_ms: The world's time once the steps handed out so far are made, UTC ms.
        live: Whether it keeps up with now; a replay becomes live when it reaches now.
    """

    def __init__(self, scan_ms: int, speed: float, world_ms: int, now_ms: int, end_ms: int | None = None) -> None:
        self.world_ms = world_ms
        self.live = speed == 1.0 and end_ms is None
        self._end_ms = end_ms
        self._scan_ms = scan_ms
        self._speed = speed
        self._asked_ms = now_ms
        self._credit_ms = 0.0

    @property
    def behind_ms(self) -> int:
        """How far the world was behind the clock when last asked, ms."""
        return max(0, self._asked_ms - self.world_ms)

    @property
    def over(self) -> bool:
        """Whether no scan is left before the end."""
        return self._end_ms is not None and self.world_ms + self._scan_ms > self._end_ms

    @property
    def gait(self) -> float:
        """World seconds per second that it goes at now, at most."""
        if not self.live:
            return self._speed
        return CATCH_UP if self.behind_ms > 2 * self._scan_ms else 1.0

    def set_speed(self, speed: float) -> None:
        """Replay at another speed; no effect once the world is live."""
        self._speed = speed

    def turn(self, now_ms: int) -> Turn:
        """The scans that are due at `now_ms`, UTC ms.

        Time in which nobody asked, because the machine slept or the links were full, earns no more than a burst.
        """
        rate = CATCH_UP if self.live else self._speed
        burst_ms = max(float(self._scan_ms), 1000.0 * BURST_S * rate)
        passed_ms = min(max(0, now_ms - self._asked_ms), 1000.0 * BURST_S)
        self._credit_ms = min(self._credit_ms + passed_ms * rate, burst_ms)
        self._asked_ms = now_ms
        skipped_ms = self._skip(now_ms)
        until_ms = now_ms if self._end_ms is None else min(now_ms, self._end_ms)
        steps = max(0, min(int(self._credit_ms // self._scan_ms), (until_ms - self.world_ms) // self._scan_ms))
        self.world_ms += steps * self._scan_ms
        self._credit_ms -= steps * self._scan_ms
        self.live = self.live or (self._end_ms is None and now_ms - self.world_ms < self._scan_ms)
        return Turn(steps, self._wait_s(rate), skipped_ms)

    def _skip(self, now_ms: int) -> int:
        ahead_ms = self.world_ms - now_ms
        if ahead_ms <= SKIP_AHEAD_MS and not (self.live and -ahead_ms > SKIP_BEHIND_MS):
            return 0
        target_ms = now_ms - now_ms % self._scan_ms
        skipped_ms, self.world_ms = target_ms - self.world_ms, target_ms
        return skipped_ms

    def _wait_s(self, rate: float) -> float:
        until_due_ms = float(self.world_ms + self._scan_ms - self._asked_ms)
        until_credit_ms = (self._scan_ms - self._credit_ms) / rate
        shortest_s = 0.0 if self.live else REPLAY_TURN_S
        return min(max(until_due_ms / 1000.0, until_credit_ms / 1000.0, shortest_s), LONGEST_WAIT_S)
