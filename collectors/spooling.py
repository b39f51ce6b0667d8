"""The queue in front of the historian that goes to disk while the historian is away."""

from __future__ import annotations

from threading import Lock

import structlog

from collectors.batch import Batch
from collectors.buffer import Buffer
from collectors.spool import Spool
from plant.errors import StoreUnavailableError

MOST_ROWS = 200_000
"""Rows of one batch on disk."""
AT_ONCE = 50_000
"""Rows that come back from disk at once: 200 000 took 100 MiB more on their way to InfluxDB."""

log = structlog.get_logger(__name__)


class SpoolingBuffer:
    """A `Buffer` of two: memory, and behind it a file that outlives the process.

    ::

        put ──▶ memory ──────────────── fresh readings ──────────────────▶ historian
                  │                                                          ▲
                  └── all of it while the historian is away ──▶ spool ───────┘ oldest first

    While the spool is not empty, fresh readings and the spool take turns, so that a long backlog does not hold up what
    happens now. Births, replays and deaths, which may speak about the same instants as what is spooled, go behind it:
    of two readings of one instant the one that came last must be written last.

    Args:
        memory: For the usual case, in which the historian is there.
        spool: For the other.
    """

    def __init__(self, memory: Buffer, spool: Spool) -> None:
        self._memory = memory
        self._spool = spool
        self._handed: int | None = None  # id of the newest batch of the spool that is handed out
        self._rest: Batch | None = None  # what goes behind the spool when the fresh readings before it are durable
        self._spool_next = False
        self._problem = ""
        self._gone = 0  # rows that made room on disk and were not told yet
        self._counting = Lock()

    @property
    def rows(self) -> int:
        """See `Buffer.rows`."""
        return self._memory.rows + self._spool.rows

    @property
    def kept(self) -> int:
        """See `Buffer.kept`."""
        return self._spool.rows

    @property
    def capacity(self) -> int:
        """See `Buffer.capacity`: the disk's alone, which lets the oldest go when it is used up, or memory's instead."""
        return self._spool.rows + self._memory.capacity if self._problem else self._spool.capacity

    @property
    def problem(self) -> str:
        """See `Buffer.problem`."""
        return self._problem

    def put(self, batch: Batch) -> int:
        """See `Buffer.put`: into memory, whatever the disk does; tells too what has made room on disk meanwhile."""
        return self._memory.put(batch) + self._take_gone()

    def peek(self, most_rows: int) -> Batch | None:
        """See `Buffer.peek`."""
        self._handed = self._rest = None
        if not self._spool.rows:
            return self._memory.peek(most_rows)
        while not self._spool_next and (live := self._memory.peek(most_rows)) is not None:
            fresh, rest = live.parted()
            if len(fresh):
                self._rest = rest
                return fresh
            if not self._keep(rest):
                return live
            self._memory.confirm()
        return self._oldest(most_rows)

    def confirm(self) -> None:
        """See `Buffer.confirm`."""
        if self._handed is not None:
            self._spool.forget(self._handed)
            self._handed, self._spool_next = None, False
            return
        if self._rest is not None and len(self._rest) and not self._keep(self._rest):
            return  # the whole batch comes again, which does no harm
        self._memory.confirm()
        self._spool_next = True

    def secure(self) -> int:
        """See `Buffer.secure`."""
        self._handed = self._rest = None
        while (batch := self._memory.peek(MOST_ROWS)) is not None and self._keep(batch):
            self._memory.confirm()
        return self._take_gone()

    def close(self) -> None:
        """See `Buffer.close`."""
        self._spool.close()

    def _oldest(self, most_rows: int) -> Batch | None:
        found = self._spool.first(min(most_rows, AT_ONCE))
        if found is None:
            return None
        self._handed, batch = found
        return batch

    def _keep(self, batch: Batch) -> bool:
        """Put a batch on disk; when that fails it stays where it is, and the reason is told."""
        if not len(batch):
            return True  # nothing but receipts
        try:
            gone = self._spool.append(batch)
        except StoreUnavailableError as error:
            if not self._problem:
                log.warning("readings stay in memory", cause=str(error))
            self._problem = str(error)
            return False
        if self._problem:
            log.info("the spool takes readings again")
        self._problem = ""
        with self._counting:
            self._gone += gone
        return True

    def _take_gone(self) -> int:
        with self._counting:
            gone, self._gone = self._gone, 0
        return gone
