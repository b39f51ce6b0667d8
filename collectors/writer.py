"""The thread that makes readings durable: waits a little, writes much, tries again for as long as it takes."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import numpy as np
import structlog

from collectors.batch import Batch
from collectors.buffer import Buffer
from collectors.counts import Counts
from collectors.quarantine import Quarantine
from collectors.reasons import Reason
from plant.errors import StorePartlyRejectedError, StoreRejectedError, StoreUnavailableError
from plant.historian.protocol import Historian
from plant.readings import Columns, Event

MOST_ROWS = 200_000
"""Rows of one write: large enough for the full rate, small enough to be sent again."""
FULL_ROWS = 20_000
"""So many rows are written at once, without waiting."""
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
"""Bounds of the pause before another attempt, of which a random share is taken; the bound doubles each time."""
LONGEST_WISH_S = 300.0
"""A historian that asks for a longer pause is asked again all the same."""
SECURE_S = 1.0
"""Between two times that what waits is kept on disk, while the historian is away."""
END_S = 0.5
"""How long the thread may take to notice that its time is over."""
MOST_ATTEMPTS = 200
"""Writes that looking for refused rows in one batch may cost; parts that are refused after that go as a whole."""

Rows = TypeVar("Rows", Columns, tuple[Event, ...])
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WriterState:
    """How the writer stands.

    Attributes:
        ok: The last write succeeded, or none was needed yet.
        detail: Why not; empty while ok.
        pending: Rows that wait; `kept` those of them that the end of the process leaves in place.
        capacity: Rows that can wait.
    """

    ok: bool
    detail: str
    pending: int
    kept: int
    capacity: int


class HistorianWriter:
    """Writes batches in their order, from a thread of its own.

    Args:
        historian: Where to.
        buffer: What waits.
        batch_s: Longest time that rows wait for company.
        on_durable: Called from the writer's thread with each batch that is durable.
        quarantine: Takes what the historian refuses and what has to go because the buffer is full.
        counts: `written`, `events` and `retries` are counted there.
        rng: For the jitter of the back-off.
    """

    def __init__(
        self,
        historian: Historian,
        buffer: Buffer,
        batch_s: float,
        on_durable: Callable[[Batch], None],
        quarantine: Quarantine,
        counts: Counts,
        rng: random.Random,
    ) -> None:
        self._historian = historian
        self._buffer = buffer
        self._batch_s = batch_s
        self._on_durable = on_durable
        self._quarantine = quarantine
        self._counts = counts
        self._rng = rng
        self._changed = threading.Condition()
        self._waiting_since_s: float | None = None
        self._give_up_s: float | None = None
        self._spilled = 0
        self._detail = ""
        self._thread = threading.Thread(target=self._run, name="historian-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, batch: Batch) -> None:
        """Hand rows over; never blocks for long. When the buffer is full the oldest go, counted."""
        spilled = self._buffer.put(batch)
        with self._changed:
            if self._waiting_since_s is None:
                self._waiting_since_s = monotonic()
            self._changed.notify()
        self._tell_spilled(spilled)

    def drain(self, timeout_s: float) -> bool:
        """Write all that waits, then end the thread.

        Args:
            timeout_s: How long to try when the historian is away.

        Returns:
            Whether everything is durable, in the historian or on disk; if not, how much is lost has been logged.
        """
        with self._changed:
            self._give_up_s = monotonic() + timeout_s
            self._changed.notify()
        self._thread.join(timeout_s + END_S)
        lost = self._buffer.rows - self._buffer.kept
        if not self._thread.is_alive():
            self._buffer.close()
        if lost:
            log.error("readings are lost: the historian did not take them before the end", rows=lost)
        return lost == 0

    @property
    def state(self) -> WriterState:
        """How the writer stands now."""
        with self._changed:
            detail = "; ".join(part for part in (self._detail, self._buffer.problem, self._loss) if part)
        return WriterState(detail == "", detail, self._buffer.rows, self._buffer.kept, self._buffer.capacity)

    @property
    def _loss(self) -> str:
        return f"no room is left: {self._spilled} of the oldest readings had to go" if self._spilled else ""

    def _run(self) -> None:
        try:
            self._serve()
        except Exception:
            log.exception("the writer has failed; nothing is written any more")
            with self._changed:
                self._detail = "the writer has failed, see the log; restart the collector"

    def _serve(self) -> None:
        while not self._over():
            batch = self._next()
            if batch is not None and not self._store(batch):
                return

    def _over(self) -> bool:
        """The end has come, and nothing waits that it would cost."""
        with self._changed:
            return self._give_up_s is not None and self._buffer.rows == self._buffer.kept

    def _next(self) -> Batch | None:
        """Wait until there is enough, or it has waited long enough."""
        with self._changed:
            while self._give_up_s is None and not self._enough():
                left_s = None
                if self._waiting_since_s is not None:
                    left_s = self._waiting_since_s + self._batch_s - monotonic()
                    if left_s <= 0:
                        break
                self._changed.wait(left_s)
            self._waiting_since_s = None
        batch = self._buffer.peek(MOST_ROWS)
        with self._changed:
            if batch is not None and self._buffer.rows - self._buffer.kept > len(batch):
                self._waiting_since_s = monotonic() - self._batch_s
        return batch

    def _enough(self) -> bool:
        return self._buffer.kept > 0 or self._buffer.rows >= FULL_ROWS

    def _store(self, batch: Batch) -> bool:
        """Write, for as long as it takes; False when the end came first."""
        attempt, next_batch = 0, batch
        while True:
            try:
                self._write(next_batch)
            except StoreUnavailableError as error:
                self._counts.retries += 1
                self._say_lost(str(error))
                if not self._pause(delay_s(attempt, error.retry_after_s, self._rng)):
                    return False
                attempt += 1
                waiting = self._buffer.peek(MOST_ROWS)  # what was handed out may be on disk now
                next_batch = next_batch if waiting is None else waiting
            else:
                self._say_back()
                self._on_durable(next_batch)
                self._buffer.confirm()
                return True

    def _write(self, batch: Batch) -> None:
        written = self._write_all(self._historian.write, batch.columns) if len(batch.columns) else 0
        events = self._write_all(self._historian.write_events, batch.events) if batch.events else 0
        self._counts.written += written
        self._counts.events += events

    def _write_all(self, write: Callable[[Rows], None], rows: Rows) -> int:
        """Write rows; when the store refuses them without saying which, find out by halving, and keep the others.

        Returns:
            How many were taken.
        """
        parts, attempts, taken = [rows], 0, 0
        while parts:
            part = parts.pop()
            attempts += 1
            try:
                write(part)
            except StorePartlyRejectedError as error:
                for refusal in error.refusals:
                    self._quarantine.add(refusal.reason, self._historian.kind, refusal.text, count=refusal.count)
                taken += len(part) - sum(refusal.count for refusal in error.refusals)
            except StoreRejectedError as error:
                if len(part) > 1 and attempts < MOST_ATTEMPTS:
                    parts.extend(_halves(part))
                else:
                    self._quarantine.add(Reason.REFUSED_BY_STORE, self._historian.kind, str(error), count=len(part))
            else:
                taken += len(part)
        return taken

    def _pause(self, delay_s: float) -> bool:
        """Wait before the next attempt, and keep what comes meanwhile; False when there is to be none."""
        end, secured_s = monotonic() + delay_s, -SECURE_S
        while True:
            if monotonic() >= secured_s + SECURE_S or self._give_up_s is not None:
                self._tell_spilled(self._buffer.secure())
                secured_s = monotonic()
            with self._changed:
                if self._give_up_s is not None:
                    if monotonic() >= self._give_up_s or self._buffer.rows == self._buffer.kept:
                        return False
                    end = min(end, monotonic() + FIRST_DELAY_S)  # no time is left for what the store wishes
                left = end - monotonic()
                if left <= 0:
                    return True
                self._changed.wait(min(left, SECURE_S))

    def _say_lost(self, cause: str) -> None:
        with self._changed:
            first, self._detail = self._detail == "", cause
            room = self._buffer.capacity - self._buffer.rows
        if first:
            log.warning("historian lost", kind=self._historian.kind, cause=cause, room_rows=room)

    def _say_back(self) -> None:
        with self._changed:
            was_lost, self._detail = self._detail != "", ""
            spilled, self._spilled = self._spilled, 0
            pending = self._buffer.rows
        if was_lost:
            log.info("historian is back", kind=self._historian.kind, pending_rows=pending, lost_rows=spilled)

    def _tell_spilled(self, rows: int) -> None:
        if not rows:
            return
        text = "the historian is away for too long, the oldest readings had to go"
        with self._changed:
            first = self._spilled == 0
            self._spilled += rows
        if first:
            self._quarantine.add(Reason.BUFFER_FULL, self._historian.kind, text, count=rows)
            log.error("buffer full: losing the oldest readings", kind=self._historian.kind)
        else:
            self._quarantine.count(Reason.BUFFER_FULL, rows)


def delay_s(attempt: int, wish_s: float, rng: random.Random) -> float:
    """How long to wait before the next attempt, s: exponential back-off with full jitter, after what the store wishes.

    The whole of the bound is drawn from, so that collectors which lost a historian together do not come back together.

    Args:
        attempt: Attempts that have failed since the last one that did not, from 0.
        wish_s: How long the store asks to be left alone; 0 when it does not say.
        rng: Of the jitter.
    """
    bound_s = min(FIRST_DELAY_S * 2.0 ** min(attempt, 63), LONGEST_DELAY_S)
    return min(wish_s, LONGEST_WISH_S) + rng.uniform(0.0, bound_s)


def _halves(rows: Rows) -> tuple[Rows, Rows]:
    half = len(rows) // 2
    if isinstance(rows, Columns):
        return rows.take(np.arange(half)), rows.take(np.arange(half, len(rows)))
    return rows[:half], rows[half:]
