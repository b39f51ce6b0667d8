"""The host's own STATE: will, birth, death, and what to do when somebody else says that it is offline."""

from __future__ import annotations

from plant.sparkplug.actions import Connect, Disconnect, Publish
from plant.sparkplug.host.config import HostConfig
from plant.sparkplug.host.events import HostIdContested, HostOutput
from plant.sparkplug.hoststate import HostState
from plant.sparkplug.topic import StateTopic

_NORMAL_DISCONNECTION = 0


class OwnState:
    """Keeps the one timestamp of a connection: will, birth and every repetition of the birth carry it.

    A repetition with the same timestamp does not beat a foreign "offline" that is newer, so when that goes on, the
    host connects anew and so gets a newer timestamp.
    """

    def __init__(self, config: HostConfig) -> None:
        self._config = config
        self._topic = str(StateTopic(config.host_id))
        self._timestamp_ms = 0
        self._announced = False
        self._contests = 0
        self._repeated_ms: int | None = None
        self._repeat_wanted = False

    def connecting(self, now_ms: int) -> Connect:
        """The next CONNECT; its time never goes back, or edge nodes would take the new birth for an old one."""
        self._timestamp_ms = max(now_ms, self._timestamp_ms)
        self._announced = self._repeat_wanted = False
        self._contests = 0
        self._repeated_ms = None
        return Connect(will=self._publish(HostState(online=False, timestamp_ms=self._timestamp_ms)))

    def announce(self) -> Publish:
        """The birth, once the subscriptions stand."""
        self._announced = True
        return self._publish(HostState(online=True, timestamp_ms=self._timestamp_ms))

    def death(self, now_ms: int) -> Publish:
        """The death before a deliberate DISCONNECT, as of now."""
        self._announced = False
        self._timestamp_ms = max(now_ms, self._timestamp_ms)
        return self._publish(HostState(online=False, timestamp_ms=self._timestamp_ms))

    def heard(self, state: HostState, now_ms: int, *, retained: bool) -> list[HostOutput]:
        """A STATE has arrived on the host's own topic.

        One that is older than this connection is what the last one left behind: the broker's late will, which is
        answered, or the retained message, which the birth that is on its way replaces. A newer one is somebody else's.
        """
        older = state.timestamp_ms < self._timestamp_ms
        if state.online or not self._announced or (retained and older):
            return []
        self._repeat_wanted = True
        if older:
            return self.tick(now_ms)
        self._contests += 1
        contested = HostIdContested(self._contests, now_ms)
        if self._contests > self._config.state_contests:
            self._announced = False
            cause = f"others keep saying that host {self._config.host_id} is offline"
            return [contested, Disconnect(cause, reconnect=True, reason_code=_NORMAL_DISCONNECTION)]
        return [contested, *self.tick(now_ms)]

    def tick(self, now_ms: int) -> list[HostOutput]:
        """Repeat the birth if it is wanted and the last repetition is long enough ago."""
        settled = self._repeated_ms is None or now_ms - self._repeated_ms >= self._config.state_debounce_ms
        if not (self._announced and self._repeat_wanted and settled):
            return []
        self._repeat_wanted = False
        self._repeated_ms = now_ms
        return [self.announce()]

    def _publish(self, state: HostState) -> Publish:
        return Publish(self._topic, state.encode(), qos=1, retain=True)
