"""What of an edge node's records has arrived, for certain or perhaps, and what has to be told again.

DATA travels at QoS 0, so nothing says that it has arrived. What was sent into a connection that was dying, or to a host
that was gone already, is not known to be there until connection and host have held for some time after. ::

     certainly there      on its way       to be replayed         told live
    ────────────────┬───────────────┬─────────────────────┬─────────────────────▶ stamps of records
                confirmed          sent                gap_end               newest

Every doubt (a birth, be it after an absence or because the host missed a message) takes `sent` back to `confirmed`.
"""

from __future__ import annotations

from collections import deque

OVERLAP_S = 75.0
"""How long connection and host must have held after a record was sent, s. A dead host's will comes within 1.5 of its
keep-alives, a link gives up a silent broker within 2; keep-alives are 30 s, and there is a margin."""


class Delivery:
    """The way of one edge node's records, which are named by stamps that ascend.

    Args:
        newest: Stamp of the newest record that is kept from before, 0 for none; all of them are to be replayed.
        overlap_s: See `OVERLAP_S`.

    Attributes:
        confirmed: Records up to here are certainly there.
        sent: Records up to here have been sent since the last doubt, but for those that are held back.
        gap_end: Records after `sent` and up to here have to be replayed.
        newest: The last record.
        doubts: How often there was doubt: what was read from the ring before the last one is out of date.
    """

    def __init__(self, newest: int, overlap_s: float = OVERLAP_S) -> None:
        self.confirmed = 0
        self.sent = 0
        self.gap_end = newest
        self.newest = newest
        self.doubts = 0
        self._overlap_s = overlap_s
        self._marks: deque[tuple[float, int]] = deque()
        self._held: dict[int, int] = {}

    @property
    def pending(self) -> bool:
        """Whether there is something to replay."""
        return self.sent < self.gap_end

    def misses(self, stamp: int, *, born: bool) -> bool:
        """Whether nobody will hear of this record if it is gone now: it is still to be told, or to be told again.

        Args:
            stamp: Of a record that falls out of the ring.
            born: Whether the node is; one that is not will have doubts when it is.
        """
        return self.sent < stamp <= self.gap_end if born else self.confirmed < stamp

    def told(self, stamp: int, *, live: bool) -> None:
        """A new record is kept; `live` if all of it was sent at once."""
        if not live:
            self.gap_end = stamp
        elif not self.pending:
            self.sent = stamp
        self.newest = stamp

    def hold(self, stamp: int, due_ms: int) -> None:
        """A new record is kept and held back until the world's time is `due_ms`, UTC ms."""
        self.told(stamp, live=True)
        self._held[stamp] = due_ms

    def due(self, now_ms: int) -> list[int]:
        """Records whose time has come at the world's time, UTC ms; they count as sent from here on."""
        due = [stamp for stamp, due_ms in self._held.items() if due_ms <= now_ms]
        for stamp in due:
            del self._held[stamp]
        return due

    def replayed(self, stamp: int) -> None:
        """The gap is replayed up to this record; behind its end comes what was told live."""
        self.sent = max(self.sent, stamp)
        if not self.pending:
            self.sent = self.newest

    def doubt(self) -> None:
        """All that is not confirmed may be missing."""
        self.sent = self.confirmed
        self.gap_end = self.newest
        self.doubts += 1
        self._marks.clear()
        self._held.clear()

    def confirm(self, now_s: float) -> None:
        """Connection and host are still there at `now_s` of a monotonic clock."""
        sent = min(self.sent, min(self._held) - 1) if self._held else self.sent
        if not self._marks or sent > self._marks[-1][1]:
            self._marks.append((now_s, sent))
        while self._marks and self._marks[0][0] <= now_s - self._overlap_s:
            self.confirmed = max(self.confirmed, self._marks.popleft()[1])
