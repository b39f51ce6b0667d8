"""The thread that makes minute and hour rows of what is durable, and lets go of what is too old."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import structlog

from collectors.counts import Counts
from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.protocol import Historian
from plant.historian.tiers import TierMaker

EVERY_S = 5.0
"""A minute row is there at most so long after its minute."""
EXPIRE_EVERY_S = 3_600.0

log = structlog.get_logger(__name__)


class TierThread:
    """Lets a `TierMaker` make rows every few seconds; what is durable is told to the maker itself (`touch`).

    Args:
        historian: Whose readings expire.
        maker: Makes the rows.
        clock: Host time, UTC ms.
        counts: `tier_failures` are counted there.
        then: Called with the time after rows have been made.
    """

    def __init__(
        self,
        historian: Historian,
        maker: TierMaker,
        clock: Callable[[], int],
        counts: Counts,
        then: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._historian = historian
        self._maker = maker
        self._clock = clock
        self._counts = counts
        self._then = then
        self._changed = threading.Condition()
        self._ending = False
        self._lost = False
        self._expired_s = monotonic()
        self._thread = threading.Thread(target=self._run, name="tiers", daemon=True)

    def start(self) -> None:
        """Begin to make rows."""
        self._thread.start()

    def finish(self, timeout_s: float) -> None:
        """Make the rows up to now and end the thread; waits no longer than `timeout_s`."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.warning("minute rows up to now could not be made; the next start makes them")

    def _run(self) -> None:
        ending = False
        while not ending:
            with self._changed:
                ending = self._changed.wait_for(lambda: self._ending, EVERY_S)
            self._make()

    def _make(self) -> None:
        try:
            self._maker.make(self._clock())
            if monotonic() - self._expired_s >= EXPIRE_EVERY_S:
                self._expired_s = monotonic()
                self._historian.expire(self._clock())
            if not self._ending:
                self._then(self._clock())
        except StoreUnavailableError as error:
            self._failed("minute rows wait for the historian", error)
        except StoreRejectedError as error:
            self._failed("the historian refuses minute rows", error)
        except Exception as error:  # noqa: BLE001 - a bug is to be loud, and not to end the thread that expires readings
            self._failed("minute rows cannot be made", error, bug=True)
        else:
            if self._lost:
                self._lost = False
                log.info("minute rows are made again")

    def _failed(self, what: str, error: Exception, *, bug: bool = False) -> None:
        self._counts.tier_failures += 1
        if self._lost:
            return
        self._lost = True
        if bug:
            log.error(what, exc_info=error)
        else:
            log.warning(what, cause=str(error))
