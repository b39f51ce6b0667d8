"""The primary host's STATE as an edge node sees it: which messages count, and what they change."""

from __future__ import annotations

from plant.sparkplug.hoststate import HostState

FUTURE_LIMIT_MS = 24 * 3600 * 1000
"""A STATE from further ahead than a day is not believed: its timestamp would shut out every true one after it."""


class PrimaryHostGate:
    """Keeps the newest STATE of one host.

    Attributes:
        online: Whether that host is there; False until its first STATE, and when the connection is lost.
        timestamp_ms: Of the last STATE that counted, None before the first.
    """

    __slots__ = ("online", "timestamp_ms")

    def __init__(self) -> None:
        self.online = False
        self.timestamp_ms: int | None = None

    def offer(self, state: HostState, now_ms: int) -> str | None:
        """Take a STATE in; returns why it does not count, or None when it does.

        It counts when it is not older than the last one that counted; a host's late will is older than its clean death.
        """
        if state.timestamp_ms > now_ms + FUTURE_LIMIT_MS:
            return "its timestamp is more than a day ahead"
        if self.timestamp_ms is not None and state.timestamp_ms < self.timestamp_ms:
            return f"it is older than the last one, by {self.timestamp_ms - state.timestamp_ms} ms"
        self.timestamp_ms = state.timestamp_ms
        self.online = state.online
        return None
