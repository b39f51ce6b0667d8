"""Is this collector the only one with its host id? What to tell, and under which MQTT client id to connect.

Two collectors with one id share its MQTT client id too, so the broker ends the connection of the one whenever the other
connects. Whoever notices takes a client id of its own: then both stay, the historian takes each reading once whoever
brings it, and nothing is lost while an engineer sets it right.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

KICKS = 3
"""So many connections, each ended soon after it was accepted, are not a broker's doing."""
KICK_SPAN_MS = 30_000
"""The time in which they must end."""
CALM_MS = 300_000
"""How long a contest is told of after its last sign."""


class Contest:
    """What is known of others that use this host's id.

    Args:
        host_id: Sparkplug host id, and the MQTT client id as long as nobody else uses it.
        suffix: What makes a client id of this process's own of it.

    Attributes:
        client_id: Under which to connect next.
    """

    def __init__(self, host_id: str, suffix: str) -> None:
        self.client_id = host_id
        self._host_id = host_id
        self._suffix = suffix
        self._sign = ""
        self._last_ms: int | None = None
        self._lost: deque[int] = deque(maxlen=KICKS)

    def rival(self, now_ms: int) -> bool:
        """Another host with this id is or was online; returns whether that is news."""
        self._take_own_name()
        return self._note(f"another host uses the id {self._host_id}: give each collector its own", now_ms)

    def called_offline(self, now_ms: int) -> bool:
        """Somebody has said that this host is offline; returns whether that is news."""
        return self._note(f"somebody else says that host {self._host_id} is offline", now_ms)

    def lost(self, now_ms: int) -> bool:
        """A connection that the broker had accepted has ended; returns whether others with this id are to blame."""
        self._lost.append(now_ms)
        if len(self._lost) < KICKS or now_ms - self._lost[0] > KICK_SPAN_MS or self.client_id != self._host_id:
            return False
        self._take_own_name()
        return self._note(f"the broker keeps ending the connection: another client is named {self._host_id}", now_ms)

    def detail(self, now_ms: int, *, rival: bool) -> str:
        """One sentence for `health`; empty when nobody contests the id.

        Args:
            now_ms: Host time, UTC ms.
            rival: Another host with this id is known to be online now.
        """
        if self._last_ms is None or not (rival or 0 <= now_ms - self._last_ms < CALM_MS):
            return ""
        return f"{self._sign}; last sign at {datetime.fromtimestamp(self._last_ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"

    def _take_own_name(self) -> None:
        self.client_id = f"{self._host_id}-{self._suffix}"

    def _note(self, sign: str, now_ms: int) -> bool:
        calm = self._last_ms is None or not 0 <= now_ms - self._last_ms < CALM_MS
        news = calm or sign != self._sign
        self._sign, self._last_ms = sign, now_ms
        return news
