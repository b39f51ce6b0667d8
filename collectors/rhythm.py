"""When the pipeline turns: a short while after input, and again when a unit may publish."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from collectors.pipeline import Pipeline, Shown
from collectors.publisher import NamespacePublisher
from collectors.writer import HistorianWriter


class Rhythm:
    """Turns the pipeline, hands batches to the writer and changed units to the namespace. On one event loop.

    Args:
        pipeline: Gathers and checks.
        writer: Takes batches.
        publisher: Takes changed units.
        may_publish: Whether the broker can be reached; if not, everything is published again later anyway.
        clock: Host time, UTC ms.
        turn_s: How long input gathers.
        on_shown: Told what is shown in each turn.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        writer: HistorianWriter,
        publisher: NamespacePublisher,
        may_publish: Callable[[], bool],
        clock: Callable[[], int],
        turn_s: float,
        on_shown: Callable[[Sequence[Shown]], None] = lambda _: None,
    ) -> None:
        self._pipeline = pipeline
        self._writer = writer
        self._publisher = publisher
        self._may_publish = may_publish
        self._clock = clock
        self._turn_s = turn_s
        self._on_shown = on_shown
        self._turning: asyncio.TimerHandle | None = None
        self._publishing: asyncio.TimerHandle | None = None

    def on_input(self) -> None:
        """The pipeline has been fed."""
        if self._turning is None:
            self._turning = asyncio.get_running_loop().call_later(self._turn_s, self.turn)

    def turn(self) -> None:
        """Turn now."""
        if self._turning is not None:
            self._turning.cancel()
            self._turning = None
        turn = self._pipeline.turn(self._clock())
        if len(turn.batch) or turn.batch.receipts:
            self._writer.put(turn.batch)
        self._on_shown(turn.shown)
        if len(turn.changed):
            self._publisher.mark(turn.changed)
            self.publish()

    def publish(self) -> None:
        """Publish what is due, and come again when more is."""
        if self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None
        if not self._may_publish():
            return
        loop = asyncio.get_running_loop()
        due_ms = self._publisher.turn(int(loop.time() * 1_000))
        if due_ms is not None:
            self._publishing = loop.call_at(due_ms / 1_000, self.publish)

    def republish(self) -> None:
        """Say everything again."""
        self._publisher.republish()
        self.publish()

    def stop(self) -> None:
        """Turn no more."""
        for handle in (self._turning, self._publishing):
            if handle is not None:
                handle.cancel()
        self._turning = self._publishing = None
