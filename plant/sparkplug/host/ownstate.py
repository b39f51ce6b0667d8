"""The host's own STATE: will, birth, death, and what to do when somebody else speaks for this host."""

from __future__ import annotations

from collections import deque

from plant.sparkplug.actions import Connect, Disconnect, Publish
from plant.sparkplug.host.config import HostConfig
from plant.sparkplug.host.events import HostIdContested, HostOutput
from plant.sparkplug.hoststate import HostState
from plant.sparkplug.topic import StateTopic

FUTURE_LIMIT_MS = 24 * 3600 * 1000
"""A STATE from further ahead is believed by no edge node, so there is no need to outdo it."""
_REMEMBERED = 64
"""Own timestamps that are known again when the broker tells of them late."""
_NORMAL_DISCONNECTION = 0


class OwnState:
    """Keeps the one timestamp of a connection: will, birth and every repetition of the birth carry it.

    A birth on the host's own topic with a timestamp that this host never used, unless it was retained from before its
    first connection, is another host's with the same id; so is a death of between its connections. While that one is
    online the edge nodes are served: nothing is
    to be done but to tell. When somebody says "offline" this host repeats its birth; where that carries an older
    timestamp than the foreign one, edge nodes do not believe it, so the host connects anew, with a newer timestamp, and
    waits longer each time.

    Attributes:
        rival_ms: Timestamp of another host with this id that is online; None if none is known.
    """

    def __init__(self, config: HostConfig) -> None:
        self.rival_ms: int | None = None
        self._config = config
        self._topic = str(StateTopic(config.host_id))
        self._timestamp_ms = 0
        self._first_ms: int | None = None
        self._own: deque[int] = deque(maxlen=_REMEMBERED)
        self._outdo_ms = 0
        self._announced = False
        self._contests = 0
        self._repeated_ms: int | None = None
        self._repeat_wanted = False
        self._renewal_wanted = False
        self._renewed_ms: int | None = None
        self._backoff_ms = config.state_debounce_ms

    def connecting(self, now_ms: int) -> Connect:
        """The next CONNECT; its time never goes back, or edge nodes would take the new birth for an old one."""
        self._stamp(now_ms)
        self._announced = self._repeat_wanted = self._renewal_wanted = False
        self._repeated_ms = None
        return Connect(will=self._publish(HostState(online=False, timestamp_ms=self._timestamp_ms)))

    def announce(self) -> Publish:
        """The birth, once the subscriptions stand."""
        self._announced = True
        return self._publish(HostState(online=True, timestamp_ms=self._timestamp_ms))

    def death(self, now_ms: int) -> Publish:
        """The death before a deliberate DISCONNECT, as of now."""
        self._announced = False
        self._stamp(now_ms)
        return self._publish(HostState(online=False, timestamp_ms=self._timestamp_ms))

    def heard(self, state: HostState, now_ms: int, *, retained: bool) -> list[HostOutput]:
        """A STATE has arrived on the host's own topic."""
        foreign = state.timestamp_ms not in self._own
        if foreign and state.timestamp_ms <= now_ms + FUTURE_LIMIT_MS:
            self._outdo_ms = max(self._outdo_ms, state.timestamp_ms + 1)
        if state.online:
            left_behind = retained and state.timestamp_ms <= (self._first_ms or 0)
            return self._rival(state.timestamp_ms, now_ms) if foreign and not left_behind else []
        ended = foreign and self.rival_ms is not None
        if foreign:
            self.rival_ms = None
        meanwhile = foreign and not ended and (self._first_ms or 0) < state.timestamp_ms < self._timestamp_ms
        told = self._contested(now_ms, rival=True) if meanwhile else []
        return [*told, *self._called_offline(state.timestamp_ms, now_ms, retained=retained, ended=ended)]

    def tick(self, now_ms: int) -> list[HostOutput]:
        """Repeat the birth, or connect anew, if that is wanted and the last time is long enough ago."""
        outputs: list[HostOutput] = []
        if not self._announced:
            return outputs
        if self._repeat_wanted and _passed(self._repeated_ms, now_ms, self._config.state_debounce_ms):
            self._repeat_wanted = False
            self._repeated_ms = now_ms
            outputs.append(self.announce())
        if self._renewal_wanted and _passed(self._renewed_ms, now_ms, self._backoff_ms):
            outputs.append(self._renew(now_ms))
        return outputs

    def _stamp(self, now_ms: int) -> None:
        self._timestamp_ms = max(now_ms, self._timestamp_ms, self._outdo_ms)
        self._own.append(self._timestamp_ms)
        if self._first_ms is None:
            self._first_ms = self._timestamp_ms

    def _rival(self, timestamp_ms: int, now_ms: int) -> list[HostOutput]:
        known, self.rival_ms = self.rival_ms, timestamp_ms
        return self._contested(now_ms, rival=True) if known != timestamp_ms else []

    def _contested(self, now_ms: int, *, rival: bool) -> list[HostOutput]:
        self._contests += 1
        return [HostIdContested(self._contests, now_ms, rival)]

    def _called_offline(self, timestamp_ms: int, now_ms: int, *, retained: bool, ended: bool) -> list[HostOutput]:
        """Somebody says that this host is offline; `ended` if it is a known rival that says so of itself.

        One that is older than this connection is what the last one left behind. It is answered when it comes late, and
        not when it is retained, for the birth that is on its way replaces it.
        """
        older = timestamp_ms < self._timestamp_ms
        if not self._announced or (retained and older):
            return []
        self._repeat_wanted = True
        if older:
            return self.tick(now_ms)
        self._renewal_wanted |= timestamp_ms > self._timestamp_ms
        told = [] if ended else self._contested(now_ms, rival=False)
        return [*told, *self.tick(now_ms)]

    def _renew(self, now_ms: int) -> Disconnect:
        longest_ms = self._config.state_backoff_ms
        calm = _passed(self._renewed_ms, now_ms, 2 * longest_ms)
        self._backoff_ms = self._config.state_debounce_ms if calm else min(2 * self._backoff_ms, longest_ms)
        self._renewed_ms = now_ms
        self._announced = False
        cause = f"others say that host {self._config.host_id} is offline, with a newer timestamp"
        return Disconnect(cause, reconnect=True, reason_code=_NORMAL_DISCONNECTION)

    def _publish(self, state: HostState) -> Publish:
        return Publish(self._topic, state.encode(), qos=1, retain=True)


def _passed(since_ms: int | None, now_ms: int, wait_ms: int) -> bool:
    """Whether the wait is over; a clock that was set back does not stretch it."""
    return since_ms is None or not 0 <= now_ms - since_ms < wait_ms
