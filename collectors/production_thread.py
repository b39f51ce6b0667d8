"""The thread in which production minutes are made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from time import monotonic

import structlog

from collectors.counts import Counts
from collectors.production import ProductionMaker, Turned
from plant.errors import StoreError, StoreRejectedError

LOOK_S = 1.0
SHARE = 0.05
"""Of a core, and of the historian, that the newest minutes take at most, and all others as well: after a part of 0.3 s
the next one of its kind waits 6 s."""
MOST_PAUSE_S = 30.0
"""The newest minutes wait no longer: a pass that takes long on a busy machine has mostly waited itself."""
RETRY_S = 5.0

log = structlog.get_logger(__name__)


class ProductionThread:
    """Lets a `ProductionMaker` make what is due; what is durable is told to the maker itself.

    Args:
        maker: Makes the minutes.
        counts: `minute_failures` are counted there.
        then: Called with the time until which the newest minutes of each site are made, after they are.
    """

    def __init__(
        self, maker: ProductionMaker, counts: Counts, then: Callable[[Mapping[str, int]], None] = lambda _: None
    ) -> None:
        self._maker = maker
        self._then = then
        self._counts = counts
        self._changed = threading.Condition()
        self._give_up_s: float | None = None
        self._deep = False
        self._deep_free_s = 0.0
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="production", daemon=True)

    def start(self) -> None:
        """Begin to make minutes; nothing, if there never will be any."""
        if not self._maker.idle:
            self._thread.start()

    def finish(self, timeout_s: float, settle_s: float = 0.0) -> None:
        """Make what is owed and end the thread; what is not made then is made at the next start.

        Args:
            timeout_s: How long the newest minutes may take, s.
            settle_s: How long all others may take besides, s.
        """
        with self._changed:
            self._give_up_s, self._deep = monotonic() + timeout_s + settle_s, settle_s > 0
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        wait_s = LOOK_S
        while not self._is_over(wait_s):
            wait_s = self._turn()
        self._finish()

    def _is_over(self, wait_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._give_up_s is not None, wait_s)

    def _turn(self) -> float:
        """Make what is due next; returns how long to wait after it, s."""
        began_s = monotonic()
        try:
            made = self._maker.turn(deep=began_s >= self._deep_free_s)
            if made is Turned.NEAR:
                self._then(self._maker.state.made_until)
        except Exception as error:  # noqa: BLE001 - told below; a bug must not end the thread
            self._failed(error)
            return RETRY_S
        if self._lost:
            self._lost = False
            log.info("production minutes are made again")
        pause_s = (monotonic() - began_s) * (1.0 / SHARE - 1.0)
        if made is Turned.DEEP:
            self._deep_free_s = monotonic() + pause_s
        return min(max(LOOK_S, pause_s), MOST_PAUSE_S) if made is Turned.NEAR else LOOK_S

    def _finish(self) -> None:
        until_s = self._give_up_s or 0.0
        try:
            if not self._maker.finish(lambda: monotonic() < until_s, deep=self._deep):
                log.info("some production minutes are left to the next start")
        except Exception as error:  # noqa: BLE001 - told below
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Once lost, once back; a bug is loud."""
        self._counts.minute_failures += 1
        if self._lost:
            return
        self._lost = True
        if isinstance(error, StoreRejectedError):
            log.warning("a store refuses production minutes", cause=str(error))
        elif isinstance(error, StoreError):
            log.warning("production minutes wait for a store", cause=str(error))
        else:
            log.error("production minutes cannot be made", exc_info=error)
