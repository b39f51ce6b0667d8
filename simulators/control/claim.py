"""One name, one process: whoever speaks under a name already keeps it, and who came later waits until it is free."""

from __future__ import annotations

from simulators.control.messages import Status

SILENCE_MS = 2_500
"""A name is free when nobody has spoken under it for this long: more than two statuses."""


class NameClaim:
    """Pure bookkeeping for one process; every method takes the time of a monotonic clock, ms.

    Args:
        instance: Of this process.

    Attributes:
        held: Whether the name is ours.
        rival: The process that has it instead, None when nobody is heard.
    """

    def __init__(self, instance: str) -> None:
        self.held = False
        self.rival: str | None = None
        self._instance = instance
        self._quiet_since_ms: int | None = None

    def listen(self, now_ms: int) -> None:
        """The connection is new: listen for a while before speaking."""
        self.held = False
        self.rival = None
        self._quiet_since_ms = now_ms

    def hear(self, status: Status, now_ms: int, *, retained: bool) -> None:
        """A status under the name; what was kept from before the connection proves nobody's life."""
        if status.instance == self._instance or retained:
            return
        if not status.online:
            self.rival = None
            return
        if self.held and status.instance > self._instance:
            return  # both began at the same moment; the other hears us and gives way
        self.held = False
        self.rival = status.instance
        self._quiet_since_ms = now_ms

    def tick(self, now_ms: int) -> bool:
        """Take the name if it is free; whether it is ours."""
        if self._quiet_since_ms is not None and now_ms - self._quiet_since_ms >= SILENCE_MS:
            self.held = True
            self.rival = None
        return self.held
