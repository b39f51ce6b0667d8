"""A collector inside another process, beside its event loop: in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import structlog

from collectors.collector import Collector

log = structlog.get_logger(__name__)


class CollectorThread:
    """Runs a collector in a daemon thread::

        thread = CollectorThread(collector)
        thread.start()
        ...
        thread.stop()       # drains; blocks until everything is durable

    Attributes:
        collector: The collector.
        error: What ended it other than `stop`, None while all is well.
    """

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.error: BaseException | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="collector", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it still collects."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; returns when the loop runs."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Drain and end; may be called twice.

        Raises:
            Exception: What ended the collector before it was asked to stop.
        """
        if self._loop is not None and self._stop is not None and self.alive:
            with contextlib.suppress(RuntimeError):  # the loop may end by itself in this very moment; join tells why
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            asyncio.run(self._collect())
        except BaseException as error:
            self.error = error
            log.exception("the collector has ended")
        finally:
            self._ready.set()

    async def _collect(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self.collector.run(self._stop)
